// record.h - what became of the trials. A trial is one model on one fold with one seed.
#ifndef RECKON_TRIAL_RECORD_H
#define RECKON_TRIAL_RECORD_H

#include "metric/score.h"
#include "trial/plan.h"

// Rows of the harness's own: they stand in every table beside the models.
enum { MODEL_FALLBACK = -1, MODEL_REACHABLE = -2 };

struct curve_point {
    const char *series; // in the arena of the results
    double x, y;
};

struct trial_cost {
    double fit_seconds, predict_seconds;
    uint64_t memory; // peak bytes, as growth from the trial's start
};

struct trial_record {
    uint32_t number; // from 1, in the order of the plan: data, repeat, fold, model, seed
    int model;       // into plan->models, or MODEL_*
    uint32_t data;   // into plan->data
    uint32_t seed;   // from 0
    uint32_t repeat; // from 0
    uint32_t fold;   // as shown
    bool failed;
    const char *cause; // of a failure, one line; NULL otherwise
    struct scores scores;
    struct trial_cost cost;
    struct curve_point *curve; // [n_curve]; owned
    size_t n_curve;
};

// What is known of a data set after it was read.
struct data_summary {
    const char *name, *hash;
    uint64_t n_ratings;
    uint32_t n_users, n_items;
    float rating_min, rating_max;
    uint64_t count[COUNT_N];
    bool has_reachable;
};

struct results {
    struct arena arena;        // owned
    const struct plan *plan;   // borrowed
    struct data_summary *data; // [plan->n_data]
    struct trial_record
        *records; // [n]; owned; in the order of the plan whatever order they ended in
    size_t n, n_failed;
    const char *blas_core; // as the trials saw it; NULL: none was loaded
    const char *isa;       // "x86-64-v4"
    bool interrupted;
};

void results_done(struct results *r);
const char *record_label(
    const struct results *r, const struct trial_record *t); // "(fallback)", "als"

#endif
