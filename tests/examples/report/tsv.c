// A report format, whole: copied to framework/report/, it writes table.tsv for report = ("tsv").
//
// Means only, with tabs between, for cut, sort, join and awk: a row for each data set, slice and
// model. Texts of tables hold no control characters, so there is nothing to quote.
#include <string.h>

#include "report/report.h"
#include "report/shown.h"
#include "report/wording.h"

// Cells by key, as tables of single slices have fewer columns than the first.
static const struct cell *find(const struct table *t, size_t row, const char *key) {
    for (size_t c = 0; c < t->n_columns; c++)
        if (strcmp(t->columns[c].key, key) == 0) return shown_cell(t, row, c);
    return NULL;
}

static void write_row(const struct table *first, const struct table *t, size_t row, FILE *out) {
    fprintf(out, "%s\t%s", t->data, t->slice);
    for (size_t c = 0; c < first->n_columns; c++) {
        if (!(first->columns[c].show & SHOW_DATA)) continue;
        const struct cell *cell = find(t, row, first->columns[c].key);
        char number[32] = "";
        if (cell && first->columns[c].is_number) wording_exact(number, cell->value);
        fprintf(out, "\t%s", cell && !first->columns[c].is_number ? cell->text : number);
    }
    fputc('\n', out);
}

static bool write_tsv(const struct report *r, FILE *out, struct error *e) {
    (void)e;
    const struct tables *t = &r->tables;
    if (t->n == 0) return true;
    fputs("data\tslice", out);
    for (size_t c = 0; c < t->at[0].n_columns; c++)
        if (t->at[0].columns[c].show & SHOW_DATA) fprintf(out, "\t%s", t->at[0].columns[c].key);
    fputc('\n', out);
    for (size_t k = 0; k < t->n; k++)
        for (size_t row = 0; row < t->at[k].n_rows; row++)
            write_row(&t->at[0], &t->at[k], row, out);
    return true;
}

REGISTRY_ADD(report_format, tsv) = {
    .id = "tsv",
    .doc = "means in full precision with tabs between, for awk and its like",
    .write = write_tsv,
};
