// requires.h - what a plugin declares that it cannot do without.
#ifndef RECKON_TRIAL_REQUIRES_H
#define RECKON_TRIAL_REQUIRES_H

#include "model/schema.h"

// The first of the required features that the data lacks, "user.gender" or "item.tag"; NULL: none.
const char *requires_missing(const struct schema *schema, const rk_data *data);

#endif
