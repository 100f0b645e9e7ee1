#include "cli/grid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/wording.h"

const char **grid_add(struct grid *g) {
    if (g->n_rows == g->room) {
        const size_t room = g->room ? 2 * g->room : 64;
        const char **cells = realloc(g->cells, room * g->n_columns * sizeof *cells);
        if (!cells) return NULL;
        g->cells = cells;
        g->room = room;
    }
    const char **row = g->cells + g->n_rows++ * g->n_columns;
    memset(row, 0, g->n_columns * sizeof *row);
    return row;
}

void grid_done(struct grid *g) {
    free(g->cells);
    *g = (struct grid){0};
}

static const char *cell(const struct grid *g, size_t row, size_t column) {
    const char *text = g->cells[row * g->n_columns + column];
    return text ? text : "";
}

static void print_padded(const char *text, size_t width, bool right, bool last, FILE *out) {
    const int pad = (int)(width - wording_width(text));
    if (right)
        fprintf(out, "%*s%s", pad, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", out);
}

static void print_table(const struct grid *g, FILE *out) {
    size_t width[64] = {0}, last = 0;
    for (size_t c = 0; c < g->n_columns; c++) {
        if (!g->columns[c].title) continue;
        last = c;
        width[c] = wording_width(g->columns[c].title);
        for (size_t row = 0; row < g->n_rows; row++) {
            const size_t its = wording_width(wording_clean(g->arena, cell(g, row, c)));
            if (its > width[c]) width[c] = its;
        }
    }
    for (size_t row = 0; row <= g->n_rows; row++)
        for (size_t c = 0; c < g->n_columns; c++) {
            const struct grid_column *column = &g->columns[c];
            if (!column->title) continue;
            const char *text = row ? cell(g, row - 1, c) : column->title;
            print_padded(
                wording_clean(g->arena, text), width[c], column->is_number, c == last, out);
        }
}

static void print_csv(const struct grid *g, FILE *out) {
    for (size_t c = 0; c < g->n_columns; c++) fprintf(out, "%s%s", c ? "," : "", g->columns[c].key);
    fputc('\n', out);
    for (size_t row = 0; row < g->n_rows; row++)
        for (size_t c = 0; c < g->n_columns; c++) {
            wording_csv(out, wording_clean(g->arena, cell(g, row, c)));
            fputc(c + 1 < g->n_columns ? ',' : '\n', out);
        }
}

static json_t *cell_json(const struct grid *g, size_t row, size_t c) {
    const char *text = g->cells[row * g->n_columns + c];
    if (!text || (g->columns[c].is_number && !*text)) return json_null();
    if (!g->columns[c].is_number) return json_string(wording_clean(g->arena, text));
    char *end;
    const long long whole = strtoll(text, &end, 10);
    return *end ? json_real(strtod(text, NULL)) : json_integer(whole);
}

static bool print_json(const struct grid *g, FILE *out, struct error *e) {
    json_t *rows = json_array();
    bool ok = rows != NULL;
    for (size_t row = 0; ok && row < g->n_rows; row++) {
        json_t *object = json_object();
        for (size_t c = 0; c < g->n_columns; c++)
            ok &= json_object_set_new(object, g->columns[c].key, cell_json(g, row, c)) == 0;
        ok &= json_array_append_new(rows, object) == 0;
    }
    ok = ok && json_dumpf(rows, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) == 0;
    json_decref(rows);
    if (ok) fputc('\n', out);
    return ok || error_set(e, "the rows do not turn into JSON: out of memory or disk");
}

bool grid_print(const struct grid *g, const char *format, FILE *out, struct error *e) {
    if (format && strcmp(format, "json") == 0) return print_json(g, out, e);
    if (format && strcmp(format, "csv") == 0)
        print_csv(g, out);
    else
        print_table(g, out);
    return true;
}
