// Two parameters of one name.
#include "base.h"

struct rk_params {
    int rank;
    int other;
};
static const rk_param schema[] = {
    RK_INT(rank, 8, 1, 64, RK_LINEAR, "factors"),
    {"rank", "factors again", RK_TYPE_INT, RK_AT(other, int), 8, 1, 64, NULL, NULL, RK_LINEAR},
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
