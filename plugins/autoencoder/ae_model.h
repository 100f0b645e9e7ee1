// ae_model.h - parameters and model of the plugin autoencoder; equations are on top of
// autoencoder.c.
#ifndef AUTOENCODER_AE_MODEL_H
#define AUTOENCODER_AE_MODEL_H

#include "ae_fitted.h"

enum ae_rows_are { AE_ITEMS, AE_USERS };
enum ae_features { AE_AUTO, AE_ALWAYS, AE_NEVER };

struct rk_params {
    int rows;
    rk_ints hidden;
    int activation;
    int normalise;
    int features;
    double feature_weight;
    double mask;
    double mask_half;
    double hidden_weight;
    double dropout;
    double lambda;
    double lambda_growth;
    double learning_rate;
    double init_range;
    double averaging;
    int batch;
    int epochs;
    int min_epochs;
    int patience;
    int members;
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    struct ae_shape shape;
    struct ae_fitted fitted;
};

#endif
