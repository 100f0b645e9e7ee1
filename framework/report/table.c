#include "report/table.h"

#include <math.h>
#include <string.h>

#include "report/tuned.h"
#include "report/values.h"
#include "report/wording.h"

enum fill {
    FILL_MODEL,
    FILL_STATUS,
    FILL_FOLDS,
    FILL_SCORE,
    FILL_PERCENT,
    FILL_INTERVAL,
    FILL_FIT,
    FILL_MEMORY,
    FILL_INNER, // of rows that are tuned by the metric of the column
    FILL_OPTIMISM,
    FILL_TRIALS
};

// A column, and what its cells are filled in with.
struct planned {
    struct table_column column;
    enum fill fill;
    enum slice slice;
    const char *name; // of the score; of an interval, without ".low" and ".high"
    int decimals;
    bool says_failed; // the column in which a failed row says so
};

struct making {
    const struct values *values;
    enum slice slice;
    struct table *table;
    struct arena *arena;
    struct planned *planned; // [table->n_columns]
};

static void add(struct making *m, struct planned p) {
    m->planned[m->table->n_columns++] = p;
}

static bool is_end(const struct metric_part *part) {
    return strcmp(part->name, "low") == 0 || strcmp(part->name, "high") == 0;
}

static void plan_parts(struct making *m, const struct metric_spec *spec, const char *label) {
    const struct metric *metric = spec->metric;
    bool has_interval = false;
    for (size_t k = 0; k < metric->n_parts; k++) has_interval |= is_end(&metric->parts[k]);
    if (has_interval)
        add(m, (struct planned){{arena_printf(m->arena, "%s.interval", label), "95 % interval",
                                    true, false, true, SHOW_TERMINAL | SHOW_PAGE},
                   FILL_INTERVAL, m->slice, spec->label, metric->decimals, false});
    for (size_t k = 0; k < metric->n_parts; k++)
        add(m, (struct planned){{arena_printf(m->arena, "%s.%s", label, metric->parts[k].name),
                                    metric->parts[k].title, true, false, false, SHOW_DATA},
                   FILL_SCORE, m->slice,
                   arena_printf(m->arena, "%s.%s", spec->label, metric->parts[k].name),
                   metric->parts[k].decimals, false});
}

// The columns of one metric. Training scores of the first metric that has them are shown to
// readers; those of the others are for files.
static void plan_metric(struct making *m, const struct metric_spec *spec, bool first) {
    const char *label = wording_clean(m->arena, spec->label);
    // With settings of its own, a metric goes by its label.
    const char *title = strcmp(spec->label, spec->metric->id) ? label : spec->metric->title;
    add(m, (struct planned){{label, title, true, true, false, SHOW_ALL}, FILL_SCORE, m->slice,
               spec->label, spec->metric->decimals, first});
    plan_parts(m, spec, label);
}

// What tuning by this metric saw.
static void plan_tuning(struct making *m, size_t metric) {
    const struct metric_spec *spec = &m->values->results->plan->metrics[metric];
    if (m->slice != SLICE_ALL || !tuned_any(m->values, (int)metric)) return;
    const char *label = wording_clean(m->arena, spec->label);
    const char *title = strcmp(spec->label, spec->metric->id) ? label : spec->metric->title;
    add(m, (struct planned){
               {arena_printf(m->arena, "%s.inner", label),
                   arena_printf(m->arena, "%s inner", title), true, true, false, SHOW_ALL},
               FILL_INNER, m->slice, spec->label, spec->metric->decimals, false});
    add(m, (struct planned){{arena_printf(m->arena, "%s.optimism", label), "optimism", true, true,
                                true, SHOW_ALL},
               FILL_OPTIMISM, m->slice, spec->label, spec->metric->decimals, false});
}

static void plan_training(struct making *m, const struct metric_spec *spec, bool shown) {
    const char *label = wording_clean(m->arena, spec->label);
    const char *title = strcmp(spec->label, spec->metric->id) ? label : spec->metric->title;
    add(m, (struct planned){{arena_printf(m->arena, "%s.train", label),
                                arena_printf(m->arena, "%s train", title), true, true, true,
                                shown ? SHOW_ALL : SHOW_DATA},
               FILL_SCORE, SLICE_TRAIN, spec->label, spec->metric->decimals, false});
}

static bool plan_columns(struct making *m, struct error *e) {
    const struct plan *plan = m->values->results->plan;
    size_t most = 9;
    for (size_t k = 0; k < plan->n_metrics; k++) most += 5 + plan->metrics[k].metric->n_parts;
    m->planned = arena_alloc(m->arena, most * sizeof *m->planned);
    if (!m->planned) return error_memory(e, most * sizeof *m->planned, "the columns of a table");

    add(m, (struct planned){{"model", "model", false, false, false, SHOW_ALL}, FILL_MODEL, m->slice,
               NULL, 0, false});
    add(m, (struct planned){{"status", "status", false, false, false, SHOW_DATA}, FILL_STATUS,
               m->slice, NULL, 0, false});
    add(m, (struct planned){{"folds", "folds", true, false, false, SHOW_DATA}, FILL_FOLDS, m->slice,
               NULL, 0, false});
    add(m, (struct planned){{"rows", "rows", true, false, false, SHOW_DATA}, FILL_SCORE, m->slice,
               "rows", 0, false});
    for (size_t k = 0; k < plan->n_metrics; k++) {
        plan_metric(m, &plan->metrics[k], k == 0);
        plan_tuning(m, k);
    }
    add(m, (struct planned){{"answered", "answered", true, false, false, SHOW_ALL}, FILL_PERCENT,
               m->slice, "answered", 0, false});
    if (m->slice != SLICE_ALL) return true;
    if (tuned_any(m->values, -1))
        add(m, (struct planned){{"trials", "trials", true, false, false, SHOW_ALL}, FILL_TRIALS,
                   m->slice, NULL, 0, false});
    bool shown = true;
    for (size_t k = 0; k < plan->n_metrics; k++) {
        if (!plan->metrics[k].metric->on_train) continue;
        plan_training(m, &plan->metrics[k], shown);
        shown = false;
    }
    add(m, (struct planned){{"fit_seconds", "fit", true, false, false, SHOW_TERMINAL}, FILL_FIT,
               m->slice, NULL, 0, false});
    add(m, (struct planned){{"memory_bytes", "memory", true, false, true, SHOW_TERMINAL},
               FILL_MEMORY, m->slice, NULL, 0, false});
    return true;
}

static struct cell number_cell(const char *text, const char *sd_text, double value, double sd) {
    return (struct cell){.text = text, .sd_text = sd_text, .value = value, .sd = sd};
}

static struct cell text_cell(const char *text) {
    return number_cell(text, NULL, NAN, NAN);
}

static struct cell score_cell(
    const struct making *m, const struct planned *p, const struct values_row *row) {
    const struct summary s = values_summary(m->values, row, p->slice, p->name);
    struct cell cell =
        number_cell(wording_fixed(m->arena, s.mean, p->decimals), NULL, s.mean, s.sd);
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
    if (isnan(low) || isnan(high)) return text_cell("");
    return text_cell(arena_printf(m->arena, "%.*f..%.*f", p->decimals, low, p->decimals, high));
}

static struct cell summary_cell(
    const struct making *m, const struct planned *p, const struct summary *s) {
    const char *sd = p->column.has_sd ? wording_deviation(m->arena, s->sd, p->decimals) : NULL;
    return number_cell(wording_fixed(m->arena, s->mean, p->decimals), sd, s->mean, s->sd);
}

// Empty for rows that are not tuned by the column's metric. The number of trials has a decimal
// where folds differ.
static struct cell tuning_cell(
    const struct making *m, const struct planned *p, const struct values_row *row) {
    if (p->fill == FILL_TRIALS) {
        const struct summary s = tuned_trials(m->values, row);
        const int decimals = fabs(s.mean - round(s.mean)) < 1e-6 ? 0 : 1;
        return number_cell(wording_fixed(m->arena, s.mean, decimals), NULL, s.mean, NAN);
    }
    const struct tuning *how = tuned_how(m->values, row);
    if (!how || strcmp(m->values->results->plan->metrics[how->metric].label, p->name) != 0)
        return text_cell("");
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
        return text_cell(m->table->rows[row].label);
    case FILL_STATUS:
        return text_cell(row_status_name[r->status]);
    case FILL_FOLDS:
        value = (double)values_summary(m->values, r, SLICE_ALL, "rows").n;
        return number_cell(wording_fixed(m->arena, value, 0), NULL, value, NAN);
    case FILL_INTERVAL:
        return interval_cell(m, p, r);
    case FILL_FIT:
        value = values_cost(r, fit_seconds);
        return number_cell(wording_seconds(m->arena, value), NULL, value, NAN);
    case FILL_MEMORY:
        value = values_cost(r, memory_bytes);
        return number_cell(wording_bytes(m->arena, value), NULL, value, NAN);
    case FILL_INNER:
    case FILL_OPTIMISM:
    case FILL_TRIALS:
        return tuning_cell(m, p, r);
    default:
        return score_cell(m, p, r);
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

bool tables_make(struct tables *t, const struct results *r, struct error *e) {
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
            struct making m = {&v, (enum slice)slice, &t->at[t->n++], &t->arena, NULL};
            m.table->data = wording_clean(m.arena, r->data[data].name);
            m.table->slice = slice_name[slice];
            m.table->data_index = data;
            m.table->title = title_words(&m);
            ok = plan_columns(&m, e) && fill_table(&m, e) &&
                 (slice != SLICE_ALL || notes_make(&v, m.table, m.arena, e));
        }
    }
    if (!ok) tables_done(t);
    return ok;
}

void tables_done(struct tables *t) {
    arena_done(&t->arena);
    *t = (struct tables){0};
}
