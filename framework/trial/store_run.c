// store_run: runs, and what is kept of each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trial/store_own.h"

static bool need_run(const struct store *s, struct error *e) {
    return s->run || error_set(e, "%s: no run has begun in it", s->path);
}

static bool take_up(struct store *s, const struct store_run *run, bool *found, struct error *e) {
    sqlite3_stmt *q = store_query(s, e,
        "SELECT run, seconds, plan_hash = ?1 AND state <> 'done' FROM runs ORDER BY run DESC "
        "LIMIT 1",
        "t", run->plan_hash);
    const int step = q ? store_step(s, q, e) : -1;
    *found = step > 0 && sqlite3_column_int(q, 2);
    if (*found) {
        s->run = sqlite3_column_int64(q, 0);
        s->before = sqlite3_column_double(q, 1);
    }
    if (step > 0) sqlite3_reset(q);
    return step >= 0;
}

static bool write_run(struct store *s, const struct store_run *run, struct error *e) {
    char host[80] = "";
    bool found;
    gethostname(host, sizeof host - 1);
    if (!store_do(s, e, "UPDATE runs SET state = 'interrupted' WHERE state = 'running'", "") ||
        !take_up(s, run, &found, e))
        return false;
    const int64_t pid = getpid(), now = (int64_t)time(NULL);
    if (found)
        return store_do(s, e,
            "UPDATE runs SET state = 'running', ended = NULL, name = ?2, experiment = ?3, "
            "version = ?4, host = ?5, pid = ?6 WHERE run = ?1",
            "itttti", s->run, run->name, run->experiment, run->version, host, pid);
    if (!store_do(s, e,
            "INSERT INTO runs (name, experiment, plan_hash, version, state, host, pid, started, "
            "seconds, foreseen) VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, ?7, 0, 0)",
            "tttttii", run->name, run->experiment, run->plan_hash, run->version, host, pid, now))
        return false;
    s->run = sqlite3_last_insert_rowid(s->db);
    return true;
}

static bool begin_session(struct store *s, struct error *e) {
    return store_count(
        s, "SELECT ifnull(max(session), 0) + 1 FROM places WHERE run = ?1", s->run, &s->session, e);
}

bool store_begin_run(struct store *s, const struct store_run *run, int64_t *id, struct error *e) {
    s->run = 0;
    s->before = 0;
    if (!store_change(s, e)) return false;
    const bool ok = (write_run(s, run, e) && begin_session(s, e)) || store_take_back(s);
    s->began = store_now();
    if (!ok || !store_flush(s, e)) {
        s->run = 0;
        return false;
    }
    *id = s->run;
    return true;
}

bool store_foresee(struct store *s, size_t n, struct error *e) {
    return need_run(s, e) && store_change(s, e) &&
           (store_do(
                s, e, "UPDATE runs SET foreseen = ?1 WHERE run = ?2", "ii", (int64_t)n, s->run) ||
               store_take_back(s));
}

static const char *counts_text(const struct data_summary *d, struct arena *a) {
    const char *text = "";
    for (int k = 0; k < COUNT_N; k++)
        text = arena_printf(a, "%s%s\"%s\":%llu", text, k ? "," : "", dataset_count_name[k],
            (unsigned long long)d->count[k]);
    return arena_printf(a, "{%s}", text);
}

bool store_data(struct store *s, size_t at, const struct data_summary *d, struct error *e) {
    struct arena arena = {0};
    if (!need_run(s, e) || !store_change(s, e)) return false;
    const bool ok =
        store_do(s, e, "INSERT OR REPLACE INTO data VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "iittiiirrit", s->run, (int64_t)at, d->name, d->hash, (int64_t)d->n_ratings,
            (int64_t)d->n_users, (int64_t)d->n_items, (double)d->rating_min, (double)d->rating_max,
            (int64_t)d->has_reachable, counts_text(d, &arena)) ||
        store_take_back(s);
    arena_done(&arena);
    return ok;
}

bool store_warn(struct store *s, const char *text, struct error *e) {
    return need_run(s, e) && store_change(s, e) &&
           (store_do(s, e, "INSERT OR IGNORE INTO warnings VALUES (?1, ?2)", "it", s->run, text) ||
               store_take_back(s));
}

// What a former session put where this one, which came to its end, has put nothing: trials of a
// plugin that was another one then.
static bool drop_former(struct store *s, struct error *e) {
    return store_do(s, e, "DELETE FROM places WHERE run = ?1 AND session <> ?2", "ii", s->run,
               s->session) &&
           store_do(s, e,
               "DELETE FROM tuned WHERE run = ?1 AND NOT EXISTS (SELECT 1 FROM places p WHERE "
               "p.run = tuned.run AND p.trial = tuned.trial AND inner = 0)",
               "i", s->run);
}

bool store_end_run(struct store *s, const char *state, const char *provenance, struct error *e) {
    if (!need_run(s, e) || !store_change(s, e)) return false;
    if (!store_do(s, e, "UPDATE runs SET state = ?2, provenance = ?3, ended = ?4 WHERE run = ?1",
            "itti", s->run, state, provenance, (int64_t)time(NULL)))
        return store_take_back(s);
    if (s->session && strcmp(state, "done") == 0 && !drop_former(s, e)) return store_take_back(s);
    return store_flush(s, e);
}
