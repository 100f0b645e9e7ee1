// adam.h - Adam on arrays of parameters, with either kind of weight decay.
//
//     g += l2 w;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
//     w -= rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon) + rate decay w
//
// D. P. Kingma, J. Ba: Adam: A Method for Stochastic Optimization (ICLR 2015), algorithm 1; decay:
// I. Loshchilov, F. Hutter: Decoupled Weight Decay Regularization (ICLR 2019), algorithm 2.
#ifndef RECKON_PLUGINS_COMMON_ADAM_H
#define RECKON_PLUGINS_COMMON_ADAM_H

#include <stdbool.h>

#include "reckon.h"

struct adam_rule {
    double rate;
    double beta1, beta2; // usually .9, .999
    double epsilon;
    double l2;    // added to the gradient
    double decay; // decoupled, before the rate
};

// Moments of n parameters.
struct adam {
    size_t n;
    float *m, *v;    // [n]; owned
    uint32_t *steps; // [n / row]; owned; NULL unless made by rows: steps of each row
    size_t row;      // parameters a row; 0: all take every step
    uint32_t t;      // steps of the whole
};

// A rule at one step, in single precision.
struct adam_step {
    float rate;    // with the first moment's bias correction
    float inverse; // 1 / (1 - beta2^t)
    float beta1, beta2, epsilon, l2;
    float keep; // 1 - rate decay
};

// Zero moments. row = 0: every step changes all parameters; else n is a multiple of `row`, and
// adam_step_rows() changes some. False: no memory.
bool adam_init(struct adam *a, size_t n, size_t row);
void adam_done(struct adam *a);
uint64_t adam_bytes(uint64_t n, uint64_t row);

// w: [n], gradient: [n] of the step's objective. Parallel, elementwise: the same bits always.
rk_status adam_step(struct adam *a, const rk_host *host, const struct adam_rule *rule, float *w,
    const float *gradient);

// Sparse: changes rows at[0 .. n_rows), each named once, as lazy Adam does: the others keep
// parameters and moments, and a row's bias correction counts its own steps. gradient: [n_rows x
// row], packed in the order of `at`.
rk_status adam_step_rows(struct adam *a, const rk_host *host, const struct adam_rule *rule,
    float *w, const uint32_t *at, size_t n_rows, const float *gradient);

// For gradients that come piece by piece (no rows): begins a step of the whole, of which each piece
// is then applied once, from any thread. gradient: [n], of parameters first .. first + n - 1.
struct adam_step adam_begin(struct adam *a, const struct adam_rule *rule);
void adam_apply(const struct adam *a, const struct adam_step *s, float *w, size_t first,
    const float *gradient, size_t n);

#endif
