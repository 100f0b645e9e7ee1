#include "stats/critical.h"

#include <math.h>
#include <stdlib.h>

#include "core/random.h"

// What the work needs beside the result.
struct work {
    const struct pooled *const *models;
    size_t n, n_draws;
    double *covariance; // [n * n]: users + items; then its root, below the diagonal
    double *scale;      // [n * n], below the diagonal: 1 / the root of a pair's users + items
    float *noise;       // [n_draws]
    double *draw;       // [n * n_draws]; single precision would drown what like models differ by
};

// In four sums, so that a processor takes several steps at a time; always in this order.
static double product(const double *x, const double *y) {
    double sum[4] = {0};
    for (size_t b = 0; b < EVIDENCE_BUCKETS; b += 4)
        for (size_t k = 0; k < 4; k++) sum[k] += x[b + k] * y[b + k];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

static void covariances(const struct work *w) {
    for (size_t i = 0; i < w->n; i++)
        for (size_t j = 0; j <= i; j++) {
            double *const *x = w->models[i]->influence, *const *y = w->models[j]->influence;
            w->covariance[i * w->n + j] = w->covariance[j * w->n + i] =
                product(x[EVIDENCE_USER], y[EVIDENCE_USER]) +
                product(x[EVIDENCE_ITEM], y[EVIDENCE_ITEM]);
        }
}

// Models that differ by less than this share of their own deviations are the same here: their
// difference in a draw would be rounding alone, and its statistic the largest of all.
static const double APART_LEAST = 1e-5;

static void pairs(const struct work *w, struct critical *c) {
    for (size_t i = 0; i < w->n; i++)
        for (size_t j = 0; j < i; j++) {
            const struct pooled_variance v = pooled_variance(w->models[i], w->models[j]);
            const double apart = v.unit[EVIDENCE_USER] + v.unit[EVIDENCE_ITEM];
            const double own = w->covariance[i * w->n + i] + w->covariance[j * w->n + j];
            const bool same = !(apart > APART_LEAST * APART_LEAST * own);
            w->scale[i * w->n + j] = same ? 0 : 1 / sqrt(apart);
            c->se[i * w->n + j] = c->se[j * w->n + i] = sqrt(v.both);
            c->freedom[i * w->n + j] = c->freedom[j * w->n + i] = v.freedom;
        }
}

// Cholesky's factor of a semidefinite matrix: a column without a remainder is 0 (models that are
// the same, or a mixture of others, but for rounding, which a smaller bound takes for models).
static void take_root(const struct work *w) {
    const size_t n = w->n;
    double *a = w->covariance;
    for (size_t j = 0; j < n; j++) {
        double rest = a[j * n + j];
        for (size_t k = 0; k < j; k++) rest -= a[j * n + k] * a[j * n + k];
        const double root = rest > 1e-12 * a[j * n + j] ? sqrt(rest) : 0;
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = root > 0 ? sum / root : 0;
        }
        a[j * n + j] = root;
    }
}

static void draw_models(const struct work *w, uint64_t seed) {
    const uint64_t key = random_key(seed, RANDOM_BOOTSTRAP, 0);
    for (size_t j = 0; j < w->n; j++) {
        random_normal(key, j, w->noise, w->n_draws);
        for (size_t i = j; i < w->n; i++) {
            const double root = w->covariance[i * w->n + j];
            double *draw = w->draw + i * w->n_draws;
            for (size_t k = 0; k < w->n_draws; k++) draw[k] += root * (double)w->noise[k];
        }
    }
}

// The statistics of one pair, into the largest ones.
static void raise(const struct work *w, float *restrict largest, size_t i, size_t j) {
    const double *x = w->draw + i * w->n_draws, *y = w->draw + j * w->n_draws;
    const double scale = i > j ? w->scale[i * w->n + j] : w->scale[j * w->n + i];
    for (size_t k = 0; k < w->n_draws; k++) {
        const float t = (float)(fabs(x[k] - y[k]) * scale);
        largest[k] = t > largest[k] ? t : largest[k];
    }
}

static int descending(const void *l, const void *r) {
    const float a = *(const float *)l, b = *(const float *)r;
    return (a < b) - (a > b);
}

static bool work_make(struct work *w, struct critical *c, struct error *e) {
    const size_t n = w->n;
    w->covariance = malloc(n * n * sizeof *w->covariance);
    w->scale = calloc(n * n, sizeof *w->scale);
    w->noise = malloc(w->n_draws * sizeof *w->noise);
    w->draw = calloc(n * w->n_draws, sizeof *w->draw);
    c->se = calloc(n * n, sizeof *c->se);
    c->freedom = calloc(n * n, sizeof *c->freedom);
    c->pairs = calloc(w->n_draws, sizeof *c->pairs);
    c->base = calloc(w->n_draws, sizeof *c->base);
    if (w->covariance && w->scale && w->noise && w->draw && c->se && c->freedom && c->pairs &&
        c->base)
        return true;
    return error_memory(e, n * (n * 32 + w->n_draws * 8), "differences of models");
}

bool critical_make(struct critical *c, const struct pooled *const *models, size_t n,
    size_t baseline, uint64_t seed, struct error *e) {
    // More would cost a thousand models more than three seconds.
    const size_t n_draws = n <= 400 ? 3999 : 1999;
    struct work w = {.models = models, .n = n, .n_draws = n_draws};
    *c = (struct critical){.n = n, .n_draws = n_draws};
    bool ok = false;
    if (!work_make(&w, c, e)) goto done;
    covariances(&w);
    pairs(&w, c);
    take_root(&w);
    draw_models(&w, seed);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) raise(&w, c->pairs, i, j);
        if (baseline < n && i != baseline) raise(&w, c->base, i, baseline);
    }
    qsort(c->pairs, n_draws, sizeof *c->pairs, descending);
    qsort(c->base, n_draws, sizeof *c->base, descending);
    ok = true;
done:
    free(w.covariance);
    free(w.scale);
    free(w.noise);
    free(w.draw);
    if (!ok) critical_done(c);
    return ok;
}

void critical_done(struct critical *c) {
    free(c->se);
    free(c->freedom);
    free(c->pairs);
    free(c->base);
    *c = (struct critical){0};
}

double critical_p(const struct critical *c, const float *largest, double statistic) {
    size_t from = 0, to = c->n_draws; // `from` ends as the number of draws >= the statistic
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if ((double)largest[middle] >= statistic)
            from = middle + 1;
        else
            to = middle;
    }
    return (double)(from + 1) / (double)(c->n_draws + 1);
}

double critical_value(const struct critical *c, const float *largest, double level) {
    const double beyond = floor((1 - level) * (double)(c->n_draws + 1) + 1e-9); // draws and one
    if (beyond < 1) return INFINITY;
    return (double)largest[(size_t)fmin(beyond, (double)c->n_draws) - 1];
}
