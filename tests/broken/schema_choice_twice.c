// The same choice twice.
#include "base.h"

struct rk_params {
    int solver;
};
static const char *const solvers[] = {"cholesky", "cholesky", NULL};
static const rk_param schema[] = {
    RK_CHOICE(solver, 0, solvers, "how"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
