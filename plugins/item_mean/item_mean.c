// Item means, drawn towards the global mean:  r(u,i) = (sum_v r(v,i) + s mu) / (n_i + s)
// S. Funk, "Netflix update: try this at home", 2006. Check value: RMSE .9606 on ml-latest-small.
#include "reckon.h"
#include <stdlib.h>
#include <string.h>

struct rk_params {
    double shrinkage;
};
struct rk_model {
    const rk_params *params; // borrowed
    uint32_t n;              // items
    float *mean;             // [n]; owned
};

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    (void)host;
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->params = params;
    *out = m;
    return RK_OK;
}
static void destroy(rk_model *m) {
    free(m->mean);
    free(m);
}
static rk_status fit(rk_model *m, const rk_data *train) {
    const rk_csr *r = &train->by_item;
    const double s = m->params->shrinkage;
    double mu = 0;
    for (uint64_t e = 0; e < r->start[r->n_rows]; e++) mu += r->value[e];
    mu /= (double)r->start[r->n_rows];

    m->n = r->n_rows;
    m->mean = malloc(m->n * sizeof *m->mean);
    if (!m->mean) return RK_E_MEMORY;
    for (uint32_t i = 0; i < m->n; i++) {
        double sum = s * mu;
        for (uint64_t e = r->start[i]; e < r->start[i + 1]; e++) sum += r->value[e];
        m->mean[i] = (float)(sum / (s + (double)(r->start[i + 1] - r->start[i])));
    }
    return RK_OK;
}
static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = m->mean[pairs->items[k]];
    return RK_OK;
}

// The fitted model as bytes; load() stands in for fit().
static rk_status save(const rk_model *m, const rk_stream *out) {
    const rk_status status = out->write(out, &m->n, sizeof m->n);
    return status == RK_OK ? out->write(out, m->mean, m->n * sizeof *m->mean) : status;
}
static rk_status load(rk_model *m, const rk_stream *in) {
    rk_status status = in->read(in, &m->n, sizeof m->n);
    for (uint32_t at = 0, next; status == RK_OK && at < m->n; at = next) {
        next = m->n - at < 65536 ? m->n : at + 65536; // a false n meets the end of the bytes first
        float *mean = realloc(m->mean, next * sizeof *mean);
        if (!mean) return RK_E_MEMORY;
        m->mean = mean;
        status = in->read(in, mean + at, (next - at) * sizeof *mean);
    }
    return status;
}
static const void *extension(const char *id) {
    static const rk_ext_state state = {.save = save, .load = load};
    return strcmp(id, RK_EXT_STATE) == 0 ? &state : NULL;
}

static const rk_param schema[] = {
    RK_REAL(
        shrinkage, 5, 0.001, 1e6, RK_LOG, "ratings at the global mean that every item starts with"),
};
RK_PLUGIN(.id = "item_mean", .summary = "Item means, drawn towards the global mean",
    .version = "1.0.0", RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit,
    .predict = predict, .extension = extension)
