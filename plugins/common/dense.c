#include "common/dense.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"
#include "common/product.h"

enum { ROWS_A_PIECE = 48, INPUTS_A_PIECE = 24 }; // multiples of the 6 rows of product.c's tiles

const char *const dense_activations[] = {"linear", "sigmoid", "tanh", "relu", "gelu", NULL};

// ---- Activations -------------------------------------------------------------------------------

// e^x to about 1e-7 of it, for loops that become vectors; x is cut to where e^x is an ordinary
// float. x = n ln 2 + r, and e^r by a polynomial (S. L. Moshier, Cephes library, expf).
static inline __attribute__((always_inline)) float exp_of(float x) {
    x = x > 88 ? 88 : x < -87 ? -87 : x;
    const float round = 12582912; // 1.5 2^23: adding it leaves n in the lowest bits
    const float shifted = x * 1.44269504f + round, n = shifted - round;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static inline __attribute__((always_inline)) float sigmoid_of(float x) {
    return 1 / (1 + exp_of(-x));
}

// GELU's sigmoid is of GELU_1 z + GELU_3 z^3.
static const float GELU_1 = 1.5957691216f, GELU_3 = 0.0713548163f;

KERNEL_CLONES
void dense_activate(enum dense_activation f, const float *z, float *y, size_t n) {
    switch (f) {
    case DENSE_LINEAR:
        if (y != z) memcpy(y, z, n * sizeof *y);
        break;
    case DENSE_SIGMOID:
        for (size_t k = 0; k < n; k++) y[k] = sigmoid_of(z[k]);
        break;
    case DENSE_TANH:
        for (size_t k = 0; k < n; k++) y[k] = 2 * sigmoid_of(2 * z[k]) - 1;
        break;
    case DENSE_RELU:
        for (size_t k = 0; k < n; k++) y[k] = z[k] < 0 ? 0 : z[k];
        break;
    case DENSE_GELU:
        for (size_t k = 0; k < n; k++)
            y[k] = z[k] * sigmoid_of(z[k] * (GELU_1 + GELU_3 * z[k] * z[k]));
        break;
    }
}

KERNEL_CLONES
void dense_slope(enum dense_activation f, const float *z, const float *y, float *delta, size_t n) {
    switch (f) {
    case DENSE_LINEAR:
        break;
    case DENSE_SIGMOID:
        for (size_t k = 0; k < n; k++) delta[k] *= y[k] * (1 - y[k]);
        break;
    case DENSE_TANH:
        for (size_t k = 0; k < n; k++) delta[k] *= 1 - y[k] * y[k];
        break;
    case DENSE_RELU:
        for (size_t k = 0; k < n; k++) delta[k] = y[k] > 0 ? delta[k] : 0;
        break;
    case DENSE_GELU:
        for (size_t k = 0; k < n; k++) {
            const float x = z[k], s = sigmoid_of(x * (GELU_1 + GELU_3 * x * x));
            delta[k] *= s + x * s * (1 - s) * (GELU_1 + 3 * GELU_3 * x * x);
        }
        break;
    }
}

// ---- Parts of a batch --------------------------------------------------------------------------

void dense_forward_rows(const struct dense *d, const float *x, size_t n_rows, float *z, float *y) {
    const struct product p = {.m = n_rows,
        .n = d->n_out,
        .depth = d->n_in,
        .a = x,
        .a_row = d->n_in,
        .a_col = 1,
        .b = d->weight,
        .b_row = d->n_out,
        .c = z,
        .c_row = d->n_out,
        .start = d->bias};
    product_run(&p);
    dense_activate(d->activation, z, y, n_rows * d->n_out);
}

void dense_transpose(const struct dense *d, float *to) {
    for (size_t i = 0; i < d->n_in; i++)
        for (size_t j = 0; j < d->n_out; j++) to[j * d->n_in + i] = d->weight[i * d->n_out + j];
}

void dense_back_rows(
    const struct dense *d, const float *transposed, const float *dz, size_t n_rows, float *dx) {
    const struct product p = {.m = n_rows,
        .n = d->n_in,
        .depth = d->n_out,
        .a = dz,
        .a_row = d->n_out,
        .a_col = 1,
        .b = transposed,
        .b_row = d->n_in,
        .c = dx,
        .c_row = d->n_in};
    product_run(&p);
}

void dense_weight_gradient(const struct dense *d, const float *x, const float *dz, size_t n_rows,
    size_t first, size_t end, float *d_weight) {
    const struct product p = {.m = end - first,
        .n = d->n_out,
        .depth = n_rows,
        .a = x + first,
        .a_row = 1,
        .a_col = d->n_in,
        .b = dz,
        .b_row = d->n_out,
        .c = d_weight + first * d->n_out,
        .c_row = d->n_out};
    product_run(&p);
}

KERNEL_CLONES
void dense_bias_gradient(const struct dense *d, const float *dz, size_t n_rows, float *d_bias) {
    const size_t n = d->n_out;
    memset(d_bias, 0, n * sizeof *d_bias);
    for (size_t r = 0; r < n_rows; r++)
        for (size_t j = 0; j < n; j++) d_bias[j] += dz[r * n + j];
}

// ---- Whole batches -----------------------------------------------------------------------------

struct job {
    const struct dense *layer;
    const float *x;
    float *z, *y;
    const float *transposed;
    size_t n_rows;
    float *delta, *d_weight, *d_bias, *dx;
};

static rk_status forward_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct job *j = arg;
    const size_t n_out = j->layer->n_out;
    dense_forward_rows(j->layer, j->x + begin * j->layer->n_in, end - begin, j->z + begin * n_out,
        j->y + begin * n_out);
    return RK_OK;
}

rk_status dense_forward(
    const struct dense *d, const rk_host *host, const float *x, size_t n_rows, float *z, float *y) {
    struct job j = {.layer = d, .x = x, .z = z, .y = y};
    return host->parallel_for(host, n_rows, ROWS_A_PIECE, forward_piece, &j);
}

static rk_status back_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct job *j = arg;
    const size_t n_in = j->layer->n_in, n_out = j->layer->n_out;
    float *delta = j->delta + begin * n_out;
    dense_slope(j->layer->activation, j->z + begin * n_out, j->y + begin * n_out, delta,
        (end - begin) * n_out);
    if (j->dx) dense_back_rows(j->layer, j->transposed, delta, end - begin, j->dx + begin * n_in);
    return RK_OK;
}

static rk_status gradient_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct job *j = arg;
    if (begin == 0) dense_bias_gradient(j->layer, j->delta, j->n_rows, j->d_bias);
    dense_weight_gradient(j->layer, j->x, j->delta, j->n_rows, begin, end, j->d_weight);
    return RK_OK;
}

rk_status dense_backward(const struct dense *d, const rk_host *host, const float *x, const float *z,
    const float *y, size_t n_rows, float *delta, float *d_weight, float *d_bias, float *dx) {
    float *transposed = NULL;
    if (dx) {
        transposed = malloc((size_t)d->n_in * d->n_out * sizeof *transposed);
        if (!transposed) return RK_E_MEMORY;
        dense_transpose(d, transposed);
    }
    struct job j = {.layer = d,
        .x = x,
        .z = (float *)(uintptr_t)z,
        .y = (float *)(uintptr_t)y,
        .transposed = transposed,
        .n_rows = n_rows,
        .delta = delta,
        .d_weight = d_weight,
        .d_bias = d_bias,
        .dx = dx};
    rk_status status = host->parallel_for(host, n_rows, ROWS_A_PIECE, back_piece, &j);
    if (status == RK_OK)
        status = host->parallel_for(host, d->n_in, INPUTS_A_PIECE, gradient_piece, &j);
    free(transposed);
    return status;
}
