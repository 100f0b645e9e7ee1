// linalg.h - small dense linear algebra in single precision, one call for one thread.
//
// Matrices are square buffers of ld x ld floats by rows, where ld is a multiple of LINALG_ALIGN and
// at least the order n; only the upper triangle means anything, and what lies below it or beyond
// column n must be initialised but is overwritten at will. Buffers come from linalg_new().
// The order of every sum depends on the shape and the CPU's instruction set alone.
#ifndef RECKON_PLUGINS_COMMON_LINALG_H
#define RECKON_PLUGINS_COMMON_LINALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINALG_ALIGN 16 // floats

// The least multiple of LINALG_ALIGN that holds n.
size_t linalg_pad(size_t n);

// n x m floats, zeroed and aligned to a cache line; NULL if there is no memory, or n x m is more
// than a size_t can count. linalg_free(NULL) does nothing.
float *linalg_new(size_t n, size_t m);
void linalg_free(float *a);
uint64_t linalg_bytes(uint64_t n, uint64_t m); // that linalg_new() takes

// C += P' P, upper triangle, for a panel P of `depth` rows and n columns, stride ld.
void linalg_gram(float *c, const float *p, size_t depth, size_t n, size_t ld);

// A = U' U in place for the leading n x n part, upper triangle. Columns n .. n_cols - 1, right-hand
// sides b, become U'^-1 b on the way. False: not positive definite (or NaN).
bool linalg_cholesky(float *a, size_t n, size_t n_cols, size_t ld);

// x = U^-1 y, after linalg_cholesky(), where y is column `col` of a. x: [ld], 0 beyond n.
void linalg_back(const float *a, size_t n, size_t ld, size_t col, float *x);

// y += P' P v for the same kind of panel; s: scratch of `depth` floats.
void linalg_normal(
    float *y, const float *p, size_t depth, size_t n, size_t ld, const float *v, float *s);

float linalg_dot(const float *x, const float *y, size_t n);
void linalg_axpy(float *y, float a, const float *x, size_t n); // y += a x

#endif
