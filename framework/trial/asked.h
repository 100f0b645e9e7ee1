// asked.h - what a trial is asked for, and how its answers lie in the memory that it shares with
// the harness.
#ifndef RECKON_TRIAL_ASKED_H
#define RECKON_TRIAL_ASKED_H

#include <stdbool.h>
#include <stddef.h>

#include "metric/answers.h"

// Beside the answers to test rows.
struct asked {
    bool train;  // answers for all training rows
    bool spread; // deviations of the answers to test rows
    bool ranks;  // places of the test rows' items in the whole catalogue
};

// Words of 4 bytes: n_test answers, then what is asked for of n_train answers, n_test deviations
// and n_test ranks, in that order.
struct asked_room {
    struct asked asked;
    size_t n_test, n_train;
};
size_t asked_words(const struct asked_room *r);
size_t asked_floats(const struct asked_room *r); // of these: what is not ranks
// Where the parts lie behind `base`; writing through them is for the trial, which casts.
struct answers asked_at(const struct asked_room *r, const void *base);

#endif
