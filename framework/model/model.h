// model.h - calls into a plugin with their checks: order, status, answers.
#ifndef RECKON_MODEL_MODEL_H
#define RECKON_MODEL_MODEL_H

#include "core/error.h"
#include "model/host.h"
#include "model/schema.h"

struct model {
    const rk_plugin *plugin;
    struct host *host; // borrowed
    void *params;      // owned; the plugin's rk_params
    rk_model *self;    // the plugin's
    bool fitted;
};

// The message of a failure names the plugin, the function, the status and the plugin's own message:
// "als: fit failed: diverged, or met a singular matrix: step 12: loss is inf".
bool model_create(struct model *m, const rk_plugin *plugin, const struct param_value *values,
    struct host *host, struct error *e);
bool model_fit(struct model *m, const rk_data *data, rk_status *status, struct error *e);
// Infinities are a failure; NAN is "no opinion". Any number of threads at once.
bool model_predict(struct model *m, const rk_pairs *pairs, float *out, struct error *e);
// By the plugin's reckon.spread/1: the standard deviation of each of `answers`, which are those of
// model_predict() to the same pairs; NAN where the answer is. Means that are other bits than the
// answers are a failure, as are deviations that are negative or not finite. `mean` is room; all
// arrays have pairs->n elements. Any number of threads at once.
bool model_spread(struct model *m, const rk_pairs *pairs, const float *answers, float *mean,
    float *sd, struct error *e);
void model_done(struct model *m);

// By the plugin's reckon.state/1: a fitted model's bytes into the empty memory file `fd`, and back
// into one that was created by the same parameters, for which that stands in for model_fit(). All
// the file is read, or it is refused.
bool model_save(const struct model *m, int fd, struct error *e);
bool model_load(struct model *m, int fd, struct error *e);

// What a call that failed leaves, in the form above; false, to be returned.
bool model_failure(const struct model *m, const char *function, rk_status status, struct error *e);

// "success", "out of memory", ...; for a number that is none of them, "unknown status".
const char *model_status_text(rk_status status);

#endif
