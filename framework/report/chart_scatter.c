// chart_scatter.c - accuracy against cost: labelled points, and the front of the best of them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart_frame.h"
#include "report/chart_place.h"

enum { HEIGHT = 290, LABEL_MOST = 190, LABELS = 60 };

struct spot {
    const char *label; // clean
    double x, y;       // in the drawing
    double value_x, value_y;
    bool on_front;
};

struct scatter {
    struct frame f;
    struct scale x, y;
    struct spot *at; // [n]: those of the front first, from the left
    size_t n, n_front;
};

static int by_front(const void *left, const void *right) {
    const struct spot *a = left, *b = right;
    if (a->on_front != b->on_front) return a->on_front ? -1 : 1;
    if (a->value_x != b->value_x) return a->value_x < b->value_x ? -1 : 1;
    if (a->value_y != b->value_y) return a->value_y < b->value_y ? -1 : 1;
    return strcmp(a->label, b->label);
}

static bool gather(struct scatter *s, const struct chart_axis *x, const struct chart_axis *y,
    const struct chart_point *at, size_t n, struct extent *of_x, struct extent *of_y) {
    *of_x = *of_y = EXTENT_NONE;
    s->at = arena_alloc(&s->f.arena, (n + 1) * sizeof *s->at);
    if (!s->at) return false;
    for (size_t k = 0; k < n; k++) {
        if (!scale_takes(x, at[k].x) || !scale_takes(y, at[k].y)) continue;
        extent_add(of_x, x, at[k].x);
        extent_add(of_y, y, at[k].y);
        s->at[s->n++] = (struct spot){.label = frame_clean(&s->f, at[k].label),
            .value_x = at[k].x,
            .value_y = at[k].y,
            .on_front = at[k].on_front};
        s->n_front += at[k].on_front;
    }
    qsort(s->at, s->n, sizeof *s->at, by_front);
    if (s->n > CHART_MOST) {
        s->f.note =
            arena_printf(&s->f.arena, "Of %zu points the first %d are shown.", s->n, CHART_MOST);
        s->n = CHART_MOST;
        if (s->n_front > s->n) s->n_front = s->n;
    }
    return true;
}

static void sizes(struct scatter *s, const struct chart_head *head, const struct chart_axis *x,
    const struct chart_axis *y, struct extent of_x, struct extent of_y) {
    struct frame *f = &s->f;
    f->width = CHART_WIDTH;
    f->top = frame_top(head, FRAME_Y_TITLE);
    f->bottom = f->top + HEIGHT;
    f->height = f->bottom + FRAME_X_AXIS + 2;
    scale_make(&s->y, y, of_y, false, f->bottom - 8, f->top + 8, frame_y_ticks(HEIGHT));
    f->left = frame_y_room(f, &s->y);
    f->right = f->width - 8;
    scale_make(
        &s->x, x, of_x, false, f->left + 12, f->right - 12, frame_x_ticks(f->right - f->left));
    for (size_t k = 0; k < s->n; k++) {
        s->at[k].x = scale_at(&s->x, s->at[k].value_x);
        s->at[k].y = scale_at(&s->y, s->at[k].value_y);
    }
}

static void draw_front(const struct scatter *s) {
    if (s->n_front < 2) return;
    fputs("<polyline class=\"fr\" points=\"", s->f.out);
    for (size_t k = 0; k < s->n_front; k++) {
        if (k) fputc(' ', s->f.out);
        svg_number(s->f.out, s->at[k].x);
        fputc(',', s->f.out);
        svg_number(s->f.out, s->at[k].y);
    }
    fputs("\"/>\n", s->f.out);
}

static void draw_spot(struct scatter *s, const struct spot *p) {
    struct arena *a = &s->f.arena;
    fprintf(s->f.out, "<g class=\"%s\">", p->on_front ? "c1" : "pl");
    svg_mark(s->f.out, p->on_front ? 3 : 0, p->x, p->y,
        p->on_front     ? 5
        : s->n > LABELS ? 3
                        : 4.5,
        arena_printf(a, "%s: %s, %s", p->label, scale_value(&s->x, p->value_x, a),
            scale_value(&s->y, p->value_y, a)));
    fputs("</g>\n", s->f.out);
}

static void take_mark(struct places *p, const struct spot *s) {
    places_take(p, (struct box){s->x - 6, s->x + 6, s->y - 6, s->y + 6});
}

// Labels of the front come first to the room there is, from its far end, where the best are; where
// a crowd leaves them none, they lie over marks that are not of the front. Gives how many labels
// found no room.
static size_t draw_labels(struct scatter *s, FILE *out, struct places *crowd, struct places *few) {
    size_t without = 0;
    for (size_t k = 0; k < s->n; k++) take_mark(crowd, &s->at[k]);
    for (size_t k = 0; k < s->n_front; k++) take_mark(few, &s->at[k]);
    for (size_t i = 0; i < s->n; i++) {
        const size_t k = i < s->n_front ? s->n_front - 1 - i : i;
        const struct spot *spot = &s->at[k];
        const double wider = spot->on_front ? 1.16 : 1;
        const char *label = svg_fit(&s->f.arena, spot->label, LABEL_MOST / wider);
        const double width = svg_width(label) * wider;
        struct place to;
        bool found = k < LABELS && places_find(crowd, spot->x, spot->y, 5, width, &to);
        if (!found && spot->on_front && k < LABELS) {
            found = places_find(few, spot->x, spot->y, 5, width, &to);
            if (found) places_take(crowd, few->at[few->n - 1]);
        } else if (found) {
            places_take(few, crowd->at[crowd->n - 1]);
        }
        without += !found;
        if (!found) continue;
        if (to.far) svg_line(out, "lead", spot->x, spot->y, to.line_x, to.line_y);
        svg_text(out, to.x, to.y, 's', spot->on_front ? "t b h" : "t h", label, spot->label);
    }
    return without;
}

// Labels into `out`, before the rest is drawn: only then is it known how many are left out.
static bool place_labels(struct scatter *s, FILE *out) {
    const struct frame *f = &s->f;
    const struct box space = {f->left, f->width - 1, f->top - 2, f->bottom - 1};
    struct places crowd, few;
    if (!places_begin(&crowd, space, 2 * s->n, &s->f.arena) ||
        !places_begin(&few, space, 2 * s->n, &s->f.arena))
        return false;
    const size_t without = draw_labels(s, out, &crowd, &few);
    if (without && !s->f.note)
        s->f.note = arena_printf(
            &s->f.arena, "%zu of %zu points have their label in the tooltip alone.", without, s->n);
    return true;
}

void chart_scatter(FILE *out, const struct chart_head *head, const struct chart_axis *x,
    const struct chart_axis *y, const struct chart_point *at, size_t n) {
    struct scatter s = {.f = {.out = out}};
    struct extent of_x, of_y;
    char *labels = NULL;
    size_t length = 0;
    FILE *text = open_memstream(&labels, &length);
    if (!text || !gather(&s, x, y, at, n, &of_x, &of_y)) goto done;
    sizes(&s, head, x, y, of_x, of_y);
    const bool placed = place_labels(&s, text), written = fclose(text) == 0;
    text = NULL;
    if (!placed || !written) goto done;
    frame_nothing(&s.f, of_y);
    frame_open(&s.f, head);
    frame_x_axis(&s.f, &s.x, x->title);
    frame_y_axis(&s.f, &s.y, y->title);
    draw_front(&s);
    for (size_t k = s.n; k-- > 0;) draw_spot(&s, &s.at[k]);
    fwrite(labels, 1, length, out);
    frame_close(&s.f);
done:
    if (text) fclose(text);
    free(labels);
    arena_done(&s.f.arena);
}
