#include "common/als_choose.h"

#include <math.h>
#include <stdlib.h>

#include "common/effects.h"
#include "common/validation.h"

// The path over lambda, in multiples of the usual value: STEP^POINT_MIN .. STEP^POINT_MAX, begun
// at STEP^POINT_FIRST, and left when MISSES values in a row are no better than the best.
#define STEP 1.4
enum { POINT_MIN = -8, POINT_FIRST = -2, POINT_MAX = 6, MISSES = 2 };
enum { FIRST_ITERATIONS = 4, NEXT_ITERATIONS = 2 };

// Fills whole vectors, with bias and target beside it.
enum { MOST_RANK = 30 };

// How many of 0 .. n - 1 are among the numbers, each marked in `seen` [n].
static uint32_t count_different(const uint32_t *number, size_t n, uint8_t *seen) {
    uint32_t different = 0;
    for (size_t k = 0; k < n; k++) {
        different += !seen[number[k]];
        seen[number[k]] = 1;
    }
    return different;
}

// What the slice weighs, in ratings: errors for one user, or one item, go together, so it tells no
// more than it has users and items. 0: no memory.
static double weight_of_slice(const rk_data *data) {
    uint8_t *seen = calloc((size_t)data->n_users + data->n_items, sizeof *seen);
    if (!seen) return 0;
    const uint32_t users = count_different(data->valid->users, data->valid->n, seen);
    const uint32_t items =
        count_different(data->valid->items, data->valid->n, seen + data->n_users);
    free(seen);
    return users < items ? users : items;
}

// Minus the log posterior of a point of the path, up to a constant: normal errors on the slice,
// and log lambda normal about the usual one with a standard deviation of log 2.
static double point_score(double weight, double rmse, int point) {
    const double distance = point * log(STEP) / log(2);
    return weight * log(fmax(rmse, 1e-9)) + 0.5 * distance * distance;
}

struct path {
    double weight;                           // of the slice, in ratings
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
        double rmse = 0;
        status = als_train_valid_rmse(t, data, &rmse);
        if (status != RK_OK) break;
        t->host->record(t->host,
            t->solve.implicit ? "validation rmse by lambda, with implicit features"
                              : "validation rmse by lambda",
            t->solve.lambda, rmse);
        *path_score(p, at) = point_score(p->weight, rmse, at);
        if (at == POINT_FIRST || *path_score(p, at) < *path_score(p, p->best)) {
            p->best = at;
            misses = 0;
        } else {
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

// Walks up, then down if up was no better.
static rk_status path_whole(
    struct path *p, struct als_train *t, const rk_data *data, double usual) {
    *p = (struct path){.weight = weight_of_slice(data), .best = POINT_FIRST};
    if (!(p->weight > 0)) return RK_E_MEMORY;
    for (int at = POINT_MIN; at <= POINT_MAX; at++) *path_score(p, at) = NAN;
    rk_status status = path_walk(p, t, data, usual, POINT_FIRST, 1);
    if (status == RK_OK && p->best == POINT_FIRST) {
        status = path_walk(p, t, data, usual, POINT_FIRST - 1, -1);
    }
    return status;
}

// The path of `t`, and if the term is to be judged that without it: `p` is the better one, and
// t->solve.implicit NULL if that is the second.
static rk_status better_path(
    struct path *p, struct als_train *t, const rk_data *data, double usual) {
    rk_status status = path_whole(p, t, data, usual);
    if (status != RK_OK || !t->solve.implicit || !t->judge_implicit) return status;
    struct als_implicit *with = t->solve.implicit;
    struct path plain;
    t->solve.implicit = NULL;
    status = path_whole(&plain, t, data, usual);
    if (*path_score(&plain, plain.best) < *path_score(p, p->best)) {
        *p = plain;
    } else {
        t->solve.implicit = with;
    }
    return status;
}

rk_status als_choose_lambda(
    struct als_train *like, const rk_data *data, size_t rank, double usual, double *lambda) {
    struct path p;
    struct als_factors f;
    struct als_implicit im = {0};
    struct als_train t = *like;
    t.f = &f;
    t.solve.thread = NULL;
    t.solve.error = NULL;
    if (like->solve.implicit) {
        im.weight = like->solve.implicit->weight;
        im.ridge = like->solve.implicit->ridge;
        t.solve.implicit = &im;
    }
    rk_status status = RK_E_MEMORY;
    if (als_factors_init(&f, rank < MOST_RANK ? rank : MOST_RANK, data->n_users, data->n_items) &&
        als_solve_init(&t.solve, t.host, &f) &&
        (!t.solve.implicit || als_implicit_init(&im, t.host, &f))) {
        status = better_path(&p, &t, data, usual);
    }
    if (status == RK_OK) {
        *lambda = usual * pow(STEP, path_minimum(&p));
        if (!t.solve.implicit) like->solve.implicit = NULL;
        like->n_recorded = t.n_recorded;
    }
    als_implicit_done(&im);
    als_solve_done(&t.solve);
    als_factors_done(&f);
    return status;
}

uint64_t als_choose_bytes(size_t rank, bool implicit, const rk_shape *shape) {
    const struct als_factors f =
        als_factors_shape(rank < MOST_RANK ? rank : MOST_RANK, shape->n_users, shape->n_items);
    return als_factors_bytes(&f) + als_solve_bytes(&f, shape->n_threads) +
           (implicit ? als_implicit_bytes(&f, shape->n_threads) : 0) + effects_bytes(shape) +
           validation_bytes(shape);
}

uint32_t als_choose_steps(void) {
    return 2 * FIRST_ITERATIONS + (POINT_MAX - POINT_MIN - 1) * NEXT_ITERATIONS;
}
