// hash.h - all that decides the tables of a run, as text, and its hash.
#ifndef RECKON_EXPERIMENT_HASH_H
#define RECKON_EXPERIMENT_HASH_H

#include "experiment/experiment.h"

// Data, filter, split, rows with their values or what is searched of them, metrics, seeds,
// validation, clip, coverage, baseline, predictions. Not in it: where files lie, the order of keys,
// the run's name, report, threads, jobs, limits. free() it; NULL: out of memory.
char *hash_text(const struct experiment *x);

// 32 hex digits (XXH3-128) of that, in the experiment's arena; NULL: out of memory.
const char *hash_plan(struct experiment *x);

#endif
