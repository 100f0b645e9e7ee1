// store_work.h - a small run on a store, and what must hold of it whatever befell it.
#ifndef RECKON_TESTS_STORE_WORK_H
#define RECKON_TESTS_STORE_WORK_H

#include <sys/stat.h>

#include "core/log.h"
#include "support/made_store.h"
#include "support/power.h"

enum { GROUPS = 3, EACH = 2, SCORES = 6 }; // trials are flushed in groups

static char folder[64];
static struct error e;

static inline const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

// In memory where that can be: the disk that is tried is power.c's.
static inline void make_folder(void) {
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/reckon-faults-XXXXXX", parent);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void remove_folder(void) {
    static const char *const names[] = {
        "reckon.db", "reckon.db-wal", "reckon.db-shm", "reckon.db-journal", "reckon.lock"};
    chmod(folder, 0755);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) unlink(path_of(names[k]));
    ck_assert_int_eq(rmdir(folder), 0);
}

static inline bool put_group(struct store *s, uint32_t group) {
    for (uint32_t k = 0; k < EACH; k++)
        if (!made_put(s, group * EACH + k + 1, SCORES, &e)) return false;
    return store_flush(s, &e);
}

static inline bool begin(struct store *s) {
    int64_t id;
    const struct store_run run = {
        .name = "made", .experiment = "", .plan_hash = "p", .version = "0.1"};
    return store_begin_run(s, &run, &id, &e);
}

// The groups that were said to be there. Goes on until something fails.
static inline uint32_t work(bool *whole) {
    struct store *s;
    uint32_t flushed = 0;
    *whole = false;
    if (!store_open(&s, folder, STORE_WRITE, &e)) return 0;
    bool ok = begin(s);
    for (; ok && flushed < GROUPS; flushed += ok) ok = put_group(s, flushed);
    *whole = ok && store_end_run(s, "done", "{}", &e);
    store_close(s);
    return flushed;
}

static inline void must_hold(uint32_t flushed) {
    struct store *s = made_open(folder, STORE_WRITE);
    char sql[128];
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM pragma_integrity_check "
                                   "WHERE integrity_check = 'ok'"),
        1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    snprintf(sql, sizeof sql, "SELECT count(DISTINCT key) FROM results WHERE fold <= %u",
        flushed * EACH);
    ck_assert_int_eq(made_count(s, sql), flushed * EACH);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM scores"),
        made_count(s, "SELECT count(*) FROM trials") * SCORES);
    ck_assert_int_eq(
        made_count(s, "SELECT count(*) - count(DISTINCT run || '.' || fold) FROM places"), 0);
    store_close(s);
}

// Whatever was left of it, the run can be gone on with, and then is what it would have been.
static inline void must_finish(void) {
    bool whole;
    e = (struct error){0};
    ck_assert_uint_eq(work(&whole), GROUPS);
    ck_assert_msg(whole, "%s", e.text);
    must_hold(GROUPS);
    struct store *s = made_open(folder, STORE_READ);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM trials"), GROUPS * EACH);
    store_close(s);
}

static inline long nfs(const char *path) {
    (void)path;
    return 0x6969;
}

#endif
