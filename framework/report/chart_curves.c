// chart_curves.c - lines over a number, with bands; labels at their ends, or a legend.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart_frame.h"
#include "report/chart_place.h"

enum { HEIGHT = 210, END_MOST = 104, ENDS = 6, LINES = 24, MARKS_MOST = 300 };

struct curves {
    struct frame f;
    struct scale x, y;
    const struct chart_axis *axis_x, *axis_y;
    const struct chart_series *at;
    size_t n;
    struct frame_key *keys; // [n]
    size_t stride;          // every so many points are drawn
    size_t n_points;
    bool ends;          // labels at the ends
    double end_y[ENDS]; // where the label of series k stands
};

static bool is_drawn(const struct curves *c, const struct chart_series *s, size_t k) {
    return scale_takes(c->axis_x, s->x[k]) && scale_takes(c->axis_y, s->y[k]);
}

static bool has_band(const struct curves *c, const struct chart_series *s, size_t k) {
    return s->low && s->high && is_drawn(c, s, k) && scale_takes(c->axis_y, s->low[k]) &&
           scale_takes(c->axis_y, s->high[k]);
}

// The point drawn after point `k`: the last one is always drawn.
static size_t next_point(const struct curves *c, const struct chart_series *s, size_t k) {
    return k + 1 < s->n && k + c->stride >= s->n ? s->n - 1 : k + c->stride;
}

static bool gather(struct curves *c, struct extent *x, struct extent *y) {
    size_t left_out = 0;
    *x = *y = EXTENT_NONE;
    c->keys = arena_alloc(&c->f.arena, (c->n + 1) * sizeof *c->keys);
    if (!c->keys) return false;
    for (size_t k = 0; k < c->n; k++) {
        const struct chart_series *s = &c->at[k];
        c->keys[k] = (struct frame_key){
            .label = frame_clean(&c->f, s->label), .line = !s->loose, .mark = s->marks || s->loose};
        for (size_t p = 0; p < s->n; p++) {
            if (!is_drawn(c, s, p)) {
                left_out += isfinite(s->x[p]) && isfinite(s->y[p]);
                continue;
            }
            c->n_points++;
            extent_add(x, c->axis_x, s->x[p]);
            extent_add(y, c->axis_y, s->y[p]);
            if (!has_band(c, s, p)) continue;
            extent_add(y, c->axis_y, s->low[p]);
            extent_add(y, c->axis_y, s->high[p]);
        }
    }
    c->stride = c->n_points / CHART_MOST + 1;
    if (c->stride > 1)
        c->f.note =
            arena_printf(&c->f.arena, "Of %zu points one in %zu is drawn.", c->n_points, c->stride);
    else if (left_out)
        c->f.note =
            arena_printf(&c->f.arena, "%zu %s at or below 0 %s no place on a logarithmic axis.",
                left_out, left_out == 1 ? "point" : "points", left_out == 1 ? "has" : "have");
    return true;
}

// ---- Labels at the ends
// --------------------------------------------------------------------------

struct end {
    double y;
    size_t series;
};

static int by_y(const void *left, const void *right) {
    const struct end *a = left, *b = right;
    if (a->y != b->y) return a->y < b->y ? -1 : 1;
    return a->series < b->series ? -1 : a->series > b->series;
}

// The last point that is drawn; s->n: none.
static size_t last_point(const struct curves *c, const struct chart_series *s) {
    size_t k = s->n;
    while (k > 0 && !is_drawn(c, s, k - 1)) k--;
    return k ? k - 1 : s->n;
}

// Whether all lines end at the right, with room for their names beside; then sets end_y.
static bool place_ends(struct curves *c) {
    struct end ends[ENDS];
    double y[ENDS];
    for (size_t k = 0; k < c->n; k++) {
        const struct chart_series *s = &c->at[k];
        const size_t last = last_point(c, s);
        if (s->loose || last == s->n || scale_at(&c->x, s->x[last]) < c->f.right - 24) return false;
        ends[k] = (struct end){scale_at(&c->y, s->y[last]), k};
    }
    qsort(ends, c->n, sizeof *ends, by_y);
    for (size_t k = 0; k < c->n; k++) y[k] = ends[k].y;
    if (!places_apart(y, c->n, SVG_LINE - 1, c->f.top + 6, c->f.bottom - 6)) return false;
    for (size_t k = 0; k < c->n; k++) {
        if (fabs(y[k] - ends[k].y) > 40) return false;
        c->end_y[ends[k].series] = y[k];
    }
    return true;
}

static double ends_room(const struct curves *c) {
    double room = 0;
    for (size_t k = 0; k < c->n; k++) room = fmax(room, svg_width(c->keys[k].label));
    return room;
}

static void sizes(struct curves *c, const struct chart_head *head, struct extent x, struct extent y,
    double beside, size_t n_keys) {
    struct frame *f = &c->f;
    f->width = CHART_WIDTH;
    f->top = frame_top(head, frame_legend_height(f, c->keys, n_keys)) + FRAME_Y_TITLE;
    f->bottom = f->top + HEIGHT;
    f->height = f->bottom + FRAME_X_AXIS + 2;
    f->right = f->width - 10 - beside;
    scale_make(&c->y, c->axis_y, y, false, f->bottom, f->top, frame_y_ticks(HEIGHT));
    f->left = frame_y_room(f, &c->y);
    scale_make(&c->x, c->axis_x, x, false, f->left, f->right, frame_x_ticks(f->right - f->left));
}

static void layout(
    struct curves *c, const struct chart_head *head, struct extent x, struct extent y) {
    const double room = c->n > 1 && c->n <= ENDS ? ends_room(c) : END_MOST + 1;
    if (room <= END_MOST) {
        sizes(c, head, x, y, room + 16, 0);
        c->ends = place_ends(c);
    }
    if (!c->ends) sizes(c, head, x, y, 0, c->n > 1 ? c->n : 0);
}

// ---- Drawing
// -------------------------------------------------------------------------------------

static void point(struct curves *c, double x, double y) {
    svg_number(c->f.out, scale_at(&c->x, x));
    fputc(',', c->f.out);
    svg_number(c->f.out, scale_at(&c->y, y));
}

// One run of neighbours that all have a band: along the upper ends and back along the lower ones.
static void draw_band(struct curves *c, const struct chart_series *s, size_t from, size_t to) {
    fputs("<polygon class=\"bd\" points=\"", c->f.out);
    size_t last = from;
    for (size_t k = from; k < to; k = next_point(c, s, k)) {
        if (k > from) fputc(' ', c->f.out);
        point(c, s->x[k], s->high[k]);
        last = k;
    }
    size_t n = 0, *back = arena_alloc(&c->f.arena, (to - from + 1) * sizeof *back);
    for (size_t k = from; back && k <= last; k = next_point(c, s, k)) back[n++] = k;
    while (n-- > 0) {
        fputc(' ', c->f.out);
        point(c, s->x[back[n]], s->low[back[n]]);
    }
    fputs("\"/>\n", c->f.out);
}

static void draw_bands(struct curves *c, const struct chart_series *s) {
    size_t from = s->n;
    for (size_t k = 0; k < s->n; k = next_point(c, s, k)) {
        const bool there = has_band(c, s, k);
        if (there && from == s->n) from = k;
        if (from == s->n) continue;
        if (!there) draw_band(c, s, from, k);
        if (!there) from = s->n;
    }
    if (from < s->n) draw_band(c, s, from, s->n);
}

static void draw_line(struct curves *c, const struct chart_series *s) {
    bool open = false;
    for (size_t k = 0; k < s->n; k = next_point(c, s, k)) {
        const bool there = is_drawn(c, s, k);
        if (there) {
            fputs(open ? " " : "<polyline class=\"ln\" points=\"", c->f.out);
            point(c, s->x[k], s->y[k]);
        } else if (open) {
            fputs("\"/>\n", c->f.out);
        }
        open = there;
    }
    if (open) fputs("\"/>\n", c->f.out);
}

static void draw_marks(struct curves *c, const struct chart_series *s, size_t series) {
    struct arena *a = &c->f.arena;
    for (size_t k = 0; k < s->n; k = next_point(c, s, k)) {
        if (!is_drawn(c, s, k)) continue;
        const char *x = scale_short(&c->x, s->x[k], a), *y = scale_value(&c->y, s->y[k], a);
        const char *tip =
            has_band(c, s, k)
                ? arena_printf(a, "%s: %s at %s (%s to %s)", c->keys[series].label, y, x,
                      scale_value(&c->y, s->low[k], a), scale_value(&c->y, s->high[k], a))
                : arena_printf(a, "%s: %s at %s", c->keys[series].label, y, x);
        svg_mark(c->f.out, series, scale_at(&c->x, s->x[k]), scale_at(&c->y, s->y[k]), 4, tip);
    }
}

static void draw_end(struct curves *c, size_t series) {
    const struct chart_series *s = &c->at[series];
    const size_t last = last_point(c, s);
    const double x = scale_at(&c->x, s->x[last]), y = scale_at(&c->y, s->y[last]);
    const double to = c->end_y[series];
    if (fabs(to - y) > 4) svg_line(c->f.out, "lead", x + 6, y, c->f.right + 12, to);
    svg_text(c->f.out, c->f.right + 14, to + 5, 's', "t k", c->keys[series].label, NULL);
}

static void draw_series(struct curves *c, size_t series) {
    const struct chart_series *s = &c->at[series];
    const bool marks = s->loose || (s->marks && c->n_points <= MARKS_MOST);
    fputs("<g class=\"", c->f.out);
    frame_series(c->f.out, series, !s->marks && !s->loose);
    fputs("\">", c->f.out);
    if (!marks) {
        fputs("<title>", c->f.out);
        svg_escape(c->f.out, c->keys[series].label);
        fputs("</title>", c->f.out);
    }
    if (!s->loose) draw_line(c, s);
    // A line of one point would not be seen.
    if (marks || s->n == 1) draw_marks(c, s, series);
    if (c->ends) draw_end(c, series);
    fputs("</g>\n", c->f.out);
}

void chart_curves(FILE *out, const struct chart_head *head, const struct chart_axis *x,
    const struct chart_axis *y, const struct chart_series *at, size_t n) {
    struct curves c = {
        .f = {.out = out}, .axis_x = x, .axis_y = y, .at = at, .n = n < LINES ? n : LINES};
    struct extent of_x, of_y;
    if (!gather(&c, &of_x, &of_y)) goto done;
    if (n > c.n) c.f.note = frame_left_out(&c.f, n, c.n, "lines", at[c.n].label, at[n - 1].label);
    layout(&c, head, of_x, of_y);
    frame_nothing(&c.f, of_y);
    frame_open(&c.f, head);
    if (!c.ends && c.n > 1) frame_legend(&c.f, frame_top(head, 0) - 6, c.keys, c.n);
    frame_x_axis(&c.f, &c.x, x->title);
    frame_y_axis(&c.f, &c.y, y->title);
    for (size_t k = 0; k < c.n; k++) {
        fputs("<g class=\"", out);
        frame_series(out, k, false);
        fputs("\">", out);
        draw_bands(&c, &at[k]);
        fputs("</g>\n", out);
    }
    for (size_t k = c.n; k-- > 0;) draw_series(&c, k);
    frame_close(&c.f);
done:
    arena_done(&c.f.arena);
}
