// grid.h - rows of what the store holds, as a table for people, as CSV or as JSON.
#ifndef RECKON_CLI_GRID_H
#define RECKON_CLI_GRID_H

#include <stdio.h>

#include "core/arena.h"
#include "core/error.h"

struct grid_column {
    const char *key;   // stable: of CSV and JSON
    const char *title; // NULL: not in the table for people
    bool is_number;    // right-aligned; a number in JSON
};

struct grid {
    struct arena *arena;               // borrowed: of all texts
    const struct grid_column *columns; // [n_columns]
    size_t n_columns;
    const char **cells; // [n_rows * n_columns]; owned
    size_t n_rows, room;
};

// The new row's cells, all NULL, to be filled in with texts that live as long as the grid; NULL
// stays for "none". NULL: out of memory.
const char **grid_add(struct grid *g);
void grid_done(struct grid *g);

// `format`: NULL or "table", "csv", "json". False: out of memory.
bool grid_print(const struct grid *g, const char *format, FILE *out, struct error *e);

#endif
