// Whole runs through workers and trials: the same bits for any number of jobs and threads, failures
// that become records, and labels that no trial sees.
#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/experiment.h"
#include "support/made_evidence.h"
#include "support/poisoned.h"
#include "support/process.h"
#include "trial/runner.h"
#include "trial/worker.h"

static char folder[] = "/tmp/reckon-runner-XXXXXX";
static char build[4096];

static void write_file(const char *name, const char *text) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

// A finished run and what it was made from.
struct finished {
    struct experiment experiment;
    struct results results;
    int signal_seen;
};

static void run_text(const char *text, const struct runner_events *events, struct finished *out) {
    write_file("run.cfg", text);
    char path[4096];
    snprintf(path, sizeof path, "%s/run.cfg", folder);
    *out = (struct finished){0};
    struct problems problems = {0};
    const struct experiment_options options = {0};
    const bool read = experiment_read(&out->experiment, path, &options, &problems);
    ck_assert_msg(read, "%s", problems.n ? problems.text[0] : "no message");
    problems_done(&problems);
    struct error e = {0};
    const bool ok =
        runner_run(&out->experiment.plan, NULL, events, &out->results, &out->signal_seen, &e);
    ck_assert_msg(ok, "%s", e.text);
}

static void finished_done(struct finished *f) {
    results_done(&f->results);
    experiment_done(&f->experiment);
}

static const struct trial_record *find(const struct finished *f, int model, uint32_t fold) {
    for (size_t k = 0; k < f->results.n; k++)
        if (f->results.records[k].model == model && f->results.records[k].fold == fold)
            return &f->results.records[k];
    return NULL;
}

#define WORLD \
    "data = { synthetic = { users = 60; items = 80; ratings = 1500; rank = 3; }; };" \
    "split = { method = \"kfold\"; folds = 3; };"
#define SMALL "name = \"t\"; seed = 3; metrics = (\"rmse\", \"mae\", \"top5\");" WORLD

START_TEST(the_bits_are_the_same_for_any_number_of_jobs_and_threads) {
    static const char models[] =
        "models = ({plugin = \"bias\";}, {plugin = \"als\"; rank = [4, 5]; iterations = 3;},"
        "{plugin = \"svd\"; rank = 4; epochs = 4; min_epochs = 1;}); seeds = 2;";
    static const char *const ways[] = {
        "jobs = 1; threads = 1;", "jobs = 2; threads = 2;", "jobs = 1; threads = 4;"};
    struct finished first = {0};
    for (int way = 0; way < 3; way++) {
        char text[4096];
        snprintf(text, sizeof text, "%s %s %s", SMALL, models, ways[way]);
        struct finished f;
        run_text(text, NULL, &f);
        ck_assert_uint_eq(f.results.n, 3 * (2 + 4 * 2));
        ck_assert_uint_eq(f.results.n_failed, 0);
        for (size_t k = 0; way > 0 && k < f.results.n; k++) {
            const struct trial_record *a = &first.results.records[k], *b = &f.results.records[k];
            ck_assert_uint_eq(a->number, b->number);
            ck_assert_uint_eq(a->scores.n, b->scores.n);
            for (size_t s = 0; s < a->scores.n; s++)
                ck_assert_msg(memcmp(&a->scores.at[s].value, &b->scores.at[s].value, 8) == 0,
                    "%s, %s: %s %.17g against %.17g", record_label(&f.results, b), ways[way],
                    a->scores.at[s].name, a->scores.at[s].value, b->scores.at[s].value);
            ck_assert_ptr_nonnull(a->evidence);
            same_kept(a, b);
            ck_assert_uint_eq(a->n_curve, b->n_curve);
            for (size_t c = 0; c < a->n_curve; c++)
                ck_assert(memcmp(&a->curve[c].y, &b->curve[c].y, 8) == 0);
        }
        if (way == 0)
            first = f;
        else
            finished_done(&f);
    }
    finished_done(&first);
}
END_TEST

START_TEST(each_fold_and_seed_draws_its_own_random_numbers) {
    char text[8192];
    snprintf(text, sizeof text,
        "%s models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"draw\";}); seeds = 2;",
        SMALL, build);
    struct finished f, again;
    run_text(text, NULL, &f);
    run_text(text, NULL, &again);
    ck_assert_uint_eq(f.results.n_failed, 6);
    for (size_t k = 0; k < f.results.n; k++) {
        const struct trial_record *t = &f.results.records[k];
        if (!t->failed) continue;
        ck_assert_ptr_nonnull(strstr(t->cause, "drew 0."));
        ck_assert_str_eq(t->cause, again.results.records[k].cause);
        for (size_t other = 0; other < k; other++)
            if (f.results.records[other].failed)
                ck_assert_str_ne(t->cause, f.results.records[other].cause);
    }
    finished_done(&f);
    finished_done(&again);
}
END_TEST

static double score_of(const struct finished *f, int model, uint32_t fold, const char *name) {
    return scores_get(&find(f, model, fold)->scores, SLICE_ALL, name);
}

START_TEST(deviations_are_asked_of_models_that_have_them) {
    char text[16384], numbers[3][256];
    for (int threads = 1; threads <= 3; threads++) {
        snprintf(text, sizeof text,
            "name = \"t\"; seed = 3; metrics = (\"rmse\", \"intervals\"); threads = %d; jobs = "
            "1;" WORLD "models = ({plugin = \"%s/tests/plugins/sound.so\";}, {plugin = \"bias\";},"
            "{plugin = \"%s/tests/plugins/faulty_spread.so\";});",
            threads, build, build);
        struct finished f;
        run_text(text, NULL, &f);
        for (uint32_t fold = 1; fold <= 3; fold++) {
            ck_assert(isnan(score_of(&f, MODEL_FALLBACK, fold, "intervals")));
            ck_assert(isnan(score_of(&f, 1, fold, "intervals")));
            ck_assert(isfinite(score_of(&f, 1, fold, "rmse")));
            ck_assert(score_of(&f, 0, fold, "intervals.known") == 1);
            ck_assert(score_of(&f, 0, fold, "intervals.cover50") <
                      score_of(&f, 0, fold, "intervals.cover90"));
            const struct trial_record *faulty = find(&f, 2, fold);
            ck_assert(faulty->failed);
            ck_assert_ptr_nonnull(strstr(faulty->cause, "answers the deviation -1: pair 5 of "));
        }
        snprintf(numbers[threads - 1], sizeof numbers[0], "%a %a", score_of(&f, 0, 1, "intervals"),
            score_of(&f, 0, 2, "intervals.width90"));
        ck_assert_str_eq(numbers[threads - 1], numbers[0]);
        finished_done(&f);
    }
}
END_TEST

static bool has_curve(const struct trial_record *t, const char *series) {
    for (size_t k = 0; k < t->n_curve; k++)
        if (strcmp(t->curve[k].series, series) == 0) return true;
    return false;
}

START_TEST(only_a_granted_share_is_there_for_validation) {
    static const char *const shares[] = {"validation = 0;", "validation = 0.1;"};
    for (int k = 0; k < 2; k++) {
        char text[4096];
        snprintf(text, sizeof text, "%s models = ({plugin = \"svd\"; epochs = 2;}); %s", SMALL,
            shares[k]);
        struct finished f;
        run_text(text, NULL, &f);
        ck_assert_int_eq(has_curve(find(&f, 0, 1), "validation rmse"), k);
        ck_assert(has_curve(find(&f, 0, 1), "train rmse"));
        finished_done(&f);
    }
}
END_TEST

static size_t count_points(const struct trial_record *t, const char *series, size_t *lowest) {
    size_t n = 0;
    double least = INFINITY;
    for (size_t k = 0; k < t->n_curve; k++) {
        if (strcmp(t->curve[k].series, series) != 0) continue;
        n++;
        if (t->curve[k].y < least) {
            least = t->curve[k].y;
            *lowest = n;
        }
    }
    return n;
}

START_TEST(the_validation_share_ends_a_training_that_gets_no_better) {
    struct finished f;
    run_text(SMALL
        "models = ({plugin = \"svd\"; rank = 8; epochs = 300; min_epochs = 1; patience = "
        "3; tune = false; decay = 1.0; l2 = 1e-6;}); validation = 0.1;",
        NULL, &f);
    for (uint32_t fold = 1; fold <= 3; fold++) {
        const struct trial_record *t = find(&f, 0, fold);
        size_t best = 0, any = 0;
        const size_t n = count_points(t, "validation rmse", &best);
        ck_assert_uint_lt(n, 300);
        ck_assert_uint_eq(n, best + 3);
        ck_assert_uint_eq(count_points(t, "train rmse", &any), best);
    }
    finished_done(&f);
}
END_TEST

START_TEST(the_plugin_bias_scores_as_the_fallback_does) {
    struct finished f; // more training rows than two pieces of predict
    run_text("name = \"t\"; seed = 3; metrics = (\"rmse\"); models = ({plugin = \"bias\";});"
             "data = { synthetic = { users = 300; items = 200; ratings = 15000; rank = 3; }; };"
             "split = { method = \"kfold\"; folds = 3; };",
        NULL, &f);
    for (uint32_t fold = 1; fold <= 3; fold++) {
        const struct trial_record *a = find(&f, MODEL_FALLBACK, fold), *b = find(&f, 0, fold);
        const double x = scores_get(&a->scores, SLICE_ALL, "rmse");
        ck_assert_double_eq_tol(x, scores_get(&b->scores, SLICE_ALL, "rmse"), 1e-6);
        ck_assert_double_eq_tol(scores_get(&a->scores, SLICE_TRAIN, "rmse"),
            scores_get(&b->scores, SLICE_TRAIN, "rmse"), 1e-6);
        // and nobody beats the truth that was planted
        const struct trial_record *best = find(&f, MODEL_REACHABLE, fold);
        ck_assert(scores_get(&best->scores, SLICE_ALL, "rmse") < x);
    }
    finished_done(&f);
}
END_TEST

static const struct {
    const char *how, *where, *cause; // NULL: it does not fail
} misbehaviour[] = {
    {"exit", "create", "ended the process in create with exit status 0"},
    {"exit", "fit", "ended the process in fit with exit status 0"},
    {"exit_now", "predict", "ended the process in predict with exit status 3"},
    {"abort", "fit", "crashed in fit with SIGABRT"},
    {"segfault", "create", "crashed in create with SIGSEGV"},
    {"segfault", "predict", "crashed in predict with SIGSEGV"},
    {"stack", "fit", "crashed in fit with SIGSEGV"},
    {"fail", "fit", "only 1 of 7 moons are full"},
    {"odd_status", "fit", "77"},
    {"infinity", "predict", "inf"},
    {"print", "fit", "it printed: ?[31mnot for you?"},
    {"nan", "predict", NULL},
};
enum { N_MISBEHAVIOUR = sizeof misbehaviour / sizeof *misbehaviour };

START_TEST(whatever_a_plugin_does_is_a_record_and_the_run_goes_on) {
    char text[16384];
    int n = snprintf(text, sizeof text, "%s models = (", SMALL);
    for (int k = 0; k < N_MISBEHAVIOUR; k++)
        n += snprintf(text + n, sizeof text - (size_t)n,
            "{plugin = \"%s/tests/broken/misbehaves.so\"; label = \"%d\"; how = \"%s\"; where = "
            "\"%s\";},",
            build, k, misbehaviour[k].how, misbehaviour[k].where);
    snprintf(text + n, sizeof text - (size_t)n, "{plugin = \"bias\";}); jobs = 2;");
    struct finished f;
    run_text(text, NULL, &f);
    ck_assert_uint_eq(f.results.n_failed, 3 * (N_MISBEHAVIOUR - 1));
    for (int k = 0; k < N_MISBEHAVIOUR; k++)
        for (uint32_t fold = 1; fold <= 3; fold++) {
            const struct trial_record *t = find(&f, k, fold);
            ck_assert_msg(t, "%d has no record", k);
            ck_assert_int_eq(t->failed, misbehaviour[k].cause != NULL);
            if (misbehaviour[k].cause)
                ck_assert_msg(strstr(t->cause, misbehaviour[k].cause), "%s %s: \"%s\"",
                    misbehaviour[k].how, misbehaviour[k].where, t->cause);
            else
                ck_assert(scores_get(&t->scores, SLICE_ALL, "answered") == 0);
        }
    for (uint32_t fold = 1; fold <= 3; fold++) ck_assert(!find(&f, N_MISBEHAVIOUR, fold)->failed);
    finished_done(&f);
}
END_TEST

START_TEST(a_process_that_a_plugin_leaves_behind_ends_with_its_trial) {
    char text[8192];
    snprintf(text, sizeof text,
        "%s models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"leave\";}, {plugin = "
        "\"bias\";}); jobs = 1;",
        SMALL, build);
    struct finished f;
    run_text(text, NULL, &f);
    ck_assert_uint_eq(f.results.n_failed, 3);
    for (uint32_t fold = 1; fold <= 3; fold++) {
        const char *left = strstr(find(&f, 0, fold)->cause, "left ");
        ck_assert_ptr_nonnull(left);
        const int pid = (int)strtol(left + 5, NULL, 10);
        ck_assert_int_gt(pid, 0);
        for (int wait = 0; wait < 1000 && process_is_running(pid); wait++) usleep(10000);
        ck_assert_msg(!process_is_running(pid), "%d is still there", pid);
    }
    finished_done(&f);
}
END_TEST

START_TEST(a_plugin_that_forks_and_dies_while_it_is_loaded_is_a_message) {
    char path[8192];
    snprintf(path, sizeof path, "%s/tests/broken/fork_on_load.so", build);
    struct schema schema = {0};
    struct error e = {0};
    ck_assert(!worker_schema(path, &schema, NULL, &e));
    ck_assert_msg(strstr(e.text, "exit status 3"), "%s", e.text);
}
END_TEST

START_TEST(a_trial_has_no_descriptor_of_the_shell_and_cannot_write_ratings) {
    ck_assert_int_eq(dup2(STDERR_FILENO, 100), 100); // as `exec 100>lock` in a script does
    char text[8192];
    snprintf(text, sizeof text,
        "%s models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"look\";});", SMALL,
        build);
    struct finished f;
    run_text(text, NULL, &f);
    for (uint32_t fold = 1; fold <= 3; fold++)
        ck_assert_msg(!find(&f, 0, fold)->failed, "%s", find(&f, 0, fold)->cause);
    finished_done(&f);
    close(100);
}
END_TEST

// The message of the lowest pair, though other threads fail at once.
START_TEST(the_cause_of_a_failure_does_not_depend_on_threads) {
    for (int way = 0; way < 12; way++) {
        char text[8192];
        snprintf(text, sizeof text,
            "name = \"t\"; seed = 3; metrics = (\"rmse\");"
            "data = { synthetic = { users = 500; items = 400; ratings = 60000; rank = 3; }; };"
            "split = { method = \"kfold\"; folds = 2; };"
            "models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"%s\"; where = "
            "\"predict\";}); jobs = 1; threads = %d;",
            build, way % 2 ? "tell" : "infinity", way < 2 ? 1 : 8);
        struct finished f;
        run_text(text, NULL, &f);
        static char first[2][2048];
        if (way < 2)
            snprintf(first[way], sizeof first[way], "%s", find(&f, 0, 1)->cause);
        else
            ck_assert_str_eq(find(&f, 0, 1)->cause, first[way % 2]);
        finished_done(&f);
    }
}
END_TEST

START_TEST(memory_is_that_of_the_model_alone) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return;
#endif
    struct finished f;
    run_text("name = \"t\"; seed = 3; metrics = (\"rmse\"); threads = 1; jobs = 1;"
             "data = { synthetic = { users = 3000; items = 500; ratings = 700000; rank = 3; }; };"
             "split = { method = \"kfold\"; folds = 2; };"
             "models = ({plugin = \"item_mean\";});",
        NULL, &f);
    const uint64_t memory = find(&f, 0, 1)->cost.memory;
    ck_assert_msg(memory < 2 << 20, "%llu bytes for 500 means", (unsigned long long)memory);
    finished_done(&f);
}
END_TEST

// ---- Labels ------------------------------------------------------------------------------------

struct told {
    float at[16384];
    size_t n;
};

static bool keep_answers(void *arg, const struct results *r, const struct trial_record *t,
    const struct key *key, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    (void)r, (void)key, (void)data, (void)filled, (void)e;
    struct told *kept = arg;
    if (t->fold != 1) return true;
    ck_assert_uint_le(kept->n + test->n, 16384);
    memcpy(kept->at + kept->n, answers, test->n * sizeof *answers);
    kept->n += test->n;
    return true;
}

START_TEST(poisoned_test_labels_change_no_answer) {
    static struct told kept[2];
    static const char *const file[] = {"true.csv", "poisoned.csv"};
    double rmse[2];
    for (int k = 0; k < 2; k++) {
        write_file(file[k], poisoned_ratings(k == 1));
        char text[4096];
        snprintf(text, sizeof text,
            "name = \"t\"; data = { delimited = \"%s\"; user = \"user\"; item = \"item\"; rating = "
            "\"stars\"; time = \"when\"; fold = \"fold\"; scale = [1, 5]; };"
            "split = { method = \"predefined\"; column = \"fold\"; only = [1]; };"
            "models = ({plugin = \"item_mean\";}, {plugin = \"bias\";}, {plugin = \"als\"; rank = "
            "4;}, {plugin = \"svd\"; rank = 4;}); predictions = true;",
            file[k]);
        struct finished f;
        const struct runner_events events = {.arg = &kept[k], .predictions = keep_answers};
        run_text(text, &events, &f);
        ck_assert_uint_eq(f.results.n_failed, 0);
        rmse[k] = scores_get(&find(&f, 3, 1)->scores, SLICE_ALL, "rmse");
        finished_done(&f);
    }
    ck_assert_uint_gt(kept[0].n, 5 * 300);
    ck_assert_uint_eq(kept[0].n, kept[1].n);
    ck_assert_int_eq(memcmp(kept[0].at, kept[1].at, kept[0].n * sizeof(float)), 0);
    ck_assert(rmse[0] != rmse[1]); // the labels do differ
}
END_TEST

// ---- Signals -----------------------------------------------------------------------------------

static void interrupt_at_fourth(
    void *arg, const struct results *r, const struct runner_view *view) {
    (void)r;
    int *sent = arg;
    if (view->done < 4 || *sent) return;
    *sent = 1;
    raise(SIGTERM);
}

START_TEST(a_signal_keeps_what_had_ended) {
    int sent = 0;
    const struct runner_events events = {.arg = &sent, .tick = interrupt_at_fourth};
    struct finished f;
    run_text(SMALL "models = ({plugin = \"bias\";}, {plugin = \"item_mean\";});", &events, &f);
    ck_assert(f.results.interrupted);
    ck_assert_int_eq(f.signal_seen, SIGTERM);
    ck_assert_uint_ge(f.results.n, 4);
    ck_assert_uint_lt(f.results.n, 12);
    for (size_t k = 0; k < f.results.n; k++)
        ck_assert(scores_get(&f.results.records[k].scores, SLICE_ALL, "rmse") > 0);
    finished_done(&f);
}
END_TEST

static void interrupt_second_fold(
    void *arg, const struct results *r, const struct runner_view *view) {
    (void)arg, (void)r;
    if (strcmp(view->doing, "building fold 2") == 0) raise(SIGINT);
}

START_TEST(a_signal_while_a_fold_is_built_is_no_failure) {
    const struct runner_events events = {.tick = interrupt_second_fold};
    struct finished f;
    run_text(SMALL "models = ({plugin = \"bias\";});", &events, &f);
    ck_assert(f.results.interrupted);
    ck_assert_int_eq(f.signal_seen, SIGINT);
    ck_assert_ptr_nonnull(find(&f, 0, 1));
    ck_assert_ptr_null(find(&f, 0, 2));
    finished_done(&f);
}
END_TEST

int main(void) {
    if (!mkdtemp(folder)) return 1;
    snprintf(build, sizeof build, "%s", getenv("RECKON_BUILD"));
    static char program[8192], plugins[8192];
    snprintf(program, sizeof program, "%s/framework/reckon", build);
    snprintf(plugins, sizeof plugins, "%s/plugins", build);
    setenv("RECKON_PLUGIN_PATH", plugins, 1);
    worker_set_program(program);
    setenv("ASAN_OPTIONS", "handle_segv=0", 1); // of trials: a crash is to look like one
    TCase *cases = tcase_create("runner");
    tcase_add_test(cases, the_bits_are_the_same_for_any_number_of_jobs_and_threads);
    tcase_add_test(cases, each_fold_and_seed_draws_its_own_random_numbers);
    tcase_add_test(cases, deviations_are_asked_of_models_that_have_them);
    tcase_add_test(cases, only_a_granted_share_is_there_for_validation);
    tcase_add_test(cases, the_validation_share_ends_a_training_that_gets_no_better);
    tcase_add_test(cases, the_plugin_bias_scores_as_the_fallback_does);
    tcase_add_test(cases, whatever_a_plugin_does_is_a_record_and_the_run_goes_on);
    tcase_add_test(cases, a_process_that_a_plugin_leaves_behind_ends_with_its_trial);
    tcase_add_test(cases, a_plugin_that_forks_and_dies_while_it_is_loaded_is_a_message);
    tcase_add_test(cases, a_trial_has_no_descriptor_of_the_shell_and_cannot_write_ratings);
    tcase_add_test(cases, the_cause_of_a_failure_does_not_depend_on_threads);
    tcase_add_test(cases, memory_is_that_of_the_model_alone);
    tcase_add_test(cases, poisoned_test_labels_change_no_answer);
    tcase_add_test(cases, a_signal_keeps_what_had_ended);
    tcase_add_test(cases, a_signal_while_a_fold_is_built_is_no_failure);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("runner");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    char command[4200];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return failed != 0 || system(command) != 0;
}
