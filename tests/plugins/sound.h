// sound.h - a small model that keeps the whole contract, for files here to break it in one place.
// ID, the file's name, is set by the build.
//
//     r(u,i) = mu + b_u + b_i,  each b the mean of what is left, drawn towards 0:
//     b_i = sum_u (r(u,i) - mu - b_u) / (n_i + s),  then b_u alike, `epochs` times.
#ifndef RECKON_TESTS_PLUGINS_SOUND_H
#define RECKON_TESTS_PLUGINS_SOUND_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reckon.h"

struct rk_params {
    double shrinkage;
    int epochs;
    int fault; // of faulty_choice alone
};
struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    uint32_t n_users, n_items;
    double mu;
    float *bu, *bi; // [n_users], [n_items]; owned
};

static inline rk_status sound_create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static inline void sound_destroy(rk_model *m) {
    free(m->bu);
    free(m->bi);
    free(m);
}

static inline rk_status sound_room(rk_model *m, uint32_t n_users, uint32_t n_items) {
    m->n_users = n_users;
    m->n_items = n_items;
    m->bu = calloc(n_users, sizeof *m->bu);
    m->bi = calloc(n_items, sizeof *m->bi);
    return m->bu && m->bi ? RK_OK : RK_E_MEMORY;
}

// One half of an epoch: the biases `own` of the rows of `r`.
struct sound_half {
    const rk_model *m;
    const rk_csr *r;
    float *own;
    const float *other;
};

static inline rk_status sound_body(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct sound_half *h = arg;
    (void)worker;
    for (size_t row = begin; row < end; row++) {
        double sum = 0;
        for (uint64_t e = h->r->start[row]; e < h->r->start[row + 1]; e++)
            sum += h->r->value[e] - h->m->mu - h->other[h->r->col[e]];
        const double n = (double)(h->r->start[row + 1] - h->r->start[row]);
        h->own[row] = (float)(sum / (n + h->m->params->shrinkage));
    }
    return RK_OK;
}

static inline double sound_mean(const rk_data *d) {
    const uint64_t n = d->by_user.start[d->n_users];
    double sum = 0;
    for (uint64_t e = 0; e < n; e++) sum += d->by_user.value[e];
    return sum / (double)n;
}

static inline rk_status sound_epoch(rk_model *m, const rk_data *d) {
    struct sound_half items = {m, &d->by_item, m->bi, m->bu};
    struct sound_half users = {m, &d->by_user, m->bu, m->bi};
    rk_status status = m->host->parallel_for(m->host, m->n_items, 16, sound_body, &items);
    if (status == RK_OK)
        status = m->host->parallel_for(m->host, m->n_users, 16, sound_body, &users);
    return status;
}

static inline rk_status sound_fit(rk_model *m, const rk_data *d) {
    rk_status status = sound_room(m, d->n_users, d->n_items);
    m->mu = sound_mean(d);
    for (int epoch = 0; status == RK_OK && epoch < m->params->epochs; epoch++) {
        status = sound_epoch(m, d);
        if (status == RK_OK && !m->host->progress(m->host, (uint32_t)epoch + 1,
                                   (uint32_t)m->params->epochs, (double)NAN))
            status = RK_CANCELLED;
    }
    return status;
}

static inline float sound_answer(const rk_model *m, const rk_pairs *pairs, size_t k) {
    return (float)(m->mu + (double)m->bu[pairs->users[k]] + (double)m->bi[pairs->items[k]]);
}

static inline rk_status sound_predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = sound_answer(m, pairs, k);
    return RK_OK;
}

static inline rk_status sound_save(const rk_model *m, const rk_stream *out) {
    const uint32_t n[2] = {m->n_users, m->n_items};
    rk_status status = out->write(out, n, sizeof n);
    if (status == RK_OK) status = out->write(out, &m->mu, sizeof m->mu);
    if (status == RK_OK) status = out->write(out, m->bu, n[0] * sizeof *m->bu);
    if (status == RK_OK) status = out->write(out, m->bi, n[1] * sizeof *m->bi);
    return status;
}

// n floats in a new array, which grows with what is read: a false n meets the end of the bytes.
static inline rk_status sound_read(const rk_stream *in, float **out, uint32_t n) {
    enum { PIECE = 4096 };
    rk_status status = RK_OK;
    for (uint32_t at = 0, next; status == RK_OK && at < n; at = next) {
        next = n - at < PIECE ? n : at + PIECE;
        float *more = realloc(*out, next * sizeof *more);
        if (!more) return RK_E_MEMORY;
        *out = more;
        status = in->read(in, more + at, (next - at) * sizeof *more);
    }
    return status;
}

static inline rk_status sound_load(rk_model *m, const rk_stream *in) {
    uint32_t n[2];
    rk_status status = in->read(in, n, sizeof n);
    if (status != RK_OK) return status;
    m->n_users = n[0];
    m->n_items = n[1];
    status = in->read(in, &m->mu, sizeof m->mu);
    if (status == RK_OK) status = sound_read(in, &m->bu, n[0]);
    if (status == RK_OK) status = sound_read(in, &m->bi, n[1]);
    return status;
}

static inline rk_status sound_spread(
    const rk_model *m, const rk_pairs *pairs, float *mean, float *sd) {
    for (size_t k = 0; k < pairs->n; k++) {
        mean[k] = sound_answer(m, pairs, k);
        sd[k] = 1;
    }
    return RK_OK;
}

static inline uint64_t sound_bytes(const rk_params *params, const rk_shape *shape) {
    (void)params;
    return sizeof(rk_model) + ((uint64_t)shape->n_users + shape->n_items) * sizeof(float);
}

static inline const void *sound_extension(const char *id) {
    static const rk_ext_state state = {.save = sound_save, .load = sound_load};
    static const rk_ext_spread spread = {.predict = sound_spread};
    if (strcmp(id, RK_EXT_STATE) == 0) return &state;
    if (strcmp(id, RK_EXT_SPREAD) == 0) return &spread;
    static const rk_ext_memory memory = {.bytes = sound_bytes};
    return strcmp(id, RK_EXT_MEMORY) == 0 ? &memory : NULL;
}

static const rk_param sound_schema[] = {
    RK_REAL(shrinkage, 5, 0.001, 1e6, RK_LOG, "ratings at 0 that every bias starts with"),
    RK_INT(epochs, 6, 1, 1000000, RK_RESOURCE, "rounds"),
};

// Defines the extension reckon.state/1 alone, by these functions.
#define SOUND_STATE(save_, load_) \
    static const void *extension(const char *id) { \
        static const rk_ext_state state = {.save = save_, .load = load_}; \
        return strcmp(id, RK_EXT_STATE) == 0 ? &state : NULL; \
    } \
    SOUND_ENTRY(sound_create, sound_destroy, sound_fit, sound_predict, .extension = extension)

// Likewise the extension reckon.memory/1 alone.
#define SOUND_MEMORY(bytes_) \
    static const void *extension(const char *id) { \
        static const rk_ext_memory memory = {.bytes = bytes_}; \
        return strcmp(id, RK_EXT_MEMORY) == 0 ? &memory : NULL; \
    } \
    SOUND_ENTRY(sound_create, sound_destroy, sound_fit, sound_predict, .extension = extension)

// Writes the entry; the four are the plugin's functions in that order.
#define SOUND_ENTRY(create_, destroy_, fit_, predict_, ...) \
    RK_PLUGIN(.id = ID, .summary = "Biases of users and items", .version = "1.0.0", \
        RK_PARAMS(sound_schema), .create = create_, .destroy = destroy_, .fit = fit_, \
        .predict = predict_, __VA_ARGS__)
#define SOUND_FIT(fit_) \
    SOUND_ENTRY(sound_create, sound_destroy, fit_, sound_predict, .extension = sound_extension)
#define SOUND_PREDICT(predict_) \
    SOUND_ENTRY(sound_create, sound_destroy, sound_fit, predict_, .extension = NULL)

#endif
