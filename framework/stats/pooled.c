#include "stats/pooled.h"

#include <math.h>

enum { N_VALUES = EVIDENCE_UNITS * EVIDENCE_BUCKETS, FEW = 8 };
static const double nothing[EVIDENCE_BUCKETS];

// Sums of parts and of weights over the trials; false: one of them can't be compared.
static bool sum_all(
    const struct evidence *const *trials, size_t n, size_t metric, double *part, double *weight) {
    *part = *weight = 0;
    for (size_t t = 0; t < n; t++) {
        if (metric >= trials[t]->n_metrics || !(trials[t]->metrics[metric].weight > 0))
            return false;
        *part += trials[t]->metrics[metric].part;
        *weight += trials[t]->metrics[metric].weight;
    }
    return n > 0;
}

bool pooled_make(struct pooled *p, const struct evidence *const *trials, size_t n, size_t metric,
    bool is_root, struct arena *a, struct error *e) {
    *p = (struct pooled){.value = NAN};
    double part, weight;
    if (!sum_all(trials, n, metric, &part, &weight)) return true;
    const double ratio = part / weight, value = is_root ? sqrt(ratio) : ratio;
    if (!isfinite(value)) return true;

    double *influence = arena_alloc(a, N_VALUES * sizeof *influence); // zeroed
    if (!influence) return error_memory(e, N_VALUES * sizeof *influence, "pooled differences");
    // A root of 0 has no row that moves it: all parts are 0, and so is the factor's fellow.
    const double factor = (is_root ? (value > 0 ? 1 / (2 * value) : 0) : 1) / weight;
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        p->influence[u] = influence + (size_t)u * EVIDENCE_BUCKETS;
        for (size_t t = 0; t < n; t++) {
            const struct evidence_metric *m = &trials[t]->metrics[metric];
            for (size_t b = 0; b < EVIDENCE_BUCKETS; b++)
                p->influence[u][b] += (double)m->part_in[u][b] - ratio * (double)m->weight_in[u][b];
        }
        for (size_t b = 0; b < EVIDENCE_BUCKETS; b++) p->influence[u][b] *= factor;
    }
    p->value = value;
    return true;
}

struct powers {
    double second, fourth;
};

// In four sums, so that a processor takes several steps at a time; always in this order.
static struct powers sum_powers(const double *x, const double *y) {
    double second[4] = {0}, fourth[4] = {0};
    for (size_t b = 0; b < EVIDENCE_BUCKETS; b += 4)
        for (size_t k = 0; k < 4; k++) {
            const double square = (x[b + k] - y[b + k]) * (x[b + k] - y[b + k]);
            second[k] += square;
            fourth[k] += square * square;
        }
    return (struct powers){(second[0] + second[2]) + (second[1] + second[3]),
        (fourth[0] + fourth[2]) + (fourth[1] + fourth[3])};
}

static size_t count_used(const double *x, const double *y) {
    size_t n = 0;
    for (size_t b = 0; b < EVIDENCE_BUCKETS; b++) n += x[b] != y[b];
    return n;
}

// G - 1. The estimate is for normals; two or three units, which sum to 0, are alike in size at any
// distribution, and would count as four: G is at most the number of buckets that hold anything.
static double freedom_of(struct powers s, const double *x, const double *y) {
    if (!(s.fourth > 0)) return INFINITY;
    const double freedom = 3 * s.second * s.second / s.fourth - 3;
    return fmax(1, freedom < FEW ? fmin(freedom, (double)count_used(x, y) - 1) : freedom);
}

struct pooled_variance pooled_variance(const struct pooled *p, const struct pooled *q) {
    struct pooled_variance v;
    double corrected[EVIDENCE_UNITS], noise = 0;
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        const double *other = q ? q->influence[u] : nothing;
        const struct powers s = sum_powers(p->influence[u], other);
        v.unit[u] = s.second;
        const double freedom = freedom_of(s, p->influence[u], other);
        corrected[u] = s.second * (1 + 1 / freedom);
        noise += corrected[u] * corrected[u] / freedom;
    }
    const double user = corrected[EVIDENCE_USER], item = corrected[EVIDENCE_ITEM];
    v.both = fmax(user + item - corrected[EVIDENCE_ROW], fmax(user, item));
    v.freedom = noise > 0 ? v.both * v.both / noise : INFINITY;
    return v;
}

static double wallace(double freedom) {
    return (8 * freedom + 3) / (8 * freedom + 1);
}

double pooled_normal(double t, double freedom) {
    if (isinf(freedom)) return t;
    return copysign(sqrt(freedom * log1p(t * t / freedom)) / wallace(freedom), t);
}

double pooled_student(double z, double freedom) {
    if (isinf(freedom)) return z;
    const double wide = z * wallace(freedom);
    return copysign(sqrt(freedom * expm1(wide * wide / freedom)), z);
}
