// Markdown, as CommonMark with tables (GitHub's and most others).
#include <string.h>

#include "report/report.h"
#include "report/shown.h"
#include "report/wording.h"

static void write_row(const struct table *t, size_t row, const size_t *columns, size_t n,
    struct arena *a, FILE *out) {
    fputc('|', out);
    for (size_t k = 0; k < n; k++) {
        const struct cell *cell = shown_cell(t, row, columns[k]);
        fputs(cell->strong ? " **" : " ", out);
        wording_md(out, shown_text(t, row, columns[k], a));
        if (cell->strong) fputs("**", out);
        if (cell->sd_text) fprintf(out, " ±%s", cell->sd_text);
        if (cell->mark) fprintf(out, " %s", cell->mark);
        fputs(" |", out);
    }
    fputc('\n', out);
}

static void write_heading(const char *level, const char *text, FILE *out) {
    fprintf(out, "%s ", level);
    wording_md(out, text);
    fputs("\n\n", out);
}

static void write_list(const char *const *at, size_t n, FILE *out) {
    for (size_t k = 0; k < n; k++) {
        fputs("- ", out);
        wording_md(out, at[k]);
        fputc('\n', out);
    }
    if (n) fputc('\n', out);
}

static bool write_table(const struct table *t, FILE *out, struct error *e) {
    struct arena arena = {0};
    size_t n;
    const size_t *columns = shown_columns(t, SHOW_PAGE, &arena, &n);
    if (!columns) return error_memory(e, t->n_columns * sizeof *columns, "a table");
    fputc('|', out);
    for (size_t k = 0; k < n; k++) {
        fputc(' ', out);
        wording_md(out, t->columns[columns[k]].title);
        fputs(" |", out);
    }
    fputs("\n|", out);
    for (size_t k = 0; k < n; k++)
        fputs(t->columns[columns[k]].is_number ? " ---: |" : " --- |", out);
    fputc('\n', out);
    for (size_t row = 0; row < t->n_rows; row++) write_row(t, row, columns, n, &arena, out);
    fputc('\n', out);
    arena_done(&arena);
    return true;
}

static bool write_differences(
    const struct report *r, uint32_t data, const char *level, FILE *out, struct error *e) {
    for (size_t k = 0; k < r->differences.n; k++) {
        const struct table *t = &r->differences.at[k];
        if (t->data_index != data) continue;
        write_heading(level, t->title, out);
        if (!write_table(t, out, e)) return false;
        write_list(t->notes, t->n_notes, out);
    }
    return true;
}

// A data set: its story, table, differences, warnings and notes.
static bool write_whole(const struct report *r, const struct table *t, FILE *out, struct error *e) {
    const size_t at = report_find(r, t->data_index);
    write_heading("##", t->title, out);
    for (size_t k = 0; k < r->story[at].n; k++) {
        if (k) fputc(' ', out);
        wording_md(out, r->story[at].at[k]);
    }
    fputs("\n\n", out);
    if (!write_table(t, out, e) || !write_differences(r, t->data_index, "###", out, e))
        return false;
    if (r->warnings[at].n) write_heading("###", "Warnings", out);
    write_list(r->warnings[at].at, r->warnings[at].n, out);
    if (t->n_notes) write_heading("###", "Notes", out);
    write_list(t->notes, t->n_notes, out);
    return true;
}

static bool write_md(const struct report *r, FILE *out, struct error *e) {
    for (size_t k = 0; k < r->tables.n; k++) {
        const struct table *t = &r->tables.at[k];
        if (table_is_whole(t)) {
            if (!write_whole(r, t, out, e)) return false;
            continue;
        }
        write_heading("###", t->title, out);
        if (!write_table(t, out, e)) return false;
    }
    return write_differences(r, UINT32_MAX, "##", out, e);
}

REGISTRY_ADD(report_format, md) = {
    .id = "md",
    .doc = "Markdown: what the numbers say, tables, differences, warnings and notes",
    .write = write_md,
};
