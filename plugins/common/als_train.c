#include "common/als_train.h"

#include <math.h>

#include "common/effects.h"

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
    return RK_OK;
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
        status = als_solve_side(&t->solve, t->f, ALS_USER, t->host, r, &squares);
        if (status != RK_OK) break;
        status = als_solve_side(&t->solve, t->f, ALS_ITEM, t->host, r, &squares);
        if (status != RK_OK) break;
        const double rmse = sqrt(squares / (double)r->by_user.start[r->by_user.n_rows]);
        t->n_recorded++;
        t->host->record(t->host, "train rmse", t->n_recorded, rmse);
        if (data) {
            const double v = als_train_valid_rmse(t->f, data);
            t->host->record(t->host, "validation rmse", t->n_recorded, v);
        }
        status = step_over(t, rmse);
    }
    t->solve.solver = solver;
    return status;
}

double als_train_valid_rmse(const struct als_factors *f, const rk_data *data) {
    const rk_pairs *valid = data->valid;
    double squares = 0;
    for (size_t k = 0; k < valid->n; k++) {
        const double x = als_factors_predict(f, valid->users[k], valid->items[k]);
        const double error = fmin(fmax(x, data->rating_min), data->rating_max);
        squares += pow(error - data->valid_ratings[k], 2);
    }
    return sqrt(squares / (double)valid->n);
}
