// fitting.h - one model trained on all ratings of a data set and saved, and the answers of a saved
// one. Plugins run in processes of their own, under the guard that trials have.
#ifndef RECKON_TRIAL_FITTING_H
#define RECKON_TRIAL_FITTING_H

#include "trial/plan.h"
#include "trial/record.h"
#include "trial/runner.h"
#include "trial/saved.h"

// What a training came to.
struct fitted {
    struct trial_cost cost;
    uint64_t n_ratings;
    size_t n_state;            // bytes of the model's own
    const struct tuned *tuned; // in `arena`; NULL: the values were given
    int signal_seen;           // stopped by it before anything was written; 0: it was not
    struct arena arena;        // owned
};

// Reads the plan's one data set, trains plan->models[model] on all its ratings, by the first of its
// seeds, and writes `path`. What is tuned is chosen on inner folds of all ratings first (events, of
// which NULL is allowed, tell how far that is). The same bytes for any number of threads and jobs.
bool fitting_save(const struct plan *plan, uint32_t model, const struct runner_events *events,
    const char *path, struct fitted *out, struct error *e);
void fitted_done(struct fitted *f); // accepts a zeroed struct

// Answers pairs of the catalogue's numbers by the plugin of `schema`, which must be the one that
// the model was saved by. out [pairs->n]: as the plugin answers, NAN for no opinion. Warns where
// the processor or BLAS are not those that it was trained on.
bool fitting_answer(const struct saved *saved, const struct schema *schema, const rk_pairs *pairs,
    uint32_t threads, float *out, struct error *e);

// Whether that is so, asked before.
bool fitting_check_plugin(
    const struct saved *saved, const struct schema *schema, const char *path, struct error *e);

#endif
