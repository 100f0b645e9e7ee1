// store_results: the results of a run from the store alone, so that tables need no data.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "trial/store_own.h"
#include "trial/store_read.h"

struct gathering {
    struct store *store;
    const struct plan *plan;
    struct results *out;
    size_t room;
    struct error *e;
    bool failed;
};

// ---- Data sets ---------------------------------------------------------------------------------

static void get_counts(const char *text, struct data_summary *d) {
    json_t *counts = text ? json_loads(text, 0, NULL) : NULL;
    for (int k = 0; k < COUNT_N; k++)
        d->count[k] = (uint64_t)json_integer_value(json_object_get(counts, dataset_count_name[k]));
    json_decref(counts);
}

static bool get_data(struct store *s, int64_t run, struct results *out, struct error *e) {
    sqlite3_stmt *q = store_query(s, e,
        "SELECT at, name, hash, ratings, users, items, rating_min, rating_max, reachable, counts "
        "FROM data WHERE run = ?1",
        "i", run);
    int step = -1;
    while (q && (step = store_step(s, q, e)) > 0) {
        const size_t at = (size_t)sqlite3_column_int64(q, 0);
        if (at >= out->plan->n_data) continue;
        struct data_summary *d = &out->data[at];
        *d = (struct data_summary){.name = store_text(q, 1, &out->arena),
            .hash = store_text(q, 2, &out->arena),
            .n_ratings = (uint64_t)sqlite3_column_int64(q, 3),
            .n_users = (uint32_t)sqlite3_column_int64(q, 4),
            .n_items = (uint32_t)sqlite3_column_int64(q, 5),
            .rating_min = (float)sqlite3_column_double(q, 6),
            .rating_max = (float)sqlite3_column_double(q, 7),
            .has_reachable = sqlite3_column_int(q, 8)};
        get_counts((const char *)sqlite3_column_text(q, 9), d);
    }
    return step == 0;
}

// ---- What was chosen ---------------------------------------------------------------------------

static struct param_value get_value(
    const struct schema_param *p, const json_t *v, struct arena *a) {
    struct param_value out = {.number = p->def, .ints = p->def_ints, .n = p->n_def_ints};
    if (json_is_boolean(v)) out.number = json_is_true(v);
    if (json_is_number(v)) out.number = json_number_value(v);
    for (uint32_t k = 0; json_is_string(v) && k < p->n_choices; k++)
        if (strcmp(p->choices[k], json_string_value(v)) == 0) out.number = k;
    if (!json_is_array(v)) return out;
    out.n = json_array_size(v);
    int *ints = arena_alloc(a, (out.n + 1) * sizeof *ints);
    for (size_t k = 0; ints && k < out.n; k++)
        ints[k] = (int)json_integer_value(json_array_get(v, k));
    out.ints = ints;
    return out;
}

static const struct param_value *get_values(
    const struct schema *schema, const char *text, struct arena *a) {
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    struct param_value *values = arena_alloc(a, (schema->n_params + 1) * sizeof *values);
    for (uint32_t k = 0; values && k < schema->n_params; k++)
        values[k] = get_value(&schema->params[k], json_object_get(all, schema->params[k].name), a);
    json_decref(all);
    return values;
}

// Leaves t->tuned at NULL where nothing was chosen.
static bool get_tuned(struct gathering *g, const struct store_trial *from, struct trial_record *t) {
    sqlite3_stmt *q = store_query(g->store, g->e,
        "SELECT is_default, inner, inner_default, candidates, failed, effort FROM tuned "
        "WHERE run = ?1 AND data_at = ?2 AND model = ?3 AND seed = ?4 AND repeat = ?5 AND fold = "
        "?6",
        "iiiiii", from->run, (int64_t)t->data, (int64_t)from->record.model, (int64_t)t->seed + 1,
        (int64_t)t->repeat + 1, (int64_t)t->fold);
    const int step = q ? store_step(g->store, q, g->e) : -1;
    if (step <= 0) return step == 0;
    struct tuned *tuned = arena_alloc(&g->out->arena, sizeof *tuned);
    if (tuned)
        *tuned = (struct tuned){.is_default = sqlite3_column_int(q, 0),
            .inner = store_real(q, 1),
            .inner_default = store_real(q, 2),
            .n_candidates = (uint32_t)sqlite3_column_int64(q, 3),
            .n_failed = (uint32_t)sqlite3_column_int64(q, 4),
            .effort = sqlite3_column_double(q, 5),
            .values =
                get_values(g->plan->models[t->model].schema, from->parameters, &g->out->arena)};
    sqlite3_reset(q);
    t->tuned = tuned;
    return tuned || error_memory(g->e, sizeof *tuned, "what was chosen");
}

// ---- Records -----------------------------------------------------------------------------------

// Row of the plan under that label; the plan's rows may stand in another order than the store's.
static int find_model(const struct plan *plan, const struct store_trial *t) {
    for (size_t k = 0; t->record.model >= 0 && k < plan->n_models; k++)
        if (strcmp(plan->models[k].label, t->label) == 0) return (int)k;
    return t->record.model;
}

static bool copy_curve(struct trial_record *t, struct arena *a) {
    struct curve_point *curve = malloc((t->n_curve + 1) * sizeof *curve);
    const char *series = "";
    for (size_t k = 0; curve && k < t->n_curve; k++) {
        curve[k] = t->curve[k];
        if (strcmp(series, curve[k].series) != 0) series = arena_text(a, curve[k].series);
        curve[k].series = series;
    }
    t->curve = curve;
    return curve;
}

// What `from` lends for the call becomes the results' own.
static bool copy(struct gathering *g, const struct store_trial *from, struct trial_record *t) {
    struct arena *a = &g->out->arena;
    struct score *scores = malloc((from->record.scores.n + 1) * sizeof *scores);
    *t = from->record;
    t->model = find_model(g->plan, from);
    if (t->cause) t->cause = arena_text(a, t->cause);
    if (t->log) t->log = arena_text(a, t->log);
    t->evidence = NULL; // the store is asked for it, and for the breakdown
    t->breakdown = (struct breakdown){0};
    t->scores = (struct scores){.at = scores, .n = from->record.scores.n, .room = t->scores.n + 1};
    if (scores && t->scores.n) memcpy(scores, from->record.scores.at, t->scores.n * sizeof *scores);
    const bool curve = t->n_curve == 0 || copy_curve(t, a);
    if (t->n_curve == 0) t->curve = NULL;
    return (scores && curve) || error_memory(g->e, sizeof *t, "the results");
}

static bool take(void *arg, const struct store_trial *from) {
    struct gathering *g = arg;
    struct results *out = g->out;
    g->failed = true;
    if (from->record.data >= g->plan->n_data || find_model(g->plan, from) >= (int)g->plan->n_models)
        return error_set(
            g->e, "%s: trial %u is not of this plan", g->store->path, from->record.number);
    const int model = find_model(g->plan, from);
    if (model >= 0 && g->plan->models[model].is_hidden) {
        g->failed = false;
        return true;
    }
    if (out->n == g->room) {
        const size_t room = g->room ? 2 * g->room : 64;
        struct trial_record *records = realloc(out->records, room * sizeof *records);
        if (!records) return error_memory(g->e, room * sizeof *records, "the results");
        out->records = records;
        g->room = room;
    }
    struct trial_record *t = &out->records[out->n++];
    *t = (struct trial_record){0};
    if (!copy(g, from, t) || !store_get_kept(g->store, &from->key, t, g->e) ||
        (t->model >= 0 && !get_tuned(g, from, t)))
        return false;
    if (t->failed) out->n_failed++;
    g->failed = false;
    return true;
}

static int by_number(const void *a, const void *b) {
    const struct trial_record *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

bool store_results(struct store *s, const struct plan *plan, struct results *out, struct error *e) {
    struct gathering g = {.store = s, .plan = plan, .out = out, .e = e};
    int64_t run, done;
    *out = (struct results){.plan = plan};
    out->data = arena_alloc(&out->arena, (plan->n_data + 1) * sizeof *out->data);
    if (!out->data) return error_memory(e, plan->n_data * sizeof *out->data, "the results");
    for (size_t k = 0; k < plan->n_data; k++) out->data[k].name = out->data[k].hash = "";
    if (!store_latest_run(s, &run, e)) return false;
    if (run == 0) return error_set(e, "%s: there is no run in it", s->path);
    const struct store_filter filter = {.run = run, .own_rows = true, .scores = true};
    if (!get_data(s, run, out, e) || !store_trials(s, &filter, take, &g, e) || g.failed ||
        !store_count(s, "SELECT state = 'done' FROM runs WHERE run = ?1", run, &done, e))
        return false;
    if (out->n) qsort(out->records, out->n, sizeof *out->records, by_number);
    results_platform(out);
    out->interrupted = !done;
    return true;
}
