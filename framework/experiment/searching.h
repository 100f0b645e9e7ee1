// searching.h - `search = { ... }` of the experiment, and of an entry of `models`.
#ifndef RECKON_EXPERIMENT_SEARCHING_H
#define RECKON_EXPERIMENT_SEARCHING_H

#include "core/setting.h"
#include "experiment/tree.h"
#include "trial/tuning.h"

struct reading;

struct search_keys {
    const char *method, *metric, *resource;
    int64_t trials, folds; // trials 0: not said
    double seconds;        // 0: not said
};
extern const struct settings searching_settings;

// How an entry is searched.
struct searching {
    struct node *group; // where it is said; NULL: nothing is searched
    bool own;           // in the entry
    bool wrong;         // and that has been said
    struct search_keys keys;
    const struct search_method *method;
    uint32_t metric; // into plan->metrics
};

// The experiment's; after its metrics.
void searching_read(struct reading *r);

// The entry's, with the experiment's keys for those that it does not say. `schema` has its
// parameters.
void searching_read_entry(
    struct reading *r, struct node *entry, const struct schema *schema, struct searching *out);

// The rest of `t`, whose space is there, for `entry`: budget, inner folds, what halving spends; and
// whether the method can do it. False with a mistake. `values`: what holds where nothing is
// searched.
bool searching_finish(struct reading *r, struct node *entry, struct searching *s,
    const struct schema *schema, const struct param_value *values, struct tuning *t);

// Complains if `search` is there for nothing; `n_tuned` entries are searched.
void searching_check(struct reading *r, size_t n_tuned);

#endif
