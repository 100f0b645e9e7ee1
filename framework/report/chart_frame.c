#include "report/chart_frame.h"

#include <math.h>
#include <string.h>

#include "report/wording.h"

enum { TEXT_MOST = 240, TITLE = 24, NOTE = 20, KEY_MARK = 18, KEY_GAP = 14, PAD = 2 };

const char *frame_clean(struct frame *f, const char *text) {
    return wording_cut(&f->arena, wording_clean(&f->arena, text), TEXT_MOST);
}

void frame_nothing(struct frame *f, struct extent x) {
    if (isnan(x.low) && !f->note) f->note = "No numbers to show.";
}

double frame_top(const struct chart_head *head, double legend) {
    return (head->title ? TITLE : 0) + legend + 6;
}

// An attribute or element for those who do not see the drawing.
static void described(struct frame *f, const struct chart_head *head) {
    const char *title = frame_clean(f, head->title), *alt = wording_clean(&f->arena, head->alt);
    if (!head->id) {
        fputs(" aria-label=\"", f->out);
        svg_escape(f->out, title);
        if (*title && *alt) fputs(". ", f->out);
        svg_escape(f->out, alt);
        fputs("\">\n", f->out);
        return;
    }
    fprintf(f->out, " aria-labelledby=\"%s-t\" aria-describedby=\"%s-d\">\n<title id=\"%s-t\">",
        head->id, head->id, head->id);
    svg_escape(f->out, *title ? title : alt); // a drawing has a name in any case
    fprintf(f->out, "</title>\n<desc id=\"%s-d\">", head->id);
    svg_escape(f->out, alt);
    fputs("</desc>\n", f->out);
}

// Drawings grow with the page by a fifth at most, and shrink no further than to texts of 11 pixels.
static void beginning(struct frame *f) {
    fputs("<svg class=\"chart\" viewBox=\"0 0 ", f->out);
    svg_number(f->out, f->width);
    fputc(' ', f->out);
    svg_number(f->out, f->height);
    fputs("\" style=\"max-width:", f->out);
    svg_number(f->out, ceil(f->width * 1.2));
    fputs("px", f->out);
    if (f->width > CHART_WIDTH) {
        fputs(";min-width:", f->out);
        svg_number(f->out, ceil(f->width * .79));
        fputs("px", f->out);
    }
    fputs("\" role=\"img\"", f->out);
}

void frame_open(struct frame *f, const struct chart_head *head) {
    if (f->note) f->height += NOTE;
    f->height = ceil(f->height);
    f->width = ceil(f->width);
    beginning(f);
    described(f, head);
    if (head->title) {
        const char *title = frame_clean(f, head->title);
        svg_text(f->out, PAD, SVG_FONT + 2, 's', "t b",
            svg_fit(&f->arena, title, (f->width - 2 * PAD) / 1.16), title);
    }
    if (f->note)
        svg_text(f->out, PAD, f->height - 5, 's', "t m",
            svg_fit(&f->arena, f->note, f->width - 2 * PAD), f->note);
}

void frame_close(struct frame *f) {
    fputs("</svg>\n", f->out);
    arena_done(&f->arena);
}

void frame_series(FILE *out, size_t k, bool dashes) {
    fprintf(out, "c%zu", k % CHART_SERIES + 1);
    if (dashes) fprintf(out, " d%zu", (k + k / CHART_SERIES) % 4);
}

// ---- Axes
// ----------------------------------------------------------------------------------------

size_t frame_x_ticks(double width) {
    return (size_t)fmax(width / 46, 2);
}

size_t frame_y_ticks(double height) {
    return (size_t)fmax(height / 36, 2);
}

// Whether every `stride`th label, that of 0 or the first among them, has room.
static bool labels_fit(struct frame *f, const struct scale *s, size_t from, size_t stride) {
    double last = 0;
    for (size_t k = from; k < s->n_ticks; k += stride) {
        const double x = scale_at(s, s->tick[k]);
        const double half = svg_width(scale_tick(s, s->tick[k], &f->arena)) / 2;
        if (x - half < last || (x + half > f->width && k > from)) return false;
        last = x + half + 6;
    }
    return true;
}

// Labels are left out evenly where there is no room for all; their lines stay.
void frame_x_axis(struct frame *f, const struct scale *s, const char *title) {
    size_t zero = 0, stride = 1;
    for (size_t k = 0; k < s->n_ticks; k++)
        if (s->tick[k] == 0) zero = k;
    while (stride < s->n_ticks && !labels_fit(f, s, zero % stride, stride)) stride++;
    for (size_t k = 0; k < s->n_ticks; k++) {
        const double x = scale_at(s, s->tick[k]);
        const char *label = scale_tick(s, s->tick[k], &f->arena);
        const double half = svg_width(label) / 2;
        svg_line(f->out, s->tick[k] == 0 ? "z" : "g", x, f->top, x, f->bottom);
        if (k % stride == zero % stride && x - half >= 0 && x + half <= f->width)
            svg_text(f->out, x, f->bottom + FRAME_X_LABEL, 'm', "t m", label, NULL);
    }
    if (!title) return;
    const char *clean = frame_clean(f, title), *cut = svg_fit(&f->arena, clean, f->width - 2 * PAD);
    const double half = svg_width(cut) / 2;
    const double middle = fmax(fmin((f->left + f->right) / 2, f->width - PAD - half), PAD + half);
    svg_text(f->out, middle, f->bottom + FRAME_X_LABEL + SVG_LINE, 'm', "t m", cut, clean);
}

double frame_y_room(struct frame *f, const struct scale *s) {
    double room = 0;
    for (size_t k = 0; k < s->n_ticks; k++)
        room = fmax(room, svg_width(scale_tick(s, s->tick[k], &f->arena)));
    return room + 8;
}

void frame_y_axis(struct frame *f, const struct scale *s, const char *title) {
    double last = 1e9;
    for (size_t k = 0; k < s->n_ticks; k++) {
        const double y = scale_at(s, s->tick[k]);
        svg_line(f->out, s->tick[k] == 0 ? "z" : "g", f->left, y, f->right, y);
        if (fabs(last - y) < SVG_FONT) continue;
        svg_text(
            f->out, f->left - 6, y + 5, 'e', "t m", scale_tick(s, s->tick[k], &f->arena), NULL);
        last = y;
    }
    if (!title) return;
    const char *clean = frame_clean(f, title);
    svg_text(
        f->out, PAD, f->top - 13, 's', "t m", svg_fit(&f->arena, clean, f->width - 2 * PAD), clean);
}

// ---- Legends
// -------------------------------------------------------------------------------------

// Places or draws the keys; gives the height.
static double legend(
    struct frame *f, double top, const struct frame_key *keys, size_t n, bool draw) {
    double x = PAD, y = top;
    for (size_t k = 0; k < n; k++) {
        const char *label = svg_fit(&f->arena, keys[k].label, f->width - 2 * PAD - KEY_MARK - 6);
        const double width = KEY_MARK + 6 + svg_width(label);
        if (x > PAD && x + width > f->width - PAD) {
            x = PAD;
            y += SVG_LINE + 2;
        }
        if (draw) {
            fputs("<g class=\"", f->out);
            frame_series(f->out, k, keys[k].line && !keys[k].mark);
            fputs("\">", f->out);
            if (keys[k].line) svg_line(f->out, "ln", x, y + 9, x + KEY_MARK, y + 9);
            if (keys[k].mark) svg_mark(f->out, k, x + KEY_MARK / 2., y + 9, 4.5, NULL);
            fputs("</g>\n", f->out);
            svg_text(f->out, x + KEY_MARK + 6, y + 14, 's', "t", label, keys[k].label);
        }
        x += width + KEY_GAP;
    }
    return n ? y - top + SVG_LINE + 6 : 0;
}

double frame_legend_height(struct frame *f, const struct frame_key *keys, size_t n) {
    return legend(f, 0, keys, n, false);
}

void frame_legend(struct frame *f, double top, const struct frame_key *keys, size_t n) {
    legend(f, top, keys, n, true);
}

const char *frame_left_out(struct frame *f, size_t n, size_t shown, const char *what,
    const char *first, const char *last) {
    if (n <= shown) return NULL;
    const size_t more = n - shown;
    if (more == 1) return arena_printf(&f->arena, "Not shown: %s.", frame_clean(f, first));
    return arena_printf(&f->arena, "Not shown: %zu more %s, %s to %s.", more, what,
        frame_clean(f, first), frame_clean(f, last));
}
