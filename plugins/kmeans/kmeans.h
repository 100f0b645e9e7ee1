// kmeans.h - the plugin's parameters and its fitted model.
#ifndef RECKON_PLUGINS_KMEANS_H
#define RECKON_PLUGINS_KMEANS_H

#include "common/als_factors.h"
#include "common/effects.h"
#include "common/ratings.h"
#include "common/side.h"
#include "common/state.h"
#include "kmeans_cells.h"
#include "kmeans_lloyd.h"
#include "reckon.h"

enum kmeans_fill { FILL_RESIDUALS, FILL_ATTRIBUTES, FILL_FACTORS, FILL_SYNTHETIC };

struct rk_params {
    int clusters;
    int restarts;
    int iterations;
    bool curves;
    int fill;
    double shrinkage;
    int rank;
    int als_iterations;
    double lambda;
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    struct kmeans_steps steps;

    struct ratings r;   // what it learned from; owned
    struct side users;  // features; owned
    struct side genres; // of items, if users have no features; owned
    size_t k;           // clusters wanted; 0: not yet known
    bool curves;        // still to be recorded
    double shrink;      // of means of warm users; 0: by leave-one-out
    struct effects x;   // owned
    uint32_t n_users, n_items;
    bool *rated;         // [n_users]; owned; who has ratings
    uint32_t *cluster;   // [n_users], or KMEANS_NONE; owned
    uint32_t n_clusters; // 0: users could not be clustered

    uint32_t n_attributes; // one-hot groups of features, if they are wanted
    uint32_t *level;       // [n_attributes x n_users], or more; owned
    struct cells of_warm;  // beside mu + b_u + b_i; owned
    struct cells of_cold;  // beside mu, if users have features; owned

    // With fill = factors, of clusters; with synthetic, of users; else, or if users have no
    // features, none. Owned.
    struct als_factors f;
};

// Bias model and clusters of m->r. Steps: one, those of k-means, and those of curves if any.
rk_status kmeans_cluster(rk_model *m);

// The effects of warm users, then, if they are wanted and there are features, of cold ones. Steps:
// two at most.
rk_status kmeans_fill_residuals(rk_model *m);

// For users clustered by how they rate genres: m->shrink from the validation slice, INFINITY if
// clusters are no better than none. Such clusters are made of the very ratings that fill them, so
// leave-one-out would see more in them than there is.
rk_status kmeans_choose_shrink(rk_model *m, const rk_data *data);

rk_status kmeans_predict(const rk_model *m, const rk_pairs *pairs, float *out);

// What kmeans_predict() reads.
void kmeans_fields(struct state *s, rk_model *m);

// All that a model owns.
void kmeans_model_done(rk_model *m);

#endif
