// Calls a function that nobody defines.
#include "base.h"

extern double solver_of_dreams(void);

static rk_status fit(rk_model *m, const rk_data *train) {
    return solver_of_dreams() > 0 ? RK_OK : base_fit(m, train);
}
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, .create = base_create, .destroy = base_destroy, .fit = fit,
    .predict = base_predict)
