// jsonlog.h - --log-format json: on stderr one JSON object a line for every log line, every ended
// trial, and the beginning and end of a run. Keys stand in a fixed order and are always there.
#ifndef RECKON_CLI_JSONLOG_H
#define RECKON_CLI_JSONLOG_H

#include "trial/record.h"

void jsonlog_begin(void); // from here on log lines are objects
bool jsonlog_is_on(void);

// {"time", "event": "trial", "data", "model", "seed", "repeat", "fold", "inner", "candidate",
//  "seconds", "memory", "scores": {"all": {"rmse": ...}}, "cached", "failed", "cause", "done",
//  "total"}; seed and repeat count from 1 as folds do; inner is 0 on outer folds; candidate is null
// but on inner folds, cause is null but of a failure.
void jsonlog_trial(
    const struct results *r, const struct trial_record *t, size_t done, size_t total);

// {"time", "event": "run", "state", "name", "run", "trials", "cached", "failed"}; `state`:
// "running", then what the store calls it. `run` is its number in the store, 0: not in any.
struct jsonlog_run {
    const char *state, *name;
    int64_t run;
    size_t trials, cached, failed;
};
void jsonlog_run(const struct jsonlog_run *run);

#endif
