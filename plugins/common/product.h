// product.h - products of small matrices in single precision, one call for one thread.
//
// Each element of the product is one sum over 0 .. depth - 1 in that order, wherever it stands and
// however large the matrices are: a row's bits do not depend on the rows beside it.
#ifndef RECKON_PLUGINS_COMMON_PRODUCT_H
#define RECKON_PLUGINS_COMMON_PRODUCT_H

#include <stddef.h>

// C[i][j] = start[j] + sum_k A[i][k] B[k][j], where
//     A[i][k] = a[i a_row + k a_col], B[k][j] = b[k b_row + j], C[i][j] = c[i c_row + j].
struct product {
    size_t m, n, depth; // A: m x depth, B: depth x n, C: m x n
    const float *a;
    size_t a_row, a_col;
    const float *b;
    size_t b_row;
    float *c;
    size_t c_row;
    const float *start; // [n], or NULL: 0
};

void product_run(const struct product *p);

#endif
