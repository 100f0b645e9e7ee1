#include "svd_sgd.h"

#include "common/kernel.h"
#include "common/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 8,
    LEAST_BATCH = 8,
    MOST_BATCH = 64,
    BATCHES = 32,
    MOST_VECS = 64,
    STREAM_ORDER = 2
};

static uint32_t size_of(uint32_t n_users) {
    const uint32_t size = n_users / BATCHES;
    return size < LEAST_BATCH ? LEAST_BATCH : size > MOST_BATCH ? MOST_BATCH : size;
}

bool svd_batch_init(struct svd_batch *b, const struct svd_factors *f, const struct svd_ratings *r) {
    const uint32_t size = size_of(r->n_users);
    const size_t n_slopes = (size_t)size * f->n_features + 1;
    *b = (struct svd_batch){.size = size};
    b->order = malloc(r->n_users * sizeof *b->order);
    b->gain = (vec *)linalg_new(size, f->n_vecs * VEC_LANES);
    b->sum = (vec *)linalg_new(size, f->n_vecs * VEC_LANES);
    b->slope = malloc(n_slopes * sizeof *b->slope);
    b->visits = malloc(n_slopes * sizeof *b->visits);
    b->sse = malloc(size * sizeof *b->sse);
    if (b->order && b->gain && b->sum && b->slope && b->visits && b->sse) return true;
    svd_batch_done(b);
    return false;
}

uint64_t svd_batch_bytes(const rk_shape *shape, size_t rank, uint64_t n_features) {
    const struct svd_batch *b = NULL;
    const uint64_t size = size_of(shape->n_users);
    return shape->n_users * sizeof *b->order + 2 * linalg_bytes(size, vec_count(rank) * VEC_LANES) +
           (size * n_features + 1) * (sizeof *b->slope + sizeof *b->visits) + size * sizeof *b->sse;
}

void svd_batch_done(struct svd_batch *b) {
    free(b->order);
    linalg_free((float *)b->gain);
    linalg_free((float *)b->sum);
    free(b->slope);
    free(b->visits);
    free(b->sse);
    *b = (struct svd_batch){0};
}

struct epoch {
    struct svd_factors *f;
    struct svd_ratings *ratings;
    struct svd_batch *batch;
    const uint32_t *users; // of the batch: into its order
    size_t n_users;
    struct svd_steps steps;
    uint32_t first_part;
};

// Starts to bring a row into the cache: those of large data do not fit.
VEC_INLINE void prefetch(const vec *row, size_t n_vecs) {
    for (size_t k = 0; k < n_vecs; k++) __builtin_prefetch(row + k, 1);
}

// Where user number m of the batch is on its walk.
struct walk {
    struct svd_row *row;
    vec *p;
    vec *z; // NULL: no implicit term
    float *slope;
    uint32_t *visits;
    float *drift;     // NULL: no biases in time
    float keep_drift; // of each step
    double sse;
};

// q_i + v.w into `q`; returns v.wb.
VEC_INLINE float add_features(const struct svd_factors *f, uint32_t item, vec *q) {
    const rk_csr *v = f->features;
    const size_t n_vecs = f->n_vecs;
    float bias = 0;
    memcpy(q, f->item + item * n_vecs, n_vecs * sizeof *q);
    for (uint64_t e = v->start[item]; e < v->start[item + 1]; e++) {
        const vec *w = f->feature + v->col[e] * n_vecs;
        for (size_t k = 0; k < n_vecs; k++) q[k] += w[k] * v->value[e];
        bias += v->value[e] * f->feature_bias[v->col[e]];
    }
    return bias;
}

VEC_INLINE void note_slopes(const rk_csr *v, uint32_t item, float error, struct walk *w) {
    for (uint64_t e = v->start[item]; e < v->start[item + 1]; e++) {
        w->slope[v->col[e]] += v->value[e] * error;
        w->visits[v->col[e]]++;
    }
}

VEC_INLINE float dot_sum(const vec *p, const vec *z, const vec *q, size_t n_vecs) {
    vec sum = {0};
    for (size_t k = 0; k < n_vecs; k++) sum += (p[k] + z[k]) * q[k];
    float s[VEC_LANES];
    for (int l = 0; l < VEC_LANES; l++) s[l] = sum[l];
    for (int half = VEC_LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) s[l] += s[l + half];
    return s[0];
}

VEC_INLINE float time_bias(const struct svd_time *t, const struct svd_moment *m, float drift) {
    return (m->bin == SVD_NO_BIN ? 0 : t->bin[m->bin].bias) + drift * m->dev;
}

// What a penalty leaves in a step: none at worst, as a step beyond that would overshoot.
VEC_INLINE float keep_of(float rate, float l2) {
    const float keep = 1 - rate * l2;
    return keep > 0 ? keep : 0;
}

// What a penalty on the whole, as if by `l2` ratings, leaves of it in each of n steps.
VEC_INLINE float keep_in_each(float rate, float l2, uint32_t n) {
    return fmaxf(1 - rate * l2 / (float)n, 0);
}

// The user's steps on some of its ratings.
VEC_INLINE void walk_on(const struct epoch *x, struct walk *w, struct svd_rating *rating, size_t n,
    bool implicit, bool features) {
    const struct svd_factors *f = x->f;
    const size_t n_vecs = f->n_vecs;
    const float rate = x->steps.rate, bias_rate = rate * x->steps.bias_rate,
                keep_bias = keep_of(bias_rate, x->steps.bias_l2), keep = keep_of(rate, w->row->l2);
    const struct svd_moment *moment =
        w->drift ? f->time.moment + (rating - x->ratings->rating) : NULL;
    vec with_features[MOST_VECS];
    for (size_t e = 0; e < n; e++) {
        const uint32_t item = rating[e].item;
        if (e + AHEAD < n) prefetch(f->item + rating[e + AHEAD].item * n_vecs, n_vecs);
        const vec *q = features ? with_features : f->item + item * n_vecs;
        float answer = w->row->bias + f->item_row[item].bias;
        if (features) answer += add_features(f, item, with_features);
        if (moment) answer += time_bias(&f->time, moment + e, *w->drift);
        answer += implicit ? dot_sum(w->p, w->z, q, n_vecs) : vec_dot(w->p, q, n_vecs);
        const float error = rating[e].value - answer, step = rate * error,
                    z_step = step * x->steps.implicit_rate;
        rating[e].error = error;
        w->sse += (double)error * error;
        w->row->bias = w->row->bias * keep_bias + bias_rate * error;
        for (size_t k = 0; k < n_vecs; k++) {
            w->p[k] = w->p[k] * keep + q[k] * step;
            if (implicit) w->z[k] += q[k] * z_step;
        }
        if (moment) *w->drift = *w->drift * w->keep_drift + bias_rate * error * moment[e].dev;
        if (features) note_slopes(f->features, item, error, w);
    }
}

// All ratings of user number m of the batch.
VEC_INLINE void walk_user(const struct epoch *x, size_t m, bool implicit, bool features) {
    const struct svd_factors *f = x->f;
    const struct svd_ratings *r = x->ratings;
    const uint32_t u = x->users[m];
    const size_t n_vecs = f->n_vecs, first = svd_ratings_at(r, u, 0),
                 middle = svd_ratings_at(r, u, x->first_part),
                 last = svd_ratings_at(r, u, SVD_PARTS);
    struct walk w = {.row = f->user_row + u,
        .p = f->user + u * n_vecs,
        .slope = x->batch->slope + m * f->n_features,
        .visits = x->batch->visits + m * f->n_features};
    vec *sum = x->batch->sum + m * n_vecs, *gain = x->batch->gain + m * n_vecs;
    if (f->time.there && last > first) {
        w.drift = f->time.drift + u;
        w.keep_drift = keep_in_each(
            x->steps.rate * x->steps.bias_rate, x->steps.time_l2, (uint32_t)(last - first));
    }
    if (features) {
        memset(w.slope, 0, f->n_features * sizeof *w.slope);
        memset(w.visits, 0, f->n_features * sizeof *w.visits);
    }
    if (implicit) {
        svd_factors_implicit(f, r->rating + first, last - first, gain);
        memcpy(sum, gain, n_vecs * sizeof *sum);
        w.z = sum;
    }
    walk_on(x, &w, r->rating + middle, last - middle, implicit, features);
    walk_on(x, &w, r->rating + first, middle - first, implicit, features);
    const float norm = last > first ? 1 / sqrtf((float)(last - first)) : 0;
    for (size_t k = 0; k < n_vecs; k++) {
        if (implicit) gain[k] = (sum[k] - gain[k]) * norm;
        sum[k] = implicit ? sum[k] + w.p[k] : w.p[k];
    }
    x->batch->sse[m] = w.sse;
}

KERNEL_CLONES
static void walk_users(const struct epoch *x, size_t begin, size_t end) {
    const bool implicit = x->f->implicit, features = x->f->features;
    for (size_t m = begin; m < end; m++) {
        if (implicit && features)
            walk_user(x, m, true, true);
        else if (implicit)
            walk_user(x, m, true, false);
        else if (features)
            walk_user(x, m, false, true);
        else
            walk_user(x, m, false, false);
    }
}

static rk_status walk_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    walk_users(arg, begin, end);
    return RK_OK;
}

// The steps of items' bins for n ratings from `first` on.
static void step_bins(const struct epoch *x, size_t first, size_t n) {
    const struct svd_time *t = &x->f->time;
    const float rate = x->steps.rate * x->steps.bias_rate;
    for (size_t e = first; e < first + n; e++) {
        if (t->moment[e].bin == SVD_NO_BIN) continue;
        struct svd_bin *bin = t->bin + t->moment[e].bin;
        bin->bias = bin->bias * keep_in_each(rate, x->steps.time_l2, bin->n) +
                    rate * x->ratings->rating[e].error;
    }
}

// The steps of the items of one part for one user's ratings.
VEC_INLINE void step_items(
    const struct epoch *x, size_t m, const struct svd_rating *rating, size_t n, bool implicit) {
    const struct svd_factors *f = x->f;
    const size_t n_vecs = f->n_vecs;
    const vec *sum = x->batch->sum + m * n_vecs, *gain = x->batch->gain + m * n_vecs;
    const float rate = x->steps.rate, bias_rate = rate * x->steps.bias_rate,
                keep_bias = keep_of(bias_rate, x->steps.bias_l2),
                y_rate = rate * x->steps.implicit_rate;
    for (size_t e = 0; e < n; e++) {
        struct svd_row *row = f->item_row + rating[e].item;
        vec *q = f->item + rating[e].item * n_vecs;
        const float step = rate * rating[e].error, keep = keep_of(rate, row->l2);
        row->bias = row->bias * keep_bias + bias_rate * rating[e].error;
        for (size_t k = 0; k < n_vecs; k++) q[k] = q[k] * keep + sum[k] * step;
        if (!implicit) continue;
        vec *y = f->implicit + rating[e].item * n_vecs;
        const float keep_y = keep_of(y_rate, row->implicit_l2);
        for (size_t k = 0; k < n_vecs; k++) y[k] = y[k] * keep_y + gain[k];
    }
}

VEC_INLINE void prefetch_items(
    const struct svd_factors *f, const struct svd_rating *rating, size_t n) {
    for (size_t e = 0; e < n; e++) {
        prefetch(f->item + rating[e].item * f->n_vecs, f->n_vecs);
        if (f->implicit) prefetch(f->implicit + rating[e].item * f->n_vecs, f->n_vecs);
    }
}

KERNEL_CLONES
static void step_part(const struct epoch *x, uint32_t part) {
    const struct svd_ratings *r = x->ratings;
    for (size_t m = 0; m < x->n_users; m++) {
        const size_t first = svd_ratings_at(r, x->users[m], part),
                     n = svd_ratings_at(r, x->users[m], part + 1) - first;
        if (m + 1 < x->n_users) {
            const size_t next = svd_ratings_at(r, x->users[m + 1], part);
            prefetch_items(
                x->f, r->rating + next, svd_ratings_at(r, x->users[m + 1], part + 1) - next);
        }
        if (x->f->time.there) step_bins(x, first, n);
        if (x->f->implicit)
            step_items(x, m, r->rating + first, n, true);
        else
            step_items(x, m, r->rating + first, n, false);
    }
}

// The users' steps for feature k.
KERNEL_CLONES
static void step_feature(const struct epoch *x, size_t k) {
    const struct svd_factors *f = x->f;
    const size_t n_vecs = f->n_vecs;
    const float rate = x->steps.rate * x->steps.feature_rate, bias_rate = rate * x->steps.bias_rate;
    vec *w = f->feature + k * n_vecs;
    for (size_t m = 0; m < x->n_users; m++) {
        const uint32_t visits = x->batch->visits[m * f->n_features + k];
        const float slope = x->batch->slope[m * f->n_features + k];
        const vec *sum = x->batch->sum + m * n_vecs;
        if (visits == 0) continue;
        const float keep = expf(-rate * x->steps.feature_l2 * (float)visits),
                    keep_bias = expf(-bias_rate * x->steps.feature_l2 * (float)visits);
        f->feature_bias[k] = f->feature_bias[k] * keep_bias + bias_rate * slope;
        for (size_t l = 0; l < n_vecs; l++) w[l] = w[l] * keep + sum[l] * (rate * slope);
    }
}

// One range for both: parts of the items, then features.
static rk_status step_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    for (size_t k = begin; k < end; k++) {
        if (k < SVD_PARTS)
            step_part(arg, (uint32_t)k);
        else
            step_feature(arg, k - SVD_PARTS);
    }
    return RK_OK;
}

rk_status svd_sgd_epoch(struct svd_factors *f, struct svd_ratings *r, struct svd_batch *b,
    const rk_host *host, struct svd_steps steps, uint32_t epoch, double *sse) {
    struct epoch x = {.f = f, .ratings = r, .batch = b, .steps = steps};
    for (uint32_t u = 0; u < r->n_users; u++) b->order[u] = u;
    host->shuffle(host, ((uint64_t)STREAM_ORDER << 56) + epoch, b->order, r->n_users);
    x.first_part = epoch * 5 % SVD_PARTS;
    *sse = 0;
    for (uint32_t begin = 0; begin < r->n_users; begin += b->size) {
        x.users = b->order + begin;
        x.n_users = r->n_users - begin < b->size ? r->n_users - begin : b->size;
        rk_status status = host->parallel_for(host, x.n_users, 1, walk_piece, &x);
        if (status == RK_OK)
            status = host->parallel_for(host, (size_t)SVD_PARTS + f->n_features, 1, step_piece, &x);
        if (status != RK_OK) return status;
        for (size_t m = 0; m < x.n_users; m++) *sse += b->sse[m];
    }
    return RK_OK;
}
