// Whatever a plugin does, the run goes on, and its row says what and where.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "support/runs.h"
#include "trial/channel.h"

// Plugins see no header of the harness, so that one names the message by its number.
_Static_assert(MESSAGE_FITTED == 10, "ask() in broken/misbehaves.c sends another number");

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 }; // handlers of its own, and no limit of memory
#else
enum { SANITIZED = 0 };
#endif

#define SMALL \
    "name = \"t\"; seed = 3; metrics = (\"rmse\");" \
    "data = { synthetic = { users = 60; items = 80; ratings = 1500; rank = 3; }; };" \
    "split = { method = \"holdout\"; test = 0.3; };"

struct way {
    const char *how, *where;
    enum failure failure;
    const char *cause; // a part of it
    const char *place; // another part, where handlers are ours
};

// One run of all of them and a sound model; each row is told apart by its label.
static void run_ways(const struct way *ways, int n_ways, const char *rest, struct finished *f) {
    static char text[32768];
    int n = snprintf(text, sizeof text, "%s models = (", SMALL);
    for (int k = 0; k < n_ways; k++)
        n += snprintf(text + n, sizeof text - (size_t)n,
            "{plugin = \"%s/tests/broken/misbehaves.so\"; label = \"%d\"; how = \"%s\"; where = "
            "\"%s\";},",
            runs_build(), k, ways[k].how, ways[k].where);
    snprintf(text + n, sizeof text - (size_t)n, "{plugin = \"bias\";}); %s", rest);
    runs_text(text, f);
}

static void check_ways(const struct way *ways, int n_ways, const char *rest) {
    struct finished f;
    run_ways(ways, n_ways, rest, &f);
    for (int k = 0; k < n_ways; k++) {
        const struct trial_record *t = runs_find(&f, k, 1);
        ck_assert_msg(t, "%s has no record", ways[k].how);
        ck_assert_int_eq(t->failed, ways[k].cause != NULL);
        if (!t->failed) continue;
        const bool told = strstr(t->cause, ways[k].cause) &&
                          (SANITIZED || !ways[k].place || strstr(t->cause, ways[k].place));
        ck_assert_msg(told, "%s in %s: \"%s\"", ways[k].how, ways[k].where, t->cause);
        ck_assert_msg(t->failure == ways[k].failure, "%s in %s: %s", ways[k].how, ways[k].where,
            failure_name[t->failure]);
        ck_assert_ptr_null(strchr(t->cause, '\n'));
        ck_assert(isfinite(t->cost.fit_seconds));
    }
    ck_assert(!runs_find(&f, n_ways, 1)->failed);
    runs_done(&f);
}

static const struct way crashes[] = {
    {"exit", "fit", FAILURE_CRASHED, "ended the process in fit with exit status 0", NULL},
    {"abort", "fit", FAILURE_CRASHED, "crashed in fit with SIGABRT", "in misbehave (misbehaves.c:"},
    {"segfault", "create", FAILURE_CRASHED, "crashed in create with SIGSEGV", "in misbehave"},
    {"read_null", "fit", FAILURE_CRASHED, "crashed in fit with SIGSEGV",
        "in read_nowhere (misbehaves.c:"},
    {"read_null", "predict", FAILURE_CRASHED, "crashed in predict with SIGSEGV",
        "in read_nowhere (misbehaves.c:"},
    {"divide", "fit", FAILURE_CRASHED, "crashed in fit with SIGFPE",
        "in divide_by_nothing (misbehaves.c:"},
    {"trap", "fit", FAILURE_CRASHED, "crashed in fit with SIGILL", "(misbehaves.c:"},
    {"write_const", "fit", FAILURE_CRASHED, "crashed in fit with SIGSEGV", "in fit (misbehaves.c:"},
    {"stack", "fit", FAILURE_CRASHED, "crashed in fit with SIGSEGV", "in overflow (misbehaves.c:"},
    {"thread_stack", "fit", FAILURE_CRASHED, "crashed in fit with SIGSEGV",
        "in overflow (misbehaves.c:"},
    {"thread_null", "fit", FAILURE_CRASHED, "crashed in fit with SIGSEGV",
        "in read_nowhere (misbehaves.c:"},
};

START_TEST(a_crash_says_with_which_signal_and_in_which_function) {
    check_ways(crashes, sizeof crashes / sizeof *crashes, "jobs = 2; threads = 4;");
}
END_TEST

static const struct way oddities[] = {
    {"infinity", "predict", FAILURE_REFUSED, "inf", NULL},
    {"flood", "fit", FAILURE_REFUSED, "flooded", NULL},
    {"binary", "fit", FAILURE_CRASHED, "exit status 5", NULL},
    {"close", "fit", FAILURE_CRASHED,
        "ended the process in fit with its socket to the harness closed", NULL},
    {"escape", "fit", FAILURE_REFUSED, "left ", NULL},
    {"record", "fit", FAILURE_REFUSED, "recorded more than 65536 points", NULL},
    {"kill_group", "fit", FAILURE_REFUSED, "signals to the harness gave -1 and -1", NULL},
    {"kill_worker", "fit", FAILURE_REFUSED, "the signal to the worker gave -1", NULL},
    {"ask", "fit", FAILURE_REFUSED, "asked 3000 times, and cutting gave -1", NULL},
#if defined(__x86_64__)
    {"starve", "fit", FAILURE_REFUSED, "limits gave -1 and -1, 1", NULL},
#endif
    {"child", "fit", FAILURE_CRASHED, "exit status 6", NULL},
    {"kill_self", "fit", FAILURE_LOST, "it was killed in fit, 3 times", NULL},
    {"nan", "predict", FAILURE_NONE, NULL, NULL},
};

START_TEST(the_run_goes_on_past_whatever_a_plugin_does) {
    check_ways(oddities, sizeof oddities / sizeof *oddities, "jobs = 2; threads = 2;");
}
END_TEST

static const struct way talkers[] = {
    {"flood", "fit", FAILURE_REFUSED, "flooded", NULL},
    {"binary", "fit", FAILURE_CRASHED, "exit status 5", NULL},
    {"fail", "fit", FAILURE_REFUSED, "moons", NULL},
};

START_TEST(a_failed_trial_keeps_what_it_printed_and_logged) {
    struct finished f;
    run_ways(talkers, 3, "", &f);
    const char *log = runs_find(&f, 0, 1)->log;
    ck_assert_ptr_nonnull(log);
    ck_assert_uint_le(strlen(log), 64 << 10);
    ck_assert_uint_gt(strlen(log), 63 << 10);
    ck_assert_ptr_nonnull(strstr(log, "bytes are left out ...]\n"));
    for (const char *c = log; *c; c++)
        ck_assert((*c >= ' ' && *c < 0x7f) || *c == '\n' || *c == '\t');
    log = runs_find(&f, 1, 1)->log;
    ck_assert_ptr_nonnull(log);
    ck_assert_ptr_nonnull(strstr(log, " !\"#$%"));
    ck_assert_ptr_nonnull(strstr(log, "256 bytes were printed\n"));
    ck_assert_ptr_null(runs_find(&f, 2, 1)->log);
    ck_assert_ptr_null(runs_find(&f, 3, 1)->log);
    runs_done(&f);
}
END_TEST

static int n_warnings;

static void count_warning(const char *text) {
    n_warnings += strstr(text, "fold 1: step ") != NULL;
}

static const struct way warner[] = {{"warn", "fit", FAILURE_REFUSED, "warned", NULL}};

START_TEST(one_that_warns_without_end_is_left_out_in_the_end) {
    n_warnings = 0;
    log_set_listener(count_warning);
    check_ways(warner, 1, "");
    log_set_listener(NULL);
    ck_assert_int_eq(n_warnings, 100);
}
END_TEST

int main(void) {
    runs_begin();
    TCase *cases = tcase_create("guard");
    tcase_add_test(cases, a_crash_says_with_which_signal_and_in_which_function);
    tcase_add_test(cases, the_run_goes_on_past_whatever_a_plugin_does);
    tcase_add_test(cases, a_failed_trial_keeps_what_it_printed_and_logged);
    tcase_add_test(cases, one_that_warns_without_end_is_left_out_in_the_end);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("guard");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    runs_end();
    return failed != 0;
}
