// svd_ratings.h - ratings user by user, each user's cut by parts of the items.
//
// Items fall into parts of about equal numbers of ratings. Within a user, ratings are sorted by
// part, so that threads can work on disjoint items of the same users.
#ifndef SVD_RATINGS_H
#define SVD_RATINGS_H

#include "common/standard.h"

struct svd_rating {
    uint32_t item;
    float value; // standardised
    float error; // when last visited
};

enum { SVD_PARTS = 16 };

struct svd_ratings {
    uint32_t n_users;
    uint32_t n_items;
    size_t n;
    uint32_t *item_count;      // [n_items]; owned; ratings of each
    size_t *start;             // [n_users * SVD_PARTS + 1]; owned; where part k of user u begins
    struct svd_rating *rating; // [n]; owned
    int64_t *time;             // [n]; owned; seconds since 1970, or RK_NO_TIME
};

// The training ratings, and with them those set aside for validation if `with_valid`. False: no
// memory.
bool svd_ratings_init(
    struct svd_ratings *, const rk_data *, bool with_valid, const struct standard *);
void svd_ratings_done(struct svd_ratings *);
uint64_t svd_ratings_bytes(const rk_shape *); // that it takes meanwhile

static inline size_t svd_ratings_at(const struct svd_ratings *r, uint32_t user, uint32_t part) {
    return r->start[(size_t)user * SVD_PARTS + part];
}

static inline uint32_t svd_ratings_count(const struct svd_ratings *r, uint32_t user) {
    return (uint32_t)(svd_ratings_at(r, user, SVD_PARTS) - svd_ratings_at(r, user, 0));
}

#endif
