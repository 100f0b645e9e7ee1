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

#endif
