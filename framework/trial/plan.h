// plan.h - what an experiment asks for, resolved: data sets x folds x models x seeds.
#ifndef RECKON_TRIAL_PLAN_H
#define RECKON_TRIAL_PLAN_H

#include "metric/metric.h"
#include "model/schema.h"
#include "split/split.h"

struct plan_model {
    const char *label;                // distinct; as tables show it
    const struct schema *schema;      // borrowed; schema->path is the shared object
    const struct param_value *values; // [schema->n_params]
};

// All of it is borrowed from the experiment's arena.
struct plan {
    const char *name;
    uint64_t seed;
    uint32_t n_seeds; // each model is run with this many trial seeds
    const struct data_spec *data;
    size_t n_data;
    struct split_spec split;
    const struct plan_model *models;
    size_t n_models;
    const struct metric_spec *metrics;
    size_t n_metrics;
    double validation;
    double min_coverage;
    const char *baseline; // a label that rows are compared to, or NULL
    bool clip;
    bool predictions; // keep them
    bool fail_fast;
    uint32_t threads; // in all; at least 1
    uint32_t jobs;    // trials at a time; at least 1
};

#endif
