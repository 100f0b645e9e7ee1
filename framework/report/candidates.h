// candidates.h - what the searches of a run tried: each candidate's values and inner score.
#ifndef RECKON_REPORT_CANDIDATES_H
#define RECKON_REPORT_CANDIDATES_H

#include "trial/store_read.h"

// One candidate in one outer fold.
struct candidate {
    uint32_t data, model; // into plan->data, plan->models
    uint32_t seed, repeat, fold, number;
    double spent;         // of the resource, the most that it was given; where a halving has none,
                          // the share of the training rows
    double score;         // the searched metric, mean over its inner folds; NAN: one of them failed
    uint32_t n;           // inner folds
    const double *values; // [tuning->space.n]: of numbers alone; NAN: no number
};

struct candidates {
    struct arena arena; // owned
    const struct plan *plan;
    struct candidate *at; // [n]; owned; in the order of the plan
    size_t n, room;
};

// Reads them from the store: the latest run, which must be of this plan. A run without searches has
// none.
bool candidates_read(
    struct candidates *c, struct store *s, const struct plan *plan, struct error *e);
void candidates_done(struct candidates *c); // accepts a zeroed struct

#endif
