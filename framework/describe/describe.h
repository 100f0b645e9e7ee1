// describe.h - what is in a data set, in numbers: for `reckon describe`.
//
// Everything is computed in passes over the data set as it lies; beside it, memory grows with
// users, items, tags and buckets, never with ratings.
#ifndef RECKON_DESCRIBE_DESCRIBE_H
#define RECKON_DESCRIBE_DESCRIBE_H

#include "core/arena.h"
#include "data/dataset.h"
#include "split/split.h"

struct describe_quantiles {
    double least, p5, p25, median, p75, p95, p99, most, mean;
    double gini; // of the ratings over users or items: 0 all alike, towards 1 all on few
};

// One class of a feature, a year, a month, a rating value; of ratings and of the users or items.
struct describe_class {
    const char *name;
    uint64_t ratings;
    uint32_t users, items; // with at least one rating in it
    double sum, square;    // of these ratings
};
struct describe_classes {
    const char *title; // "genre", "age", "rating", "month"
    struct describe_class *at;
    size_t n;
    uint64_t n_without; // ratings that have no class of it
    bool several;       // a rating may be in more than one
};

// A point of the long-tail curve: the most rated `units` of them have `ratings` of all.
struct describe_tail {
    double units, ratings; // shares
};

// Mean ratings by two features at once.
struct describe_slice {
    const struct describe_classes *rows, *columns;
    struct describe_class *cells; // [rows->n * columns->n]
};

struct describe_cold {                            // a split's test rows, means over its folds
    double test, cold_user, cold_item, cold_both; // rows; and shares of these
    double later; // share of test rows whose user has a later rating in training; NAN: no times
};

struct describe {
    struct arena arena; // owned
    const struct dataset *data;
    double density, mean, deviation;
    struct describe_quantiles activity, popularity; // ratings of a user, of an item that has any
    uint32_t items_unrated, users_unrated;
    const struct describe_tail *user_tail, *item_tail; // [n_tail]
    size_t n_tail;
    struct describe_classes *classes; // [n_classes]: rating, month or year of rating, then features
    size_t n_classes;
    struct describe_classes tags; // the most used
    uint64_t n_tags;
    int64_t first, last; // seconds since 1970; RK_NO_TIME: not known
    const char *
        *oddities; // [n_oddities]: sentences: duplicates, one-valued users, same-second ratings ...
    size_t n_oddities;
    struct describe_slice *slices; // [n_slices]: those asked for
    size_t n_slices;
    struct describe_cold cold;
    const char *split; // in words; NULL: no split was asked for
};

#endif
