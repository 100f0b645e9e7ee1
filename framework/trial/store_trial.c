// store_trial: trials under their keys, and where a run has them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trial/store_own.h"

// ---- As text -----------------------------------------------------------------------------------

// A choice is the plugin's own text.
static const char *choice_text(const char *choice, struct arena *a) {
    char *out = arena_alloc(a, 2 * strlen(choice) + 3), *at = out;
    if (!out) return "null";
    *at++ = '"';
    for (; *choice; choice++) {
        if (*choice == '"' || *choice == '\\') *at++ = '\\';
        *at++ = *choice;
    }
    *at = '"';
    return out;
}

const char *store_parameters(
    const struct schema *schema, const struct param_value *values, struct arena *a) {
    const char *text = "";
    for (uint32_t k = 0; k < schema->n_params; k++) {
        const struct schema_param *p = &schema->params[k];
        const char *value = p->type == RK_TYPE_CHOICE
                                ? choice_text(p->choices[(int)values[k].number], a)
                                : schema_print(p, &values[k], a);
        text = arena_printf(a, "%s%s\"%s\":%s", text, k ? "," : "", p->name, value);
    }
    return arena_printf(a, "{%s}", text);
}

const char *store_predictions(struct store *s, const struct key *key, struct arena *a) {
    (void)s;
    return arena_printf(a, "predictions/%s.csv.gz", key->hex);
}

static enum failure failure_of(const char *name) {
    for (int k = FAILURE_REFUSED; name && k <= FAILURE_HARNESS; k++)
        if (strcmp(name, failure_name[k]) == 0) return (enum failure)k;
    return FAILURE_NONE;
}

static enum slice slice_of(const char *name) {
    int k = 0;
    while (name && k < SLICE_N - 1 && strcmp(name, slice_name[k]) != 0) k++;
    return (enum slice)k;
}

// ---- Reading -----------------------------------------------------------------------------------

void store_get_outcome(sqlite3_stmt *q, struct trial_record *out, struct arena *texts) {
    out->failed = sqlite3_column_int(q, 0);
    out->failure = failure_of((const char *)sqlite3_column_text(q, 1));
    out->cause = store_text(q, 2, texts);
    out->log = store_text(q, 3, texts);
    out->cost.fit_seconds = store_real(q, 4);
    out->cost.predict_seconds = store_real(q, 5);
    out->cost.memory = (uint64_t)sqlite3_column_int64(q, 6);
    out->limits.seconds = sqlite3_column_double(q, 7);
    out->limits.mib = sqlite3_column_double(q, 8);
}

static bool grow(void **at, size_t n, size_t *room, size_t size, struct error *e) {
    if (n < *room) return true;
    const size_t next = *room ? 2 * *room : 32;
    void *grown = realloc(*at, next * size);
    if (!grown) return error_memory(e, next * size, "a stored trial");
    *at = grown;
    *room = next;
    return true;
}

bool store_get_scores(struct store *s, int64_t trial, struct trial_record *out, struct error *e) {
    sqlite3_stmt *q = store_query(
        s, e, "SELECT slice, metric, value FROM scores WHERE trial = ?1 ORDER BY at", "i", trial);
    struct scores *scores = &out->scores;
    int step = -1;
    while (q && (step = store_step(s, q, e)) > 0) {
        void *at = scores->at;
        if (!grow(&at, scores->n, &scores->room, sizeof *scores->at, e)) {
            sqlite3_reset(q);
            return false;
        }
        scores->at = at;
        struct score *score = &scores->at[scores->n++];
        *score = (struct score){
            .slice = slice_of((const char *)sqlite3_column_text(q, 0)), .value = store_real(q, 2)};
        const char *name = (const char *)sqlite3_column_text(q, 1);
        snprintf(score->name, sizeof score->name, "%s", name ? name : "");
    }
    return step == 0;
}

bool store_get_curve(struct store *s, int64_t trial, struct trial_record *out, struct arena *texts,
    struct error *e) {
    sqlite3_stmt *q = store_query(
        s, e, "SELECT series, x, y FROM curves WHERE trial = ?1 ORDER BY at", "i", trial);
    size_t room = 0;
    const char *series = "";
    int step = -1;
    while (q && (step = store_step(s, q, e)) > 0) {
        void *at = out->curve;
        if (!grow(&at, out->n_curve, &room, sizeof *out->curve, e)) {
            sqlite3_reset(q);
            return false;
        }
        out->curve = at;
        const char *name = (const char *)sqlite3_column_text(q, 0);
        if (strcmp(name ? name : "", series) != 0) series = arena_text(texts, name);
        out->curve[out->n_curve++] =
            (struct curve_point){series, store_real(q, 1), store_real(q, 2)};
    }
    return step == 0;
}

bool store_find(struct store *s, const struct key *key, struct trial_record *out,
    struct arena *texts, bool *found, struct error *e) {
    *found = false;
    if (!store_commit_old(s, e)) return false;
    sqlite3_stmt *q = store_query(s, e,
        "SELECT failed, failure, cause, log, fit_seconds, predict_seconds, memory, "
        "limit_seconds, limit_mib, trial "
        "FROM trials WHERE key = ?1",
        "t", key->hex);
    const int step = q ? store_step(s, q, e) : -1;
    if (step <= 0) return step == 0;
    store_get_outcome(q, out, texts);
    const int64_t trial = sqlite3_column_int64(q, 9);
    sqlite3_reset(q);
    out->cached = true;
    *found = store_get_scores(s, trial, out, e) && store_get_curve(s, trial, out, texts, e) &&
             store_get_kept(s, key, out, e);
    return *found;
}

// ---- Writing -----------------------------------------------------------------------------------

static bool put_scores(
    struct store *s, int64_t trial, const struct trial_record *t, struct error *e) {
    for (size_t k = 0; k < t->scores.n; k++) {
        const struct score *score = &t->scores.at[k];
        if (!store_do(s, e, "INSERT INTO scores VALUES (?1, ?2, ?3, ?4, ?5)", "iittr", trial,
                (int64_t)k, slice_name[score->slice], score->name, score->value))
            return false;
    }
    for (size_t k = 0; k < t->n_curve; k++)
        if (!store_do(s, e, "INSERT INTO curves VALUES (?1, ?2, ?3, ?4, ?5)", "iitrr", trial,
                (int64_t)k, t->curve[k].series, t->curve[k].x, t->curve[k].y))
            return false;
    return true;
}

// Whether the predictions are there, whose file comes before the trial.
static const char *kept_predictions(struct store *s, const struct key *key, struct arena *a) {
    const char *file = store_predictions(s, key, a);
    return access(arena_printf(a, "%s/%s", s->folder, file), F_OK) == 0 ? file : NULL;
}

static bool put(struct store *s, const struct key *key, const struct plan_model *model,
    const struct param_value *values, const struct trial_record *t, struct arena *a,
    struct error *e) {
    const struct schema *schema = model ? model->schema : NULL;
    const char *failure = t->failed && t->failure ? failure_name[t->failure] : NULL;
    sqlite3_stmt *q = store_query(s, e,
        "INSERT INTO trials (key, plugin, plugin_version, plugin_hash, parameters, failed, "
        "failure, cause, log, fit_seconds, predict_seconds, memory, predictions, "
        "limit_seconds, limit_mib) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) "
        "ON CONFLICT (key) DO UPDATE SET failed = excluded.failed, failure = excluded.failure, "
        "cause = excluded.cause, log = excluded.log, fit_seconds = excluded.fit_seconds, "
        "predict_seconds = excluded.predict_seconds, memory = excluded.memory, "
        "predictions = excluded.predictions, limit_seconds = excluded.limit_seconds, "
        "limit_mib = excluded.limit_mib RETURNING trial",
        "tttttitttrritrr", key->hex, schema ? schema->id : NULL, schema ? schema->version : NULL,
        schema ? schema->hash : NULL, schema && values ? store_parameters(schema, values, a) : NULL,
        (int64_t)t->failed, failure, t->cause, t->log, t->cost.fit_seconds, t->cost.predict_seconds,
        (int64_t)t->cost.memory, kept_predictions(s, key, a), t->failed ? t->limits.seconds : NAN,
        t->failed ? t->limits.mib : NAN);
    if (!q || store_step(s, q, e) <= 0) return false;
    const int64_t trial = sqlite3_column_int64(q, 0);
    if (store_step(s, q, e) < 0) return false;
    return store_do(s, e, "DELETE FROM scores WHERE trial = ?1", "i", trial) &&
           store_do(s, e, "DELETE FROM curves WHERE trial = ?1", "i", trial) &&
           put_scores(s, trial, t, e) && store_put_kept(s, trial, t, e);
}

bool store_put(struct store *s, const struct key *key, const struct plan_model *model,
    const struct param_value *values, const struct trial_record *t, struct error *e) {
    struct arena arena = {0};
    const bool ok =
        store_change(s, e) && (put(s, key, model, values, t, &arena, e) || store_take_back(s));
    arena_done(&arena);
    return ok;
}

// A place of outer test rows has one trial: another one that stood there goes.
static bool place(
    struct store *s, const struct key *key, const struct store_place *p, struct error *e) {
    const struct trial_record *t = p->record;
    const int64_t data = t->data, model = t->model, seed = (int64_t)t->seed + 1,
                  repeat = (int64_t)t->repeat + 1, fold = t->fold,
                  candidate = t->candidate == CANDIDATE_NONE ? -1 : (int64_t)t->candidate;
    if (!store_do(s, e,
            "INSERT OR REPLACE INTO places SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, trial, ?9, ?10, "
            "?11, ?12, ?13, ?14 FROM trials WHERE key = ?15",
            "iiiiiiiiriiittt", s->run, data, model, seed, repeat, fold, (int64_t)t->inner,
            candidate, p->share, (int64_t)t->number, (int64_t)p->winner, s->session, p->data,
            p->label, key->hex))
        return false;
    if (sqlite3_changes(s->db) == 0)
        return error_set(e, "%s: no trial %s is stored that could be placed", s->path, key->hex);
    return t->inner > 0 ||
           store_do(s, e,
               "DELETE FROM places WHERE run = ?1 AND data_at = ?2 AND model = ?3 AND seed = ?4 "
               "AND repeat = ?5 AND fold = ?6 AND inner = 0 AND "
               "trial <> (SELECT trial FROM trials WHERE key = ?7)",
               "iiiiiit", s->run, data, model, seed, repeat, fold, key->hex);
}

bool store_place(
    struct store *s, const struct key *key, const struct store_place *p, struct error *e) {
    if (!s->run) return error_set(e, "%s: no run has begun in it", s->path);
    return store_change(s, e) && (place(s, key, p, e) || store_take_back(s));
}

static bool tuned_by(struct store *s, const struct key *key, const struct store_place *p,
    const struct tuned *tuned, struct error *e) {
    const struct trial_record *t = p->record;
    if (!store_do(s, e,
            "INSERT OR REPLACE INTO tuned SELECT ?1, ?2, ?3, ?4, ?5, ?6, trial, ?7, ?8, ?9, ?10, "
            "?11, ?12 FROM trials WHERE key = ?13",
            "iiiiiiirriirt", s->run, (int64_t)t->data, (int64_t)t->model, (int64_t)t->seed + 1,
            (int64_t)t->repeat + 1, (int64_t)t->fold, (int64_t)tuned->is_default, tuned->inner,
            tuned->inner_default, (int64_t)tuned->n_candidates, (int64_t)tuned->n_failed,
            tuned->effort, key->hex))
        return false;
    return sqlite3_changes(s->db) > 0 ||
           error_set(e, "%s: no trial %s is stored that was tuned", s->path, key->hex);
}

bool store_tuned(struct store *s, const struct key *key, const struct store_place *p,
    const struct schema *schema, const struct tuned *tuned, struct error *e) {
    (void)schema;
    if (!s->run) return error_set(e, "%s: no run has begun in it", s->path);
    return store_change(s, e) && (tuned_by(s, key, p, tuned, e) || store_take_back(s));
}
