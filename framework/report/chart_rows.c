// chart_rows.c - charts with a row for each model: intervals, and folds as dots.
#include <math.h>
#include <string.h>

#include "report/chart_frame.h"

enum { ROW = 24, LABEL_MOST = 140, LEVEL = 17 };

struct rows {
    struct frame f;
    struct scale s;
    const char **labels; // [n], clean
    const char **second; // [n]: what of them stands in a second line; NULL: none
    double *y;           // [n]: the middles of rows, from the top of the first
    double height;       // of all rows
    size_t n, all;       // shown, and given
    double label_room;
};

// Labels that are too long go on in a second line, from the last space that leaves them room.
static bool break_labels(struct rows *r) {
    r->second = arena_alloc(&r->f.arena, (r->n + 1) * sizeof *r->second);
    r->y = arena_alloc(&r->f.arena, (r->n + 1) * sizeof *r->y);
    if (!r->second || !r->y) return false;
    const double room = (r->label_room - 2) / 1.16;
    for (size_t k = 0; k < r->n; k++) {
        const char *space = NULL, *at = r->labels[k];
        if (svg_width(at) > room)
            while (
                (at = strchr(at + 1, ' ')) && svg_width(arena_printf(&r->f.arena, "%.*s",
                                                  (int)(at - r->labels[k]), r->labels[k])) <= room)
                space = at;
        if (space) r->second[k] = space + 1;
        const double height = space ? ROW + SVG_LINE - 3 : ROW;
        r->y[k] = r->height + height / 2;
        r->height += height;
    }
    return true;
}

static bool rows_labels(
    struct rows *r, size_t all, const char *(*label)(const void *, size_t), const void *at) {
    r->all = all;
    r->n = all < CHART_ROWS ? all : CHART_ROWS;
    r->f.width = CHART_WIDTH;
    r->labels = arena_alloc(&r->f.arena, (r->n + 1) * sizeof *r->labels);
    if (!r->labels) return false;
    for (size_t k = 0; k < r->n; k++) {
        r->labels[k] = frame_clean(&r->f, label(at, k));
        r->label_room = fmax(r->label_room, svg_width_strong(r->labels[k]));
    }
    r->label_room = fmin(r->label_room + 2, LABEL_MOST);
    if (all > r->n)
        r->f.note = frame_left_out(&r->f, all, r->n, "rows", label(at, r->n), label(at, all - 1));
    return break_labels(r);
}

static double row_y(const struct rows *r, size_t k) {
    return r->f.top + r->y[k];
}

static void rows_sizes(struct rows *r, const struct chart_head *head, double above, double behind) {
    r->f.left = r->label_room + 10;
    r->f.right = r->f.width - behind - 8;
    r->f.top = frame_top(head, above);
    r->f.bottom = r->f.top + r->height;
    r->f.height = r->f.bottom + FRAME_X_AXIS + 2;
}

static void row_label(struct rows *r, size_t k, const char *style, bool strong) {
    const double room = (r->label_room - 2) / (strong ? 1.16 : 1);
    const double y = row_y(r, k);
    const char *label = r->labels[k], *second = r->second[k];
    svg_line(r->f.out, "g", r->f.left, y, r->f.right, y);
    if (!second) {
        svg_text(r->f.out, 2, y + 5, 's', style, svg_fit(&r->f.arena, label, room), label);
        return;
    }
    svg_text(r->f.out, 2, y + 5 - SVG_LINE / 2., 's', style,
        arena_printf(&r->f.arena, "%.*s", (int)(second - 1 - label), label), label);
    svg_text(
        r->f.out, 2, y + 5 + SVG_LINE / 2., 's', style, svg_fit(&r->f.arena, second, room), label);
}

// ---- Intervals
// -----------------------------------------------------------------------------------

static const char *interval_label(const void *at, size_t k) {
    return ((const struct chart_interval *)at)[k].label;
}

// Lines across, each with its label on the lowest of the levels above where it touches no other.
struct reference {
    const char *label, *whole;
    double x, middle;
    size_t level;
};

static size_t reference_levels(struct rows *r, const struct chart_axis *axis,
    const struct chart_line *lines, size_t n, struct reference *at, size_t *n_at) {
    size_t levels = 0;
    *n_at = 0;
    for (size_t k = 0; k < n; k++) {
        if (!scale_takes(axis, lines[k].value)) continue;
        struct reference *l = &at[(*n_at)++];
        l->whole = frame_clean(&r->f, lines[k].label);
        l->label = svg_fit(&r->f.arena, l->whole, 120);
        l->x = scale_at(&r->s, lines[k].value);
        const double half = svg_width(l->label) / 2;
        l->middle = fmax(fmin(l->x, r->f.width - half - 2), half + 2);
        l->level = 0;
        for (size_t o = 0; o + 1 < *n_at; o++) {
            if (at[o].level != l->level) continue;
            if (fabs(at[o].middle - l->middle) > half + svg_width(at[o].label) / 2 + 8) continue;
            l->level++;
            o = SIZE_MAX; // from the first again
        }
        if (l->level + 1 > levels) levels = l->level + 1;
    }
    return levels;
}

static void draw_references(struct rows *r, const struct reference *at, size_t n) {
    for (size_t k = 0; k < n; k++) {
        const double y = r->f.top - 6 - (double)at[k].level * LEVEL;
        svg_line(r->f.out, "ref", at[k].x, y + 3, at[k].x, r->f.bottom);
    }
    for (size_t k = 0; k < n; k++)
        svg_text(r->f.out, at[k].middle, r->f.top - 6 - (double)at[k].level * LEVEL, 'm', "t m h",
            at[k].label, at[k].whole);
}

static void draw_interval(
    struct rows *r, const struct chart_axis *axis, const struct chart_interval *i, size_t k) {
    struct arena *a = &r->f.arena;
    const double y = row_y(r, k);
    row_label(r, k, i->strong ? "t b" : i->faint ? "t m" : "t", i->strong);
    if (!scale_takes(axis, i->value)) {
        svg_text(r->f.out, r->f.width - 2, y + 5, 'e', "t m", "none", NULL);
        return;
    }
    const bool bar = scale_takes(axis, i->low) && scale_takes(axis, i->high);
    const char *value = scale_value(&r->s, i->value, a), *tip;
    tip = bar ? arena_printf(a, "%s: %s (%s to %s)", r->labels[k], value,
                    scale_value(&r->s, i->low, a), scale_value(&r->s, i->high, a))
              : arena_printf(a, "%s: %s", r->labels[k], value);
    fprintf(r->f.out, "<g class=\"%s\">", i->strong ? "c1" : i->faint ? "fa" : "pl");
    if (bar) svg_line(r->f.out, "iv", scale_at(&r->s, i->low), y, scale_at(&r->s, i->high), y);
    svg_mark(r->f.out, 0, scale_at(&r->s, i->value), y, 5, tip);
    fputs("</g>\n", r->f.out);
    svg_text(r->f.out, r->f.width - 2, y + 5, 'e',
        i->strong  ? "t b"
        : i->faint ? "t m"
                   : "t",
        value, NULL);
}

void chart_intervals(FILE *out, const struct chart_head *head, const struct chart_axis *axis,
    const struct chart_interval *at, size_t n, const struct chart_line *lines, size_t n_lines) {
    struct rows r = {.f = {.out = out}};
    if (!rows_labels(&r, n, interval_label, at)) return;
    struct reference *refs = arena_alloc(&r.f.arena, (n_lines + 1) * sizeof *refs);
    if (!refs) goto done;
    struct extent x = EXTENT_NONE;
    for (size_t k = 0; k < r.n; k++) {
        if (!scale_takes(axis, at[k].value)) continue;
        extent_add(&x, axis, at[k].value);
        extent_add(&x, axis, at[k].low);
        extent_add(&x, axis, at[k].high);
    }
    for (size_t k = 0; k < n_lines; k++) extent_add(&x, axis, lines[k].value);
    // Ticks depend on the room, the room on the widths of values, and these on the ticks: twice.
    double behind = 60;
    for (int pass = 0; pass < 2; pass++) {
        rows_sizes(&r, head, 0, behind);
        scale_make(
            &r.s, axis, x, false, r.f.left + 6, r.f.right - 6, frame_x_ticks(r.f.right - r.f.left));
        behind = 30;
        for (size_t k = 0; k < r.n; k++)
            if (scale_takes(axis, at[k].value))
                behind =
                    fmax(behind, svg_width_strong(scale_value(&r.s, at[k].value, &r.f.arena)) + 6);
    }
    size_t n_refs;
    const size_t levels = reference_levels(&r, axis, lines, n_lines, refs, &n_refs);
    rows_sizes(&r, head, (double)levels * LEVEL, r.f.width - r.f.right - 8);
    frame_nothing(&r.f, x);
    frame_open(&r.f, head);
    frame_x_axis(&r.f, &r.s, axis->title);
    draw_references(&r, refs, n_refs);
    for (size_t k = 0; k < r.n; k++) draw_interval(&r, axis, &at[k], k);
    frame_close(&r.f);
    return;
done:
    arena_done(&r.f.arena);
}

// ---- Folds
// ---------------------------------------------------------------------------------------

static const char *dots_label(const void *at, size_t k) {
    return ((const struct chart_dots_row *)at)[k].label;
}

// One fold's dots joined over the rows that have it.
static void join_rows(
    struct rows *r, const struct chart_axis *axis, const struct chart_dots_row *rows, size_t fold) {
    double x = NAN, y = NAN;
    for (size_t k = 0; k < r->n; k++) {
        const double value = rows[k].values[fold];
        const bool there = scale_takes(axis, value);
        if (there && !isnan(x)) svg_line(r->f.out, "jn", x, y, scale_at(&r->s, value), row_y(r, k));
        x = there ? scale_at(&r->s, value) : NAN;
        y = row_y(r, k);
    }
}

static void draw_fold(struct rows *r, const struct chart_axis *axis,
    const struct chart_dots_row *rows, size_t fold, const char *name, bool shapes) {
    fputs("<g class=\"", r->f.out);
    frame_series(r->f.out, shapes ? fold : 0, false);
    fputs("\">", r->f.out);
    if (shapes) join_rows(r, axis, rows, fold);
    for (size_t k = 0; k < r->n; k++) {
        const double value = rows[k].values[fold];
        if (!scale_takes(axis, value)) continue;
        svg_mark(r->f.out, shapes ? fold : 0, scale_at(&r->s, value), row_y(r, k), shapes ? 4 : 3,
            arena_printf(&r->f.arena, "%s, %s: %s", r->labels[k], name,
                scale_value(&r->s, value, &r->f.arena)));
    }
    fputs("</g>\n", r->f.out);
}

void chart_dots(FILE *out, const struct chart_head *head, const struct chart_axis *axis,
    const struct chart_dots_row *rows, size_t n, const char *const *folds, size_t n_folds) {
    struct rows r = {.f = {.out = out}};
    if (!rows_labels(&r, n, dots_label, rows)) return;
    struct frame_key *keys = arena_alloc(&r.f.arena, (n_folds + 1) * sizeof *keys);
    if (!keys) goto done;
    if (r.n && n_folds > CHART_MOST / r.n) {
        r.f.note = arena_printf(
            &r.f.arena, "Of %zu folds the first %zu are shown.", n_folds, CHART_MOST / r.n);
        n_folds = CHART_MOST / r.n;
    }
    const bool shapes = n_folds <= SVG_SHAPES;
    struct extent x = EXTENT_NONE;
    for (size_t f = 0; f < n_folds; f++) {
        keys[f] = (struct frame_key){.label = frame_clean(&r.f, folds[f]), .mark = true};
        for (size_t k = 0; k < r.n; k++) extent_add(&x, axis, rows[k].values[f]);
    }
    const size_t n_keys = shapes ? n_folds : 0;
    rows_sizes(&r, head, frame_legend_height(&r.f, keys, n_keys), 0);
    scale_make(
        &r.s, axis, x, false, r.f.left + 6, r.f.right - 6, frame_x_ticks(r.f.right - r.f.left));
    frame_nothing(&r.f, x);
    frame_open(&r.f, head);
    frame_legend(&r.f, frame_top(head, 0) - 6, keys, n_keys);
    frame_x_axis(&r.f, &r.s, axis->title);
    for (size_t k = 0; k < r.n; k++) row_label(&r, k, "t", false);
    for (size_t f = 0; f < n_folds; f++) draw_fold(&r, axis, rows, f, keys[f].label, shapes);
    frame_close(&r.f);
    return;
done:
    arena_done(&r.f.arena);
}
