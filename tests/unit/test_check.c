// Each check can fail: for each there is a plugin in tests/plugins that breaks what it looks at,
// and only in the way that it looks at. A plugin that keeps the contract passes them all.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "check/memory.h"

static struct {
    char lines[64][2600];
    size_t n;
} told;

static void tell(void *arg, const char *line) {
    (void)arg;
    ck_assert_uint_lt(told.n, 64);
    snprintf(told.lines[told.n++], sizeof *told.lines, "%s", line);
}

static struct check_summary run(const char *plugin, const char *only, unsigned limit) {
    char path[4096];
    struct error e = {0};
    struct check_summary sum;
    const struct check_options o = {
        .only = &only, .n_only = only ? 1 : 0, .print = tell, .limit = limit};
    snprintf(path, sizeof path, "%s/tests/%s.so", getenv("RECKON_BUILD"), plugin);
    told.n = 0;
    ck_assert_msg(check_run(path, &o, &sum, &e), "%s", e.text);
    return sum;
}

static const struct {
    const char *plugin, *check, *text; // text: what the line must hold
} faults[] = {
    {"faulty_repeat", "repeat", "the same model a second time: pair 0 user "},
    {"faulty_threads", "threads", "fitted on 2 threads instead of 1: pair "},
    {"faulty_choice", "threads",
        " [parameters: fault = \"threads\"; seed 42; 2 threads; planted data ("},
    {"faulty_crashes", "threads",
        "crashed: signal 11 (Segmentation fault): in fit [parameters: defaults; seed 42; 8 "
        "threads; planted data (200 users, 120 items, "},
    {"faulty_batches", "batches", "predict(pair by pair): pair 3 user "},
    {"faulty_mute", "batches", "predict failed: diverged, or met a singular matrix (-4) ["},
    {"faulty_at_once", "at_once", "predict, 4 threads at once: pair "},
    {"faulty_two_models", "two_models", "beside another model, call by call in turn: pair 0 "},
    {"faulty_seeds", "seeds",
        "fit failed: diverged, or met a singular matrix (-4): started at 0.0553924 [parameters: "
        "defaults; seed 0; 1 thread; "},
    {"faulty_beyond", "answers", "predict(400 pairs) writes outside of out[0 .. 399]"},
    {"faulty_unanswered", "answers", " without an answer; NAN says \"no opinion\""},
    {"faulty_infinite", "answers", " item 7: an infinity"},
    {"faulty_cold", "cold", ": 1000000, far outside the scale 0.5 to 5"},
    {"faulty_infinite", "cold", ": -inf, far outside the scale 0.5 to 5"},
    {"faulty_one_rating", "one_rating", ": inf, far outside the scale 0.5 to 5"},
    {"faulty_one_user", "one_user",
        "refused by status -1 (out of memory); expected is success, or"},
    {"faulty_one_item", "one_item", "crashed: signal 6 (Aborted): in fit ["},
    {"faulty_one_pair", "one_pair", "ended the process with exit status 3: in fit ["},
    {"faulty_equal", "equal", ": inf, far outside the scale"},
    {"faulty_no_valid", "no_valid", "answers 0 of 400 pairs, but 400 "},
    {"faulty_no_times", "no_times", "crashed: signal 11 (Segmentation fault): in fit ["},
    {"faulty_no_features", "no_features", "fit failed: this data cannot train this model (-3) ["},
    {"faulty_grown", "grown",
        "rk_data, rk_pairs and rk_features with 64 more bytes each: pair 0 user "},
    {"faulty_read_only", "read_only",
        "writes to data, pairs or parameters, which are const: in fit ["},
    {"faulty_host_calls", "host_calls", "calls progress in a body of parallel_for, where several"},
    {"faulty_loop_in_predict", "host_calls",
        "calls parallel_for in predict or save, where several"},
    {"faulty_opens", "system_calls", "opens a file (openat): in fit ["},
    {"faulty_starts_thread", "system_calls",
        "made a refused system call with signals blocked, as pthread_create does: in fit ["},
    {"faulty_prints", "quiet", " bytes to the standard output; host->log takes messages"},
    {"faulty_leaves_open", "quiet", "leaves 1 files open"},
    {"faulty_deaf", "cancel",
        "asked to stop at call of progress 1 of 6, fit gave success (0); expected is RK_CANCELLED"},
    {"faulty_slow_to_stop", "cancel",
        "asked to stop at call of progress 1 of 6, fit went on for 9 calls of progress or "
        "parallel_for; at most 4 count as soon"},
    {"faulty_one_step", "cancel",
        "fits with epochs of 2 and of 8 give other answers, but have 1 and 1 steps to be stopped "
        "at; expected are more for more ["},
    {"faulty_choice", "cancel",
        "expected is RK_CANCELLED [parameters: fault = \"deaf\"; seed 42; 1 thread; "},
    {"faulty_unchecked_malloc", "out_of_memory",
        "crashed: signal 11 (Segmentation fault): in create [parameters: with allocation 1 of 3 "
        "refused; seed 42; 1 thread; small planted data ("},
    {"faulty_memory_status", "out_of_memory",
        "with allocation 2 of 3 refused: this data cannot train this model (-3); expected is "
        "RK_E_MEMORY"},
    {"faulty_memory_path", "out_of_memory",
        "with allocation 2 of 5 refused: 1 allocations are not given back, 100 "
        "bytes, the latest of 100 bytes"},
    {"faulty_choice", "out_of_memory",
        "fault = \"memory\", with allocation 2 of 4 refused: this data cannot train this model"},
    {"faulty_choice", "leaks", " [parameters: fault = \"leak\"; seed 42; "},
    {"faulty_leaks", "leaks", "after fit and destroy: 2 allocations are not given back, "},
    {"faulty_leaks_stopped", "leaks",
        "after a fit that was stopped by progress, and destroy: 2 allocations are not given back, "
        "666 bytes, the latest of 333 bytes"},
    {"faulty_parameters", "parameters",
        ": an infinity [parameters: shrinkage = 1.0e+06; seed 42; "},
    {"faulty_parameters_mute", "parameters",
        "answers 0 of 400 pairs, but 400 by its defaults [parameters: shrinkage = 1.0e+06; "},
    {"faulty_parameters_few", "parameters",
        ": an infinity [parameters: shrinkage = 1.0e+06; seed 42; 1 thread; data of one user and "
        "one item ("},
    {"faulty_learns", "learns", " planted ratings of known users and items, "},
    {"faulty_state", "state", "saved and loaded: pair "},
    {"faulty_choice", "state",
        " [parameters: fault = \"state\"; seed 42; 3 threads; small planted"},
    {"faulty_state_cut", "state", "load gives success, although only "},
    {"faulty_state_twice", "state", "saved a second time: byte "},
    {"faulty_state_at_once", "state", "saved by 4 threads at once: "},
    {"faulty_state_again", "state", "loaded and saved again: byte "},
    {"faulty_state_threads", "state", "saved and loaded: pair "},
    {"faulty_state_length", "state", "load asks for more than 1024 MiB for 1296 bytes, byte 3 of"},
    {"faulty_state_index", "state", "crashed: signal 11 (Segmentation fault): in load, of 1300 of"},
    {"faulty_state_leaks", "state",
        "load of a part of the bytes, and destroy: 1 allocations are not given back, 100 bytes"},
    {"faulty_state_memory", "state",
        "load with its allocation 1 refused: reading or writing failed (-5); expected is RK_E_"},
    {"faulty_save_calls", "state",
        "calls progress in predict or save, where several threads may be"},
    {"faulty_spread", "spread", "spread: pair 5 user "},
    {"faulty_spread_mean", "spread", "the mean of spread against predict: pair 5 user "},
    {"faulty_foreseen_little", "foreseen", "it took 1328 bytes, and foresaw 848 [parameters: "},
    {"faulty_foreseen_much", "foreseen", " and foresaw 1537328; at most 4 times as much and 1048"},
    {"faulty_foreseen_shrinks", "foreseen", " and with more ratings but 1328 [parameters: "},
    {"faulty_hangs", "repeat", "took more than 1 s: in fit [parameters: defaults; seed 42; "},
};

// What watches malloc or system calls, or means a crash that a sanitizer words in its own way.
static bool needs_bare_build(const char *check, const char *text) {
    return strcmp(check, "out_of_memory") == 0 || strcmp(check, "leaks") == 0 ||
           strcmp(check, "system_calls") == 0 || strcmp(check, "foreseen") == 0 ||
           strstr(text, "crashed: ") || strstr(text, "MiB") || strstr(text, "given back") ||
           strstr(text, "refused: ");
}

START_TEST(each_check_can_fail) {
    const char *check = faults[_i].check, *text = faults[_i].text;
    if (!memory_can_watch() && needs_bare_build(check, text)) return;
    char plugin[100], start[100];
    snprintf(plugin, sizeof plugin, "plugins/%s", faults[_i].plugin);
    snprintf(start, sizeof start, "FAIL  %s: ", check);
    const struct check_summary sum =
        run(plugin, check, strcmp(faults[_i].plugin, "faulty_hangs") == 0 ? 1 : 0);
    ck_assert_msg(told.n == 1 && sum.failed == 1, "%s: %zu lines, %zu failed: %s", plugin, told.n,
        sum.failed, told.lines[0]);
    ck_assert_msg(strncmp(told.lines[0], start, strlen(start)) == 0, "%s", told.lines[0]);
    ck_assert_msg(
        strstr(told.lines[0], text), "%s:\n  has    %s\n  wanted %s", plugin, told.lines[0], text);
}
END_TEST

START_TEST(every_check_has_a_fault) {
    for (size_t k = 1; check_name(k); k++) { // 0: loading, which test_loader covers
        bool covered = false;
        for (size_t f = 0; f < sizeof faults / sizeof *faults; f++)
            covered = covered || strcmp(faults[f].check, check_name(k)) == 0;
        ck_assert_msg(covered, "no plugin in tests/plugins fails the check %s", check_name(k));
        ck_assert_uint_gt(strlen(check_doc(k)), 0);
    }
}
END_TEST

// `watched`: how many of those that it passes need a malloc that can be watched.
static void expect_all_passed(const char *plugin, size_t skipped, size_t watched) {
    const struct check_summary sum = run(plugin, NULL, 0);
    size_t n = 0;
    while (check_name(n)) n++;
    for (size_t k = 0; k < told.n; k++)
        if (strncmp(told.lines[k], "FAIL", 4) == 0) ck_abort_msg("%s", told.lines[k]);
    ck_assert_uint_eq(sum.passed + sum.skipped, n);
    ck_assert_uint_eq(sum.skipped, memory_can_watch() ? skipped : skipped + watched);
}

START_TEST(a_sound_plugin_passes_all_checks) {
    expect_all_passed("plugins/sound", 0, 4);
}
END_TEST

START_TEST(a_plugin_on_openblas_passes_all_checks) {
    expect_all_passed("plugins/blas_mean", 0, 4);
}
END_TEST

// It has no fit to stop, and no extension.
START_TEST(a_plugin_in_another_language_passes_too) {
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/plugins/cpp_mean.so", getenv("RECKON_BUILD"));
    if (access(path, F_OK) != 0) return; // built without a C++ compiler
    expect_all_passed("plugins/cpp_mean", 4, 3);
}
END_TEST

START_TEST(a_plugin_that_cannot_be_loaded_is_one_failed_check) {
    struct check_summary sum = run("broken/no_fit", NULL, 0);
    ck_assert(sum.failed == 1 && sum.passed == 0 && sum.skipped == 0 && told.n == 1);
    ck_assert_ptr_nonnull(strstr(told.lines[0], "FAIL  loads: "));
    ck_assert_ptr_nonnull(strstr(told.lines[0], "missing function"));
    run("broken/nonesuch", "threads", 0);
    ck_assert_ptr_nonnull(strstr(told.lines[0], "FAIL  loads: "));
    ck_assert_ptr_nonnull(strstr(told.lines[0], "no such file"));
    run("broken/crash_on_load", NULL, 0);
    if (memory_can_watch())
        ck_assert_str_eq(told.lines[0],
            "FAIL  loads: crashed: signal 11 (Segmentation fault): while it is loaded");
    run("broken/exit_on_load", NULL, 0);
    ck_assert_str_eq(
        told.lines[0], "FAIL  loads: ended the process with exit status 0: while it is loaded");
    run("broken/fork_on_load", NULL, 0); // what it started goes on, and is not waited for
    ck_assert_str_eq(
        told.lines[0], "FAIL  loads: ended the process with exit status 3: while it is loaded");
}
END_TEST

static void expect_note(const char *plugin, const char *check, const char *text) {
    run(plugin, check, 0);
    ck_assert_msg(told.n == 1 && strstr(told.lines[0], text), "%s", told.lines[0]);
}

// What is beside a pass: how much was tried, and times, which decide nothing.
START_TEST(a_pass_says_what_was_tried) {
    expect_note("plugins/sound", "cancel", "pass  cancel: stopped ");
    expect_note("plugins/sound", "cancel",
        " ms after being asked at the slowest of 18 places, "); // 6 of progress, 12 of pieces
    expect_note("plugins/sound", "repeat", "pass  repeat");
    ck_assert_str_eq(told.lines[0], "pass  repeat");
    if (!memory_can_watch()) return;
    expect_note("plugins/sound", "out_of_memory", "pass  out_of_memory: each of 3");
    expect_note("plugins/many_blocks", "out_of_memory",
        "pass  out_of_memory: the first 80 of 503, and 40 of the others");
}
END_TEST

START_TEST(an_unknown_check_is_refused) {
    const char *only = "thread";
    const struct check_options o = {.only = &only, .n_only = 1};
    struct check_summary sum;
    struct error e = {0};
    ck_assert(!check_run("x.so", &o, &sum, &e));
    ck_assert_str_eq(e.text, "no check \"thread\"; did you mean \"threads\"?");
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("check");
    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, each_check_can_fail, 0, (int)(sizeof faults / sizeof *faults));
    tcase_add_test(cases, every_check_has_a_fault);
    tcase_add_test(cases, a_sound_plugin_passes_all_checks);
    tcase_add_test(cases, a_plugin_on_openblas_passes_all_checks);
    tcase_add_test(cases, a_plugin_in_another_language_passes_too);
    tcase_add_test(cases, a_plugin_that_cannot_be_loaded_is_one_failed_check);
    tcase_add_test(cases, a_pass_says_what_was_tried);
    tcase_add_test(cases, an_unknown_check_is_refused);
    Suite *suite = suite_create("check");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
