// What differs between two runs beside their scores: versions and machine, plugins, parameters.
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "report/blended.h"
#include "report/versus_own.h"
#include "report/wording.h"

// Adds it if the two differ; NULL: it has none.
static bool add(struct versus *v, struct versus_changes *to, const char *what, const char *a,
    const char *b, struct error *e) {
    if (a == b || (a && b && strcmp(a, b) == 0)) return true;
    struct arena *arena = &v->arena;
    if (to->n == to->room) {
        const size_t room = to->room ? 2 * to->room : 8;
        struct versus_change *at = arena_alloc(arena, room * sizeof *at);
        if (!at) return error_memory(e, room * sizeof *at, "what differs");
        if (to->n) memcpy(at, to->at, to->n * sizeof *at);
        to->at = at;
        to->room = room;
    }
    to->at[to->n++] = (struct versus_change){wording_clean(arena, what),
        a ? wording_clean(arena, a) : NULL, b ? wording_clean(arena, b) : NULL};
    return true;
}

// ---- Provenance --------------------------------------------------------------------------------

static json_t *load(const struct versus_run *run) {
    return run->provenance ? json_loads(run->provenance, 0, NULL) : NULL;
}

static const char *text_of(const json_t *value, struct arena *a) {
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    return json_is_string(value) ? arena_text(a, json_string_value(value)) : NULL;
}

static bool add_json(struct versus *v, struct versus_changes *to, const char *what, const json_t *a,
    const json_t *b, struct error *e) {
    return add(v, to, what, text_of(a, &v->arena), text_of(b, &v->arena), e);
}

static bool add_libraries(
    struct versus *v, const json_t *a, const json_t *b, bool only_b, struct error *e) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)a, name, value) {
        const json_t *other = json_object_get(b, name);
        if (only_b && other) continue;
        const bool ok = only_b ? add_json(v, &v->changes, name, other, value, e)
                               : add_json(v, &v->changes, name, value, other, e);
        if (!ok) return false;
    }
    return true;
}

// Of runs that have not ended nothing is known, and nothing said.
static bool add_provenance(struct versus *v, struct error *e) {
    static const char *const keys[][2] = {{"version", "reckon"}, {"isa", "instruction set"},
        {"blas_core", "BLAS core"}, {"sandbox", "sandbox"}};
    json_t *a = load(&v->a), *b = load(&v->b);
    bool ok = true;
    for (size_t k = 0; ok && a && b && k < sizeof keys / sizeof *keys; k++)
        ok = add_json(v, &v->changes, keys[k][1], json_object_get(a, keys[k][0]),
            json_object_get(b, keys[k][0]), e);
    const json_t *in_a = json_object_get(a, "libraries"), *in_b = json_object_get(b, "libraries");
    if (ok && a && b)
        ok = add_libraries(v, in_a, in_b, false, e) && add_libraries(v, in_b, in_a, true, e);
    json_decref(a);
    json_decref(b);
    return ok;
}

// ---- Runs --------------------------------------------------------------------------------------

static const char *split_text(const struct plan *plan, struct arena *a) {
    char words[80] = "";
    const struct split_spec *split = &plan->split;
    if (split->method->describe) split->method->describe(split->settings, words, sizeof words);
    return arena_printf(a, "%s%s%s", split->method->id, *words ? ", " : "", words);
}

static bool has_metric(const struct versus *v, size_t at, bool in_b) {
    for (size_t k = 0; k < v->n_metrics; k++)
        if ((in_b ? v->metrics[k].b : v->metrics[k].a) == at) return true;
    return false;
}

static bool add_metrics(struct versus *v, const struct plan *plan, bool in_b, struct error *e) {
    bool ok = true;
    for (size_t k = 0; ok && k < plan->n_metrics; k++) {
        if (has_metric(v, k, in_b)) continue;
        const char *what = arena_printf(&v->arena, "metric %s", plan->metrics[k].label);
        ok = add(v, &v->changes, what, in_b ? NULL : "computed", in_b ? "computed" : NULL, e);
    }
    return ok;
}

bool versus_changes_of_runs(struct versus *v, struct error *e) {
    const struct plan *a = v->a.results->plan, *b = v->b.results->plan;
    struct arena *arena = &v->arena;
    struct versus_changes *to = &v->changes;
    return add(v, to, "seed", arena_printf(arena, "%llu", (unsigned long long)a->seed),
               arena_printf(arena, "%llu", (unsigned long long)b->seed), e) &&
           add(v, to, "seeds", arena_printf(arena, "%u", a->n_seeds),
               arena_printf(arena, "%u", b->n_seeds), e) &&
           add(v, to, "split", split_text(a, arena), split_text(b, arena), e) &&
           add(v, to, "validation", arena_printf(arena, "%.15g", a->validation),
               arena_printf(arena, "%.15g", b->validation), e) &&
           add_metrics(v, a, false, e) && add_metrics(v, b, true, e) && add_provenance(v, e);
}

// ---- Rows --------------------------------------------------------------------------------------

static const json_t *model_of(const json_t *provenance, const char *label) {
    const json_t *models = json_object_get(provenance, "models"), *model;
    size_t k;
    json_array_foreach((json_t *)models, k, model) {
        const char *own = json_string_value(json_object_get(model, "label"));
        if (own && strcmp(own, label) == 0) return model;
    }
    return NULL;
}

static bool add_plugin(struct versus *v, struct versus_row *row, struct error *e) {
    static const char *const keys[] = {"plugin", "version", "hash"};
    static const char *const names[] = {"plugin", "plugin version", "plugin hash"};
    json_t *a = load(&v->a), *b = load(&v->b);
    const json_t *in_a = model_of(a, row->a), *in_b = model_of(b, row->b);
    bool ok = true;
    for (size_t k = 0; ok && in_a && in_b && k < sizeof keys / sizeof *keys; k++)
        ok = add_json(v, &row->changes, names[k], json_object_get(in_a, keys[k]),
            json_object_get(in_b, keys[k]), e);
    json_decref(a);
    json_decref(b);
    return ok;
}

// "searched in 0.001..1 log", "searched in 8, 16"; as a value, "0.1".
static const char *dim_text(const struct plan_model *m, size_t d, struct arena *a) {
    const struct search_dim *dim = &m->tuning->space.dims[d];
    const struct tuning_dim *own = &m->tuning->dims[d];
    if (dim->n == 0)
        return arena_printf(
            a, "searched in %.15g..%.15g%s", dim->min, dim->max, dim->log ? " log" : "");
    const char *text = "searched in ";
    for (uint32_t k = 0; own->values && k < dim->n; k++)
        text = arena_printf(a, "%s%s%s", text, k ? ", " : "",
            schema_print(&m->schema->params[own->param], &own->values[k], a));
    return text;
}

static const char *param_text(const struct plan_model *m, uint32_t param, struct arena *a) {
    for (size_t d = 0; m->tuning && d < m->tuning->space.n; d++)
        if (m->tuning->dims[d].param == param) return dim_text(m, d, a);
    return schema_print(&m->schema->params[param], &m->values[param], a);
}

static uint32_t find_param(const struct schema *s, const char *name) {
    uint32_t k = 0;
    while (k < s->n_params && strcmp(s->params[k].name, name) != 0) k++;
    return k;
}

static bool add_params(struct versus *v, struct versus_row *row, const struct plan_model *a,
    const struct plan_model *b, struct error *e) {
    struct arena *arena = &v->arena;
    bool ok = true;
    for (uint32_t k = 0; ok && k < a->schema->n_params; k++) {
        const char *name = a->schema->params[k].name;
        const uint32_t other = find_param(b->schema, name);
        ok = add(v, &row->changes, name, param_text(a, k, arena),
            other < b->schema->n_params ? param_text(b, other, arena) : NULL, e);
    }
    for (uint32_t k = 0; ok && k < b->schema->n_params; k++) {
        const char *name = b->schema->params[k].name;
        if (find_param(a->schema, name) == a->schema->n_params)
            ok = add(v, &row->changes, name, NULL, param_text(b, k, arena), e);
    }
    return ok;
}

static const char *search_text(
    const struct plan *plan, const struct plan_model *m, struct arena *a) {
    const struct tuning *t = m->tuning;
    if (!t) return NULL;
    const char *budget = t->seconds > 0 ? arena_printf(a, "%.15g seconds", t->seconds)
                                        : arena_printf(a, "%u trials", t->trials);
    return arena_printf(a, "%s, %s, %u inner folds, by %s", t->method->id, budget, t->folds,
        plan->metrics[t->metric].label);
}

static const char *answered_text(
    const struct values *v, const struct values_row *row, struct arena *a) {
    return wording_percent(a, values_summary(v, row, SLICE_ALL, "answered").mean);
}

static bool add_blend(struct versus *v, struct versus_row *row, const struct plan_model *a,
    const struct plan_model *b, struct error *e) {
    const struct plan *in_a = v->a.results->plan, *in_b = v->b.results->plan;
    struct arena *arena = &v->arena;
    return add(v, &row->changes, "mean of", a->blend ? blended_recipe(in_a, a->blend, arena) : NULL,
               b->blend ? blended_recipe(in_b, b->blend, arena) : NULL, e) &&
           add(v, &row->changes, "weights", a->blend ? blended_weights(a->blend, arena) : NULL,
               b->blend ? blended_weights(b->blend, arena) : NULL, e);
}

bool versus_changes_of_row(struct versus *v, const struct versus_pair_of_data *d,
    const struct versus_pair *pair, struct versus_row *row, struct error *e) {
    const struct plan *in_a = v->a.results->plan, *in_b = v->b.results->plan;
    const struct plan_model *a = &in_a->models[pair->a->model], *b = &in_b->models[pair->b->model];
    struct arena *arena = &v->arena;
    return add_plugin(v, row, e) && add_params(v, row, a, b, e) && add_blend(v, row, a, b, e) &&
           add(v, &row->changes, "search", search_text(in_a, a, arena), search_text(in_b, b, arena),
               e) &&
           add(v, &row->changes, "answered by itself", answered_text(&d->a, pair->a, arena),
               answered_text(&d->b, pair->b, arena), e);
}
