// The store: what is put is found again, in the file and after it was closed.
#include <check.h>
#include <math.h>

#include "support/made_store.h"

static char folder[64];
static struct store *s;
static struct error e;

static void setup(void) {
    strcpy(folder, "/tmp/reckon-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    s = made_open(folder, STORE_WRITE);
    e = (struct error){0};
}

static void teardown(void) {
    char command[128];
    store_close(s);
    s = NULL;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static void open_again(void) {
    store_close(s);
    s = made_open(folder, STORE_WRITE);
}

static void find(const struct key *key, struct trial_record *out, struct arena *a, bool there) {
    bool found;
    *out = (struct trial_record){0};
    ck_assert_msg(store_find(s, key, out, a, &found, &e), "%s", e.text);
    ck_assert(found == there);
}

START_TEST(a_trial_is_found_as_it_was_put) {
    struct arena a = {0};
    const struct key key = made_key(7);
    struct trial_record t = made_record(3, 9), got;
    const struct schema schema = made_schema();
    struct param_value values[5];
    const struct plan_model model = {.label = "made", .schema = &schema, .values = values};
    schema_defaults(&schema, values);
    t.scores.at[4].value = NAN;
    struct curve_point curve[] = {{"rmse", 1, 0.1 + 0.2}, {"rmse", 2, NAN}, {"loss", 1, 1e-300}};
    t.curve = curve;
    t.n_curve = 3;
    made_kept(&t, 1);
    made_begin(s, "p");
    find(&key, &got, &a, false);
    ck_assert_msg(store_put(s, &key, &model, values, &t, &e), "%s", e.text);
    for (int round = 0; round < 2; round++, open_again()) {
        find(&key, &got, &a, true);
        ck_assert(got.cached && !got.failed && !got.cause && !got.log);
        ck_assert_uint_eq(got.scores.n, 9);
        for (size_t k = 0; k < 9; k++) {
            ck_assert_int_eq(got.scores.at[k].slice, t.scores.at[k].slice);
            ck_assert_str_eq(got.scores.at[k].name, t.scores.at[k].name);
            ck_assert(k == 4 ? isnan(got.scores.at[k].value)
                             : got.scores.at[k].value == t.scores.at[k].value);
        }
        ck_assert_uint_eq(got.n_curve, 3);
        ck_assert_str_eq(got.curve[1].series, "rmse");
        ck_assert_str_eq(got.curve[2].series, "loss");
        ck_assert(got.curve[0].y == 0.1 + 0.2 && isnan(got.curve[1].y) && got.curve[2].y == 1e-300);
        ck_assert(got.cost.fit_seconds == 0.5 && got.cost.predict_seconds == 0.25);
        ck_assert_uint_eq(got.cost.memory, 1000);
        ck_assert_int_eq(made_count(s, "SELECT parameters = '{\"rank\":16,\"lambda\":0.1,"
                                       "\"biased\":true,\"solver\":\"cholesky\",\"layers\":[64, "
                                       "32]}' FROM trials"),
            1);
        ck_assert_int_eq(made_count(s, "SELECT parameters ->> 'rank' FROM trials"), 16);
        same_kept(&t, &got);
        record_done(&got);
    }
    t.curve = NULL;
    record_done(&t);
    arena_done(&a);
}
END_TEST

START_TEST(a_trial_put_again_replaces_the_older_one) {
    struct arena a = {0};
    const struct key key = made_key(1);
    struct trial_record t = made_record(1, 4), got;
    t.failed = true;
    t.failure = FAILURE_LIMIT;
    t.cause = "over its limit of 3 s";
    t.log = "hello\n";
    t.limits = (struct limits){3, 512};
    made_kept(&t, 1);
    made_begin(s, "p");
    ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
    const struct store_place place = {.record = &t, .data = "d", .label = "l", .share = 1};
    ck_assert(store_place(s, &key, &place, &e));
    find(&key, &got, &a, true);
    ck_assert(got.failed && got.failure == FAILURE_LIMIT);
    ck_assert_str_eq(got.cause, t.cause);
    ck_assert_str_eq(got.log, t.log);
    ck_assert(got.limits.seconds == 3 && got.limits.mib == 512);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM failures WHERE failure = 'limit'"), 1);
    record_done(&got);
    record_done(&t);
    t = made_record(1, 2);
    ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
    ck_assert(store_place(s, &key, &place, &e)); // twice: once
    find(&key, &got, &a, true);
    ck_assert(!got.failed && got.failure == FAILURE_NONE && !got.cause && !got.log);
    ck_assert_uint_eq(got.scores.n, 2);
    ck_assert(!got.evidence && got.breakdown.n == 0);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM trials"), 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM places"), 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM scores"), 2);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM results"), 2);
    scores_done(&got.scores);
    scores_done(&t.scores);
    arena_done(&a);
}
END_TEST

START_TEST(damaged_evidence_is_a_message) {
    static const char *const damage[] = {"UPDATE evidence SET bytes = substr(bytes, 1, 100)",
        "UPDATE evidence SET bytes = x''", "UPDATE evidence SET bytes = zeroblob(5000)"};
    struct arena a = {0};
    const struct key key = made_key(1);
    for (size_t k = 0; k < sizeof damage / sizeof *damage; k++) {
        struct trial_record t = made_record(1, 4), got = {0};
        bool found;
        made_kept(&t, 1);
        ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
        ck_assert(store_script(s, damage[k], &e));
        ck_assert(!store_find(s, &key, &got, &a, &found, &e));
        ck_assert(!found && !got.evidence);
        ck_assert_msg(strstr(e.text, key.hex) && strstr(e.text, "is damaged"), "%s", e.text);
        record_done(&got);
        record_done(&t);
    }
    arena_done(&a);
}
END_TEST

// The last two have a count that is beyond all that so few bytes can hold: 2^62, four times which
// is 0, with nothing packed behind it, and 2^40.
START_TEST(damaged_answers_are_a_message) {
    static const char *const damage[] = {"UPDATE answers SET bytes = substr(bytes, 1, 20)",
        "UPDATE answers SET bytes = x''", "UPDATE answers SET bytes = zeroblob(5000)",
        "UPDATE answers SET bytes = x'524B41310000000000000040789C030000000001'",
        "UPDATE answers SET bytes = x'524B41310000000000010000789C030000000001'"};
    const struct key key = made_key(1);
    for (size_t k = 0; k < sizeof damage / sizeof *damage; k++) {
        struct trial_record t = made_record(1, 4), got = {0};
        t.n_answers = 3;
        t.answers = calloc(t.n_answers, sizeof *t.answers);
        ck_assert_ptr_nonnull(t.answers);
        t.answers[0] = NAN;
        t.answers[2] = 3.1F;
        ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
        ck_assert(store_answers(s, &key, &got, &e));
        ck_assert_uint_eq(got.n_answers, 3);
        ck_assert_int_eq(memcmp(got.answers, t.answers, 3 * sizeof *t.answers), 0);
        ck_assert(store_script(s, damage[k], &e));
        ck_assert_msg(!store_answers(s, &key, &got, &e), "%s", damage[k]);
        ck_assert_msg(strstr(e.text, key.hex) && strstr(e.text, "are damaged"), "%s", e.text);
        record_done(&got);
        record_done(&t);
    }
    struct trial_record t = made_record(1, 4); // put again by a run in which it is no member
    ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM answers"), 0);
    record_done(&t);
}
END_TEST

START_TEST(errors_can_be_asked_for_by_kind_of_row) {
    struct trial_record t = made_record(2, 1);
    const struct key key = made_key(2);
    made_kept(&t, 1);
    made_begin(s, "p");
    for (uint32_t inner = 0; inner < 2; inner++) { // the second place is no outer one
        const struct store_place place = {.record = &t, .data = "d", .label = "l", .share = 1};
        t.inner = inner;
        ck_assert(store_put(s, &key, NULL, NULL, &t, &e) && store_place(s, &key, &place, &e));
    }
    ck_assert_int_eq(
        made_count(s, "SELECT count(*) FROM errors WHERE label = 'l' AND fold = 2"), 3);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM errors WHERE dimension = 'rating' AND "
                                   "key = '4.5' AND rows = 8 AND bias = 0.1 / 8 AND "
                                   "mae = 2.5 / 8 AND mse = 3.5 / 8"),
        1);
    record_done(&t);
}
END_TEST

START_TEST(a_run_is_gone_on_with_until_it_is_done) {
    const int64_t first = made_begin(s, "plan 1");
    ck_assert_int_eq(first, 1);
    open_again(); // as after a crash: it is still "running"
    ck_assert_int_eq(made_begin(s, "plan 1"), first);
    ck_assert(store_end_run(s, "interrupted", NULL, &e));
    ck_assert(store_end_run(s, "interrupted", "{\"said\": 1}", &e)); // with more to say
    ck_assert_int_eq(made_count(s, "SELECT provenance ->> 'said' FROM runs"), 1);
    ck_assert_int_eq(made_begin(s, "plan 1"), first);
    ck_assert(store_foresee(s, 12, &e));
    ck_assert(store_warn(s, "once", &e));
    ck_assert(store_warn(s, "once", &e));
    ck_assert(store_end_run(s, "done", "{}", &e));
    ck_assert_int_eq(made_begin(s, "plan 1"), 2);
    ck_assert_int_eq(made_begin(s, "plan 2"), 3);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM runs WHERE state = 'interrupted'"), 1);
    ck_assert_int_eq(made_count(s, "SELECT foreseen FROM runs WHERE run = 1"), 12);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM warnings"), 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM runs WHERE ended IS NOT NULL"), 1);
}
END_TEST

START_TEST(a_place_has_one_trial) {
    made_begin(s, "p");
    ck_assert(made_put(s, 1, 1, &e));
    struct trial_record t = made_record(1, 1);
    const struct store_place place = {.record = &t, .data = "d", .label = "l", .share = 1};
    const struct key other = made_key(99), none = made_key(100);
    ck_assert(store_put(s, &other, NULL, NULL, &t, &e));
    ck_assert(store_place(s, &other, &place, &e));
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM places"), 1);
    // Of candidates on an inner fold there may be several, by their efforts.
    t.inner = 2;
    for (uint32_t k = 0; k < 2; k++) {
        const struct key key = made_key(200 + k);
        ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
        ck_assert(store_place(s, &key, &place, &e));
    }
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM places"), 3);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM results"), 1); // outer ones alone
    ck_assert(!store_place(s, &none, &place, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "no trial"));
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM trials"), 0); // all that was not committed
    ck_assert_msg(made_put(s, 1, 1, &e), "%s", e.text);                // and it goes on
    scores_done(&t.scores);
}
END_TEST

// A plugin that was made anew between two sessions of a run has other keys.
START_TEST(what_a_former_session_placed_goes_when_the_run_is_done) {
    struct trial_record t = made_record(1, 1);
    const struct store_place place = {.record = &t, .data = "d", .label = "l", .share = 1};
    for (uint32_t session = 0; session < 3; session++) {
        ck_assert_int_eq(made_begin(s, "p"), 1);
        for (t.inner = 0; t.inner < 3; t.inner++) {
            const struct key key = made_key(10 * session + t.inner);
            if (session == 0 && t.inner == 2) continue;
            ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
            ck_assert_msg(store_place(s, &key, &place, &e), "%s", e.text);
        }
        ck_assert(store_end_run(s, session < 2 ? "interrupted" : "done", NULL, &e));
        static const int64_t n[] = {2, 4, 3}; // an outer place has one trial in any case
        ck_assert_int_eq(made_count(s, "SELECT count(*) FROM places"), n[session]);
    }
    scores_done(&t.scores);
}
END_TEST

START_TEST(what_was_chosen_is_kept) {
    const struct schema schema = made_schema();
    struct param_value values[5];
    schema_defaults(&schema, values);
    const struct plan_model model = {.label = "made", .schema = &schema, .values = values};
    const struct tuned tuned = {.values = values,
        .inner = 0.75,
        .inner_default = NAN,
        .n_candidates = 12,
        .n_failed = 2,
        .effort = 36};
    struct trial_record t = made_record(1, 1);
    const struct key key = made_key(1);
    const struct store_place place = {
        .record = &t, .data = "d", .label = "l", .share = 1, .winner = true};
    made_begin(s, "p");
    ck_assert(!store_tuned(s, &key, &place, &schema, &tuned, &e)); // of a trial that is stored
    ck_assert(store_put(s, &key, &model, values, &t, &e));
    ck_assert(store_place(s, &key, &place, &e));
    ck_assert_msg(store_tuned(s, &key, &place, &schema, &tuned, &e), "%s", e.text);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM best WHERE parameters ->> 'solver' = "
                                   "'cholesky' AND inner = 0.75 AND inner_default IS NULL AND "
                                   "candidates = 12 AND failed = 2 AND fold = 1"),
        1);
    scores_done(&t.scores);
}
END_TEST

// What costs little is told by what is not done again: statements are made once.
START_TEST(costs_are_those_of_outer_trials) {
    const struct schema schema = made_schema();
    const struct param_value values[5] = {{0}};
    const struct plan_model model = {.schema = &schema, .label = "made 1"},
                            other = {.schema = &schema, .label = "made 2"};
    const struct key key = made_key(2);
    struct trial_record t = made_record(2, 1);
    const struct store_place at = {.record = &t, .data = "made", .label = "made 1", .share = 1};
    struct store_cost cost;
    t.inner = 1;
    t.cost.fit_seconds = 100;
    made_begin(s, "p");
    ck_assert(made_put(s, 1, 1, &e));
    ck_assert(store_put(s, &key, NULL, NULL, &t, &e) && store_place(s, &key, &at, &e));
    ck_assert_msg(store_cost(s, "made", &model, values, &cost, &e), "%s", e.text);
    ck_assert_uint_eq(cost.n, 1);
    ck_assert(cost.seconds == 0.75 && cost.memory == 1000);
    ck_assert(store_cost(s, "made", &other, values, &cost, &e) && cost.n == 0);
    ck_assert(store_cost(s, "others", &model, values, &cost, &e) && cost.n == 0);
    scores_done(&t.scores);
}
END_TEST

START_TEST(many_trials_share_their_statements) {
    enum { N = 500, SCORES = 20 };
    struct arena a = {0};
    size_t n_cached = 0;
    made_begin(s, "p");
    for (uint32_t k = 1; k <= N; k++) {
        struct trial_record got;
        const struct key key = made_key(k);
        ck_assert_msg(made_put(s, k, SCORES, &e), "%s", e.text);
        find(&key, &got, &a, true);
        ck_assert_uint_eq(got.scores.n, SCORES);
        scores_done(&got.scores);
        if (k == 1) n_cached = s->n_cached;
    }
    ck_assert(store_flush(s, &e));
    ck_assert_uint_le(s->n_cached, n_cached + 3); // those of a commit
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM results"), N * SCORES);
    arena_done(&a);
}
END_TEST

int main(void) {
    TCase *stores = tcase_create("store");
    tcase_add_checked_fixture(stores, setup, teardown);
    tcase_add_test(stores, a_trial_is_found_as_it_was_put);
    tcase_add_test(stores, a_trial_put_again_replaces_the_older_one);
    tcase_add_test(stores, damaged_evidence_is_a_message);
    tcase_add_test(stores, damaged_answers_are_a_message);
    tcase_add_test(stores, errors_can_be_asked_for_by_kind_of_row);
    tcase_add_test(stores, a_run_is_gone_on_with_until_it_is_done);
    tcase_add_test(stores, a_place_has_one_trial);
    tcase_add_test(stores, what_a_former_session_placed_goes_when_the_run_is_done);
    tcase_add_test(stores, what_was_chosen_is_kept);
    tcase_add_test(stores, costs_are_those_of_outer_trials);
    tcase_add_test(stores, many_trials_share_their_statements);
    Suite *suite = suite_create("store");
    suite_add_tcase(suite, stores);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
