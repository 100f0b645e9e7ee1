// A range that ends before it starts.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    RK_REAL(lambda, 0.5, 1, 0, RK_LINEAR, "regularisation"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
