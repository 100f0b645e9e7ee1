// ratings.h - the ratings to learn from: a training fold alone, or with its validation slice.
#ifndef RECKON_PLUGINS_COMMON_RATINGS_H
#define RECKON_PLUGINS_COMMON_RATINGS_H

#include <stdbool.h>

#include "reckon.h"

struct ratings {
    rk_csr by_user, by_item; // arrays: owned if `owned`, else the data's
    bool owned;
};

// The training fold as it stands: borrows everything.
struct ratings ratings_of(const rk_data *data);

// Training fold and slice as one; borrows where there is no slice. False: no memory.
bool ratings_init_with_valid(struct ratings *r, const rk_data *data);
uint64_t ratings_bytes_with_valid(const rk_shape *shape); // that it takes meanwhile
void ratings_done(struct ratings *r);

#endif
