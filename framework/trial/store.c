// store: statements and transactions; what all of store*.c stands on.
#include "trial/store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "trial/store_own.h"

static const double GROUP_SECONDS = 0.25; // changes wait that long to be committed together

double store_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// ---- What went wrong ---------------------------------------------------------------------------

static const char *way_out(struct store *s) {
    const int why = sqlite3_system_errno(s->db);
    switch (sqlite3_errcode(s->db)) {
    case SQLITE_FULL:
        return "the disk is full; free some space, then run again: what was stored stays";
    case SQLITE_IOERR:
        return why == ENOSPC || why == EDQUOT
                   ? "the disk is full; free some space, then run again: what was stored stays"
                   : "look at the disk, then run again: what was stored stays";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        return "make its folder writable for you, or choose another --out";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program keeps it locked; close that, then run again";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "it is damaged, or no store of reckon's; move it away, or choose another --out";
    default:
        return "run again: what was stored stays";
    }
}

bool store_refuse(struct store *s, const char *what, struct error *e) {
    const int why = sqlite3_system_errno(s->db);
    const int code = sqlite3_errcode(s->db);
    const bool tells = why && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN);
    return error_set(e, "%s: %s: %s%s%s%s; %s", s->path, what, sqlite3_errmsg(s->db),
        tells ? " (" : "", tells ? strerror(why) : "", tells ? ")" : "", way_out(s));
}

// ---- Statements --------------------------------------------------------------------------------

static sqlite3_stmt *prepare(struct store *s, const char *sql, struct error *e) {
    for (size_t k = 0; k < s->n_cached; k++)
        if (s->cached[k].sql == sql) return s->cached[k].statement;
    sqlite3_stmt *statement = NULL;
    if (s->n_cached == STORE_STATEMENTS) {
        error_set(e, "%s: over %d statements are kept", s->path, STORE_STATEMENTS);
        return NULL;
    }
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK) {
        store_refuse(s, "cannot be used", e);
        return NULL;
    }
    s->cached[s->n_cached].sql = sql;
    s->cached[s->n_cached++].statement = statement;
    return statement;
}

static void bind(sqlite3_stmt *statement, const char *types, va_list values) {
    for (int k = 0; types[k]; k++) {
        if (types[k] == 'b') {
            const void *bytes = va_arg(values, const void *);
            const size_t n = va_arg(values, size_t);
            sqlite3_bind_blob64(statement, k + 1, bytes, n, SQLITE_STATIC);
            continue;
        }
        if (types[k] == 'i') {
            sqlite3_bind_int64(statement, k + 1, va_arg(values, int64_t));
        } else if (types[k] == 'r') {
            sqlite3_bind_double(statement, k + 1, va_arg(values, double)); // NAN becomes NULL
        } else {
            sqlite3_bind_text(statement, k + 1, va_arg(values, const char *), -1, SQLITE_STATIC);
        }
    }
}

static sqlite3_stmt *query(
    struct store *s, struct error *e, const char *sql, const char *types, va_list values) {
    sqlite3_stmt *statement = prepare(s, sql, e);
    if (!statement) return NULL;
    sqlite3_reset(statement);
    bind(statement, types, values);
    return statement;
}

sqlite3_stmt *store_query(
    struct store *s, struct error *e, const char *sql, const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = query(s, e, sql, types, values);
    va_end(values);
    return statement;
}

int store_step(struct store *s, sqlite3_stmt *statement, struct error *e) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) return 1;
    if (code != SQLITE_DONE) {
        // SQLite counts COMMIT among what only reads.
        const bool writes = !sqlite3_stmt_readonly(statement) || !sqlite3_column_count(statement);
        store_refuse(s, writes ? "cannot be written" : "cannot be read", e);
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : -1;
}

bool store_do(struct store *s, struct error *e, const char *sql, const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = query(s, e, sql, types, values);
    va_end(values);
    return statement && store_step(s, statement, e) == 0;
}

bool store_script(struct store *s, const char *sql, struct error *e) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           store_refuse(s, "cannot be written", e);
}

const char *store_text(sqlite3_stmt *statement, int column, struct arena *a) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? arena_text(a, text) : NULL;
}

double store_real(sqlite3_stmt *statement, int column) {
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(statement, column);
}

// ---- Transactions ------------------------------------------------------------------------------

bool store_take_back(struct store *s) {
    for (size_t k = 0; k < s->n_cached; k++) sqlite3_reset(s->cached[k].statement);
    if (!sqlite3_get_autocommit(s->db)) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->pending = false;
    return false;
}

bool store_flush(struct store *s, struct error *e) {
    if (!s->pending) return true;
    if (sqlite3_get_autocommit(s->db)) { // SQLite took it back by itself
        s->pending = false;
        return error_set(e, "%s: the last changes were taken back; run again", s->path);
    }
    if (s->run && !store_do(s, e, "UPDATE runs SET seconds = ?1 WHERE run = ?2", "ri",
                      s->before + store_now() - s->began, s->run))
        return store_take_back(s);
    if (!store_do(s, e, "COMMIT", "")) return store_take_back(s);
    s->pending = false;
    return true;
}

bool store_commit_old(struct store *s, struct error *e) {
    return !s->pending || store_now() - s->since < GROUP_SECONDS || store_flush(s, e);
}

bool store_change(struct store *s, struct error *e) {
    if (s->mode == STORE_READ) return error_set(e, "%s: it was opened to be read alone", s->path);
    if (!store_commit_old(s, e)) return false;
    if (s->pending) return true;
    if (!store_do(s, e, "BEGIN IMMEDIATE", "")) return store_take_back(s);
    s->pending = true;
    s->since = store_now();
    return true;
}
