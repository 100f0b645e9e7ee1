// Linked with a library that is not where the system looks.
#include "base.h"

extern double gone_answer(void);

static rk_status fit(rk_model *m, const rk_data *train) {
    return gone_answer() > 0 ? RK_OK : base_fit(m, train);
}
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, .create = base_create, .destroy = base_destroy, .fit = fit,
    .predict = base_predict)
