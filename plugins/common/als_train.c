#include "common/als_train.h"

#include <math.h>

#include "common/effects.h"
#include "common/validation.h"

rk_status als_train_start(struct als_train *t, const struct ratings *r) {
    struct effects x;
    const rk_status status = effects_init(&x, t->host, r);
    if (status != RK_OK) return status;
    t->f->mean = x.mean;
    t->f->scale = x.noise > 0 ? sqrt(x.noise) : 1;
    t->solve.damping[ALS_USER] = t->user_damping > 0 ? t->user_damping : x.damping[EFFECTS_USER];
    t->solve.damping[ALS_ITEM] = t->item_damping > 0 ? t->item_damping : x.damping[EFFECTS_ITEM];
    als_factors_start(t->f, t->host, x.bias[EFFECTS_ITEM]);
    effects_done(&x);
    if (t->solve.implicit) als_implicit_start(t->solve.implicit, t->f);
    return RK_OK;
}

// One side's factors and biases, then the implicit factors that go with them.
static rk_status solve(
    struct als_train *t, enum als_side side, const struct ratings *r, double *squares) {
    const rk_status status = als_solve_side(&t->solve, t->f, side, t->host, r, squares);
    if (status != RK_OK || !t->solve.implicit) return status;
    return als_implicit_update(t->solve.implicit, t->f, side, t->host, r);
}

static rk_status step_over(struct als_train *t, double objective) {
    t->done++;
    return t->host->progress(t->host, t->done, t->total, objective) ? RK_OK : RK_CANCELLED;
}

rk_status als_train_iterate(
    struct als_train *t, const struct ratings *r, uint32_t n, bool finish, const rk_data *data) {
    const enum als_solver solver = t->solve.solver;
    rk_status status = RK_OK;
    for (uint32_t k = 0; k < n && status == RK_OK; k++) {
        if (finish && k + 1 == n) t->solve.solver = ALS_CHOLESKY;
        double squares = 0;
        status = solve(t, ALS_USER, r, &squares);
        if (status != RK_OK) break;
        status = solve(t, ALS_ITEM, r, &squares);
        if (status != RK_OK) break;
        const double rmse = sqrt(squares / (double)r->by_user.start[r->by_user.n_rows]);
        t->n_recorded++;
        t->host->record(t->host, "train rmse", t->n_recorded, rmse);
        if (data) {
            double v = 0;
            status = als_train_valid_rmse(t, data, &v);
            if (status != RK_OK) break;
            t->host->record(t->host, "validation rmse", t->n_recorded, v);
        }
        status = step_over(t, rmse);
    }
    t->solve.solver = solver;
    return status;
}

static rk_status answers(const void *model, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) {
        out[k] = (float)als_factors_predict(model, pairs->users[k], pairs->items[k]);
    }
    return RK_OK;
}

rk_status als_train_valid_rmse(const struct als_train *t, const rk_data *data, double *rmse) {
    return validation_rmse(t->host, data, answers, t->f, rmse);
}
