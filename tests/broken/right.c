// Nothing is wrong with this one: every type of parameter, as the others have it nearly.
#include "base.h"

struct rk_params {
    double lambda;
    rk_ints hidden;
    int rank, solver;
    bool fast;
};
static const char *const solvers[] = {"cholesky", "gradient", NULL};
static const rk_param schema[] = {
    RK_REAL(lambda, 0.1, 0.001, 10, RK_LOG, "regularisation"),
    RK_INTS(hidden, "64, 32", 1, 1024, "layers"),
    RK_INT(rank, 8, 1, 64, RK_LINEAR, "factors"),
    RK_CHOICE(solver, 1, solvers, "how"),
    RK_BOOL(fast, true, "be quick"),
};
static const char *const needed[] = {"item.genre", NULL};
static const char *const used[] = {"user.age", "item.tag", NULL};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, RK_PARAMS(schema), .flags = RK_COLD_ITEMS,
    .requires_features = needed, .uses_features = used)
