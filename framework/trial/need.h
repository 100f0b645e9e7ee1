// need.h - the memory that a row will take, told before a trial of it has run: as earlier trials
// took it, or as its plugin says ("reckon.memory/1").
#ifndef RECKON_TRIAL_NEED_H
#define RECKON_TRIAL_NEED_H

#include "data/dataset.h"
#include "trial/store.h"
#include "trial/worker.h"

enum need_by {
    NEED_UNKNOWN, // no trial of the row was stored, and its plugin does not say
    NEED_STORED,  // by the largest of the trials that the store has
    NEED_PLUGIN
};
struct need {
    enum need_by by;
    uint64_t bytes;          // growth of a trial, beyond the data; 0: unknown
    struct store_cost store; // n = 0: nothing is stored
};

// What fits on folds of a data set have before them: at most all of its ratings. n_valid and
// n_threads are left at 0.
rk_shape need_shape(const struct dataset *d);

// Asks plugins; one process for as many rows of a plugin as follow each other. Zeroed: ready.
struct needs {
    struct inquiry inquiry;
    const char *path; // that the inquiry is of, or that gave no answer; borrowed from a schema
};

// Of plan->models[model], on the data set of that name and shape. `store` may be NULL.
//
// Stored trials of the row's own values have the last word. Those of other values under its label,
// as of a row that searches, do not: the larger of what they took and of what the plugin says
// stands. Of a row that searches, the plugin is asked for the largest: each searched value in turn
// is put to what takes most, beside those before it as they are. A plugin that gives no sensible
// answer is warned of, once; it is no failure.
bool need_of(struct needs *n, const struct plan *plan, size_t model, struct store *store,
    const char *data, const rk_shape *shape, struct need *out, struct error *e);

void needs_done(struct needs *n); // accepts a zeroed struct

#endif
