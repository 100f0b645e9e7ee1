// Stores of older schemas become present ones with all that they hold; newer ones are left alone.
#include <check.h>
#include <sys/stat.h>

#include "core/log.h"
#include "support/made_store.h"
#include "support/power.h"

static char folder[64], path[128];
static struct error e;

static char *read_fixture(int schema) {
    char name[4096];
    snprintf(name, sizeof name, "%s/tests/data/store-%d.sql", getenv("RECKON_SOURCE"), schema);
    FILE *in = fopen(name, "r");
    ck_assert_msg(in != NULL, "%s", name);
    char *text = NULL;
    size_t room = 0;
    ck_assert_int_gt(getdelim(&text, &room, '\0', in), 0);
    fclose(in);
    return text;
}

static sqlite3 *open_raw(void) {
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void run_raw(const char *sql) {
    sqlite3 *db = open_raw();
    char *message = NULL;
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

// All rows of a query as one text; free() it.
static char *rows_of(const char *sql) {
    sqlite3 *db = open_raw();
    sqlite3_stmt *q = NULL;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    while (sqlite3_step(q) == SQLITE_ROW)
        for (int k = 0; k < sqlite3_column_count(q); k++) {
            const char *value = (const char *)sqlite3_column_text(q, k);
            fprintf(
                out, "%s%c", value ? value : "NULL", k + 1 < sqlite3_column_count(q) ? '|' : '\n');
        }
    sqlite3_finalize(q);
    sqlite3_close(db);
    fclose(out);
    return text;
}

static void load_fixture(int schema) {
    char *sql = read_fixture(schema);
    run_raw(sql);
    free(sql);
}

static void setup(void) {
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/reckon-schema-XXXXXX", parent);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/reckon.db", folder);
    e = (struct error){0};
    log_set_verbosity(LOG_QUIET);
}

static void clear(void) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char file[160];
    for (size_t k = 0; k < 4; k++) {
        snprintf(file, sizeof file, "%s%s", path, ends[k]);
        unlink(file);
    }
    snprintf(file, sizeof file, "%s/reckon.lock", folder);
    unlink(file);
}

static void teardown(void) {
    power_end();
    clear();
    ck_assert_int_eq(rmdir(folder), 0);
}

// Queries that all schemas answer.
static const char *const queries[] = {
    "SELECT run, data, label, seed, repeat, fold, slice, metric, value, key FROM results "
    "ORDER BY key, slice, metric, run",
    "SELECT run, data, label, fold, failure, cause, log, key FROM failures ORDER BY key, run",
    "SELECT * FROM runs",
    "SELECT * FROM data",
    "SELECT * FROM trials",
    "SELECT * FROM scores",
    "SELECT * FROM curves",
    "SELECT * FROM warnings",
    "SELECT run, data_at, model, seed, repeat, fold, number, data, label, trial FROM places "
    "ORDER BY run, number",
};
enum { QUERIES = sizeof queries / sizeof *queries };

static void ask_all(char *answers[QUERIES]) {
    for (int k = 0; k < QUERIES; k++) answers[k] = rows_of(queries[k]);
}

static void must_answer_the_same(char *before[QUERIES]) {
    for (int k = 0; k < QUERIES; k++) {
        char *now = rows_of(queries[k]);
        ck_assert_str_eq(now, before[k]);
        ck_assert_int_gt((int)strlen(now), 0);
        free(now);
    }
}

static void free_all(char *answers[QUERIES]) {
    for (int k = 0; k < QUERIES; k++) free(answers[k]);
}

START_TEST(all_that_an_older_store_holds_is_kept) {
    char *before[QUERIES];
    load_fixture(_i);
    ask_all(before);
    for (int round = 0; round < 2; round++) { // opened again: nothing more happens
        struct store *s = made_open(folder, STORE_WRITE);
        ck_assert_int_eq(made_count(s, "PRAGMA user_version"), STORE_SCHEMA);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM pragma_integrity_check "
                                       "WHERE integrity_check = 'ok'"),
            1);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM places WHERE inner <> 0 OR "
                                       "candidate <> 0 OR share <> 1 OR winner <> 0"),
            _i == 1 ? 0 : 2);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM tuned"), _i == 1 ? 0 : 1);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM evidence"), _i == 3 ? 1 : 0);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM breakdown"), _i == 3 ? 2 : 0);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM answers"), 0);
        store_close(s);
        must_answer_the_same(before);
    }
    free_all(before);
}
END_TEST

START_TEST(the_run_of_an_older_store_goes_on) {
    load_fixture(_i);
    struct store *s = made_open(folder, STORE_WRITE);
    ck_assert_int_eq(made_begin(s, "plan 2"), 2);
    struct arena arena = {0};
    struct trial_record got = {0};
    const struct key key = made_key(1);
    bool found;
    ck_assert_msg(store_find(s, &key, &got, &arena, &found, &e), "%s", e.text);
    ck_assert(found && !got.failed);
    ck_assert_uint_eq(got.scores.n, 3);
    ck_assert_uint_eq(got.n_curve, 2);
    ck_assert(!got.evidence && got.breakdown.n == 0); // it kept none
    ck_assert(made_put(s, 50, 3, &e));
    ck_assert_msg(store_end_run(s, "done", NULL, &e), "%s", e.text);
    store_close(s);
    scores_done(&got.scores);
    free(got.curve);
    arena_done(&arena);
}
END_TEST

// The fixtures were written by those schemas: their text must not be changed after the fact.
START_TEST(a_schema_is_what_it_was) {
    static const char tables[] =
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name";
    load_fixture(_i);
    char *then = rows_of(tables);
    clear();
    struct store s = {.lock = -1};
    snprintf(s.path, sizeof s.path, "%s", path);
    s.db = open_raw();
    ck_assert_msg(store_move(&s, 0, _i, &e), "%s", e.text);
    sqlite3_close(s.db);
    char *now = rows_of(tables);
    ck_assert_str_eq(now, then);
    free(now);
    free(then);
}
END_TEST

START_TEST(a_moved_store_is_like_a_new_one) {
    static const char tables[] =
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name";
    load_fixture(_i);
    store_close(made_open(folder, STORE_WRITE));
    char *moved = rows_of(tables);
    clear();
    store_close(made_open(folder, STORE_WRITE));
    char *fresh = rows_of(tables);
    ck_assert_str_eq(moved, fresh);
    free(moved);
    free(fresh);
}
END_TEST

START_TEST(a_newer_store_is_refused) {
    store_close(made_open(folder, STORE_WRITE));
    run_raw("PRAGMA user_version = 5; CREATE TABLE later (x INTEGER) STRICT");
    char *before = rows_of("SELECT sql FROM sqlite_master");
    for (int mode = STORE_WRITE; mode <= STORE_READ; mode++) {
        struct store *s;
        ck_assert(!store_open(&s, folder, (enum store_mode)mode, &e));
        ck_assert_msg(strstr(e.text, "was written by a newer reckon (schema 5, this one knows up "
                                     "to 4)"),
            "%s", e.text);
    }
    char *after = rows_of("SELECT sql FROM sqlite_master");
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_reader_moves_nothing) {
    struct store *s;
    load_fixture(_i);
    ck_assert(!store_open(&s, folder, STORE_READ, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "of an older reckon; `reckon run` moves them"));
    char *version = rows_of("PRAGMA user_version");
    ck_assert_int_eq(atoi(version), _i);
    free(version);
}
END_TEST

static void move_under(enum power_fault fault, int schema) {
    char *before[QUERIES];
    bool struck = true;
    clear();
    load_fixture(schema);
    ask_all(before);
    size_t n_old = 0;
    for (size_t at = 1; struck; at++) {
        struct store *s = NULL;
        clear();
        power_begin(POWER_NONE, 0);
        load_fixture(schema);
        power_begin(fault, at);
        if (store_open(&s, folder, STORE_WRITE, &e)) store_close(s);
        struck = power_struck();
        if (fault == POWER_CUT) power_restore((unsigned)at);
        power_begin(POWER_NONE, 0);
        char *version = rows_of("PRAGMA user_version");
        const int now = atoi(version);
        ck_assert_msg(now == schema || now == STORE_SCHEMA, "%s", version);
        n_old += now == schema;
        must_answer_the_same(before);
        store_close(made_open(folder, STORE_WRITE));
        must_answer_the_same(before);
        free(version);
    }
    ck_assert_uint_gt(n_old, 3);
    free_all(before);
}

START_TEST(a_move_is_whole_or_was_not) {
    move_under(POWER_CUT, _i);
    move_under(POWER_FULL, _i);
}
END_TEST

int main(void) {
    TCase *schemas = tcase_create("store_schema");
    tcase_add_checked_fixture(schemas, setup, teardown);
    tcase_add_loop_test(schemas, all_that_an_older_store_holds_is_kept, 1, STORE_SCHEMA);
    tcase_add_loop_test(schemas, the_run_of_an_older_store_goes_on, 1, STORE_SCHEMA);
    tcase_add_loop_test(schemas, a_schema_is_what_it_was, 1, STORE_SCHEMA);
    tcase_add_loop_test(schemas, a_moved_store_is_like_a_new_one, 1, STORE_SCHEMA);
    tcase_add_test(schemas, a_newer_store_is_refused);
    tcase_add_loop_test(schemas, a_reader_moves_nothing, 1, STORE_SCHEMA);
    tcase_add_loop_test(schemas, a_move_is_whole_or_was_not, 1, STORE_SCHEMA);
    Suite *suite = suite_create("store_schema");
    suite_add_tcase(suite, schemas);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
