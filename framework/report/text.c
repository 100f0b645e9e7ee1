// The terminal's form: aligned columns, notes below. A number and its deviation are aligned apart,
// so that the points of all rows stand below each other.
#include <string.h>

#include "report/report.h"
#include "report/shown.h"
#include "report/wording.h"

enum { GAP = 3, LABEL_LEAST = 12, NOTE_LEAST = 40 };

static const char BOLD[] = "\033[1m", DIM[] = "\033[2m", RED[] = "\033[31m", YELLOW[] = "\033[33m",
                  PLAIN[] = "\033[0m";

struct layout {
    const struct table *table;
    const struct table_style *style;
    FILE *out;
    struct arena *arena;
    size_t *columns;     // [n]
    size_t *number, *sd; // [n]: widths of the two parts of a cell; sd: 0 if there is none
    size_t n;
    unsigned show; // SHOW_*
};

static void spaces(FILE *out, size_t n) {
    fprintf(out, "%*s", (int)n, "");
}

static void paint(const struct layout *l, const char *colour) {
    if (l->style->colour && colour) fputs(colour, l->out);
}

static size_t column_width(const struct layout *l, size_t k) {
    return l->number[k] + l->sd[k];
}

static size_t table_width(const struct layout *l) {
    size_t width = 0;
    for (size_t k = 0; k < l->n; k++) width += column_width(l, k) + (k ? GAP : 0);
    return width;
}

// " ±.0031" takes two columns and the number's text; " •", a mark behind it, two.
static size_t sd_width(const struct cell *cell) {
    return (cell->sd_text ? 2 + wording_width(cell->sd_text) : 0) + (cell->mark ? 2 : 0);
}

static void measure(struct layout *l) {
    const struct table *t = l->table;
    for (size_t k = 0; k < l->n; k++) {
        l->number[k] = l->sd[k] = 0;
        for (size_t row = 0; row < t->n_rows; row++) {
            const size_t width = wording_width(shown_text(t, row, l->columns[k], l->arena));
            const size_t sd = sd_width(shown_cell(t, row, l->columns[k]));
            if (width > l->number[k]) l->number[k] = width;
            if (sd > l->sd[k]) l->sd[k] = sd;
        }
        const size_t title = wording_width(t->columns[l->columns[k]].title);
        if (title > column_width(l, k)) l->number[k] = title - l->sd[k];
    }
}

static void drop(struct layout *l, size_t k) {
    size_t *columns = l->columns;
    memmove(columns + k, columns + k + 1, (l->n - k - 1) * sizeof *columns);
    memmove(l->number + k, l->number + k + 1, (l->n - k - 1) * sizeof *l->number);
    memmove(l->sd + k, l->sd + k + 1, (l->n - k - 1) * sizeof *l->sd);
    l->n--;
}

// Makes the table fit: without optional columns, then with a shorter first column, then without the
// last columns. Gives the titles of what was left out, or "".
static const char *fit(struct layout *l) {
    const char *left_out = "";
    const size_t width = l->style->width;
    if (width == 0) return left_out;
    const size_t slack = l->number[0] > LABEL_LEAST ? l->number[0] - LABEL_LEAST : 0;
    for (int all = 0; all <= 1; all++)
        for (size_t k = l->n; k-- > 2 && table_width(l) > width + (all ? slack : 0);) {
            const struct table_column *c = &l->table->columns[l->columns[k]];
            if (!all && !c->is_optional) continue;
            left_out = arena_printf(l->arena, "%s%s%s", c->title, *left_out ? ", " : "", left_out);
            drop(l, k);
        }
    const size_t over = table_width(l) > width ? table_width(l) - width : 0;
    l->number[0] -= over < slack ? over : slack;
    return left_out;
}

static void print_padded(const struct layout *l, const char *text, size_t width, bool right) {
    const size_t own = wording_width(text), pad = width > own ? width - own : 0;
    if (right) spaces(l->out, pad);
    fputs(text, l->out);
    if (!right) spaces(l->out, pad);
}

static void print_head(const struct layout *l) {
    paint(l, DIM);
    for (size_t k = 0; k < l->n; k++) {
        const struct table_column *c = &l->table->columns[l->columns[k]];
        if (k) spaces(l->out, GAP);
        const bool last = k + 1 == l->n;
        const bool right = c->is_number && l->sd[k] == 0;
        print_padded(l, c->title, last && !right ? 0 : column_width(l, k), right);
    }
    paint(l, PLAIN);
    fputc('\n', l->out);
}

static void print_row(const struct layout *l, size_t row) {
    const struct table *t = l->table;
    const bool failed = t->rows[row].status == ROW_FAILED;
    size_t owed = 0; // spaces that are only printed before something else
    for (size_t k = 0; k < l->n; k++) {
        const struct cell *cell = shown_cell(t, row, l->columns[k]);
        const char *text = shown_text(t, row, l->columns[k], l->arena);
        if (k == 0) text = wording_cut(l->arena, text, l->number[0]);
        const bool right = t->columns[l->columns[k]].is_number;
        const size_t own = wording_width(text), pad = l->number[k] > own ? l->number[k] - own : 0;
        if (k) owed += GAP;
        if (!*text) {
            owed += column_width(l, k);
            continue;
        }
        spaces(l->out, owed + (right ? pad : 0));
        if (k && (failed || cell->strong)) paint(l, failed ? RED : BOLD);
        fputs(text, l->out);
        if (k && (failed || cell->strong)) paint(l, PLAIN);
        owed = (right ? 0 : pad) + l->sd[k] - sd_width(cell);
        if (cell->sd_text) {
            paint(l, DIM);
            fprintf(l->out, " ±%s", cell->sd_text);
            paint(l, PLAIN);
        }
        if (cell->mark) fprintf(l->out, " %s", cell->mark);
    }
    fputc('\n', l->out);
}

// Words of a line of text (`colour` NULL: in none), broken at spaces into lines of at most `width`
// columns.
static void print_note(const struct layout *l, const char *text, const char *colour) {
    const size_t width =
        l->style->width && l->style->width < NOTE_LEAST ? NOTE_LEAST : l->style->width;
    paint(l, colour);
    wording_wrap(l->arena, l->out, text, width);
    if (colour) paint(l, PLAIN);
    fputc('\n', l->out);
}

// What the numbers say and what against them, below the table of all test rows.
static void print_texts(const struct layout *l, const struct report *r) {
    const size_t at = report_find(r, l->table->data_index);
    if (!table_is_whole(l->table) || l->table->metric || at == r->n_data) return;
    fputc('\n', l->out);
    for (size_t k = 0; k < r->story[at].n; k++) print_note(l, r->story[at].at[k], NULL);
    if (l->show & SHOW_TERMINAL && *r->costs[at]) print_note(l, r->costs[at], NULL);
    if (r->warnings[at].n) fputc('\n', l->out);
    for (size_t k = 0; k < r->warnings[at].n; k++)
        print_note(l, arena_printf(l->arena, "! %s", r->warnings[at].at[k]), YELLOW);
}

static void print_table(const struct report *r, const struct table *t,
    const struct table_style *style, FILE *out, unsigned show) {
    struct arena arena = {0};
    struct layout l = {.table = t, .style = style, .out = out, .arena = &arena, .show = show};
    l.columns = shown_columns(t, show, &arena, &l.n);
    l.number = arena_alloc(&arena, (l.n + 1) * sizeof *l.number);
    l.sd = arena_alloc(&arena, (l.n + 1) * sizeof *l.sd);
    if (!l.columns || !l.number || !l.sd) {
        arena_done(&arena);
        return;
    }
    measure(&l);
    const char *left_out = fit(&l);
    paint(&l, BOLD);
    fputs(t->title, out);
    paint(&l, PLAIN);
    fputs("\n\n", out);
    print_head(&l);
    for (size_t row = 0; row < t->n_rows; row++) {
        if (t->rows[row].apart && row) fputc('\n', out);
        print_row(&l, row);
    }
    print_texts(&l, r);
    if (t->n_notes || *left_out) fputc('\n', out);
    for (size_t k = 0; k < t->n_notes; k++) print_note(&l, t->notes[k], DIM);
    if (*left_out)
        print_note(&l, arena_printf(&arena, "Left out for want of room: %s.", left_out), DIM);
    arena_done(&arena);
}

static void print_tables(
    const struct report *r, const struct table_style *style, FILE *out, unsigned show) {
    size_t printed = 0;
    for (size_t k = 0; k < r->tables.n; k++) {
        const struct table *t = &r->tables.at[k];
        if (!style->slices && !table_is_whole(t)) continue;
        if (printed++) fputc('\n', out);
        print_table(r, t, style, out, show);
        for (size_t d = 0; style->slices && table_is_whole(t) && d < r->differences.n; d++) {
            if (r->differences.at[d].data_index != t->data_index) continue;
            fputc('\n', out);
            print_table(r, &r->differences.at[d], style, out, show);
        }
    }
    for (size_t d = 0; d < r->differences.n; d++) {
        if (r->differences.at[d].data_index != UINT32_MAX) continue;
        fputc('\n', out);
        print_table(r, &r->differences.at[d], style, out, show);
    }
}

void report_print(const struct report *r, const struct table_style *style, FILE *out) {
    print_tables(r, style, out, SHOW_TERMINAL);
}

static bool write_text(const struct report *r, FILE *out, struct error *e) {
    (void)e;
    const struct table_style style = {.colour = false, .slices = true, .width = 0};
    print_tables(r, &style, out, SHOW_PAGE);
    return true;
}

REGISTRY_ADD(report_format, txt) = {
    .id = "txt",
    .doc = "plain text with aligned columns, as on the terminal",
    .write = write_text,
};
