// runner.h - runs a plan: data sets and folds one after another, trials in processes of their own,
// tuned models on inner folds first. What the store has is not run again.
#ifndef RECKON_TRIAL_RUNNER_H
#define RECKON_TRIAL_RUNNER_H

#include "trial/store.h"

// A trial that is running.
struct runner_running {
    const struct trial_record *record;
    uint32_t done, total; // steps of its own
    double objective;     // NAN: it told none
    double seconds;       // since its start
};

// How far the run is. All pointers are borrowed for the call.
struct runner_view {
    size_t done, total;    // trials of models, inner ones included; total grows where only the data
                           // or a search tells
    size_t cached, failed; // of those done
    const char *doing;     // "reading ml-1m", "building fold 2"; "" while trials run
    const struct trial_record *ended;     // since the last call; NULL: none
    const struct runner_running *running; // [n_running]
    size_t n_running;
};

// Every pointer may be NULL. Called in the harness's one thread.
struct runner_events {
    void *arg;
    // After each trial (inner ones too), and about ten times a second while trials run.
    void (*tick)(void *arg, const struct results *r, const struct runner_view *view);
    // Whether the predictions of a stored trial are there; if not, it is run again.
    bool (*has_predictions)(void *arg, const struct key *key);
    // A data set was read, results->data[at]: no trial of it has begun.
    void (*data)(void *arg, const struct results *r, uint32_t at);
    // Predictions of a finished outer trial, if the plan keeps them: rows in the order of `test`.
    bool (*predictions)(void *arg, const struct results *r, const struct trial_record *t,
        const struct key *key, const struct dataset *data, const struct test *test,
        const float *answers, const float *filled, struct error *e);
};

// Fails only for what makes the run impossible (unreadable data, no processes, a store that can't
// be written); a failed trial is a record. SIGINT, SIGTERM and SIGHUP end the run early: the first
// has running trials stop at their next step, or five seconds later; a second one at once.
// `*signal_seen` (NULL allowed) gets the signal's number. Either way `out` has the records so far,
// and out->interrupted is set. `store` NULL: nothing is kept. The store's run has begun already.
bool runner_run(const struct plan *plan, struct store *store, const struct runner_events *events,
    struct results *out, int *signal_seen, struct error *e);

// Chooses the values of plan->models[model], which has a tuning, by the same search as in a run, on
// inner folds of all ratings of `data`, the plan's one data set: nothing is held out of it, so that
// there is no outer score. *chosen lies in `a`; NULL with true: stopped by *signal_seen.
bool runner_tune(const struct plan *plan, uint32_t model, const struct dataset *data,
    const struct runner_events *events, struct arena *a, const struct tuned **chosen,
    int *signal_seen, struct error *e);

// What a run would do, for --dry-run: reads the data, runs nothing.
struct runner_forecast {
    size_t trials, inner, cached; // trials of models, `inner` of them on inner folds; cached ones
                                  // as far as keys can be told before a search has begun
    double seconds;               // by what stored trials of the same model and size took; NAN
    uint64_t memory;              // peak, in bytes: data, folds in flight, and the largest needs
    size_t unknown;               // models with trials to run of which none was stored: not in
                                  // `seconds`
    size_t stored, said, untold;  // models with trials to run: their memory by stored ones, by
                                  // their plugin, and not in `memory`, as nothing tells of it
};
// Of `events` (NULL allowed), `data` alone is called.
bool runner_forecast(const struct plan *plan, struct store *store,
    const struct runner_events *events, struct runner_forecast *out, struct error *e);

#endif
