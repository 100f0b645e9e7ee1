// A range that an int does not hold.
#include "base.h"

struct rk_params {
    int rank;
};
static const rk_param schema[] = {
    RK_INT(rank, 8, 1, 1e12, RK_LINEAR, "factors"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
