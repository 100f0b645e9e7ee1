// A plugin, whole: copied to plugins/user_mean/, it is a model that experiments can name.
//
// User means, drawn towards the global mean:  r(u,i) = (sum_j r(u,j) + s mu) / (n_u + s)
#include "reckon.h"
#include <stdlib.h>

struct rk_params {
    double shrinkage;
};
struct rk_model {
    const rk_params *params; // borrowed
    float *mean;             // [n_users]; owned
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
    const rk_csr *r = &train->by_user;
    const double s = m->params->shrinkage;
    double mu = 0;
    for (uint64_t e = 0; e < r->start[r->n_rows]; e++) mu += r->value[e];
    mu /= (double)r->start[r->n_rows];

    m->mean = malloc(r->n_rows * sizeof *m->mean);
    if (!m->mean) return RK_E_MEMORY;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        double sum = s * mu;
        for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++) sum += r->value[e];
        m->mean[u] = (float)(sum / (s + (double)(r->start[u + 1] - r->start[u])));
    }
    return RK_OK;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = m->mean[pairs->users[k]];
    return RK_OK;
}

static const rk_param schema[] = {
    RK_REAL(shrinkage, 5, 0.001, 1e6, RK_LOG, "ratings at the global mean that every user has"),
};
RK_PLUGIN(.id = "user_mean", .summary = "User means, drawn towards the global mean",
    .version = "1.0.0", RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit,
    .predict = predict)
