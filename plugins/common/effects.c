#include "common/effects.h"

#include <stdlib.h>

enum { GRAIN = 64, ROUNDS = 12 };

// Damping stays within these: without variance to be seen, there is no estimate.
static const double LEAST_DAMPING = 0.1, MOST_DAMPING = 1000, FIRST_DAMPING = 5;
// The noise is at least this share of the ratings' variance, so that it can be divided by.
static const double LEAST_NOISE = 1e-6;

// Over the rows of one side that have ratings.
struct sums {
    double rows, bias, square; // square: of the bias, with its posterior variance
    double error;              // squared errors, with the variance that this side adds to them
};

struct pass {
    const rk_csr *rows;
    const float *other; // [columns]; borrowed
    float *own;         // [rows]; borrowed
    struct sums *piece; // [pieces of GRAIN rows]; borrowed
    double mean, damping, noise;
};

// The posterior of b has mean sum(r - mu - other) / (n + damping), variance noise / (n + damping).
static rk_status update_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct pass *p = arg;
    struct sums s = {0};
    for (size_t r = begin; r < end; r++) {
        const uint64_t first = p->rows->start[r], last = p->rows->start[r + 1];
        p->own[r] = 0;
        if (first == last) continue;
        double sum = 0, squares = 0;
        for (uint64_t e = first; e < last; e++) {
            const double t = p->rows->value[e] - p->mean - p->other[p->rows->col[e]];
            sum += t;
            squares += t * t;
        }
        const double n = (double)(last - first);
        const double b = sum / (n + p->damping), variance = p->noise / (n + p->damping);
        p->own[r] = (float)b;
        s.rows++;
        s.bias += b;
        s.square += b * b + variance;
        s.error += squares - 2 * b * sum + n * (b * b + variance);
    }
    p->piece[begin / GRAIN] = s;
    return RK_OK;
}

// The variance that a side's uncertainty adds to the squared errors of the other.
static double added_error(const rk_csr *rows, double damping, double noise) {
    double sum = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const double n = (double)(rows->start[r + 1] - rows->start[r]);
        sum += n * noise / (n + damping);
    }
    return sum;
}

// One side's biases; then the variance that they have; and mu to where their mean is 0.
static rk_status update_side(struct effects *x, int side, const rk_host *host,
    const struct ratings *r, struct sums *piece, struct sums *s) {
    const rk_csr *rows = side == EFFECTS_USER ? &r->by_user : &r->by_item;
    struct pass p = {.rows = rows,
        .other = x->bias[!side],
        .own = x->bias[side],
        .piece = piece,
        .mean = x->mean,
        .damping = x->damping[side],
        .noise = x->noise};
    const rk_status status = host->parallel_for(host, rows->n_rows, GRAIN, update_rows, &p);
    if (status != RK_OK) return status;
    *s = (struct sums){0};
    for (size_t k = 0; k * GRAIN < rows->n_rows; k++) {
        s->rows += piece[k].rows;
        s->bias += piece[k].bias;
        s->square += piece[k].square;
        s->error += piece[k].error;
    }
    const double shift = s->bias / s->rows;
    x->mean += shift;
    for (uint32_t k = 0; k < rows->n_rows; k++) {
        if (rows->start[k + 1] > rows->start[k]) x->bias[side][k] -= (float)shift;
    }
    const double variance = s->square / s->rows - shift * shift;
    const double damping = variance > 0 ? x->noise / variance : MOST_DAMPING;
    x->damping[side] = damping > MOST_DAMPING    ? MOST_DAMPING
                       : damping > LEAST_DAMPING ? damping
                                                 : LEAST_DAMPING;
    return RK_OK;
}

// Biases of 0, mean and variance of all ratings. Returns the pieces' sums, or NULL: no memory.
static struct sums *start(struct effects *x, const struct ratings *r) {
    const uint32_t n_users = r->by_user.n_rows, n_items = r->by_item.n_rows;
    const uint64_t n = r->by_user.start[n_users];
    double sum = 0, squares = 0;
    for (uint64_t e = 0; e < n; e++) sum += r->by_user.value[e];
    const double mean = sum / (double)n;
    for (uint64_t e = 0; e < n; e++) {
        const double t = r->by_user.value[e] - mean;
        squares += t * t;
    }
    *x = (struct effects){
        .mean = mean, .noise = squares / (double)n, .damping = {FIRST_DAMPING, FIRST_DAMPING}};
    x->bias[EFFECTS_USER] = calloc(n_users, sizeof(float));
    x->bias[EFFECTS_ITEM] = calloc(n_items, sizeof(float));
    if (!x->bias[EFFECTS_USER] || !x->bias[EFFECTS_ITEM]) return NULL;
    return calloc((n_users > n_items ? n_users : n_items) / GRAIN + 1, sizeof(struct sums));
}

rk_status effects_init(struct effects *x, const rk_host *host, const struct ratings *r) {
    struct sums *piece = start(x, r), s;
    rk_status status = piece ? RK_OK : RK_E_MEMORY;
    const double least = LEAST_NOISE * x->noise;
    const bool flat = !(x->noise > 0);
    for (int round = 0; round < ROUNDS && status == RK_OK && !flat; round++) {
        const double added = added_error(&r->by_item, x->damping[EFFECTS_ITEM], x->noise);
        status = update_side(x, EFFECTS_ITEM, host, r, piece, &s);
        if (status != RK_OK) break;
        status = update_side(x, EFFECTS_USER, host, r, piece, &s);
        if (status != RK_OK) break;
        x->noise = (s.error + added) / (double)r->by_user.start[r->by_user.n_rows];
        if (x->noise < least) x->noise = least;
    }
    free(piece);
    if (status != RK_OK) effects_done(x);
    return status;
}

void effects_done(struct effects *x) {
    free(x->bias[EFFECTS_USER]);
    free(x->bias[EFFECTS_ITEM]);
    *x = (struct effects){0};
}

uint64_t effects_bytes(const rk_shape *shape) {
    const uint64_t n_users = shape->n_users, n_items = shape->n_items;
    return (n_users + n_items) * sizeof(float) +
           ((n_users > n_items ? n_users : n_items) / GRAIN + 1) * sizeof(struct sums);
}

void effects_fields(struct effects *x, struct state *s, uint32_t n_users, uint32_t n_items) {
    STATE_NUMBER(s, x->mean);
    STATE_ARRAY(s, x->bias[EFFECTS_USER], n_users);
    STATE_ARRAY(s, x->bias[EFFECTS_ITEM], n_items);
}
