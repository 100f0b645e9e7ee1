// svd.h - parameters and model of the plugin svd; equations and names are on top of svd.c.
#ifndef SVD_SVD_H
#define SVD_SVD_H

#include "svd_sgd.h"

struct rk_params {
    int rank;
    int epochs;
    int min_epochs;
    int patience;
    bool tune;
    double learning_rate;
    double decay;
    double bias_rate;
    double l2;
    double l2_falloff;
    double bias_l2;
    double init_sd;
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    double center;           // mean of the training ratings
    double unit;             // what 1 of the standardised ratings is on the data's scale
    uint32_t n_done;         // epochs so far, over all trainings
    struct svd_factors factors;
};

#endif
