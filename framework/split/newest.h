// newest.h - the order of time within the ratings of all, of each user or of each item.
//
// Ratings whose time is not known come first. Those of one time, or all of them where the data has
// no times, are ordered by a hash of (key, user id, item id).
#ifndef RECKON_SPLIT_NEWEST_H
#define RECKON_SPLIT_NEWEST_H

#include "split/split.h"

struct newest {
    const struct dataset *data; // borrowed
    enum split_by by;
    uint64_t key;     // of the ties
    uint8_t from, to; // roles
    // How many of a group's n entries with role `from` are to have the role `to`; `group` is the
    // number of the user or item, or 0.
    uint64_t (*count)(const void *arg, uint32_t group, uint64_t n);
    const void *arg;
};

// Gives the newest entries of each group their new role.
bool newest_take(const struct newest *take, uint8_t *role, struct error *e);

#endif
