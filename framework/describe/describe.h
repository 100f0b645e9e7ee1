// describe.h - what is in a data set, in numbers: for `reckon describe`.
//
// Everything is computed in passes over the data set as it lies; beside it, memory grows with
// users, items, tags and classes, never with ratings (but for the roles of a split's folds, one at
// a time). The same bits at any number of threads.
#ifndef RECKON_DESCRIBE_DESCRIBE_H
#define RECKON_DESCRIBE_DESCRIBE_H

#include "core/arena.h"
#include "data/dataset.h"
#include "split/split.h"

// Of the ratings of a user, or of an item, over those that have any. Quantiles are interpolated
// between neighbours (Hyndman and Fan 1996, type 7).
struct describe_quantiles {
    double least, p5, p25, median, p75, p95, p99, most, mean;
    double gini; // 0: all alike; towards 1: all ratings on few
};

// Some ratings.
struct describe_sum {
    uint64_t n;
    double sum, square; // of the values, of their squares
};

// One class of a feature, a year, a month, a rating value.
struct describe_class {
    const char *name; // as the data has it: not clean
    struct describe_sum of;
    uint32_t units;        // of a feature: users or items in it, rated or not
    uint32_t users, items; // with at least one rating in it; UINT32_MAX: not counted
};

enum describe_side { DESCRIBE_RATINGS, DESCRIBE_USERS, DESCRIBE_ITEMS };

struct describe_classes {
    const char *title; // "rating", "month", "genre", "age": not clean
    enum describe_side side;
    struct describe_class *at; // [n], in the order of their names as numbers, or of their bytes
    size_t n;
    uint64_t n_without; // ratings that have no class of it
    uint32_t u_without; // users or items, likewise
    bool several;       // a user or item may be in more than one
    bool bands;         // of a feature that is a number: `title` and `of` differ for decades
    const char *of;     // the feature: "year" of "decade"
    double low, step;   // bands: class k begins at low + k step
};

// Mean ratings by two features at once. Where a user or item may be in several classes, a rating
// counts in each of them; the margins are the classes' own sums.
struct describe_slice {
    const struct describe_classes *rows, *columns;
    struct describe_sum *cells; // [rows->n * columns->n]
};

// A point of the long-tail curve: the most rated `units` of them have `ratings` of all.
struct describe_tail {
    double units, ratings; // shares
};

struct describe_tag {
    const char *name;
    uint32_t n, users, items;
};

// A split's test rows: means over its folds of all repeats.
struct describe_cold {
    uint32_t n_folds;
    double train, test;                     // rows
    double cold_user, cold_item, cold_both; // shares of the test rows; both: in each of the two
    double later;      // share of the test rows (of known time) whose user has a later rating in
                       // training; NAN: no times
    uint32_t n_leaked; // folds with such a row
};

enum { DESCRIBE_EXAMPLES = 3, DESCRIBE_TOP = 10, DESCRIBE_TAGS = 20, DESCRIBE_MANY = 20 };

struct describe_odd {
    uint32_t n, n_shown;               // how many there are; examples among them
    uint32_t user[DESCRIBE_EXAMPLES];  // or UINT32_MAX
    uint32_t item[DESCRIBE_EXAMPLES];  // or UINT32_MAX
    uint32_t other[DESCRIBE_EXAMPLES]; // the other item of a title
    double value[DESCRIBE_EXAMPLES];
};

struct describe_oddities {
    struct describe_odd titles;     // that more than one item has
    struct describe_odd one_valued; // users with 5 ratings or more, all of one value (`value`)
    struct describe_odd far;   // users with 20 ratings or more whose mean (`value`) is more than 3
                               // deviations from the mean of such users' means
    double far_mean, far_sd;   // of these means
    struct describe_odd early; // ratings before the year of the item (`value`)
    uint64_t n_early;
    uint64_t n_together;         // ratings given in the same second as another of the same user
    uint32_t burst, burst_user;  // the most in one second, and whose
    uint64_t n_untimed;          // of data with times: ratings without
    uint32_t busiest, favourite; // the user and the item with the most ratings
};

struct describe {
    struct arena arena;         // owned
    const struct dataset *data; // borrowed
    double density, mean, deviation, median;
    struct describe_quantiles activity, popularity; // ratings of a user, of an item
    uint32_t items_unrated, users_unrated;
    const struct describe_tail *user_tail, *item_tail; // [n_tail]
    size_t n_tail;
    struct describe_classes *classes; // [n_classes]: rating; day, month or year; then features
    size_t n_classes;
    struct describe_tag tags[DESCRIBE_TAGS]; // [n_tags]: the most used
    size_t n_tags;
    uint32_t tag_users, tag_items; // who set tags, and what has any
    uint32_t top[DESCRIBE_TOP];    // [n_top]: the most rated items
    size_t n_top;
    const struct describe_sum *users, *items; // [n_users], [n_items]
    int64_t first, last;                      // seconds since 1970; RK_NO_TIME: not known
    struct describe_oddities odd;
    struct describe_slice *slices; // [n_slices]
    size_t n_slices;
    bool has_split;
    struct describe_cold cold;
    const char *split; // in words
};

struct describe_pair {
    const char *rows, *columns; // titles of classes; "year" stands for decades
};

struct describe_job {
    const struct dataset *data;     // borrowed until describe_done()
    const struct data_spec *source; // for splits that read further files
    struct split_spec split;        // method NULL: none
    uint64_t seed;
    const struct describe_pair *by; // [n_by]; none: each two of genre, decade, age, gender,
    size_t n_by;                    // occupation, or of whatever features there are
    uint32_t n_threads;
};

bool describe_make(struct describe *d, const struct describe_job *job, struct error *e);
void describe_done(struct describe *d); // accepts a zeroed struct

// The classes with that title, or NULL.
const struct describe_classes *describe_find(const struct describe *d, const char *title);

double describe_mean(const struct describe_sum *s);      // NAN without ratings
double describe_deviation(const struct describe_sum *s); // of all of them; NAN without ratings

// Year, month and day of a time (UTC).
void describe_date(int64_t time, int64_t *year, int *month, int *day);

#endif
