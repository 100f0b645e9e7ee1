// Markdown, as CommonMark with tables (GitHub's and most others).
#include <string.h>

#include "report/report.h"
#include "report/shown.h"
#include "report/wording.h"

// Characters that could begin markup are escaped, so that a label is shown as it is.
static void put(FILE *out, const char *text) {
    for (; *text; text++) {
        if (strchr("\\`*_{}[]<>|#~!&$", *text)) fputc('\\', out);
        fputc(*text, out);
    }
}

static void write_row(const struct table *t, size_t row, const size_t *columns, size_t n,
    struct arena *a, FILE *out) {
    fputc('|', out);
    for (size_t k = 0; k < n; k++) {
        const struct cell *cell = shown_cell(t, row, columns[k]);
        fputc(' ', out);
        put(out, shown_text(t, row, columns[k], a));
        if (cell->sd_text) fprintf(out, " ±%s", cell->sd_text);
        fputs(" |", out);
    }
    fputc('\n', out);
}

static bool write_table(const struct table *t, FILE *out, struct error *e) {
    struct arena arena = {0};
    size_t n;
    const size_t *columns = shown_columns(t, SHOW_PAGE, &arena, &n);
    if (!columns) return error_memory(e, t->n_columns * sizeof *columns, "a table");
    fputs(strcmp(t->slice, "all") ? "### " : "## ", out);
    put(out, t->title);
    fputs("\n\n|", out);
    for (size_t k = 0; k < n; k++) {
        fputc(' ', out);
        put(out, t->columns[columns[k]].title);
        fputs(" |", out);
    }
    fputs("\n|", out);
    for (size_t k = 0; k < n; k++)
        fputs(t->columns[columns[k]].is_number ? " ---: |" : " --- |", out);
    fputc('\n', out);
    for (size_t row = 0; row < t->n_rows; row++) write_row(t, row, columns, n, &arena, out);
    fputc('\n', out);
    for (size_t k = 0; k < t->n_notes; k++) {
        fputs("- ", out);
        put(out, t->notes[k]);
        fputc('\n', out);
    }
    if (t->n_notes) fputc('\n', out);
    arena_done(&arena);
    return true;
}

static bool write_md(const struct report *r, FILE *out, struct error *e) {
    for (size_t k = 0; k < r->tables.n; k++)
        if (!write_table(&r->tables.at[k], out, e)) return false;
    return true;
}

REGISTRY_ADD(report_format, md) = {
    .id = "md",
    .doc = "Markdown tables, one for each data set and slice",
    .write = write_md,
};
