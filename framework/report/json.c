// The tables, and every trial behind them, with stable keys in sorted order.
#include <math.h>
#include <string.h>

#include "core/json_build.h"
#include "report/report.h"
#include "report/shown.h"
#include "report/tuned.h"
#include "report/wording.h"

static json_t *cell_json(const struct table_column *column, const struct cell *cell, bool *ok) {
    if (!column->is_number) return json_string(cell->text);
    if (!column->has_sd) return json_number(cell->value);
    json_t *both = json_object();
    json_put(both, "mean", json_number(cell->value), ok);
    json_put(both, "sd", json_number(cell->sd), ok);
    return both;
}

static json_t *row_json(const struct table *t, size_t row, bool *ok) {
    json_t *out = json_object();
    for (size_t c = 0; c < t->n_columns; c++)
        if (t->columns[c].show & SHOW_DATA)
            json_put(
                out, t->columns[c].key, cell_json(&t->columns[c], shown_cell(t, row, c), ok), ok);
    return out;
}

static json_t *table_json(const struct table *t, bool *ok) {
    json_t *out = json_object(), *columns = json_array(), *rows = json_array(),
           *notes = json_array();
    for (size_t c = 0; c < t->n_columns; c++) {
        if (!(t->columns[c].show & SHOW_DATA)) continue;
        json_t *column = json_object();
        json_put(column, "key", json_string(t->columns[c].key), ok);
        json_put(column, "title", json_string(t->columns[c].title), ok);
        json_push(columns, column, ok);
    }
    for (size_t row = 0; row < t->n_rows; row++) json_push(rows, row_json(t, row, ok), ok);
    for (size_t k = 0; k < t->n_notes; k++) json_push(notes, json_string(t->notes[k]), ok);
    json_put(out, "title", json_string(t->title), ok);
    json_put(out, "data", json_string(t->data), ok);
    json_put(out, "slice", json_string(t->slice), ok);
    json_put(out, "columns", columns, ok);
    json_put(out, "rows", rows, ok);
    json_put(out, "notes", notes, ok);
    return out;
}

static json_t *lines_json(const struct lines *lines, bool *ok) {
    json_t *out = json_array();
    for (size_t k = 0; k < lines->n; k++) json_push(out, json_string(lines->at[k]), ok);
    return out;
}

// ---- Comparisons -------------------------------------------------------------------------------

static json_t *difference_json(
    const struct difference *d, const struct comparison_pair *pair, bool *ok) {
    json_t *out = json_object(), *folds = json_object(), *users = json_object();
    json_put(out, "difference", json_number(d->value), ok);
    json_put(out, "low", json_number(d->low), ok);
    json_put(out, "high", json_number(d->high), ok);
    json_put(out, "p", json_number(d->p), ok);
    json_put(folds, "n", json_integer((json_int_t)pair->n_folds), ok);
    if (pair->n_folds) {
        json_put(folds, "better", json_integer((json_int_t)pair->folds_better), ok);
        json_put(folds, "worse", json_integer((json_int_t)pair->folds_worse), ok);
        json_put(folds, "mean", json_number(pair->folds.mean), ok);
        json_put(folds, "low", json_number(pair->folds.low), ok);
        json_put(folds, "high", json_number(pair->folds.high), ok);
        json_put(folds, "p", json_number(pair->folds.p), ok);
    }
    json_put(users, "n", json_integer((json_int_t)pair->users.n), ok);
    if (pair->users.n) {
        json_put(users, "better", json_number(pair->users.better), ok);
        json_put(users, "worse", json_number(pair->users.worse), ok);
        json_put(users, "p", json_number(pair->users.p), ok);
    }
    json_put(out, "folds", folds, ok);
    json_put(out, "users", users, ok);
    return out;
}

static json_t *compared_row_json(
    const struct comparison *c, size_t row, const char *label, bool *ok) {
    const struct comparison_row *r = &c->rows[row];
    json_t *out = json_object();
    json_put(out, "model", json_string(label), ok);
    json_put(out, "pooled", json_number(r->pooled.value), ok);
    json_put(out, "low", json_number(r->pooled.low), ok);
    json_put(out, "high", json_number(r->pooled.high), ok);
    json_put(out, "may_be_best", json_boolean(r->pooled.may_be_best), ok);
    if (row != c->best)
        json_put(out, "to_best", difference_json(&r->pooled.best, &r->best, ok), ok);
    if (c->baseline != SIZE_MAX && row != c->baseline)
        json_put(out, "to_baseline", difference_json(&r->pooled.base, &r->base, ok), ok);
    return out;
}

static json_t *comparison_json(
    const struct report *r, const struct comparison *c, const struct table *t, bool *ok) {
    json_t *out = json_object(), *rows = json_array();
    struct arena arena = {0};
    const char *metric = wording_clean(&arena, r->results->plan->metrics[c->metric].label);
    json_put(out, "data", json_string(t->data), ok);
    json_put(out, "metric", json_string(metric), ok);
    if (c->refused) {
        json_put(out, "refused", json_string(c->refused), ok);
    } else {
        json_put(out, "test_rows", json_integer((json_int_t)c->n_rows), ok);
        json_put(out, "best", json_string(t->rows[c->best].label), ok);
        if (c->baseline != SIZE_MAX)
            json_put(out, "baseline", json_string(t->rows[c->baseline].label), ok);
        json_put(out, "detectable", json_number(c->detectable), ok);
        for (size_t k = 0; k < c->n; k++)
            if (c->rows[k].takes_part)
                json_push(rows, compared_row_json(c, k, t->rows[k].label, ok), ok);
    }
    json_put(out, "rows", rows, ok);
    arena_done(&arena);
    return out;
}

static json_t *ranks_json(const struct report *r, const struct comparison_ranks *c, bool *ok) {
    json_t *out = json_object(), *rows = json_object();
    const struct plan *plan = r->results->plan;
    struct arena arena = {0};
    for (size_t m = 0; m <= plan->n_models; m++) {
        const char *label = m ? wording_clean(&arena, plan->models[m - 1].label) : "(fallback)";
        if (!isnan(c->mean_rank[m])) json_put(rows, label, json_number(c->mean_rank[m]), ok);
    }
    json_put(out, "metric", json_string(wording_clean(&arena, plan->metrics[c->metric].label)), ok);
    json_put(out, "data_sets", json_integer((json_int_t)c->n_data), ok);
    json_put(out, "f", json_number(c->ranks.f), ok);
    json_put(out, "p", json_number(c->ranks.p), ok);
    json_put(out, "critical", json_number(c->ranks.critical), ok);
    json_put(out, "mean_rank", rows, ok);
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
        json_put(text, "data", json_string(t->data), ok);
        json_put(text, "story", lines_json(&r->story[at], ok), ok);
        json_put(text, "warnings", lines_json(&r->warnings[at], ok), ok);
        json_push(texts, text, ok);
        for (size_t c = 0; c < r->comparisons.n; c++)
            if (r->comparisons.at[c].data == t->data_index)
                json_push(compared, comparison_json(r, &r->comparisons.at[c], t, ok), ok);
    }
    for (size_t k = 0; k < r->comparisons.n_ranks; k++)
        json_push(ranks, ranks_json(r, &r->comparisons.ranks[k], ok), ok);
    json_put(root, "texts", texts, ok);
    json_put(root, "comparisons", compared, ok);
    json_put(root, "ranks", ranks, ok);
}

// ---- Trials ------------------------------------------------------------------------------------

static json_t *scores_json(const struct scores *s, struct arena *a, bool *ok) {
    json_t *out = json_object();
    for (size_t k = 0; k < s->n; k++) {
        const char *slice = slice_name[s->at[k].slice];
        if (!json_object_get(out, slice)) json_put(out, slice, json_object(), ok);
        json_put(json_object_get(out, slice), wording_clean(a, s->at[k].name),
            json_number(s->at[k].value), ok);
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
        for (size_t k = 0; k < v->n; k++) json_push(list, json_integer(v->ints[k]), ok);
        return list;
    }
    default:
        return json_number(v->number);
    }
}

// What was chosen: the searched parameters that hold, by name, and what that rests on.
static json_t *tuned_json(const struct plan_model *model, const struct tuned *chosen, bool *ok) {
    json_t *out = json_object(), *values = json_object();
    for (size_t d = 0; d < model->tuning->space.n; d++) {
        if (!tuned_holds(model->tuning, chosen, d)) continue;
        const uint32_t at = model->tuning->dims[d].param;
        const struct schema_param *p = &model->schema->params[at];
        json_put(values, p->name, value_json(p, &chosen->values[at], ok), ok);
    }
    json_put(out, "values", values, ok);
    json_put(out, "is_default", json_boolean(chosen->is_default), ok);
    json_put(out, "inner", json_number(chosen->inner), ok);
    json_put(out, "inner_default", json_number(chosen->inner_default), ok);
    json_put(out, "candidates", json_integer(chosen->n_candidates), ok);
    json_put(out, "failed", json_integer(chosen->n_failed), ok);
    json_put(out, "effort", json_number(chosen->effort), ok);
    return out;
}

// Of a blend: by the labels of its members.
static json_t *weights_json(
    const struct results *r, const struct trial_record *t, struct arena *a, bool *ok) {
    const struct blend_spec *b = r->plan->models[t->model].blend;
    json_t *out = json_object();
    for (size_t k = 0; k < b->n; k++)
        json_put(out, wording_clean(a, r->plan->models[b->members[k]].label),
            json_number(blend_weight(t, k)), ok);
    return out;
}

// The folds themselves; seeds and repeats count from 1, as folds do.
static json_t *trial_json(
    const struct results *r, const struct trial_record *t, struct arena *a, bool *ok) {
    json_t *out = json_object();
    json_put(out, "trial", json_integer(t->number), ok);
    json_put(out, "data", json_string(wording_clean(a, r->data[t->data].name)), ok);
    json_put(out, "model", json_string(wording_clean(a, record_label(r, t))), ok);
    json_put(out, "seed", json_integer((json_int_t)t->seed + 1), ok);
    json_put(out, "repeat", json_integer((json_int_t)t->repeat + 1), ok);
    json_put(out, "fold", json_integer(t->fold), ok);
    json_put(out, "failed", json_boolean(t->failed), ok);
    if (t->tuned) json_put(out, "tuned", tuned_json(&r->plan->models[t->model], t->tuned, ok), ok);
    if (t->model >= 0 && r->plan->models[t->model].blend && !t->failed)
        json_put(out, "weights", weights_json(r, t, a, ok), ok);
    if (t->failure) json_put(out, "failure", json_string(failure_name[t->failure]), ok);
    if (t->failed)
        json_put(out, "cause", json_string(wording_clean(a, t->cause)), ok);
    else
        json_put(out, "scores", scores_json(&t->scores, a, ok), ok);
    return out;
}

static bool write_json(const struct report *report, FILE *out, struct error *e) {
    const struct tables *t = &report->tables;
    const struct results *r = report->results;
    struct arena arena = {0};
    bool ok = true;
    json_t *root = json_object(), *tables = json_array(), *trials = json_array();
    for (size_t k = 0; k < t->n; k++) json_push(tables, table_json(&t->at[k], &ok), &ok);
    for (size_t k = 0; k < r->n; k++)
        json_push(trials, trial_json(r, &r->records[k], &arena, &ok), &ok);
    json_put(root, "name", json_string(wording_clean(&arena, r->plan->name)), &ok);
    json_put(root, "seed", json_integer((json_int_t)r->plan->seed), &ok);
    if (r->elsewhere) json_put(root, "elsewhere", json_integer((json_int_t)r->elsewhere), &ok);
    json_put(root, "interrupted", json_boolean(r->interrupted), &ok);
    json_put(root, "tables", tables, &ok);
    set_compared(root, report, &ok);
    json_put(root, "trials", trials, &ok);
    if (!ok || json_dumpf(root, out, JSON_EXACT) != 0)
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
