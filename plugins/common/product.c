#include "common/product.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DEPTH = 256 }; // rows of B at a time, so that they stay in the cache; sums go on from C

// Plain C with 16-byte vectors, for any CPU.
typedef float vec4 __attribute__((vector_size(16), aligned(4), may_alias));
#define NAME(x) x##_plain
#define TARGET
#define V vec4
#define WIDTH 4
#define VECTORS 2
#define V_ZERO() ((vec4){0, 0, 0, 0})
#define V_LOAD(p) (*(const vec4 *)(p))
#define V_STORE(p, v) (*(vec4 *)(p) = (v))
#define V_LOAD_PART(p, n) load_part_plain(p, n)
#define V_STORE_PART(p, v, n) memcpy(p, &(v), (n) * sizeof(float))
#define V_SET(s) ((vec4){(s), (s), (s), (s)})
#define V_FMA(a, b, c) ((a) * (b) + (c))
static inline vec4 load_part_plain(const float *p, size_t n) {
    vec4 v = {0};
    memcpy(&v, p, n * sizeof(float));
    return v;
}
#include "common/product_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NAME(x) x##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define V __m256
#define WIDTH 8
#define VECTORS 2
#define V_ZERO() _mm256_setzero_ps()
#define V_LOAD(p) _mm256_loadu_ps(p)
#define V_STORE(p, v) _mm256_storeu_ps(p, v)
#define V_LOAD_PART(p, n) _mm256_maskload_ps(p, mask_avx2(n))
#define V_STORE_PART(p, v, n) _mm256_maskstore_ps(p, mask_avx2(n), v)
#define V_SET(s) _mm256_set1_ps(s)
#define V_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
TARGET static inline __m256i mask_avx2(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#include "common/product_kernel.h"

#define NAME(x) x##_avx512
#define TARGET __attribute__((target("avx512f,avx2,fma")))
#define V __m512
#define WIDTH 16
#define VECTORS 4
#define V_ZERO() _mm512_setzero_ps()
#define V_LOAD(p) _mm512_loadu_ps(p)
#define V_STORE(p, v) _mm512_storeu_ps(p, v)
#define V_LOAD_PART(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define V_STORE_PART(p, v, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), v)
#define V_SET(s) _mm512_set1_ps(s)
#define V_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "common/product_kernel.h"
#endif

// By the widest instruction set that the CPU has.
void product_run(const struct product *p) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        product_avx512(p);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        product_avx2(p);
    else
#endif
        product_plain(p);
}
