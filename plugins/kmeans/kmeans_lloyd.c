#include "kmeans_lloyd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"
#include "common/linalg.h"
#include "common/product.h"
#include "common/vec.h"
#include "kmeans_seed.h"

enum { BLOCK = 128 }; // points whose products with all centers stay in the cache

typedef int32_t lanes __attribute__((vector_size(VEC_LANES * sizeof(int32_t))));

// One restart at work; arrays reused by the next.
struct work {
    const struct kmeans_points *p;
    size_t k, k_pad;   // centers, and the same in whole vectors
    float *center;     // [k_pad x ld]
    float *turned;     // [ld x k_pad]: the same by columns
    float *half;       // [k_pad]: |c|^2 / 2; INFINITY beyond k
    uint32_t *cluster; // [n]
    float *near;       // [n]: squared distances to the nearest centers
    float *product;    // [n_threads x BLOCK x k_pad]
    size_t grain;
    float *sum;      // [pieces x k_pad x ld]: of weighted points, by cluster
    double *weight;  // [pieces x k_pad]
    size_t *changed; // [pieces]
    double *error;   // [pieces]
};

static bool work_init(
    struct work *w, const rk_host *host, const struct kmeans_points *p, size_t k) {
    *w = (struct work){.p = p, .k_pad = linalg_pad(k), .grain = kmeans_grain(p->n)};
    const size_t pieces = (p->n + w->grain - 1) / w->grain;
    w->center = linalg_new(w->k_pad, p->ld);
    w->turned = linalg_new(p->ld, w->k_pad);
    w->half = linalg_new(w->k_pad, 1);
    w->product = linalg_new(host->n_threads, BLOCK * w->k_pad);
    w->sum = linalg_new(pieces * w->k_pad, p->ld);
    w->cluster = calloc(p->n, sizeof *w->cluster);
    w->near = calloc(p->n, sizeof *w->near);
    w->weight = calloc(pieces * w->k_pad, sizeof *w->weight);
    w->changed = calloc(pieces, sizeof *w->changed);
    w->error = calloc(pieces, sizeof *w->error);
    return w->center && w->turned && w->half && w->product && w->sum && w->cluster && w->near &&
           w->weight && w->changed && w->error;
}

static void work_done(struct work *w) {
    linalg_free(w->center);
    linalg_free(w->turned);
    linalg_free(w->half);
    linalg_free(w->product);
    linalg_free(w->sum);
    free(w->cluster);
    free(w->near);
    free(w->weight);
    free(w->changed);
    free(w->error);
}

// The center with the least |c|^2 / 2 - x.c, the first of equals, for each of n rows of products.
KERNEL_CLONES static void nearest(
    const float *product, const float *half, size_t k_pad, size_t n, uint32_t *at, float *value) {
    const vec *h = (const vec *)(const void *)half;
    for (size_t i = 0; i < n; i++) {
        const vec *dot = (const vec *)(const void *)(product + i * k_pad);
        vec best = h[0] - dot[0];
        lanes which = {0};
        for (size_t v = 1; v < k_pad / VEC_LANES; v++) {
            const vec x = h[v] - dot[v];
            const lanes less = x < best;
            best = (vec)(((lanes)x & less) | ((lanes)best & ~less));
            which = (less & (int32_t)v) | (which & ~less);
        }
        at[i] = (uint32_t)which[0] * VEC_LANES;
        value[i] = best[0];
        for (uint32_t l = 1; l < VEC_LANES; l++) {
            const uint32_t c = (uint32_t)which[l] * VEC_LANES + l;
            if (best[l] < value[i] || (best[l] == value[i] && c < at[i])) {
                value[i] = best[l];
                at[i] = c;
            }
        }
    }
}

// Adds rows begin .. end - 1 to their clusters' sums.
KERNEL_CLONES static void add_rows(
    const struct work *w, size_t begin, size_t end, float *sum, double *weight) {
    const struct kmeans_points *p = w->p;
    for (size_t i = begin; i < end; i++) {
        const float by = p->weight ? p->weight[i] : 1;
        const float *x = p->x + i * p->ld;
        float *to = sum + w->cluster[i] * p->ld;
        for (size_t f = 0; f < p->ld; f++) to[f] += by * x[f];
        weight[w->cluster[i]] += by;
    }
}

static rk_status assign_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct work *w = arg;
    const struct kmeans_points *p = w->p;
    float *product = w->product + worker * BLOCK * w->k_pad, value[BLOCK];
    uint32_t at[BLOCK];
    const size_t piece = begin / w->grain;
    size_t changed = 0;
    float *sum = w->sum + piece * w->k_pad * p->ld;
    double *weight = w->weight + piece * w->k_pad;
    memset(sum, 0, w->k_pad * p->ld * sizeof *sum);
    memset(weight, 0, w->k_pad * sizeof *weight);
    for (size_t i = begin; i < end; i += BLOCK) {
        const size_t n = end - i < BLOCK ? end - i : BLOCK;
        product_run(&(struct product){.m = n,
            .n = w->k_pad,
            .depth = p->ld,
            .a = p->x + i * p->ld,
            .a_row = p->ld,
            .a_col = 1,
            .b = w->turned,
            .b_row = w->k_pad,
            .c = product,
            .c_row = w->k_pad});
        nearest(product, w->half, w->k_pad, n, at, value);
        for (size_t j = 0; j < n; j++) {
            changed += at[j] != w->cluster[i + j];
            w->cluster[i + j] = at[j];
        }
        add_rows(w, i, i + n, sum, weight);
    }
    w->changed[piece] = changed;
    return RK_OK;
}

// Every point to its nearest center; *changed: points that came from another.
static rk_status assign(struct work *w, const rk_host *host, size_t *changed) {
    for (size_t c = 0; c < w->k_pad; c++) {
        const float *x = w->center + c * w->p->ld;
        w->half[c] = c < w->k ? 0.5f * linalg_dot(x, x, w->p->ld) : INFINITY;
        for (size_t f = 0; f < w->p->ld; f++) w->turned[f * w->k_pad + c] = x[f];
    }
    const rk_status status = host->parallel_for(host, w->p->n, w->grain, assign_piece, w);
    *changed = 0;
    for (size_t k = 0; k * w->grain < w->p->n; k++) *changed += w->changed[k];
    return status;
}

static rk_status measure_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    const struct kmeans_points *p = w->p;
    double sum = 0;
    for (size_t i = begin; i < end; i++) {
        const float *c = w->center + w->cluster[i] * p->ld;
        w->near[i] = kmeans_distance(p->x + i * p->ld, c, p->ld);
        sum += (p->weight ? p->weight[i] : 1.0) * (double)w->near[i];
    }
    w->error[begin / w->grain] = sum;
    return RK_OK;
}

// near, and the objective: from differences, since |x|^2 - 2 x.c + |c|^2 cancels.
static rk_status measure(struct work *w, const rk_host *host, double *sse) {
    const rk_status status = host->parallel_for(host, w->p->n, w->grain, measure_piece, w);
    *sse = 0;
    for (size_t k = 0; k * w->grain < w->p->n; k++) *sse += w->error[k];
    return status;
}

// The point that adds most to the objective; its share is taken off. SIZE_MAX: none adds anything.
static size_t take_worst(struct work *w) {
    size_t worst = SIZE_MAX;
    double most = 0;
    for (size_t i = 0; i < w->p->n; i++) {
        const double share = (w->p->weight ? w->p->weight[i] : 1.0) * (double)w->near[i];
        if (share > most) {
            most = share;
            worst = i;
        }
    }
    if (worst != SIZE_MAX) w->near[worst] = 0;
    return worst;
}

// Centers to the means of their points.
static rk_status update(struct work *w, const rk_host *host) {
    const size_t ld = w->p->ld;
    size_t n_empty = 0;
    for (size_t c = 0; c < w->k; c++) {
        double weight = 0;
        for (size_t k = 0; k * w->grain < w->p->n; k++) weight += w->weight[k * w->k_pad + c];
        w->weight[c] = weight; // of all pieces from here on
        n_empty += !(weight > 0);
        for (size_t f = 0; f < ld && weight > 0; f++) {
            double sum = 0;
            for (size_t k = 0; k * w->grain < w->p->n; k++)
                sum += w->sum[(k * w->k_pad + c) * ld + f];
            w->center[c * ld + f] = (float)(sum / weight);
        }
    }
    if (n_empty == 0) return RK_OK;
    double sse;
    const rk_status status = measure(w, host, &sse);
    for (size_t c = 0; c < w->k && status == RK_OK; c++) {
        if (w->weight[c] > 0) continue;
        const size_t worst = take_worst(w);
        if (worst == SIZE_MAX) break;
        memcpy(w->center + c * ld, w->p->x + worst * ld, ld * sizeof *w->center);
    }
    return status;
}

static rk_status restart(struct work *w, const rk_host *host, const struct kmeans_settings *s,
    uint32_t number, double *sse) {
    const struct kmeans_draw draw = {
        .k = s->k, .restart = number, .candidates = kmeans_candidates(s->k)};
    rk_status status = kmeans_seed(host, w->p, draw, w->center, w->near, &w->k);
    for (size_t i = 0; i < w->p->n; i++) w->cluster[i] = UINT32_MAX;
    for (uint32_t t = 0; status == RK_OK; t++) {
        size_t changed;
        status = assign(w, host, &changed);
        if (status != RK_OK || changed == 0 || t == s->iterations) break;
        status = update(w, host);
    }
    return status == RK_OK ? measure(w, host, sse) : status;
}

static void keep(struct kmeans *m, const struct work *w, double sse) {
    m->k = w->k;
    m->sse = sse;
    memcpy(m->center, w->center, w->k * w->p->ld * sizeof *m->center);
    memcpy(m->cluster, w->cluster, w->p->n * sizeof *m->cluster);
}

rk_status kmeans_init(struct kmeans *m, const rk_host *host, const struct kmeans_points *p,
    const struct kmeans_settings *settings, struct kmeans_steps *steps) {
    struct work w;
    *m = (struct kmeans){.ld = p->ld, .sse = INFINITY};
    m->center = linalg_new(settings->k, p->ld);
    m->cluster = calloc(p->n, sizeof *m->cluster);
    rk_status status = RK_E_MEMORY;
    if (work_init(&w, host, p, settings->k) && m->center && m->cluster) status = RK_OK;
    for (uint32_t r = 0; r < settings->restarts && status == RK_OK; r++) {
        double sse = 0;
        status = restart(&w, host, settings, r, &sse);
        if (status != RK_OK) break;
        if (sse < m->sse) keep(m, &w, sse);
        if (!host->progress(host, ++steps->done, steps->total, m->sse)) status = RK_CANCELLED;
    }
    work_done(&w);
    if (status != RK_OK) kmeans_done(m);
    return status;
}

void kmeans_done(struct kmeans *m) {
    linalg_free(m->center);
    free(m->cluster);
    *m = (struct kmeans){0};
}
