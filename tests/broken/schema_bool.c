// A default that is neither true nor false.
#include "base.h"

struct rk_params {
    bool fast;
};
static const rk_param schema[] = {
    RK_BOOL(fast, 2, "be quick"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
