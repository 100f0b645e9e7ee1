// Rows whose answers are weighted means of other rows' answers: what they are, that they are found
// again, and that a member's end is theirs.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/blended.h"
#include "support/poisoned.h"

enum { ROWS = 4, FOLDS = 2, SEEDS = 2, TEST_ROWS = 1200 };
static const double given_weights[] = {0.2, 0.5, 0.3};

static struct blend_spec equal_of_two(void) {
    return (struct blend_spec){.members = first_two, .n = 2, .how = BLEND_EQUAL};
}

static struct blend_spec given_of_three(void) {
    return (struct blend_spec){
        .members = all_three, .n = 3, .how = BLEND_GIVEN, .weights = given_weights};
}

// ---- What rows answered ------------------------------------------------------------------------

struct told {
    size_t n[ROWS][FOLDS + 1][SEEDS];
    float answers[ROWS][FOLDS + 1][SEEDS][TEST_ROWS], filled[ROWS][FOLDS + 1][SEEDS][TEST_ROWS];
    size_t n_open;
};

static bool hear(void *arg, const struct results *r, const struct trial_record *t,
    const struct key *key, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    (void)r, (void)key, (void)data, (void)e;
    struct told *told = arg;
    if (t->model < 0) return true;
    ck_assert_uint_le(test->n, TEST_ROWS);
    ck_assert_uint_le(t->fold, FOLDS);
    told->n[t->model][t->fold][t->seed] = test->n;
    memcpy(told->answers[t->model][t->fold][t->seed], answers, test->n * sizeof *answers);
    memcpy(told->filled[t->model][t->fold][t->seed], filled, test->n * sizeof *filled);
    for (size_t k = 0; k < test->n; k++) told->n_open += isnan(answers[k]) != 0;
    return true;
}

static void run_told(const struct searched *s, struct told *told, struct results *out) {
    struct searched whole = *s;
    const struct runner_events events = {.arg = told, .predictions = hear};
    struct error e = {0};
    memset(told, 0, sizeof *told);
    whole.plan.predictions = true;
    whole.plan.clip = false;
    whole.plan.models = whole.models;
    ck_assert_msg(runner_run(&whole.plan, NULL, &events, out, NULL, &e), "%s", e.text);
    out->plan = &s->plan;
}

static void must_be_mean(const struct told *t, const struct blend_spec *b, const double *weights,
    uint32_t fold, uint32_t seed) {
    ck_assert_uint_gt(t->n[b->n][fold][seed], 0);
    for (size_t row = 0; row < t->n[b->n][fold][seed]; row++) {
        double sum = 0;
        for (size_t k = 0; k < b->n; k++)
            sum += weights[k] * (double)t->filled[b->members[k]][fold][seed][row];
        const float wanted = (float)sum;
        ck_assert_int_eq(memcmp(&wanted, &t->answers[b->n][fold][seed][row], sizeof wanted), 0);
    }
}

static void write_made(void) {
    char text[16384];
    size_t n = (size_t)snprintf(text, sizeof text, "user,item,prediction\n");
    for (unsigned user = 0; user < 40; user += 1 + user % 3 / 2) // some users are left out
        for (unsigned item = user % 2; item < 60; item += 2)
            n += (size_t)snprintf(text + n, sizeof text - n, "%u,%u,%u.5\n", user, item, item % 4);
    searched_file("given.csv", text);
    searched_file("rows.csv", poisoned_ratings(false));
}

// Of two rows, one of which is from a file and leaves rows open; and of three, by weights and
// seeds.
START_TEST(answers_are_weighted_means_of_those_of_the_members) {
    static struct told told;
    const double halves[] = {0.5, 0.5};
    for (int way = 0; way < 2; way++) {
        struct searched s;
        write_made();
        searched_read(&s, way ? SMALL THREE "seeds = 2;"
                              : "name = \"t\"; seed = 3; metrics = (\"rmse\"); data = { delimited "
                                "= \"rows.csv\"; user = \"user\"; item = \"item\"; rating = "
                                "\"stars\"; scale = [1, 5]; }; split = { method = \"kfold\"; folds "
                                "= 2; }; models = ({predictions = \"given.csv\"; label = "
                                "\"other\";}, {plugin = \"bias\";});");
        struct blend_spec blend = way ? given_of_three() : equal_of_two();
        add_blend(&s, &blend);
        struct results r;
        run_told(&s, &told, &r);
        ck_assert_uint_eq(r.n_failed, 0);
        for (uint32_t fold = 1; fold <= FOLDS; fold++)
            for (uint32_t seed = 0; seed < s.plan.n_seeds; seed++) {
                must_be_mean(&told, &blend, way ? given_weights : halves, fold, seed);
                const struct trial_record *t = find_record(&r, (int)blend.n, fold, seed);
                struct trial_cost sum = {0};
                for (size_t k = 0; k < blend.n; k++) {
                    const struct trial_record *m = find_record(&r, (int)k, fold, seed);
                    ck_assert_ptr_null(m->answers); // gone with the fold
                    sum.fit_seconds += m->cost.fit_seconds;
                    sum.predict_seconds += m->cost.predict_seconds;
                    if (m->cost.memory > sum.memory) sum.memory = m->cost.memory;
                    ck_assert(blend_weight(t, k) == (way ? given_weights : halves)[k]);
                }
                ck_assert(isnan(blend_weight(t, blend.n)));
                ck_assert(t->cost.fit_seconds == sum.fit_seconds);
                ck_assert(t->cost.predict_seconds == sum.predict_seconds);
                ck_assert_uint_eq(t->cost.memory, sum.memory);
                ck_assert(isfinite(scores_get(&t->scores, SLICE_ALL, "rmse")));
                ck_assert_ptr_nonnull(t->evidence);
            }
        if (!way) ck_assert_uint_gt(told.n_open, 0);
        results_done(&r);
        searched_done(&s);
    }
}
END_TEST

// ---- Members -----------------------------------------------------------------------------------

START_TEST(a_member_that_fails_is_the_blends_failure) {
    char text[4096];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"bias\";}, {plugin = \"%s/tests/broken/misbehaves.so\"; how = "
              "\"fail\";});",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    struct blend_spec blend = equal_of_two();
    add_blend(&s, &blend);
    for (int way = 0; way < 2; way++) {
        struct results r;
        searched_run(&s, "failing", NULL, &r);
        ck_assert_uint_eq(r.n_failed, 2 * FOLDS);
        for (uint32_t fold = 1; fold <= FOLDS; fold++) {
            const struct trial_record *t = find_record(&r, 2, fold, 0);
            ck_assert(t->failed);
            ck_assert_int_eq(t->failure, FAILURE_REFUSED);
            ck_assert_msg(strncmp(t->cause, "its member misbehaves", 21) == 0, "%s", t->cause);
            ck_assert_ptr_nonnull(strstr(t->cause, " failed: "));
            ck_assert_ptr_nonnull(strstr(t->cause, "moons"));
        }
        results_done(&r);
    }
    searched_done(&s);
}
END_TEST

START_TEST(a_member_may_be_searched) {
    static struct told told;
    struct searched s;
    searched_read(&s, SMALL MODELS "jobs = 2;");
    searched_add(&s, 0, "shrinkage", 0.01, 1000, "random", 3);
    struct blend_spec blend = equal_of_two();
    add_blend(&s, &blend);
    struct results r;
    run_told(&s, &told, &r);
    ck_assert_uint_eq(r.n_failed, 0);
    for (uint32_t fold = 1; fold <= FOLDS; fold++)
        must_be_mean(&told, &blend, (const double[]){0.5, 0.5}, fold, 0);
    results_done(&r);
    searched_done(&s);
}
END_TEST

// Outer trials of models that the latest run has.
static size_t count_stored(const char *store) {
    char path[4096];
    struct store *opened = NULL;
    struct error e = {0};
    struct arena arena = {0};
    struct store_live live;
    bool found;
    snprintf(path, sizeof path, "%s/%s", searched_folder(), store);
    ck_assert_msg(store_open(&opened, path, STORE_READ, &e), "%s", e.text);
    ck_assert_msg(store_live(opened, &arena, &live, &found, &e), "%s", e.text);
    arena_done(&arena);
    store_close(opened);
    return live.row.outer;
}

START_TEST(a_hidden_member_runs_and_has_no_record) {
    struct searched s;
    searched_read(&s, SMALL THREE);
    struct blend_spec blend = given_of_three();
    add_blend(&s, &blend);
    struct results all, shown, stored;
    searched_run(&s, NULL, NULL, &all);
    s.models[1].is_hidden = true;
    searched_run(&s, "hidden", NULL, &shown);
    searched_stored(&s, "hidden", &stored);
    ck_assert_uint_eq(shown.n, all.n - FOLDS);
    searched_same(&s, &shown, &stored);
    for (size_t k = 0; k < shown.n; k++) {
        ck_assert_int_ne(shown.records[k].model, 1);
        searched_same_record(&s, &shown.records[k], &all.records[shown.records[k].number - 1]);
    }
    ck_assert_uint_eq(count_stored("hidden"), 4 * FOLDS);
    results_done(&all);
    results_done(&shown);
    results_done(&stored);
    searched_done(&s);
}
END_TEST

// ---- The store ---------------------------------------------------------------------------------

START_TEST(what_the_store_has_is_taken_from_it) {
    struct searched s;
    searched_read(&s, SMALL THREE "jobs = 2;");
    struct blend_spec blend = given_of_three();
    add_blend(&s, &blend);
    struct seen seen = {0};
    struct results first, again, other;
    searched_run(&s, "kept", &seen, &first);
    ck_assert_uint_eq(seen.executed, 4 * FOLDS);
    s.models[3].label = "renamed";
    s.models[0].label = "another";
    searched_run(&s, "kept", &seen, &again);
    ck_assert_uint_eq(seen.executed, 0);
    ck_assert_uint_eq(seen.total, 4 * FOLDS);
    searched_same(&s, &first, &again);
    ck_assert(blend_weight(find_record(&again, 3, 1, 0), 1) == 0.5);
    // Other weights are another blend, of the same members.
    const double others[] = {0.3, 0.4, 0.3};
    blend.weights = others;
    searched_run(&s, "kept", &seen, &other);
    ck_assert_uint_eq(seen.executed, FOLDS);
    results_done(&other);
    results_done(&first);
    results_done(&again);
    searched_done(&s);
}
END_TEST

START_TEST(members_that_were_none_when_they_ran_are_run_again) {
    struct searched s;
    searched_read(&s, SMALL THREE);
    struct seen seen = {0};
    struct results alone, with, again, whole;
    searched_run(&s, "late", &seen, &alone);
    ck_assert_uint_eq(seen.executed, 3 * FOLDS);
    struct blend_spec blend = equal_of_two();
    add_blend(&s, &blend);
    searched_run(&s, "late", &seen, &with);
    ck_assert_uint_eq(seen.executed, 3 * FOLDS); // two members and the blend
    searched_run(&s, "late", &seen, &again);
    ck_assert_uint_eq(seen.executed, 0);
    searched_run(&s, NULL, NULL, &whole);
    searched_same(&s, &whole, &with);
    searched_same(&s, &whole, &again);
    results_done(&alone);
    results_done(&with);
    results_done(&again);
    results_done(&whole);
    searched_done(&s);
}
END_TEST

START_TEST(interrupted_runs_end_as_one_that_was_not) {
    struct searched s;
    searched_read(&s, SMALL THREE "jobs = 2;");
    struct blend_spec blend = given_of_three();
    add_blend(&s, &blend);
    struct results undisturbed;
    searched_run(&s, NULL, NULL, &undisturbed);
    for (size_t stop = 1; stop <= 5; stop += 2) {
        char name[32];
        snprintf(name, sizeof name, "stopped-%zu", stop);
        struct results r;
        size_t executed = 0, sessions = 0;
        for (;;) {
            struct seen seen = {.stop_at = stop};
            searched_run(&s, name, &seen, &r);
            executed += seen.executed;
            if (!r.interrupted) break;
            ck_assert_uint_lt(++sessions, 20);
            results_done(&r);
        }
        ck_assert_uint_gt(sessions, 0);
        ck_assert_uint_eq(executed, 4 * FOLDS);
        searched_same(&s, &undisturbed, &r);
        results_done(&r);
    }
    results_done(&undisturbed);
    searched_done(&s);
}
END_TEST

// ---- Jobs and shards ---------------------------------------------------------------------------

START_TEST(the_bits_are_the_same_for_any_number_of_jobs) {
    static const char *const ways[] = {"jobs = 1; threads = 1;", "jobs = 2; threads = 2;"};
    struct searched s[2];
    struct results r[2];
    struct blend_spec blend = given_of_three();
    for (int way = 0; way < 2; way++) {
        char text[4096];
        snprintf(text, sizeof text, "%s%s%s", SMALL, THREE, ways[way]);
        searched_read(&s[way], text);
        add_blend(&s[way], &blend);
        searched_run(&s[way], NULL, NULL, &r[way]);
    }
    searched_same(&s[0], &r[0], &r[1]);
    for (int way = 0; way < 2; way++) {
        results_done(&r[way]);
        searched_done(&s[way]);
    }
}
END_TEST

// A row that is no member has units of its own.
START_TEST(shards_have_blends_with_all_of_their_members) {
    static const uint32_t of_two[] = {0, 2};
    struct searched s;
    searched_read(&s, SMALL THREE "seeds = 2;");
    struct blend_spec blend = {.members = of_two, .n = 2, .how = BLEND_EQUAL};
    add_blend(&s, &blend);
    struct results whole, merged;
    struct seen seen = {0};
    searched_run(&s, NULL, &seen, &whole);
    ck_assert_uint_eq(seen.total, 4 * FOLDS * SEEDS);
    size_t executed = 0, rows[2][2] = {{0}};
    for (uint32_t index = 0; index < 2; index++) {
        s.plan.shard = (struct shard){.index = index, .count = 2};
        struct results part;
        searched_run(&s, index ? "shard-1" : "shard-0", &seen, &part);
        executed += seen.executed;
        ck_assert_uint_eq(seen.total, seen.done);
        ck_assert_uint_eq(part.n + part.elsewhere, whole.n);
        for (size_t k = 0; k < part.n; k++) {
            searched_same_record(&s, &part.records[k], &whole.records[part.records[k].number - 1]);
            if (part.records[k].model == 0) rows[index][part.records[k].fold - 1]++;
            if (part.records[k].model == 3) rows[index][part.records[k].fold - 1] += 10;
        }
        for (int fold = 0; fold < FOLDS; fold++)
            ck_assert(rows[index][fold] == 0 || rows[index][fold] == 2 + 20);
        results_done(&part);
    }
    ck_assert_uint_eq(executed, 4 * FOLDS * SEEDS);
    merge_stores("shard-0", "shard-1");
    s.plan.shard = (struct shard){.count = 1};
    searched_run(&s, "shard-0", &seen, &merged);
    ck_assert_uint_eq(seen.executed, 0);
    searched_same(&s, &whole, &merged);
    results_done(&whole);
    results_done(&merged);
    searched_done(&s);
}
END_TEST

int main(void) {
    if (!searched_begin()) return 1;
    TCase *cases = tcase_create("blend");
    tcase_add_test(cases, answers_are_weighted_means_of_those_of_the_members);
    tcase_add_test(cases, a_member_that_fails_is_the_blends_failure);
    tcase_add_test(cases, a_member_may_be_searched);
    tcase_add_test(cases, a_hidden_member_runs_and_has_no_record);
    tcase_add_test(cases, what_the_store_has_is_taken_from_it);
    tcase_add_test(cases, members_that_were_none_when_they_ran_are_run_again);
    tcase_add_test(cases, interrupted_runs_end_as_one_that_was_not);
    tcase_add_test(cases, the_bits_are_the_same_for_any_number_of_jobs);
    tcase_add_test(cases, shards_have_blends_with_all_of_their_members);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("blend");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return !searched_end() || failed != 0;
}
