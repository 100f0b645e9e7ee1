// standard.h - ratings brought to one scale, so that steps and penalties mean the same everywhere.
#ifndef RECKON_PLUGINS_COMMON_STANDARD_H
#define RECKON_PLUGINS_COMMON_STANDARD_H

#include "reckon.h"

// A rating r is standardised to (r - center) / unit, or to 0 if unit is 0.
struct standard {
    double center; // mean of the training ratings
    double unit;   // their standard deviation over 1.1, which is about what that of stars is
};

struct standard standard_of(const rk_data *data);

static inline float standard_apply(const struct standard *s, float rating) {
    return s->unit > 0 ? (float)((rating - s->center) / s->unit) : 0;
}

#endif
