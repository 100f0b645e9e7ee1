// Lacks the function create.
#include "base.h"

BASE_ENTRY(BASE_HEAD, BASE_TEXTS, .destroy = base_destroy, .fit = base_fit, .predict = base_predict)
