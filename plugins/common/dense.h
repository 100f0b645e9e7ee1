// dense.h - fully connected layers on batches of rows, forwards and backwards.
//
//     z = x W + b,  y = f(z)
//
// Batches are row-major with a row of n_in (n_out) floats each, without gaps. Sums run in an order
// that depends on shapes alone: parallel over pieces of rows (forwards, and dx) and over pieces of
// W (dW), never by worker.
#ifndef RECKON_PLUGINS_COMMON_DENSE_H
#define RECKON_PLUGINS_COMMON_DENSE_H

#include <stdbool.h>
#include <stddef.h>

#include "reckon.h"

enum dense_activation { DENSE_LINEAR, DENSE_SIGMOID, DENSE_TANH, DENSE_RELU, DENSE_GELU };

// NULL-terminated, in that order: for RK_CHOICE.
extern const char *const dense_activations[];

// f(z), elementwise, z and y [n] (may be the same array); and delta *= f'(z), given z and y.
void dense_activate(enum dense_activation f, const float *z, float *y, size_t n);
void dense_slope(enum dense_activation f, const float *z, const float *y, float *delta, size_t n);

struct dense {
    uint32_t n_in, n_out;
    enum dense_activation activation;
    float *weight; // [n_in x n_out]; borrowed
    float *bias;   // [n_out]; borrowed
};

// x: [n_rows x n_in] to z and y: [n_rows x n_out]; y may be z if the activation is linear.
rk_status dense_forward(
    const struct dense *d, const rk_host *host, const float *x, size_t n_rows, float *z, float *y);

// delta: dL/dy, becomes dL/dz. d_weight, d_bias: the sums over the rows, overwritten. dx: dL/dx,
// or NULL.
rk_status dense_backward(const struct dense *d, const rk_host *host, const float *x, const float *z,
    const float *y, size_t n_rows, float *delta, float *d_weight, float *d_bias, float *dx);

#endif
