// chart_classes.c - bars and profiles over classes: upright where the names of the classes fit side
// by side, else a row for each class.
#include <math.h>
#include <string.h>

#include "report/chart_frame.h"

enum { HEIGHT = 200, LABEL_MOST = 140, CLASS_ROW = 24, BAR = 9 };

struct classes {
    struct frame f;
    struct scale s;
    const struct chart_axis *axis;
    const char **names; // [n_classes], clean
    size_t n_classes;
    const struct chart_bars_series *at;
    size_t n;
    struct frame_key *keys; // [n]
    bool bars, upright;
    double slot, label_room;
};

static bool gather(struct classes *c, const char *const *classes, size_t n_classes, size_t n_series,
    struct extent *x) {
    struct frame *f = &c->f;
    const size_t most = n_classes > CHART_MOST / c->n ? CHART_MOST / c->n : n_classes;
    *x = EXTENT_NONE;
    c->n_classes = most;
    c->names = arena_alloc(&f->arena, (most + 1) * sizeof *c->names);
    c->keys = arena_alloc(&f->arena, (c->n + 1) * sizeof *c->keys);
    if (!c->names || !c->keys) return false;
    for (size_t k = 0; k < most; k++) {
        c->names[k] = frame_clean(f, classes[k]);
        c->label_room = fmax(c->label_room, svg_width(c->names[k]));
    }
    for (size_t s = 0; s < c->n; s++) {
        c->keys[s] = (struct frame_key){.label = frame_clean(f, c->at[s].label),
            .line = !c->bars && !c->at[s].loose,
            .mark = true};
        for (size_t k = 0; k < most; k++) extent_add(x, c->axis, c->at[s].values[k]);
    }
    if (n_classes > most)
        f->note =
            frame_left_out(f, n_classes, most, "classes", classes[most], classes[n_classes - 1]);
    if (n_series > c->n)
        f->note = frame_left_out(
            f, n_series, c->n, "series", c->at[c->n].label, c->at[n_series - 1].label);
    return true;
}

static void sizes_upright(
    struct classes *c, const struct chart_head *head, struct extent x, double legend) {
    struct frame *f = &c->f;
    f->top = frame_top(head, legend) + FRAME_Y_TITLE;
    f->bottom = f->top + HEIGHT;
    f->height = f->bottom + FRAME_X_AXIS + 2;
    scale_make(&c->s, c->axis, x, c->bars, f->bottom, f->top, frame_y_ticks(HEIGHT));
    f->left = frame_y_room(f, &c->s);
    f->right = f->width - 4;
    c->slot = (f->right - f->left) / fmax((double)c->n_classes, 1);
}

static void sizes_rows(
    struct classes *c, const struct chart_head *head, struct extent x, double legend) {
    struct frame *f = &c->f;
    // Numbers stand behind the bars of a single series.
    const double behind = c->bars && c->n == 1 ? 66 : 10;
    c->label_room = fmin(c->label_room, LABEL_MOST);
    c->slot = c->bars ? fmax(CLASS_ROW, 8 + BAR * (double)c->n) : CLASS_ROW;
    f->left = c->label_room + 12;
    f->right = f->width - behind;
    f->top = frame_top(head, legend) + FRAME_Y_TITLE;
    f->bottom = f->top + c->slot * (double)c->n_classes;
    f->height = f->bottom + FRAME_X_AXIS + 2;
    scale_make(&c->s, c->axis, x, c->bars, f->left + (c->bars ? 0 : 6), f->right - 6,
        frame_x_ticks(f->right - f->left));
}

static double class_at(const struct classes *c, size_t k) {
    return (c->upright ? c->f.left : c->f.top) + c->slot * ((double)k + .5);
}

// ---- Axes
// ----------------------------------------------------------------------------------------

// Names below, as many as fit: all, or the first of every so many.
static void names_below(struct classes *c, const char *title) {
    struct frame *f = &c->f;
    double last = -1e9;
    for (size_t k = 0; k < c->n_classes; k++) {
        const double x = class_at(c, k), half = svg_width(c->names[k]) / 2;
        if (x - half < fmax(last + 6, 0) || x + half > f->width) continue;
        svg_text(f->out, x, f->bottom + FRAME_X_LABEL, 'm', "t m", c->names[k], NULL);
        last = x + half;
    }
    const char *clean = frame_clean(f, title);
    svg_text(f->out, (f->left + f->right) / 2, f->bottom + FRAME_X_LABEL + SVG_LINE, 'm', "t m",
        svg_fit(&f->arena, clean, f->right - f->left), clean);
}

static void names_beside(struct classes *c, const char *title) {
    struct frame *f = &c->f;
    for (size_t k = 0; k < c->n_classes; k++) {
        const double y = class_at(c, k);
        if (!c->bars) svg_line(f->out, "g", f->left, y, f->right, y);
        svg_text(f->out, 2, y + 5, 's', "t", svg_fit(&f->arena, c->names[k], c->label_room + 1),
            c->names[k]);
    }
    const char *clean = frame_clean(f, title);
    svg_text(f->out, 2, f->top - 13, 's', "t m", svg_fit(&f->arena, clean, f->width - 4), clean);
}

// ---- Marks
// ---------------------------------------------------------------------------------------

static const char *tip_of(struct classes *c, size_t series, size_t k) {
    const char *value = scale_value(&c->s, c->at[series].values[k], &c->f.arena);
    if (c->n == 1) return arena_printf(&c->f.arena, "%s: %s", c->names[k], value);
    return arena_printf(&c->f.arena, "%s, %s: %s", c->names[k], c->keys[series].label, value);
}

static void draw_bar(struct classes *c, size_t series, size_t k) {
    const double value = c->at[series].values[k],
                 thick = (c->upright ? .8 * c->slot : c->slot - 6) / (double)c->n;
    const double zero = scale_at(&c->s, c->axis->is_log ? c->s.low : 0),
                 end = scale_at(&c->s, value);
    const double begin = class_at(c, k) + thick * ((double)series - (double)c->n / 2);
    const double low = fmin(zero, end), length = fabs(end - zero);
    fputs("<g>", c->f.out);
    fputs("<title>", c->f.out);
    svg_escape(c->f.out, tip_of(c, series, k));
    fputs("</title>", c->f.out);
    if (c->upright)
        svg_box(c->f.out, "br", begin, low, thick, length);
    else
        svg_box(c->f.out, "br", low, begin, length, thick);
    fputs("</g>\n", c->f.out);
    if (c->upright || c->n > 1) return;
    svg_text(c->f.out, fmax(end, zero) + 6, class_at(c, k) + 5, 's', "t h",
        scale_value(&c->s, value, &c->f.arena), NULL);
}

static void draw_joined(struct classes *c, size_t series) {
    double x = NAN, y = NAN;
    for (size_t k = 0; k < c->n_classes; k++) {
        const double value = c->at[series].values[k];
        const bool there = scale_takes(c->axis, value);
        const double along = there ? scale_at(&c->s, value) : NAN;
        const double to_x = c->upright ? class_at(c, k) : along;
        const double to_y = c->upright ? along : class_at(c, k);
        if (there && !isnan(x)) svg_line(c->f.out, "ln", x, y, to_x, to_y);
        x = there ? to_x : NAN;
        y = there ? to_y : NAN;
    }
}

static void draw_dots(struct classes *c, size_t series) {
    for (size_t k = 0; k < c->n_classes; k++) {
        const double value = c->at[series].values[k];
        if (!scale_takes(c->axis, value)) continue;
        const double along = scale_at(&c->s, value), across = class_at(c, k);
        svg_mark(c->f.out, series, c->upright ? across : along, c->upright ? along : across,
            c->n_classes > CHART_ROWS ? 2.5 : 4.5, tip_of(c, series, k));
    }
}

static void draw_series(struct classes *c, size_t series) {
    fputs("<g class=\"", c->f.out);
    frame_series(c->f.out, series, false);
    fputs("\">\n", c->f.out);
    if (!c->bars) {
        if (!c->at[series].loose) draw_joined(c, series);
        draw_dots(c, series);
    }
    for (size_t k = 0; c->bars && k < c->n_classes; k++)
        if (scale_takes(c->axis, c->at[series].values[k])) draw_bar(c, series, k);
    fputs("</g>\n", c->f.out);
}

static void draw(bool bars, FILE *out, const struct chart_head *head, const char *class_title,
    const char *const *classes, size_t n_classes, const struct chart_axis *y,
    const struct chart_bars_series *at, size_t n) {
    struct classes c = {.f = {.out = out, .width = CHART_WIDTH},
        .axis = y,
        .at = at,
        .n = n < CHART_SERIES ? n : CHART_SERIES,
        .bars = bars};
    struct extent x;
    if (n == 0) c.n_classes = 0;
    if (n && !gather(&c, classes, n_classes, n, &x)) goto done;
    if (n == 0) x = EXTENT_NONE;
    const size_t n_keys = c.n > 1 ? c.n : 0;
    const double legend = frame_legend_height(&c.f, c.keys, n_keys);
    sizes_upright(&c, head, x, legend);
    const double least = bars ? 5 * (double)c.n : 12;
    c.upright = c.n_classes > CHART_ROWS || (c.label_room + 4 <= c.slot && c.slot >= least);
    if (!c.upright) sizes_rows(&c, head, x, legend);
    frame_nothing(&c.f, x);
    frame_open(&c.f, head);
    frame_legend(&c.f, frame_top(head, 0) - 6, c.keys, n_keys);
    if (c.upright) {
        frame_y_axis(&c.f, &c.s, y->title);
        names_below(&c, class_title);
    } else {
        frame_x_axis(&c.f, &c.s, y->title);
        names_beside(&c, class_title);
    }
    for (size_t k = c.n; k-- > 0;) draw_series(&c, k);
    frame_close(&c.f);
done:
    arena_done(&c.f.arena);
}

void chart_bars(FILE *out, const struct chart_head *head, const char *class_title,
    const char *const *classes, size_t n_classes, const struct chart_axis *y,
    const struct chart_bars_series *at, size_t n) {
    draw(true, out, head, class_title, classes, n_classes, y, at, n);
}

void chart_profile(FILE *out, const struct chart_head *head, const char *class_title,
    const char *const *classes, size_t n_classes, const struct chart_axis *y,
    const struct chart_bars_series *at, size_t n) {
    draw(false, out, head, class_title, classes, n_classes, y, at, n);
}
