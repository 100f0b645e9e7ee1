// score_all by hand: one training fold of three users and three items, five test rows.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "metric/score.h"
#include "support/metric_settings.h"

// Users 0 and 1 and items 0 and 1 have training ratings; user 2 and item 2 are cold.
static const uint64_t start[] = {0, 2, 3, 3};
static const uint32_t col[] = {0, 1, 0};
static const float value[] = {5, 1, 3};
static const uint32_t users[] = {1, 2, 0, 2, 1}, items[] = {1, 0, 2, 2, 0};
static const float truth[] = {2, 4, 5, 1, 3};
static const uint8_t cold[] = {
    0, TEST_COLD_USER, TEST_COLD_ITEM, TEST_COLD_USER | TEST_COLD_ITEM, 0};
static const uint64_t tie[] = {1, 2, 3, 4, 5};

static float user_effect[] = {0, 0.5f, 0}, item_effect[] = {0.25f, -0.25f, 0},
             damped[] = {3.1f, 2.8f, 3};
static const struct fallback fallback = {3, user_effect, item_effect, damped, 3, 3};

struct setup {
    rk_data train;
    struct test test;
    struct metric_spec metrics[3];
    struct score_job job;
};

static void setup_init(struct setup *s) {
    *s = (struct setup){0};
    s->train = (rk_data){.n_users = 3,
        .n_items = 3,
        .by_user = {3, 3, start, col, value},
        .rating_min = 1,
        .rating_max = 5};
    s->test = (struct test){
        .n = 5, .users = users, .items = items, .truth = truth, .cold = cold, .tie = tie};
    s->metrics[0] = (struct metric_spec){metric_find("rmse"), NULL, "rmse"};
    s->metrics[1] = (struct metric_spec){metric_find("mae"), NULL, "mae"};
    s->metrics[2] = (struct metric_spec){
        metric_find("top5"), metric_settings_default(metric_find("top5")), "top5 half"};
    s->job = (struct score_job){.test = &s->test,
        .train = &s->train,
        .fallback = &fallback,
        .metrics = s->metrics,
        .n_metrics = 3,
        .clip = true,
        .seed = 42};
}

static void setup_done(struct setup *s) {
    free((void *)s->metrics[2].settings);
}

static void near(double found, double expected) {
    ck_assert_msg(fabs(found - expected) < 1e-12, "%.17g, not %.17g", found, expected);
}

START_TEST(fills_in_clips_slices_and_scores) {
    struct setup s;
    setup_init(&s);
    // Row 0 is left open: 3 + 0.5 - 0.25. Rows 1 and 3 lie off the scale.
    const float answers[] = {NAN, 7, 4, -2, 3.5f}, train_answers[] = {4, NAN, 9};
    float filled[5];
    struct scores out = {0};
    struct error e = {0};
    ck_assert_msg(score_all(&s.job, &(struct answers){.rating = answers, .train = train_answers},
                      filled, &out, &e),
        "%s", e.text);
    const float expected[] = {3.25f, 5, 4, 1, 3.5f};
    for (int k = 0; k < 5; k++) ck_assert(filled[k] == expected[k]);

    // Errors 1.25, 1, -1, 0, 0.5
    near(scores_get(&out, SLICE_ALL, "rows"), 5);
    near(scores_get(&out, SLICE_ALL, "answered"), 0.8);
    near(scores_get(&out, SLICE_ALL, "mae"), 3.75 / 5);
    near(scores_get(&out, SLICE_ALL, "rmse"), sqrt((1.5625 + 1 + 1 + 0.25) / 5));
    near(scores_get(&out, SLICE_WARM, "rows"), 2);
    near(scores_get(&out, SLICE_WARM, "answered"), 0.5);
    near(scores_get(&out, SLICE_WARM, "mae"), 1.75 / 2);
    near(scores_get(&out, SLICE_COLD_USER, "rows"), 1);
    near(scores_get(&out, SLICE_COLD_USER, "mae"), 1);
    near(scores_get(&out, SLICE_COLD_ITEM, "rows"), 1);
    near(scores_get(&out, SLICE_COLD_ITEM, "mae"), 1);
    near(scores_get(&out, SLICE_COLD_BOTH, "rows"), 1);
    near(scores_get(&out, SLICE_COLD_BOTH, "mae"), 0);

    // One row a user is taken: items 2 (5), 0 (3), 0 (4); by the damped mean 2, 0, 0.
    near(scores_get(&out, SLICE_ALL, "top5 half"), 12. / 3);
    near(scores_get(&out, SLICE_ALL, "top5 half.rows"), 3);
    near(scores_get(&out, SLICE_ALL, "top5 half.item_mean"), 12. / 3);
    ck_assert(isnan(scores_get(&out, SLICE_ALL, "top5")));

    // Training rows: 4 for 5, the fallback's 2.75 for 1, 9 clipped to 5 for 3.
    near(scores_get(&out, SLICE_TRAIN, "rows"), 3);
    near(scores_get(&out, SLICE_TRAIN, "answered"), 2. / 3);
    near(scores_get(&out, SLICE_TRAIN, "mae"), (1 + 1.75 + 2) / 3);
    ck_assert(isnan(scores_get(&out, SLICE_TRAIN, "top5 half")));
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(training_rows_count_where_that_is_asked_for) {
    struct setup s;
    setup_init(&s);
    const struct metric *mae = metric_find("mae");
    void *settings = metric_settings_default(mae);
    metric_settings_set(settings, mae, "training", true);
    metric_settings_set(settings, mae, "clip", false);
    metric_settings_set(settings, mae, "width", true);
    s.metrics[1] = (struct metric_spec){mae, settings, "mae"};
    // Errors 1.25, 3, -1, -3, 0.5 and -1, 1.75, 6, on a scale 4 wide.
    const float answers[] = {NAN, 7, 4, -2, 3.5f}, train_answers[] = {4, NAN, 9};
    struct scores out = {0};
    ck_assert(score_all(
        &s.job, &(struct answers){.rating = answers, .train = train_answers}, NULL, &out, NULL));
    near(scores_get(&out, SLICE_ALL, "mae"), (8.75 + 8.75) / 8 / 4);
    near(scores_get(&out, SLICE_TRAIN, "mae"), 8.75 / 3 / 4);
    scores_done(&out);
    free(settings);
    setup_done(&s);
}
END_TEST

START_TEST(clips_only_when_asked_to) {
    struct setup s;
    setup_init(&s);
    s.job.clip = false;
    const float answers[] = {2, 7, 5, 1, 3};
    struct scores out = {0};
    ck_assert(score_all(&s.job, &(struct answers){.rating = answers}, NULL, &out, NULL));
    near(scores_get(&out, SLICE_ALL, "mae"), 3. / 5);
    ck_assert(isnan(scores_get(&out, SLICE_TRAIN, "rows")));
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(ranks_by_what_was_answered_before_clipping) {
    struct setup s;
    setup_init(&s);
    // User 1 has items 1 (rated 2) and 0 (rated 3): both answers are clipped to 5, and the hash of
    // the first comes first.
    const float answers[] = {6, 3, 3, 3, 7};
    struct scores out = {0};
    ck_assert(score_all(&s.job, &(struct answers){.rating = answers}, NULL, &out, NULL));
    near(scores_get(&out, SLICE_WARM, "top5 half"), 3);
    near(scores_get(&out, SLICE_WARM, "mae"), (3 + 2) / 2.);
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(what_is_but_compared_is_scored_on_all_rows_alone) {
    struct setup s;
    setup_init(&s);
    const float answers[] = {2, 7, 5, 1, 3};
    struct scores whole = {0}, out = {0};
    ck_assert(score_all(&s.job, &(struct answers){.rating = answers}, NULL, &whole, NULL));
    s.job.only_all = true;
    ck_assert(score_all(&s.job, &(struct answers){.rating = answers}, NULL, &out, NULL));
    ck_assert_uint_lt(out.n, whole.n);
    for (size_t k = 0; k < out.n; k++) {
        ck_assert_int_eq(out.at[k].slice, SLICE_ALL);
        ck_assert_str_eq(out.at[k].name, whole.at[k].name);
        ck_assert(out.at[k].value == whole.at[k].value);
    }
    scores_done(&whole);
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(an_empty_slice_says_so_and_nothing_else) {
    struct setup s;
    setup_init(&s);
    const uint8_t warm[5] = {0};
    s.test.cold = warm;
    struct scores out = {0};
    ck_assert(score_all(&s.job, &(struct answers){.rating = truth}, NULL, &out, NULL));
    near(scores_get(&out, SLICE_COLD_USER, "rows"), 0);
    ck_assert(isnan(scores_get(&out, SLICE_COLD_USER, "answered")));
    ck_assert(isnan(scores_get(&out, SLICE_COLD_USER, "rmse")));
    near(scores_get(&out, SLICE_WARM, "rmse"), 0);
    static const char *const names[] = {
        "rows", "answered", "rmse", "mae", "top5 half", "top5 half.share", "top5 half.random"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        ck_assert(scores_get(&out, SLICE_WARM, names[k]) == scores_get(&out, SLICE_ALL, names[k]));
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(an_infinite_answer_is_an_error) {
    struct setup s;
    setup_init(&s);
    const float fine[] = {2, 3, 5, 1, 3}, bad[] = {2, 3, -INFINITY, 1, 3},
                bad_train[] = {1, 2, INFINITY};
    struct scores out = {0};
    struct error e = {0};
    ck_assert(!score_all(&s.job, &(struct answers){.rating = bad}, NULL, &out, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "infinity for test row 2"));
    ck_assert(
        !score_all(&s.job, &(struct answers){.rating = fine, .train = bad_train}, NULL, &out, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "infinity for training row 2"));
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(what_is_kept_is_of_all_rows_as_they_were_scored) {
    struct setup s;
    setup_init(&s);
    const uint64_t hash[] = {11, 22, 33}, item_start[] = {0, 2, 3, 3};
    const struct dataset data = {.n_users = 3,
        .n_items = 3,
        .user_hash = hash,
        .item_hash = hash,
        .rating_min = 1,
        .rating_max = 5};
    const float answers[] = {NAN, 7, 4, -2, 3.5f}, bad[] = {2, 3, INFINITY, 1, 3};
    struct evidence ev;
    struct breakdown b;
    struct scores out = {0};
    s.train.by_item.start = item_start;
    s.job.data = &data;
    s.job.evidence = &ev;
    s.job.breakdown = &b;
    for (int way = 0; way < 2; way++, s.job.only_all = true) {
        scores_done(&out);
        ck_assert(score_all(&s.job, &(struct answers){.rating = answers}, NULL, &out, NULL));
        ck_assert_uint_eq(ev.n_rows, 5);
        near(sqrt(ev.metrics[0].part / ev.metrics[0].weight), scores_get(&out, SLICE_ALL, "rmse"));
        near(ev.metrics[1].part / ev.metrics[1].weight, scores_get(&out, SLICE_ALL, "mae"));
        near(ev.metrics[2].part / ev.metrics[2].weight, scores_get(&out, SLICE_ALL, "top5 half"));
        ck_assert_str_eq(b.at[0].key, "1");
        near(b.at[1].error, 1.25); // of the row with the rating 2, which the fallback answers
        evidence_done(&ev);
        breakdown_done(&b);
    }
    ck_assert(!score_all(&s.job, &(struct answers){.rating = bad}, NULL, &out, NULL));
    ck_assert(!ev.metrics && !ev.user && !b.at); // nothing to be freed
    scores_done(&out);
    setup_done(&s);
}
END_TEST

START_TEST(a_label_that_is_too_long_is_an_error) {
    struct setup s;
    setup_init(&s);
    char label[200];
    memset(label, 'x', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    s.metrics[1].label = label;
    struct scores out = {0};
    struct error e = {0};
    ck_assert(!score_all(&s.job, &(struct answers){.rating = truth}, NULL, &out, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is longer than 95 bytes"));
    scores_done(&out);
    setup_done(&s);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("score");
    tcase_add_test(cases, fills_in_clips_slices_and_scores);
    tcase_add_test(cases, training_rows_count_where_that_is_asked_for);
    tcase_add_test(cases, clips_only_when_asked_to);
    tcase_add_test(cases, ranks_by_what_was_answered_before_clipping);
    tcase_add_test(cases, what_is_but_compared_is_scored_on_all_rows_alone);
    tcase_add_test(cases, an_empty_slice_says_so_and_nothing_else);
    tcase_add_test(cases, an_infinite_answer_is_an_error);
    tcase_add_test(cases, what_is_kept_is_of_all_rows_as_they_were_scored);
    tcase_add_test(cases, a_label_that_is_too_long_is_an_error);
    Suite *suite = suite_create("score");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
