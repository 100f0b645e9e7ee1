// store_kept: what is kept of trials for comparisons and charts, beside their scores.
#include <stdlib.h>
#include <string.h>

#include "trial/store_own.h"

// ---- Evidence ----------------------------------------------------------------------------------

static bool put_evidence(
    struct store *s, int64_t trial, const struct evidence *ev, struct error *e) {
    void *bytes;
    size_t n;
    if (!evidence_pack(ev, &bytes, &n, e)) return false;
    const bool ok = store_do(s, e, "INSERT INTO evidence VALUES (?1, ?2)", "ib", trial, bytes, n);
    free(bytes);
    return ok;
}

static bool get_evidence(struct store *s, const struct key *key, const void *bytes, size_t n,
    struct trial_record *out, struct error *e) {
    out->evidence = calloc(1, sizeof *out->evidence);
    if (!out->evidence) return error_memory(e, sizeof *out->evidence, "evidence");
    if (evidence_unpack(out->evidence, bytes, n, e)) return true;
    free(out->evidence);
    out->evidence = NULL;
    return error_prefix(e, "%s: trial %s", s->path, key->hex);
}

static bool find_evidence(
    struct store *s, const struct key *key, struct trial_record *out, struct error *e) {
    sqlite3_stmt *q = store_query(s, e,
        "SELECT bytes FROM trials t JOIN evidence USING (trial) WHERE t.key = ?1", "t", key->hex);
    const int step = q ? store_step(s, q, e) : -1;
    if (step <= 0) return step == 0;
    const void *bytes = sqlite3_column_blob(q, 0);
    const bool ok = get_evidence(s, key, bytes, (size_t)sqlite3_column_bytes(q, 0), out, e);
    sqlite3_reset(q);
    return ok;
}

// ---- Breakdown ---------------------------------------------------------------------------------

static bool put_breakdown(
    struct store *s, int64_t trial, const struct breakdown *b, struct error *e) {
    for (size_t k = 0; k < b->n; k++) {
        const struct breakdown_cell *c = &b->at[k];
        if (!store_do(s, e, "INSERT INTO breakdown VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                "iittirrr", trial, (int64_t)k, breakdown_name[c->by], c->key, (int64_t)c->rows,
                c->error, c->absolute, c->square))
            return false;
    }
    return true;
}

static bool get_cell(sqlite3_stmt *q, struct breakdown_cell *c, struct arena *a) {
    const char *by = (const char *)sqlite3_column_text(q, 0);
    int k = 0;
    while (by && k < BREAKDOWN_N && strcmp(by, breakdown_name[k]) != 0) k++;
    *c = (struct breakdown_cell){.by = (enum breakdown_by)k,
        .key = store_text(q, 1, a),
        .rows = (uint64_t)sqlite3_column_int64(q, 2),
        .error = sqlite3_column_double(q, 3),
        .absolute = sqlite3_column_double(q, 4),
        .square = sqlite3_column_double(q, 5)};
    return by && k < BREAKDOWN_N && c->key;
}

static bool find_breakdown(
    struct store *s, const struct key *key, struct trial_record *out, struct error *e) {
    sqlite3_stmt *q = store_query(s, e,
        "SELECT dimension, b.key, rows, error, absolute, square FROM trials t "
        "JOIN breakdown b USING (trial) WHERE t.key = ?1 ORDER BY at",
        "t", key->hex);
    struct arena texts = {0};
    struct breakdown b = {0};
    size_t room = 0;
    bool ok = true;
    int step = -1;
    while (ok && q && (step = store_step(s, q, e)) > 0) {
        if (b.n == room) {
            room = room ? 2 * room : 64;
            struct breakdown_cell *at = realloc(b.at, room * sizeof *at);
            ok = at || error_memory(e, room * sizeof *at, "a stored trial");
            if (!ok) break;
            b.at = at;
        }
        if (get_cell(q, &b.at[b.n], &texts)) b.n++;
    }
    if (step > 0) sqlite3_reset(q);
    ok = ok && step == 0 && (b.n == 0 || breakdown_copy(&out->breakdown, &b, e));
    free(b.at);
    arena_done(&texts);
    return ok;
}

// ---- All ---------------------------------------------------------------------------------------

bool store_put_kept(struct store *s, int64_t trial, const struct trial_record *t, struct error *e) {
    return store_do(s, e, "DELETE FROM evidence WHERE trial = ?1", "i", trial) &&
           store_do(s, e, "DELETE FROM breakdown WHERE trial = ?1", "i", trial) &&
           (!t->evidence || put_evidence(s, trial, t->evidence, e)) &&
           put_breakdown(s, trial, &t->breakdown, e) && store_put_answers(s, trial, t, e);
}

bool store_get_kept(
    struct store *s, const struct key *key, struct trial_record *out, struct error *e) {
    return find_evidence(s, key, out, e) && find_breakdown(s, key, out, e);
}
