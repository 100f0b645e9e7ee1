// Lacks the function fit.
#include "base.h"

BASE_ENTRY(
    BASE_HEAD, BASE_TEXTS, .create = base_create, .destroy = base_destroy, .predict = base_predict)
