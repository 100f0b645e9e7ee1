#include "kmeans_silhouette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/linalg.h"
#include "kmeans_seed.h"

enum { ROWS_A_PIECE = 32 };
static const uint64_t SAMPLE_STREAM = UINT64_C(1) << 63;

static double weight_of(const struct kmeans_points *p, size_t i) {
    return p->weight ? p->weight[i] : 1.0;
}

struct distances {
    const struct kmeans_points *p;
    float *distance;
};

static rk_status distance_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct distances *d = arg;
    const struct kmeans_points *p = d->p;
    for (size_t i = begin; i < end; i++)
        for (size_t j = 0; j < p->n; j++)
            d->distance[i * p->n + j] =
                sqrtf(kmeans_distance(p->x + i * p->ld, p->x + j * p->ld, p->ld));
    return RK_OK;
}

rk_status kmeans_distances(const rk_host *host, const struct kmeans_points *p, float *distance) {
    struct distances d = {p, distance};
    return host->parallel_for(host, p->n, ROWS_A_PIECE, distance_rows, &d);
}

struct scoring {
    const struct kmeans_points *p;
    const float *distance;
    const uint32_t *cluster;
    const double *size; // [k]: weights
    size_t k;
    double *sum;  // [n_threads x k]
    double *part; // [pieces]
};

// From the sums of distances to each cluster.
static double silhouette(const struct scoring *s, size_t i, const double *sum) {
    const size_t own = s->cluster[i];
    if (s->size[own] <= 1) return 0;
    const double a = sum[own] / (s->size[own] - 1);
    double b = INFINITY;
    for (size_t c = 0; c < s->k; c++)
        if (c != own && s->size[c] > 0) b = fmin(b, sum[c] / s->size[c]);
    if (isinf(b) || fmax(a, b) == 0) return 0;
    return (b - a) / fmax(a, b);
}

static rk_status score_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct scoring *s = arg;
    double *sum = s->sum + worker * s->k, total = 0;
    for (size_t i = begin; i < end; i++) {
        memset(sum, 0, s->k * sizeof *sum);
        for (size_t j = 0; j < s->p->n; j++)
            sum[s->cluster[j]] += weight_of(s->p, j) * (double)s->distance[i * s->p->n + j];
        if (weight_of(s->p, i) > 0) total += weight_of(s->p, i) * silhouette(s, i, sum);
    }
    s->part[begin / ROWS_A_PIECE] = total;
    return RK_OK;
}

rk_status kmeans_silhouette(const rk_host *host, const struct kmeans_points *p,
    const float *distance, const uint32_t *cluster, size_t k, double *mean) {
    double *size = calloc(k, sizeof *size), weight = 0, total = 0;
    struct scoring s = {.p = p, .distance = distance, .cluster = cluster, .size = size, .k = k};
    s.sum = calloc(host->n_threads * k, sizeof *s.sum);
    s.part = calloc(p->n / ROWS_A_PIECE + 1, sizeof *s.part);
    rk_status status = RK_E_MEMORY;
    if (size && s.sum && s.part) {
        for (size_t i = 0; i < p->n; i++) size[cluster[i]] += weight_of(p, i);
        status = host->parallel_for(host, p->n, ROWS_A_PIECE, score_rows, &s);
        for (size_t i = 0; i * ROWS_A_PIECE < p->n; i++) total += s.part[i];
        for (size_t c = 0; c < k; c++) weight += size[c];
    }
    *mean = weight > 0 ? total / weight : 0;
    free(size);
    free(s.sum);
    free(s.part);
    return status;
}

// The points of weight above 0, or a sample of them. Arrays owned by the caller.
static rk_status sample(
    const rk_host *host, const struct kmeans_points *p, struct kmeans_points *out) {
    uint32_t *at = malloc(p->n * sizeof *at);
    size_t n = 0;
    *out = (struct kmeans_points){.d = p->d, .ld = p->ld};
    if (!at) return RK_E_MEMORY;
    for (size_t i = 0; i < p->n; i++)
        if (weight_of(p, i) > 0) at[n++] = (uint32_t)i;
    if (n > SILHOUETTE_MOST) host->shuffle(host, SAMPLE_STREAM, at, n);
    out->n = n < SILHOUETTE_MOST ? n : SILHOUETTE_MOST;
    float *x = linalg_new(out->n, p->ld), *weight = malloc(out->n * sizeof *weight);
    out->x = x;
    out->weight = weight;
    for (size_t i = 0; x && weight && i < out->n; i++) {
        memcpy(x + i * p->ld, p->x + at[i] * p->ld, p->ld * sizeof *x);
        weight[i] = (float)weight_of(p, at[i]);
    }
    free(at);
    return x && weight ? RK_OK : RK_E_MEMORY;
}

uint32_t kmeans_curves_steps(void) {
    return ELBOW_MOST * CURVE_RESTARTS;
}

static rk_status draw_curves(const rk_host *host, const struct kmeans_points *p, float *distance,
    uint32_t iterations, struct kmeans_steps *steps, size_t *best) {
    rk_status status = kmeans_distances(host, p, distance);
    double most = -INFINITY;
    for (size_t k = 1; k <= ELBOW_MOST && status == RK_OK; k++) {
        const struct kmeans_settings s = {
            .k = k, .restarts = CURVE_RESTARTS, .iterations = iterations};
        struct kmeans m;
        status = kmeans_init(&m, host, p, &s, steps);
        if (status != RK_OK) break;
        const bool enough = m.k == k; // different points
        double value = -INFINITY;
        if (enough) host->record(host, "elbow", (double)k, m.sse);
        if (enough && k > 1 && k <= SILHOUETTE_LAST) {
            status = kmeans_silhouette(host, p, distance, m.cluster, k, &value);
            host->record(host, "silhouette", (double)k, value);
        }
        kmeans_done(&m);
        if (value > most) {
            most = value;
            *best = k;
        }
        if (!enough) steps->done += (uint32_t)(ELBOW_MOST - k) * CURVE_RESTARTS;
        if (!enough) break;
    }
    return status;
}

rk_status kmeans_curves(const rk_host *host, const struct kmeans_points *p, uint32_t iterations,
    struct kmeans_steps *steps, size_t *best) {
    struct kmeans_points some;
    float *distance = NULL;
    *best = 1;
    rk_status status = sample(host, p, &some);
    if (status == RK_OK) distance = malloc(some.n * some.n * sizeof *distance);
    if (status == RK_OK && !distance) status = RK_E_MEMORY;
    if (status == RK_OK) status = draw_curves(host, &some, distance, iterations, steps, best);
    free(distance);
    linalg_free((float *)(uintptr_t)some.x);
    free((float *)(uintptr_t)some.weight);
    return status;
}
