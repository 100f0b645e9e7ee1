// figures_searches.c - what nested searches tried: inner scores over each searched number, and
// what was chosen in each fold.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/candidates.h"
#include "report/figures_own.h"
#include "report/tuned.h"
#include "report/wording.h"

enum { DIMS = 8 };

// Candidates of one model that have a score; `worst`: those beyond it would press the others flat.
struct tried {
    const struct candidate **at; // [n]
    size_t n, n_far;
    double spent; // the most of the resource
    double worst;
    bool lower;
};

static int by_score(const void *left, const void *right) {
    const double a = (*(const struct candidate *const *)left)->score,
                 b = (*(const struct candidate *const *)right)->score;
    return a < b ? -1 : a > b;
}

static bool gather(struct figures *f, const struct values_row *row, struct tried *t) {
    const struct candidates *c = f->report->candidates;
    const struct tuning *how = tuned_how(&f->values, row);
    *t = (struct tried){.at = figures_alloc(f, c->n, sizeof(void *)),
        .lower = f->plan->metrics[how->metric].metric->lower_is_better};
    for (size_t k = 0; t->at && k < c->n; k++) {
        const struct candidate *one = &c->at[k];
        if (one->data != f->values.data || (int)one->model != row->model || !isfinite(one->score))
            continue;
        t->at[t->n++] = one;
        if (one->spent > t->spent) t->spent = one->spent;
    }
    if (t->n < 2) return false;
    qsort(t->at, t->n, sizeof *t->at, by_score);
    const double best = t->at[t->lower ? 0 : t->n - 1]->score, middle = t->at[t->n / 2]->score;
    t->worst = best + 4 * (middle - best);
    for (size_t k = 0; k < t->n; k++)
        t->n_far += t->lower ? t->at[k]->score > t->worst : t->at[k]->score < t->worst;
    return true;
}

static bool is_far(const struct tried *t, const struct candidate *c) {
    return t->lower ? c->score > t->worst : c->score < t->worst;
}

// Points of a chart: what was chosen, candidates with all of the resource, those with less of it.
enum { CHOSEN, WHOLE, PART, SETS }; // the first lies on top
static const char *const set_names[SETS] = {"chosen, one for each fold", "tried", "given up early"};

struct sets {
    double *x[SETS], *y[SETS];
    size_t n[SETS];
};

static void add(struct sets *s, int set, double x, double y) {
    if (isnan(x) || isnan(y)) return;
    s->x[set][s->n[set]] = x;
    s->y[set][s->n[set]++] = y;
}

static bool collect(struct figures *f, const struct values_row *row, const struct tried *t,
    size_t dim, struct sets *s) {
    const struct tuning *how = tuned_how(&f->values, row);
    *s = (struct sets){.n = {0}};
    for (int set = 0; set < SETS; set++) {
        s->x[set] = figures_alloc(f, t->n + row->n, sizeof(double));
        s->y[set] = figures_alloc(f, t->n + row->n, sizeof(double));
        if (!s->x[set] || !s->y[set]) return false;
    }
    for (size_t k = 0; k < t->n; k++)
        if (!is_far(t, t->at[k]))
            add(s, t->at[k]->spent < t->spent ? PART : WHOLE, t->at[k]->values[dim],
                t->at[k]->score);
    for (size_t k = 0; k < row->n; k++) {
        const struct tuned *chosen = row->trial[k]->tuned;
        if (row->trial[k]->failed || !chosen) continue;
        if (!chosen->is_default && !tuned_holds(how, chosen, dim)) continue;
        add(s, CHOSEN, chosen->values[how->dims[dim].param].number, chosen->inner);
    }
    double low = INFINITY, high = -INFINITY;
    for (int set = WHOLE; set < SETS; set++)
        for (size_t k = 0; k < s->n[set]; k++) {
            low = fmin(low, s->x[set][k]);
            high = fmax(high, s->x[set][k]);
        }
    return high > low;
}

// "rank 16 to 64"
static const char *chosen_words(
    struct figures *f, const struct schema_param *p, const struct sets *s) {
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < s->n[CHOSEN]; k++) {
        low = fmin(low, s->x[CHOSEN][k]);
        high = fmax(high, s->x[CHOSEN][k]);
    }
    if (s->n[CHOSEN] == 0) return arena_printf(&f->arena, "%s never", p->name);
    if (low == high) return arena_printf(&f->arena, "%s %.4g", p->name, low);
    return arena_printf(&f->arena, "%s from %.4g to %.4g", p->name, low, high);
}

static void draw_dim(struct figures *f, const struct values_row *row, size_t dim,
    const struct sets *s, const char *alt) {
    const struct tuning *how = tuned_how(&f->values, row);
    const struct search_dim *d = &how->space.dims[dim];
    const struct schema_param *p =
        &f->plan->models[row->model].schema->params[how->dims[dim].param];
    struct chart_series series[SETS];
    size_t n = 0;
    for (int set = 0; set < SETS; set++)
        if (s->n[set])
            series[n++] = (struct chart_series){.label = set_names[set],
                .x = s->x[set],
                .y = s->y[set],
                .n = s->n[set],
                .loose = true};
    const struct chart_axis x = {
        .title = p->name, .is_log = d->n ? (p->role & RK_LOG) != 0 : d->log};
    const struct chart_axis axis = figures_axis(f, how->metric);
    const struct chart_axis y = {.title = arena_printf(&f->arena, "inner %s", axis.title)};
    const struct chart_head head = figures_head(f, p->name, alt);
    chart_curves(f->page->out, &head, &x, &y, series, n);
}

static void draw_search(struct figures *f, size_t row_at, bool *begun) {
    const struct values_row *row = &f->values.rows[row_at];
    const struct tuning *how = tuned_how(&f->values, row);
    struct tried t;
    struct sets sets[DIMS];
    size_t dims[DIMS], n = 0;
    if (!gather(f, row, &t)) return;
    for (size_t d = 0; d < how->space.n && n < DIMS; d++) {
        if (!collect(f, row, &t, d, &sets[n])) continue;
        dims[n++] = d;
    }
    if (n == 0 || f->no_room) return;
    const char **words = figures_alloc(f, n, sizeof *words);
    if (!words) return;
    const struct schema *schema = f->plan->models[row->model].schema;
    for (size_t k = 0; k < n; k++)
        words[k] = chosen_words(f, &schema->params[how->dims[dims[k]].param], &sets[k]);
    const char *caption = arena_printf(&f->arena,
        "%s, searched by %s: %zu candidates with a score in all outer folds together, by their "
        "mean "
        "over %u inner folds. Chosen: %s.",
        figures_label(f, row_at), how->method->id, t.n, (unsigned)how->folds,
        figures_list(f, words, n, n));
    if (t.n_far)
        caption = arena_printf(
            &f->arena, "%s Not shown: %zu far worse than the others.", caption, t.n_far);
    if (!*begun) page_heading(f->page, NULL, "Searches");
    *begun = true;
    figures_begin(f, caption);
    for (size_t k = 0; k < n; k++)
        draw_dim(f, row, dims[k], &sets[k], arena_printf(&f->arena, "Chosen: %s.", words[k]));
    figures_end(f);
}

void figures_searches(struct figures *f) {
    bool begun = false;
    if (!f->report->candidates) return;
    for (size_t k = 0; k < f->values.n && !f->no_room; k++)
        if (tuned_how(&f->values, &f->values.rows[k])) draw_search(f, k, &begun);
}
