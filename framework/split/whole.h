// whole.h - users or items that are held out wholly; for cold.c.
#ifndef RECKON_SPLIT_WHOLE_H
#define RECKON_SPLIT_WHOLE_H

#include "split/split.h"

// One of share and folds is given; the other is 0.
struct whole {
    double share;
    int64_t folds, repeats, given;
};

// What split_method asks for, with users or items for `by`.
bool whole_plan(const struct whole *s, enum split_by by, const struct dataset *data,
    uint32_t *n_repeats, uint32_t **folds, uint32_t *n_folds, struct error *e);
bool whole_assign(const struct split_job *job, enum split_by by, uint8_t *role, struct error *e);
void whole_describe(const struct whole *s, char *text, size_t size);

#endif
