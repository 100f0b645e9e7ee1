#include "als/als_train.h"

#include <math.h>

#include "common/effects.h"

// The path over lambda, in multiples of the usual value: STEP^POINT_MIN .. STEP^POINT_MAX, begun
// at STEP^POINT_FIRST, and left when MISSES values in a row are no better than the best.
#define STEP 1.4
enum { POINT_MIN = -8, POINT_FIRST = -2, POINT_MAX = 6, MISSES = 2 };
enum { FIRST_ITERATIONS = 6, NEXT_ITERATIONS = 3 };

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
    struct als_train *t, const struct ratings *r, uint32_t n, bool finish, const rk_data *valid) {
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
        if (valid) {
            const double v = als_train_valid_rmse(t->f, valid);
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

// Minus the log posterior of a point of the path, up to a constant: normal errors on the slice,
// and log lambda normal about the usual one with a standard deviation of log 2.
static double point_score(const rk_data *data, double rmse, int point) {
    const double distance = point * log(STEP) / log(2);
    return (double)data->valid->n * log(fmax(rmse, 1e-9)) + 0.5 * distance * distance;
}

struct path {
    double score[POINT_MAX - POINT_MIN + 1]; // NAN: not visited
    int best;                                // point
};

static double *path_score(struct path *p, int point) {
    return &p->score[point - POINT_MIN];
}

// Walks from `first` in steps of `direction` until it stops getting better.
static rk_status path_walk(struct path *p, struct als_train *t, const rk_data *data, double usual,
    int first, int direction) {
    const struct ratings train = ratings_of(data);
    rk_status status = als_train_start(t, &train);
    int misses = 0;
    for (int at = first; at >= POINT_MIN && at <= POINT_MAX && misses < MISSES && status == RK_OK;
         at += direction) {
        t->solve.lambda = usual * pow(STEP, at);
        const uint32_t n = at == first ? FIRST_ITERATIONS : NEXT_ITERATIONS;
        status = als_train_iterate(t, &train, n, false, data);
        if (status != RK_OK) break;
        const double rmse = als_train_valid_rmse(t->f, data);
        t->host->record(t->host, "validation rmse by lambda", t->solve.lambda, rmse);
        *path_score(p, at) = point_score(data, rmse, at);
        if (!(*path_score(p, at) >= *path_score(p, p->best))) {
            p->best = at;
            misses = 0;
        } else if (at != p->best) {
            misses++;
        }
    }
    return status;
}

// The minimum of the parabola through the best point and its neighbours, as a point.
static double path_minimum(struct path *p) {
    if (p->best == POINT_MIN || p->best == POINT_MAX) return p->best;
    const double left = *path_score(p, p->best - 1), mid = *path_score(p, p->best),
                 right = *path_score(p, p->best + 1);
    const double bend = left - 2 * mid + right;
    if (!(bend > 0)) return p->best;
    return p->best + fmax(-0.5, fmin(0.5, 0.5 * (left - right) / bend));
}

rk_status als_train_choose(struct als_train *t, const rk_data *data, double usual, double *lambda) {
    struct path p = {.best = POINT_FIRST};
    for (int at = POINT_MIN; at <= POINT_MAX; at++) *path_score(&p, at) = NAN;
    rk_status status = path_walk(&p, t, data, usual, POINT_FIRST, 1);
    if (status == RK_OK && p.best == POINT_FIRST) {
        status = path_walk(&p, t, data, usual, POINT_FIRST - 1, -1);
    }
    *lambda = usual * pow(STEP, path_minimum(&p));
    return status;
}

uint32_t als_train_choose_steps(void) {
    return 2 * FIRST_ITERATIONS + (POINT_MAX - POINT_MIN - 1) * NEXT_ITERATIONS;
}
