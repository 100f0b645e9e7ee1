// The store among folders, files and processes that are not as they should be.
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "support/store_work.h"
#include "trial/store_read.h"

static void setup(void) {
    make_folder();
    e = (struct error){0};
}

static void teardown(void) {
    power_end();
    remove_folder();
}

// ---- Folders and files -------------------------------------------------------------------------

// In a process that is not root, to which no folder is read-only.
static int as_nobody(int (*what)(void)) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(77);
        _exit(what());
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "it ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static int refused_to_write(void) {
    struct store *s;
    if (store_open(&s, folder, STORE_WRITE, &e)) return 1;
    if (!strstr(e.text, "reckon.db: cannot be written: Permission denied; make its folder")) {
        fprintf(stderr, "%s\n", e.text);
        return 2;
    }
    return 0;
}

static int read_all(void) {
    struct store *s;
    if (!store_open(&s, folder, STORE_READ, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    const int64_t n = made_count(s, "SELECT count(*) FROM trials");
    store_close(s);
    return n == EACH ? 0 : 2;
}

START_TEST(a_folder_that_cannot_be_written_is_one_message) {
    ck_assert_int_eq(chmod(folder, 0555), 0);
    ck_assert_int_eq(as_nobody(refused_to_write), 0);
    ck_assert_int_eq(chmod(folder, 0755), 0);
    struct store *s = made_open(folder, STORE_WRITE);
    made_begin(s, "p");
    ck_assert(put_group(s, 0));
    store_close(s);
    ck_assert_int_eq(chmod(folder, 0555), 0);
    ck_assert_int_eq(as_nobody(refused_to_write), 0);
    ck_assert_int_eq(as_nobody(read_all), 0); // it can be read all the same
    // In the form for writing, as a writer leaves it while somebody reads: no shared memory can be
    // made there.
    sqlite3 *db;
    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert_int_eq(sqlite3_open(path_of("reckon.db"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    ck_assert_int_eq(chmod(folder, 0555), 0);
    ck_assert_int_eq(as_nobody(read_all), 0);
}
END_TEST

static void write_bytes(const char *name, const char *bytes, size_t n) {
    FILE *out = fopen(path_of(name), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
    ck_assert_int_eq(fclose(out), 0);
}

static size_t read_bytes(const char *name, char *out, size_t size) {
    FILE *in = fopen(path_of(name), "rb");
    ck_assert_ptr_nonnull(in);
    const size_t n = fread(out, 1, size, in);
    fclose(in);
    return n;
}

static void is_refused(const char *message) {
    static char before[1 << 20], after[1 << 20];
    struct store *s;
    const size_t n = read_bytes("reckon.db", before, sizeof before);
    for (int mode = STORE_WRITE; mode <= STORE_READ; mode++) {
        ck_assert(!store_open(&s, folder, (enum store_mode)mode, &e));
        ck_assert_msg(strstr(e.text, message), "%s", e.text);
        ck_assert_ptr_null(s);
        ck_assert_uint_eq(read_bytes("reckon.db", after, sizeof after), n);
        ck_assert_mem_eq(before, after, n);
    }
}

START_TEST(what_is_no_store_is_left_alone) {
    static char zeros[8192];
    write_bytes("reckon.db", "these are my notes, and they are long enough to be looked at\n", 61);
    is_refused("no store of reckon's; move it away");
    write_bytes("reckon.db", zeros, sizeof zeros);
    is_refused("no store of reckon's; move it away");
    unlink(path_of("reckon.db"));
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path_of("reckon.db"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    is_refused("is a database, but no store of reckon's");
    ck_assert_int_eq(sqlite3_open(path_of("reckon.db"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    is_refused("is a database, but no store of reckon's");
}
END_TEST

START_TEST(a_torn_store_is_told) {
    static char bytes[1 << 20];
    bool whole;
    ck_assert_uint_eq(work(&whole), GROUPS);
    const size_t n = read_bytes("reckon.db", bytes, sizeof bytes);
    ck_assert_uint_gt(n, 8192);
    write_bytes("reckon.db", bytes, n - 4096 - 100);
    is_refused("it is damaged, or no store");
    write_bytes("reckon.db", bytes, 50);
    is_refused("it is damaged, or no store");
    write_bytes("reckon.db", bytes, n);
    must_hold(GROUPS);
}
END_TEST

// What a crash at the very beginning leaves.
START_TEST(an_empty_file_is_a_new_store) {
    struct store *s;
    write_bytes("reckon.db", "", 0);
    ck_assert(!store_open(&s, folder, STORE_READ, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "holds nothing yet"));
    must_finish();
    remove_folder();
    make_folder();
    ck_assert(!store_open(&s, folder, STORE_READ, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "`reckon run` makes it"));
}
END_TEST

// ---- Processes ---------------------------------------------------------------------------------

START_TEST(a_look_at_the_lock_keeps_no_writer_away) {
    int ends[2];
    char path[4096], ready;
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(path, sizeof path, "%s/reckon.lock", folder);
    const pid_t child = fork();
    if (child == 0) {
        const int fd = open(path, O_RDWR | O_CREAT, 0666);
        const bool held = flock(fd, LOCK_SH) == 0 && write(ends[1], "x", 1) == 1;
        usleep(50000);
        unlink(path); // as a writer that ends: what it locked is not what others find there
        _exit(held ? 0 : 1);
    }
    ck_assert_int_eq(read(ends[0], &ready, 1), 1);
    struct store *s = made_open(folder, STORE_WRITE);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(access(path, F_OK), 0);
    store_close(s);
}
END_TEST

START_TEST(a_second_writer_is_refused_and_readers_are_not) {
    struct store *second, *s = made_open(folder, STORE_WRITE);
    made_begin(s, "p");
    ck_assert(put_group(s, 0));
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        char who[32];
        snprintf(who, sizeof who, "process %ld on ", (long)getppid());
        const bool refused = !store_open(&second, folder, STORE_WRITE, &e) && strstr(e.text, who) &&
                             strstr(e.text, "reckon show --live") && strstr(e.text, "--out");
        if (!refused) fprintf(stderr, "%s\n", e.text);
        _exit(refused && read_all() == 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    // A reader in the middle of a look does not keep the writer from going on.
    struct store *reader = made_open(folder, STORE_READ);
    sqlite3_stmt *q = NULL;
    sqlite3_prepare_v2(reader->db, "SELECT * FROM trials", -1, &q, NULL);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
    ck_assert_msg(put_group(s, 1), "%s", e.text);
    sqlite3_finalize(q);
    ck_assert_int_eq(made_count(reader, "SELECT count(*) FROM trials"), 2 * EACH);
    ck_assert(!made_put(reader, 1, 1, &e)); // it never writes
    store_close(s);
    ck_assert_int_eq(made_count(reader, "SELECT count(*) FROM trials"), 2 * EACH);
    store_close(reader);
    store_close(made_open(folder, STORE_WRITE)); // free again
}
END_TEST

// A writer that is killed wherever it stands; it says what it has flushed through a pipe.
static uint32_t write_until_killed(uint32_t from, unsigned microseconds) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        struct store *s;
        if (!store_open(&s, folder, STORE_WRITE, &e) || !begin(s)) _exit(1);
        for (uint32_t k = from; made_put(s, k, SCORES, &e); k++)
            if (k % 3 == 0 && store_flush(s, &e) && write(ends[1], &k, sizeof k) < 0) _exit(2);
        _exit(3);
    }
    close(ends[1]);
    usleep(microseconds);
    kill(child, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status), "it ended with %d", status);
    uint32_t last = from - 1, k;
    while (read(ends[0], &k, sizeof k) == sizeof k) last = k;
    close(ends[0]);
    return last;
}

START_TEST(a_kill_takes_nothing_that_was_flushed) {
    uint32_t flushed = 0;
    unsigned random = 12345;
    for (int round = 0; round < 20; round++) {
        char sql[128];
        random = random * 1103515245 + 12345;
        flushed = write_until_killed(flushed + 1, 500 + (random >> 16) % 30000);
        struct store *s = made_open(folder, STORE_WRITE);
        snprintf(sql, sizeof sql,
            "SELECT count(*) FROM trials t WHERE EXISTS (SELECT 1 FROM "
            "places p WHERE p.trial = t.trial AND fold <= %u)",
            flushed);
        ck_assert_int_eq(made_count(s, sql), flushed);
        ck_assert_int_eq(made_count(s, "SELECT count(*) - count(DISTINCT key) FROM trials"), 0);
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM scores"),
            made_count(s, "SELECT count(*) FROM trials") * SCORES);
        store_close(s);
    }
    ck_assert_uint_gt(flushed, 0);
}
END_TEST

// ---- File systems and clocks -------------------------------------------------------------------

static void journal_is(struct store *s, const char *mode) {
    sqlite3_stmt *q = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(s->db, "PRAGMA journal_mode", -1, &q, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
    ck_assert_str_eq((const char *)sqlite3_column_text(q, 0), mode);
    sqlite3_finalize(q);
    ck_assert_int_eq(made_count(s, "PRAGMA synchronous"), 3); // EXTRA
    ck_assert_int_eq(made_count(s, "PRAGMA foreign_keys"), 1);
}

START_TEST(a_network_file_system_gets_a_rollback_journal) {
    struct store *s = made_open(folder, STORE_WRITE);
    journal_is(s, "wal");
    made_begin(s, "p");
    ck_assert(put_group(s, 0));
    store_close(s);
    long (*const local)(const char *) = store_file_system;
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr)); // it warns
    store_file_system = nfs;
    log_set_verbosity(LOG_QUIET);
    s = made_open(folder, STORE_WRITE);
    journal_is(s, "delete");
    ck_assert_int_eq(access(path_of("reckon.db-wal"), F_OK), -1);
    begin(s);
    ck_assert(put_group(s, 1));
    store_close(s);
    store_file_system = local;
    must_hold(2);
    ck_assert(store_is_remote(0xFF534D42L) && store_is_remote(0x65735546L));
    ck_assert(!store_is_remote(0xEF53L) && !store_is_remote(0x01021994L)); // ext4, tmpfs
}
END_TEST

// The machine's clock is for people alone: it may go back as it likes.
START_TEST(the_latest_run_is_the_one_begun_last) {
    struct store *s = made_open(folder, STORE_WRITE);
    made_begin(s, "1");
    ck_assert(made_put(s, 1, 1, &e));
    ck_assert(store_end_run(s, "done", NULL, &e));
    ck_assert(store_script(s, "UPDATE runs SET started = 99999999999, ended = 99999999999", &e));
    made_begin(s, "2");
    ck_assert(made_put(s, 2, 1, &e));
    ck_assert(made_put(s, 3, 1, &e));
    ck_assert(store_end_run(s, "interrupted", NULL, &e));
    struct arena arena = {0};
    struct store_live live;
    bool found;
    ck_assert(store_live(s, &arena, &live, &found, &e));
    ck_assert_str_eq(live.row.run.plan_hash, "2");
    ck_assert_uint_eq(live.row.run.id, 2);
    ck_assert_int_eq(made_begin(s, "2"), 2);
    arena_done(&arena);
    store_close(s);
}
END_TEST

START_TEST(what_waits_is_committed_by_the_next_call) {
    struct store *s = made_open(folder, STORE_WRITE), *reader = made_open(folder, STORE_READ);
    made_begin(s, "p");
    ck_assert(made_put(s, 1, 1, &e));
    ck_assert_int_eq(made_count(reader, "SELECT count(*) FROM trials"), 0);
    s->since -= 0.3; // as if that long had gone by
    ck_assert(made_put(s, 2, 1, &e));
    ck_assert_int_eq(made_count(reader, "SELECT count(*) FROM trials"), 1);
    s->since -= 0.3;
    struct arena arena = {0};
    struct trial_record got = {0};
    const struct key none = made_key(9);
    bool found;
    ck_assert(store_find(s, &none, &got, &arena, &found, &e)); // a reading one is a call, too
    ck_assert_int_eq(made_count(reader, "SELECT count(*) FROM trials"), 2);
    store_close(reader);
    store_close(s);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("store_faults");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_folder_that_cannot_be_written_is_one_message);
    tcase_add_test(cases, what_is_no_store_is_left_alone);
    tcase_add_test(cases, a_torn_store_is_told);
    tcase_add_test(cases, an_empty_file_is_a_new_store);
    tcase_add_test(cases, a_look_at_the_lock_keeps_no_writer_away);
    tcase_add_test(cases, a_second_writer_is_refused_and_readers_are_not);
    tcase_add_test(cases, a_kill_takes_nothing_that_was_flushed);
    tcase_add_test(cases, a_network_file_system_gets_a_rollback_journal);
    tcase_add_test(cases, the_latest_run_is_the_one_begun_last);
    tcase_add_test(cases, what_waits_is_committed_by_the_next_call);
    Suite *suite = suite_create("store_faults");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
