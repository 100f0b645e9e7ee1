// What is known of rows beside their ratings: features, and their weights given all else.
#include "bmf_gibbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bmf_random.h"
#include "common/kernel.h"
#include "common/linalg.h"

// ---- Which ones --------------------------------------------------------------------------------

// Columns first .. of f from the transpose of `rows`.
static void put_known(struct bmf_features *f, const rk_csr *rows) {
    for (uint64_t e = 0; e < rows->start[rows->n_rows]; e++) f->start[rows->col[e] + 2]++;
    for (uint32_t l = 0; l < rows->n_cols; l++) f->start[l + 2] += f->start[l + 1];
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        for (uint64_t e = rows->start[r]; e < rows->start[r + 1]; e++) {
            const uint64_t at = f->start[rows->col[e] + 1]++;
            f->row[at] = r;
            f->value[at] = rows->value[e];
        }
    }
}

// A column for each row of the other side: who has rated it, as 1 / sqrt(own ratings).
static void put_rated(
    struct bmf_features *f, uint32_t first, const rk_csr *of_other, const uint64_t *own) {
    for (uint32_t l = 0; l < of_other->n_rows; l++) {
        uint64_t at = f->start[first + l];
        for (uint64_t e = of_other->start[l]; e < of_other->start[l + 1]; e++, at++) {
            const uint32_t r = of_other->col[e];
            f->row[at] = r;
            f->value[at] = (float)(1 / sqrt((double)(own[r + 1] - own[r])));
        }
        f->start[first + l + 1] = at;
    }
}

bool bmf_features_init(struct bmf_features *f, const struct bmf_chain *c, enum bmf_side side) {
    const struct side *known = &c->known[side];
    const rk_csr *own = side == BMF_USER ? &c->ratings.by_user : &c->ratings.by_item;
    const rk_csr *other = side == BMF_USER ? &c->ratings.by_item : &c->ratings.by_user;
    const uint64_t n_known = c->knows.side[side] ? known->rows.start[known->rows.n_rows] : 0;
    const uint32_t first = c->knows.side[side] ? known->rows.n_cols : 0;
    const uint64_t n = n_known + (c->knows.rated[side] ? own->start[own->n_rows] : 0);
    *f = (struct bmf_features){.n = first + (c->knows.rated[side] ? other->n_rows : 0)};
    f->start = calloc((size_t)f->n + 2, sizeof *f->start);
    f->row = malloc((n ? n : 1) * sizeof *f->row);
    f->value = malloc((n ? n : 1) * sizeof *f->value);
    f->group = malloc((known->n_groups + 1) * sizeof *f->group);
    if (!f->start || !f->row || !f->value || !f->group) {
        bmf_features_done(f);
        return false;
    }
    if (c->knows.side[side]) {
        put_known(f, &known->rows);
        for (uint32_t g = 0; g < known->n_groups; g++)
            f->group[f->n_groups++] =
                (struct bmf_group){known->group[g].first, known->group[g].n, true};
    }
    if (c->knows.rated[side]) {
        put_rated(f, first, other, own->start);
        f->group[f->n_groups++] = (struct bmf_group){first, other->n_rows, false};
    }
    return true;
}

void bmf_features_done(struct bmf_features *f) {
    free(f->start);
    free(f->row);
    free(f->value);
    free(f->group);
    *f = (struct bmf_features){0};
}

void bmf_features_base(struct bmf_chain *c, enum bmf_side side) {
    struct bmf_block *b = &c->block[side];
    const struct bmf_features *f = &b->features;
    if (!b->base) return;
    memset(b->base, 0, b->n * c->ld * sizeof *b->base);
    for (uint32_t l = 0; l < f->n; l++)
        for (uint64_t e = f->start[l]; e < f->start[l + 1]; e++)
            linalg_axpy(b->base + f->row[e] * c->ld, f->value[e], b->weight + l * c->ld, c->ld);
}

// ---- Given the rows ----------------------------------------------------------------------------

// squares = sum x^2, sum[n] = sum x own, over the rows with ratings that have feature l.
KERNEL_CLONES static float sum_own(
    const struct bmf_block *b, uint32_t l, size_t ld, size_t n, float *sum) {
    const struct bmf_features *f = &b->features;
    float squares = 0;
    memset(sum, 0, ld * sizeof *sum);
    for (uint64_t e = f->start[l]; e < f->start[l + 1]; e++) {
        const uint32_t r = f->row[e];
        const float x = f->value[e], *own = b->own + r * ld;
        if (b->start[r] == b->start[r + 1]) continue;
        squares += x * x;
        for (size_t j = 0; j < n; j++) sum[j] += x * own[j];
    }
    return squares;
}

// own += own_by x step, base += x step, for the rows that have feature l.
KERNEL_CLONES static void move_rows(
    const struct bmf_block *b, uint32_t l, size_t ld, size_t n, float own_by, const float *step) {
    const struct bmf_features *f = &b->features;
    for (uint64_t e = f->start[l]; e < f->start[l + 1]; e++) {
        float *own = b->own + f->row[e] * ld, *base = b->base + f->row[e] * ld;
        const float x = f->value[e], y = own_by * x;
        for (size_t j = 0; j < n; j++) base[j] += x * step[j];
        for (size_t j = 0; j < n; j++) own[j] += y * step[j];
    }
}

void bmf_features_centred(struct bmf_chain *c, enum bmf_side side) {
    struct bmf_block *b = &c->block[side];
    const size_t n = bmf_unknowns(c), ld = c->ld;
    float *sum = c->scratch, *z = sum + ld, *step = z + ld;
    for (uint32_t g = 0; g < b->features.n_groups; g++) {
        const struct bmf_group *group = &b->features.group[g];
        const float *mu = b->mean + (1 + g) * ld, *lambda = b->precision + (1 + g) * ld;
        for (uint32_t l = group->first; l < group->first + group->n; l++) {
            float *w = b->weight + l * ld;
            const float squares = sum_own(b, l, ld, n, sum);
            const struct bmf_features *f = &b->features;
            float ones = 0;
            for (uint64_t e = f->start[l]; e < f->start[l + 1]; e++)
                if (b->start[f->row[e]] < b->start[f->row[e] + 1]) ones += f->value[e];
            c->host->normal(c->host, bmf_stream(BMF_STREAM_CENTRED + side, c->sweep, l), z, n);
            for (size_t j = 0; j < n; j++) {
                const float own = b->precision[j], all = own * squares + lambda[j];
                const float of_rows = sum[j] + squares * w[j] - ones * b->mean[j];
                const float mean = (own * of_rows + lambda[j] * mu[j]) / all;
                const float now = mean + z[j] / sqrtf(all);
                step[j] = now - w[j];
                w[j] = now;
            }
            move_rows(b, l, ld, n, -1, step);
        }
    }
}

// ---- Given the rows' own parts -----------------------------------------------------------------

// a += sum x^2 G, a's column n += sum x slope, over the rows that have feature l.
KERNEL_CLONES static void add_rows(
    const struct bmf_block *b, uint32_t l, size_t ld, size_t n, float *a, float *right) {
    const struct bmf_features *f = &b->features;
    for (uint64_t e = f->start[l]; e < f->start[l + 1]; e++) {
        const uint32_t r = f->row[e];
        if (b->start[r] == b->start[r + 1]) continue;
        const float x = f->value[e], xx = x * x, *g = b->gram + r * n * ld;
        for (size_t j = 0; j < n * ld; j++) a[j] += xx * g[j];
        for (size_t j = 0; j < n; j++) right[j] += x * b->slope[r * ld + j];
    }
}

// What moving the rows by x step does to their slopes.
KERNEL_CLONES static void move_slopes(
    const struct bmf_block *b, uint32_t l, size_t ld, size_t n, const float *step) {
    const struct bmf_features *f = &b->features;
    for (uint64_t e = f->start[l]; e < f->start[l + 1]; e++) {
        const uint32_t r = f->row[e];
        if (b->start[r] == b->start[r + 1]) continue;
        const float *g = b->gram + r * n * ld;
        float *slope = b->slope + r * ld;
        for (size_t i = 0; i < n; i++) {
            const float by = f->value[e] * step[i];
            for (size_t j = 0; j < n; j++) slope[j] -= by * g[i * ld + j];
        }
    }
}

static bool draw_free(struct bmf_chain *c, enum bmf_side side, uint32_t g, uint32_t l) {
    struct bmf_block *b = &c->block[side];
    const size_t n = bmf_unknowns(c), ld = c->ld;
    const float *mu = b->mean + (1 + g) * ld, *lambda = b->precision + (1 + g) * ld;
    float *a = c->scratch, *right = a + (n + 4) * ld, *z = right + ld, *x = z + ld;
    float *w = b->weight + l * ld;
    memset(a, 0, (n + 4) * ld * sizeof *a);
    memset(right, 0, ld * sizeof *right);
    add_rows(b, l, ld, n, a, right);
    for (size_t i = 0; i < n; i++) {
        float *row = a + i * ld;
        right[i] += linalg_dot(row, w, n);
    }
    for (size_t i = 0; i < n; i++) {
        float *row = a + i * ld;
        for (size_t j = i; j < n; j++) row[j] *= c->precision;
        row[i] += lambda[i];
        row[n] = c->precision * right[i] + lambda[i] * mu[i];
    }
    c->host->normal(c->host, bmf_stream(BMF_STREAM_FREE + side, c->sweep, l), z, n);
    if (!bmf_draw_vector(a, n, ld, z, x)) return false;
    for (size_t j = 0; j < n; j++) {
        const float now = x[j];
        x[j] -= w[j];
        w[j] = now;
    }
    move_rows(b, l, ld, n, 0, x);
    move_slopes(b, l, ld, n, x);
    return true;
}

rk_status bmf_features_free(struct bmf_chain *c, enum bmf_side side) {
    const struct bmf_features *f = &c->block[side].features;
    for (uint32_t g = 0; g < f->n_groups; g++) {
        if (!f->group[g].free) continue;
        for (uint32_t l = f->group[g].first; l < f->group[g].first + f->group[g].n; l++)
            if (!draw_free(c, side, g, l)) return RK_E_NUMERIC;
    }
    return RK_OK;
}

// ---- Rows without ratings ----------------------------------------------------------------------

// A row that has ratings: the first from a random one on.
static size_t some_row(const struct bmf_chain *c, const struct bmf_block *b, uint64_t stream) {
    float x;
    c->host->uniform(c->host, stream, &x, 1);
    size_t r = (size_t)((double)x * b->n);
    while (b->start[r] == b->start[r + 1]) r = r + 1 < b->n ? r + 1 : 0;
    return r;
}

struct guess {
    const struct bmf_chain *c;
    enum bmf_side side;
};

static rk_status guess_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct guess *g = arg;
    const struct bmf_chain *c = g->c;
    const struct bmf_block *b = &c->block[g->side];
    const uint32_t first = b->features.group[b->features.n_groups - 1].first;
    for (size_t row = begin; row < end; row++) {
        if (b->start[row] < b->start[row + 1]) continue;
        const uint64_t stream =
            bmf_stream(BMF_STREAM_GUESS + (uint32_t)g->side, c->sweep, (uint32_t)row);
        const size_t r = some_row(c, b, stream);
        const uint64_t n = b->start[r + 1] - b->start[r];
        const float each = (float)(1 / sqrt((double)n));
        for (uint64_t e = b->start[r]; e < b->start[r + 1]; e++) {
            const float *w = b->weight + (first + b->col[e]) * c->ld;
            linalg_axpy(b->factor + row * c->stride, each, w, c->rank);
            b->bias[row] += each * w[c->rank];
        }
    }
    return RK_OK;
}

rk_status bmf_features_guess(struct bmf_chain *c, enum bmf_side side) {
    struct guess g = {c, side};
    if (!c->knows.rated[side]) return RK_OK;
    return c->host->parallel_for(c->host, c->block[side].n, 64, guess_rows, &g);
}
