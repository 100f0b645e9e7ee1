// A third party's plugin: includes the installed header, and knows nothing of the source tree.
#include <reckon.h>
#include <stdlib.h>

struct rk_params {
    double rating;
};
struct rk_model {
    double rating;
};

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    (void)host;
    rk_model *m = malloc(sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->rating = params->rating;
    *out = m;
    return RK_OK;
}
static void destroy(rk_model *m) {
    free(m);
}
static rk_status fit(rk_model *m, const rk_data *train) {
    if (m->rating < train->rating_min) m->rating = train->rating_min;
    if (m->rating > train->rating_max) m->rating = train->rating_max;
    return RK_OK;
}
static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = (float)m->rating;
    return RK_OK;
}

static const rk_param schema[] = {
    RK_REAL(rating, 3.5, 0, 10, RK_LINEAR, "the answer to everything"),
};
RK_PLUGIN(.id = "constant", .summary = "One rating for all", .version = "1.0.0", RK_PARAMS(schema),
    .create = create, .destroy = destroy, .fit = fit, .predict = predict)
