// progress.h - how far a run is, on stderr: a live view on a terminal, timed lines or JSON
// otherwise.
#ifndef RECKON_CLI_PROGRESS_H
#define RECKON_CLI_PROGRESS_H

#include "cli/pace.h"

// Of one model and data set, by the first metric.
struct progress_best {
    double sum; // over outer trials
    size_t n;
};

struct progress {
    const struct plan *plan; // borrowed
    bool quiet, live;
    struct pace pace;
    double began, told;         // seconds of the monotonic clock; of the last timed line
    uint32_t data;              // into plan->data: what the following is of
    struct progress_best *best; // [plan->n_models]; owned
    double inner;               // the best score on an inner fold so far, before any outer trial
    int inner_model;            // -1: none
    char doing[128];            // as it was last said
    size_t done, total, cached, failed;
};

// `quiet`: nothing is shown but what --log-format json asks for.
void progress_init(struct progress *p, const struct plan *plan, bool quiet);

// For runner_events.tick; `arg` is the struct progress.
void progress_tick(void *arg, const struct results *r, const struct runner_view *view);
void progress_done(struct progress *p); // clears what is on the terminal

// "8 s", "3:05 min", "2:10:00 h"
void progress_time(double seconds, char out[32]);

// "━━━━━━━───"; gives its bytes.
enum { PROGRESS_BAR = 20, PROGRESS_BAR_BYTES = 3 * PROGRESS_BAR + 1 };
size_t progress_bar(size_t done, size_t total, char out[PROGRESS_BAR_BYTES]);

#endif
