// Keeps the contract, and takes its time without taking the processor's: for tests that stop a run
// in the middle. Answers the mean and a constant of its own.
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "reckon.h"

struct rk_params {
    int steps; // of ten milliseconds
    double shift;
};
struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    float mean;
};

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}
static void destroy(rk_model *m) {
    free(m);
}
static rk_status fit(rk_model *m, const rk_data *train) {
    const struct timespec step = {.tv_nsec = 10 * 1000 * 1000};
    for (int k = 1; k <= m->params->steps; k++) {
        nanosleep(&step, NULL);
        if (!m->host->progress(m->host, (uint32_t)k, (uint32_t)m->params->steps, NAN))
            return RK_CANCELLED;
    }
    const rk_csr *r = &train->by_user;
    double sum = 0;
    for (uint64_t e = 0; e < r->start[r->n_rows]; e++) sum += r->value[e];
    m->mean = (float)(sum / (double)r->start[r->n_rows] + m->params->shift);
    return RK_OK;
}
static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = m->mean;
    return RK_OK;
}

static const rk_param schema[] = {
    RK_INT(steps, 12, 1, 1000, RK_LINEAR, "of ten milliseconds each"),
    RK_REAL(shift, 0, -1, 1, RK_LINEAR, "added to the mean"),
};
RK_PLUGIN(.id = ID, .summary = "A mean that takes its time", .version = "1.0.0", RK_PARAMS(schema),
    .create = create, .destroy = destroy, .fit = fit, .predict = predict)
