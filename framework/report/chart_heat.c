// chart_heat.c - a number for each pair of classes: cells shaded by value, with their numbers.
#include <math.h>
#include <string.h>

#include "report/chart_frame.h"
#include "report/wording.h"

enum { CELL = 26, LABEL_MOST = 150, COLUMNS = 40, UP_MOST = 120 };

struct heat {
    struct frame f;
    const char **rows, **columns; // [n_rows], [n_columns], clean
    size_t n_rows, n_columns;
    size_t stride; // columns of `values`
    const double *values;
    int decimals;
    double low, high; // of the values
    double cell;      // width
    double row_room, column_room;
    bool up; // names of columns read upwards
};

static const char **clean_all(struct heat *h, const char *const *at, size_t n, double *room) {
    const char **clean = arena_alloc(&h->f.arena, (n + 1) * sizeof *clean);
    for (size_t k = 0; clean && k < n; k++) {
        clean[k] = frame_clean(&h->f, at[k]);
        *room = fmax(*room, svg_width(clean[k]));
    }
    return clean;
}

static double value_at(const struct heat *h, size_t row, size_t column) {
    const double value = h->values[row * h->stride + column];
    return isfinite(value) && fabs(value) < 1e300 ? value : NAN;
}

static const char *number(struct heat *h, double value) {
    return fabs(value) < 1e7 ? wording_fixed(&h->f.arena, value, h->decimals)
                             : arena_printf(&h->f.arena, "%.3g", value);
}

static void sizes(struct heat *h, const struct chart_head *head) {
    struct frame *f = &h->f;
    double widest = 0;
    h->low = h->high = NAN;
    for (size_t r = 0; r < h->n_rows; r++)
        for (size_t c = 0; c < h->n_columns; c++) {
            const double value = value_at(h, r, c);
            if (isnan(value)) continue;
            h->low = fmin(h->low, value);
            h->high = fmax(h->high, value);
            widest = fmax(widest, svg_width_strong(number(h, value)));
        }
    h->row_room = fmin(h->row_room, LABEL_MOST);
    f->left = h->row_room + 10;
    const double room = (CHART_WIDTH - 4 - f->left) / fmax((double)h->n_columns, 1);
    h->cell = fmin(fmax(widest + 8, fmin(room, 72)), 90);
    h->up = h->column_room + 6 > h->cell;
    f->right = f->left + h->cell * (double)h->n_columns;
    f->width = fmax(CHART_WIDTH, f->right + 4);
    const double above = h->up ? fmin(h->column_room, UP_MOST) + 6 : SVG_LINE;
    f->top = frame_top(head, 0) + 2 * FRAME_Y_TITLE + above - 20;
    f->bottom = f->top + CELL * (double)h->n_rows;
    f->height = f->bottom + 6;
}

static void draw_names(struct heat *h, const char *row_title, const char *column_title) {
    struct frame *f = &h->f;
    const double title_y = f->top - (h->up ? fmin(h->column_room, UP_MOST) + 6 : SVG_LINE) - 10;
    const char *clean = frame_clean(
        f, arena_printf(&f->arena, "%s \xE2\x86\x93   %s \xE2\x86\x92", row_title, column_title));
    svg_text(f->out, 2, title_y, 's', "t m", svg_fit(&f->arena, clean, f->width - 4), clean);
    for (size_t c = 0; c < h->n_columns; c++) {
        const double x = f->left + h->cell * ((double)c + .5);
        if (h->up)
            svg_text_up(f->out, x + 5, f->top - 6, "t",
                svg_fit(&f->arena, h->columns[c], fmin(h->column_room, UP_MOST) + 1),
                h->columns[c]);
        else
            svg_text(f->out, x, f->top - 6, 'm', "t", h->columns[c], NULL);
    }
    for (size_t r = 0; r < h->n_rows; r++)
        svg_text(f->out, 2, f->top + CELL * ((double)r + .5) + 5, 's', "t",
            svg_fit(&f->arena, h->rows[r], h->row_room + 1), h->rows[r]);
}

static void draw_cell(struct heat *h, size_t r, size_t c, bool best) {
    struct frame *f = &h->f;
    const double value = value_at(h, r, c), x = f->left + h->cell * (double)c,
                 y = f->top + CELL * (double)r;
    if (isnan(value)) return;
    const double share = h->high > h->low ? (value - h->low) / (h->high - h->low) : .5;
    const char *text = number(h, value);
    fputs("<g><title>", f->out);
    svg_escape(f->out, arena_printf(&f->arena, "%s, %s: %s", h->rows[r], h->columns[c], text));
    // Ten shades, so that the style decides on colours.
    fprintf(f->out, "</title>");
    svg_box(f->out, arena_printf(&f->arena, "h%d", (int)fmin(share * 10, 9)), x + 1, y + 1,
        h->cell - 2, CELL - 2);
    svg_text(f->out, x + h->cell / 2, y + CELL / 2. + 5, 'm', best ? "t b" : "t", text, NULL);
    if (best) svg_box(f->out, "best", x + 1, y + 1, h->cell - 2, CELL - 2);
    fputs("</g>\n", f->out);
}

void chart_heat(FILE *out, const struct chart_head *head, const char *row_title,
    const char *const *rows, size_t n_rows, const char *column_title, const char *const *columns,
    size_t n_columns, const double *values, int decimals, size_t best) {
    struct heat h = {.f = {.out = out},
        .n_rows = n_rows < CHART_ROWS ? n_rows : CHART_ROWS,
        .n_columns = n_columns < COLUMNS ? n_columns : COLUMNS,
        .stride = n_columns,
        .values = values,
        .decimals = decimals};
    h.rows = clean_all(&h, rows, h.n_rows, &h.row_room);
    h.columns = clean_all(&h, columns, h.n_columns, &h.column_room);
    if (!h.rows || !h.columns) goto done;
    sizes(&h, head);
    if (n_rows > h.n_rows)
        h.f.note = frame_left_out(&h.f, n_rows, h.n_rows, "rows", rows[h.n_rows], rows[n_rows - 1]);
    if (n_columns > h.n_columns)
        h.f.note = frame_left_out(
            &h.f, n_columns, h.n_columns, "columns", columns[h.n_columns], columns[n_columns - 1]);
    frame_open(&h.f, head);
    draw_names(&h, row_title, column_title);
    for (size_t r = 0; r < h.n_rows; r++)
        for (size_t c = 0; c < h.n_columns; c++)
            draw_cell(&h, r, c, best != SIZE_MAX && best == r * n_columns + c);
    frame_close(&h.f);
done:
    arena_done(&h.f.arena);
}
