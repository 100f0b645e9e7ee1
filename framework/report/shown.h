// shown.h - what of a table is worth the room on a page: columns that are meant for it and not
// empty, and labels with their marks.
#ifndef RECKON_REPORT_SHOWN_H
#define RECKON_REPORT_SHOWN_H

#include "report/table.h"

// Columns to show where `show` says; [n]; in the arena. NULL: out of memory.
size_t *shown_columns(const struct table *t, unsigned show, struct arena *a, size_t *n);

// A cell's text; for the first column with the row's mark: "als †".
const char *shown_text(const struct table *t, size_t row, size_t column, struct arena *a);

static inline const struct cell *shown_cell(const struct table *t, size_t row, size_t column) {
    return &t->cells[row * t->n_columns + column];
}

#endif
