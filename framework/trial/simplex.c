#include "trial/simplex.h"

#include <math.h>
#include <stdbool.h>

static const double ROUNDING = 1e-13; // relative, of products that are sums of many rows

struct active {
    size_t n, m;
    const double *products;  // [n][n]
    size_t at[SIMPLEX_MOST]; // [m]: columns that have weight
    double *weights;         // [n]
    bool barred[SIMPLEX_MOST];
};

static double product(const struct active *a, size_t i, size_t j) {
    return a->products[i * a->n + j];
}

// Row `i` of P w.
static double slope(const struct active *a, size_t i) {
    double sum = 0;
    for (size_t k = 0; k < a->m; k++) sum += product(a, i, a->at[k]) * a->weights[a->at[k]];
    return sum;
}

// The Cholesky factor of P + s 11' over the set, which is positive definite if and only if the
// columns are affinely independent. False: they are not.
static bool factor(const struct active *a, double l[SIMPLEX_MOST][SIMPLEX_MOST]) {
    double s = 0;
    for (size_t k = 0; k < a->m; k++) s = fmax(s, product(a, a->at[k], a->at[k]));
    if (s <= 0) s = 1;
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = product(a, a->at[i], a->at[j]) + s;
            const double whole = sum;
            for (size_t k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
            if (i == j && sum <= ROUNDING * whole) return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
    return true;
}

// weights [m] of sum 1, of any sign, that minimise over the set: (P + s 11') u = 1, scaled.
static bool affine(const struct active *a, double *out) {
    double l[SIMPLEX_MOST][SIMPLEX_MOST], sum = 0;
    if (!factor(a, l)) return false;
    for (size_t i = 0; i < a->m; i++) {
        double x = 1;
        for (size_t k = 0; k < i; k++) x -= l[i][k] * out[k];
        out[i] = x / l[i][i];
    }
    for (size_t i = a->m; i-- > 0;) {
        for (size_t k = i + 1; k < a->m; k++) out[i] -= l[k][i] * out[k];
        out[i] /= l[i][i];
        sum += out[i];
    }
    for (size_t i = 0; i < a->m; i++) out[i] /= sum;
    return sum > 0;
}

static void leave(struct active *a, size_t k) {
    a->weights[a->at[k]] = 0;
    for (a->m--; k < a->m; k++) a->at[k] = a->at[k + 1];
}

// From where the weights are towards `to`, as far as they stay at 0 and above. True: all the way.
static bool go(struct active *a, const double *to) {
    double way = 1;
    size_t first = a->m;
    for (size_t k = 0; k < a->m; k++) {
        const double w = a->weights[a->at[k]];
        if (to[k] > 0 || w - to[k] <= 0) continue;
        if (w / (w - to[k]) < way || first == a->m) {
            way = fmin(way, w / (w - to[k]));
            first = k;
        }
    }
    for (size_t k = 0; k < a->m; k++) {
        double *w = &a->weights[a->at[k]];
        *w = first == a->m ? to[k] : *w + way * (to[k] - *w);
        if (*w < 0) *w = 0;
    }
    if (first == a->m) return true;
    leave(a, first);
    return false;
}

// The column, not of the set, that is least alike to the error of the mean; n: none is less alike
// than those of the set, which is the optimum.
static size_t next_column(const struct active *a) {
    double norm = 0, least = 0;
    size_t best = a->n;
    for (size_t k = 0; k < a->m; k++) norm += a->weights[a->at[k]] * slope(a, a->at[k]);
    for (size_t i = 0; i < a->n; i++) {
        const double below = slope(a, i) - norm;
        const double room = ROUNDING * (norm + sqrt(fmax(norm, 0) * product(a, i, i)));
        if (a->weights[i] > 0 || a->barred[i] || below >= -room || below >= least) continue;
        least = below;
        best = i;
    }
    return best;
}

// A set never comes twice, as each has a lower optimum than the one before; rounding apart.
static void descend(struct active *a) {
    double to[SIMPLEX_MOST];
    for (int round = 0; round < 1 << SIMPLEX_MOST; round++) {
        const size_t i = next_column(a);
        if (i == a->n) return;
        a->at[a->m++] = i;
        if (!affine(a, to)) { // it adds nothing to them
            a->m--;
            a->barred[i] = true;
            continue;
        }
        while (!go(a, to) && affine(a, to)) {
        }
    }
}

void simplex_least_squares(size_t n, const double *products, double *weights) {
    struct active a = {.n = n, .m = 1, .products = products, .weights = weights};
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        weights[k] = 0;
        if (product(&a, k, k) < product(&a, a.at[0], a.at[0])) a.at[0] = k;
    }
    weights[a.at[0]] = 1;
    descend(&a);
    for (size_t k = 0; k < n; k++) sum += weights[k];
    for (size_t k = 0; k < n; k++) weights[k] /= sum;
}
