// key.h - all that determines what a trial answers and scores, as text, and its hash.
//
// The text has one "name=value" a line, names sorted, numbers so that they read back exactly; files
// that a split reads stand there by a hash of their bytes, not by path. What does not change a
// result is not in it: labels, jobs, threads, limits, sandbox, times, the order of keys in a file.
#ifndef RECKON_TRIAL_KEY_H
#define RECKON_TRIAL_KEY_H

#include "core/arena.h"
#include "core/error.h"
#include "trial/plan.h"

// Raised by hand with every change of the harness that changes some result: folds, random numbers,
// scores, what is kept of a trial for comparisons. (Plugins are told apart by their bytes.)
enum { RESULT_VERSION = 2 };

struct key {
    char hex[33]; // XXH3-128 of the text
};

// What all trials on one data set share: computed once. All pointers lie in the arena.
struct key_base {
    const char *const *lines; // [n]
    size_t n;
};
// Of the trials on plan->data[data], whose `data_hash` is that of struct dataset. Reads the split's
// files; a message names the one that can't be read.
bool key_base_init(struct key_base *b, const struct plan *plan, size_t data, const char *data_hash,
    struct arena *a, struct error *e);

struct key_trial {
    const struct schema *schema; // its hash, that of its libraries, BLAS core, ISA; NULL: a row of
                                 // the harness's own, `model` says which
    int model;                   // MODEL_* of a row of the harness's own
    const struct param_value *values; // [schema->n_params]
    uint32_t seed, repeat, fold, inner, n_inner;
    // Of an inner fold: the one metric that it was scored by, on all rows alone; NULL: by none, its
    // answers are all that is kept. Of an outer one NULL: by all of the plan's.
    const struct metric_spec *metric;
    double share; // of the training rows; 1: all
    // Of a blend: what makes it up, and the keys of its members' trials on this fold, in their
    // order. NULL: no blend.
    const struct blend_spec *blend;
    const struct key *members; // [blend->n]
    // Of a trial that never was, as no search could choose its values or a member of the blend has
    // failed: why. NULL: it has been run.
    const char *unchosen;
};
// `text` (NULL allowed) gets the whole text, in the arena: for tests.
bool key_make(struct key *k, const struct key_base *b, const struct key_trial *t, const char **text,
    struct arena *a, struct error *e);

#endif
