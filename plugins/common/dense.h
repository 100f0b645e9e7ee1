// dense.h - fully connected layers on batches of rows, forwards and backwards.
//
//     z = x W + b,  y = f(z)
//
// Batches are row-major with a row of n_in (n_out) floats each, without gaps. Sums run in an order
// that depends on shapes alone: parallel over pieces of rows (forwards, and dx) and over pieces of
// W (dW), never by worker. A row's z, y and dx do not depend on the other rows of its batch.
//
// GELU is taken as z s(2 c (z + .044715 z^3)) with the sigmoid s and c = sqrt(2 / pi): D.
// Hendrycks, K. Gimpel: Gaussian Error Linear Units (arXiv:1606.08415), section 2.
#ifndef RECKON_PLUGINS_COMMON_DENSE_H
#define RECKON_PLUGINS_COMMON_DENSE_H

#include <stdbool.h>
#include <stddef.h>

#include "reckon.h"

enum dense_activation { DENSE_LINEAR, DENSE_SIGMOID, DENSE_TANH, DENSE_RELU, DENSE_GELU };

// NULL-terminated, in that order: for RK_CHOICE.
extern const char *const dense_activations[];

// f(z), elementwise, z and y [n] (may be the same array); and delta *= f'(z), given z and y. Where
// only y is kept, z may be y for all but GELU.
void dense_activate(enum dense_activation f, const float *z, float *y, size_t n);
void dense_slope(enum dense_activation f, const float *z, const float *y, float *delta, size_t n);

struct dense {
    uint32_t n_in, n_out;
    enum dense_activation activation;
    float *weight; // [n_in x n_out]; borrowed
    float *bias;   // [n_out]; borrowed
};

// ---- Whole batches, in parallel ----------------------------------------------------------------

// x: [n_rows x n_in] to z and y: [n_rows x n_out]; y may be z where dense_slope() needs only y.
rk_status dense_forward(
    const struct dense *d, const rk_host *host, const float *x, size_t n_rows, float *z, float *y);

// delta: dL/dy, becomes dL/dz. d_weight, d_bias: the sums over the rows, overwritten. dx: dL/dx,
// or NULL. Its only own failure: RK_E_MEMORY.
rk_status dense_backward(const struct dense *d, const rk_host *host, const float *x, const float *z,
    const float *y, size_t n_rows, float *delta, float *d_weight, float *d_bias, float *dx);

// ---- Their parts, in the caller's thread: for bodies that do more than one layer ----------------

// As dense_forward().
void dense_forward_rows(const struct dense *d, const float *x, size_t n_rows, float *z, float *y);

// to: [n_out x n_in].
void dense_transpose(const struct dense *d, float *to);

// dx = dL/dz W', by the transposed weights.
void dense_back_rows(
    const struct dense *d, const float *transposed, const float *dz, size_t n_rows, float *dx);

// dL/dW for the inputs first .. end - 1, those rows of d_weight, over all rows of the batch; and
// dL/db.
void dense_weight_gradient(const struct dense *d, const float *x, const float *dz, size_t n_rows,
    size_t first, size_t end, float *d_weight);
void dense_bias_gradient(const struct dense *d, const float *dz, size_t n_rows, float *d_bias);

#endif
