// A field past the end of rk_params.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    {"lambda", "regularisation", RK_TYPE_REAL, 8, 0.1, 0, 1, NULL, NULL, RK_LINEAR},
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
