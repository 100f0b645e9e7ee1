// Two parameters in one field.
#include "base.h"

struct rk_params {
    int rank;
};
static const rk_param schema[] = {
    RK_INT(rank, 8, 1, 64, RK_LINEAR, "factors"),
    {"width", "units", RK_TYPE_INT, RK_AT(rank, int), 8, 1, 64, NULL, NULL, RK_LINEAR},
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
