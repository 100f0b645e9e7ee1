// ae_kernel.h - sums of rows picked from a table, and dot products with them.
#ifndef AUTOENCODER_AE_KERNEL_H
#define AUTOENCODER_AE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "common/vec.h"

// sum += a[0] table[at[0]] + a[1] table[at[1]] + ..., n terms, in that order; a row: n_vecs
// vectors.
void ae_gather(
    vec *sum, const vec *table, size_t n_vecs, const uint32_t *at, const float *a, size_t n);

// out[k] = x . table[at[k]].
void ae_dots(
    float *out, const vec *x, const vec *table, size_t n_vecs, const uint32_t *at, size_t n);

#endif
