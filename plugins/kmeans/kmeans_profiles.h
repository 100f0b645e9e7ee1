// kmeans_profiles.h - users as points: what is known of them, or else how they rate genres.
//
// With user features, a point is one different row of features (one-hot columns, common/side.h),
// and its weight the number of training users who have it: few profiles stand for many users.
// Without, each training user is a point of his own: his mean residual about the bias model for
// each genre, drawn to 0 by n / (n + s), with s chosen as in kmeans_shrink.h.
#ifndef RECKON_PLUGINS_KMEANS_PROFILES_H
#define RECKON_PLUGINS_KMEANS_PROFILES_H

#include "common/effects.h"
#include "common/side.h"
#include "kmeans_lloyd.h"
#include "reckon.h"

#define KMEANS_NONE UINT32_MAX // no point, no cluster, no level

struct kmeans_profiles {
    struct kmeans_points points; // n may be 0; arrays owned
    uint32_t *of_user;           // [n_users]: points, or KMEANS_NONE; owned
};

// From features. Users of whom nothing is known have no point. If no training user has one, n = 0.
rk_status kmeans_profiles_of_features(
    struct kmeans_profiles *p, const struct ratings *r, const struct side *users);

// From genres. Users without ratings of items with genres have no point.
rk_status kmeans_profiles_of_genres(struct kmeans_profiles *p, const rk_host *host,
    const struct ratings *r, const struct side *genres, const struct effects *x);

void kmeans_profiles_done(struct kmeans_profiles *p);

#endif
