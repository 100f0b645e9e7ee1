// progress.h - how far a run is, on stderr: a bar on a terminal, timed lines otherwise.
#ifndef RECKON_CLI_PROGRESS_H
#define RECKON_CLI_PROGRESS_H

#include "trial/record.h"

struct progress {
    bool bar, colour, quiet;
    double began, drawn; // seconds of the monotonic clock
    size_t resumed;      // trials done before `began`
    size_t done, total;
    const char *best_metric; // borrowed; id of the first metric
    bool lower_is_better;
    int decimals;
    const struct plan *plan; // borrowed
    uint32_t data;           // into plan->data: what `sum` and `count` are of
    double *sum;             // [plan->n_models]; owned: of that metric over its trials
    size_t *count;           // [plan->n_models]; owned
    char doing[128];
    bool shown; // a bar stands on the terminal
};

// `quiet`: nothing is shown.
void progress_init(struct progress *p, const struct plan *plan, bool quiet);

// For runner_events.tick; `arg` is the struct progress.
void progress_tick(
    void *arg, size_t done, size_t total, const struct trial_record *ended, const char *doing);
void progress_done(struct progress *p); // clears the bar

#endif
