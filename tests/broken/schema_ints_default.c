// A default list with an element outside the range.
#include "base.h"

struct rk_params {
    rk_ints hidden;
};
static const rk_param schema[] = {
    RK_INTS(hidden, "64, 4096", 1, 1024, "layers"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
