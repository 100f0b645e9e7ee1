// Trials past their limits, cancelled ones, and those that are killed from outside.
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/process.h"
#include "support/runs.h"
#include "trial/running.h"
#include "trial/stage.h"
#include "trial/worker.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 }; // no limit of memory
#else
enum { SANITIZED = 0 };
#endif

#define SMALL \
    "name = \"t\"; seed = 3; metrics = (\"rmse\");" \
    "data = { synthetic = { users = 60; items = 80; ratings = 1500; rank = 3; }; };" \
    "split = { method = \"holdout\"; test = 0.3; };"

static const char *text_of(const char *how, const char *where, const char *rest) {
    static char text[4096];
    snprintf(text, sizeof text,
        "%s models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"%s\"; where = \"%s\";}, "
        "{plugin = \"bias\";}); %s",
        SMALL, runs_build(), how, where, rest);
    return text;
}

// The row of one misdeed; the sound model beside it has one too.
static void check_row(const char *how, const char *where, const char *rest, enum failure failure,
    const char *const parts[], int n_parts) {
    struct finished f;
    runs_text(text_of(how, where, rest), &f);
    const struct trial_record *t = runs_find(&f, 0, 1);
    ck_assert_msg(t && t->failed, "%s has no failed row", how);
    for (int k = 0; k < n_parts; k++)
        ck_assert_msg(strstr(t->cause, parts[k]), "%s: \"%s\"", how, t->cause);
    ck_assert_msg(t->failure == failure, "%s: %s", how, failure_name[t->failure]);
    ck_assert(!runs_find(&f, 1, 1)->failed);
    runs_done(&f);
}

START_TEST(an_endless_loop_ends_at_its_limit_and_says_where_it_was) {
    static const char *const in_fit[] = {
        "limits.seconds = 0.3 was exceeded in fit", ", in loop (misbehaves.c:"};
    check_row("loop", "fit", "limits = { seconds = 0.3; };", FAILURE_LIMIT, in_fit, 2);
    static const char *const in_predict[] = {
        "limits.seconds = 0.3 was exceeded in predict", ", in loop (misbehaves.c:"};
    check_row("loop", "predict", "limits = { seconds = 0.3; }; threads = 2; jobs = 1;",
        FAILURE_LIMIT, in_predict, 2);
}
END_TEST

START_TEST(one_that_heeds_no_signal_is_killed) {
    static const char *const parts[] = {"limits.seconds = 0.2 was exceeded in fit"};
    check_row("deaf", "fit", "limits = { seconds = 0.2; };", FAILURE_LIMIT, parts, 1);
}
END_TEST

START_TEST(one_that_stops_when_asked_to_is_past_its_limit_too) {
    static const char *const parts[] = {"limits.seconds = 0.2 was exceeded in fit"};
    check_row("patient", "fit", "limits = { seconds = 0.2; };", FAILURE_LIMIT, parts, 1);
}
END_TEST

START_TEST(memory_of_its_own_is_bounded) {
    if (SANITIZED) return;
    static const char *const parts[] = {"fit failed: out of memory", "limits.mib = 300 bounds"};
    check_row("hoard", "fit", "limits = { mib = 300; };", FAILURE_LIMIT, parts, 2);
}
END_TEST

START_TEST(memory_that_is_shared_is_bounded) {
    if (SANITIZED) return;
    static const char *const parts[] = {
        "limits.mib = 100 was exceeded in fit", ", in share (misbehaves.c:"};
    check_row("share", "fit", "limits = { mib = 100; };", FAILURE_LIMIT, parts, 2);
}
END_TEST

START_TEST(a_sound_model_is_well_under_a_limit_of_its_growth) {
    struct finished f;
    runs_text(SMALL "models = ({plugin = \"als\";}, {plugin = \"svd\";}); limits = { seconds = 60; "
                    "mib = 64; }; threads = 4; jobs = 1;",
        &f);
    for (int k = 0; k < 2; k++)
        ck_assert_msg(!runs_find(&f, k, 1)->failed, "%s", runs_find(&f, k, 1)->cause);
    runs_done(&f);
}
END_TEST

START_TEST(niceness_is_added_in_the_trial) {
    static const char *const parts[] = {"niceness 7"};
    check_row("nice", "fit", "nice = 7;", FAILURE_REFUSED, parts, 1);
}
END_TEST

START_TEST(a_plugin_that_never_ends_loading_is_a_message) {
    char path[4200];
    snprintf(path, sizeof path, "%s/tests/broken/loop_on_load.so", runs_build());
    struct schema schema = {0};
    struct error e = {0};
    worker_set_patience(0.2);
    ck_assert(!worker_schema(path, &schema, NULL, &e));
    ck_assert_msg(strstr(e.text, "did not end within 0.2 s"), "%s", e.text);
}
END_TEST

// ---- One trial by hand -------------------------------------------------------------------------

struct bench {
    struct experiment experiment;
    struct dataset data;
    struct stage_fold fold;
    struct running running;
    struct trial_record record;
    struct results results;
};

static void bench_open(struct bench *b, const char *how) {
    *b = (struct bench){0};
    struct problems problems = {0};
    const struct experiment_options options = {0};
    const char *path = runs_write("bench.cfg", text_of(how, "fit", ""));
    ck_assert(experiment_read(&b->experiment, path, &options, &problems));
    struct error e = {0};
    const struct plan *plan = &b->experiment.plan;
    ck_assert_msg(stage_data(&plan->data[0], 1, NULL, &b->data, &e), "%s", e.text);
    const struct fold_plan fold = {
        .data = &b->data, .source = &plan->data[0], .split = plan->split, .seed = 3, .fold = 1};
    ck_assert_msg(stage_fold_open(&b->fold, &fold, false, 1, NULL, &e), "%s", e.text);
    b->results.plan = plan;
}

static void bench_begin(struct bench *b) {
    const struct plan *plan = &b->experiment.plan;
    const struct running_start start = {.plan = plan,
        .model = &plan->models[0],
        .values = plan->models[0].values,
        .fold = &b->fold,
        .threads = 1};
    struct error e = {0};
    ck_assert_msg(running_begin(&b->running, &start, &b->record, &e), "%s", e.text);
}

// Hears the trial until it tells of progress (true), or its end is there to be read.
static bool bench_hear(struct bench *b) {
    struct running *r = &b->running;
    for (;;) {
        struct pollfd p[] = {
            {.fd = r->socket, .events = POLLIN}, {.fd = r->worker.control, .events = POLLIN}};
        poll(p, 2, 100);
        running_watch(r, &b->experiment.plan.limits);
        if (p[0].revents) running_hear(r, &b->results);
        if (r->total) return true;
        if (p[1].revents) return false;
    }
}

static void bench_close(struct bench *b) {
    running_kill(&b->running);
    stage_fold_done(&b->fold);
    dataset_done(&b->data);
    results_done(&b->results);
    experiment_done(&b->experiment);
}

START_TEST(a_cancelled_trial_stops_at_its_next_step_and_has_no_record) {
    struct bench b;
    bench_open(&b, "patient");
    bool again = true;
    for (int early = 0; early < 2; early++) { // before it has begun, too
        bench_begin(&b);
        if (!early) ck_assert(bench_hear(&b));
        running_cancel(&b.running);
        b.running.total = 0;
        while (bench_hear(&b)) b.running.total = 0;
        ck_assert(!running_end(&b.running, &b.results, &again));
        ck_assert(!again && !b.record.failed && b.running.killed == 0);
        running_release(&b.running, NULL);
    }
    bench_close(&b);
}
END_TEST

START_TEST(one_whose_worker_is_killed_from_outside_is_begun_again_twice) {
    struct bench b;
    bench_open(&b, "patient");
    bool again = true;
    for (int attempt = 1; attempt <= 3; attempt++) {
        bench_begin(&b);
        ck_assert(bench_hear(&b));
        ck_assert_int_eq(kill(b.running.worker.pid, SIGKILL), 0);
        b.running.total = 0;
        while (bench_hear(&b)) b.running.total = 0;
        const bool ended = running_end(&b.running, &b.results, &again);
        ck_assert_int_eq(ended, attempt == 3);
        ck_assert_int_eq(again, attempt < 3);
        running_release(&b.running, NULL);
    }
    ck_assert(b.record.failed && b.record.failure == FAILURE_LOST);
    ck_assert_msg(strstr(b.record.cause, "its worker process was killed in fit, 3 times"), "%s",
        b.record.cause);
    bench_close(&b);
}
END_TEST

// A grandchild of the trial, in a session of its own, whose parent has ended: the trial tells of it
// as a step of its progress.
static int hear_left(struct bench *b) {
    ck_assert(bench_hear(b));
    const int left = (int)b->running.done;
    ck_assert_int_gt(left, 1);
    ck_assert(process_is_running(left));
    b->running.total = 0;
    return left;
}

START_TEST(what_a_trial_left_behind_has_ended_when_its_end_is_told) {
    struct bench b;
    bench_open(&b, "escape_patient");
    bench_begin(&b);
    const int left = hear_left(&b);
    running_cancel(&b.running);
    while (bench_hear(&b)) b.running.total = 0;
    bool again;
    running_end(&b.running, &b.results, &again);
    ck_assert_msg(
        !process_is_running(left), "%d is still there", left); // the worker has seen to it
    running_release(&b.running, NULL);
    bench_close(&b);
}
END_TEST

START_TEST(and_so_it_has_when_the_worker_was_killed) {
    struct bench b;
    bench_open(&b, "escape_patient");
    bench_begin(&b);
    const int left = hear_left(&b);
    ck_assert_int_eq(kill(b.running.worker.pid, SIGKILL), 0);
    while (bench_hear(&b)) b.running.total = 0;
    bool again;
    ck_assert(!running_end(&b.running, &b.results, &again) && again);
    ck_assert_msg(!process_is_running(left), "%d is still there", left); // the harness has
    running_release(&b.running, NULL);
    bench_close(&b);
}
END_TEST

int main(void) {
    runs_begin();
    TCase *cases = tcase_create("guard limits");
    tcase_add_test(cases, an_endless_loop_ends_at_its_limit_and_says_where_it_was);
    tcase_add_test(cases, one_that_heeds_no_signal_is_killed);
    tcase_add_test(cases, one_that_stops_when_asked_to_is_past_its_limit_too);
    tcase_add_test(cases, memory_of_its_own_is_bounded);
    tcase_add_test(cases, memory_that_is_shared_is_bounded);
    tcase_add_test(cases, a_sound_model_is_well_under_a_limit_of_its_growth);
    tcase_add_test(cases, niceness_is_added_in_the_trial);
    tcase_add_test(cases, a_plugin_that_never_ends_loading_is_a_message);
    tcase_add_test(cases, a_cancelled_trial_stops_at_its_next_step_and_has_no_record);
    tcase_add_test(cases, one_whose_worker_is_killed_from_outside_is_begun_again_twice);
    tcase_add_test(cases, what_a_trial_left_behind_has_ended_when_its_end_is_told);
    tcase_add_test(cases, and_so_it_has_when_the_worker_was_killed);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("guard limits");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    runs_end();
    return failed != 0;
}
