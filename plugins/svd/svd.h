// svd.h - parameters and model of the plugin svd; equations and names are on top of svd.c.
#ifndef SVD_SVD_H
#define SVD_SVD_H

#include "common/side.h"
#include "common/standard.h"
#include "svd_factors.h"

enum svd_features { SVD_FEATURES_AUTO, SVD_FEATURES_ALWAYS, SVD_FEATURES_NEVER };

struct rk_params {
    int rank;
    int epochs;
    int min_epochs;
    int patience;
    bool tune;
    bool implicit;
    bool time_bias;
    int features; // enum svd_features
    double learning_rate;
    double decay;
    double bias_rate;
    double implicit_rate;
    double feature_rate;
    double l2;
    double l2_falloff;
    double bias_l2;
    double implicit_l2;
    double feature_l2;
    double time_l2;
    double init_sd;
};

struct rk_model {
    const rk_host *host;      // borrowed
    const rk_params *params;  // borrowed
    struct standard standard; // of the ratings
    struct side side;         // of the items; empty if features are not used
    uint32_t n_done;          // epochs so far, over all trainings
    struct svd_factors factors;
};

#endif
