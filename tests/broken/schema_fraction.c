// A whole number with a fraction for its default.
#include "base.h"

struct rk_params {
    int rank;
};
static const rk_param schema[] = {
    RK_INT(rank, 8.5, 1, 64, RK_LINEAR, "factors"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
