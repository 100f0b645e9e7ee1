// A default that is none of the choices.
#include "base.h"

struct rk_params {
    int solver;
};
static const char *const solvers[] = {"cholesky", "gradient", NULL};
static const rk_param schema[] = {
    RK_CHOICE(solver, 2, solvers, "how"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema))
