// store_own.h - what the store's files share among themselves; for store*.c and their tests.
#ifndef RECKON_TRIAL_STORE_OWN_H
#define RECKON_TRIAL_STORE_OWN_H

#include <sqlite3.h>
#include <stdarg.h>

#include "trial/store.h"

enum { STORE_STATEMENTS = 96 };

struct store {
    sqlite3 *db;
    char folder[4096], path[4096]; // path: of reckon.db
    enum store_mode mode;
    int lock;        // descriptor of the lock file; -1: not held
    bool ours;       // the file was judged to be a store
    int64_t run;     // the present one; 0: none
    int64_t session; // of the run, from 1; 0: none has begun here
    double began;    // of this session of the run, by the monotonic clock
    double before;   // seconds of the sessions before it
    bool pending;    // a transaction is open
    double since;    // when it was begun
    struct {
        const char *sql; // by address: texts are literals
        sqlite3_stmt *statement;
    } cached[STORE_STATEMENTS];
    size_t n_cached;
};

// ---- The file (store_open.c) -------------------------------------------------------------------

// Kind of the file system that a folder lies on, as statfs(2) has it in f_type. Tests put their own
// in its place.
extern long (*store_file_system)(const char *folder);

// Whether that kind lies on another machine, or may not do what WAL needs.
bool store_is_remote(long file_system);

// ---- Statements (store.c) ----------------------------------------------------------------------

// What went wrong last, with the way out. Returns false.
bool store_refuse(struct store *s, const char *what, struct error *e);

// The statement, kept for the next time, with its parameters bound: i int64_t, r double (NAN:
// NULL), t const char *, b const void * and size_t (NULL: NULL; must live until the statement is
// through). NULL: refused.
sqlite3_stmt *store_query(
    struct store *s, struct error *e, const char *sql, const char *types, ...);

// One row further: 1 there is one, 0 it is through, -1 refused; in the two last cases it is reset.
int store_step(struct store *s, sqlite3_stmt *statement, struct error *e);

// A statement that gives no rows.
bool store_do(struct store *s, struct error *e, const char *sql, const char *types, ...);

// Several statements at once, not kept.
bool store_script(struct store *s, const char *sql, struct error *e);

// Text of a column, in the arena; NULL stays NULL.
const char *store_text(sqlite3_stmt *statement, int column, struct arena *a);
double store_real(sqlite3_stmt *statement, int column); // NULL: NAN

// ---- Transactions (store.c) --------------------------------------------------------------------

// Before each change: a transaction is open then. Commits what is older than a quarter of a second.
bool store_change(struct store *s, struct error *e);
bool store_commit_old(struct store *s, struct error *e);
// After a change that failed: the whole transaction is taken back. Returns false.
bool store_take_back(struct store *s);
double store_now(void); // seconds of the monotonic clock

// ---- Schema (store_schema.c) -------------------------------------------------------------------

enum { STORE_SCHEMA = 4, STORE_APPLICATION = 0x52434b4e }; // "RCKN"

// Whether the file is one of ours, and of which schema: 0, a new one. Changes nothing.
bool store_judge(struct store *s, int *version, struct error *e);
// Makes the tables of schema `to` out of those of `from`, as a whole or not at all.
bool store_move(struct store *s, int from, int to, struct error *e);

// ---- Trials (store_trial.c, store_kept.c)
// --------------------------------------------------------------------

// {"rank":16,"solver":"cholesky"}; in the arena.
const char *store_parameters(
    const struct schema *schema, const struct param_value *values, struct arena *a);
// Scores and curve of the trial in row `trial`, into the record; series names in `texts`.
bool store_get_scores(struct store *s, int64_t trial, struct trial_record *out, struct error *e);
bool store_get_curve(
    struct store *s, int64_t trial, struct trial_record *out, struct arena *texts, struct error *e);
// What is kept of the trial of that key for comparisons and charts, if anything is.
bool store_get_kept(
    struct store *s, const struct key *key, struct trial_record *out, struct error *e);
bool store_put_kept(struct store *s, int64_t trial, const struct trial_record *t, struct error *e);
// The record's answers (store_answers.c), in place of older ones; NULL: none.
bool store_put_answers(
    struct store *s, int64_t trial, const struct trial_record *t, struct error *e);
// Of a row that begins with failed, failure, cause, log, fit_seconds, predict_seconds, memory,
// limit_seconds, limit_mib.
void store_get_outcome(sqlite3_stmt *statement, struct trial_record *out, struct arena *texts);

// ---- Reading (store_read.c) --------------------------------------------------------------------

// The number that a query with the one parameter `run` gives; 0 for NULL.
bool store_count(struct store *s, const char *sql, int64_t run, int64_t *out, struct error *e);
bool store_latest_run(struct store *s, int64_t *run, struct error *e); // 0: there is none
// Who holds the lock of a folder, in the arena; NULL: nobody.
const char *store_holder(const char *folder, struct arena *a);

#endif
