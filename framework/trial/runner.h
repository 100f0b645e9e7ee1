// runner.h - runs a plan: data sets and folds one after another, trials in processes of their own.
#ifndef RECKON_TRIAL_RUNNER_H
#define RECKON_TRIAL_RUNNER_H

#include "trial/record.h"

// For the progress bar; every pointer may be NULL. Called in the harness's one thread.
struct runner_events {
    void *arg;
    // `done` and `total` count the trials of models. After each trial, and about ten times a second
    // while trials run (`ended` is then NULL). `doing`: "reading ml-1m", "als fold 3: 4/15".
    void (*tick)(
        void *arg, size_t done, size_t total, const struct trial_record *ended, const char *doing);
    // Predictions of a finished trial, if the plan keeps them: rows in the order of `test`.
    bool (*predictions)(void *arg, const struct results *r, const struct trial_record *t,
        const struct dataset *data, const struct test *test, const float *answers,
        const float *filled, struct error *e);
};

// Fails only for what makes the run impossible (unreadable data, no processes); a failed trial is a
// record. SIGINT, SIGTERM and SIGHUP end the run early; `*signal_seen` (NULL allowed) gets the
// signal's number. Either way `out` has the records so far, and out->interrupted is set.
bool runner_run(const struct plan *plan, const struct runner_events *events, struct results *out,
    int *signal_seen, struct error *e);

#endif
