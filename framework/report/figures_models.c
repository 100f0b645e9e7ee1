// figures_models.c - models with intervals by metric, fold by fold, and against what they cost.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_own.h"
#include "report/wording.h"

// ---- Intervals
// -----------------------------------------------------------------------------------

// What other rankings score on the same rows, and the best reachable: lines across.
static size_t reference_lines(struct figures *f, size_t metric, struct chart_line *lines) {
    const struct metric_spec *m = &f->plan->metrics[metric];
    size_t n = 0;
    for (size_t k = 0; k < m->metric->n_parts && n < 8; k++) {
        const struct metric_part *part = &m->metric->parts[k];
        if (!part->is_line) continue;
        const char *name = arena_printf(&f->arena, "%s.%s", m->label, part->name);
        double value = NAN;
        for (size_t r = 0; r < f->n_order && isnan(value); r++)
            if (f->values.rows[f->order[r]].status == ROW_OK)
                value =
                    values_summary(&f->values, &f->values.rows[f->order[r]], SLICE_ALL, name).mean;
        if (!isnan(value)) lines[n++] = (struct chart_line){part->title, value};
    }
    for (size_t k = 0; k < f->values.n; k++) {
        double low, high;
        if (f->values.rows[k].model != MODEL_REACHABLE) continue;
        const double value = figures_score(f, k, metric, &low, &high);
        if (!isnan(value)) lines[n++] = (struct chart_line){"best reachable", value};
    }
    return n;
}

// "RMSE: hybrid 0.8121; autoencoder 0.8124 can't be told from it."
static const char *who_is_best(struct figures *f, size_t metric) {
    const struct comparison *c = figures_comparison(f, metric);
    if (!c || c->best == SIZE_MAX) return NULL;
    const char **names = figures_alloc(f, c->n, sizeof *names);
    size_t n = 0;
    for (size_t k = 0; names && k < c->n; k++)
        if (k != c->best && c->rows[k].takes_part && c->rows[k].pooled.may_be_best)
            names[n++] = figures_label(f, k);
    const char *best = arena_printf(&f->arena, "%s: %s is best with %s", figures_metric(f, metric),
        figures_label(f, c->best), figures_number(f, metric, c->rows[c->best].pooled.value));
    return n ? arena_printf(
                   &f->arena, "%s, not told from it: %s.", best, figures_list(f, names, n, 6))
             : arena_printf(&f->arena, "%s, and told from all others.", best);
}

static void draw_intervals(struct figures *f, size_t metric) {
    struct chart_interval *at = figures_alloc(f, f->n_order, sizeof *at);
    struct chart_line lines[12];
    if (!at) return;
    for (size_t k = 0; k < f->n_order; k++) {
        const size_t row = f->order[k];
        const struct comparison_row *c = figures_compared(f, row, metric);
        at[k].label = figures_label(f, row);
        at[k].value = figures_score(f, row, metric, &at[k].low, &at[k].high);
        at[k].strong = c && c->takes_part && c->pooled.may_be_best;
        at[k].faint = f->values.rows[row].model < 0 || f->values.rows[row].status != ROW_OK;
    }
    const size_t n_lines = reference_lines(f, metric, lines);
    const struct chart_axis axis = figures_axis(f, metric);
    const char *alt = who_is_best(f, metric);
    const struct chart_head head = figures_head(f, figures_metric(f, metric),
        alt ? alt : "A dot for each model; nothing is said of differences.");
    chart_intervals(f->page->out, &head, &axis, at, f->n_order, lines, n_lines);
}

static const char *intervals_caption(struct figures *f) {
    const char *text = "";
    bool intervals = false;
    for (size_t m = 0; m < f->plan->n_metrics; m++) {
        const char *best = who_is_best(f, m);
        intervals = intervals || best;
        if (best) text = arena_printf(&f->arena, "%s %s", text, best);
    }
    const char *what =
        intervals ? "Scores over all test rows, with the 95 % interval of each alone; filled: the "
                    "best, and what can't be told from it by the simultaneous tests."
                  : "Mean scores over the folds.";
    if (f->n_scored > f->n_order)
        what = arena_printf(&f->arena, "%s The best %zu of %zu rows, by %s.", what, f->n_order,
            f->n_scored, figures_metric(f, 0));
    return arena_printf(&f->arena, "%s%s", what, text);
}

void figures_models(struct figures *f) {
    page_heading(f->page, NULL, "Models by metric");
    figures_begin(f, intervals_caption(f));
    for (size_t m = 0; m < f->plan->n_metrics; m++) draw_intervals(f, m);
    figures_end(f);
}

// ---- Folds
// ---------------------------------------------------------------------------------------

struct fold_at {
    uint32_t repeat, fold;
};

// Folds of all rows, in their order: [*n].
static struct fold_at *find_folds(struct figures *f, size_t *n) {
    struct fold_at *at = figures_alloc(f, f->values.n_folds, sizeof *at);
    *n = 0;
    for (size_t r = 0; at && r < f->values.n; r++)
        for (size_t k = 0; k < f->values.rows[r].n; k++) {
            const struct trial_record *t = f->values.rows[r].trial[k];
            size_t same = 0;
            while (same < *n && (at[same].repeat != t->repeat || at[same].fold != t->fold)) same++;
            if (same == *n && *n < f->values.n_folds)
                at[(*n)++] = (struct fold_at){t->repeat, t->fold};
        }
    return at;
}

// The mean over seeds on one fold; NAN: none.
static double on_fold(const struct figures *f, size_t row, size_t metric, struct fold_at fold) {
    const struct values_row *r = &f->values.rows[row];
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < r->n; k++) {
        const struct trial_record *t = r->trial[k];
        if (t->failed || t->repeat != fold.repeat || t->fold != fold.fold) continue;
        sum += scores_get(&t->scores, SLICE_ALL, f->plan->metrics[metric].label);
        n++;
    }
    return n ? sum / (double)n : NAN;
}

// In how many folds the row that is best over all of them is the best; *row: which.
static size_t wins_of_best(
    struct figures *f, size_t metric, const struct fold_at *folds, size_t n, size_t *row) {
    double low, high, best = NAN;
    *row = SIZE_MAX;
    for (size_t k = 0; k < f->n_order; k++) {
        const double value = figures_score(f, f->order[k], metric, &low, &high);
        if (f->values.rows[f->order[k]].status != ROW_OK || isnan(value)) continue;
        if (*row != SIZE_MAX && !figures_better(f, metric, value, best)) continue;
        best = value;
        *row = f->order[k];
    }
    size_t wins = 0;
    for (size_t i = 0; i < n && *row != SIZE_MAX; i++) {
        const double own = on_fold(f, *row, metric, folds[i]);
        bool first = !isnan(own);
        for (size_t k = 0; k < f->n_order && first; k++) {
            const double other = on_fold(f, f->order[k], metric, folds[i]);
            first = isnan(other) || !figures_better(f, metric, other, own);
        }
        wins += first;
    }
    return wins;
}

static void draw_folds(
    struct figures *f, size_t metric, const struct fold_at *folds, size_t n, const char *alt) {
    struct chart_dots_row *rows = figures_alloc(f, f->n_order, sizeof *rows);
    const char **names = figures_alloc(f, n, sizeof *names);
    if (!rows || !names) return;
    for (size_t i = 0; i < n; i++)
        names[i] = f->values.n_repeats > 1
                       ? arena_printf(&f->arena, "%u.%u", folds[i].repeat + 1, folds[i].fold)
                       : arena_printf(&f->arena, "fold %u", folds[i].fold);
    for (size_t k = 0; k < f->n_order; k++) {
        double *values = figures_alloc(f, n, sizeof *values);
        if (!values) return;
        for (size_t i = 0; i < n; i++) values[i] = on_fold(f, f->order[k], metric, folds[i]);
        rows[k] = (struct chart_dots_row){figures_label(f, f->order[k]), values};
    }
    const struct chart_axis axis = figures_axis(f, metric);
    const struct chart_head head = figures_head(f, figures_metric(f, metric), alt);
    chart_dots(f->page->out, &head, &axis, rows, f->n_order, names, n);
}

void figures_folds(struct figures *f) {
    size_t n;
    const struct fold_at *folds = find_folds(f, &n);
    const size_t n_metrics = f->plan->n_metrics;
    const char **alts = figures_alloc(f, n_metrics, sizeof *alts);
    if (!folds || !alts || n < 2) return;
    const char *caption = "A dot for each fold; where lines cross, models change places.";
    for (size_t m = 0; m < n_metrics; m++) {
        size_t row;
        const size_t wins = wins_of_best(f, m, folds, n, &row);
        alts[m] = row == SIZE_MAX ? "No model has a score on every fold."
                                  : arena_printf(&f->arena,
                                        "%s: %s, best over all folds, is best in %zu of %zu.",
                                        figures_metric(f, m), figures_label(f, row), wins, n);
        caption = arena_printf(&f->arena, "%s %s", caption, alts[m]);
    }
    page_heading(f->page, NULL, "Fold by fold");
    figures_begin(f, caption);
    for (size_t m = 0; m < n_metrics; m++) draw_folds(f, m, folds, n, alts[m]);
    figures_end(f);
}

// ---- Costs
// ---------------------------------------------------------------------------------------

static double fit_seconds(const struct trial_cost *c) {
    return c->fit_seconds;
}

// Not beaten: no other is at least as good in both, and better in one.
static bool is_on_front(
    const struct figures *f, size_t metric, const struct chart_point *at, size_t n, size_t k) {
    for (size_t o = 0; o < n; o++) {
        const bool no_worse = at[o].x <= at[k].x && !figures_better(f, metric, at[k].y, at[o].y);
        if (no_worse && (at[o].x < at[k].x || at[o].y != at[k].y)) return false;
    }
    return true;
}

static int by_cost(const void *left, const void *right) {
    const struct chart_point *a = left, *b = right;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    return a->y < b->y ? -1 : a->y > b->y;
}

// Points of the models that have score and cost, by cost.
static size_t cost_points(struct figures *f, size_t metric, struct chart_point *at) {
    size_t n = 0;
    for (size_t k = 0; k < f->n_order; k++) {
        const struct values_row *row = &f->values.rows[f->order[k]];
        double low, high;
        const double x = values_cost(row, fit_seconds),
                     y = figures_score(f, f->order[k], metric, &low, &high);
        if (row->status != ROW_OK || !(x > 0) || isnan(y)) continue;
        at[n++] = (struct chart_point){.label = figures_label(f, f->order[k]), .x = x, .y = y};
    }
    for (size_t k = 0; k < n; k++) at[k].on_front = is_on_front(f, metric, at, n, k);
    qsort(at, n, sizeof *at, by_cost);
    return n;
}

// "bias (0.01 s, 0.8688), svd (14 s, 0.8209) and hybrid (7 min 02 s, 0.8121)"
static const char *front_words(
    struct figures *f, size_t metric, const struct chart_point *at, size_t n) {
    const char **names = figures_alloc(f, n, sizeof *names);
    size_t n_names = 0;
    for (size_t k = 0; names && k < n; k++)
        if (at[k].on_front)
            names[n_names++] = arena_printf(&f->arena, "%s (%s, %s)", at[k].label,
                wording_seconds(&f->arena, at[k].x), figures_number(f, metric, at[k].y));
    return names ? figures_list(f, names, n_names, 5) : "";
}

void figures_costs(struct figures *f) {
    const size_t n_metrics = f->plan->n_metrics;
    struct chart_point **at = figures_alloc(f, n_metrics, sizeof *at);
    size_t *n = figures_alloc(f, n_metrics, sizeof *n), most = 0;
    if (!at || !n) return;
    const char *caption = "Scores against the seconds that a fit takes, as a mean over folds. "
                          "Joined: models that no other beats in both (the Pareto front).";
    for (size_t m = 0; m < n_metrics; m++) {
        at[m] = figures_alloc(f, f->n_order, sizeof **at);
        if (!at[m]) return;
        n[m] = cost_points(f, m, at[m]);
        if (n[m] > most) most = n[m];
        if (n[m] > 1)
            caption = arena_printf(&f->arena, "%s %s: %s.", caption, figures_metric(f, m),
                front_words(f, m, at[m], n[m]));
    }
    if (most < 2) return;
    page_heading(f->page, NULL, "Accuracy against cost");
    figures_begin(f, caption);
    const struct chart_axis x = {.title = "fit, a fold", .is_log = true, .unit = "s"};
    for (size_t m = 0; m < n_metrics; m++) {
        if (n[m] < 2) continue;
        const struct chart_axis y = figures_axis(f, m);
        const struct chart_head head = figures_head(f, figures_metric(f, m),
            arena_printf(&f->arena, "On the Pareto front: %s.", front_words(f, m, at[m], n[m])));
        chart_scatter(f->page->out, &head, &x, &y, at[m], n[m]);
    }
    figures_end(f);
}
