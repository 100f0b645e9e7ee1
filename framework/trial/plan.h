// plan.h - what an experiment asks for, resolved: data sets x folds x models x seeds.
#ifndef RECKON_TRIAL_PLAN_H
#define RECKON_TRIAL_PLAN_H

#include "metric/metric.h"
#include "model/schema.h"
#include "split/split.h"
#include "trial/blend.h"
#include "trial/given.h"
#include "trial/tuning.h"

struct plan_model {
    const char *label;                // distinct; as tables show it
    const struct schema *schema;      // borrowed; schema->path is the shared object
    const struct param_value *values; // [schema->n_params]
    // NULL: a row by these values. Else they are chosen anew in each outer fold, on inner folds of
    // its training rows; `values` then holds what is not searched, and defaults for what is.
    const struct tuning *tuning;
    // NULL: the plugin answers. Else no trial is run: answers are those of the files, and the
    // schema stands for them (its hash is of what they hold, and of how they are read).
    const struct given_spec *given;
    // NULL, or this row is a blend of others: no trial is run for it, `schema` has id "blend" and
    // no parameters, and `values` is empty.
    const struct blend_spec *blend;
    bool is_member; // of some blend: its answers are kept in the store
    // Not in the tables: `only` has left it out, and it is run as some blend's member.
    bool is_hidden;
};

// What a trial may take before it is ended, and becomes a row with that cause.
struct limits {
    double seconds; // by the clock, from its start to its last answer; 0: any
    double mib;     // growth of memory over its start; 0: as much as the machine has for it
};

// The part of a run that this machine does: units (data set, repeat, outer fold, model, seed) whose
// number modulo `count` is `index`.
struct shard {
    uint32_t index, count; // index from 0; count 1: all of it
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
    uint32_t jobs;    // trials at a time; at least 1, and no more than threads
    struct limits limits;
    int nice;     // added to the niceness of trials, 0 to 19
    bool sandbox; // trials see no files, network or other processes
    struct shard shard;
    bool fresh;        // take nothing from the store
    bool retry_failed; // run failed trials of the store again
};

#endif
