// fitting.h - one model trained on all ratings of a data set and saved, and the answers of a saved
// one. Plugins run in processes of their own, under the guard that trials have.
#ifndef RECKON_TRIAL_FITTING_H
#define RECKON_TRIAL_FITTING_H

#include "trial/plan.h"
#include "trial/record.h"
#include "trial/saved.h"

// What a training came to.
struct fitted {
    struct trial_cost cost;
    uint64_t n_ratings;
    size_t n_state; // bytes of the model's own
};

// Reads the plan's one data set, trains `model` (of the plan) by `values` on all its ratings, by
// the first of its seeds, and writes `path`. The same bytes for any number of threads.
bool fitting_save(const struct plan *plan, const struct plan_model *model,
    const struct param_value *values, const char *path, struct fitted *out, struct error *e);

// Answers pairs of the catalogue's numbers by the plugin of `schema`, which must be the one that
// the model was saved by. out [pairs->n]: as the plugin answers, NAN for no opinion. Warns where
// the processor or BLAS are not those that it was trained on.
bool fitting_answer(const struct saved *saved, const struct schema *schema, const rk_pairs *pairs,
    uint32_t threads, float *out, struct error *e);

// Whether that is so, asked before.
bool fitting_check_plugin(
    const struct saved *saved, const struct schema *schema, const char *path, struct error *e);

#endif
