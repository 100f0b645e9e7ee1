// Its rows lie closer together than a row is long.
#include "base.h"

struct rk_params {
    double lambda;
};
static const rk_param schema[] = {
    RK_REAL(lambda, 0.1, 0, 1, RK_LINEAR, "regularisation"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .params = schema, .n_params = 1,
    .param_stride = 8, .params_size = sizeof(rk_params))
