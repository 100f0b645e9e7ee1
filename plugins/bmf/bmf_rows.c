// Rows of one side, given the other.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bmf_gibbs.h"
#include "bmf_random.h"
#include "common/linalg.h"

enum { GRAIN = 32, DEPTH = 64 }; // rows a piece, of days 1; ratings a panel

struct pass {
    struct bmf_chain *c;
    enum bmf_side side;
    struct bmf_errors *piece; // [pieces]
};

bool bmf_draw_vector(float *a, size_t n, size_t ld, const float *z, float *x) {
    memset(a + n * ld, 0, 3 * ld * sizeof *a); // whole strips of rows are worked on
    if (!linalg_cholesky(a, n, n + 1, ld)) return false;
    for (size_t j = 0; j < n; j++) a[j * ld + n] += z[j];
    linalg_back(a, n, ld, n, x);
    return true;
}

// To the panel's row: the third side's terms.
static void add_third(
    const struct bmf_chain *c, const struct bmf_block *t, uint32_t row, float *panel) {
    const float *from = t->factor + row * c->stride;
    panel[c->rank + 1] -= t->bias[row] + linalg_dot(panel, from, c->rank);
    for (size_t j = 0; j < c->rank; j++) panel[j] += from[j];
}

// The panel's rows: z and y - level - the other's bias for ratings e .. e + n - 1.
static void gather(const struct pass *p, uint64_t e, size_t n, float *panel) {
    const struct bmf_chain *c = p->c;
    const struct bmf_block *b = &c->block[p->side], *o = &c->block[bmf_other(p->side)],
                           *t = &c->block[bmf_third(p->side)];
    const size_t k = c->rank, ld = c->ld, stride = c->stride;
    const float *quiet = c->quiet[bmf_other(p->side)],
                *third = b->third ? c->quiet[bmf_third(p->side)] : NULL;
    for (size_t m = 0; m < n; m++, panel += ld) {
        const uint32_t col = b->col[e + m];
        const float *from = o->factor + col * stride;
        memcpy(panel, from, stride * sizeof *panel);
        panel[k] = 1;
        panel[k + 1] = b->target[e + m] - c->level - o->bias[col];
        if (b->third) add_third(c, t, b->third[e + m], panel);
        if (!quiet && !third) continue;
        const float root = sqrtf((quiet ? quiet[col] : 1) * (third ? third[b->third[e + m]] : 1));
        for (size_t j = 0; j < k + 2; j++) panel[j] *= root;
    }
}

// G with c in its column rank + 1, and the sum of squares below that.
static void gram_of(const struct pass *p, uint32_t row, float *panel, float *g) {
    const struct bmf_block *b = &p->c->block[p->side];
    const size_t n = bmf_unknowns(p->c) + 1, ld = p->c->ld;
    memset(g, 0, (n + 3) / 4 * 4 * ld * sizeof *g);
    for (uint64_t e = b->start[row]; e < b->start[row + 1]; e += DEPTH) {
        const uint64_t left = b->start[row + 1] - e;
        const size_t depth = left < DEPTH ? left : DEPTH;
        gather(p, e, depth, panel);
        linalg_gram(g, panel, depth, n, ld);
    }
}

// A and alpha c + lambda m from G.
static void posterior(
    const struct pass *p, float alpha, const float *base, const float *g, float *a) {
    const struct bmf_chain *c = p->c;
    const struct bmf_block *b = &c->block[p->side];
    const size_t n = bmf_unknowns(c), ld = c->ld;
    for (size_t j = 0; j < n * ld; j++) a[j] = alpha * g[j];
    for (size_t j = 0; j < n; j++) {
        a[j * ld + j] += b->precision[j];
        a[j * ld + n] += b->precision[j] * (b->mean[j] + (base ? base[j] : 0));
    }
}

// Sums over the row's errors: sum = c_1 - G_1 x, squares = yy - 2 x c + x G x.
static void errors_of(const float *g, size_t n, size_t ld, const float *x, struct bmf_errors *s) {
    double squares = g[n * ld + n], sum = g[(n - 1) * ld + n];
    for (size_t i = 0; i < n; i++) {
        double gx = 0.5 * (double)g[i * ld + i] * x[i];
        for (size_t j = i + 1; j < n; j++) gx += (double)g[i * ld + j] * x[j];
        squares += 2 * x[i] * (gx - g[i * ld + n]);
        sum -= (double)g[i * ld + n - 1] * x[i];
    }
    *s = (struct bmf_errors){
        .weight = g[(n - 1) * ld + n - 1], .sum = sum, .squares = squares > 0 ? squares : 0};
}

// Keeps gamma G, all of it, and gamma (c - G x).
static void keep_gram(const struct bmf_chain *c, struct bmf_block *b, size_t row, float gamma,
    const float *g, const float *x) {
    const size_t n = bmf_unknowns(c), ld = c->ld;
    float *to = b->gram + row * n * ld, *slope = b->slope + row * ld;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) to[i * ld + j] = to[j * ld + i];
        for (size_t j = i; j < n; j++) to[i * ld + j] = gamma * g[i * ld + j];
        slope[i] = gamma * g[i * ld + n];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) slope[j] -= x[i] * to[i * ld + j];
}

static void put(const struct bmf_chain *c, struct bmf_block *b, size_t row, const float *total) {
    memcpy(b->factor + row * c->stride, total, c->rank * sizeof *total);
    b->bias[row] = total[c->rank];
}

// Draws gamma, and adds the row's errors, weighted by it, to *errors. Returns gamma.
static float weigh(
    const struct pass *p, uint32_t row, const struct bmf_errors *own, struct bmf_errors *errors) {
    struct bmf_chain *c = p->c;
    const struct bmf_block *b = &c->block[p->side];
    if (c->quiet[p->side]) bmf_noise_row(c, p->side, row, own->squares);
    const float gamma = c->quiet[p->side] ? c->quiet[p->side][row] : 1;
    errors->n += (double)(b->start[row + 1] - b->start[row]);
    errors->weight += gamma * own->weight;
    errors->sum += gamma * own->sum;
    errors->squares += gamma * own->squares;
    return gamma;
}

static rk_status draw_row(
    const struct pass *p, uint32_t row, float *scratch, struct bmf_errors *errors) {
    const struct bmf_chain *c = p->c;
    struct bmf_block *b = &p->c->block[p->side];
    const size_t n = bmf_unknowns(c), ld = c->ld;
    float *panel = scratch, *g = panel + DEPTH * ld, *a = g + (n + 4) * ld, *z = a + (n + 4) * ld;
    float *x = z + ld;
    const float *base = b->base ? b->base + row * ld : NULL, *quiet = c->quiet[p->side];
    gram_of(p, row, panel, g);
    posterior(p, quiet ? c->precision * quiet[row] : c->precision, base, g, a);
    c->host->normal(c->host, bmf_stream(BMF_STREAM_ROW + p->side, c->sweep, row), z, n);
    if (!bmf_draw_vector(a, n, ld, z, x)) return RK_E_NUMERIC;
    put(c, b, row, x);
    for (size_t j = 0; j < n; j++) b->own[row * ld + j] = base ? x[j] - base[j] : x[j];
    struct bmf_errors own;
    errors_of(g, n, ld, x, &own);
    const float gamma = weigh(p, row, &own, errors);
    if (b->gram) keep_gram(c, b, row, gamma, g, x);
    return RK_OK;
}

static size_t grain_of(enum bmf_side side) {
    return side == BMF_DAY ? 1 : GRAIN; // few, of many ratings
}

static rk_status draw_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct pass *p = arg;
    const struct bmf_block *b = &p->c->block[p->side];
    struct bmf_errors errors = {0};
    rk_status status = RK_OK;
    for (size_t r = begin; r < end && status == RK_OK; r++) {
        if (b->start[r] == b->start[r + 1]) continue;
        float *scratch = p->c->scratch + worker * p->c->scratch_size;
        status = draw_row(p, (uint32_t)r, scratch, &errors);
    }
    p->piece[begin / grain_of(p->side)] = errors;
    return status;
}

rk_status bmf_rows_draw(struct bmf_chain *c, enum bmf_side side, struct bmf_errors *errors) {
    const size_t n = c->block[side].n, grain = grain_of(side), pieces = (n + grain - 1) / grain;
    struct pass p = {c, side, calloc(pieces, sizeof *p.piece)};
    *errors = (struct bmf_errors){0};
    if (!p.piece) return RK_E_MEMORY;
    const rk_status status = c->host->parallel_for(c->host, n, grain, draw_rows, &p);
    for (size_t k = 0; status == RK_OK && k < pieces; k++) {
        errors->n += p.piece[k].n;
        errors->weight += p.piece[k].weight;
        errors->sum += p.piece[k].sum;
        errors->squares += p.piece[k].squares;
    }
    free(p.piece);
    return status;
}

static rk_status cold_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct pass *p = arg;
    const struct bmf_chain *c = p->c;
    struct bmf_block *b = &p->c->block[p->side];
    const size_t n = bmf_unknowns(c), ld = c->ld;
    float *z = c->scratch + worker * c->scratch_size;
    for (size_t r = begin; r < end; r++) {
        if (b->start[r] < b->start[r + 1]) continue;
        float *own = b->own + r * ld;
        const uint64_t stream = bmf_stream(BMF_STREAM_COLD + p->side, c->sweep, (uint32_t)r);
        c->host->normal(c->host, stream, z, n);
        for (size_t j = 0; j < n; j++) {
            own[j] = b->mean[j] + z[j] / sqrtf(b->precision[j]);
            z[j] = own[j] + (b->base ? b->base[r * ld + j] : 0);
        }
        put(c, b, r, z);
    }
    return RK_OK;
}

rk_status bmf_rows_cold(struct bmf_chain *c, enum bmf_side side) {
    struct pass p = {c, side, NULL};
    return c->host->parallel_for(c->host, c->block[side].n, 4 * GRAIN, cold_rows, &p);
}

void bmf_rows_sum(struct bmf_chain *c, enum bmf_side side) {
    struct bmf_block *b = &c->block[side];
    for (size_t r = 0; b->base && r < b->n; r++) {
        const float *own = b->own + r * c->ld, *base = b->base + r * c->ld;
        float *to = b->factor + r * c->stride;
        for (size_t j = 0; j < c->rank; j++) to[j] = own[j] + base[j];
        b->bias[r] = own[c->rank] + base[c->rank];
    }
}
