// kmeans_cells.h - additive effects of groups of users on items, each drawn towards 0.
//
//     r(u,i) = base(u,i) + sum_g b_g(level_g(u), i),   b = sum(what the others leave) / (n + s_g)
//
// A grouping puts each user on one of its levels: the clusters, or the genders, or one level for
// all (which makes the item's own mean). Groupings take turns, a few rounds of backfitting (T.
// Hastie, R. Tibshirani: Generalized Additive Models, 1990); s_g by leave-one-out in each round
// (kmeans_shrink.h), which draws a grouping that tells nothing all the way to 0.
#ifndef RECKON_PLUGINS_KMEANS_CELLS_H
#define RECKON_PLUGINS_KMEANS_CELLS_H

#include "common/state.h"
#include "reckon.h"

enum { CELLS_MOST_GROUPINGS = 64 };

struct grouping {
    const char *name;      // for the log
    const uint32_t *level; // [n_users]; KMEANS_NONE: on none; NULL: all users on level 0
    uint32_t n_levels;
    double shrink; // s_g; 0: chosen, and then what was chosen
};

struct cells {
    uint32_t n_groupings;
    struct grouping grouping[CELLS_MOST_GROUPINGS];
    size_t first[CELLS_MOST_GROUPINGS]; // place of a grouping's level 0 in an item's row
    size_t width;                       // floats for an item: levels of all groupings
    float *effect;                      // [n_items x width]; owned
};

// base = mean + user[u] + item[i], where NULL counts 0. Groupings are set; the rest is filled in.
struct cells_base {
    double mean;
    const float *user, *item;
};
rk_status cells_init(
    struct cells *c, const rk_host *host, const rk_csr *by_item, const struct cells_base *base);
void cells_done(struct cells *c);

// Its effects; the groupings' levels are the caller's to set and to judge.
void cells_fields(struct cells *c, struct state *s, uint32_t n_items);

// The sum of effects on the item, for this user.
double cells_at(const struct cells *c, uint32_t user, uint32_t item);

#endif
