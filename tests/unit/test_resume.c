// What the store has is not run again: whole runs, interrupted ones, shards.
#include <check.h>
#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/random.h"
#include "support/searched.h"
#include "trial/store_read.h"

START_TEST(what_the_store_has_is_not_run_again) {
    struct searched s;
    searched_init(&s, "jobs = 2;");
    struct seen seen = {0};
    struct results first, again, fresh;
    searched_run(&s, "kept", &seen, &first);
    ck_assert_uint_eq(seen.executed, INNER + OUTER);
    ck_assert_uint_eq(seen.cached, 0);
    searched_run(&s, "kept", &seen, &again);
    ck_assert_uint_eq(seen.executed, 0);
    ck_assert_uint_eq(seen.cached, INNER + OUTER);
    ck_assert_uint_eq(seen.done, INNER + OUTER);
    for (size_t k = 0; k < again.n; k++) ck_assert(again.records[k].cached);
    searched_same(&s, &first, &again);
    s.plan.fresh = true;
    searched_run(&s, "kept", &seen, &fresh);
    ck_assert_uint_eq(seen.executed, INNER + OUTER);
    searched_same(&s, &first, &fresh);
    searched_kept("kept");
    results_done(&first);
    results_done(&again);
    results_done(&fresh);
    searched_done(&s);
}
END_TEST

static struct runner_forecast forecast(const struct searched *s, const char *store) {
    struct store *opened = searched_store(store);
    struct runner_forecast f;
    struct error e = {0};
    ck_assert_msg(runner_forecast(&s->plan, opened, NULL, &f, &e), "%s", e.text);
    store_close(opened);
    return f;
}

static void assert_forecast(const struct searched *s, const char *store, size_t executed) {
    const struct runner_forecast f = forecast(s, store);
    ck_assert_uint_eq(f.trials, INNER + OUTER);
    ck_assert_uint_eq(f.inner, INNER);
    ck_assert_uint_eq(f.cached, executed);
    ck_assert_uint_gt(f.memory, 0);
    if (executed == 0) {
        ck_assert(isnan(f.seconds));
        ck_assert_uint_eq(f.unknown, 2);
    } else if (executed == INNER + OUTER) {
        ck_assert(f.seconds == 0);
        ck_assert_uint_eq(f.unknown, 0);
    }
}

START_TEST(a_forecast_goes_by_what_stored_trials_took) {
    struct searched s;
    searched_init(&s, "jobs = 1;");
    struct results r;
    searched_run(&s, "forecast", NULL, &r);
    uint64_t largest = 0;
    for (size_t k = 0; k < r.n; k++) {
        const struct trial_cost *c = &r.records[k].cost;
        if (r.records[k].model == 0 && c->memory > largest) largest = c->memory;
    }
    results_done(&r);
    s.tunings[0].trials += 3; // random points go on where they ended
    s.models[0].label = "item_mean";
    const struct runner_forecast f = forecast(&s, "forecast");
    ck_assert_uint_eq(f.trials, INNER + OUTER + 2 * 3 * 3);
    ck_assert_uint_eq(f.unknown, 0);
    ck_assert(f.seconds > 0);
    ck_assert_uint_gt(f.memory, largest);
    searched_done(&s);
}
END_TEST

static bool count_shares(void *arg, const struct store_trial *t) {
    size_t *n = arg;
    n[t->share < 1]++;
    return true;
}

// How many inner trials of the store had a share of the training rows, and how many all of them.
static void shares_of(const char *name, size_t n[2]) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", searched_folder(), name);
    struct store *store = NULL;
    struct error e = {0};
    const struct store_filter inner = {.which = STORE_INNER};
    ck_assert_msg(store_open(&store, path, STORE_READ, &e), "%s", e.text);
    ck_assert_msg(store_trials(store, &inner, count_shares, n, &e), "%s", e.text);
    store_close(store);
}

// One store for all of these searches: each comes to what it does without one.
START_TEST(trials_of_other_searches_are_not_taken_for_own_ones) {
    for (int way = 0; way < 5; way++) {
        struct searched s;
        searched_init(&s, "jobs = 2;");
        s.plan.n_models = 1;
        s.tunings[0].trials = 9;
        if (way == 1) s.tunings[0].metric = 1;
        if (way == 2) s.tunings[0].folds = 2;
        if (way == 3) s.tunings[0].folds = 2, s.tunings[0].resource = TUNING_SHARE;
        if (way == 3) s.tunings[0].method = search_method_find("halving");
        if (way == 4) s.plan.n_seeds = 2;
        struct seen seen = {0};
        struct results with, without;
        searched_run(&s, "others", &seen, &with);
        ck_assert_uint_gt(seen.executed, 0);
        if (way == 4) ck_assert_uint_eq(seen.executed, 2); // of the second seed
        searched_run(&s, NULL, NULL, &without);
        searched_same(&s, &without, &with);
        size_t n[2] = {0};
        shares_of("others", n);
        ck_assert_uint_gt(n[0], 0);
        ck_assert_int_eq(n[1] > 0, way >= 3);
        results_done(&with);
        results_done(&without);
        searched_done(&s);
    }
}
END_TEST

START_TEST(interrupted_runs_end_as_one_that_was_not) {
    struct searched s;
    searched_init(&s, "jobs = 2;");
    struct results undisturbed;
    searched_run(&s, NULL, NULL, &undisturbed);
    uint64_t bits[2];
    random_bits(17, 4, bits, 2);
    for (int way = 0; way < 2; way++) {
        char name[32];
        snprintf(name, sizeof name, "interrupted-%d", way);
        uint64_t steps[64];
        random_bits(bits[way], 0, steps, 64);
        size_t executed = 0, sessions = 0;
        struct results r;
        for (;;) {
            assert_forecast(&s, name, executed);
            struct seen seen = {.stop_at = 1 + steps[sessions % 64] % 30};
            searched_run(&s, name, &seen, &r);
            executed += seen.executed;
            sessions++;
            if (!r.interrupted) break;
            ck_assert_uint_lt(sessions, 200);
            results_done(&r);
        }
        ck_assert_uint_gt(sessions, 1);
        ck_assert_uint_eq(executed, INNER + OUTER);
        assert_forecast(&s, name, executed);
        searched_same(&s, &undisturbed, &r);
        results_done(&r);
    }
    results_done(&undisturbed);
    searched_done(&s);
}
END_TEST

// ---- What does not stand, and what cannot be kept ----------------------------------------------

START_TEST(failed_trials_stand_unless_they_are_to_be_tried_again) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"fail\";});",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    struct seen seen = {0};
    for (int way = 0; way < 3; way++) {
        s.plan.retry_failed = way == 2;
        struct results r;
        searched_run(&s, "failed", &seen, &r);
        ck_assert_uint_eq(r.n_failed, 2);
        ck_assert_uint_eq(seen.executed, way == 1 ? 0 : 2);
        ck_assert(strstr(r.records[1 + 1].cause, "moons"));
        results_done(&r);
    }
    searched_done(&s);
}
END_TEST

START_TEST(a_trial_that_was_killed_from_outside_is_run_again) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"kill_self\";});",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    struct seen seen = {0};
    for (int way = 0; way < 2; way++) {
        struct results r;
        searched_run(&s, "lost", &seen, &r);
        ck_assert_int_eq(r.records[2].failure, FAILURE_LOST);
        ck_assert_uint_eq(seen.executed, 2);
        results_done(&r);
    }
    searched_done(&s);
}
END_TEST

START_TEST(a_trial_that_met_a_limit_is_run_again_under_another) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"loop\";});",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    static const struct limits limits[] = {{0.2, 0}, {0.2, 0}, {0.3, 0}, {0.3, 1e8}};
    struct seen seen = {0};
    for (int way = 0; way < 4; way++) {
        s.plan.limits = limits[way];
        struct results r;
        searched_run(&s, "limits", &seen, &r);
        ck_assert_uint_eq(r.n_failed, 2);
        ck_assert_int_eq(r.records[2].failure, FAILURE_LIMIT);
        ck_assert_uint_eq(seen.executed, way == 1 ? 0 : 2);
        results_done(&r);
    }
    searched_done(&s);
}
END_TEST

START_TEST(a_trial_that_was_killed_from_outside_is_no_answer) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"kill_self\";});",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    struct seen seen = {0};
    for (int way = 0; way < 2; way++) {
        struct results r;
        searched_run(&s, "lost", &seen, &r);
        ck_assert_uint_eq(r.n_failed, 2);
        ck_assert_int_eq(r.records[2].failure, FAILURE_LOST);
        ck_assert_uint_eq(seen.executed, 2);
        results_done(&r);
    }
    searched_done(&s);
}
END_TEST

static bool there;

static bool has_predictions(void *arg, const struct key *key) {
    (void)arg;
    ck_assert_uint_eq(strlen(key->hex), 32);
    return there;
}

static bool take_predictions(void *arg, const struct results *r, const struct trial_record *t,
    const struct key *key, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    (void)r, (void)t, (void)key, (void)data, (void)test, (void)answers, (void)filled, (void)e;
    ++*(size_t *)arg;
    return true;
}

START_TEST(a_stored_trial_without_its_predictions_is_run_again) {
    struct searched s;
    searched_read(&s, SMALL MODELS);
    s.plan.predictions = true;
    static const size_t wanted[] = {2 * 4, 0, 2 * 4}; // with the rows of the harness's own
    for (int way = 0; way < 3; way++) {
        there = way == 1;
        size_t n = 0;
        const struct runner_events events = {
            .arg = &n, .has_predictions = has_predictions, .predictions = take_predictions};
        struct store *store = searched_store("predictions");
        struct results r;
        struct error e = {0};
        ck_assert_msg(runner_run(&s.plan, store, &events, &r, NULL, &e), "%s", e.text);
        ck_assert_uint_eq(n, wanted[way]);
        store_close(store);
        results_done(&r);
    }
    searched_done(&s);
}
END_TEST

// No file may grow past what the store's log has by now.
static void fill_disk(const struct seen *seen) {
    if (seen->executed != 10) return;
    struct stat st;
    char path[4096];
    snprintf(path, sizeof path, "%s/full/reckon.db-wal", searched_folder());
    ck_assert_int_eq(stat(path, &st), 0);
    const struct rlimit limit = {(rlim_t)st.st_size, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
}

START_TEST(a_store_that_cannot_be_written_ends_the_run_with_what_there_is) {
    struct searched s;
    searched_init(&s, "jobs = 1;");
    struct results undisturbed, r;
    searched_run(&s, NULL, NULL, &undisturbed);
    signal(SIGXFSZ, SIG_IGN);
    struct seen seen = {.hook = fill_disk};
    struct error e = {0};
    ck_assert(!searched_try(&s, "full", &seen, &r, &e));
    ck_assert_msg(strlen(e.text) > 0, "no message");
    ck_assert(r.interrupted);
    ck_assert_uint_ge(seen.executed, 10);
    ck_assert_uint_lt(seen.executed, INNER);
    ck_assert_uint_ge(r.n, 2); // the rows of the harness's own
    results_done(&r);
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &none);
    seen.hook = NULL;
    searched_run(&s, "full", &seen, &r);
    searched_same(&s, &undisturbed, &r);
    results_done(&r);
    results_done(&undisturbed);
    searched_done(&s);
}
END_TEST

static void interrupt_running(void *arg, const struct results *r, const struct runner_view *view) {
    (void)r;
    int *sent = arg;
    if (*sent || view->n_running == 0 || view->running[0].record->model != 1) return;
    *sent = 1;
    raise(SIGINT);
}

START_TEST(a_trial_that_is_deaf_to_a_signal_is_ended_and_leaves_no_record) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"bias\";}, {plugin = \"%s/tests/broken/misbehaves.so\"; how = "
              "\"deaf\";}, {plugin = \"item_mean\";}); jobs = 1;",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    int sent = 0, signal_seen = 0;
    const struct runner_events events = {.arg = &sent, .tick = interrupt_running};
    struct results r;
    struct error e = {0};
    ck_assert_msg(runner_run(&s.plan, NULL, &events, &r, &signal_seen, &e), "%s", e.text);
    ck_assert(r.interrupted);
    ck_assert_int_eq(signal_seen, SIGINT);
    ck_assert_uint_eq(r.n, 2 + 1);
    ck_assert_int_eq(r.records[2].model, 0);
    ck_assert_uint_eq(r.n_failed, 0);
    results_done(&r);
    searched_done(&s);
}
END_TEST

// ---- Shards ------------------------------------------------------------------------------------

START_TEST(shards_together_are_the_whole) {
    struct searched s;
    searched_init(&s, "jobs = 2; seeds = 2;");
    s.models[0].tuning = NULL; // rows by fixed values, whose seeds are units of their own
    struct results whole;
    struct seen seen = {0};
    searched_run(&s, NULL, &seen, &whole);
    const size_t all = seen.executed;
    size_t executed = 0, n = 0;
    for (uint32_t index = 0; index < 3; index++) {
        s.plan.shard = (struct shard){.index = index, .count = 3};
        struct results part;
        searched_run(&s, "shards", &seen, &part);
        executed += seen.executed;
        ck_assert_uint_eq(seen.total, seen.done);
        size_t own = 0;
        for (size_t k = 0; k < part.n; k++) {
            const struct trial_record *t = &part.records[k];
            own += t->model < 0;
            searched_same_record(&s, t, &whole.records[t->number - 1]);
        }
        ck_assert_uint_eq(own, 2 * 2);
        ck_assert_uint_eq(part.n + part.elsewhere, whole.n);
        n += part.n - own;
        results_done(&part);
    }
    ck_assert_uint_eq(executed, all);
    ck_assert_uint_eq(n, whole.n - 2 * 2);
    // From the store that has all parts, the whole.
    s.plan.shard = (struct shard){.count = 1};
    struct results merged;
    searched_run(&s, "shards", &seen, &merged);
    ck_assert_uint_eq(seen.executed, 0);
    searched_same(&s, &whole, &merged);
    results_done(&merged);
    results_done(&whole);
    searched_done(&s);
}
END_TEST

// ---- Memory ------------------------------------------------------------------------------------

static size_t most_used;

static void look_at_memory(const struct seen *seen) {
    (void)seen;
    const size_t used = mallinfo2().uordblks;
    if (used > most_used) most_used = used;
}

// Beyond what the search itself takes for its candidates.
START_TEST(memory_does_not_grow_with_trials) {
#ifdef __SANITIZE_ADDRESS__
    return; // it has an allocator of its own
#endif
    struct searched s;
    searched_init(&s, "jobs = 1;");
    s.plan.models = &s.models[1];
    s.plan.n_models = 1;
    size_t used[2];
    for (int k = 0; k < 2; k++) {
        s.tunings[1].trials = k ? 80 : 10;
        struct results r;
        struct seen seen = {.hook = look_at_memory};
        most_used = 0;
        searched_run(&s, NULL, &seen, &r);
        used[k] = most_used;
        ck_assert_uint_eq(r.records[2].tuned->n_candidates, s.tunings[1].trials);
        results_done(&r);
    }
    ck_assert_msg(used[1] < used[0] + 6 * 70 * 256, "%zu and %zu bytes", used[0], used[1]);
    searched_done(&s);
}
END_TEST

static void make_costly(const char *store) {
    char path[4096];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/%s/reckon.db", searched_folder(), store);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "UPDATE trials SET fit_seconds = 1e6", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void check_candidates(const struct results *r, uint32_t wanted) {
    for (size_t k = 0; k < r->n; k++)
        if (r->records[k].model >= 0) ck_assert_uint_eq(r->records[k].tuned->n_candidates, wanted);
}

START_TEST(stored_trials_have_had_their_share_of_a_search_by_seconds) {
    struct searched s;
    struct results r;
    searched_init(&s, "");
    for (int k = 0; k < 2; k++) {
        s.tunings[k].seconds = 10000;
        s.tunings[k].trials = 12;
    }
    searched_run(&s, "seconds", NULL, &r);
    check_candidates(&r, 12);
    results_done(&r);
    searched_run(&s, "seconds", NULL, &r);
    check_candidates(&r, 12);
    results_done(&r);
    make_costly("seconds");
    searched_run(&s, "seconds", NULL, &r);
    check_candidates(&r, 4); // the first batch, after which there is no time left
    results_done(&r);
    searched_done(&s);
}
END_TEST

int main(void) {
    if (!searched_begin()) return 1;
    TCase *cases = tcase_create("resume");
    tcase_add_test(cases, what_the_store_has_is_not_run_again);
    tcase_add_test(cases, a_forecast_goes_by_what_stored_trials_took);
    tcase_add_test(cases, trials_of_other_searches_are_not_taken_for_own_ones);
    tcase_add_test(cases, interrupted_runs_end_as_one_that_was_not);
    tcase_add_test(cases, failed_trials_stand_unless_they_are_to_be_tried_again);
    tcase_add_test(cases, a_trial_that_was_killed_from_outside_is_run_again);
    tcase_add_test(cases, a_trial_that_met_a_limit_is_run_again_under_another);
    tcase_add_test(cases, a_trial_that_was_killed_from_outside_is_no_answer);
    tcase_add_test(cases, a_stored_trial_without_its_predictions_is_run_again);
    tcase_add_test(cases, a_store_that_cannot_be_written_ends_the_run_with_what_there_is);
    tcase_add_test(cases, a_trial_that_is_deaf_to_a_signal_is_ended_and_leaves_no_record);
    tcase_add_test(cases, shards_together_are_the_whole);
    tcase_add_test(cases, memory_does_not_grow_with_trials);
    tcase_add_test(cases, stored_trials_have_had_their_share_of_a_search_by_seconds);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("resume");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return !searched_end() || failed != 0;
}
