// The memory that rows are foreseen to take: by their plugins, by the store, by both.
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/searched.h"
#include "trial/need.h"

static const rk_shape shape = {
    .size = sizeof shape, .n_users = 60, .n_items = 80, .n_ratings = 1500};

// Experiments of the plugin that foresees as its `how` says.
static void read_foreseen(struct searched *s, const char *rows, const char *more) {
    char text[8192];
    snprintf(text, sizeof text, SMALL "models = (%s); %s", rows, more);
    for (char *at; (at = strstr(text, "FORESEES"));) {
        char rest[8192];
        snprintf(rest, sizeof rest, "%s", at + strlen("FORESEES"));
        snprintf(at, sizeof text - (size_t)(at - text),
            "plugin = \"%s/tests/broken/foresees.so\"%s", searched_build(), rest);
    }
    searched_read(s, text);
}

static struct need need(const struct searched *s, struct needs *n, size_t model,
    struct store *store, const rk_shape *of) {
    struct need out;
    struct error e = {0};
    ck_assert_msg(need_of(n, &s->plan, model, store, "synthetic", of, &out, &e), "%s", e.text);
    return out;
}

START_TEST(one_process_answers_for_all_rows_of_a_plugin) {
    struct searched s;
    read_foreseen(&s, "{FORESEES;}, {FORESEES; label = \"b\"; rank = 20;}",
        "threads = 6; jobs = 2; validation = 0.1;");
    struct needs n = {0};
    const struct need first = need(&s, &n, 0, NULL, &shape);
    const pid_t asked = n.inquiry.worker.pid;
    const struct need second = need(&s, &n, 1, NULL, &shape);
    ck_assert(asked > 0 && n.inquiry.worker.pid == asked);
    ck_assert(first.by == NEED_PLUGIN && second.by == NEED_PLUGIN);
    ck_assert_uint_eq(first.bytes, 10 * 1000000 + 1500 * 1000 + 150 * 10 + 3);
    ck_assert_uint_eq(second.bytes, first.bytes + 10 * 1000000);
    rk_shape more = shape;
    more.n_ratings = 3000;
    ck_assert_uint_gt(need(&s, &n, 0, NULL, &more).bytes, first.bytes);
    needs_done(&n);
    ck_assert(n.inquiry.worker.pid == 0);
    searched_done(&s);
}
END_TEST

static void expect_nothing(const char *how, const char *text) {
    struct searched s;
    char rows[200];
    snprintf(rows, sizeof rows, "{FORESEES; how = \"%s\";}, {FORESEES; label = \"b\";}", how);
    read_foreseen(&s, rows, "");
    const struct plan_model *m = &s.plan.models[0];
    struct inquiry q;
    struct error e = {0};
    uint64_t bytes = 0;
    ck_assert(inquiry_begin(&q, m->schema->path, &e));
    ck_assert(!inquiry_memory(&q, m->values, m->schema->n_params, &shape, &bytes, &e));
    ck_assert_msg(strstr(e.text, text), "%s", e.text);
    inquiry_end(&q);
    struct needs n = {0};
    for (size_t k = 0; k < 2; k++) { // it is not asked again for the second
        const struct need none = need(&s, &n, k, NULL, &shape);
        ck_assert(none.by == NEED_UNKNOWN && none.bytes == 0 && none.store.n == 0);
    }
    needs_done(&n);
    searched_done(&s);
}

START_TEST(a_plugin_that_gives_no_sensible_answer_is_a_message) {
    worker_set_patience(0.2);
    expect_nothing("hang", "asking it for its memory did not end within 0.2 s");
    worker_set_patience(20);
    expect_nothing("crash", "asking it for its memory ended the process with ");
    expect_nothing("wrap", "its models take 18446744073709550116 bytes, it says; at most 2^56");
}
END_TEST

START_TEST(a_search_takes_what_takes_most) {
    struct searched s;
    read_foreseen(&s, "{FORESEES;}", "");
    searched_add(&s, 0, "rank", 5, 70, "random", 4);
    searched_add(&s, 0, "times", 1, 3, "random", 4);
    struct needs n = {0};
    ck_assert_uint_eq(need(&s, &n, 0, NULL, &shape).bytes / 1000000, 70 * 3 + 1);
    needs_done(&n);
    searched_done(&s);
}
END_TEST

// A row's own trials have the last word; those of other values under its label do not.
START_TEST(stored_trials_stand_for_their_own_values_alone) {
    struct searched s;
    struct results r;
    const char *const own = "{FORESEES; label = \"a\"; rank = 3;}";
    read_foreseen(&s, own, "");
    searched_run(&s, "needs", NULL, &r);
    results_done(&r);
    struct store *store = searched_store("needs");
    struct needs n = {0};
    const struct need same = need(&s, &n, 0, store, &shape);
    ck_assert(same.by == NEED_STORED && same.store.same && same.bytes == same.store.memory);
    searched_done(&s);
    needs_done(&n);
    read_foreseen(&s, "{FORESEES; label = \"a\"; rank = 9000;}", "");
    const struct need other = need(&s, &n, 0, store, &shape);
    ck_assert(other.store.n > 0 && !other.store.same);
    ck_assert_int_eq(other.by, NEED_PLUGIN);
    ck_assert_uint_eq(other.bytes / 1000000, 9001);
    needs_done(&n);
    searched_done(&s);
    store_close(store);
}
END_TEST

int main(void) {
    if (!searched_begin()) return 1;
    TCase *cases = tcase_create("need");
    tcase_add_test(cases, one_process_answers_for_all_rows_of_a_plugin);
    tcase_add_test(cases, a_plugin_that_gives_no_sensible_answer_is_a_message);
    tcase_add_test(cases, a_search_takes_what_takes_most);
    tcase_add_test(cases, stored_trials_stand_for_their_own_values_alone);
    tcase_set_timeout(cases, 60);
    Suite *suite = suite_create("need");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return !searched_end() || failed != 0;
}
