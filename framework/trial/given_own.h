// given_own.h - what the files of `given` share.
#ifndef RECKON_TRIAL_GIVEN_OWN_H
#define RECKON_TRIAL_GIVEN_OWN_H

#include "trial/given.h"

static inline uint64_t given_place(size_t file, uint64_t line) {
    return (uint64_t)file << 40 | line;
}

// Adds the rows of all files, in their order.
bool given_read_files(struct given *g, struct error *e);

#endif
