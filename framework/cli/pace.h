// pace.h - how long a run will take still, by what its trials have cost so far.
//
// Trials of one model cost about the same, those of two models seldom do; so what is left is
// counted by model, and apart for inner folds. What the harness adds to the trials' own seconds
// is measured, too.
#ifndef RECKON_CLI_PACE_H
#define RECKON_CLI_PACE_H

#include "trial/runner.h"

// Trials of a model on outer folds, or on inner ones.
struct pace_kind {
    double per_unit; // of them in each outer fold, as the plan foresees it
    size_t ended;
    double seconds; // sum over those of the ended whose cost is known
    size_t n_known;
};

struct pace {
    const struct plan *plan; // borrowed
    struct pace_kind *kinds; // [2 * plan->n_models]: outer, inner, outer, ...; owned
    double began;            // of the first trial that really ran, by the monotonic clock; 0: none
    double spent;            // seconds of all trials that really ran, by their own account
    size_t n_ran;
};

bool pace_init(struct pace *p, const struct plan *plan);
void pace_done(struct pace *p);
void pace_watch(struct pace *p, const struct runner_view *view); // with every view

double pace_rate(const struct pace *p); // trials a second, cached ones apart; NAN: not known yet
double pace_left(const struct pace *p, const struct runner_view *view); // seconds; NAN

double pace_now(void); // seconds of the monotonic clock

#endif
