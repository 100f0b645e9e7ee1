// Tables of differences, for pages to be read: of each data set and metric, from the best and from
// the baseline, with what each figure assumes below; and ranks over many data sets.
#include <math.h>

#include "report/table_own.h"
#include "report/wording.h"

enum { COLUMNS = 9, NOTES = 6 };

static const struct table_column columns[COLUMNS] = {
    {.key = "model", .title = "model", .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "pooled", .title = "pooled", .is_number = true, .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "interval",
        .title = "95 % interval",
        .is_number = true,
        .is_optional = true,
        .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "difference",
        .title = "worse by",
        .is_number = true,
        .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "difference_interval",
        .title = "simultaneous 95 % interval",
        .is_number = true,
        .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "folds_better",
        .title = "folds better",
        .is_number = true,
        .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "folds_p", .title = "p, folds", .is_number = true, .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "users_better",
        .title = "users better",
        .is_number = true,
        .show = SHOW_PAGE | SHOW_TERMINAL},
    {.key = "users_p", .title = "p, users", .is_number = true, .show = SHOW_PAGE | SHOW_TERMINAL},
};

struct differing {
    const struct results *results;
    const struct values *values;
    const struct comparison *comparison;
    const struct metric_spec *spec;
    bool is_best; // against the best, else against the baseline
    struct table *table;
    struct arena *arena;
};

static struct cell number(struct differing *d, double value, int decimals) {
    return table_number(wording_fixed(d->arena, value, decimals), NULL, value, NAN);
}

static struct cell interval(struct differing *d, double low, double high, int decimals) {
    if (isnan(low) || isnan(high)) return table_text("");
    return table_text(arena_printf(d->arena, "%s..%s", wording_fixed(d->arena, low, decimals),
        wording_fixed(d->arena, high, decimals)));
}

static struct cell probability(struct differing *d, double p) {
    return table_number(wording_p(d->arena, p), NULL, p, NAN);
}

static struct cell folds(struct differing *d, const struct comparison_pair *pair) {
    if (!pair->n_folds) return table_text("");
    return table_number(arena_printf(d->arena, "%zu of %zu", pair->folds_better, pair->n_folds),
        NULL, (double)pair->folds_better, NAN);
}

// A digit more than scores have: what models differ by is small beside them.
static void fill_row(struct differing *d, size_t from, size_t to) {
    const struct comparison *c = d->comparison;
    const struct comparison_row *row = &c->rows[from];
    const int digits = d->spec->metric->decimals;
    const struct difference *diff = d->is_best ? &row->pooled.best : &row->pooled.base;
    const struct comparison_pair *pair = d->is_best ? &row->best : &row->base;
    const char *label =
        wording_clean(d->arena, record_label(d->results, d->values->rows[from].trial[0]));
    d->table->rows[to] = (struct table_row){.label = label, .status = ROW_OK};
    struct cell *cell = d->table->cells + to * COLUMNS;
    for (size_t k = 3; k < COLUMNS; k++) cell[k] = table_text("");
    cell[0] = table_text(label);
    cell[1] = number(d, row->pooled.value, digits);
    table_mark(c, from, &cell[1]);
    cell[2] = interval(d, row->pooled.low, row->pooled.high, digits);
    if (from == (d->is_best ? c->best : c->baseline)) return;
    cell[3] = number(d, diff->value, digits + 1);
    cell[4] = interval(d, diff->low, diff->high, digits + 1);
    cell[5] = folds(d, pair);
    if (pair->n_folds) cell[6] = probability(d, pair->folds.p);
    if (!pair->users.n) return;
    cell[7] =
        table_number(wording_percent(d->arena, pair->users.better), NULL, pair->users.better, NAN);
    cell[8] = probability(d, pair->users.p);
}

static void note(struct differing *d, const char *text) {
    d->table->notes[d->table->n_notes++] = text;
}

// What the figures assume, said once for a data set.
static void note_assumptions(struct differing *d) {
    const char *items = d->spec->metric->of_users ? "" : " and items";
    note(d, arena_printf(d->arena,
                "worse by: over all %s test rows together, positive where the row is worse; "
                "intervals by a bootstrap over users%s, simultaneous over all rows: all "
                "of them hold at once with a probability of 95 %%. They speak of these models as "
                "they were fitted here, on other users%s like these.",
                wording_count(d->arena, d->comparison->n_rows), items, items));
    note(d,
        "folds better, p, folds: corrected resampled t-test over folds (Nadeau and Bengio), "
        "adjusted for the number of rows (Holm). It speaks of models fitted anew on other training "
        "rows, and assumes that folds are alike and their differences near normal.");
    if (d->spec->metric->lower_is_better)
        note(d, "users better, p, users: the share of users whose mean squared error is smaller; "
                "signed-rank test (Wilcoxon), of each pair alone. Each user counts once, however "
                "many ratings they gave: another question than that of the pooled score.");
    note(d, "•: the best, or not told from it.");
}

static void note_power(struct differing *d) {
    if (isnan(d->comparison->detectable)) return;
    note(d, arena_printf(d->arena,
                "With a probability of 80 %% a difference of %s in %s is found between rows as "
                "alike as most are here; between rows more alike, a smaller one.",
                wording_small(d->arena, d->comparison->detectable, d->spec->metric->decimals),
                table_metric_title(d->spec, d->arena)));
}

static bool make_one(struct differing *d, bool first, struct error *e) {
    const struct comparison *c = d->comparison;
    struct table *t = d->table;
    t->data = wording_clean(d->arena, d->results->data[c->data].name);
    t->slice = slice_name[SLICE_ALL];
    t->metric = d->spec->label;
    t->data_index = c->data;
    t->columns = arena_alloc(d->arena, sizeof columns);
    t->rows = arena_alloc(d->arena, c->n * sizeof *t->rows);
    t->cells = arena_alloc(d->arena, c->n * COLUMNS * sizeof *t->cells);
    t->notes = arena_alloc(d->arena, NOTES * sizeof *t->notes);
    if (!t->columns || !t->rows || !t->cells || !t->notes)
        return error_memory(e, c->n * COLUMNS * sizeof *t->cells, "a table of differences");
    t->n_columns = COLUMNS;
    for (size_t k = 0; k < COLUMNS; k++) t->columns[k] = columns[k];
    const char *title = table_metric_title(d->spec, d->arena);
    t->columns[1].title = arena_printf(d->arena, "%s, pooled", title);
    const char *from = d->is_best ? "the best"
                                  : arena_printf(d->arena, "the baseline, %s,",
                                        wording_clean(d->arena, d->results->plan->baseline));
    t->title = arena_printf(d->arena, "Differences from %s by %s · %s", from, title, t->data);
    for (size_t k = 0; k < c->n; k++)
        if (c->rows[k].takes_part) fill_row(d, k, t->n_rows++);
    if (d->is_best) note_power(d);
    if (first) note_assumptions(d);
    return true;
}

static bool make_data(struct tables *t, const struct results *r, const struct comparisons *all,
    uint32_t data, struct error *e) {
    struct values v;
    if (!values_init(&v, r, data, &t->arena, e)) return false;
    bool first = true;
    for (size_t m = 0; m < r->plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(all, data, m);
        if (!c || c->refused) continue;
        for (int base = 0; base <= (c->baseline != SIZE_MAX); base++) {
            struct differing d = {r, &v, c, &r->plan->metrics[m], !base, &t->at[t->n++], &t->arena};
            if (!make_one(&d, first, e)) return false;
            first = false;
        }
    }
    return true;
}

// ---- Ranks -------------------------------------------------------------------------------------

static const char *rank_notes(
    const struct comparison_ranks *c, const char *title, struct arena *a) {
    const char *p = wording_p(a, c->ranks.p), *f = "all data sets rank alike";
    if (isfinite(c->ranks.f)) f = arena_printf(a, "F = %.2f", c->ranks.f);
    return arena_printf(a,
        "Friedman's test in the form of Iman and Davenport, by %s: %s, p %s%s. Mean ranks "
        "that differ by less than %.2f can't be told apart at 95 %% (Nemenyi). Assumes that the "
        "data sets are drawn independently of one another.",
        title, f, *p == '<' ? "" : "= ", p, c->ranks.critical);
}

static bool make_ranks(struct tables *tables, const struct results *r,
    const struct comparison_ranks *c, struct error *e) {
    struct arena *a = &tables->arena;
    struct table *t = &tables->at[tables->n++];
    const struct plan *plan = r->plan;
    const char *title = table_metric_title(&plan->metrics[c->metric], a);
    t->title = arena_printf(a, "Mean ranks by %s over %zu data sets", title, c->n_data);
    t->data = "";
    t->slice = slice_name[SLICE_ALL];
    t->metric = plan->metrics[c->metric].label;
    t->data_index = UINT32_MAX;
    t->n_columns = 2;
    t->columns = arena_alloc(a, 2 * sizeof *t->columns);
    t->rows = arena_alloc(a, (1 + plan->n_models) * sizeof *t->rows);
    t->cells = arena_alloc(a, 2 * (1 + plan->n_models) * sizeof *t->cells);
    t->notes = arena_alloc(a, sizeof *t->notes);
    if (!t->columns || !t->rows || !t->cells || !t->notes)
        return error_memory(e, plan->n_models * sizeof *t->cells, "a table of ranks");
    t->columns[0] = columns[0];
    t->columns[1] = (struct table_column){.key = "mean_rank",
        .title = "mean rank",
        .is_number = true,
        .show = SHOW_PAGE | SHOW_TERMINAL};
    for (size_t m = 0; m <= plan->n_models; m++) {
        if (isnan(c->mean_rank[m])) continue;
        const char *label = m ? wording_clean(a, plan->models[m - 1].label) : "(fallback)";
        t->rows[t->n_rows] = (struct table_row){.label = label};
        t->cells[2 * t->n_rows] = table_text(label);
        t->cells[2 * t->n_rows++ + 1] =
            table_number(wording_fixed(a, c->mean_rank[m], 2), NULL, c->mean_rank[m], NAN);
    }
    t->notes[t->n_notes++] = rank_notes(c, title, a);
    return true;
}

bool tables_make_differences(
    struct tables *t, const struct results *r, const struct comparisons *c, struct error *e) {
    *t = (struct tables){0};
    const size_t most = 2 * c->n + c->n_ranks + 1;
    t->at = arena_alloc(&t->arena, most * sizeof *t->at);
    bool ok = t->at || error_memory(e, most * sizeof *t->at, "tables of differences");
    for (uint32_t data = 0; ok && data < r->plan->n_data; data++) ok = make_data(t, r, c, data, e);
    for (size_t k = 0; ok && k < c->n_ranks; k++) ok = make_ranks(t, r, &c->ranks[k], e);
    if (!ok) tables_done(t);
    return ok;
}
