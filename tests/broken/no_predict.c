// Lacks the function predict.
#include "base.h"

BASE_ENTRY(BASE_HEAD, BASE_TEXTS, .create = base_create, .destroy = base_destroy, .fit = base_fit)
