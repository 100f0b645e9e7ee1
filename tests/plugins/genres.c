// Damped biases and what users make of genres, used always, never, or where the validation slice
// gains by it:
//     r(u,i) = mu + b_u + b_i + sum_g in i a(u,g),  a(u,g) a mean of what is left, drawn towards 0
// For test_features: by "auto" it keeps what that wants, and by the others it does not.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reckon.h"

enum { AUTO, ALWAYS, NEVER, PRIOR = 3 };
static const char *const ways[] = {"auto", "always", "never", NULL};

struct rk_params {
    int features;
};
struct rk_model {
    const rk_params *params;   // borrowed
    const rk_csr *genres;      // borrowed; NULL: not used
    float *bu, *bi, *affinity; // [n_users], [n_items], [n_users][genres]; owned
    float mu;
};

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    (void)host;
    *out = calloc(1, sizeof **out);
    if (!*out) return RK_E_MEMORY;
    (*out)->params = params;
    return RK_OK;
}

static void destroy(rk_model *m) {
    free(m->bu);
    free(m->bi);
    free(m->affinity);
    free(m);
}

static float answer(const rk_model *m, uint32_t u, uint32_t i) {
    float r = m->mu + m->bu[u] + m->bi[i];
    const rk_csr *g = m->genres;
    for (uint64_t e = g ? g->start[i] : 0; g && e < g->start[i + 1]; e++)
        r += m->affinity[(size_t)u * g->n_cols + g->col[e]];
    return r;
}

// The means of what is left of the rows of `r`, over what `mine` are now.
static void means(const rk_csr *r, float *mine, const float *other, float mu) {
    for (uint32_t row = 0; row < r->n_rows; row++) {
        float sum = 0;
        for (uint64_t e = r->start[row]; e < r->start[row + 1]; e++)
            sum += r->value[e] - mu - other[r->col[e]];
        mine[row] = sum / ((float)(r->start[row + 1] - r->start[row]) + PRIOR);
    }
}

static void learn_genres(rk_model *m, const rk_data *d, const rk_csr *g, float *left, float *n) {
    for (uint32_t u = 0; u < d->n_users; u++) {
        memset(left, 0, g->n_cols * sizeof *left);
        memset(n, 0, g->n_cols * sizeof *n);
        for (uint64_t e = d->by_user.start[u]; e < d->by_user.start[u + 1]; e++) {
            const uint32_t i = d->by_user.col[e];
            for (uint64_t k = g->start[i]; k < g->start[i + 1]; k++) {
                left[g->col[k]] += d->by_user.value[e] - m->mu - m->bu[u] - m->bi[i];
                n[g->col[k]]++;
            }
        }
        for (uint32_t c = 0; c < g->n_cols; c++)
            m->affinity[(size_t)u * g->n_cols + c] = left[c] / (n[c] + PRIOR);
    }
}

static double loss(const rk_model *m, const rk_data *d) {
    double sum = 0;
    for (size_t k = 0; k < d->valid->n; k++) {
        const float e = d->valid_ratings[k] - answer(m, d->valid->users[k], d->valid->items[k]);
        sum += (double)(e * e);
    }
    return sum;
}

static rk_status use_genres(rk_model *m, const rk_data *d, const rk_csr *g) {
    float *scratch = malloc(((size_t)g->n_cols * 2 + 1) * sizeof *scratch);
    m->affinity = calloc((size_t)d->n_users * g->n_cols + 1, sizeof *m->affinity);
    if (!scratch || !m->affinity) {
        free(scratch);
        return RK_E_MEMORY;
    }
    const double without = loss(m, d);
    learn_genres(m, d, g, scratch, scratch + g->n_cols);
    free(scratch);
    m->genres = g;
    if (m->params->features == AUTO && !(loss(m, d) < .98 * without)) m->genres = NULL;
    return RK_OK;
}

static rk_status fit(rk_model *m, const rk_data *d) {
    const uint64_t n = d->by_user.start[d->n_users];
    double sum = 0;
    for (uint64_t e = 0; e < n; e++) sum += (double)d->by_user.value[e];
    m->mu = (float)(sum / (double)n);
    m->bu = calloc(d->n_users, sizeof *m->bu);
    m->bi = calloc(d->n_items, sizeof *m->bi);
    if (!m->bu || !m->bi) return RK_E_MEMORY;
    for (int round = 0; round < 5; round++) {
        means(&d->by_item, m->bi, m->bu, m->mu);
        means(&d->by_user, m->bu, m->bi, m->mu);
    }
    for (uint32_t k = 0; k < d->n_item_features && m->params->features != NEVER; k++) {
        const rk_features *f = RK_NTH(d->item_features, d->features_stride, k);
        if (strcmp(f->name, "genre") == 0) return use_genres(m, d, &f->values);
    }
    return RK_OK;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = answer(m, pairs->users[k], pairs->items[k]);
    return RK_OK;
}

static const char *const uses[] = {"item.genre", NULL};
static const rk_param schema[] = {
    RK_CHOICE(features, AUTO, ways, "whether genres are used; auto: as the validation slice says"),
};
RK_PLUGIN(.id = ID, .summary = "Biases, and what users make of genres", .version = "1.0.0",
    .flags = RK_WANTS_VALID, RK_PARAMS(schema), .uses_features = uses, .create = create,
    .destroy = destroy, .fit = fit, .predict = predict)
