#include "report/shown.h"

static bool is_empty(const struct table *t, size_t column) {
    for (size_t row = 0; row < t->n_rows; row++)
        if (*shown_cell(t, row, column)->text) return false;
    return t->n_rows > 0;
}

size_t *shown_columns(const struct table *t, unsigned show, struct arena *a, size_t *n) {
    size_t *list = arena_alloc(a, (t->n_columns + 1) * sizeof *list);
    *n = 0;
    for (size_t c = 0; list && c < t->n_columns; c++)
        if ((t->columns[c].show & show) && !is_empty(t, c)) list[(*n)++] = c;
    return list;
}

const char *shown_text(const struct table *t, size_t row, size_t column, struct arena *a) {
    const char *text = shown_cell(t, row, column)->text;
    if (column > 0) return text;
    switch (t->rows[row].status) {
    case ROW_LOW:
        return arena_printf(a, "%s †", text);
    case ROW_PARTIAL:
        return arena_printf(a, "%s ‡", text);
    default:
        return text;
    }
}
