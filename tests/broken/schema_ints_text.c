// A default list that is no list.
#include "base.h"

struct rk_params {
    rk_ints hidden;
};
static const rk_param schema[] = {
    RK_INTS(hidden, "64; 32", 1, 1024, "layers"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
