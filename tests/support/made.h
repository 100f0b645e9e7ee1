// made.h - small data sets made in memory, for tests.
#ifndef RECKON_TESTS_SUPPORT_MADE_H
#define RECKON_TESTS_SUPPORT_MADE_H

#include "core/arena.h"
#include "data/dataset.h"

struct made_row {
    uint32_t user, item; // external ids, at least 1
    float value;
    int64_t time;
    uint32_t fold;
};
struct made_tag {
    uint32_t user, item; // user 0: not in the catalogue
    const char *tag;
    int64_t time; // 0: not known
};

// What the data set shall hold; every pointer is borrowed. The catalogue is the users and items
// given, ascending; it may have more of them than the rows.
struct made_spec {
    const uint32_t *users, *items; // [n_users], [n_items]
    uint32_t n_users, n_items;
    const struct made_row *rows; // [n_rows], in any order, without duplicates
    size_t n_rows;
    const struct made_tag *tags; // [n_tags], in any order
    size_t n_tags;
    uint32_t min_count;                     // of tags
    bool times, folds, reachable, features; // with features: "gender" of users, "genre" of items
};

struct made {
    struct dataset data; // nothing is mapped: not for dataset_done()
    struct arena arena;  // owned; everything `data` points to
};
void made_init(struct made *m, const struct made_spec *spec);
void made_done(struct made *m);

// A spec with n_rows distinct pairs, long-tailed, of ratings 0.5 to 5, times, and tags on about
// every third pair, all a function of `seed`; its arrays lie in `arena`.
struct made_spec made_random(
    struct arena *arena, uint64_t seed, uint32_t n_users, uint32_t n_items, size_t n_rows);

#endif
