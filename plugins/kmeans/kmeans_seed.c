#include "kmeans_seed.h"

#include <math.h>
#include <string.h>

#include "common/kernel.h"
#include "common/vec.h"

enum { LEAST_GRAIN = 256 };

size_t kmeans_grain(size_t n) {
    const size_t share = (n + KMEANS_PIECES - 1) / KMEANS_PIECES;
    const size_t blocks = (share + LEAST_GRAIN - 1) / LEAST_GRAIN;
    return blocks * LEAST_GRAIN;
}

VEC_INLINE float distance(const float *a, const float *b, size_t ld) {
    const vec *x = (const vec *)(const void *)a, *y = (const vec *)(const void *)b;
    vec sum = {0};
    for (size_t f = 0; f < ld / VEC_LANES; f++) {
        const vec gap = x[f] - y[f];
        sum += gap * gap;
    }
    const vec one = (vec){0} + 1;
    return vec_dot(&sum, &one, 1);
}

KERNEL_CLONES float kmeans_distance(const float *a, const float *b, size_t ld) {
    return distance(a, b, ld);
}

struct pass {
    const struct kmeans_points *p;
    const size_t *candidate; // [n]: points
    size_t n;
    float *near;
    double (*sum)[KMEANS_MOST_CANDIDATES]; // [pieces]
    size_t grain;
};

// What the points would add up to with each of the candidates for a center.
KERNEL_CLONES static void weigh(const struct pass *s, size_t begin, size_t end, double *sum) {
    const struct kmeans_points *p = s->p;
    for (size_t i = begin; i < end; i++) {
        const double weight = p->weight ? p->weight[i] : 1;
        for (size_t c = 0; c < s->n; c++) {
            const float d = distance(p->x + i * p->ld, p->x + s->candidate[c] * p->ld, p->ld);
            sum[c] += weight * (double)(d < s->near[i] ? d : s->near[i]);
        }
    }
}

static rk_status weigh_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct pass *s = arg;
    double *sum = s->sum[begin / s->grain];
    for (size_t c = 0; c < s->n; c++) sum[c] = 0;
    weigh(s, begin, end, sum);
    return RK_OK;
}

// The first candidate becomes a center.
KERNEL_CLONES static void settle(const struct pass *s, size_t begin, size_t end) {
    const struct kmeans_points *p = s->p;
    for (size_t i = begin; i < end; i++) {
        const float d = distance(p->x + i * p->ld, p->x + s->candidate[0] * p->ld, p->ld);
        if (d < s->near[i]) s->near[i] = d;
    }
}

static rk_status settle_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    settle(arg, begin, end);
    return RK_OK;
}

static double share_of(const struct kmeans_points *p, const float *near, size_t i) {
    return (p->weight ? p->weight[i] : 1.0) * (near ? (double)near[i] : 1.0);
}

// The point where the running sum of shares first exceeds `at` parts of the whole. near: NULL for
// the first center, where weights alone count. sum: [pieces] or NULL.
static size_t point_at(const struct kmeans_points *p, const float *near, double at) {
    const size_t grain = kmeans_grain(p->n);
    double piece_sum[KMEANS_PIECES] = {0}, total = 0;
    for (size_t i = 0; i < p->n; i++) piece_sum[i / grain] += share_of(p, near, i);
    for (size_t k = 0; k < KMEANS_PIECES; k++) total += piece_sum[k];
    double left = at * total;
    size_t piece = 0;
    while (piece + 1 < KMEANS_PIECES && left >= piece_sum[piece]) left -= piece_sum[piece++];
    size_t last = SIZE_MAX; // of those that may be drawn
    for (size_t i = piece * grain; i < p->n && i < (piece + 1) * grain; i++) {
        const double share = share_of(p, near, i);
        if (share <= 0) continue;
        last = i;
        if (left < share) return i;
        left -= share;
    }
    for (size_t i = p->n; last == SIZE_MAX && i-- > 0;) // rounding went past the end
        if (share_of(p, near, i) > 0) last = i;
    return last;
}

uint32_t kmeans_candidates(size_t k) {
    const uint32_t n = 2 + (uint32_t)log((double)k);
    return n < KMEANS_MOST_CANDIDATES ? n : KMEANS_MOST_CANDIDATES;
}

// The candidates for a center: numbers in [0, 1), with more digits than a float has, and the
// points where they fall.
static void draw_points(const rk_host *host, const struct kmeans_points *p,
    const struct kmeans_draw *draw, size_t center, const float *near, size_t *at) {
    float u[2 * KMEANS_MOST_CANDIDATES];
    const uint64_t stream =
        ((uint64_t)draw->k << 40) | ((uint64_t)draw->restart << 20) | (uint64_t)center;
    host->uniform(host, stream, u, 2 * draw->candidates);
    for (uint32_t c = 0; c < draw->candidates; c++)
        at[c] = point_at(p, near, ((double)u[2 * c] * 0x1p24 + (double)u[2 * c + 1]) * 0x1p-24);
}

// Puts the best candidate first; *total: what it leaves.
static rk_status choose(struct pass *s, const rk_host *host, size_t *at, double *total) {
    const rk_status status = host->parallel_for(host, s->p->n, s->grain, weigh_piece, s);
    if (status != RK_OK) return status;
    size_t best = 0;
    for (size_t c = 0; c < s->n; c++) {
        double sum = 0;
        for (size_t k = 0; k * s->grain < s->p->n; k++) sum += s->sum[k][c];
        if (c == 0 || sum < *total) {
            *total = sum;
            best = c;
        }
    }
    at[0] = at[best];
    return RK_OK;
}

rk_status kmeans_seed(const rk_host *host, const struct kmeans_points *p, struct kmeans_draw draw,
    float *center, float *near, size_t *n_drawn) {
    double sum[KMEANS_PIECES][KMEANS_MOST_CANDIDATES], total = 0;
    size_t at[KMEANS_MOST_CANDIDATES];
    struct pass s = {
        .p = p, .candidate = at, .near = near, .sum = sum, .grain = kmeans_grain(p->n)};
    for (size_t i = 0; i < p->n; i++) near[i] = INFINITY;
    *n_drawn = 0;
    for (size_t c = 0; c < draw.k; c++) {
        draw_points(host, p, &draw, c, c ? near : NULL, at);
        s.n = draw.candidates;
        rk_status status = choose(&s, host, at, &total);
        if (status == RK_OK) status = host->parallel_for(host, p->n, s.grain, settle_piece, &s);
        if (status != RK_OK) return status;
        memcpy(center + c * p->ld, p->x + at[0] * p->ld, p->ld * sizeof *center);
        *n_drawn = c + 1;
        if (!(total > 0)) break;
    }
    return RK_OK;
}
