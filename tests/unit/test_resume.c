// What the store has is not run again: whole runs, interrupted ones, shards.
#include <check.h>
#include <malloc.h>
#include <stdio.h>

#include "core/random.h"
#include "support/searched.h"

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
    results_done(&first);
    results_done(&again);
    results_done(&fresh);
    searched_done(&s);
}
END_TEST

START_TEST(interrupted_runs_end_as_one_that_was_not) {
    struct searched s;
    searched_init(&s, "jobs = 2;");
    struct results undisturbed;
    searched_run(&s, NULL, NULL, &undisturbed);
    uint64_t bits[3];
    random_bits(17, 4, bits, 3);
    for (int way = 0; way < 3; way++) {
        char name[32];
        snprintf(name, sizeof name, "interrupted-%d", way);
        uint64_t steps[64];
        random_bits(bits[way], 0, steps, 64);
        size_t executed = 0, sessions = 0;
        struct results r;
        for (;;) {
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
        searched_same(&s, &undisturbed, &r);
        results_done(&r);
    }
    results_done(&undisturbed);
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

START_TEST(memory_does_not_grow_with_trials) {
#ifdef __SANITIZE_ADDRESS__
    return; // it has an allocator of its own
#endif
    struct searched s;
    searched_init(&s, "jobs = 1;");
    s.plan.n_models = 1;
    size_t used[2];
    for (int k = 0; k < 2; k++) {
        s.tunings[0].trials = k ? 100 : 10;
        struct results r;
        searched_run(&s, "memory", NULL, &r);
        used[k] = mallinfo2().uordblks;
        ck_assert_uint_eq(r.records[2].tuned->n_candidates, s.tunings[0].trials);
        results_done(&r);
    }
    ck_assert_msg(used[1] < used[0] + 16384, "%zu and %zu bytes", used[0], used[1]);
    searched_done(&s);
}
END_TEST

int main(void) {
    if (!searched_begin()) return 1;
    TCase *cases = tcase_create("resume");
    tcase_add_test(cases, what_the_store_has_is_not_run_again);
    tcase_add_test(cases, interrupted_runs_end_as_one_that_was_not);
    tcase_add_test(cases, shards_together_are_the_whole);
    tcase_add_test(cases, memory_does_not_grow_with_trials);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("resume");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return !searched_end() || failed != 0;
}
