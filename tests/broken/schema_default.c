// A default outside its range.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    RK_REAL(lambda, 2, 0.1, 1, RK_LOG, "regularisation"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
