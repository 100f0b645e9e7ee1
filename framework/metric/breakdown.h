// breakdown.h - where a trial errs: its error on the test rows of one fold by rating value, user
// activity, item popularity, genre and year.
#ifndef RECKON_METRIC_BREAKDOWN_H
#define RECKON_METRIC_BREAKDOWN_H

#include "data/dataset.h"
#include "metric/metric.h"

enum breakdown_by {
    BREAKDOWN_RATING, // true rating: each value where there are at most 20, else 10 equal parts of
                      // the scale: "-10 to -8"
    BREAKDOWN_ACTIVITY,   // ratings of the user in the training fold: 0, 1-4, 5-9, 10-19, 20-49,
                          // 50-99, 100-199, 200-499, 500-999, 1000+
    BREAKDOWN_POPULARITY, // of the item, likewise
    BREAKDOWN_GENRE,      // an item counts in each of its genres; "(none)"
    BREAKDOWN_YEAR,       // decade of release: "1990s"; "(none)"
    BREAKDOWN_N
};
extern const char *const breakdown_name[BREAKDOWN_N]; // "rating", "activity", ...

struct breakdown_cell {
    enum breakdown_by by;
    const char *key; // "4.5", "10-19", "Film-Noir", "1990s"; owned by the breakdown
    uint64_t rows;
    double error, absolute, square; // sums over its rows of answer - truth, |.|, (.)^2
};

// In the order of `by`, then as named above; genres by name; empty cells are left out, and what the
// data does not tell.
struct breakdown {
    struct breakdown_cell *at; // [n]; owned, with the keys in the same block
    size_t n;
};

bool breakdown_make(struct breakdown *b, const struct dataset *data, const rk_data *train,
    const struct metric_rows *rows, struct error *e);
// With keys of its own.
bool breakdown_copy(struct breakdown *to, const struct breakdown *from, struct error *e);
void breakdown_done(struct breakdown *b); // accepts a zeroed struct

#endif
