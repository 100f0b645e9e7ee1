#include "ae_prior.h"

#include <stdlib.h>

enum { STEPS = 40, ROUNDS = 3 };

static const double RIDGE = 5;
static const double ENOUGH = 1e-10; // of the first residual's square
// Damping stays within these, as in effects.c.
static const double LEAST_DAMPING = 0.1, MOST_DAMPING = 1000;

struct prior {
    const rk_csr *features;
    double *weight;        // [rows]; of a row in the regression
    double *mean, *told;   // [rows]; m_r, x_r.beta
    double *beta;          // [features]
    double *left, *to, *a; // [features]; conjugate gradients: residual, direction, A direction
};

static double row_dot(const rk_csr *x, uint32_t r, const double *v) {
    double sum = 0;
    for (uint64_t e = x->start[r]; e < x->start[r + 1]; e++) sum += x->value[e] * v[x->col[e]];
    return sum;
}

// out = X' W X v + RIDGE v.
static void product(const struct prior *p, const double *v, double *out) {
    const rk_csr *x = p->features;
    for (uint32_t k = 0; k < x->n_cols; k++) out[k] = RIDGE * v[k];
    for (uint32_t r = 0; r < x->n_rows; r++) {
        const double w = p->weight[r] > 0 ? p->weight[r] * row_dot(x, r, v) : 0;
        for (uint64_t e = x->start[r]; w != 0 && e < x->start[r + 1]; e++)
            out[x->col[e]] += w * x->value[e];
    }
}

static double square(const double *v, size_t n) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += v[k] * v[k];
    return sum;
}

// beta by conjugate gradients, from 0; then told = X beta.
static void regress(struct prior *p) {
    const rk_csr *x = p->features;
    const size_t n = x->n_cols;
    for (size_t k = 0; k < n; k++) p->beta[k] = p->left[k] = 0;
    for (uint32_t r = 0; r < x->n_rows; r++)
        for (uint64_t e = x->start[r]; e < x->start[r + 1]; e++)
            p->left[x->col[e]] += p->weight[r] * p->mean[r] * x->value[e];
    for (size_t k = 0; k < n; k++) p->to[k] = p->left[k];
    double now = square(p->left, n);
    const double enough = ENOUGH * now;
    for (int step = 0; step < STEPS && now > enough; step++) {
        double curve = 0;
        product(p, p->to, p->a);
        for (size_t k = 0; k < n; k++) curve += p->to[k] * p->a[k];
        for (size_t k = 0; k < n; k++) {
            p->beta[k] += now / curve * p->to[k];
            p->left[k] -= now / curve * p->a[k];
        }
        const double next = square(p->left, n);
        for (size_t k = 0; k < n; k++) p->to[k] = p->left[k] + next / now * p->to[k];
        now = next;
    }
    for (uint32_t r = 0; r < x->n_rows; r++) p->told[r] = row_dot(x, r, p->beta);
}

// Mean residuals of the rows of one side over the biases of the other.
static void mean_residuals(
    const struct effects *x, const rk_csr *rows, const float *other, double *mean) {
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const uint64_t first = rows->start[r], last = rows->start[r + 1];
        double sum = 0;
        for (uint64_t e = first; e < last; e++)
            sum += rows->value[e] - x->mean - other[rows->col[e]];
        mean[r] = last > first ? sum / (double)(last - first) : 0;
    }
}

static double count(const rk_csr *rows, uint32_t r) {
    return (double)(rows->start[r + 1] - rows->start[r]);
}

// noise / s, from what features leave of the rows' mean residuals.
static double damping_left(const struct prior *p, const rk_csr *rows, double noise) {
    double sum = 0, weights = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        if (!(p->weight[r] > 0)) continue;
        const double left = p->mean[r] - p->told[r];
        sum += p->weight[r] * (left * left - noise / count(rows, r));
        weights += p->weight[r];
    }
    const double damping = sum > 0 ? noise * weights / sum : MOST_DAMPING;
    return damping > MOST_DAMPING    ? MOST_DAMPING
           : damping > LEAST_DAMPING ? damping
                                     : LEAST_DAMPING;
}

static void alternate(struct prior *p, struct effects *x, const struct ratings *r, int side) {
    const rk_csr *own = side == EFFECTS_USER ? &r->by_user : &r->by_item;
    const rk_csr *others = side == EFFECTS_USER ? &r->by_item : &r->by_user;
    mean_residuals(x, own, x->bias[!side], p->mean);
    for (uint32_t k = 0; k < own->n_rows; k++) {
        const double n = count(own, k);
        p->weight[k] = n / (n + x->damping[side]);
    }
    regress(p);
    x->damping[side] = damping_left(p, own, x->noise);
    for (uint32_t k = 0; k < own->n_rows; k++) {
        const double n = count(own, k), share = n / (n + x->damping[side]);
        x->bias[side][k] = (float)(p->told[k] + share * (p->mean[k] - p->told[k]));
    }
    for (uint32_t k = 0; k < others->n_rows; k++) {
        double sum = 0;
        for (uint64_t e = others->start[k]; e < others->start[k + 1]; e++)
            sum += others->value[e] - x->mean - x->bias[side][others->col[e]];
        x->bias[!side][k] = (float)(sum / (count(others, k) + x->damping[!side]));
    }
}

rk_status ae_prior_apply(
    struct effects *x, const struct ratings *r, int side, const rk_csr *features) {
    const size_t rows = features->n_rows, n = features->n_cols;
    double *room = malloc((3 * rows + 4 * n) * sizeof *room);
    if (!room) return RK_E_MEMORY;
    struct prior p = {.features = features,
        .weight = room,
        .mean = room + rows,
        .told = room + 2 * rows,
        .beta = room + 3 * rows,
        .left = room + 3 * rows + n,
        .to = room + 3 * rows + 2 * n,
        .a = room + 3 * rows + 3 * n};
    for (int round = 0; round < ROUNDS; round++) alternate(&p, x, r, side);
    free(room);
    return RK_OK;
}
