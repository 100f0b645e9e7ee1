#include "support/searched.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/made_evidence.h"
#include "trial/store_read.h"
#include "trial/worker.h"

static char folder[] = "/tmp/reckon-searched-XXXXXX";
static char build[4096];

bool searched_begin(void) {
    if (!mkdtemp(folder)) return false;
    const char *at = getenv("RECKON_BUILD");
    snprintf(build, sizeof build, "%s", at ? at : "build");
    static char program[8192], plugins[8192];
    snprintf(program, sizeof program, "%s/framework/reckon", build);
    snprintf(plugins, sizeof plugins, "%s/plugins", build);
    setenv("RECKON_PLUGIN_PATH", plugins, 1);
    worker_set_program(program);
    return true;
}

bool searched_end(void) {
    char command[4200];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0;
}

const char *searched_build(void) {
    return build;
}

const char *searched_folder(void) {
    return folder;
}

const char *searched_file(const char *name, const char *text) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    return path;
}

// ---- Plans -------------------------------------------------------------------------------------

static uint32_t param_of(const struct schema *s, const char *name) {
    const struct schema_param *p = schema_find(s, name);
    ck_assert_ptr_nonnull(p);
    return (uint32_t)(p - s->params);
}

void searched_add(struct searched *s, size_t model, const char *param, double min, double max,
    const char *method, uint32_t trials) {
    struct plan_model *m = &s->models[model];
    struct tuning *t = &s->tunings[model];
    const size_t n = t->space.n++;
    const uint32_t at = param_of(m->schema, param);
    s->dims[model][n] = (struct search_dim){.name = param,
        .min = min,
        .max = max,
        .log = min > 0,
        .whole = m->schema->params[at].type == RK_TYPE_INT,
        .steps = 5,
        .def = m->values[at].number,
        .when = -1};
    s->places[model][n] = (struct tuning_dim){.param = at};
    t->method = search_method_find(method);
    ck_assert_ptr_nonnull(t->method);
    t->space.dims = s->dims[model];
    t->dims = s->places[model];
    t->trials = trials;
    t->folds = 3;
    t->resource = TUNING_NO_RESOURCE;
    m->tuning = t;
}

void searched_read(struct searched *s, const char *text) {
    *s = (struct searched){0};
    struct problems problems = {0};
    const struct experiment_options options = {0};
    const bool read =
        experiment_read(&s->experiment, searched_file("run.cfg", text), &options, &problems);
    ck_assert_msg(read, "%s", problems.n ? problems.text[0] : "no message");
    problems_done(&problems);
    s->plan = s->experiment.plan;
    ck_assert_uint_le(s->plan.n_models, 4);
    memcpy(s->models, s->plan.models, s->plan.n_models * sizeof *s->models);
    s->plan.models = s->models;
}

void searched_init(struct searched *s, const char *more) {
    char text[8192];
    snprintf(text, sizeof text, SMALL MODELS "%s", more);
    searched_read(s, text);
    searched_add(s, 0, "shrinkage", 0.01, 1000, "random", 6);
    searched_add(s, 1, "lambda", 0.001, 1, "random", 5);
    searched_add(s, 1, "rank", 1, 8, "random", 5);
}

// ---- Runs --------------------------------------------------------------------------------------

static void watch(void *arg, const struct results *r, const struct runner_view *view) {
    (void)r;
    struct seen *seen = arg;
    const struct trial_record *t = view->ended;
    seen->done = view->done;
    seen->cached = view->cached;
    seen->total = view->total;
    if (!t || t->model < 0) return;
    if (t->inner && t->candidate < 64)
        seen->score[t->model][t->fold][t->inner][t->candidate] =
            scores_get(&t->scores, SLICE_ALL, "rmse");
    if (t->cached) return;
    seen->executed++;
    if (seen->executed == seen->stop_at) raise(SIGTERM);
    if (seen->hook) seen->hook(seen);
}

struct store *searched_store(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    mkdir(path, 0777);
    struct store *store = NULL;
    struct error e = {0};
    int64_t id;
    const struct store_run run = {.name = "t", .experiment = "", .plan_hash = "0", .version = "1"};
    ck_assert_msg(store_open(&store, path, STORE_WRITE, &e), "%s", e.text);
    ck_assert_msg(store_begin_run(store, &run, &id, &e), "%s", e.text);
    return store;
}

bool searched_try(const struct searched *s, const char *store, struct seen *seen,
    struct results *out, struct error *e) {
    seen->executed = 0;
    for (double *at = &seen->score[0][0][0][0]; at < (double *)(&seen->score + 1); at++) *at = NAN;
    const struct runner_events events = {.arg = seen, .tick = watch};
    struct store *opened = store ? searched_store(store) : NULL;
    const bool ok = runner_run(&s->plan, opened, &events, out, NULL, e);
    store_close(opened);
    return ok;
}

void searched_stored(const struct searched *s, const char *store, struct results *out) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, store);
    struct store *opened = NULL;
    struct error e = {0};
    ck_assert_msg(store_open(&opened, path, STORE_READ, &e), "%s", e.text);
    ck_assert_msg(store_results(opened, &s->plan, out, &e), "%s", e.text);
    store_close(opened);
}

void searched_run(
    const struct searched *s, const char *store, struct seen *seen, struct results *out) {
    static struct seen unseen;
    struct error e = {0};
    ck_assert_msg(searched_try(s, store, seen ? seen : &unseen, out, &e), "%s", e.text);
}

bool searched_same_values(
    const struct schema *s, const struct param_value *a, const struct param_value *b) {
    for (uint32_t k = 0; k < s->n_params; k++)
        if (a[k].number != b[k].number || a[k].n != b[k].n) return false;
    return true;
}

void searched_same_record(
    const struct searched *s, const struct trial_record *a, const struct trial_record *b) {
    ck_assert_uint_eq(a->number, b->number);
    ck_assert_int_eq(a->failed, b->failed);
    ck_assert_uint_eq(a->scores.n, b->scores.n);
    for (size_t k = 0; k < a->scores.n; k++) {
        ck_assert_str_eq(a->scores.at[k].name, b->scores.at[k].name);
        ck_assert_int_eq(memcmp(&a->scores.at[k].value, &b->scores.at[k].value, 8), 0);
    }
    ck_assert_int_eq(!a->evidence, a->failed);
    same_kept(a, b);
    ck_assert_int_eq(!a->tuned, !b->tuned);
    if (!a->tuned) return;
    ck_assert(searched_same_values(s->models[a->model].schema, a->tuned->values, b->tuned->values));
    ck_assert_int_eq(memcmp(&a->tuned->inner, &b->tuned->inner, 8), 0);
    ck_assert_int_eq(memcmp(&a->tuned->inner_default, &b->tuned->inner_default, 8), 0);
    ck_assert_uint_eq(a->tuned->n_candidates, b->tuned->n_candidates);
    ck_assert(a->tuned->effort == b->tuned->effort);
}

void searched_same(const struct searched *s, const struct results *a, const struct results *b) {
    ck_assert_uint_eq(a->n, b->n);
    for (size_t k = 0; k < a->n; k++) searched_same_record(s, &a->records[k], &b->records[k]);
}

void searched_kept(const char *store) {
    static const char unlike[] =
        "SELECT count(*) FROM (SELECT DISTINCT trial, inner = 0 AS outer FROM places) LEFT JOIN "
        "evidence e USING (trial) WHERE outer <> (e.trial IS NOT NULL)";
    char path[4096];
    sqlite3 *db;
    sqlite3_stmt *q;
    snprintf(path, sizeof path, "%s/%s/reckon.db", folder, store);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, unlike, -1, &q, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_int(q, 0), 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
}

void searched_done(struct searched *s) {
    experiment_done(&s->experiment);
}
