// A choice between nothing.
#include "base.h"

struct rk_params {
    int solver;
};
static const rk_param schema[] = {
    RK_CHOICE(solver, 0, NULL, "how"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
