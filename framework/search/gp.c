#include "search/gp.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LENGTH = 0.5, LENGTH_SPREAD = 0.8;  // of the unit cube; of its logarithm
static const double NOISE = 1e-3, NOISE_SPREAD = 2;     // share of v; of its logarithm
static const double NOISE_LEAST = 1e-6, NOISE_MOST = 1; // beyond them theta is cut off
enum { STEPS = 100 };

bool gp_init(struct gp *g, size_t n_max, size_t n_dims, const bool *nominal, struct error *e) {
    *g = (struct gp){.n_max = n_max, .n_dims = n_dims, .nominal = nominal};
    g->x = calloc(n_max, n_dims * sizeof *g->x);
    g->y = calloc(n_max, sizeof *g->y);
    g->factor = calloc(n_max, n_max * sizeof *g->factor);
    g->weight = calloc(n_max, sizeof *g->weight);
    g->ones = calloc(n_max, sizeof *g->ones);
    g->column = calloc(n_max, sizeof *g->column);
    g->rate = calloc(n_dims, sizeof *g->rate);
    g->theta = gsl_vector_alloc(n_dims + 1);
    g->start = gsl_vector_alloc(n_dims + 1);
    g->step = gsl_vector_alloc(n_dims + 1);
    g->simplex = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n_dims + 1);
    if (!g->x || !g->y || !g->factor || !g->weight || !g->ones || !g->column || !g->rate ||
        !g->theta || !g->start || !g->step || !g->simplex)
        return error_memory(e, n_max * n_max * sizeof(double), "a Gaussian process");
    gsl_vector_set_all(g->theta, log(LENGTH));
    gsl_vector_set(g->theta, n_dims, log(NOISE));
    return true;
}

void gp_done(struct gp *g) {
    free(g->x);
    free(g->y);
    free(g->factor);
    free(g->weight);
    free(g->ones);
    free(g->column);
    free(g->rate);
    gsl_vector_free(g->theta);
    gsl_vector_free(g->start);
    gsl_vector_free(g->step);
    if (g->simplex) gsl_multimin_fminimizer_free(g->simplex);
    *g = (struct gp){0};
}

void gp_add(struct gp *g, const double *x, double y) {
    memcpy(g->x + g->n * g->n_dims, x, g->n_dims * sizeof *x);
    g->y[g->n++] = y;
}

// Square of the distance of two coordinates.
static double apart(double a, double b, bool nominal) {
    if (isnan(a) && isnan(b)) return 0;
    if (nominal) return a == b ? 0 : 1;
    if (isnan(a) || isnan(b)) {
        const double d = (isnan(a) ? b : a) - 0.5;
        return d * d + 0.25;
    }
    return (a - b) * (a - b);
}

static double kernel(const struct gp *g, const double *a, const double *b) {
    double s2 = 0;
    for (size_t d = 0; d < g->n_dims; d++)
        s2 += apart(a[d], b[d], g->nominal[d]) * g->rate[d] * g->rate[d];
    const double s = sqrt(5 * s2);
    return (1 + s + s * s / 3) * exp(-s);
}

static double noise_of(const struct gp *g, const gsl_vector *theta) {
    const double noise = exp(gsl_vector_get(theta, g->n_dims));
    return noise < NOISE_LEAST ? NOISE_LEAST : noise > NOISE_MOST ? NOISE_MOST : noise;
}

static void solve(gsl_matrix *factor, double *x, size_t n) {
    gsl_vector_view v = gsl_vector_view_array(x, n);
    gsl_linalg_cholesky_svx(factor, &v.vector);
}

// Factors the matrix at theta, takes mean and v. Gives minus the log of the likelihood, but for
// what is constant; INFINITY: it cannot be factored.
static double condition(struct gp *g, const gsl_vector *theta) {
    for (size_t d = 0; d < g->n_dims; d++) g->rate[d] = exp(-gsl_vector_get(theta, d));
    const size_t n = g->n;
    gsl_matrix_view k = gsl_matrix_view_array(g->factor, n, n);
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++) {
            const double value = kernel(g, g->x + a * g->n_dims, g->x + b * g->n_dims) +
                                 (a == b ? noise_of(g, theta) : 0);
            g->factor[a * n + b] = g->factor[b * n + a] = value;
        }
    if (gsl_linalg_cholesky_decomp1(&k.matrix) != GSL_SUCCESS) return INFINITY;
    double log_det = 0, top = 0, bottom = 0, square = 0;
    for (size_t a = 0; a < n; a++) log_det += 2 * log(g->factor[a * n + a]);
    for (size_t a = 0; a < n; a++) g->ones[a] = 1;
    solve(&k.matrix, g->ones, n);
    for (size_t a = 0; a < n; a++) {
        top += g->ones[a] * g->y[a];
        bottom += g->ones[a];
    }
    g->mean = top / bottom;
    for (size_t a = 0; a < n; a++) g->weight[a] = g->y[a] - g->mean;
    solve(&k.matrix, g->weight, n);
    for (size_t a = 0; a < n; a++) square += g->weight[a] * (g->y[a] - g->mean);
    g->v = fmax(square / (double)n, 1e-12);
    return 0.5 * ((double)n * log(g->v) + log_det);
}

static double surprise(double x, double middle, double spread) {
    const double z = (x - log(middle)) / spread;
    return 0.5 * z * z;
}

static double badness(const gsl_vector *theta, void *of) {
    struct gp *g = of;
    double sum = condition(g, theta);
    for (size_t k = 0; k < g->n_dims; k++)
        sum += surprise(gsl_vector_get(theta, k), LENGTH, LENGTH_SPREAD);
    sum += surprise(gsl_vector_get(theta, g->n_dims), NOISE, NOISE_SPREAD);
    return isfinite(sum) ? sum : 1e300;
}

// Nelder and Mead's simplex from g->start; gives its end in g->start.
static double descend(struct gp *g) {
    gsl_multimin_function f = {.f = badness, .n = g->n_dims + 1, .params = g};
    gsl_vector_set_all(g->step, 0.5);
    if (gsl_multimin_fminimizer_set(g->simplex, &f, g->start, g->step) != GSL_SUCCESS)
        return INFINITY;
    for (int k = 0; k < STEPS; k++) {
        if (gsl_multimin_fminimizer_iterate(g->simplex) != GSL_SUCCESS) break;
        if (gsl_multimin_fminimizer_size(g->simplex) < 0.02) break;
    }
    gsl_vector_memcpy(g->start, gsl_multimin_fminimizer_x(g->simplex));
    return gsl_multimin_fminimizer_minimum(g->simplex);
}

void gp_learn(struct gp *g) {
    gsl_vector_memcpy(g->start, g->theta);
    const double near = descend(g);
    gsl_vector_memcpy(g->theta, g->start);
    gsl_vector_set_all(g->start, log(LENGTH));
    gsl_vector_set(g->start, g->n_dims, log(NOISE));
    if (descend(g) < near) gsl_vector_memcpy(g->theta, g->start);
    // Some hundredths of a logarithm mean nothing, and the last bits of exp() are not the same on
    // every machine.
    for (size_t k = 0; k <= g->n_dims; k++)
        gsl_vector_set(g->theta, k, round(gsl_vector_get(g->theta, k) * 32) / 32);
    gp_condition(g);
}

bool gp_condition(struct gp *g) {
    return isfinite(condition(g, g->theta));
}

void gp_predict(struct gp *g, const double *x, double *mean, double *deviation) {
    *mean = g->mean;
    for (size_t a = 0; a < g->n; a++) {
        g->column[a] = kernel(g, x, g->x + a * g->n_dims);
        *mean += g->column[a] * g->weight[a];
    }
    gsl_matrix_const_view k = gsl_matrix_const_view_array(g->factor, g->n, g->n);
    gsl_vector_view c = gsl_vector_view_array(g->column, g->n);
    gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, &k.matrix, &c.vector);
    double known = 0;
    for (size_t a = 0; a < g->n; a++) known += g->column[a] * g->column[a];
    *deviation = sqrt(g->v * fmax(1 - known, 1e-12));
}
