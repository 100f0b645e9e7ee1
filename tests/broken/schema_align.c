// A field where its type cannot lie.
#include "base.h"

struct rk_params {
    double lambda;
    double more;
};
static const rk_param schema[] = {
    {"lambda", "regularisation", RK_TYPE_REAL, 4, 0.1, 0, 1, NULL, NULL, RK_LINEAR},
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
