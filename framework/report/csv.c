// The tables as one rectangle: a row for each data set, slice and model, numbers in full.
#include <math.h>
#include <string.h>

#include "report/report.h"
#include "report/shown.h"
#include "report/wording.h"

// The cell under `key`, or NULL: tables of single slices have fewer columns.
static const struct cell *find(const struct table *t, size_t row, const char *key) {
    for (size_t c = 0; c < t->n_columns; c++)
        if (strcmp(t->columns[c].key, key) == 0) return shown_cell(t, row, c);
    return NULL;
}

static void put_number(FILE *out, double value) {
    char text[32];
    wording_exact(text, value);
    fprintf(out, ",%s", text);
}

static void write_head(const struct table *t, FILE *out) {
    fputs("data,slice", out);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (!(t->columns[c].show & SHOW_DATA)) continue;
        fputc(',', out);
        wording_csv(out, t->columns[c].key);
        if (!t->columns[c].has_sd) continue;
        char key[160];
        snprintf(key, sizeof key, "%s_sd", t->columns[c].key);
        fputc(',', out);
        wording_csv(out, key);
    }
    fputc('\n', out);
}

static void write_row(const struct table *first, const struct table *t, size_t row, FILE *out) {
    wording_csv(out, t->data);
    fprintf(out, ",%s", t->slice);
    for (size_t c = 0; c < first->n_columns; c++) {
        const struct table_column *column = &first->columns[c];
        if (!(column->show & SHOW_DATA)) continue;
        const struct cell *cell = find(t, row, column->key);
        if (column->is_number) {
            put_number(out, cell ? cell->value : NAN);
            if (column->has_sd) put_number(out, cell ? cell->sd : NAN);
        } else {
            fputc(',', out);
            wording_csv(out, cell ? cell->text : "");
        }
    }
    fputc('\n', out);
}

static bool write_csv(const struct report *r, FILE *out, struct error *e) {
    (void)e;
    const struct tables *t = &r->tables;
    if (t->n == 0) return true;
    write_head(&t->at[0], out);
    for (size_t k = 0; k < t->n; k++)
        for (size_t row = 0; row < t->at[k].n_rows; row++)
            write_row(&t->at[0], &t->at[k], row, out);
    return true;
}

REGISTRY_ADD(report_format, csv) = {
    .id = "csv",
    .doc = "one row for each data set, slice and model; numbers in full precision",
    .write = write_csv,
};
