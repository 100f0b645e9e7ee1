// nested.h - the search of one model in one outer fold, on inner folds of its training rows. What
// the outer fold tests is not there.
#ifndef RECKON_TRIAL_NESTED_H
#define RECKON_TRIAL_NESTED_H

#include "trial/runner_own.h"

struct nested;

// Of plan->models[model], which has a tuning. `outer` and `inner` are borrowed; inner folds are
// added to `inner` as they are needed. `number`: of the first record that waits for what is chosen.
struct nested *nested_begin(struct run *run, const struct fold_plan *outer, struct stages *inner,
    uint32_t model, uint32_t number, struct error *e);
void nested_end(struct nested *n); // accepts NULL

// As those of struct source, for the trials of this search.
bool nested_next(struct nested *n, struct slot *slot, struct task *task);
bool nested_ended(struct nested *n, const struct task *task, bool dropped, struct error *e);

// No further trial is asked for, and all that were have ended.
bool nested_over(const struct nested *n);

// What was chosen, in arena `a`. NULL: no candidate has a score; *failure and *cause (valid until
// nested_end()) are those of the first that failed.
const struct tuned *nested_chosen(
    const struct nested *n, struct arena *a, enum failure *failure, const char **cause);

#endif
