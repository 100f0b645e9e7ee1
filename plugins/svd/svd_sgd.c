#include "svd_sgd.h"

#include "common/kernel.h"
#include "common/linalg.h"

#include <math.h>
#include <stdlib.h>

enum { AHEAD = 8, ROWS_A_PIECE = 256, STREAM_ROUNDS = 2, STREAM_USER = 3, STREAM_ITEM = 4 };

static uint64_t stream(int purpose, uint64_t k) {
    return ((uint64_t)purpose << 56) + k;
}

bool svd_factors_init(struct svd_factors *f, uint32_t n_users, uint32_t n_items, size_t rank) {
    *f = (struct svd_factors){.n_users = n_users, .n_items = n_items, .n_vecs = vec_count(rank)};
    f->user_row = calloc(n_users, sizeof *f->user_row);
    f->item_row = calloc(n_items, sizeof *f->item_row);
    f->user = (vec *)linalg_new(n_users, f->n_vecs * VEC_LANES);
    f->item = (vec *)linalg_new(n_items, f->n_vecs * VEC_LANES);
    if (f->user_row && f->item_row && f->user && f->item) return true;
    svd_factors_done(f);
    return false;
}

void svd_factors_done(struct svd_factors *f) {
    free(f->user_row);
    free(f->item_row);
    linalg_free((float *)f->user);
    linalg_free((float *)f->item);
    *f = (struct svd_factors){0};
}

struct drawing {
    const struct svd_factors *f;
    const struct svd_blocks *blocks;
    const rk_host *host;
    size_t rank;
    float sd;
};

static void draw_row(const struct drawing *d, vec *row, uint64_t from) {
    float *x = (float *)row;
    d->host->normal(d->host, from, x, d->rank);
    for (size_t k = 0; k < d->rank; k++) x[k] *= d->sd;
}

// One range for both: users, then items.
static rk_status draw_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct drawing *d = arg;
    const struct svd_factors *f = d->f;
    for (size_t r = begin; r < end; r++) {
        const size_t i = r - f->n_users;
        if (r < f->n_users && d->blocks->user_count[r])
            draw_row(d, f->user + r * f->n_vecs, stream(STREAM_USER, r));
        else if (r >= f->n_users && d->blocks->item_count[i])
            draw_row(d, f->item + i * f->n_vecs, stream(STREAM_ITEM, i));
    }
    return RK_OK;
}

rk_status svd_factors_draw(struct svd_factors *f, const struct svd_blocks *b, const rk_host *host,
    size_t rank, double sd) {
    struct drawing d = {.f = f, .blocks = b, .host = host, .rank = rank, .sd = (float)sd};
    return host->parallel_for(host, (size_t)f->n_users + f->n_items, ROWS_A_PIECE, draw_rows, &d);
}

static void penalise(
    struct svd_row *row, const uint32_t *count, uint32_t n, double l2, double falloff) {
    for (uint32_t k = 0; k < n; k++)
        row[k].l2 = count[k] ? (float)(l2 * pow(100.0 / count[k], falloff)) : 0;
}

void svd_factors_penalise(
    struct svd_factors *f, const struct svd_blocks *b, double l2, double falloff) {
    penalise(f->user_row, b->user_count, f->n_users, l2, falloff);
    penalise(f->item_row, b->item_count, f->n_items, l2, falloff);
}

static bool rows_sane(const struct svd_row *row, const vec *factor, uint32_t n, size_t n_vecs) {
    const float limit = 1e6f;
    const float *x = (const float *)factor;
    for (uint32_t k = 0; k < n; k++)
        if (!(fabsf(row[k].bias) < limit)) return false;
    for (size_t k = 0; k < n * n_vecs * VEC_LANES; k++)
        if (!(fabsf(x[k]) < limit)) return false;
    return true;
}

bool svd_factors_sane(const struct svd_factors *f) {
    return rows_sane(f->user_row, f->user, f->n_users, f->n_vecs) &&
           rows_sane(f->item_row, f->item, f->n_items, f->n_vecs);
}

KERNEL_CLONES
void svd_factors_predict(const struct svd_factors *f, const uint32_t *users, const uint32_t *items,
    size_t n, double center, double unit, float *out) {
    const size_t n_vecs = f->n_vecs;
    for (size_t k = 0; k < n; k++) {
        const size_t u = users[k], i = items[k];
        const float x = f->user_row[u].bias + f->item_row[i].bias +
                        vec_dot(f->user + u * n_vecs, f->item + i * n_vecs, n_vecs);
        out[k] = (float)(center + unit * x);
    }
}

// Starts to bring what a rating's step needs into the cache: blocks of large data do not fit.
VEC_INLINE void prefetch(const struct svd_factors *f, const struct svd_rating *r) {
    const vec *p = f->user + r->user * f->n_vecs, *q = f->item + r->item * f->n_vecs;
    __builtin_prefetch(f->user_row + r->user, 1);
    __builtin_prefetch(f->item_row + r->item, 1);
    for (size_t k = 0; k < f->n_vecs; k++) {
        __builtin_prefetch(p + k, 1);
        __builtin_prefetch(q + k, 1);
    }
}

// The steps on one block; returns its sum of squared errors.
KERNEL_CLONES
static double descend(
    const struct svd_factors *f, const struct svd_rating *rating, size_t n, struct svd_steps s) {
    const size_t n_vecs = f->n_vecs;
    const float bias_keep = 1 - s.bias_rate * s.bias_l2;
    double sse = 0;
    for (size_t e = 0; e < n; e++) {
        const size_t u = rating[e].user, i = rating[e].item;
        if (e + AHEAD < n) prefetch(f, rating + e + AHEAD);
        struct svd_row *ur = f->user_row + u, *ir = f->item_row + i;
        vec *p = f->user + u * n_vecs, *q = f->item + i * n_vecs;
        const float error = rating[e].value - (ur->bias + ir->bias + vec_dot(p, q, n_vecs));
        sse += (double)error * error;
        ur->bias = ur->bias * bias_keep + s.bias_rate * error;
        ir->bias = ir->bias * bias_keep + s.bias_rate * error;
        const float step = s.rate * error, keep_p = 1 - s.rate * ur->l2,
                    keep_q = 1 - s.rate * ir->l2;
        for (size_t k = 0; k < n_vecs; k++) {
            const vec old = p[k];
            p[k] = old * keep_p + q[k] * step;
            q[k] = q[k] * keep_q + old * step;
        }
    }
    return sse;
}

struct round {
    const struct svd_factors *f;
    const struct svd_blocks *blocks;
    struct svd_steps steps;
    uint32_t number;
    double sse[SVD_MAX_GROUPS];
};

static rk_status descend_round(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    struct round *r = arg;
    for (size_t a = begin; a < end; a++) {
        const size_t k = svd_blocks_at(r->blocks, (uint32_t)a, r->number);
        const size_t first = r->blocks->start[k], n = r->blocks->start[k + 1] - first;
        r->sse[a] += descend(r->f, r->blocks->rating + first, n, r->steps);
    }
    return RK_OK;
}

rk_status svd_sgd_epoch(struct svd_factors *f, const struct svd_blocks *b, const rk_host *host,
    struct svd_steps steps, uint32_t epoch, double *sse) {
    struct round r = {.f = f, .blocks = b, .steps = steps};
    uint32_t order[SVD_MAX_GROUPS];
    for (uint32_t s = 0; s < b->n_groups; s++) order[s] = s;
    host->shuffle(host, stream(STREAM_ROUNDS, epoch), order, b->n_groups);
    for (uint32_t s = 0; s < b->n_groups; s++) {
        r.number = order[s];
        const rk_status status = host->parallel_for(host, b->n_groups, 1, descend_round, &r);
        if (status != RK_OK) return status;
    }
    *sse = 0;
    for (uint32_t a = 0; a < b->n_groups; a++) *sse += r.sse[a];
    return RK_OK;
}
