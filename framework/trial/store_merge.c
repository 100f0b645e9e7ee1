// store_merge: the parts of a run that several machines did become one.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trial/store_own.h"
#include "trial/store_read.h"

// ---- Which run ---------------------------------------------------------------------------------

// The run that is to be merged: the other store's latest.
static bool judge_other(const char *from, int64_t *run, struct error *e) {
    struct arena arena = {0};
    struct store *other;
    bool ok = store_open(&other, from, STORE_READ, e) && store_latest_run(other, run, e);
    if (ok && *run == 0) ok = error_set(e, "%s: there is no run in it to merge", from);
    const char *who = store_holder(from, &arena);
    if (ok && who)
        ok = error_set(e, "%s: %s is writing there; merge it when that has ended", from, who);
    store_close(other);
    arena_done(&arena);
    return ok;
}

// The run of this store that it joins, which may be taken over from the other one.
static bool join_run(struct store *s, const char *from, int64_t other, struct error *e) {
    int64_t run = s->run, same;
    if (run == 0 && !store_latest_run(s, &run, e)) return false;
    if (run == 0) {
        if (!store_do(s, e,
                "INSERT INTO runs SELECT NULL, name, 'interrupted', version, plan_hash, host, pid, "
                "started, ended, seconds, foreseen, experiment, provenance FROM other.runs "
                "WHERE run = ?1",
                "i", other))
            return false;
        run = sqlite3_last_insert_rowid(s->db);
    }
    sqlite3_stmt *q = store_query(s, e,
        "SELECT a.seconds, a.plan_hash = b.plan_hash, (SELECT count(*) FROM data x JOIN other.data "
        "y "
        "USING (at) WHERE x.run = a.run AND y.run = b.run AND x.hash <> y.hash) "
        "FROM runs a, other.runs b WHERE a.run = ?1 AND b.run = ?2",
        "ii", run, other);
    if (!q || store_step(s, q, e) <= 0) return false;
    s->before = sqlite3_column_double(q, 0);
    same = sqlite3_column_int64(q, 1);
    const int64_t unlike = sqlite3_column_int64(q, 2);
    sqlite3_reset(q);
    if (!same)
        return error_set(e,
            "%s: its latest run has another plan than the one in %s; merge parts of one experiment "
            "with the same settings, plugins and versions",
            from, s->folder);
    if (unlike > 0)
        return error_set(
            e, "%s: its data differ from those of %s; merge parts of one run", from, s->folder);
    s->run = run;
    return true;
}

// ---- Rows --------------------------------------------------------------------------------------

// Also of trials that are here, but were no members yet when they were run.
static bool copy_answers(struct store *s, int64_t other, struct error *e) {
    return store_do(s, e,
        "INSERT OR IGNORE INTO main.answers SELECT m.trial, bytes FROM other.answers x JOIN "
        "other.trials o USING (trial) JOIN main.trials m ON m.key = o.key WHERE NOT m.failed AND "
        "o.trial IN (SELECT trial FROM other.places WHERE run = ?1)",
        "i", other);
}

// A trial that failed here and went well there is taken from there.
static bool copy_trials(struct store *s, int64_t other, struct store_merged *out, struct error *e) {
    if (!store_do(s, e,
            "CREATE TEMP TABLE IF NOT EXISTS fetched (theirs INTEGER PRIMARY KEY, key TEXT)", "") ||
        !store_do(s, e, "DELETE FROM temp.fetched", "") ||
        !store_do(s, e,
            "INSERT INTO temp.fetched SELECT o.trial, o.key FROM other.trials o LEFT JOIN "
            "main.trials m USING (key) WHERE o.trial IN (SELECT trial FROM other.places "
            "WHERE run = ?1) AND (m.key IS NULL OR (m.failed AND NOT o.failed))",
            "i", other))
        return false;
    out->trials = (size_t)sqlite3_changes(s->db);
    return store_do(s, e,
               "DELETE FROM main.scores WHERE trial IN (SELECT m.trial FROM temp.fetched JOIN "
               "main.trials m USING (key))",
               "") &&
           store_do(s, e,
               "DELETE FROM main.curves WHERE trial IN (SELECT m.trial FROM temp.fetched JOIN "
               "main.trials m USING (key))",
               "") &&
           store_do(s, e,
               "DELETE FROM main.evidence WHERE trial IN (SELECT m.trial FROM temp.fetched JOIN "
               "main.trials m USING (key))",
               "") &&
           store_do(s, e,
               "DELETE FROM main.breakdown WHERE trial IN (SELECT m.trial FROM temp.fetched JOIN "
               "main.trials m USING (key))",
               "") &&
           store_do(s, e,
               "DELETE FROM main.answers WHERE trial IN (SELECT m.trial FROM temp.fetched JOIN "
               "main.trials m USING (key))",
               "") &&
           store_do(s, e,
               "INSERT INTO main.trials SELECT (SELECT m.trial FROM main.trials m WHERE m.key = "
               "o.key), key, plugin, plugin_version, plugin_hash, parameters, failed, failure, "
               "cause, limit_seconds, limit_mib, log, fit_seconds, predict_seconds, memory, "
               "predictions FROM other.trials o WHERE o.trial IN (SELECT theirs FROM temp.fetched) "
               "ORDER BY o.trial ON CONFLICT (trial) DO UPDATE SET failed = 0, failure = NULL, "
               "cause = NULL, limit_seconds = NULL, limit_mib = NULL, log = excluded.log, "
               "fit_seconds = excluded.fit_seconds, predict_seconds = excluded.predict_seconds, "
               "memory = excluded.memory, predictions = excluded.predictions",
               "") &&
           store_do(s, e,
               "INSERT INTO main.scores SELECT m.trial, x.at, slice, metric, value "
               "FROM temp.fetched JOIN main.trials m USING (key) JOIN other.scores x "
               "ON x.trial = theirs",
               "") &&
           store_do(s, e,
               "INSERT INTO main.curves SELECT m.trial, x.at, series, x.x, x.y "
               "FROM temp.fetched JOIN main.trials m USING (key) JOIN other.curves x "
               "ON x.trial = theirs",
               "") &&
           store_do(s, e,
               "INSERT INTO main.evidence SELECT m.trial, bytes FROM temp.fetched JOIN "
               "main.trials m USING (key) JOIN other.evidence x ON x.trial = theirs",
               "") &&
           store_do(s, e,
               "INSERT INTO main.breakdown SELECT m.trial, x.at, dimension, x.key, rows, error, "
               "absolute, square FROM temp.fetched JOIN main.trials m ON m.key = fetched.key JOIN "
               "other.breakdown x ON x.trial = theirs",
               "") &&
           copy_answers(s, other, e);
}

// Outer places have one trial each: that of the part which is merged last, where libraries of
// another machine gave another one.
static bool clear_places(struct store *s, int64_t other, struct error *e) {
    return store_do(s, e,
        "DELETE FROM main.places WHERE run = ?1 AND inner = 0 AND EXISTS (SELECT 1 FROM "
        "other.places p JOIN other.trials o USING (trial) JOIN main.trials m ON m.trial = "
        "main.places.trial WHERE p.run = ?2 AND p.inner = 0 AND p.data_at = main.places.data_at "
        "AND p.model = main.places.model AND p.seed = main.places.seed AND p.repeat = "
        "main.places.repeat AND p.fold = main.places.fold AND o.key <> m.key)",
        "ii", s->run, other);
}

static bool copy_places(struct store *s, int64_t other, struct store_merged *out, struct error *e) {
    int64_t places = 0;
    const bool ok =
        clear_places(s, other, e) &&
        store_do(s, e,
            "INSERT OR REPLACE INTO main.places SELECT ?1, data_at, model, seed, repeat, fold, "
            "inner, candidate, m.trial, share, number, winner, session, data, label FROM "
            "other.places p "
            "JOIN other.trials o USING (trial) JOIN main.trials m ON m.key = o.key "
            "WHERE p.run = ?2",
            "ii", s->run, other) &&
        store_do(s, e,
            "INSERT OR REPLACE INTO main.tuned SELECT ?1, data_at, model, seed, repeat, fold, "
            "m.trial, is_default, inner, inner_default, candidates, t.failed, effort "
            "FROM other.tuned t JOIN other.trials o USING (trial) JOIN main.trials m "
            "ON m.key = o.key WHERE t.run = ?2",
            "ii", s->run, other) &&
        store_do(s, e,
            "INSERT OR REPLACE INTO main.data SELECT ?1, at, name, hash, ratings, users, items, "
            "rating_min, rating_max, reachable, counts FROM other.data WHERE run = ?2",
            "ii", s->run, other) &&
        store_do(s, e,
            "INSERT OR IGNORE INTO main.warnings SELECT ?1, text FROM other.warnings WHERE run = "
            "?2 "
            "ORDER BY rowid",
            "ii", s->run, other) &&
        store_do(s, e,
            "UPDATE main.runs SET foreseen = (SELECT count(*) FROM main.places WHERE run = ?1 AND "
            "model >= 0) WHERE run = ?1",
            "i", s->run) &&
        store_count(s, "SELECT count(*) FROM main.places WHERE run = ?1", s->run, &places, e);
    out->places = (size_t)places;
    return ok;
}

// ---- Predictions -------------------------------------------------------------------------------

static bool copy_bytes(int in, int out) {
    struct stat st;
    if (fstat(in, &st) != 0) return false;
    for (off_t at = 0; at < st.st_size;)
        if (sendfile(out, in, &at, (size_t)(st.st_size - at)) <= 0) return false;
    return fsync(out) == 0;
}

// Whole or not at all, as files of predictions are written.
static bool copy_file(const char *from, const char *to, struct error *e) {
    char aside[4096 + 200];
    snprintf(aside, sizeof aside, "%s.part", to);
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = in < 0 ? -1 : open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = out >= 0 && copy_bytes(in, out);
    ok = ok && rename(aside, to) == 0;
    const int why = errno;
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    if (!ok && out >= 0) unlink(aside);
    return ok || error_set(e, "%s: cannot be copied to %s: %s", from, to, strerror(why));
}

static bool sync_folder(const struct store *s, struct error *e) {
    char path[4096 + 100];
    snprintf(path, sizeof path, "%s/predictions", s->folder);
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    const int why = errno;
    if (fd >= 0) close(fd);
    return ok || error_set(e, "%s: cannot be written: %s", path, strerror(why));
}

static bool copy_predictions(
    struct store *s, const char *from, struct store_merged *out, struct error *e) {
    char path[4096 + 100], to[4096 + 100];
    sqlite3_stmt *q = store_query(s, e,
        "SELECT o.predictions FROM temp.fetched JOIN other.trials o ON o.trial = theirs "
        "WHERE o.predictions IS NOT NULL",
        "");
    int step = -1;
    bool ok = true;
    while (ok && q && (step = store_step(s, q, e)) > 0) {
        const char *file = (const char *)sqlite3_column_text(q, 0);
        snprintf(path, sizeof path, "%s/predictions", s->folder);
        if (out->predictions == 0 && mkdir(path, 0777) != 0 && errno != EEXIST)
            ok = error_set(e, "%s: the folder cannot be made: %s", path, strerror(errno));
        ok = ok && snprintf(path, sizeof path, "%s/%s", from, file) < (int)sizeof path &&
             snprintf(to, sizeof to, "%s/%s", s->folder, file) < (int)sizeof to &&
             copy_file(path, to, e);
        out->predictions += ok;
    }
    if (step > 0) sqlite3_reset(q);
    return ok && step >= 0 && (out->predictions == 0 || sync_folder(s, e));
}

// ---- The whole ---------------------------------------------------------------------------------

static bool copy_all(
    struct store *s, const char *from, int64_t other, struct store_merged *out, struct error *e) {
    return join_run(s, from, other, e) && copy_trials(s, other, out, e) &&
           copy_predictions(s, from, out, e) && copy_places(s, other, out, e);
}

bool store_merge(struct store *s, const char *from, struct store_merged *out, struct error *e) {
    char path[4096 + 32];
    int64_t other = 0;
    *out = (struct store_merged){0};
    snprintf(path, sizeof path, "%s/reckon.db", from);
    if (!judge_other(from, &other, e) || !store_flush(s, e) ||
        !store_do(s, e, "ATTACH ?1 AS other", "t", path))
        return false;
    const int64_t run = s->run;
    s->began = store_now();
    const bool ok = store_change(s, e) &&
                    (copy_all(s, from, other, out, e) || store_take_back(s)) && store_flush(s, e);
    if (!ok) s->run = run;
    return store_do(s, ok ? e : NULL, "DETACH other", "") && ok;
}
