#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_own.h"
#include "report/wording.h"

enum { ROWS_MOST = 60, LABEL_MOST = 60 }; // what a chart of rows shows; columns of a label

void *figures_alloc(struct figures *f, size_t n, size_t size) {
    void *at = arena_alloc(&f->arena, (n + 1) * size);
    if (!at) f->no_room = true;
    return at;
}

struct chart_head figures_head(struct figures *f, const char *title, const char *alt) {
    const char *id = arena_printf(&f->arena, "fig-%u-c%u", f->values.data + 1, ++f->n_charts);
    return (struct chart_head){.id = id, .title = title, .alt = alt};
}

void figures_begin(struct figures *f, const char *caption) {
    page_figure(
        f->page, arena_printf(&f->arena, "fig-%u-%u", f->values.data + 1, ++f->n_figures), caption);
    fputs("<div class=\"charts\">\n", f->page->out);
}

void figures_end(struct figures *f) {
    fputs("</div>\n", f->page->out);
    page_figure_end(f->page);
}

const char *figures_label(struct figures *f, size_t row) {
    const char *label = record_label(f->values.results, f->values.rows[row].trial[0]);
    return wording_cut(&f->arena, wording_clean(&f->arena, label), LABEL_MOST);
}

const char *figures_number(struct figures *f, size_t metric, double value) {
    return wording_fixed(&f->arena, value, f->plan->metrics[metric].metric->decimals);
}

const char *figures_metric(struct figures *f, size_t metric) {
    const struct metric_spec *m = &f->plan->metrics[metric];
    const size_t n = strlen(m->metric->id);
    const bool is_id = strncmp(m->label, m->metric->id, n) == 0;
    return is_id ? arena_printf(&f->arena, "%s%s", m->metric->title, m->label + n) : m->label;
}

struct chart_axis figures_axis(struct figures *f, size_t metric) {
    const bool lower = f->plan->metrics[metric].metric->lower_is_better;
    return (struct chart_axis){.decimals = f->plan->metrics[metric].metric->decimals,
        .title = arena_printf(
            &f->arena, "%s (%s is better)", figures_metric(f, metric), lower ? "lower" : "higher")};
}

const struct comparison *figures_comparison(const struct figures *f, size_t metric) {
    const struct comparisons *all = &f->report->comparisons;
    for (size_t k = 0; k < all->n; k++)
        if (all->at[k].data == f->values.data && all->at[k].metric == metric)
            return all->at[k].refused ? NULL : &all->at[k];
    return NULL;
}

const struct comparison_row *figures_compared(const struct figures *f, size_t row, size_t metric) {
    const struct comparison *c = figures_comparison(f, metric);
    return c && row < c->n ? &c->rows[row] : NULL;
}

double figures_score(
    const struct figures *f, size_t row, size_t metric, double *low, double *high) {
    const struct comparison_row *c = figures_compared(f, row, metric);
    *low = *high = NAN;
    if (c && !isnan(c->pooled.value)) {
        *low = c->pooled.low;
        *high = c->pooled.high;
        return c->pooled.value;
    }
    return values_summary(
        &f->values, &f->values.rows[row], SLICE_ALL, f->plan->metrics[metric].label)
        .mean;
}

bool figures_better(const struct figures *f, size_t metric, double a, double b) {
    return f->plan->metrics[metric].metric->lower_is_better ? a < b : a > b;
}

const char *figures_list(struct figures *f, const char *const *at, size_t n, size_t most) {
    if (n > most + 1) {
        const char *some = figures_list(f, at, most, most);
        return arena_printf(&f->arena, "%s (and %zu more)", some, n - most);
    }
    const char *text = n ? at[0] : "";
    for (size_t k = 1; k < n; k++)
        text = arena_printf(&f->arena, "%s%s%s", text, k + 1 == n ? " and " : ", ", at[k]);
    return text;
}

// ---- Rows
// ----------------------------------------------------------------------------------------

struct ranked {
    size_t row;
    double score; // lower is better
};

static int by_score(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->score != b->score) return a->score < b->score ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

// The best by the first metric, and the fallback wherever it stands.
static void order_rows(struct figures *f) {
    struct ranked *at = figures_alloc(f, f->values.n, sizeof *at);
    f->order = figures_alloc(f, f->values.n, sizeof *f->order);
    if (f->no_room) return;
    const bool lower = f->plan->metrics[0].metric->lower_is_better;
    for (size_t k = 0; k < f->values.n; k++) {
        double low, high;
        const double score = figures_score(f, k, 0, &low, &high);
        if (f->values.rows[k].model != MODEL_REACHABLE && !isnan(score))
            at[f->n_scored++] = (struct ranked){k, lower ? score : -score};
    }
    qsort(at, f->n_scored, sizeof *at, by_score);
    for (size_t k = 0; k < f->n_scored; k++) {
        const size_t left = ROWS_MOST - (f->n_order < ROWS_MOST ? f->n_order : ROWS_MOST);
        const bool fallback = f->values.rows[at[k].row].model == MODEL_FALLBACK;
        if (left > 1 || (left == 1 && (fallback || f->n_scored <= ROWS_MOST)))
            f->order[f->n_order++] = at[k].row;
    }
}

bool figures_write(struct page *p, const struct report *r, uint32_t data, struct error *e) {
    struct figures f = {.page = p, .report = r, .plan = r->results->plan};
    bool ok = values_init(&f.values, r->results, data, &f.arena, e);
    if (!ok) goto done;
    order_rows(&f);
    static void (*const kinds[])(struct figures *) = {figures_models, figures_folds, figures_costs,
        figures_curves, figures_sweeps, figures_searches, figures_errors};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !f.no_room && f.n_order; k++)
        kinds[k](&f);
    ok = !f.no_room || error_set(e, "out of memory for the figures of a report");
done:
    arena_done(&f.arena);
    return ok;
}
