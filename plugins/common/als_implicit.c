#include "common/als_implicit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/linalg.h"

enum { PIECES = 16, PANEL = 64, GRAIN = 64, AHEAD = 8 };
// A root costs as much as this number of rows solved without it.
enum { ROOT_PAYS = 8 };

// As in als_solve.c: single precision needs a ridge of about this share of the largest element.
static const float LEAST_SHARE = 1e-5f;

// Columns of a matrix and of the unit matrix beside it.
static size_t wide_of(const struct als_factors *f) {
    return linalg_pad(2 * f->k);
}

// Ratings in a row that is solved in as many unknowns; with more, k unknowns cost less.
static size_t most_few(const struct als_factors *f) {
    return f->k / 2 < ALS_FEW ? f->k / 2 : ALS_FEW;
}

bool als_implicit_init(struct als_implicit *im, const rk_host *host, const struct als_factors *f) {
    bool ok = true;
    for (int side = 0; side < 2; side++) {
        im->of[side] = linalg_new(f->n[side], f->ld);
        im->gram[side] = linalg_new(f->ld, f->ld);
        ok = ok && im->of[side] && im->gram[side];
    }
    im->n_roots = most_few(f) + 1;
    im->root = linalg_new(im->n_roots * f->k, f->ld);
    im->matrix = linalg_new(host->n_threads * wide_of(f), wide_of(f));
    im->inverse = linalg_new(f->k, f->ld);
    im->partial = linalg_new(PIECES * f->ld, f->ld);
    im->thread = linalg_new(host->n_threads, f->ld);
    return ok && im->root && im->matrix && im->inverse && im->partial && im->thread;
}

uint64_t als_implicit_bytes(const struct als_factors *f, uint32_t n_threads) {
    return als_factors_bytes(f) + 2 * linalg_bytes(f->ld, f->ld) +
           linalg_bytes((most_few(f) + 1) * f->k, f->ld) +
           linalg_bytes(n_threads * wide_of(f), wide_of(f)) + linalg_bytes(f->k, f->ld) +
           linalg_bytes(PIECES * f->ld, f->ld) + linalg_bytes(n_threads, f->ld);
}

void als_implicit_done(struct als_implicit *im) {
    for (int side = 0; side < 2; side++) {
        linalg_free(im->of[side]);
        linalg_free(im->gram[side]);
    }
    linalg_free(im->root);
    linalg_free(im->matrix);
    linalg_free(im->inverse);
    linalg_free(im->partial);
    linalg_free(im->thread);
    *im = (struct als_implicit){0};
}

void als_implicit_start(struct als_implicit *im, const struct als_factors *f) {
    for (int side = 0; side < 2; side++) {
        memset(im->of[side], 0, f->n[side] * f->ld * sizeof(float));
        memset(im->gram[side], 0, f->ld * f->ld * sizeof(float));
    }
}

// ---- X'X ---------------------------------------------------------------------------------------

struct gram_job {
    const float *x; // [n x ld]
    float *partial; // [pieces x ld x ld]
    size_t k, ld, grain;
};

static rk_status gram_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct gram_job *j = arg;
    float *sum = j->partial + begin / j->grain * j->ld * j->ld;
    memset(sum, 0, j->ld * j->ld * sizeof *sum);
    for (size_t at = begin; at < end; at += PANEL) {
        const size_t depth = end - at < PANEL ? end - at : PANEL;
        linalg_gram(sum, j->x + at * j->ld, depth, j->k, j->ld);
    }
    return RK_OK;
}

// Both triangles of X'X for x: [n x ld], by at most PIECES pieces of its rows.
static rk_status gram_of(const struct als_implicit *im, const struct als_factors *f,
    const rk_host *host, const float *x, size_t n, float *gram) {
    const size_t k = f->k, ld = f->ld, share = (n + PIECES - 1) / PIECES;
    struct gram_job j = {
        .x = x, .partial = im->partial, .k = k, .ld = ld, .grain = share > PANEL ? share : PANEL};
    const rk_status status = host->parallel_for(host, n, j.grain, gram_piece, &j);
    if (status != RK_OK) return status;
    memset(gram, 0, ld * ld * sizeof *gram);
    for (size_t p = 0; p * j.grain < n; p++) {
        linalg_axpy(gram, 1, im->partial + p * ld * ld, ld * ld);
    }
    for (size_t i = 0; i < ld; i++) {
        for (size_t c = 0; c < i; c++) gram[i * ld + c] = gram[c * ld + i];
        for (size_t c = k; c < ld; c++) gram[i * ld + c] = gram[c * ld + i] = 0;
    }
    return RK_OK;
}

void als_implicit_sum(const rk_csr *rows, size_t row, const float *of, size_t ld, float *sum) {
    const uint64_t first = rows->start[row], last = rows->start[row + 1];
    memset(sum, 0, ld * sizeof *sum);
    for (uint64_t e = first; e < last; e++) {
#ifdef __GNUC__
        if (e + AHEAD < last) {
            const float *next = of + rows->col[e + AHEAD] * ld;
            for (size_t f = 0; f < ld; f += LINALG_ALIGN) __builtin_prefetch(next + f);
        }
#endif
        linalg_axpy(sum, 1, of + rows->col[e] * ld, ld);
    }
}

// ---- x and y -----------------------------------------------------------------------------------

// a = U'U and beside it U'^-1, for a = by gram + ridge I; a: [wide x wide]. The ridge is raised to
// what single precision needs. False: singular.
static bool factorize(
    float *a, const float *gram, const struct als_factors *f, float by, double ridge) {
    const size_t k = f->k, wide = wide_of(f);
    memset(a, 0, wide * wide * sizeof *a);
    float largest = 0;
    for (size_t i = 0; i < k; i++) {
        const float *row = gram + i * f->ld;
        for (size_t j = i; j < k; j++) a[i * wide + j] = by * row[j];
        a[i * wide + k + i] = 1;
        largest = fmaxf(largest, by * row[i]);
    }
    const float least = fmaxf((float)ridge, LEAST_SHARE * largest);
    for (size_t i = 0; i < k; i++) a[i * wide + i] += least;
    return linalg_cholesky(a, k, 2 * k, wide);
}

static rk_status singular(const rk_host *host) {
    return host->fail(host, RK_E_NUMERIC, "the equations of implicit features are singular");
}

// im->inverse = (gram + a I)^-1.
static rk_status invert(const struct als_implicit *im, const struct als_factors *f,
    const rk_host *host, const float *gram) {
    const size_t k = f->k, ld = f->ld, wide = wide_of(f);
    float *a = im->matrix;
    if (!factorize(a, gram, f, 1, im->ridge)) return singular(host);
    float *column = a + (wide - 1) * wide; // a row that the factor does not reach
    for (size_t i = 0; i < k; i++) {
        linalg_back(a, k, wide, k + i, column);
        memcpy(im->inverse + i * ld, column, k * sizeof *column);
    }
    return RK_OK;
}

struct sum_job {
    const struct als_implicit *im;
    const rk_csr *rows;
    const float *other; // [columns x ld]: p or q
    float *own;         // [rows x ld]: y or x
    size_t k, ld;
};

static rk_status update_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct sum_job *j = arg;
    float *sum = j->im->thread + worker * j->ld;
    for (size_t n = begin; n < end; n++) {
        als_implicit_sum(j->rows, n, j->other, j->ld, sum);
        float *x = j->own + n * j->ld;
        for (size_t f = 0; f < j->k; f++) {
            x[f] = linalg_dot(j->im->inverse + f * j->ld, sum, j->k);
        }
    }
    return RK_OK;
}

rk_status als_implicit_update(struct als_implicit *im, const struct als_factors *f,
    enum als_side solved, const rk_host *host, const struct ratings *r) {
    const enum als_side side = solved == ALS_USER ? ALS_ITEM : ALS_USER;
    float *gram = im->gram[side];
    rk_status status = gram_of(im, f, host, f->of[solved], f->n[solved], gram);
    if (status == RK_OK) status = invert(im, f, host, gram);
    if (status != RK_OK) return status;
    struct sum_job j = {.im = im,
        .rows = side == ALS_USER ? &r->by_user : &r->by_item,
        .other = f->of[solved],
        .own = im->of[side],
        .k = f->k,
        .ld = f->ld};
    status = host->parallel_for(host, f->n[side], GRAIN, update_rows, &j);
    if (status != RK_OK) return status;
    return gram_of(im, f, host, im->of[side], f->n[side], gram);
}

// ---- Roots -------------------------------------------------------------------------------------

struct root_job {
    struct als_implicit *im;
    const struct als_factors *f;
    const float *gram;
    double lambda, count_power;
    const uint64_t *count; // [n_roots]
};

static rk_status root_of(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct root_job *j = arg;
    const size_t k = j->f->k, ld = j->f->ld, wide = wide_of(j->f);
    float *a = j->im->matrix + worker * wide * wide;
    for (size_t n = begin; n < end; n++) {
        j->im->has_root[n] = n > 0 && j->count[n] >= ROOT_PAYS;
        if (!j->im->has_root[n]) continue;
        const double ridge = j->lambda * pow((double)n, j->count_power);
        if (!factorize(a, j->gram, j->f, (float)j->im->weight, ridge)) return RK_E_NUMERIC;
        float *root = j->im->root + n * k * ld;
        for (size_t r = 0; r < k; r++) {
            for (size_t c = 0; c < k; c++) root[c * ld + r] = a[r * wide + k + c];
        }
    }
    return RK_OK;
}

rk_status als_implicit_roots(struct als_implicit *im, const struct als_factors *f,
    enum als_side side, const rk_host *host, const rk_csr *rows, double lambda,
    double count_power) {
    uint64_t count[ALS_FEW + 1] = {0};
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const uint64_t n = rows->start[r + 1] - rows->start[r];
        if (n < im->n_roots) count[n]++;
    }
    struct root_job j = {.im = im,
        .f = f,
        .gram = im->gram[!side],
        .lambda = lambda,
        .count_power = count_power,
        .count = count};
    const rk_status status = host->parallel_for(host, im->n_roots, 1, root_of, &j);
    return status == RK_E_NUMERIC ? singular(host) : status;
}
