// table_own.h - the parts of table.c.
#ifndef RECKON_REPORT_TABLE_OWN_H
#define RECKON_REPORT_TABLE_OWN_H

#include <math.h>

#include "report/comparison.h"

enum fill {
    FILL_MODEL,
    FILL_STATUS,
    FILL_FOLDS,
    FILL_SCORE,
    FILL_PERCENT,
    FILL_INTERVAL,
    FILL_FIT,
    FILL_MEMORY,
    FILL_INNER, // of rows that are tuned by the metric of the column
    FILL_OPTIMISM,
    FILL_TRIALS,
    FILL_MAY_BE_BEST, // of comparisons by the column's metric from here on
    FILL_TO_BEST,
    FILL_TO_BASELINE
};

// What of a row against another.
enum fill_part {
    PART_DIFFERENCE,
    PART_LOW,
    PART_HIGH,
    PART_P,
    PART_FOLDS_BETTER,
    PART_FOLDS_WORSE,
    PART_FOLDS_P,
    PART_USERS_BETTER,
    PART_USERS_P,
    PART_N
};

// A column, and what its cells are filled in with.
struct planned {
    struct table_column column;
    enum fill fill;
    enum slice slice;
    const char *name; // of the score; of an interval, without ".low" and ".high"
    int decimals;
    bool says_failed;                    // the column in which a failed row says so
    const struct comparison *comparison; // by the column's metric; NULL: none
    enum fill_part part;
};

struct making {
    const struct values *values;
    const struct comparisons *comparisons;
    enum slice slice;
    struct table *table;
    struct arena *arena;
    struct planned *planned; // [table->n_columns]
};

// "RMSE"; a metric with settings of its own goes by its label.
const char *table_metric_title(const struct metric_spec *spec, struct arena *a);

// Plans the columns of a table of scores.
bool table_plan(struct making *m, struct error *e);

static inline struct planned *table_add(
    struct making *m, const char *key, const char *title, enum fill fill, unsigned show) {
    struct planned *p = &m->planned[m->table->n_columns++];
    *p = (struct planned){
        .column = {.key = key, .title = title, .show = show}, .fill = fill, .slice = m->slice};
    p->column.is_number = fill != FILL_MODEL && fill != FILL_STATUS && fill != FILL_MAY_BE_BEST;
    return p;
}

static inline struct cell table_number(
    const char *text, const char *sd_text, double value, double sd) {
    return (struct cell){.text = text, .sd_text = sd_text, .value = value, .sd = sd};
}

static inline struct cell table_text(const char *text) {
    return table_number(text, NULL, NAN, NAN);
}

// The columns of what comparisons by a metric say, for files to be computed with: at most
// TABLE_COMPARED of them.
enum { TABLE_COMPARED = 1 + 2 * PART_N };
void table_plan_compared(struct making *m, size_t metric, const char *label);
struct cell table_compared_cell(const struct making *m, const struct planned *p, size_t row);

// One number of a row against another; NAN: there is none.
double table_part(const struct comparison *c, size_t row, bool is_best, enum fill_part part);

// Marks a cell of the metric's column.
void table_mark(const struct comparison *c, size_t row, struct cell *cell);

#endif
