#include <math.h>
#include <stdlib.h>

#include "bmf_kept.h"
#include "common/kernel.h"
#include "common/vec.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

enum { LANES = BMF_KEPT_BLOCK, HALF = 2 * BMF_KEPT_BLOCK };

_Static_assert((int)LANES == (int)VEC_LANES, "a block of draws is a vec");

// ---- Dot products ------------------------------------------------------------------------------

// dot[d] = a.b in draw d, exact, for whole blocks of draws.
typedef void dots_of(
    const int16_t *a, const int16_t *b, size_t n_blocks, size_t n_halves, int32_t *dot);

static void dots_any(
    const int16_t *a, const int16_t *b, size_t n_blocks, size_t n_halves, int32_t *dot) {
    for (size_t block = 0; block < n_blocks; block++, dot += LANES) {
        int32_t sum[LANES] = {0};
        for (size_t h = 0; h < n_halves; h++, a += HALF, b += HALF)
            for (int l = 0; l < LANES; l++)
                sum[l] += (int32_t)a[2 * l] * b[2 * l] + (int32_t)a[2 * l + 1] * b[2 * l + 1];
        for (int l = 0; l < LANES; l++) dot[l] = sum[l];
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static void dots_avx2(
    const int16_t *a, const int16_t *b, size_t n_blocks, size_t n_halves, int32_t *dot) {
    for (size_t block = 0; block < n_blocks; block++, dot += LANES) {
        __m256i low = _mm256_setzero_si256(), high = low;
        for (size_t h = 0; h < n_halves; h++, a += HALF, b += HALF) {
            const __m256i *x = (const void *)a, *y = (const void *)b;
            low = _mm256_add_epi32(
                low, _mm256_madd_epi16(_mm256_load_si256(x), _mm256_load_si256(y)));
            high = _mm256_add_epi32(
                high, _mm256_madd_epi16(_mm256_load_si256(x + 1), _mm256_load_si256(y + 1)));
        }
        _mm256_storeu_si256((void *)dot, low);
        _mm256_storeu_si256((void *)(dot + LANES / 2), high);
    }
}

static dots_of *dots_best(void) {
    return __builtin_cpu_supports("avx2") ? dots_avx2 : dots_any;
}
#else
static dots_of *dots_best(void) {
    return dots_any;
}
#endif

// ---- A pair ------------------------------------------------------------------------------------

// What pairs of one user and day share, and room for one pair. Arrays: [n_blocks] vecs.
struct work {
    const struct bmf_kept *k;
    dots_of *dots;
    uint32_t user, day;    // of which this is; both UINT32_MAX: of none
    const int16_t *factor; // the user's and day's factors in all draws
    int16_t *sum;          // room for them where there is a day; NULL without days
    float middle;          // mean over draws of what follows
    vec *base;             // level, biases of user and day, and p.t, of each draw
    vec *scale;            // of a dot product with an item's factors
    vec *one;              // 1 for a draw, 0 beyond
    vec *f, *more;         // of the pair
    int32_t *dot;
};

// Sum over lanes in the order of vec_dot().
VEC_INLINE float vec_fold(const vec *of) {
    float s[VEC_LANES];
    for (int l = 0; l < VEC_LANES; l++) s[l] = (*of)[l];
    for (int half = VEC_LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) s[l] += s[l + half];
    return s[0];
}

// v += a x, for 16 integers x.
#define ADD_SCALED(v, a, x) \
    do { \
        vec wide; \
        for (int l_ = 0; l_ < LANES; l_++) wide[l_] = (float)(x)[l_]; \
        (v) += (a)*wide; \
    } while (0)

static const int16_t *row_of(const struct bmf_kept *k, int side, size_t row) {
    return k->side[side].factor + row * k->n_blocks * k->n_halves * HALF;
}

// base += the row's bias in each draw.
VEC_INLINE void add_bias(const struct bmf_kept *k, int side, size_t row, vec *base) {
    const int16_t *bias = k->side[side].bias + row * k->n_blocks * LANES;
    const vec *scale = (const vec *)k->side[side].scale;
    for (size_t b = 0; b < k->n_blocks; b++) ADD_SCALED(base[b], scale[b], bias + b * LANES);
}

KERNEL_CLONES
static void turn_to(struct work *w, uint32_t user, uint32_t day) {
    const struct bmf_kept *k = w->k;
    const vec *level = (const vec *)k->level, *scale = (const vec *)k->scale[1];
    w->user = user;
    w->day = day;
    w->factor = row_of(k, BMF_USER, user);
    w->middle = k->side[BMF_USER].middle[user];
    vec sum = {0};
    for (size_t b = 0; b < k->n_blocks; b++) w->base[b] = level[b];
    for (size_t b = 0; b < k->n_blocks; b++) sum += level[b];
    add_bias(k, BMF_USER, user, w->base);
    if (day < k->shape.n_days) {
        const size_t n = (size_t)k->n_blocks * k->n_halves * HALF;
        const int16_t *p = w->factor, *t = row_of(k, BMF_DAY, day);
        w->dots(p, t, k->n_blocks, k->n_halves, w->dot);
        for (size_t b = 0; b < k->n_blocks; b++) {
            vec x = {0};
            ADD_SCALED(x, scale[b] * scale[b], w->dot + b * LANES);
            w->base[b] += x;
            sum += x;
        }
        for (size_t j = 0; j < n; j++) w->sum[j] = (int16_t)(p[j] + t[j]);
        w->factor = w->sum;
        w->middle += k->side[BMF_DAY].middle[day];
        add_bias(k, BMF_DAY, day, w->base);
    }
    w->middle += vec_fold(&sum) / (float)k->n;
}

// 1/n sum over draws of (x - mean)^2.
VEC_INLINE float variance_of(const struct work *w, const vec *x, float mean) {
    vec sum = {0};
    for (size_t b = 0; b < w->k->n_blocks; b++) {
        const vec apart = w->one[b] * (x[b] - mean);
        sum += apart * apart;
    }
    return vec_fold(&sum) / (float)w->k->n;
}

VEC_INLINE float mean_of(const struct work *w, const vec *x) {
    vec sum = {0};
    for (size_t b = 0; b < w->k->n_blocks; b++) sum += x[b];
    return vec_fold(&sum) / (float)w->k->n;
}

// f of the pair in each draw.
VEC_INLINE void set_f(struct work *w, uint32_t item) {
    for (size_t b = 0; b < w->k->n_blocks; b++) {
        w->f[b] = w->base[b];
        ADD_SCALED(w->f[b], w->scale[b], w->dot + b * LANES);
    }
    add_bias(w->k, BMF_ITEM, item, w->f);
}

KERNEL_CLONES
static void answer_gaussian(struct work *w, uint32_t item, float noise, float *mean, float *sd) {
    const struct bmf_kept *k = w->k;
    vec sum = {0};
    for (size_t b = 0; b < k->n_blocks; b++) ADD_SCALED(sum, w->scale[b], w->dot + b * LANES);
    *mean = w->middle + k->side[BMF_ITEM].middle[item] + vec_fold(&sum) / (float)k->n;
    if (!sd) return;
    set_f(w, item);
    *sd = sqrtf(variance_of(w, w->f, *mean) + noise);
}

// x[d] = the table of draw d at f[d], between its cells; 0 beyond the draws, where tables are 0.
VEC_INLINE void look_up(const struct bmf_kept *k, const float *table, const float *f, float *x) {
    const float last = (float)(k->n_cells - 1) - 1e-3f * (float)k->n_cells / 1024;
    for (size_t d = 0; d < (size_t)k->n_blocks * LANES; d++) {
        float at = (f[d] - k->low[d]) * BMF_KEPT_CELLS;
        at = at < 0 ? 0 : at > last ? last : at;
        const int32_t cell = (int32_t)at;
        const float *y = table + d * k->n_cells + cell;
        x[d] = y[0] + (at - (float)cell) * (y[1] - y[0]);
    }
}

KERNEL_CLONES
static void answer_probit(struct work *w, uint32_t item, float *mean, float *sd) {
    const struct bmf_kept *k = w->k;
    set_f(w, item);
    look_up(k, k->answer, (const float *)w->f, (float *)w->more);
    *mean = mean_of(w, w->more);
    if (!sd) return;
    const float between = variance_of(w, w->more, *mean);
    look_up(k, k->variance, (const float *)w->f, (float *)w->more);
    *sd = sqrtf(between + mean_of(w, w->more));
}

// ---- All ---------------------------------------------------------------------------------------

static bool work_init(struct work *w, const struct bmf_kept *k) {
    const size_t n = k->n_blocks, n_sum = k->shape.n_days ? n * k->n_halves * HALF : 0;
    vec *room = aligned_alloc(sizeof(vec), 6 * n * sizeof(vec) + n_sum * sizeof(int16_t));
    _Static_assert(HALF * sizeof(int16_t) == sizeof(vec), "the room is of whole vecs");
    *w = (struct work){.k = k, .dots = dots_best(), .user = UINT32_MAX, .day = UINT32_MAX};
    if (!room) return false;
    w->base = room;
    w->scale = room + n;
    w->one = room + 2 * n;
    w->f = room + 3 * n;
    w->more = room + 4 * n;
    w->dot = (int32_t *)(room + 5 * n);
    w->sum = (int16_t *)(room + 6 * n);
    for (size_t d = 0; d < n * LANES; d++) {
        ((float *)w->scale)[d] = k->scale[0][d] * k->scale[1][d];
        ((float *)w->one)[d] = d < k->n;
    }
    return true;
}

rk_status bmf_kept_predict(
    const struct bmf_kept *k, const rk_pairs *pairs, const uint32_t *day, float *mean, float *sd) {
    struct work w;
    if (!work_init(&w, k)) return RK_E_MEMORY;
    float noise = 0;
    for (size_t d = 0; d < k->n; d++) noise += k->noise[d] / (float)k->n;
    for (size_t j = 0; j < pairs->n; j++) {
        const uint32_t u = pairs->users[j], i = pairs->items[j],
                       d = day && day[j] < k->shape.n_days ? day[j] : BMF_NO_DAY;
        if (u != w.user || d != w.day) turn_to(&w, u, d);
        w.dots(w.factor, row_of(k, BMF_ITEM, i), k->n_blocks, k->n_halves, w.dot);
        if (k->n_levels)
            answer_probit(&w, i, mean + j, sd ? sd + j : NULL);
        else
            answer_gaussian(&w, i, noise * k->side[BMF_USER].noise[u] * k->side[BMF_ITEM].noise[i],
                mean + j, sd ? sd + j : NULL);
    }
    free(w.base);
    return RK_OK;
}
