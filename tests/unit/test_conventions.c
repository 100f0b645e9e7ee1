// Definitions of other tools by hand: one training fold, six test rows of three users.
#include <check.h>
#include <math.h>
#include <string.h>

#include "metric/conventions.h"

// Ratings 5, 1, 3 (mean 3) on a scale from 0.5 to 5; user 2 and item 2 are cold.
static const uint64_t start[] = {0, 2, 3, 3};
static const uint32_t col[] = {0, 1, 0};
static const float value[] = {5, 1, 3};
static const rk_data train = {.n_users = 3,
    .n_items = 3,
    .by_user = {3, 3, start, col, value},
    .rating_min = 0.5f,
    .rating_max = 5};

static const uint32_t users[] = {0, 0, 0, 1, 2, 2}, items[] = {0, 1, 2, 1, 0, 1};
static const float truth[] = {4, 3, 3, 2, 1, 3};
static const uint8_t cold[] = {0, 0, TEST_COLD_ITEM, 0, TEST_COLD_USER, TEST_COLD_USER};
static const struct test test = {
    .n = 6, .users = users, .items = items, .truth = truth, .cold = cold};

// Errors as given: 2, -2.75, 1, 1, 0, 0. Clipped to the scale: 1, -2.5, 1, 1, 0, 0; to what was
// seen: 1, -2, (1), 1, (0), (0).
static const float whole[] = {6, 0.25f, 4, 3, 1, 3};
// The third and all of user 1 are open: answered by the mean, errors 0 and 1.
static const float gappy[] = {6, 0.25f, NAN, NAN, 1, 3};

static struct scores scores;

static void score(const float *answers) {
    struct error e = {0};
    ck_assert(conventions_score(&test, &train, answers, &scores, &e));
    ck_assert_uint_eq(scores.n, 2 * CONVENTION_N);
}

static void expect(const char *rmse, double its_rmse, const char *mae, double its_mae) {
    const double found = scores_get(&scores, SLICE_ALL, rmse),
                 other = scores_get(&scores, SLICE_ALL, mae);
    ck_assert_msg(fabs(found - its_rmse) < 1e-12, "%s: %.17g, not %.17g", rmse, found, its_rmse);
    ck_assert_msg(fabs(other - its_mae) < 1e-12, "%s: %.17g, not %.17g", mae, other, its_mae);
}

static double by_user(double first, double second, double third) {
    return (first + second + third) / 3;
}

START_TEST(all_rows_answered) {
    score(whole);
    expect("surprise.rmse", sqrt((1 + 6.25 + 1 + 1) / 6), "surprise.mae", 5.5 / 6);
    expect("cornac.rmse", (sqrt(2.5) + 1) / 2, "cornac.mae", (1.5 + 1) / 2);
    expect("lenskit.rmse", by_user(sqrt((4 + 7.5625 + 1) / 3), 1, 0), "lenskit.mae",
        by_user(5.75 / 3, 1, 0));
    expect("recbole.rmse", sqrt((4 + 7.5625 + 1 + 1) / 6), "recbole.mae", 6.75 / 6);
    scores_done(&scores);
}
END_TEST

START_TEST(open_rows) {
    score(gappy);
    expect("surprise.rmse", sqrt((1 + 6.25 + 0 + 1) / 6), "surprise.mae", 4.5 / 6);
    expect("cornac.rmse", (sqrt(2.5) + 1) / 2, "cornac.mae", (1.5 + 1) / 2);
    expect("lenskit.rmse", sqrt((4 + 7.5625) / 2) / 2, "lenskit.mae", 4.75 / 2 / 2);
    ck_assert(isnan(scores_get(&scores, SLICE_ALL, "recbole.rmse")));
    ck_assert(isnan(scores_get(&scores, SLICE_ALL, "recbole.mae")));
    scores_done(&scores);
}
END_TEST

START_TEST(nothing_to_look_at) {
    static const float none[] = {NAN, NAN, NAN, NAN, NAN, NAN};
    score(none);
    ck_assert(isnan(scores_get(&scores, SLICE_ALL, "lenskit.rmse")));
    expect("surprise.rmse", 1, "surprise.mae", 4.0 / 6);
    scores_done(&scores);
}
END_TEST

START_TEST(every_one_is_defined) {
    for (size_t k = 0; k < CONVENTION_N; k++) {
        ck_assert_ptr_nonnull(strchr(conventions[k].title, '.')); // a version
        ck_assert_uint_gt(strlen(conventions[k].doc), 40);
    }
}
END_TEST

int main(void) {
    Suite *s = suite_create("conventions");
    TCase *t = tcase_create("by hand");
    tcase_add_test(t, all_rows_answered);
    tcase_add_test(t, open_rows);
    tcase_add_test(t, nothing_to_look_at);
    tcase_add_test(t, every_one_is_defined);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
