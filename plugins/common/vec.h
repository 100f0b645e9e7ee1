// vec.h - rows of floats, padded to whole vectors of 16 lanes, and dot products in one fixed order.
//
// A dot product adds lane by lane, then folds 16 lanes to 8, 4, 2, 1. No operation depends on the
// instruction set, so the bits are the same with SSE2, AVX2 and AVX-512.
#ifndef RECKON_PLUGINS_COMMON_VEC_H
#define RECKON_PLUGINS_COMMON_VEC_H

#include <stddef.h>

enum { VEC_LANES = 16 };

typedef float vec __attribute__((vector_size(VEC_LANES * sizeof(float))));

// For helpers of KERNEL_CLONES functions: inlined, so that they are compiled for the same CPU.
#define VEC_INLINE static inline __attribute__((always_inline))

// Vectors that hold n floats.
static inline size_t vec_count(size_t n) {
    return (n + VEC_LANES - 1) / VEC_LANES;
}

// a.b over n vectors.
VEC_INLINE float vec_dot(const vec *a, const vec *b, size_t n) {
    vec sum = {0};
    for (size_t f = 0; f < n; f++) sum += a[f] * b[f];
    float s[VEC_LANES];
    for (int l = 0; l < VEC_LANES; l++) s[l] = sum[l];
    for (int half = VEC_LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) s[l] += s[l + half];
    return s[0];
}

#endif
