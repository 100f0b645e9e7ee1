// Counts parameters that it does not list.
#include "base.h"

BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .n_params = 3, .param_stride = sizeof(rk_param))
