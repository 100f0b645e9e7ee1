// A name that experiment files use for something else.
#include "base.h"

struct rk_params {
    int label;
};
static const rk_param schema[] = {
    RK_INT(label, 8, 1, 64, RK_LINEAR, "factors"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
