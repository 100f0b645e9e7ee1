// figures_curves.c - what models recorded while they were fitted, a chart for each name of series.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/blended.h"
#include "report/figures_own.h"
#include "report/wording.h"

enum { NAMES = 24, MODELS = 8, BANDS = 3 };

struct at {
    double x, y;
};

// One model's curve of one name.
struct curve {
    size_t row, n_trials;
    struct chart_series series;
    bool together; // a mean over folds at the same x; else a line for each fold
};

static int by_x(const void *left, const void *right) {
    const struct at *a = left, *b = right;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    return a->y < b->y ? -1 : a->y > b->y;
}

static bool is_named(const struct curve_point *p, const char *name) {
    return strcmp(p->series, name) == 0 && isfinite(p->x) && isfinite(p->y);
}

static size_t count_points(const struct trial_record *t, const char *name) {
    size_t n = 0;
    for (size_t k = 0; !t->failed && k < t->n_curve; k++) n += is_named(&t->curve[k], name);
    return n;
}

// All points of the row's trials by x; *longest: the most that one trial has.
static struct at *gather(struct figures *f, const struct values_row *row, const char *name,
    size_t *n, size_t *longest, size_t *n_trials) {
    size_t room = 0;
    *n = *longest = *n_trials = 0;
    for (size_t k = 0; k < row->n; k++) {
        const size_t own = count_points(row->trial[k], name);
        room += own;
        *n_trials += own > 0;
        if (own > *longest) *longest = own;
    }
    struct at *at = figures_alloc(f, room, sizeof *at);
    for (size_t k = 0; at && k < row->n; k++)
        for (size_t p = 0; !row->trial[k]->failed && p < row->trial[k]->n_curve; p++) {
            const struct curve_point *c = &row->trial[k]->curve[p];
            if (is_named(c, name)) at[(*n)++] = (struct at){c->x, c->y};
        }
    if (at) qsort(at, *n, sizeof *at, by_x);
    return at;
}

static bool has_room(struct figures *f, struct chart_series *s, double *room[4], size_t n) {
    for (size_t k = 0; k < 4; k++)
        if (!(room[k] = figures_alloc(f, n, sizeof(double)))) return false;
    s->x = room[0];
    s->y = room[1];
    s->low = room[2];
    s->high = room[3];
    return true;
}

// Means over the trials that got to each x, where at least half of them did, and the range.
static void average(struct figures *f, struct curve *c, const struct at *at, size_t n) {
    double *room[4];
    if (!has_room(f, &c->series, room, n)) return;
    for (size_t from = 0, to; from < n; from = to) {
        double sum = 0;
        for (to = from; to < n && at[to].x == at[from].x; to++) sum += at[to].y;
        if (2 * (to - from) < c->n_trials) continue;
        const size_t k = c->series.n++;
        room[0][k] = at[from].x;
        room[1][k] = sum / (double)(to - from);
        room[2][k] = at[from].y;
        room[3][k] = at[to - 1].y;
    }
    if (c->n_trials < 2) c->series.low = c->series.high = NULL;
}

// The trials one after another, with a gap between.
static void string_up(
    struct figures *f, struct curve *c, const struct values_row *row, const char *name, size_t n) {
    double *room[4];
    if (!has_room(f, &c->series, room, n + row->n)) return;
    c->series.low = c->series.high = NULL;
    for (size_t k = 0; k < row->n; k++) {
        const size_t own = count_points(row->trial[k], name);
        struct at *at = figures_alloc(f, own, sizeof *at);
        if (!at) return;
        size_t n_own = 0;
        for (size_t p = 0; own && p < row->trial[k]->n_curve; p++) {
            const struct curve_point *c_p = &row->trial[k]->curve[p];
            if (is_named(c_p, name)) at[n_own++] = (struct at){c_p->x, c_p->y};
        }
        qsort(at, n_own, sizeof *at, by_x);
        if (c->series.n && own) room[0][c->series.n] = room[1][c->series.n] = NAN, c->series.n++;
        for (size_t p = 0; p < n_own; p++, c->series.n++) {
            room[0][c->series.n] = at[p].x;
            room[1][c->series.n] = at[p].y;
        }
    }
}

static bool make_curve(struct figures *f, size_t row, const char *name, struct curve *c) {
    size_t n, longest;
    *c = (struct curve){.row = row};
    const struct values_row *r = &f->values.rows[row];
    const struct at *at = gather(f, r, name, &n, &longest, &c->n_trials);
    if (!at || n == 0) return false;
    size_t distinct = 1;
    for (size_t k = 1; k < n; k++) distinct += at[k].x != at[k - 1].x;
    c->together = c->n_trials == 1 || 2 * distinct <= 3 * longest;
    c->series.label = figures_label(f, row);
    if (c->together)
        average(f, c, at, n);
    else
        string_up(f, c, r, name, n);
    c->series.marks = c->series.n <= 40;
    return c->series.n > 1;
}

// "validation rmse by lambda, ..." is over lambda.
static const char *x_title(struct figures *f, const char *name) {
    const char *by = strstr(name, " by ");
    if (by) return arena_printf(&f->arena, "%.*s", (int)strcspn(by + 4, ","), by + 4);
    if (strstr(name, "elbow") || strstr(name, "silhouette")) return "clusters";
    return strstr(name, "rmse") ? "epoch or sweep" : "step";
}

// Ratios are what matters of numbers that are no counts and span much.
static bool wants_log(const struct curve *at, size_t n) {
    double low = INFINITY, high = 0;
    bool whole = true;
    for (size_t k = 0; k < n; k++)
        for (size_t p = 0; p < at[k].series.n; p++) {
            const double x = at[k].series.x[p];
            if (isnan(x)) continue;
            whole = whole && x == floor(x);
            low = fmin(low, x);
            high = fmax(high, x);
        }
    return !whole && low > 0 && high / low >= 20;
}

// "svd: lowest 0.845 at 17, highest 0.93 at 1."
static const char *extremes(struct figures *f, const struct curve *c) {
    const struct chart_series *s = &c->series;
    size_t low = 0, high = 0;
    for (size_t k = 1; k < s->n; k++) {
        if (s->y[k] < s->y[low]) low = k;
        if (s->y[k] > s->y[high]) high = k;
    }
    return arena_printf(&f->arena, "%s: lowest %.4g at %.4g, highest %.4g at %.4g.", s->label,
        s->y[low], s->x[low], s->y[high], s->x[high]);
}

// What of the curves is to be said once for all of them.
struct said {
    bool averaged, bands, one_by_one;
    size_t more; // models left out of some chart
};

static void draw_name(struct figures *f, const char *name, struct said *said) {
    struct curve at[MODELS];
    struct chart_series series[MODELS];
    size_t n = 0, more = 0;
    bool together = true, several = false;
    for (size_t k = 0; k < f->n_order && !f->no_room; k++) {
        struct curve c;
        if (!make_curve(f, f->order[k], name, &c)) continue;
        if (n == MODELS) {
            more++;
            continue;
        }
        together = together && c.together;
        several = several || c.n_trials > 1;
        series[n] = c.series;
        at[n++] = c;
    }
    if (n == 0) return;
    const char *clean = wording_clean(&f->arena, name);
    said->averaged = said->averaged || (several && together);
    said->one_by_one = said->one_by_one || !together;
    if (more > said->more) said->more = more;
    // Many bands over one another hide what they show.
    for (size_t k = 0; n > BANDS && k < n; k++) series[k].low = series[k].high = NULL;
    for (size_t k = 0; k < n; k++) said->bands = said->bands || series[k].low;
    const char *alt = "";
    for (size_t k = 0; k < n; k++)
        alt = arena_printf(&f->arena, "%s%s%s", alt, k ? " " : "", extremes(f, &at[k]));
    const struct chart_head head = figures_head(f, clean, alt);
    const struct chart_axis x = {.title = x_title(f, clean), .is_log = wants_log(at, n)}, y = {0};
    chart_curves(f->page->out, &head, &x, &y, series, n);
}

static const char *caption_of(struct figures *f, const struct said *said) {
    const char *text = "What models recorded while they were fitted.";
    if (said->averaged)
        text = arena_printf(&f->arena,
            "%s Lines are means over the folds that got so far, where at least half of them did%s.",
            text, said->bands ? "; bands go from the lowest fold to the highest" : "");
    if (said->one_by_one)
        text =
            arena_printf(&f->arena, "%s Where folds have no x in common, each has its line.", text);
    if (said->more)
        text = arena_printf(&f->arena,
            "%s A chart shows the best %d models; up to %zu more are left out.", text, MODELS,
            said->more);
    return text;
}

void figures_curves(struct figures *f) {
    const char *names[NAMES];
    size_t n = 0;
    for (size_t k = 0; k < f->n_order; k++) {
        const struct values_row *row = &f->values.rows[f->order[k]];
        if (blended_how(&f->values, row)) continue; // its weights, which are no curve
        for (size_t t = 0; t < row->n; t++)
            for (size_t p = 0; p < row->trial[t]->n_curve; p++) {
                const char *name = row->trial[t]->curve[p].series;
                size_t same = 0;
                while (same < n && strcmp(names[same], name) != 0) same++;
                if (same == n && n < NAMES) names[n++] = name;
            }
    }
    if (n == 0) return;
    // The charts come first: only they know what is to be said.
    FILE *const out = f->page->out;
    char *charts = NULL;
    size_t length = 0;
    struct said said = {0};
    f->page->out = open_memstream(&charts, &length);
    for (size_t k = 0; f->page->out && k < n && !f->no_room; k++) draw_name(f, names[k], &said);
    if (!f->page->out || fclose(f->page->out) != 0) f->no_room = true;
    f->page->out = out;
    if (!f->no_room && length > 0) {
        page_heading(f->page, NULL, "Recorded curves");
        figures_begin(f, caption_of(f, &said));
        fwrite(charts, 1, length, out);
        figures_end(f);
    }
    free(charts);
}
