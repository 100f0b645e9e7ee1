// The tables, and every trial behind them, with stable keys in sorted order.
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "report/report.h"
#include "report/shown.h"
#include "report/tuned.h"
#include "report/wording.h"

enum { NUMBER_DIGITS = 17 };

// Every constructor of jansson gives NULL when memory runs out, and its setters take NULL for a
// failure; so `ok` gathers what went wrong and is judged once.
static void set(json_t *object, const char *key, json_t *value, bool *ok) {
    if (json_object_set_new(object, key, value) != 0) *ok = false;
}

static void append(json_t *array, json_t *value, bool *ok) {
    if (json_array_append_new(array, value) != 0) *ok = false;
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *cell_json(const struct table_column *column, const struct cell *cell, bool *ok) {
    if (!column->is_number) return json_string(cell->text);
    if (!column->has_sd) return number(cell->value);
    json_t *both = json_object();
    set(both, "mean", number(cell->value), ok);
    set(both, "sd", number(cell->sd), ok);
    return both;
}

static json_t *row_json(const struct table *t, size_t row, bool *ok) {
    json_t *out = json_object();
    for (size_t c = 0; c < t->n_columns; c++)
        if (t->columns[c].show & SHOW_DATA)
            set(out, t->columns[c].key, cell_json(&t->columns[c], shown_cell(t, row, c), ok), ok);
    return out;
}

static json_t *table_json(const struct table *t, bool *ok) {
    json_t *out = json_object(), *columns = json_array(), *rows = json_array(),
           *notes = json_array();
    for (size_t c = 0; c < t->n_columns; c++) {
        if (!(t->columns[c].show & SHOW_DATA)) continue;
        json_t *column = json_object();
        set(column, "key", json_string(t->columns[c].key), ok);
        set(column, "title", json_string(t->columns[c].title), ok);
        append(columns, column, ok);
    }
    for (size_t row = 0; row < t->n_rows; row++) append(rows, row_json(t, row, ok), ok);
    for (size_t k = 0; k < t->n_notes; k++) append(notes, json_string(t->notes[k]), ok);
    set(out, "title", json_string(t->title), ok);
    set(out, "data", json_string(t->data), ok);
    set(out, "slice", json_string(t->slice), ok);
    set(out, "columns", columns, ok);
    set(out, "rows", rows, ok);
    set(out, "notes", notes, ok);
    return out;
}

static json_t *lines_json(const struct lines *lines, bool *ok) {
    json_t *out = json_array();
    for (size_t k = 0; k < lines->n; k++) append(out, json_string(lines->at[k]), ok);
    return out;
}

// ---- Comparisons -------------------------------------------------------------------------------

static json_t *difference_json(
    const struct difference *d, const struct comparison_pair *pair, bool *ok) {
    json_t *out = json_object(), *folds = json_object(), *users = json_object();
    set(out, "difference", number(d->value), ok);
    set(out, "low", number(d->low), ok);
    set(out, "high", number(d->high), ok);
    set(out, "p", number(d->p), ok);
    set(folds, "n", json_integer((json_int_t)pair->n_folds), ok);
    if (pair->n_folds) {
        set(folds, "better", json_integer((json_int_t)pair->folds_better), ok);
        set(folds, "worse", json_integer((json_int_t)pair->folds_worse), ok);
        set(folds, "mean", number(pair->folds.mean), ok);
        set(folds, "low", number(pair->folds.low), ok);
        set(folds, "high", number(pair->folds.high), ok);
        set(folds, "p", number(pair->folds.p), ok);
    }
    set(users, "n", json_integer((json_int_t)pair->users.n), ok);
    if (pair->users.n) {
        set(users, "better", number(pair->users.better), ok);
        set(users, "worse", number(pair->users.worse), ok);
        set(users, "p", number(pair->users.p), ok);
    }
    set(out, "folds", folds, ok);
    set(out, "users", users, ok);
    return out;
}

static json_t *compared_row_json(
    const struct comparison *c, size_t row, const char *label, bool *ok) {
    const struct comparison_row *r = &c->rows[row];
    json_t *out = json_object();
    set(out, "model", json_string(label), ok);
    set(out, "pooled", number(r->pooled.value), ok);
    set(out, "low", number(r->pooled.low), ok);
    set(out, "high", number(r->pooled.high), ok);
    set(out, "may_be_best", json_boolean(r->pooled.may_be_best), ok);
    if (row != c->best) set(out, "to_best", difference_json(&r->pooled.best, &r->best, ok), ok);
    if (c->baseline != SIZE_MAX && row != c->baseline)
        set(out, "to_baseline", difference_json(&r->pooled.base, &r->base, ok), ok);
    return out;
}

static json_t *comparison_json(
    const struct report *r, const struct comparison *c, const struct table *t, bool *ok) {
    json_t *out = json_object(), *rows = json_array();
    struct arena arena = {0};
    const char *metric = wording_clean(&arena, r->results->plan->metrics[c->metric].label);
    set(out, "data", json_string(t->data), ok);
    set(out, "metric", json_string(metric), ok);
    if (c->refused) {
        set(out, "refused", json_string(c->refused), ok);
    } else {
        set(out, "test_rows", json_integer((json_int_t)c->n_rows), ok);
        set(out, "best", json_string(t->rows[c->best].label), ok);
        if (c->baseline != SIZE_MAX)
            set(out, "baseline", json_string(t->rows[c->baseline].label), ok);
        set(out, "detectable", number(c->detectable), ok);
        for (size_t k = 0; k < c->n; k++)
            if (c->rows[k].takes_part)
                append(rows, compared_row_json(c, k, t->rows[k].label, ok), ok);
    }
    set(out, "rows", rows, ok);
    arena_done(&arena);
    return out;
}

static json_t *ranks_json(const struct report *r, const struct comparison_ranks *c, bool *ok) {
    json_t *out = json_object(), *rows = json_object();
    const struct plan *plan = r->results->plan;
    struct arena arena = {0};
    for (size_t m = 0; m <= plan->n_models; m++) {
        const char *label = m ? wording_clean(&arena, plan->models[m - 1].label) : "(fallback)";
        if (!isnan(c->mean_rank[m])) set(rows, label, number(c->mean_rank[m]), ok);
    }
    set(out, "metric", json_string(wording_clean(&arena, plan->metrics[c->metric].label)), ok);
    set(out, "data_sets", json_integer((json_int_t)c->n_data), ok);
    set(out, "f", number(c->ranks.f), ok);
    set(out, "p", number(c->ranks.p), ok);
    set(out, "critical", number(c->ranks.critical), ok);
    set(out, "mean_rank", rows, ok);
    arena_done(&arena);
    return out;
}

// Into `root`: texts by data set, comparisons, and ranks over data sets.
static void set_compared(json_t *root, const struct report *r, bool *ok) {
    json_t *texts = json_array(), *compared = json_array(), *ranks = json_array();
    for (size_t k = 0; k < r->tables.n; k++) {
        const struct table *t = &r->tables.at[k];
        if (!table_is_whole(t)) continue;
        const size_t at = report_find(r, t->data_index);
        json_t *text = json_object();
        set(text, "data", json_string(t->data), ok);
        set(text, "story", lines_json(&r->story[at], ok), ok);
        set(text, "warnings", lines_json(&r->warnings[at], ok), ok);
        append(texts, text, ok);
        for (size_t c = 0; c < r->comparisons.n; c++)
            if (r->comparisons.at[c].data == t->data_index)
                append(compared, comparison_json(r, &r->comparisons.at[c], t, ok), ok);
    }
    for (size_t k = 0; k < r->comparisons.n_ranks; k++)
        append(ranks, ranks_json(r, &r->comparisons.ranks[k], ok), ok);
    set(root, "texts", texts, ok);
    set(root, "comparisons", compared, ok);
    set(root, "ranks", ranks, ok);
}

// ---- Trials ------------------------------------------------------------------------------------

static json_t *scores_json(const struct scores *s, struct arena *a, bool *ok) {
    json_t *out = json_object();
    for (size_t k = 0; k < s->n; k++) {
        const char *slice = slice_name[s->at[k].slice];
        if (!json_object_get(out, slice)) set(out, slice, json_object(), ok);
        set(json_object_get(out, slice), wording_clean(a, s->at[k].name), number(s->at[k].value),
            ok);
    }
    return out;
}

static json_t *value_json(const struct schema_param *p, const struct param_value *v, bool *ok) {
    switch (p->type) {
    case RK_TYPE_BOOL:
        return json_boolean(v->number != 0);
    case RK_TYPE_CHOICE:
        return json_string(p->choices[(size_t)v->number]);
    case RK_TYPE_INT:
        return json_integer((json_int_t)v->number);
    case RK_TYPE_INTS: {
        json_t *list = json_array();
        for (size_t k = 0; k < v->n; k++) append(list, json_integer(v->ints[k]), ok);
        return list;
    }
    default:
        return number(v->number);
    }
}

// What was chosen: the searched parameters that hold, by name, and what that rests on.
static json_t *tuned_json(const struct plan_model *model, const struct tuned *chosen, bool *ok) {
    json_t *out = json_object(), *values = json_object();
    for (size_t d = 0; d < model->tuning->space.n; d++) {
        if (!tuned_holds(model->tuning, chosen, d)) continue;
        const uint32_t at = model->tuning->dims[d].param;
        const struct schema_param *p = &model->schema->params[at];
        set(values, p->name, value_json(p, &chosen->values[at], ok), ok);
    }
    set(out, "values", values, ok);
    set(out, "is_default", json_boolean(chosen->is_default), ok);
    set(out, "inner", number(chosen->inner), ok);
    set(out, "inner_default", number(chosen->inner_default), ok);
    set(out, "candidates", json_integer(chosen->n_candidates), ok);
    set(out, "failed", json_integer(chosen->n_failed), ok);
    set(out, "effort", number(chosen->effort), ok);
    return out;
}

// The folds themselves; seeds and repeats count from 1, as folds do.
static json_t *trial_json(
    const struct results *r, const struct trial_record *t, struct arena *a, bool *ok) {
    json_t *out = json_object();
    set(out, "trial", json_integer(t->number), ok);
    set(out, "data", json_string(wording_clean(a, r->data[t->data].name)), ok);
    set(out, "model", json_string(wording_clean(a, record_label(r, t))), ok);
    set(out, "seed", json_integer((json_int_t)t->seed + 1), ok);
    set(out, "repeat", json_integer((json_int_t)t->repeat + 1), ok);
    set(out, "fold", json_integer(t->fold), ok);
    set(out, "failed", json_boolean(t->failed), ok);
    if (t->tuned) set(out, "tuned", tuned_json(&r->plan->models[t->model], t->tuned, ok), ok);
    if (t->failure) set(out, "failure", json_string(failure_name[t->failure]), ok);
    if (t->failed)
        set(out, "cause", json_string(wording_clean(a, t->cause)), ok);
    else
        set(out, "scores", scores_json(&t->scores, a, ok), ok);
    return out;
}

static bool write_json(const struct report *report, FILE *out, struct error *e) {
    const struct tables *t = &report->tables;
    const struct results *r = report->results;
    struct arena arena = {0};
    bool ok = true;
    json_t *root = json_object(), *tables = json_array(), *trials = json_array();
    for (size_t k = 0; k < t->n; k++) append(tables, table_json(&t->at[k], &ok), &ok);
    for (size_t k = 0; k < r->n; k++)
        append(trials, trial_json(r, &r->records[k], &arena, &ok), &ok);
    set(root, "name", json_string(wording_clean(&arena, r->plan->name)), &ok);
    set(root, "seed", json_integer((json_int_t)r->plan->seed), &ok);
    if (r->elsewhere) set(root, "elsewhere", json_integer((json_int_t)r->elsewhere), &ok);
    set(root, "interrupted", json_boolean(r->interrupted), &ok);
    set(root, "tables", tables, &ok);
    set_compared(root, report, &ok);
    set(root, "trials", trials, &ok);
    const size_t flags = JSON_SORT_KEYS | JSON_INDENT(1) | JSON_REAL_PRECISION(NUMBER_DIGITS);
    if (!ok || json_dumpf(root, out, flags) != 0)
        ok = error_set(e, "the tables do not turn into JSON: out of memory or disk");
    else
        fputc('\n', out);
    json_decref(root);
    arena_done(&arena);
    return ok;
}

REGISTRY_ADD(report_format, json) = {
    .id = "json",
    .doc = "tables, comparisons, texts and the scores of every trial, in full precision",
    .write = write_json,
};
