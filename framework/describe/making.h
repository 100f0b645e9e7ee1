// making.h - what the parts of describe_make() share.
#ifndef RECKON_DESCRIBE_MAKING_H
#define RECKON_DESCRIBE_MAKING_H

#include "core/pool.h"
#include "describe/describe.h"

// Ratings are gone through in so many pieces, whatever the number of threads; what the pieces came
// to is added in their order.
enum { MAKING_PIECES = 16, MAKING_VALUES = 64 };

// Which classes each user or item is in.
struct member {
    struct describe_classes *of;
    const uint64_t *start; // [n_units + 1]
    const uint32_t *at;    // classes of unit k are at[start[k]] .. at[start[k + 1] - 1]
};

struct making {
    struct describe *d;
    const struct describe_job *job;
    const struct dataset *data;
    struct arena *arena;  // that of `d`
    struct arena scratch; // until describe_make() ends
    struct pool *pool;
    struct describe_sum *user, *item; // [n_users], [n_items]
    float *user_low, *user_high;      // [n_users]
    float value[MAKING_VALUES + 1];   // ascending
    uint32_t n_values;                // MAKING_VALUES + 1: too many, so bands are made
    struct describe_classes *ratings; // of value
    struct describe_classes *times;   // NULL: none
    int64_t first_day;                // of the table below, since 1970
    const uint32_t *bucket;           // [days]: the class of a day
    struct member *members;           // [n_members]: of features
    size_t n_members;
};

// Zeroed memory that lives as long as `d`, or until describe_make() ends.
void *making_keep(struct making *m, size_t n, size_t size, const char *what, struct error *e);
void *making_take(struct making *m, size_t n, size_t size, const char *what, struct error *e);

// Rows begin .. end - 1 of a matrix are piece k of it: about as many ratings in each.
void making_piece(const rk_csr *r, size_t k, uint32_t *begin, uint32_t *end);

void making_add(struct describe_sum *to, const struct describe_sum *from);

// First: totals of users and items, values, span of time, bursts.
bool survey_make(struct making *m, struct error *e);
// Classes: by value, by time, by features. Their sums come from classes_sum(), after counting.
bool classes_make(struct making *m, struct error *e);
void classes_sum(struct making *m);
uint32_t classes_of_value(const struct making *m, float value);
bool times_make(struct making *m, struct error *e);
bool slices_make(struct making *m, struct error *e); // chooses and allocates
const struct member *slices_member(const struct making *m, const struct describe_classes *of);
bool slices_crosses(const struct describe_slice *s); // users by items
void slices_sum(struct making *m);                   // those of one side, from totals
// The pass over all ratings that needs classes.
bool count_make(struct making *m, struct error *e);
bool spread_make(struct making *m, struct error *e);
bool tags_make(struct making *m, struct error *e);
bool cold_make(struct making *m, struct error *e);
bool odd_make(struct making *m, struct error *e);

#endif
