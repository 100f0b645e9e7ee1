// values.h - the records of one data set, gathered by the rows of its tables.
#ifndef RECKON_REPORT_VALUES_H
#define RECKON_REPORT_VALUES_H

#include "metric/summary.h"
#include "report/table.h"

// One row: all trials of one model on one data set.
struct values_row {
    int model;                         // into plan->models, or MODEL_*
    const struct trial_record **trial; // [n]; owned by the arena
    size_t n, n_failed;
    enum row_status status;
};

struct values {
    const struct results *results; // borrowed
    uint32_t data;                 // into plan->data
    struct values_row *rows;       // [n]: the fallback, the models, the best reachable
    size_t n;
    size_t n_trials; // that a row has when none is missing
    size_t n_folds;  // of all repeats
    uint32_t n_repeats;
    struct summary_value *room; // [n_trials]
};

bool values_init(
    struct values *v, const struct results *r, uint32_t data, struct arena *a, struct error *e);

// Over the folds of one row, failed trials left out.
struct summary values_summary(
    const struct values *v, const struct values_row *row, enum slice slice, const char *name);

// The same of what `read` takes off each trial; NAN: left out.
struct summary values_over(const struct values *v, const struct values_row *row,
    double (*read)(const struct results *, const struct trial_record *));

// Mean of what `cost` reads off each trial that did not fail; NAN for rows of the harness's own.
double values_cost(const struct values_row *row, double (*cost)(const struct trial_cost *));

// "2", "2.1" with repeats (repeat 2, fold 1), "2 seed 3"
const char *values_fold(const struct values *v, const struct trial_record *t, struct arena *a);

// The lines below the table of slice "all".
struct comparisons;
bool notes_make(const struct values *v, const struct comparisons *c, struct table *t,
    struct arena *a, struct error *e);

#endif
