#include "cli/compare_print.h"

#include <math.h>

#include "cli/grid.h"
#include "cli/setup.h"
#include "report/wording.h"

// ---- Scores ------------------------------------------------------------------------------------

enum score_column {
    MODEL,
    METRIC,
    A,
    B,
    CHANGE,
    RELATIVE,
    INTERVAL,
    VERDICT,
    FOLDS,
    USERS,
    COLUMNS
};
static const struct grid_column columns[COLUMNS] = {
    [MODEL] = {"model", "model", false},
    [METRIC] = {"metric", "metric", false},
    [A] = {"a", "A", true},
    [B] = {"b", "B", true},
    [CHANGE] = {"change", "B - A", true},
    [RELATIVE] = {"relative", "relative", true},
    [INTERVAL] = {"interval", "95 % interval", true},
    [VERDICT] = {"verdict", "B is", false},
    [FOLDS] = {"folds", "p, folds", true},
    [USERS] = {"users", "users better, worse", true},
};

static bool add_value(struct grid *g, const struct versus_row *row, const struct versus_metric *m,
    const struct versus_value *value, bool first) {
    struct arena *a = g->arena;
    const int decimals = m->metric->decimals;
    const char **cells = grid_add(g);
    if (!cells) return false;
    cells[MODEL] = first ? row->label : "";
    cells[METRIC] = m->label;
    cells[A] = wording_fixed(a, value->a, decimals);
    cells[B] = wording_fixed(a, value->b, decimals);
    cells[CHANGE] = versus_signed(a, value->change, decimals);
    cells[RELATIVE] = versus_relative(a, value->change, value->a);
    if (!isnan(value->low))
        cells[INTERVAL] = arena_printf(a, "%s..%s", versus_signed(a, value->low, decimals),
            versus_signed(a, value->high, decimals));
    cells[VERDICT] = versus_verdict_name[value->verdict];
    cells[FOLDS] = wording_p(a, value->folds.p);
    if (first)
        cells[USERS] = arena_printf(a, "%s, %s", wording_percent(a, row->users.better),
            wording_percent(a, row->users.worse));
    return true;
}

static bool print_scores(
    const struct versus *v, const struct versus_data *d, FILE *out, struct error *e) {
    struct arena a = {0};
    struct grid g = {.arena = &a, .columns = columns, .n_columns = COLUMNS};
    bool ok = true;
    for (size_t k = 0; ok && k < d->n; k++)
        for (size_t m = 0; ok && !d->rows[k].refused && m < v->n_metrics; m++)
            ok = add_value(&g, &d->rows[k], &v->metrics[m], &d->rows[k].values[m], m == 0);
    if (!ok) error_memory(e, d->n * sizeof *d->rows, "a table");
    fprintf(out, "\n%s · %s test rows in %zu fold%s\n\n", d->name, wording_count(&a, d->n_rows),
        d->n_folds, d->n_folds == 1 ? "" : "s");
    if (ok && g.n_rows) ok = grid_print(&g, "table", out, e);
    for (size_t k = 0; k < d->n; k++)
        if (d->rows[k].refused) fprintf(out, "%s: %s\n", d->rows[k].label, d->rows[k].refused);
    grid_done(&g);
    arena_done(&a);
    return ok;
}

// ---- What else differs, and costs --------------------------------------------------------------

static const struct grid_column difference_columns[] = {
    {"of", "what else differs", false}, {"what", "", false}, {"a", "A", false}, {"b", "B", false}};

static bool add_difference(
    struct grid *g, const char *of, const char *what, const char *a, const char *b) {
    const char **cells = grid_add(g);
    if (!cells) return false;
    cells[0] = of;
    cells[1] = what;
    cells[2] = a ? a : "-";
    cells[3] = b ? b : "-";
    return true;
}

static bool add_changes(struct grid *g, const char *of, const struct versus_changes *c) {
    bool ok = true;
    for (size_t k = 0; ok && k < c->n; k++)
        ok = add_difference(g, k ? "" : of, c->at[k].what, c->at[k].a, c->at[k].b);
    return ok;
}

// Of this machine or that: shown, never judged.
static bool add_costs(struct grid *g, const char *of, const struct versus_row *row) {
    if (row->refused) return true;
    struct arena *a = g->arena;
    return add_difference(g, of, "fit, mean of trials", wording_seconds(a, row->fit[0]),
               wording_seconds(a, row->fit[1])) &&
           add_difference(g, "", "memory, mean of trials", wording_bytes(a, row->memory[0]),
               wording_bytes(a, row->memory[1]));
}

static bool print_rest(const struct versus *v, FILE *out, struct error *e) {
    struct arena a = {0};
    struct grid g = {.arena = &a, .columns = difference_columns, .n_columns = 4};
    bool ok = add_changes(&g, "the runs", &v->changes);
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; ok && k < v->data[d].n; k++) {
            const struct versus_row *row = &v->data[d].rows[k];
            const char *of = versus_whose(v, d, k, &a);
            ok = add_changes(&g, of, &row->changes) && add_costs(&g, row->changes.n ? "" : of, row);
        }
    if (!ok) error_memory(e, sizeof a, "a table");
    fputc('\n', out);
    ok = ok && (!g.n_rows || grid_print(&g, "table", out, e));
    grid_done(&g);
    arena_done(&a);
    return ok;
}

bool compare_print(const struct versus *v, FILE *out, struct error *e) {
    fprintf(out, "A: %s\nB: %s\n", v->a.name, v->b.name);
    for (size_t d = 0; d < v->n_data; d++)
        if (!print_scores(v, &v->data[d], out, e)) return false;
    if (!print_rest(v, out, e)) return false;
    fprintf(out, "\n%s\n\n", v->story);
    const size_t width = setup_width(out);
    struct arena a = {0};
    for (size_t k = 0; versus_note(k); k++) {
        wording_wrap(&a, out, versus_note(k), width);
        fputc('\n', out);
    }
    arena_done(&a);
    return true;
}
