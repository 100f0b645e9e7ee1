// table.h - the one table model: what every format writes of a run's numbers.
#ifndef RECKON_REPORT_TABLE_H
#define RECKON_REPORT_TABLE_H

#include <stdio.h>

#include "core/arena.h"
#include "trial/record.h"

// A cell holds a number with its deviation over folds, or text. NAN: none.
struct cell {
    const char *text;    // as shown on the terminal and on pages; never NULL
    const char *sd_text; // ".0031", to stand behind a plus-minus sign; NULL: none
    double value, sd;    // full precision
    const char *mark;    // "•": the best, or not told from it; NULL: none
    bool strong;         // the best alone: every other row is told from it
};

// Where a column is shown.
enum {
    SHOW_TERMINAL = 1, // of costs alone: files must be the same bytes again
    SHOW_PAGE = 2,     // pages to be read: Markdown
    SHOW_DATA = 4,     // files to be computed with: CSV, JSON
    SHOW_ALL = 7
};

struct table_column {
    const char *key;   // "rmse": stable, for JSON and CSV
    const char *title; // "RMSE"
    bool is_number;    // aligned to the right
    bool has_sd;
    bool is_optional; // left out first where there is too little room
    unsigned show;    // SHOW_*
};

enum row_status {
    ROW_OK,
    ROW_PARTIAL, // some trials failed: a mean over the other folds, not comparable with other rows
    ROW_FAILED,  // all of them failed
    ROW_LOW      // the model itself answered less than min_coverage: it cannot win
};
extern const char *const row_status_name[]; // "ok", "partial", "failed", "low coverage"

struct table_row {
    const char *label; // as in the first column, without a mark
    enum row_status status;
    bool apart; // no competitor: the best reachable score of synthetic data
};

// One table for each data set of the run and each slice of its test rows; of differences, one for
// each data set and metric.
struct table {
    const char *title;   // "compare · ml-latest-small · 100 836 ratings · 5-fold · seed 42"
    const char *data;    // "ml-latest-small"
    const char *slice;   // "all", "warm", ...
    const char *metric;  // of differences: its label; NULL: of scores
    uint32_t data_index; // into plan->data; UINT32_MAX: of all of them
    struct table_column *columns; // [n_columns]; the first is the model
    size_t n_columns;
    struct table_row *rows; // [n_rows]
    struct cell *cells;     // [n_rows * n_columns], by rows
    size_t n_rows;
    const char **notes; // [n_notes]: lines below: what was left out, warnings, definitions
    size_t n_notes;
};

bool table_is_whole(const struct table *t); // of slice "all"

// Text is free of control characters and valid UTF-8, whatever labels are.
struct tables {
    struct arena arena; // owned; everything lies in it
    struct table *at;   // [n]; by data set, then by slice, "all" first, or by metric
    size_t n;
};
struct comparisons;
bool tables_make(
    struct tables *t, const struct results *r, const struct comparisons *c, struct error *e);
// Of differences: for each data set and metric that rows are compared by, from the best and from
// the baseline; where there are RANKS_LEAST data sets, one of ranks for each metric.
bool tables_make_differences(
    struct tables *t, const struct results *r, const struct comparisons *c, struct error *e);
void tables_done(struct tables *t);

#endif
