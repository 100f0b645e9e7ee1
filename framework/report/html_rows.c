// Where the numbers of a row come from: its plugin, its parameters, each of its trials, and what
// was chosen on inner folds.
#include <math.h>
#include <string.h>

#include "report/blended.h"
#include "report/html.h"
#include "report/tuned.h"
#include "report/wording.h"

// ---- The row -----------------------------------------------------------------------------------

// What provenance says of a model; NULL: nothing.
static const json_t *model_of(const struct html *h, const char *label) {
    const json_t *models = json_object_get(h->provenance, "models"), *model;
    size_t k;
    json_array_foreach(models, k, model) {
        const char *own = json_string_value(json_object_get(model, "label"));
        if (own && strcmp(own, label) == 0) return model;
    }
    return NULL;
}

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "?";
}

static void row_facts(struct html *h, const struct plan_model *m, const char *label) {
    const json_t *known = model_of(h, label);
    const struct page_fact facts[] = {{"row", label},
        {"plugin", arena_printf(&h->arena, "%s %s, ABI %s, file %s", text_of(known, "plugin"),
                       text_of(known, "version"), text_of(known, "abi"), text_of(known, "file"))},
        {"plugin hash", text_of(known, "hash")},
        {"parameters", m->tuning ? "as below, but for those that were searched, which were chosen "
                                   "anew in each fold"
                                 : "as below"}};
    page_facts(&h->page, facts, sizeof facts / sizeof *facts);
}

// As an entry of an experiment file, every parameter written out.
static void row_parameters(struct html *h, const struct plan_model *m) {
    const struct schema *s = m->schema;
    const char *text = arena_printf(&h->arena, "{ plugin = \"%s\";", s->id);
    for (uint32_t k = 0; k < s->n_params; k++)
        text = arena_printf(&h->arena, "%s\n  %s = %s;", text, s->params[k].name,
            schema_print(&s->params[k], &m->values[k], &h->arena));
    page_code(&h->page, arena_printf(&h->arena, "%s }", text));
}

// ---- What it is a mean of ----------------------------------------------------------------------

static void blend_facts(struct html *h, const struct plan_model *m, const char *label) {
    const struct plan *plan = h->report->results->plan;
    const struct page_fact facts[] = {{"row", label},
        {"mean of", blended_members(plan, m->blend, &h->arena)},
        {"weights", blended_weights(m->blend, &h->arena)}};
    page_facts(&h->page, facts, sizeof facts / sizeof *facts);
    page_paragraph(&h->page,
        "No trial of its own: its answers are made of those of its members, before clipping, and "
        "what it cost is what they cost.");
}

static void blend_weights(struct html *h, const struct values *v, const struct values_row *row,
    const struct plan_model *m, const char *label) {
    const struct blend_spec *b = m->blend;
    struct page_column c[BLEND_MOST + 1] = {{"fold", "with repeats: repeat.fold", true}};
    if (h->trials_shown >= HTML_TRIALS_MOST) return;
    for (size_t k = 0; k < b->n; k++)
        c[k + 1] = (struct page_column){
            wording_clean(&h->arena, v->results->plan->models[b->members[k]].label), NULL, true};
    page_table(&h->page, NULL, arena_printf(&h->arena, "Weights of %s.", html_short(h, label)), c,
        b->n + 1);
    for (size_t t = 0; t < row->n; t++) {
        const struct trial_record *one = row->trial[t];
        if (one->failed) continue;
        page_row(&h->page, NULL, false);
        page_cell(&h->page, values_fold(v, one, &h->arena),
            one->repeat * 1e6 + one->fold + one->seed * 1e-4, NULL, NULL);
        for (size_t k = 0; k < b->n; k++) {
            const double weight = blend_weight(one, k);
            page_cell(&h->page, wording_fixed(&h->arena, weight, 4), weight, NULL, NULL);
        }
        page_row_end(&h->page);
    }
    page_table_end(&h->page);
}

// ---- Its trials --------------------------------------------------------------------------------

static bool has_train(const struct metric_spec *m) {
    return m->metric->on_train;
}

enum { OTHER_COLUMNS = 7 };

static struct page_column *fold_columns(
    struct html *h, const struct values *v, const struct values_row *row, size_t *n) {
    const struct plan *plan = v->results->plan;
    struct page_column *c =
        arena_alloc(&h->arena, (2 * plan->n_metrics + OTHER_COLUMNS) * sizeof *c);
    *n = 0;
    if (!c) return NULL;
    c[(*n)++] = (struct page_column){"fold", "with repeats: repeat.fold", true};
    for (size_t k = 0; k < plan->n_metrics; k++) {
        const char *title = html_metric_title(&plan->metrics[k]);
        c[(*n)++] = (struct page_column){title, NULL, true};
        if (has_train(&plan->metrics[k]))
            c[(*n)++] =
                (struct page_column){arena_printf(&h->arena, "%s train", title), NULL, true};
    }
    c[(*n)++] = (struct page_column){"rows", "test rows", true};
    c[(*n)++] = (struct page_column){"answered", "share that the model answered itself", true};
    c[(*n)++] = (struct page_column){"fit", "by the clock; depends on the machine", true};
    c[(*n)++] = (struct page_column){"memory", "the most that was taken", true};
    c[(*n)++] = (struct page_column){"trial", "its number: reckon show RUN --trial N", true};
    if (row->n_failed) c[(*n)++] = (struct page_column){"outcome", NULL, false};
    return c;
}

static void score_cell(struct html *h, const struct trial_record *t, enum slice slice,
    const char *name, int decimals) {
    const double value = t->failed ? NAN : scores_get(&t->scores, slice, name);
    page_cell(&h->page, wording_fixed(&h->arena, value, decimals), value, NULL, NULL);
}

static void cost_cells(struct html *h, const struct trial_record *t) {
    const bool has = !t->failed && t->model >= 0;
    const double seconds = has ? t->cost.fit_seconds : NAN;
    const double memory = has ? (double)t->cost.memory : NAN;
    page_cell(&h->page, wording_seconds(&h->arena, seconds), seconds, NULL, NULL);
    page_cell(&h->page, wording_bytes(&h->arena, memory), memory, NULL, NULL);
}

static const char *outcome(struct html *h, const struct trial_record *t) {
    if (!t->failed) return "";
    const char *kind = failure_name[t->failure];
    return arena_printf(&h->arena, "failed%s%s: %s", *kind ? ", " : "", kind,
        t->cause ? t->cause : "no cause is known");
}

static void fold_row(
    struct html *h, const struct values *v, const struct trial_record *t, bool tells_outcome) {
    const struct plan *plan = v->results->plan;
    const double rows = t->failed ? NAN : scores_get(&t->scores, SLICE_ALL, "rows");
    const double answered = t->failed ? NAN : scores_get(&t->scores, SLICE_ALL, "answered");
    struct page *p = &h->page;
    page_row(p, NULL, false);
    page_cell(
        p, values_fold(v, t, &h->arena), t->repeat * 1e6 + t->fold + t->seed * 1e-4, NULL, NULL);
    for (size_t k = 0; k < plan->n_metrics; k++) {
        const struct metric_spec *m = &plan->metrics[k];
        score_cell(h, t, SLICE_ALL, m->label, m->metric->decimals);
        if (has_train(m)) score_cell(h, t, SLICE_TRAIN, m->label, m->metric->decimals);
    }
    page_cell(p, isnan(rows) ? "" : wording_count(&h->arena, (uint64_t)rows), rows, NULL, NULL);
    page_cell(p, wording_percent(&h->arena, answered), answered, NULL, NULL);
    cost_cells(h, t);
    page_cell(p, arena_printf(&h->arena, "%u", t->number), t->number, NULL, NULL);
    if (tells_outcome) page_cell(p, outcome(h, t), NAN, NULL, NULL);
    page_row_end(p);
}

static void row_folds(struct html *h, const struct values *v, const struct values_row *row,
    const char *id, const char *label) {
    size_t n;
    const struct page_column *columns = fold_columns(h, v, row, &n);
    if (!columns) return;
    if (h->trials_shown + row->n > HTML_TRIALS_MOST) {
        page_anchor(&h->page, id);
        page_paragraph(&h->page, arena_printf(&h->arena,
                                     "Its %zu trials are left out here for want of room; they are "
                                     "in scores.csv and costs.csv, and in the store: reckon show.",
                                     row->n));
        return;
    }
    h->trials_shown += row->n;
    page_table(&h->page, id,
        arena_printf(&h->arena, "Trials of %s: the row's numbers are means over these.",
            html_short(h, label)),
        columns, n);
    for (size_t k = 0; k < row->n; k++) fold_row(h, v, row->trial[k], row->n_failed > 0);
    page_table_end(&h->page);
}

// ---- What they printed -------------------------------------------------------------------------

// Its end, which says most.
static const char *log_end(struct html *h, const char *log) {
    const size_t n = strlen(log);
    if (n <= HTML_LOG_MOST) return log;
    const char *at = log + n - HTML_LOG_MOST;
    while (((unsigned char)*at & 0xC0) == 0x80) at++;
    return arena_printf(&h->arena, "[%zu bytes before are left out; reckon show has all]\n%s",
        (size_t)(at - log), at);
}

static void row_logs(struct html *h, const struct values *v, const struct values_row *row) {
    size_t left_out = 0;
    for (size_t k = 0; k < row->n; k++) {
        const struct trial_record *t = row->trial[k];
        if (!t->log || !*t->log) continue;
        if (h->logs_shown >= HTML_LOGS_MOST) {
            left_out++;
            continue;
        }
        h->logs_shown++;
        page_details(&h->page,
            arena_printf(&h->arena, "What it printed on fold %s", values_fold(v, t, &h->arena)));
        page_code(&h->page, log_end(h, t->log));
        page_details_end(&h->page);
    }
    if (left_out)
        page_paragraph(&h->page,
            arena_printf(&h->arena,
                "What %zu more trials printed is in the store: reckon show RUN --trial N.",
                left_out));
}

// ---- What was chosen ---------------------------------------------------------------------------

static void chosen_row(struct html *h, const struct values *v, const struct plan_model *m,
    const struct trial_record *t) {
    const struct tuned *c = t->tuned;
    const int decimals = v->results->plan->metrics[m->tuning->metric].metric->decimals;
    struct page *p = &h->page;
    page_row(p, NULL, false);
    page_cell(p, values_fold(v, t, &h->arena), t->repeat * 1e6 + t->fold + t->seed * 1e-4, NULL,
        c->is_default ? "the default" : NULL);
    for (size_t d = 0; d < m->tuning->space.n; d++) {
        const uint32_t at = m->tuning->dims[d].param;
        const struct schema_param *param = &m->schema->params[at];
        const bool is_number = param->type == RK_TYPE_INT || param->type == RK_TYPE_REAL;
        const bool holds = tuned_holds(m->tuning, c, d);
        page_cell(p, holds ? schema_print(param, &c->values[at], &h->arena) : "–",
            holds && is_number ? c->values[at].number : NAN, NULL, NULL);
    }
    page_cell(p, wording_fixed(&h->arena, c->inner, decimals), c->inner, NULL, NULL);
    page_cell(
        p, wording_fixed(&h->arena, c->inner_default, decimals), c->inner_default, NULL, NULL);
    page_cell(p, arena_printf(&h->arena, "%u", c->n_candidates), c->n_candidates, NULL, NULL);
    page_cell(p, arena_printf(&h->arena, "%u", c->n_failed), c->n_failed, NULL, NULL);
    page_row_end(p);
}

static void row_chosen(struct html *h, const struct values *v, const struct values_row *row,
    const struct plan_model *m, const char *label) {
    const struct tuning *how = m->tuning;
    struct page_column *c = how ? arena_alloc(&h->arena, (how->space.n + 5) * sizeof *c) : NULL;
    if (!c || h->trials_shown >= HTML_TRIALS_MOST) return;
    const char *metric = v->results->plan->metrics[how->metric].label;
    size_t n = 0;
    c[n++] = (struct page_column){"fold", NULL, true};
    for (size_t d = 0; d < how->space.n; d++) {
        const struct schema_param *p = &m->schema->params[how->dims[d].param];
        c[n++] = (struct page_column){
            p->name, p->doc, p->type == RK_TYPE_INT || p->type == RK_TYPE_REAL};
    }
    c[n++] = (struct page_column){arena_printf(&h->arena, "%s inner", metric),
        "by which it was chosen, mean over inner folds", true};
    c[n++] = (struct page_column){"of the default", "the same of the plugin's defaults", true};
    c[n++] = (struct page_column){"candidates", "that were scored on inner folds", true};
    c[n++] = (struct page_column){"failed", "of these", true};
    page_table(&h->page, NULL,
        arena_printf(&h->arena, "Chosen for %s by %s on %u inner folds of each training fold.",
            html_short(h, label), how->method->id, how->folds),
        c, n);
    for (size_t k = 0; k < row->n; k++)
        if (row->trial[k]->tuned) chosen_row(h, v, m, row->trial[k]);
    page_table_end(&h->page);
}

// ---- All rows ----------------------------------------------------------------------------------

static const char *own_row(int model) {
    return model == MODEL_FALLBACK
               ? "The harness's own: damped means of the training fold, by which rows that a model "
                 "leaves open are answered."
               : "The harness's own: what the planted truth of synthetic data would score, the "
                 "noise being what is left.";
}

static void write_row(struct html *h, const struct html_data *d, size_t k) {
    const struct values_row *row = &d->values.rows[k];
    const char *label = d->table->rows[k].label;
    const struct plan_model *m =
        row->model >= 0 ? &d->values.results->plan->models[row->model] : NULL;
    const char *failed =
        row->n_failed ? arena_printf(&h->arena, ", %zu of them failed", row->n_failed) : "";
    page_details_of(&h->page, html_short(h, label),
        arena_printf(&h->arena, "%zu trial%s%s", row->n, row->n == 1 ? "" : "s", failed));
    page_anchor(&h->page, html_anchor(h, d->nth, k, ""));
    if (m && m->blend) {
        blend_facts(h, m, label);
        blend_weights(h, &d->values, row, m, label);
    } else if (m) {
        row_facts(h, m, label);
        row_parameters(h, m);
        row_chosen(h, &d->values, row, m, label);
    } else {
        page_paragraph(&h->page, own_row(row->model));
    }
    row_folds(h, &d->values, row, html_anchor(h, d->nth, k, "-folds"), label);
    row_logs(h, &d->values, row);
    page_details_end(&h->page);
}

void html_rows(struct html *h, const struct html_data *d) {
    page_paragraph(&h->page, "Where the numbers come from: for each row of the table its plugin, "
                             "its parameters, and the trials that it is the mean of.");
    for (size_t k = 0; k < d->values.n; k++) write_row(h, d, k);
}
