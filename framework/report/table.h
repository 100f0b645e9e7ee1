// table.h - the one table model: what every format writes.
#ifndef RECKON_REPORT_TABLE_H
#define RECKON_REPORT_TABLE_H

#include <stdio.h>

#include "core/arena.h"
#include "core/registry.h"
#include "trial/record.h"

// A cell holds a number with its deviation over folds, or text. NAN: empty.
struct cell {
    const char *text; // as shown on the terminal and in Markdown; never NULL
    double value, sd; // full precision; NAN: none
};

struct table_column {
    const char *key;    // "rmse": stable, for JSON and CSV
    const char *title;  // "RMSE"
    bool is_number;     // aligned to the right
    bool only_terminal; // costs: not in files that must be the same bytes again
};

// One table for each data set of the run.
struct table {
    const char *title; // "compare · ml-latest-small · 100 836 ratings · 5-fold · seed 42"
    struct table_column *columns; // [n_columns]
    size_t n_columns;
    struct cell *cells; // [n_rows * n_columns], by rows
    size_t n_rows;
    const char **notes; // [n_notes]: lines below: what was left out, warnings, definitions
    size_t n_notes;
};

struct tables {
    struct arena arena; // owned; everything lies in it
    struct table *at;   // [n]
    size_t n;
};
bool tables_make(struct tables *t, const struct results *r, struct error *e);
void tables_done(struct tables *t);

// A format that tables can be written in. To add one, add one file with REGISTRY_ADD(report_format,
// ...).
struct report_format {
    const char *id;  // "md"; the file is table.<id>
    const char *doc; // one line
    bool (*write)(const struct tables *t, const struct results *r, FILE *out, struct error *e);
};
REGISTRY_DECLARE(report_format)

// The terminal's own form: aligned, with `colour` the best row emphasised. `width`: columns, 0:
// unbounded.
void table_print(const struct tables *t, FILE *out, bool colour, unsigned width);

#endif
