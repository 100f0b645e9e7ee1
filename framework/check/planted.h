// planted.h - small data sets for checks: with structure to find, or with next to nothing in them.
#ifndef RECKON_CHECK_PLANTED_H
#define RECKON_CHECK_PLANTED_H

#include "core/error.h"
#include "reckon.h"

// Factors, biases and features that tell of them; the last users and items are cold; a validation
// slice, times, all standard features and those that the plugin requires. The others differ from it
// as their names say.
enum planted_kind {
    PLANTED_FULL,
    PLANTED_OTHER, // other numbers, other counts
    PLANTED_SMALL,
    PLANTED_NO_VALID,
    PLANTED_NO_TIMES,
    PLANTED_NO_FEATURES,
    PLANTED_EQUAL, // all ratings alike
    PLANTED_ONE_RATING,
    PLANTED_ONE_USER,
    PLANTED_ONE_ITEM,
    PLANTED_ONE_PAIR, // one user, one item, one rating
    PLANTED_GROWN     // the structs of a later minor version, with bytes behind what is known
};

struct planted {
    char name[96];       // "planted data (200 users, 120 items, 5000 ratings)"
    const rk_data *data; // all of it lies in `region`
    const rk_pairs *ask; // warm and cold pairs, in no order
    // Warm pairs that are not in the data, and their ratings.
    const rk_pairs *test;
    const float *truth;    // [test->n]
    double mean;           // of the training ratings
    unsigned char *region; // owned
    size_t size, used;     // bytes of it
};

bool planted_build(
    struct planted *p, enum planted_kind kind, const rk_plugin *plugin, struct error *e);
void planted_done(struct planted *p);

// `n` zeroed bytes in the region, for what goes with the data; NULL: none left.
void *planted_room(struct planted *p, size_t n);

// Makes the region read-only.
bool planted_protect(struct planted *p);

#endif
