// hybrid.h - parameters of the plugin hybrid; equations are on top of hybrid.c.
#ifndef HYBRID_HYBRID_H
#define HYBRID_HYBRID_H

#include "reckon.h"

struct rk_params {
    int factors;
    rk_ints layers;
    int activation;
    int output;
    bool genres;
    bool tags;
    bool years;
    bool demographics;
    double tag_share;
    int features;
    bool implicit;
    int members;
    int epochs;
    int min_epochs;
    int patience;
    int batch;
    double learning_rate;
    double decay;
    double weight_decay;
    double layer_decay;
    double dropout;
    double layer_dropout;
    double id_dropout;
    double init_sd;
};

#endif
