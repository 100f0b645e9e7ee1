#include "common/linalg.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Plain C with 16-byte vectors, for any CPU.
typedef float vec4 __attribute__((vector_size(16), aligned(4), may_alias));
#define NAME(x) x##_plain
#define TARGET
#define V vec4
#define WIDTH 4
#define MAX_VECTORS 2
#define V_ZERO() ((vec4){0, 0, 0, 0})
#define V_LOAD(p) (*(const vec4 *)(p))
#define V_STORE(p, v) (*(vec4 *)(p) = (v))
#define V_SET(s) ((vec4){(s), (s), (s), (s)})
#define V_MUL(a, b) ((a) * (b))
#define V_FMA(a, b, c) ((a) * (b) + (c))
#define V_FNMA(a, b, c) ((c) - (a) * (b))
#define V_SUM(v) (((v)[0] + (v)[2]) + ((v)[1] + (v)[3]))
#include "common/linalg_kernel.h"
#include "common/linalg_undef.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define LINALG_X86 1
#define NAME(x) x##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define V __m256
#define WIDTH 8
#define MAX_VECTORS 2
#define V_ZERO() _mm256_setzero_ps()
#define V_LOAD(p) _mm256_loadu_ps(p)
#define V_STORE(p, v) _mm256_storeu_ps(p, v)
#define V_SET(s) _mm256_set1_ps(s)
#define V_MUL(a, b) _mm256_mul_ps(a, b)
#define V_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define V_FNMA(a, b, c) _mm256_fnmadd_ps(a, b, c)
#define V_SUM(v) sum_avx2(v)
TARGET static inline float sum_avx2(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
#include "common/linalg_kernel.h"
#include "common/linalg_undef.h"

#define NAME(x) x##_avx512
#define TARGET __attribute__((target("avx512f,avx2,fma")))
#define V __m512
#define WIDTH 16
#define MAX_VECTORS 4
#define V_ZERO() _mm512_setzero_ps()
#define V_LOAD(p) _mm512_loadu_ps(p)
#define V_STORE(p, v) _mm512_storeu_ps(p, v)
#define V_SET(s) _mm512_set1_ps(s)
#define V_MUL(a, b) _mm512_mul_ps(a, b)
#define V_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define V_FNMA(a, b, c) _mm512_fnmadd_ps(a, b, c)
#define V_SUM(v) _mm512_reduce_add_ps(v)
#include "common/linalg_kernel.h"
#include "common/linalg_undef.h"

// The widest instruction set that the CPU has.
#define DISPATCH(call) \
    (__builtin_cpu_supports("avx512f")                                    ? (call(avx512)) \
        : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? (call(avx2)) \
                                                                          : (call(plain)))
#else
#define DISPATCH(call) (call(plain))
#endif

void linalg_gram(float *c, const float *p, size_t depth, size_t n, size_t ld) {
#define CALL(isa) gram_##isa(c, p, depth, n, ld)
    DISPATCH(CALL);
#undef CALL
}

bool linalg_cholesky(float *a, size_t n, size_t n_cols, size_t ld) {
#define CALL(isa) cholesky_##isa(a, n, n_cols, ld)
    return DISPATCH(CALL);
#undef CALL
}

void linalg_normal(
    float *y, const float *p, size_t depth, size_t n, size_t ld, const float *v, float *s) {
#define CALL(isa) normal_##isa(y, p, depth, n, ld, v, s)
    DISPATCH(CALL);
#undef CALL
}

float linalg_dot(const float *x, const float *y, size_t n) {
#define CALL(isa) dot_##isa(x, y, n)
    return DISPATCH(CALL);
#undef CALL
}

void linalg_axpy(float *y, float a, const float *x, size_t n) {
#define CALL(isa) axpy_##isa(y, a, x, n)
    DISPATCH(CALL);
#undef CALL
}

void linalg_back(const float *a, size_t n, size_t ld, size_t col, float *x) {
#define CALL(isa) back_##isa(a, n, ld, col, x)
    DISPATCH(CALL);
#undef CALL
}

size_t linalg_pad(size_t n) {
    return (n + LINALG_ALIGN - 1) / LINALG_ALIGN * LINALG_ALIGN;
}

float *linalg_new(size_t n, size_t m) {
    if (m > 0 && n > (SIZE_MAX - 64) / sizeof(float) / m) return NULL;
    const size_t bytes = (n * m * sizeof(float) + 63) / 64 * 64;
    float *a = aligned_alloc(64, bytes ? bytes : 64);
    if (a) memset(a, 0, bytes);
    return a;
}

uint64_t linalg_bytes(uint64_t n, uint64_t m) {
    const uint64_t bytes = (n * m * sizeof(float) + 63) / 64 * 64;
    return bytes ? bytes : 64;
}

void linalg_free(float *a) {
    free(a);
}
