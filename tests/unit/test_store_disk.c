// The store on disks that lose power, are full or do not sync, at every step: what was said to be
// flushed is there, each trial once.
#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "support/store_work.h"

static void setup(void) {
    make_folder();
    e = (struct error){0};
}

static void teardown(void) {
    power_end();
    remove_folder();
}

static void cut_at_every_step(unsigned luck) {
    bool struck = true;
    size_t at = 1;
    for (; struck; at++) {
        bool whole;
        power_begin(POWER_CUT, at);
        const uint32_t flushed = work(&whole);
        struck = power_struck();
        ck_assert(whole || struck);
        power_restore(luck ? luck + (unsigned)at : 0);
        power_begin(POWER_NONE, 0);
        must_hold(flushed);
        must_finish();
        remove_folder();
        make_folder();
    }
    ck_assert_uint_gt(at, 30);
}

START_TEST(a_power_cut_takes_nothing_that_was_flushed) {
    log_set_verbosity(LOG_QUIET);
    cut_at_every_step(0);
}
END_TEST

START_TEST(a_power_cut_that_writes_some_of_it_takes_nothing_either) {
    log_set_verbosity(LOG_QUIET);
    cut_at_every_step(1);
}
END_TEST

START_TEST(nor_does_one_on_a_network_file_system) {
    log_set_verbosity(LOG_QUIET);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr)); // it warns each time
    store_file_system = nfs;
    cut_at_every_step(0);
}
END_TEST

// As a run does it that is told of a failure: the trials since the last flush are put again.
static uint32_t work_through(size_t *n_failed) {
    struct store *s;
    *n_failed = 0;
    while (!store_open(&s, folder, STORE_WRITE, &e)) ++*n_failed;
    while (!begin(s)) ++*n_failed;
    for (uint32_t group = 0; group < GROUPS; group++)
        while (!put_group(s, group)) {
            ck_assert_msg(strstr(e.text, "reckon.db: "), "%s", e.text);
            ++*n_failed;
        }
    while (!store_end_run(s, "done", NULL, &e)) ++*n_failed;
    store_close(s);
    return GROUPS;
}

static void fail_at_every_step(enum power_fault fault) {
    bool struck = true;
    size_t at = 1, told = 0;
    for (; struck; at++) {
        size_t n_failed;
        power_begin(fault, at);
        work_through(&n_failed);
        // (Some steps are SQLite's own affair: it does them again.)
        ck_assert_uint_le(n_failed, 1);
        told += n_failed;
        struck = power_struck() || at < 10;
        power_begin(POWER_NONE, 0);
        must_hold(GROUPS);
        remove_folder();
        make_folder();
        if (fault == POWER_SYNC && at < 100) struck = true; // steps that are no sync do not fail
    }
    ck_assert_uint_gt(told, 5);
}

START_TEST(a_full_disk_is_told_and_lived_through) {
    log_set_verbosity(LOG_QUIET);
    fail_at_every_step(POWER_FULL);
}
END_TEST

START_TEST(a_disk_that_does_not_sync_is_told_and_lived_through) {
    log_set_verbosity(LOG_QUIET);
    fail_at_every_step(POWER_SYNC);
}
END_TEST

START_TEST(a_full_disk_says_what_to_do) {
    struct store *s = made_open(folder, STORE_WRITE);
    power_end();
    made_begin(s, "p");
    ck_assert(put_group(s, 0));
    store_close(s);
    power_begin(POWER_FULL, 1);
    log_set_verbosity(LOG_QUIET);
    s = NULL;
    bool told = !store_open(&s, folder, STORE_WRITE, &e) || !begin(s) || !put_group(s, 1);
    ck_assert(told);
    ck_assert_msg(strstr(e.text, "the disk is full; free some space"), "%s", e.text);
    store_close(s);
    power_end();
    must_hold(1);
}
END_TEST

static bool write_map(const char *file, const char *text) {
    const int out = open(file, O_WRONLY | O_CLOEXEC);
    const bool ok = out >= 0 && write(out, text, strlen(text)) == (ssize_t)strlen(text);
    if (out >= 0) close(out);
    return ok;
}

// A process that is not root is root in a world of its own, where it may have one.
static bool become_root(void) {
    char user[64], group[64];
    snprintf(user, sizeof user, "0 %u 1", getuid());
    snprintf(group, sizeof group, "0 %u 1", getgid());
    return geteuid() == 0 ||
           (unshare(CLONE_NEWUSER) == 0 && write_map("/proc/self/uid_map", user) &&
               write_map("/proc/self/setgroups", "deny") && write_map("/proc/self/gid_map", group));
}

static bool mount_small(void) {
    return become_root() && unshare(CLONE_NEWNS) == 0 &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", folder, "tmpfs", 0, "size=512k") == 0;
}

enum { SKIPPED = 77 };

static int fill_disk(void) {
    char ballast[80];
    if (!mount_small()) return SKIPPED;
    struct store *s = made_open(folder, STORE_WRITE);
    begin(s);
    ck_assert(put_group(s, 0));
    snprintf(ballast, sizeof ballast, "%s/ballast", folder);
    const int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    static const char block[4096];
    while (write(fd, block, sizeof block) == sizeof block) continue;
    close(fd);
    uint32_t group = 1;
    while (group < 100 && put_group(s, group)) group++;
    if (group == 100 || !strstr(e.text, "the disk is full; free some space")) return 1;
    if (!strstr(e.text, "cannot be written")) return 5; // whichever statement it was
    if (made_count(s, "SELECT count(*) FROM trials") != (int64_t)group * EACH) return 2;
    unlink(ballast);
    for (uint32_t k = group; k < group + GROUPS; k++)
        if (!put_group(s, k)) return 3;
    if (made_count(s, "SELECT count(*) FROM trials") != (int64_t)(group + GROUPS) * EACH) return 4;
    store_close(s);
    must_hold(group + GROUPS);
    return 0;
}

START_TEST(a_small_disk_fills_and_empties) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) _exit(fill_disk());
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED)
        printf("skipped: no process may mount a disk of its own here\n");
    else
        ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("store_disk");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_power_cut_takes_nothing_that_was_flushed);
    tcase_add_test(cases, a_power_cut_that_writes_some_of_it_takes_nothing_either);
    tcase_add_test(cases, nor_does_one_on_a_network_file_system);
    tcase_add_test(cases, a_full_disk_is_told_and_lived_through);
    tcase_add_test(cases, a_disk_that_does_not_sync_is_told_and_lived_through);
    tcase_add_test(cases, a_full_disk_says_what_to_do);
    tcase_add_test(cases, a_small_disk_fills_and_empties);
    Suite *suite = suite_create("store_disk");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
