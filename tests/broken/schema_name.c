// A name that no experiment file can write.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    {"the lambda", "regularisation", RK_TYPE_REAL, RK_AT(lambda, double), 0.1, 0, 1, NULL, NULL, 0},
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
