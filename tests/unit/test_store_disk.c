// The store on disks that lose power, are full or do not sync, at every step: what was said to be
// flushed is there, each trial once.
#include <check.h>

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

int main(void) {
    TCase *cases = tcase_create("store_disk");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_power_cut_takes_nothing_that_was_flushed);
    tcase_add_test(cases, a_power_cut_that_writes_some_of_it_takes_nothing_either);
    tcase_add_test(cases, nor_does_one_on_a_network_file_system);
    tcase_add_test(cases, a_full_disk_is_told_and_lived_through);
    tcase_add_test(cases, a_disk_that_does_not_sync_is_told_and_lived_through);
    tcase_add_test(cases, a_full_disk_says_what_to_do);
    Suite *suite = suite_create("store_disk");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
