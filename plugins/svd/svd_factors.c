#include "svd_factors.h"

#include "common/kernel.h"
#include "common/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_A_PIECE = 256, STREAM_USER = 3, STREAM_ITEM, STREAM_IMPLICIT, STREAM_FEATURE };

static vec *rows_new(const struct svd_factors *f, uint32_t n) {
    return (vec *)linalg_new(n, f->n_vecs * VEC_LANES);
}

bool svd_factors_init(struct svd_factors *f, const struct svd_ratings *r, size_t rank,
    const struct svd_terms *terms) {
    const uint32_t n_users = r->n_users, n_items = r->n_items;
    *f = (struct svd_factors){.n_users = n_users,
        .n_items = n_items,
        .n_vecs = vec_count(rank),
        .features = terms->features};
    f->user_row = calloc(n_users, sizeof *f->user_row);
    f->item_row = calloc(n_items, sizeof *f->item_row);
    f->item_bias = calloc(n_items, sizeof *f->item_bias);
    f->user_sum = f->user = rows_new(f, n_users);
    f->item_sum = f->item = rows_new(f, n_items);
    bool ok = f->user_row && f->item_row && f->item_bias && f->user && f->item;
    if (terms->implicit) {
        f->implicit = rows_new(f, n_items);
        f->user_sum = rows_new(f, n_users);
        ok = ok && f->implicit && f->user_sum;
    }
    if (terms->features) {
        f->n_features = terms->features->n_cols;
        f->feature = rows_new(f, f->n_features);
        f->feature_bias = calloc(f->n_features, sizeof *f->feature_bias);
        f->item_sum = rows_new(f, n_items);
        ok = ok && f->feature && f->feature_bias && f->item_sum;
    }
    if (terms->time) ok = ok && svd_time_init(&f->time, r);
    if (!ok) svd_factors_done(f);
    return ok;
}

static uint64_t rows_bytes(size_t rank, uint64_t n) {
    return linalg_bytes(n, vec_count(rank) * VEC_LANES);
}

uint64_t svd_factors_bytes(
    const rk_shape *shape, size_t rank, bool implicit, bool time, uint64_t n_features) {
    const struct svd_factors *f = NULL;
    const uint64_t n_users = shape->n_users, n_items = shape->n_items;
    uint64_t bytes = n_users * sizeof *f->user_row +
                     n_items * (sizeof *f->item_row + sizeof *f->item_bias) +
                     rows_bytes(rank, n_users) + rows_bytes(rank, n_items);
    if (implicit) bytes += rows_bytes(rank, n_users) + rows_bytes(rank, n_items);
    if (n_features)
        bytes += rows_bytes(rank, n_features) + rows_bytes(rank, n_items) +
                 n_features * sizeof *f->feature_bias;
    return bytes + (time ? svd_time_bytes(shape) : 0);
}

void svd_factors_done(struct svd_factors *f) {
    if (f->user_sum != f->user) linalg_free((float *)f->user_sum);
    if (f->item_sum != f->item) linalg_free((float *)f->item_sum);
    linalg_free((float *)f->user);
    linalg_free((float *)f->item);
    linalg_free((float *)f->implicit);
    linalg_free((float *)f->feature);
    free(f->user_row);
    free(f->item_row);
    free(f->feature_bias);
    free(f->item_bias);
    svd_time_done(&f->time);
    *f = (struct svd_factors){0};
}

void svd_factors_fields(struct svd_factors *f, struct state *s, size_t rank) {
    _Static_assert(sizeof *f->user_row == 3 * sizeof(float), "written as they lie, without gaps");
    state_same(s, rank, "another rank");
    if (s->loading) f->n_vecs = vec_count(rank);
    STATE_NUMBER(s, f->n_users);
    STATE_NUMBER(s, f->n_items);
    STATE_ARRAY(s, f->user_row, f->n_users);
    STATE_ARRAY(s, f->item_bias, f->n_items);
    STATE_ARRAY(s, f->user_sum, f->n_users * f->n_vecs);
    STATE_ARRAY(s, f->item_sum, f->n_items * f->n_vecs);
    svd_time_fields(&f->time, s, f->n_users, f->n_items);
}

struct drawing {
    vec *rows;
    const struct svd_factors *f;
    const struct svd_ratings *ratings;
    const rk_host *host;
    size_t rank;
    float sd;
    int stream;
};

static bool is_cold(const struct drawing *d, uint32_t r) {
    if (d->stream == STREAM_USER) return svd_ratings_count(d->ratings, r) == 0;
    return d->stream != STREAM_FEATURE && d->ratings->item_count[r] == 0;
}

static rk_status draw_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct drawing *d = arg;
    for (size_t r = begin; r < end; r++) {
        if (is_cold(d, (uint32_t)r)) continue;
        float *x = (float *)(d->rows + r * d->f->n_vecs);
        d->host->normal(d->host, ((uint64_t)d->stream << 56) + r, x, d->rank);
        for (size_t k = 0; k < d->rank; k++) x[k] *= d->sd;
    }
    return RK_OK;
}

rk_status svd_factors_draw(struct svd_factors *f, const struct svd_ratings *r, const rk_host *host,
    size_t rank, double sd) {
    const struct {
        vec *rows;
        uint32_t n;
        int stream;
    } kinds[] = {{f->user, f->n_users, STREAM_USER}, {f->item, f->n_items, STREAM_ITEM},
        {f->implicit, f->n_items, STREAM_IMPLICIT}, {f->feature, f->n_features, STREAM_FEATURE}};
    rk_status status = RK_OK;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && status == RK_OK; k++) {
        struct drawing d = {kinds[k].rows, f, r, host, rank, (float)sd, kinds[k].stream};
        if (d.rows) status = host->parallel_for(host, kinds[k].n, ROWS_A_PIECE, draw_rows, &d);
    }
    return status;
}

static float penalty(uint32_t count, double l2, double falloff) {
    return count ? (float)(l2 * pow(100.0 / count, falloff)) : 0;
}

void svd_factors_penalise(struct svd_factors *f, const struct svd_ratings *r, double l2,
    double falloff, double implicit_l2) {
    for (uint32_t u = 0; u < f->n_users; u++)
        f->user_row[u].l2 = penalty(svd_ratings_count(r, u), l2, falloff);
    for (uint32_t i = 0; i < f->n_items; i++) {
        f->item_row[i].l2 = penalty(r->item_count[i], l2, falloff);
        f->item_row[i].implicit_l2 = penalty(r->item_count[i], implicit_l2, 1);
    }
}

static bool rows_sane(const struct svd_row *row, uint32_t n) {
    for (uint32_t k = 0; k < n; k++)
        if (!(fabsf(row[k].bias) < 1e6f)) return false;
    return true;
}

static bool values_sane(const float *x, size_t n) {
    for (size_t k = 0; x && k < n; k++)
        if (!(fabsf(x[k]) < 1e6f)) return false;
    return true;
}

bool svd_factors_sane(const struct svd_factors *f) {
    const size_t row = f->n_vecs * VEC_LANES;
    return rows_sane(f->user_row, f->n_users) && rows_sane(f->item_row, f->n_items) &&
           values_sane((const float *)f->user_sum, f->n_users * row) &&
           values_sane((const float *)f->item_sum, f->n_items * row) &&
           values_sane(f->item_bias, f->n_items);
}

KERNEL_CLONES
void svd_factors_implicit(
    const struct svd_factors *f, const struct svd_rating *rating, size_t n, vec *z) {
    const size_t n_vecs = f->n_vecs;
    memset(z, 0, n_vecs * sizeof *z);
    for (size_t e = 0; e < n; e++) {
        const vec *y = f->implicit + rating[e].item * n_vecs;
        for (size_t k = 0; k < n_vecs; k++) z[k] += y[k];
    }
    const float norm = n ? 1 / sqrtf((float)n) : 0;
    for (size_t k = 0; k < n_vecs; k++) z[k] *= norm;
}

struct summing {
    const struct svd_factors *f;
    const struct svd_ratings *ratings;
};

static rk_status sum_users(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct summing *s = arg;
    const size_t n_vecs = s->f->n_vecs;
    for (size_t u = begin; u < end; u++) {
        const struct svd_rating *first =
            s->ratings->rating + svd_ratings_at(s->ratings, (uint32_t)u, 0);
        vec *sum = s->f->user_sum + u * n_vecs;
        svd_factors_implicit(s->f, first, svd_ratings_count(s->ratings, (uint32_t)u), sum);
        for (size_t k = 0; k < n_vecs; k++) sum[k] += s->f->user[u * n_vecs + k];
    }
    return RK_OK;
}

static rk_status sum_items(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct svd_factors *f = ((const struct summing *)arg)->f;
    const rk_csr *v = f->features;
    const size_t n_vecs = f->n_vecs;
    for (size_t i = begin; i < end; i++) {
        vec *sum = f->item_sum + i * n_vecs;
        f->item_bias[i] = f->item_row[i].bias;
        if (!v) continue;
        memcpy(sum, f->item + i * n_vecs, n_vecs * sizeof *sum);
        for (uint64_t e = v->start[i]; e < v->start[i + 1]; e++) {
            const vec *w = f->feature + v->col[e] * n_vecs;
            f->item_bias[i] += v->value[e] * f->feature_bias[v->col[e]];
            for (size_t k = 0; k < n_vecs; k++) sum[k] += v->value[e] * w[k];
        }
    }
    return RK_OK;
}

rk_status svd_factors_sum(struct svd_factors *f, const struct svd_ratings *r, const rk_host *host) {
    struct summing s = {.f = f, .ratings = r};
    const rk_status status = host->parallel_for(host, f->n_items, ROWS_A_PIECE, sum_items, &s);
    if (status != RK_OK || !f->implicit) return status;
    return host->parallel_for(host, f->n_users, ROWS_A_PIECE, sum_users, &s);
}

KERNEL_CLONES
void svd_factors_predict(const struct svd_factors *f, const rk_pairs *pairs, float *out) {
    const size_t n_vecs = f->n_vecs;
    for (size_t k = 0; k < pairs->n; k++) {
        const size_t u = pairs->users[k], i = pairs->items[k];
        out[k] = f->user_row[u].bias + f->item_bias[i] +
                 vec_dot(f->user_sum + u * n_vecs, f->item_sum + i * n_vecs, n_vecs);
        if (f->time.there && pairs->time)
            out[k] += svd_time_bias(&f->time, (uint32_t)u, (uint32_t)i, pairs->time[k]);
    }
}
