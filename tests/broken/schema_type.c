// A type that the interface does not have.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    {"lambda", "regularisation", 17, RK_AT(lambda, double), 0.1, 0, 1, NULL, NULL, RK_LINEAR},
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
