// record.h - what became of the trials. A trial is one model on one fold with one seed.
#ifndef RECKON_TRIAL_RECORD_H
#define RECKON_TRIAL_RECORD_H

#include "metric/breakdown.h"
#include "metric/evidence.h"
#include "metric/score.h"
#include "trial/plan.h"

// `candidate` of a trial on an inner fold that is none of a search, but one of a blend's member.
#define CANDIDATE_NONE UINT32_MAX

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

// Why there are no scores.
enum failure {
    FAILURE_NONE,
    FAILURE_REFUSED, // the plugin said so, or answered what cannot be; happens again if repeated
    FAILURE_CRASHED, // a signal or an exit of its own making
    FAILURE_LIMIT,   // of time or memory: may go well under other limits
    FAILURE_LOST,    // killed from outside, more often than it was tried again
    FAILURE_HARNESS  // no process, no room: not the plugin's doing
};
extern const char *const failure_name[]; // "", "refused", "crashed", "limit", "lost", "harness"

// What was chosen on the inner folds of the trial's outer training fold.
struct tuned {
    const struct param_value *values; // [schema->n_params]
    bool is_default;                  // the default configuration won
    double inner;                     // its metric, mean over inner folds
    double inner_default;             // the same of the default; NAN: it failed
    uint32_t n_candidates;            // that were scored, failed ones included
    uint32_t n_failed;                // candidates without a score
    double effort;                    // of all candidates, in fits on whole inner folds
};

struct trial_record {
    uint32_t number; // from 1, in the order of the plan: data, repeat, fold, model, seed
    int model;       // into plan->models, or MODEL_*
    uint32_t data;   // into plan->data
    uint32_t seed;   // from 0
    uint32_t repeat; // from 0
    uint32_t fold;   // as shown
    uint32_t inner;  // inner fold from 1; 0: of the outer test rows. Records of inner folds go to
                     // the store and to events, not to `results`
    uint32_t candidate;        // of an inner fold; or CANDIDATE_NONE
    const struct tuned *tuned; // of an outer fold, in the results' arena; NULL: by fixed values
    uint32_t attempts;         // begun again, as the trial was killed from outside; running_end()'s
    bool failed;
    enum failure failure;
    const char *cause;    // of a failure, one line; NULL otherwise
    struct limits limits; // of FAILURE_LIMIT: those that it ran under; kept in the store, as other
                          // ones may let it end well
    const char *log;      // what it printed and logged, printable; NULL: nothing, or not kept
    bool cached;          // taken from the store
    struct evidence *evidence;  // owned; of outer trials; NULL: none was kept, or it failed
    struct breakdown breakdown; // owned; of outer trials
    // Of a member of a blend, while its fold is at work: answers to the test rows before clipping,
    // NAN where the fallback answers. [n_answers]; owned; NULL: none are kept.
    float *answers;
    size_t n_answers;
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
    rk_shape shape; // see need_shape()
};

struct results {
    struct arena arena;        // owned
    const struct plan *plan;   // borrowed
    struct data_summary *data; // [plan->n_data]
    struct trial_record
        *records; // [n]; owned; in the order of the plan whatever order they ended in
    size_t n, n_failed;
    size_t elsewhere;      // trials that are other shards' to run, and have no record here
    const char *blas_core; // as the trials saw it; NULL: none was loaded
    const char *isa;       // "x86-64-v4"
    bool interrupted;
};

void results_done(struct results *r);
// Frees what the record owns, and leaves that empty; the rest stays as it is.
void record_done(struct trial_record *t);
// Fills in `blas_core` and `isa` as the plan's schemas have them, whether or not a trial runs.
void results_platform(struct results *r);
// Of a row that runs for some blend alone: it is in the store, and not in `records` of a run that
// has ended.
bool record_is_hidden(const struct results *r, const struct trial_record *t);
const char *record_label(
    const struct results *r, const struct trial_record *t); // "(fallback)", "als"

#endif
