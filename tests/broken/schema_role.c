// A role that the interface does not have.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    RK_REAL(lambda, 0.1, 0, 1, 9, "regularisation"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
