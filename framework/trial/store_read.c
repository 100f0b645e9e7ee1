// store_read: runs and trials, for people.
#include "trial/store_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "trial/store_own.h"

// ---- Runs --------------------------------------------------------------------------------------

#define RUN_COLUMNS \
    "SELECT run, name, experiment, plan_hash, version, state, host, pid, started, " \
    "ifnull(ended, 0), foreseen, seconds, provenance, " \
    "(SELECT count(*) FROM places p WHERE p.run = r.run AND model >= 0 AND inner = 0), " \
    "(SELECT count(*) FROM places p WHERE p.run = r.run AND model >= 0 AND inner > 0), " \
    "(SELECT count(*) FROM places p JOIN trials t USING (trial) WHERE p.run = r.run AND " \
    "model >= 0 AND t.failed), " \
    "(SELECT count(*) FROM warnings w WHERE w.run = r.run) FROM runs r "

static struct store_run_row get_run(sqlite3_stmt *q, struct arena *a) {
    return (struct store_run_row){.run = {.id = sqlite3_column_int64(q, 0),
                                      .name = store_text(q, 1, a),
                                      .experiment = store_text(q, 2, a),
                                      .plan_hash = store_text(q, 3, a),
                                      .version = store_text(q, 4, a),
                                      .state = store_text(q, 5, a),
                                      .host = store_text(q, 6, a),
                                      .pid = sqlite3_column_int64(q, 7),
                                      .started = sqlite3_column_int64(q, 8),
                                      .ended = sqlite3_column_int64(q, 9),
                                      .foreseen = (size_t)sqlite3_column_int64(q, 10),
                                      .seconds = sqlite3_column_double(q, 11)},
        .provenance = store_text(q, 12, a),
        .outer = (size_t)sqlite3_column_int64(q, 13),
        .inner = (size_t)sqlite3_column_int64(q, 14),
        .failed = (size_t)sqlite3_column_int64(q, 15),
        .n_warnings = (size_t)sqlite3_column_int64(q, 16)};
}

bool store_count(struct store *s, const char *sql, int64_t run, int64_t *out, struct error *e) {
    sqlite3_stmt *q = store_query(s, e, sql, "i", run);
    const int step = q ? store_step(s, q, e) : -1;
    *out = 0;
    if (step > 0) {
        *out = sqlite3_column_int64(q, 0);
        sqlite3_reset(q);
    }
    return step >= 0;
}

bool store_runs(struct store *s, struct arena *a, const struct store_run_row **rows, size_t *n,
    struct error *e) {
    int64_t count;
    *n = 0;
    if (!store_count(s, "SELECT count(*) FROM runs WHERE run > ?1", 0, &count, e)) return false;
    struct store_run_row *at = arena_alloc(a, ((size_t)count + 1) * sizeof *at);
    if (!at) return error_memory(e, (size_t)count * sizeof *at, "runs");
    *rows = at;
    sqlite3_stmt *q = store_query(s, e, RUN_COLUMNS "ORDER BY run LIMIT ?1", "i", count);
    int step = -1;
    while (q && (step = store_step(s, q, e)) > 0) at[(*n)++] = get_run(q, a);
    return step == 0;
}

bool store_latest_run(struct store *s, int64_t *run, struct error *e) {
    return store_count(s, "SELECT max(run) FROM runs WHERE run > ?1", 0, run, e);
}

bool store_warnings(struct store *s, int64_t run, struct arena *a, const char *const **texts,
    size_t *n, struct error *e) {
    int64_t count;
    *n = 0;
    if (run == 0 && !store_latest_run(s, &run, e)) return false;
    if (!store_count(s, "SELECT count(*) FROM warnings WHERE run = ?1", run, &count, e))
        return false;
    const char **at = arena_alloc(a, ((size_t)count + 1) * sizeof *at);
    if (!at) return error_memory(e, (size_t)count * sizeof *at, "warnings");
    *texts = at;
    sqlite3_stmt *q = store_query(
        s, e, "SELECT text FROM warnings WHERE run = ?1 ORDER BY rowid LIMIT ?2", "ii", run, count);
    int step = -1;
    while (q && (step = store_step(s, q, e)) > 0) at[(*n)++] = store_text(q, 0, a);
    return step == 0;
}

// Who holds the lock of a folder; NULL: nobody.
const char *store_holder(const char *folder, struct arena *a) {
    const int fd = open(arena_printf(a, "%s/reckon.lock", folder), O_RDONLY | O_CLOEXEC);
    char who[256] = "another process";
    const bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
    const ssize_t n = held ? pread(fd, who, sizeof who - 1, 0) : 0;
    if (n > 0) who[n] = '\0';
    if (fd >= 0) close(fd);
    for (char *c = who; *c; c++)
        if ((unsigned char)*c < ' ') *c = '\0';
    return held ? arena_text(a, who) : NULL;
}

bool store_live(
    struct store *s, struct arena *a, struct store_live *out, bool *found, struct error *e) {
    sqlite3_stmt *q = store_query(s, e, RUN_COLUMNS "ORDER BY run DESC LIMIT 1", "");
    const int step = q ? store_step(s, q, e) : -1;
    *out = (struct store_live){0};
    *found = step > 0;
    if (step <= 0) return step == 0;
    out->row = get_run(q, a);
    sqlite3_reset(q);
    out->who = store_holder(s->folder, a);
    out->writing = out->who != NULL;
    return true;
}

// ---- Trials ------------------------------------------------------------------------------------

#define TRIAL_COLUMNS \
    "SELECT t.failed, failure, cause, log, fit_seconds, predict_seconds, memory, limit_seconds, " \
    "limit_mib, t.trial, key, run, number, model, data_at, seed, repeat, fold, inner, candidate, " \
    "share, winner, data, label, plugin, parameters, predictions " \
    "FROM places p JOIN trials t USING (trial) WHERE run = ?1 AND (?2 IS NULL OR data = ?2) AND " \
    "(?3 IS NULL OR label = ?3) AND (?4 IS NULL OR substr(key, 1, length(?4)) = ?4) AND " \
    "(?5 = 0 OR fold = ?5) AND (?6 = 2 OR (inner > 0) = ?6) AND (?7 = 0 OR t.failed) AND " \
    "(?8 = 1 OR model >= 0) "

static void get_trial(sqlite3_stmt *q, struct store_trial *out, struct arena *a) {
    struct trial_record *t = &out->record;
    *out = (struct store_trial){0};
    store_get_outcome(q, t, a);
    t->cached = true;
    snprintf(out->key.hex, sizeof out->key.hex, "%s", (const char *)sqlite3_column_text(q, 10));
    out->run = sqlite3_column_int64(q, 11);
    t->number = (uint32_t)sqlite3_column_int64(q, 12);
    t->model = sqlite3_column_int(q, 13);
    t->data = (uint32_t)sqlite3_column_int64(q, 14);
    t->seed = (uint32_t)sqlite3_column_int64(q, 15) - 1;
    t->repeat = (uint32_t)sqlite3_column_int64(q, 16) - 1;
    t->fold = (uint32_t)sqlite3_column_int64(q, 17);
    t->inner = (uint32_t)sqlite3_column_int64(q, 18);
    t->candidate = (uint32_t)sqlite3_column_int64(q, 19);
    out->share = sqlite3_column_double(q, 20);
    out->winner = sqlite3_column_int(q, 21);
    out->data = store_text(q, 22, a);
    out->label = store_text(q, 23, a);
    out->plugin = store_text(q, 24, a);
    out->parameters = store_text(q, 25, a);
    out->predictions = store_text(q, 26, a);
}

static bool hand_out(struct store *s, sqlite3_stmt *q, const struct store_filter *filter,
    bool (*each)(void *arg, const struct store_trial *t), void *arg, bool *go_on, struct error *e) {
    struct arena arena = {0};
    struct store_trial t;
    get_trial(q, &t, &arena);
    const int64_t trial = sqlite3_column_int64(q, 9);
    const bool ok = !filter->scores || (store_get_scores(s, trial, &t.record, e) &&
                                           store_get_curve(s, trial, &t.record, &arena, e));
    *go_on = ok && each(arg, &t);
    record_done(&t.record);
    arena_done(&arena);
    return ok;
}

bool store_trials(struct store *s, const struct store_filter *filter,
    bool (*each)(void *arg, const struct store_trial *t), void *arg, struct error *e) {
    int64_t run = filter->run;
    if (run == 0 && !store_latest_run(s, &run, e)) return false;
    static const char in_order[] = TRIAL_COLUMNS
        "ORDER BY data_at, repeat, fold, number, model, seed, candidate, share, inner LIMIT ?9";
    static const char latest[] = TRIAL_COLUMNS "ORDER BY t.trial DESC LIMIT ?9";
    sqlite3_stmt *q = store_query(s, e, filter->latest ? latest : in_order, "itttiiiii", run,
        filter->data, filter->label, filter->key, (int64_t)filter->fold, (int64_t)filter->which,
        (int64_t)filter->failed, (int64_t)filter->own_rows,
        filter->latest ? (int64_t)filter->latest : (int64_t)-1);
    bool go_on = true, ok = true;
    int step = -1;
    while (ok && go_on && q && (step = store_step(s, q, e)) > 0)
        ok = hand_out(s, q, filter, each, arg, &go_on, e);
    if (step > 0) sqlite3_reset(q);
    return ok && step >= 0;
}
