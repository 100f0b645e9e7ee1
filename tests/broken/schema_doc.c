// A parameter without a word of help.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    RK_REAL(lambda, 0.1, 0, 1, RK_LINEAR, NULL),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
