// metric.h - what every number means. A metric scores one slice of one fold's answered rows.
//
// To add a metric, add one file with a REGISTRY_ADD(metric, ...). Definitions are in its comment
// and in its `doc`; README's page of definitions is printed from there.
#ifndef RECKON_METRIC_METRIC_H
#define RECKON_METRIC_METRIC_H

#include "core/registry.h"
#include "core/setting.h"
#include "split/fold.h"

// Where a row's item stands in the catalogue.
struct metric_place {
    uint32_t rank;       // as in struct answers
    uint32_t candidates; // among how many
};

// Rows to be scored; every array has n elements and is borrowed.
struct metric_rows {
    size_t n;
    const uint32_t *users, *items;
    const float *truth;
    const float *answer; // filled in and clipped, as stated by the run; finite
    const float *raw;    // filled in but not clipped: to rank by, as clipping makes ties
    const float *sd;     // as in struct answers: of `raw`; or NULL
    const struct metric_place *place; // or NULL
    const float *item_mean; // damped item mean of the training fold (metrics.md): a reference line
    const uint64_t *tie;    // stable hash of (seed, user, item)
    // (On training rows `sd`, `place`, `item_mean` and `tie` are NULL.)
    uint64_t seed; // of the experiment, for bootstraps
    float scale_min, scale_max;
    const struct metric_rows *training; // the fold's training rows; NULL if these are they
};

// Takes one named number; `name` is copied. NAN: not defined on these rows.
typedef void metric_sink(void *arg, const char *name, double value);

// A number that belongs to a metric's main number: "top5.share".
struct metric_part {
    const char *name;  // "share"
    const char *title; // "share taken"
    const char *doc;   // the definition
    int decimals;
    bool is_share; // shown in percent
    bool is_line;  // a reference line: what another ranking or predictor scores on the same rows
};

// What a metric needs beside answers to the test rows.
enum { METRIC_NEEDS_SPREAD = 1, METRIC_NEEDS_RANKS = 2 };

struct metric {
    const char *id;    // "rmse": its main number has this name
    const char *title; // of the column: "RMSE"
    const char *doc;   // the definition, one paragraph
    struct settings settings;
    const struct metric_part *parts; // [n_parts]
    size_t n_parts;
    size_t n_columns;     // of the parts, the first that have columns in tables for readers
    int decimals;         // in tables
    bool lower_is_better; // else higher
    bool on_train;        // also computed on the training rows
    unsigned needs;       // METRIC_NEEDS_*; where it is not to be had, the score is NAN
    // Optional: a line to stand under every table, or NULL, when settings change what the number
    // means.
    const char *(*caution)(const void *settings);
    // Optional: whether rows that were trained on count, by which nothing can be chosen.
    bool (*sees_training)(const void *settings);
    // Optional: whether the settings fit this scale of ratings; asked once the data has been read.
    bool (*fits)(const void *settings, float scale_min, float scale_max, struct error *e);
    // Optional: what each row adds, part[k] and weight[k] of [rows->n], so that the main number is
    // the sum of parts over the sum of weights, or the root of that (`is_root`). NULL: not
    // comparable. False without a message: not with these settings.
    bool (*rows)(const void *settings, const struct metric_rows *rows, double *part, double *weight,
        struct error *e);
    bool is_root;
    // The score is a mean over users, and a user's rows tell something together alone (places in
    // one list): differences are judged by drawing users anew, and not items and rows as well.
    bool of_users;
    // Emits the main number first, under `id`; then its parts, as "<id>.<part>". `rows` has n > 0.
    bool (*score)(const void *settings, const struct metric_rows *rows, metric_sink *sink,
        void *arg, struct error *e);
};
REGISTRY_DECLARE(metric)

struct metric_spec {
    const struct metric *metric;
    const void *settings; // borrowed from the experiment
    const char *label;    // distinct in the run: the id, or with settings "top5 share=0.1"
};

// Slices of the test rows, in the order of tables; the two single colds leave out the rows that are
// cold on both sides. SLICE_TRAIN are the training rows.
enum slice {
    SLICE_ALL,
    SLICE_WARM,
    SLICE_COLD_USER,
    SLICE_COLD_ITEM,
    SLICE_COLD_BOTH,
    SLICE_TRAIN,
    SLICE_N
};
extern const char *const slice_name[SLICE_N]; // "all", "warm", ...

#endif
