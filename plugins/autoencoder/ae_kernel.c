#include "ae_kernel.h"

#include "common/kernel.h"

// By strips of four vectors, so that the sums stay in registers.
KERNEL_CLONES
void ae_gather(
    vec *sum, const vec *table, size_t n_vecs, const uint32_t *at, const float *a, size_t n) {
    size_t f = 0;
    for (; f + 4 <= n_vecs; f += 4) {
        vec s0 = sum[f], s1 = sum[f + 1], s2 = sum[f + 2], s3 = sum[f + 3];
        for (size_t k = 0; k < n; k++) {
            const vec *row = table + at[k] * n_vecs + f;
            s0 += a[k] * row[0];
            s1 += a[k] * row[1];
            s2 += a[k] * row[2];
            s3 += a[k] * row[3];
        }
        sum[f] = s0;
        sum[f + 1] = s1;
        sum[f + 2] = s2;
        sum[f + 3] = s3;
    }
    for (; f < n_vecs; f++) {
        vec s = sum[f];
        for (size_t k = 0; k < n; k++) s += a[k] * table[at[k] * n_vecs + f];
        sum[f] = s;
    }
}

KERNEL_CLONES
void ae_dots(
    float *out, const vec *x, const vec *table, size_t n_vecs, const uint32_t *at, size_t n) {
    for (size_t k = 0; k < n; k++) out[k] = vec_dot(x, table + at[k] * n_vecs, n_vecs);
}
