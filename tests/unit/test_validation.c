// What the validation slice says, and the scale of ratings, by hand.
#include "common/validation.h"

#include <check.h>
#include <math.h>

#include "common/standard.h"
#include "core/pool.h"
#include "model/host.h"

enum { N = 5000 };

static uint32_t number[N];
static float truth[N];

// Answers the user's number; the last user's is not to be had.
static rk_status answer(const void *model, const rk_pairs *pairs, float *out) {
    const uint32_t *refused = model;
    for (size_t k = 0; k < pairs->n; k++) {
        if (pairs->users[k] == *refused) return RK_E_DATA;
        out[k] = (float)pairs->users[k];
    }
    return RK_OK;
}

// Pairs of users 0 .. N - 1 with the rating 3 on a scale of 1 .. 4.
static rk_status rmse_with(struct pool *pool, uint32_t refused, double *rmse) {
    struct host host;
    host_init(&host, pool, 42);
    const rk_pairs pairs = {.size = sizeof pairs, .n = N, .users = number, .items = number};
    const rk_data data = {.size = sizeof data,
        .rating_min = 1,
        .rating_max = 4,
        .valid = &pairs,
        .valid_ratings = truth};
    return validation_rmse(&host.api, &data, answer, &refused, rmse);
}

START_TEST(answers_are_clipped_to_the_scale) {
    double rmse[2];
    for (uint32_t k = 0; k < N; k++) {
        number[k] = k;
        truth[k] = 3;
    }
    ck_assert_int_eq(rmse_with(NULL, N, &rmse[0]), RK_OK);
    // 0 counts as 1, and all above 4 as 4
    ck_assert_double_eq_tol(rmse[0], sqrt((4. + 4 + 1 + 0 + (N - 4)) / N), 1e-9);
    struct error e;
    struct pool *pool = pool_new(8, &e);
    ck_assert_ptr_nonnull(pool);
    ck_assert_int_eq(rmse_with(pool, N, &rmse[1]), RK_OK);
    ck_assert_double_eq(rmse[1], rmse[0]);
    pool_free(pool);
    ck_assert_int_eq(rmse_with(NULL, N - 1, &rmse[0]), RK_E_DATA);
}
END_TEST

// The first of equal epochs is the best; `patience` epochs without a better one end it, though not
// before `least`.
START_TEST(stops_when_patience_is_over) {
    static const double rmse[] = {3, 2, 2, 2.5, 1.5, 1.5, 1.6, 1.7};
    static const int last[3] = {4, 7, 8}; // with least = 1, 5 and 8; patience 2, 2, 3
    static const int least[3] = {1, 5, 8}, patience[3] = {2, 2, 3}, best[3] = {2, 5, 5};
    for (int k = 0; k < 3; k++) {
        struct stopping s = stopping_start(least[k], patience[k]);
        int epoch = 0;
        while (!stopping_after(&s, rmse[epoch++])) ck_assert_int_lt(epoch, 8);
        ck_assert_int_eq(epoch, last[k]);
        ck_assert_int_eq(s.best, best[k]);
        ck_assert_double_eq(s.rmse, rmse[best[k] - 1]);
    }
}
END_TEST

// By 0.0003 and 0.03 standard errors of a mean, of the other RMSE.
START_TEST(better_is_more_than_chance) {
    ck_assert(!validation_is_better(1.9983, 2, 2500)); // a share of 0.0009: 1.9982
    ck_assert(validation_is_better(1.9981, 2, 2500));
    ck_assert(!validation_is_better(1.9981, 2, 100)); // 0.0033: 1.9934
    ck_assert(validation_is_better(1.9933, 2, 100));
    ck_assert(!validation_is_better(NAN, 2, 100));
}
END_TEST

START_TEST(ratings_are_standardised_to_the_spread_of_stars) {
    static const uint64_t start[] = {0, 4};
    static const float value[] = {10, 20, 20, 30}, same[] = {7, 7, 7, 7};
    rk_data data = {.n_users = 1, .by_user = {.n_rows = 1, .start = start, .value = value}};
    struct standard s = standard_of(&data);
    ck_assert_double_eq_tol(s.center, 20, 1e-12);
    ck_assert_double_eq_tol(s.unit, sqrt(50) / 1.1, 1e-12);
    ck_assert_float_eq_tol(standard_apply(&s, 30), (float)(1.1 * 10 / sqrt(50)), 1e-6f);
    data.by_user.value = same;
    s = standard_of(&data);
    ck_assert_float_eq(standard_apply(&s, 9), 0);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("validation");
    tcase_add_test(cases, answers_are_clipped_to_the_scale);
    tcase_add_test(cases, stops_when_patience_is_over);
    tcase_add_test(cases, better_is_more_than_chance);
    tcase_add_test(cases, ratings_are_standardised_to_the_spread_of_stars);
    Suite *suite = suite_create("validation");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
