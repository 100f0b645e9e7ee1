// refits.h - members of blends with fitted weights, fitted again on inner folds of one outer
// training fold: trials like those of a search, whose answers are all that is wanted of them.
#ifndef RECKON_TRIAL_REFITS_H
#define RECKON_TRIAL_REFITS_H

#include "trial/runner_own.h"

struct fold_work;

// One model with one seed on one inner fold. Blends that have it as a member share it.
struct refit {
    uint32_t model, seed, inner, n_inner;
    uint32_t number; // of the first record that waits for it
    bool asked, over;
    struct trial_record record; // answers (owned), cost and failure, once it is over
};

struct refits {
    struct refit *at; // [n]; owned
    size_t n;
};

// Lists those of the blends that this shard has on the fold. In an order of the plan's own.
bool refits_begin(struct fold_work *w, struct error *e);
void refits_end(struct refits *r); // accepts a zeroed struct

// As those of struct source: of members whose values are known.
bool refits_next(struct fold_work *w, struct slot *slot, struct task *task);
void refits_ended(struct fold_work *w, const struct task *task, bool dropped);

// No values were found for the model: its refits will never be.
void refits_unchosen(struct fold_work *w, uint32_t model);

// NULL: there is none.
const struct refit *refits_find(
    const struct refits *r, uint32_t model, uint32_t seed, uint32_t inner, uint32_t n_inner);

// Adds those that a run will have of each model [n_models] on a fold, by run->here.
void refits_foresee(const struct run *run, struct foreseen *out);

#endif
