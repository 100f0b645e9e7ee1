// stage.h - the data set and the fold that trials run on, read and built by forked processes and
// mapped here.
#ifndef RECKON_TRIAL_STAGE_H
#define RECKON_TRIAL_STAGE_H

#include "metric/fallback.h"
#include "split/fold.h"

// From here on no other process may look into this one (guard_hide()). `stop`: as apart_run().
bool stage_data(const struct data_spec *spec, uint32_t threads, const volatile int *stop,
    struct dataset *out, struct error *e);

struct stage_fold {
    int full, sliced, pairs; // owned; sealed; `sliced` is -1 unless asked for
    struct train train;      // of `full`
    struct test test;
    struct fallback fallback;
};

// `sliced`: some model wants a validation slice.
bool stage_fold_open(struct stage_fold *s, const struct fold_plan *plan, bool sliced,
    uint32_t threads, const volatile int *stop, struct error *e);
void stage_fold_done(struct stage_fold *s); // accepts a zeroed struct

// A fold that is built when the first trial needs it.
struct stage {
    struct fold_plan plan;
    bool sliced;
    bool open;
    struct stage_fold fold; // of an open one
};
bool stage_open(struct stage *s, uint32_t threads, const volatile int *stop, struct error *e);
void stage_close(struct stage *s); // accepts a zeroed struct, and one that is not open

// The inner folds of one outer fold, each of which stays where it is. Zeroed: none yet.
struct stages {
    struct stage_node *first; // owned; a list
};
// The one of these plan->inner, n_inner and share, which is made if it isn't there. NULL: out of
// memory.
struct stage *stages_get(struct stages *s, const struct fold_plan *plan, bool sliced);
void stages_done(struct stages *s);

#endif
