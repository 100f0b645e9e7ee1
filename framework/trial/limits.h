// limits.h - the memory that a trial may have where the experiment does not say.
#ifndef RECKON_TRIAL_LIMITS_H
#define RECKON_TRIAL_LIMITS_H

#include <stdint.h>

#include "trial/plan.h"

// MiB for each of so many trials at a time: nine tenths of the machine's memory, or of what the
// control group may use if that is less.
double limits_share(uint32_t jobs);

// Those that a trial of the plan runs under, the memory's default put in.
struct limits limits_of(const struct plan *plan);

#endif
