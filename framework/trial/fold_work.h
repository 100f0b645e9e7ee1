// fold_work.h - all there is to do on one outer fold.
#ifndef RECKON_TRIAL_FOLD_WORK_H
#define RECKON_TRIAL_FOLD_WORK_H

#include "trial/runner_own.h"

// Adds the fold's records to the results, those of other shards and those that were not run left
// out later (number 0). False: the run cannot go on.
bool fold_work_run(struct run *run, uint32_t repeat, uint32_t fold, struct error *e);

// Adds the trials of each model [n_models] that this shard has on one fold. *unit is the number of
// the fold's first unit, and is moved to that of the next fold.
void fold_work_foresee(const struct run *run, size_t *unit, struct foreseen *out);

#endif
