// kmeans_fill.h - two other ways in which a cluster answers a user without ratings; both go
// through the factors of als (common/als_train.h).
//
// factors: clusters are the users of a factorization, and a cluster's rating of an item is the
// mean of its members'. A user without ratings has the factors of his cluster.
//
// synthetic: each user without ratings is given made-up ones, as many as the median training user
// has: of the items that most members of his cluster have rated (of equals, the first), each the
// mean of theirs; fewer if the cluster has no more items. True and made-up ratings are factorized
// together, and that answers everybody. Check value: ml-1m, first 80 % of its ratings in time: 641
// such users, 86 ratings each, 55,126 in all (published; 640 users in the file as it is).
#ifndef RECKON_PLUGINS_KMEANS_FILL_H
#define RECKON_PLUGINS_KMEANS_FILL_H

#include "common/ratings.h"
#include "kmeans.h"

// Ratings that are not in the data, as pairs.
struct made_ratings {
    size_t n;
    uint32_t *users; // [n]; owned: or clusters
    uint32_t *items; // [n]; owned
    float *value;    // [n]; owned
};

// Each cluster's mean rating of each item that a member has rated.
rk_status kmeans_cluster_ratings(
    struct made_ratings *out, const rk_csr *by_item, const uint32_t *cluster, uint32_t n_clusters);

// Synthetic ratings as above; *median: how many a user is given at most.
rk_status kmeans_synthetic_ratings(struct made_ratings *out, const struct ratings *r,
    const uint32_t *cluster, uint32_t n_clusters, uint32_t *median);

void made_ratings_done(struct made_ratings *m);

// Fits m->f for fill = factors or synthetic. Steps: als_iterations.
rk_status kmeans_fill_factors(rk_model *m);

#endif
