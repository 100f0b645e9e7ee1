// Blends whose weights are fitted on inner folds: against a recomputation by hand, and that no
// label that is tested has a say in them.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/blended.h"
#include "support/poisoned.h"
#include "trial/simplex.h"
#include "trial/stage.h"

enum { FOLDS = 2, INNER_FOLDS = 3, MEMBERS = 3, REFITS = FOLDS * INNER_FOLDS * MEMBERS };

static const struct blend_spec fitted = {
    .members = all_three, .n = 3, .how = BLEND_FITTED, .folds = INNER_FOLDS};

// ---- By hand -----------------------------------------------------------------------------------

// What members answered on inner folds, as the store has it.
struct refitted {
    struct store *store;
    struct trial_record record[MEMBERS][FOLDS + 1][INNER_FOLDS + 1];
    size_t n;
};

static bool take(void *arg, const struct store_trial *t) {
    struct refitted *r = arg;
    struct error e = {0};
    const struct trial_record *at = &t->record;
    if (at->candidate != CANDIDATE_NONE || at->seed > 0) return true;
    ck_assert(at->model < MEMBERS && at->fold <= FOLDS && at->inner <= INNER_FOLDS);
    struct trial_record *to = &r->record[at->model][at->fold][at->inner];
    ck_assert_ptr_null(to->answers);
    ck_assert_uint_eq(at->scores.n, 0);
    to->cost = at->cost;
    ck_assert_msg(store_answers(r->store, &t->key, to, &e), "%s", e.text);
    ck_assert_ptr_nonnull(to->answers);
    r->n++;
    return true;
}

static void refitted_init(struct refitted *r, const char *store) {
    char path[4096];
    struct error e = {0};
    const struct store_filter inner = {.which = STORE_INNER, .scores = true};
    *r = (struct refitted){0};
    snprintf(path, sizeof path, "%s/%s", searched_folder(), store);
    ck_assert_msg(store_open(&r->store, path, STORE_READ, &e), "%s", e.text);
    ck_assert_msg(store_trials(r->store, &inner, take, r, &e), "%s", e.text);
    store_close(r->store);
}

static void refitted_done(struct refitted *r) {
    for (struct trial_record *t = &r->record[0][0][0]; t < (struct trial_record *)(r->record + 3);
         t++)
        record_done(t);
}

static void open_data(const struct searched *s, struct dataset *data) {
    struct error e = {0};
    static const volatile int never;
    ck_assert_msg(stage_data(s->plan.data, 1, &never, data, &e), "%s", e.text);
}

static void open_inner(const struct searched *s, const struct dataset *data, uint32_t fold,
    uint32_t inner, struct stage_fold *out) {
    static const volatile int never;
    const struct fold_plan plan = {.data = data,
        .source = s->plan.data,
        .split = s->plan.split,
        .seed = s->plan.seed,
        .fold = fold,
        .validation = s->plan.validation,
        .inner = inner,
        .n_inner = INNER_FOLDS};
    struct error e = {0};
    ck_assert_msg(stage_fold_open(out, &plan, false, 1, &never, &e), "%s", e.text);
}

// rmse [MEMBERS]: of each member on one inner fold, by what it answered.
static void add_fold(const struct refitted *r, const struct stage_fold *at, uint32_t fold,
    uint32_t inner, double *products, double rmse[MEMBERS]) {
    const struct test *test = &at->test;
    double sum[MEMBERS] = {0};
    for (size_t row = 0; row < test->n; row++) {
        double error[MEMBERS];
        for (int k = 0; k < MEMBERS; k++) {
            const struct trial_record *t = &r->record[k][fold][inner];
            ck_assert_uint_eq(t->n_answers, test->n);
            const float answer = t->answers[row];
            error[k] = isnan(answer)
                           ? fallback_answer(&at->fallback, test->users[row], test->items[row])
                           : answer;
            error[k] -= test->truth[row];
            sum[k] += error[k] * error[k];
        }
        for (int i = 0; i < MEMBERS; i++)
            for (int j = 0; j < MEMBERS; j++) products[i * MEMBERS + j] += error[i] * error[j];
    }
    for (int k = 0; k < MEMBERS; k++) rmse[k] = sqrt(sum[k] / (double)test->n);
}

// The weights of one outer fold, and each member's mean RMSE over its inner folds.
static void weigh(const struct searched *s, const struct refitted *r, const struct dataset *data,
    uint32_t fold, double weights[MEMBERS], double mean[MEMBERS]) {
    double products[MEMBERS * MEMBERS] = {0};
    memset(mean, 0, MEMBERS * sizeof *mean);
    for (uint32_t inner = 1; inner <= INNER_FOLDS; inner++) {
        struct stage_fold at;
        double rmse[MEMBERS];
        open_inner(s, data, fold, inner, &at);
        add_fold(r, &at, fold, inner, products, rmse);
        for (int k = 0; k < MEMBERS; k++) mean[k] += rmse[k] / INNER_FOLDS;
        stage_fold_done(&at);
    }
    simplex_least_squares(MEMBERS, products, weights);
}

// The members: a tuned one, one that leaves all rows open, one by fixed values.
START_TEST(weights_are_those_that_are_best_on_the_inner_folds) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"item_mean\";}, {plugin = \"%s/tests/broken/misbehaves.so\"; "
              "how = \"nan\";}, {plugin = \"als\"; rank = 2; iterations = 3; lambda = 0.2;}); jobs "
              "= 2;",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    s.plan.clip = false; // scores of the search are of what was answered, then
    searched_add(&s, 0, "shrinkage", 0.01, 1000, "random", 3);
    add_blend(&s, &fitted);
    struct seen seen = {0};
    struct results r;
    searched_run(&s, "weights", &seen, &r);
    ck_assert_uint_eq(r.n_failed, 0);
    ck_assert_uint_eq(seen.total, seen.done);
    ck_assert_uint_eq(seen.done, 4 * FOLDS + REFITS + FOLDS * 3 * 3);
    static struct refitted refits;
    struct dataset data;
    refitted_init(&refits, "weights");
    ck_assert_uint_eq(refits.n, REFITS);
    size_t n_inside = 0;
    open_data(&s, &data);
    for (uint32_t fold = 1; fold <= FOLDS; fold++) {
        const struct trial_record *t = find_record(&r, 3, fold, 0);
        double weights[MEMBERS], mean[MEMBERS], fit = 0;
        weigh(&s, &refits, &data, fold, weights, mean);
        for (size_t k = 0; k < MEMBERS; k++) {
            ck_assert_double_eq_tol(blend_weight(t, k), weights[k], 1e-12);
            n_inside += weights[k] > 0 && weights[k] < 1;
            fit += find_record(&r, (int)k, fold, 0)->cost.fit_seconds;
            for (uint32_t inner = 1; inner <= INNER_FOLDS; inner++)
                fit += refits.record[k][fold][inner].cost.fit_seconds;
        }
        ck_assert_double_eq_tol(t->cost.fit_seconds, fit, 1e-9);
        // by the values that were chosen, on the same inner folds
        const struct tuned *tuned = find_record(&r, 0, fold, 0)->tuned;
        ck_assert_ptr_nonnull(tuned);
        ck_assert_double_eq_tol(tuned->inner, mean[0], 1e-6);
    }
    ck_assert_uint_ge(n_inside, 2);
    dataset_done(&data);
    refitted_done(&refits);
    results_done(&r);
    searched_done(&s);
}
END_TEST

// ---- What is run -------------------------------------------------------------------------------

START_TEST(blends_share_what_their_members_did_on_inner_folds) {
    static const struct blend_spec two = {
        .members = first_two, .n = 2, .how = BLEND_FITTED, .folds = INNER_FOLDS};
    struct searched s;
    searched_read(
        &s, SMALL "models = ({plugin = \"bias\";}, {plugin = \"item_mean\";}); jobs = 2;");
    add_blend(&s, &two);
    struct blend_spec other = two;
    add_blend(&s, &other);
    struct seen seen = {0};
    struct results r;
    struct runner_forecast f;
    struct error e = {0};
    for (int way = 0; way < 2; way++) {
        const size_t inner = FOLDS * 2 * (INNER_FOLDS + (way ? 2 : 0));
        ck_assert_msg(runner_forecast(&s.plan, NULL, NULL, &f, &e), "%s", e.text);
        ck_assert_uint_eq(f.trials, 4 * FOLDS + inner);
        ck_assert_uint_eq(f.inner, inner);
        searched_run(&s, NULL, &seen, &r);
        ck_assert_uint_eq(seen.total, seen.done);
        ck_assert_uint_eq(seen.executed, 4 * FOLDS + inner);
        for (uint32_t fold = 1; !way && fold <= FOLDS; fold++)
            for (size_t k = 0; k < 2; k++)
                ck_assert(blend_weight(find_record(&r, 2, fold, 0), k) ==
                          blend_weight(find_record(&r, 3, fold, 0), k));
        results_done(&r);
        other.folds = 2;
    }
    searched_done(&s);
}
END_TEST

static void init_fitted(struct searched *s, const char *more) {
    char text[4096];
    snprintf(text, sizeof text, "%s%s%s", SMALL, THREE, more);
    searched_read(s, text);
    add_blend(s, &fitted);
}

START_TEST(interrupted_runs_end_as_one_that_was_not) {
    struct searched s;
    init_fitted(&s, "jobs = 2;");
    struct results undisturbed, again;
    searched_run(&s, NULL, NULL, &undisturbed);
    struct results r;
    struct seen seen;
    size_t executed = 0, sessions = 0;
    for (;;) {
        seen = (struct seen){.stop_at = 9};
        searched_run(&s, "stopped", &seen, &r);
        executed += seen.executed;
        if (!r.interrupted) break;
        ck_assert_uint_lt(++sessions, 20);
        results_done(&r);
    }
    ck_assert_uint_gt(sessions, 0);
    ck_assert_uint_eq(executed, 4 * FOLDS + REFITS);
    searched_same(&s, &undisturbed, &r);
    results_done(&r);
    // All of it is there: nothing is run, and the forecast knows.
    seen = (struct seen){0};
    struct store *store = searched_store("stopped");
    struct runner_forecast f;
    struct error e = {0};
    ck_assert_msg(runner_forecast(&s.plan, store, NULL, &f, &e), "%s", e.text);
    store_close(store);
    ck_assert_uint_eq(f.cached, 4 * FOLDS + REFITS);
    ck_assert(f.seconds == 0);
    searched_run(&s, "stopped", &seen, &again);
    ck_assert_uint_eq(seen.executed, 0);
    searched_same(&s, &undisturbed, &again);
    for (size_t k = 0; k < 3; k++)
        ck_assert(blend_weight(find_record(&again, 3, 2, 0), k) ==
                  blend_weight(find_record(&undisturbed, 3, 2, 0), k));
    results_done(&again);
    results_done(&undisturbed);
    searched_done(&s);
}
END_TEST

START_TEST(trials_without_their_answers_are_run_again) {
    struct searched s;
    init_fitted(&s, "jobs = 2;");
    struct seen seen = {0};
    struct results first, again;
    searched_run(&s, "lacking", &seen, &first);
    store_exec("lacking",
        "DELETE FROM answers WHERE trial IN (SELECT trial FROM places WHERE (inner = 0 AND fold = "
        "1 AND model = 2) OR (inner = 2 AND fold = 2 AND model = 0))");
    searched_run(&s, "lacking", &seen, &again);
    ck_assert_uint_eq(seen.executed, 2);
    searched_same(&s, &first, &again);
    results_done(&again);
    // And a member that failed on an inner fold is the blend's failure.
    store_exec("lacking",
        "UPDATE trials SET failed = 1, failure = 'refused', cause = 'too few of them' WHERE trial "
        "IN (SELECT trial FROM places WHERE inner = 2 AND fold = 2 AND model = 1)");
    searched_run(&s, "lacking", &seen, &again);
    ck_assert_uint_eq(again.n_failed, 1);
    ck_assert_uint_eq(seen.executed, 1);
    ck_assert_str_eq(find_record(&again, 3, 2, 0)->cause,
        "its member item_mean failed on inner fold 2: too few of them");
    ck_assert_uint_eq(seen.total, seen.done);
    results_done(&again);
    results_done(&first);
    searched_done(&s);
}
END_TEST

START_TEST(a_member_without_values_is_the_blends_failure) {
    char text[8192];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"bias\";}, {plugin = \"%s/tests/broken/misbehaves.so\"; how = "
              "\"fail\";}); jobs = 2;",
        searched_build());
    static const struct blend_spec two = {
        .members = first_two, .n = 2, .how = BLEND_FITTED, .folds = 2};
    static const struct param_value values[] = {{.number = 0}, {.number = 1}};
    struct searched s;
    searched_read(&s, text);
    searched_add(&s, 1, "where", 0, 1, "random", 2);
    s.dims[1][0].n = 2;
    s.places[1][0].values = values;
    add_blend(&s, &two);
    struct seen seen = {0};
    struct results r;
    searched_run(&s, NULL, &seen, &r);
    ck_assert_uint_eq(r.n_failed, 2 * FOLDS);
    ck_assert_uint_eq(seen.total, seen.done);
    const char *cause = find_record(&r, 2, 1, 0)->cause;
    ck_assert_msg(strstr(cause, "failed: no candidate has a score; the first: "), "%s", cause);
    results_done(&r);
    searched_done(&s);
}
END_TEST

START_TEST(the_bits_are_the_same_for_any_number_of_jobs_and_shards) {
    struct searched s, one;
    struct results whole, r;
    struct seen seen = {0};
    init_fitted(&s, "jobs = 2; threads = 2;");
    init_fitted(&one, "jobs = 1; threads = 1;");
    searched_run(&s, NULL, &seen, &whole);
    ck_assert_uint_eq(seen.executed, 4 * FOLDS + REFITS);
    searched_run(&one, NULL, NULL, &r);
    searched_same(&s, &whole, &r);
    results_done(&r);
    for (uint32_t index = 0; index < 2; index++) {
        s.plan.shard = (struct shard){.index = index, .count = 2};
        searched_run(&s, index ? "shard-1" : "shard-0", &seen, &r);
        ck_assert_uint_eq(seen.executed, (4 * FOLDS + REFITS) / 2);
        ck_assert_uint_eq(seen.total, seen.done);
        results_done(&r);
    }
    merge_stores("shard-0", "shard-1");
    s.plan.shard = (struct shard){.count = 1};
    searched_run(&s, "shard-0", &seen, &r);
    ck_assert_uint_eq(seen.executed, 0);
    searched_same(&s, &whole, &r);
    results_done(&r);
    results_done(&whole);
    searched_done(&s);
    searched_done(&one);
}
END_TEST

// ---- Labels that have no say -------------------------------------------------------------------

static void hash_answers(uint64_t *at, const float *answers, size_t n) {
    for (size_t k = 0; k < n; k++) {
        uint32_t bits;
        memcpy(&bits, &answers[k], sizeof bits);
        *at = random_mix(*at, bits);
    }
}

static bool hear(void *arg, const struct results *r, const struct trial_record *t,
    const struct key *key, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    (void)r, (void)key, (void)data, (void)filled, (void)e;
    if (t->model == MEMBERS) hash_answers(arg, answers, test->n);
    return true;
}

// Models that learn noise, so that each of them has some weight.
#define NOISY "models = ({plugin = \"als\"; rank = [1, 4, 7]; iterations = 3; lambda = 0.02;});"

// The answers of the blend, as a hash; one outer fold.
static uint64_t run_rows(struct searched *s, const char *rows, struct results *out) {
    uint64_t hash = 1;
    const struct runner_events events = {.arg = &hash, .predictions = hear};
    char text[4096];
    struct error e = {0};
    snprintf(text, sizeof text,
        "name = \"t\"; data = { delimited = \"%s\"; user = \"user\"; item = \"item\"; rating = "
        "\"stars\"; time = \"when\"; fold = \"fold\"; scale = [1, 5]; }; split = { method = "
        "\"predefined\"; column = \"fold\"; only = [1]; }; metrics = (\"rmse\"); predictions = "
        "true;"
        "%s",
        rows, NOISY);
    searched_read(s, text);
    add_blend(s, &fitted);
    char name[64];
    snprintf(name, sizeof name, "of-%s", rows);
    struct store *store = searched_store(name);
    ck_assert_msg(runner_run(&s->plan, store, &events, out, NULL, &e), "%s", e.text);
    store_close(store);
    ck_assert_uint_eq(out->n_failed, 0);
    return hash;
}

START_TEST(a_blend_never_sees_a_test_label) {
    static const char *const file[] = {"true.csv", "poisoned.csv"};
    struct searched s[2];
    struct results r[2];
    uint64_t hash[2];
    for (int k = 0; k < 2; k++) {
        searched_file(file[k], poisoned_ratings(k == 1));
        hash[k] = run_rows(&s[k], file[k], &r[k]);
    }
    const struct trial_record *a = find_record(&r[0], 3, 1, 0), *b = find_record(&r[1], 3, 1, 0);
    ck_assert(hash[0] == hash[1]);
    for (size_t k = 0; k < MEMBERS; k++) {
        const double x = blend_weight(a, k), y = blend_weight(b, k);
        ck_assert(x > 0);
        ck_assert_msg(memcmp(&x, &y, sizeof x) == 0, "%.17g against %.17g", x, y);
    }
    ck_assert(
        scores_get(&a->scores, SLICE_ALL, "rmse") != scores_get(&b->scores, SLICE_ALL, "rmse"));
    for (int k = 0; k < 2; k++) {
        results_done(&r[k]);
        searched_done(&s[k]);
    }
}
END_TEST

// Ids are numbers, and numbered in their order.
static void poison_inner(const struct searched *s, uint32_t inner) {
    static bool tested[40][60];
    struct dataset data;
    struct stage_fold at;
    char text[65536], line[64];
    open_data(s, &data);
    open_inner(s, &data, 1, inner, &at);
    for (size_t k = 0; k < at.test.n; k++) tested[at.test.users[k]][at.test.items[k]] = true;
    stage_fold_done(&at);
    dataset_done(&data);
    const char *from = poisoned_ratings(false);
    size_t n = 0;
    for (unsigned user, item, stars, when, fold; sscanf(from, "%63[^\n]", line) == 1;) {
        from += strlen(line) + 1;
        if (sscanf(line, "%u,%u,%u,%u,%u", &user, &item, &stars, &when, &fold) == 5)
            snprintf(line, sizeof line, "%u,%u,%u,%u,%u", user, item,
                tested[user][item] ? 6 - stars : stars, when, fold);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\n", line);
    }
    searched_file("inner.csv", text);
}

START_TEST(a_member_never_sees_a_label_that_its_inner_fold_tests) {
    static struct refitted first, second;
    struct searched s[2];
    struct results r[2];
    searched_file("plain.csv", poisoned_ratings(false));
    run_rows(&s[0], "plain.csv", &r[0]);
    poison_inner(&s[0], 1);
    run_rows(&s[1], "inner.csv", &r[1]);
    refitted_init(&first, "of-plain.csv");
    refitted_init(&second, "of-inner.csv");
    ck_assert_uint_eq(first.n, MEMBERS * INNER_FOLDS);
    for (int k = 0; k < MEMBERS; k++)
        for (int inner = 1; inner <= INNER_FOLDS; inner++) {
            const struct trial_record *a = &first.record[k][1][inner],
                                      *b = &second.record[k][1][inner];
            ck_assert_uint_eq(a->n_answers, b->n_answers);
            const bool same = memcmp(a->answers, b->answers, a->n_answers * sizeof(float)) == 0;
            ck_assert_int_eq(same, inner == 1); // elsewhere these rows train
        }
    refitted_done(&first);
    refitted_done(&second);
    for (int k = 0; k < 2; k++) {
        results_done(&r[k]);
        searched_done(&s[k]);
    }
}
END_TEST

int main(void) {
    if (!searched_begin()) return 1;
    TCase *cases = tcase_create("blend_fitted");
    tcase_add_test(cases, weights_are_those_that_are_best_on_the_inner_folds);
    tcase_add_test(cases, blends_share_what_their_members_did_on_inner_folds);
    tcase_add_test(cases, interrupted_runs_end_as_one_that_was_not);
    tcase_add_test(cases, trials_without_their_answers_are_run_again);
    tcase_add_test(cases, a_member_without_values_is_the_blends_failure);
    tcase_add_test(cases, the_bits_are_the_same_for_any_number_of_jobs_and_shards);
    tcase_add_test(cases, a_blend_never_sees_a_test_label);
    tcase_add_test(cases, a_member_never_sees_a_label_that_its_inner_fold_tests);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("blend_fitted");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return !searched_end() || failed != 0;
}
