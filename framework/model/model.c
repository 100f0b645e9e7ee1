#include "model/model.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *model_status_text(rk_status status) {
    switch (status) {
#define X(name, value, text) \
    case RK_##name: \
        return text;
        RK_STATUS_MAP(X)
#undef X
    default:
        return "unknown status";
    }
}

bool model_failure(const struct model *m, const char *function, rk_status status, struct error *e) {
    const char *text = model_status_text(status);
    char own[sizeof m->host->failure];
    host_copy_failure(m->host, own);
    atomic_store(&m->host->failed, (int)status);
    const char *colon = own[0] ? ": " : "";
    const bool known = status >= RK_E_IO && status <= RK_CANCELLED;
    if (known)
        return error_set(e, "%s: %s failed: %s%s%s", m->plugin->id, function, text, colon, own);
    return error_set(e, "%s: %s failed: %s %d; a status is %d to %d%s%s", m->plugin->id, function,
        text, status, RK_E_IO, RK_CANCELLED, colon, own);
}

bool model_create(struct model *m, const rk_plugin *plugin, const struct param_value *values,
    struct host *host, struct error *e) {
    *m = (struct model){.plugin = plugin, .host = host};
    if (plugin->n_params) {
        m->params = calloc(1, plugin->params_size);
        if (!m->params) return error_memory(e, plugin->params_size, "parameters");
        schema_bind(plugin, values, m->params);
    }
    rk_model *self = NULL;
    host_clear_failure(host);
    const rk_status status = plugin->create(&host->api, m->params, &self);
    bool fine = true;
    if (status != RK_OK)
        fine = model_failure(m, "create", status, e);
    else if (!self)
        fine = error_set(e, "%s: create gave success without setting *out", plugin->id);
    else
        m->self = self;
    if (!fine) model_done(m);
    return fine;
}

bool model_fit(struct model *m, const rk_data *data, rk_status *status, struct error *e) {
    assert(m->self && !m->fitted);
    host_clear_failure(m->host);
    const rk_status s = m->plugin->fit(m->self, data);
    if (status) *status = s;
    m->fitted = s == RK_OK;
    return m->fitted || model_failure(m, "fit", s, e);
}

bool model_predict(struct model *m, const rk_pairs *pairs, float *out, struct error *e) {
    assert(m->fitted);
    const rk_status s = m->plugin->predict(m->self, pairs, out);
    if (s != RK_OK) return model_failure(m, "predict", s, e);
    for (size_t k = 0; k < pairs->n; k++)
        if (isinf(out[k]))
            return error_set(e,
                "%s: predict answers an infinity: pair %zu of %zu, user %u, item %u; expected is a "
                "rating, or NAN for no opinion",
                m->plugin->id, k, pairs->n, pairs->users[k], pairs->items[k]);
    return true;
}

// Where a flaw is: "pair 3 of 4096, user 17, item 5".
static bool spread_flaw(const struct model *m, const rk_pairs *pairs, size_t k, const char *what,
    double value, const char *expected, struct error *e) {
    return error_set(e,
        "%s: the predict of %s answers the %s %.9g: pair %zu of %zu, user %u, item %u; expected is "
        "%s",
        m->plugin->id, RK_EXT_SPREAD, what, value, k, pairs->n, pairs->users[k], pairs->items[k],
        expected);
}

static bool same_answer(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

bool model_spread(struct model *m, const rk_pairs *pairs, const float *answers, float *mean,
    float *sd, struct error *e) {
    assert(m->fitted);
    const rk_plugin *p = m->plugin;
    const rk_ext_spread *spread = p->extension ? p->extension(RK_EXT_SPREAD) : NULL;
    if (!spread)
        return error_set(
            e, "%s gives no deviations: it has no extension \"%s\"", p->id, RK_EXT_SPREAD);
    const rk_status s = spread->predict(m->self, pairs, mean, sd);
    if (s != RK_OK) return model_failure(m, "predict of " RK_EXT_SPREAD, s, e);
    for (size_t k = 0; k < pairs->n; k++) {
        if (!same_answer(mean[k], answers[k])) {
            char expected[80];
            snprintf(expected, sizeof expected, "%.9g, which predict answers, to the bit",
                (double)answers[k]);
            return spread_flaw(m, pairs, k, "mean", (double)mean[k], expected, e);
        }
        if (isnan(answers[k]))
            sd[k] = NAN; // of no opinion there is no deviation
        else if (!(isfinite(sd[k]) && sd[k] >= 0))
            return spread_flaw(
                m, pairs, k, "deviation", (double)sd[k], "a finite number that is 0 or more", e);
    }
    return true;
}

void model_done(struct model *m) {
    if (m->self) m->plugin->destroy(m->self);
    free(m->params);
    *m = (struct model){0};
}
