#include "report/table.h"

#include <string.h>

#include "report/table_own.h"
#include "report/tuned.h"
#include "report/wording.h"

static struct cell score_cell(
    const struct making *m, const struct planned *p, const struct values_row *row) {
    const struct summary s = values_summary(m->values, row, p->slice, p->name);
    struct cell cell =
        table_number(wording_fixed(m->arena, s.mean, p->decimals), NULL, s.mean, s.sd);
    if (p->column.has_sd) cell.sd_text = wording_deviation(m->arena, s.sd, p->decimals);
    if (p->fill == FILL_PERCENT) cell.text = wording_percent(m->arena, s.mean);
    if (p->says_failed && row->status == ROW_FAILED) cell.text = "failed";
    return cell;
}

static struct cell interval_cell(
    const struct making *m, const struct planned *p, const struct values_row *row) {
    const char *low_name = arena_printf(m->arena, "%s.low", p->name);
    const char *high_name = arena_printf(m->arena, "%s.high", p->name);
    const double low = values_summary(m->values, row, p->slice, low_name).mean;
    const double high = values_summary(m->values, row, p->slice, high_name).mean;
    if (isnan(low) || isnan(high)) return table_text("");
    return table_text(arena_printf(m->arena, "%.*f..%.*f", p->decimals, low, p->decimals, high));
}

static struct cell summary_cell(
    const struct making *m, const struct planned *p, const struct summary *s) {
    const char *sd = p->column.has_sd ? wording_deviation(m->arena, s->sd, p->decimals) : NULL;
    return table_number(wording_fixed(m->arena, s->mean, p->decimals), sd, s->mean, s->sd);
}

// Empty for rows that are not tuned by the column's metric. The number of trials has a decimal
// where folds differ.
static struct cell tuning_cell(
    const struct making *m, const struct planned *p, const struct values_row *row) {
    if (p->fill == FILL_TRIALS) {
        const struct summary s = tuned_trials(m->values, row);
        const int decimals = fabs(s.mean - round(s.mean)) < 1e-6 ? 0 : 1;
        return table_number(wording_fixed(m->arena, s.mean, decimals), NULL, s.mean, NAN);
    }
    const struct tuning *how = tuned_how(m->values, row);
    if (!how || strcmp(m->values->results->plan->metrics[how->metric].label, p->name) != 0)
        return table_text("");
    const struct summary s =
        p->fill == FILL_INNER ? tuned_inner(m->values, row) : tuned_optimism(m->values, row);
    return summary_cell(m, p, &s);
}

static double fit_seconds(const struct trial_cost *c) {
    return c->fit_seconds;
}

static double memory_bytes(const struct trial_cost *c) {
    return (double)c->memory;
}

static struct cell fill_cell(const struct making *m, const struct planned *p, size_t row) {
    const struct values_row *r = &m->values->rows[row];
    double value;
    switch (p->fill) {
    case FILL_MODEL:
        return table_text(m->table->rows[row].label);
    case FILL_STATUS:
        return table_text(row_status_name[r->status]);
    case FILL_FOLDS:
        value = (double)values_summary(m->values, r, SLICE_ALL, "rows").n;
        return table_number(wording_fixed(m->arena, value, 0), NULL, value, NAN);
    case FILL_INTERVAL:
        return interval_cell(m, p, r);
    case FILL_FIT:
        value = values_cost(r, fit_seconds);
        return table_number(wording_seconds(m->arena, value), NULL, value, NAN);
    case FILL_MEMORY:
        value = values_cost(r, memory_bytes);
        return table_number(wording_bytes(m->arena, value), NULL, value, NAN);
    case FILL_INNER:
    case FILL_OPTIMISM:
    case FILL_TRIALS:
        return tuning_cell(m, p, r);
    case FILL_MAY_BE_BEST:
    case FILL_TO_BEST:
    case FILL_TO_BASELINE:
        return table_compared_cell(m, p, row);
    default: {
        struct cell cell = score_cell(m, p, r);
        if (p->comparison) table_mark(p->comparison, row, &cell);
        return cell;
    }
    }
}

static bool fill_table(struct making *m, struct error *e) {
    struct table *t = m->table;
    t->n_rows = m->values->n;
    t->columns = arena_alloc(m->arena, t->n_columns * sizeof *t->columns);
    t->rows = arena_alloc(m->arena, (t->n_rows + 1) * sizeof *t->rows);
    t->cells = arena_alloc(m->arena, (t->n_rows * t->n_columns + 1) * sizeof *t->cells);
    if (!t->columns || !t->rows || !t->cells)
        return error_memory(e, t->n_rows * t->n_columns * sizeof *t->cells, "a table");
    for (size_t c = 0; c < t->n_columns; c++) t->columns[c] = m->planned[c].column;
    for (size_t row = 0; row < t->n_rows; row++) {
        const struct values_row *r = &m->values->rows[row];
        t->rows[row] = (struct table_row){
            wording_clean(m->arena, record_label(m->values->results, r->trial[0])), r->status,
            r->model == MODEL_REACHABLE};
        for (size_t c = 0; c < t->n_columns; c++)
            t->cells[row * t->n_columns + c] = fill_cell(m, &m->planned[c], row);
    }
    return true;
}

// "5-fold", "3 x 5-fold", "holdout", "cold users, 5 given, 5 folds", "time, newest 20 %",
// "predefined, fold 1".
static const char *split_words(const struct values *v, struct arena *a) {
    const struct split_spec *split = &v->results->plan->split;
    const char *id = split->method->id;
    const size_t each = v->n_repeats ? v->n_folds / v->n_repeats : v->n_folds;
    const char *repeats = v->n_repeats > 1 ? arena_printf(a, "%u × ", v->n_repeats) : "";
    if (strcmp(id, "kfold") == 0 && !v->results->interrupted)
        return arena_printf(a, "%s%zu-fold", repeats, each);
    char *words = arena_text(a, id);
    for (char *c = words; *c; c++)
        if (*c == '_') *c = ' ';
    char described[80] = "";
    if (split->method->describe)
        split->method->describe(split->settings, described, sizeof described);
    if (*described) words = arena_printf(a, "%s, %s", words, described);
    const bool all = !v->results->interrupted && strcmp(id, "predefined") != 0;
    if (v->n_folds == 1 && !all && strcmp(id, "holdout") != 0)
        return arena_printf(a, "%s, fold %u", words, v->rows[0].trial[0]->fold);
    if (v->n_folds == 1) return words;
    return each > 1 ? arena_printf(a, "%s, %s%zu folds", words, repeats, each)
                    : arena_printf(a, "%s%s", repeats, words);
}

static const char *title_words(const struct making *m) {
    const struct values *v = m->values;
    const struct plan *plan = v->results->plan;
    const struct data_summary *d = &v->results->data[v->data];
    const char *slice = "";
    if (m->slice != SLICE_ALL) {
        char *name = arena_text(m->arena, slice_name[m->slice]);
        for (char *c = name; *c; c++)
            if (*c == '_') *c = ' ';
        const double rows = v->n ? values_summary(v, &v->rows[0], m->slice, "rows").mean : NAN;
        slice = arena_printf(m->arena, " · %s: %s rows a fold", name,
            wording_count(m->arena, (uint64_t)(rows + 0.5)));
    }
    const char *name = wording_clean(m->arena, plan->name);
    const bool same = strcmp(name, m->table->data) == 0;
    return arena_printf(m->arena, "%s%s%s · %s ratings · %s · seed %llu%s", name, same ? "" : " · ",
        same ? "" : m->table->data, wording_count(m->arena, d->n_ratings), split_words(v, m->arena),
        (unsigned long long)plan->seed, slice);
}

static bool slice_has_rows(const struct values *v, enum slice slice) {
    for (size_t row = 0; row < v->n; row++)
        if (values_summary(v, &v->rows[row], slice, "rows").mean > 0) return true;
    return false;
}

// Slices are worth a table when some test rows are cold.
static bool is_wanted(const struct values *v, enum slice slice) {
    if (slice == SLICE_ALL) return true;
    bool cold = false;
    for (int s = SLICE_COLD_USER; s <= SLICE_COLD_BOTH; s++)
        cold |= slice_has_rows(v, (enum slice)s);
    return cold && slice_has_rows(v, slice);
}

bool table_is_whole(const struct table *t) {
    return strcmp(t->slice, slice_name[SLICE_ALL]) == 0;
}

bool tables_make(
    struct tables *t, const struct results *r, const struct comparisons *c, struct error *e) {
    *t = (struct tables){0};
    const size_t most = r->plan->n_data * SLICE_TRAIN;
    t->at = arena_alloc(&t->arena, (most + 1) * sizeof *t->at);
    bool ok = t->at || error_memory(e, most * sizeof *t->at, "tables");
    for (uint32_t data = 0; ok && data < r->plan->n_data; data++) {
        struct values v;
        ok = values_init(&v, r, data, &t->arena, e);
        if (v.n == 0) continue; // interrupted before
        for (int slice = SLICE_ALL; ok && slice < SLICE_TRAIN; slice++) {
            if (!is_wanted(&v, (enum slice)slice)) continue;
            struct making m = {&v, c, (enum slice)slice, &t->at[t->n++], &t->arena, NULL};
            m.table->data = wording_clean(m.arena, r->data[data].name);
            m.table->slice = slice_name[slice];
            m.table->data_index = data;
            m.table->title = title_words(&m);
            ok = table_plan(&m, e) && fill_table(&m, e) &&
                 (slice != SLICE_ALL || notes_make(&v, c, m.table, m.arena, e));
        }
    }
    if (!ok) tables_done(t);
    return ok;
}

void tables_done(struct tables *t) {
    arena_done(&t->arena);
    *t = (struct tables){0};
}
