// bmf on ratings of its own model: variances are found, intervals hold, scales change nothing.
#include <check.h>

#include "support/bmf_planted.h"

static struct planted planted;

// ---- Variances ---------------------------------------------------------------------------------

// In 16 replicates each, 90 % intervals have the truth in them 14.4 times of 16, give or take 1.2.
START_TEST(intervals_of_variances_hold) {
    enum { REPLICATES = 16, SWEEPS = 100 };
    const struct planted_size size = {.n_users = 50, .n_items = 40, .share = 0.4};
    uint32_t covered[PLANTED_VARIANCES] = {0}, all = 0;
    for (uint64_t k = 0; k < REPLICATES; k++) {
        planted_init(&planted, &size, 1000 + k);
        ck_assert(planted_start(&planted, PLANTED_RANK));
        ck_assert(planted_intervals(&planted, SWEEPS, covered));
        planted_done(&planted);
    }
    for (int v = 0; v < PLANTED_VARIANCES; v++) {
        ck_assert_msg(covered[v] >= 10, "variance %d: %u of %d", v, covered[v], REPLICATES);
        all += covered[v];
    }
    ck_assert_msg(all >= 50, "%u of %d", all, REPLICATES * PLANTED_VARIANCES);
}
END_TEST

// ---- Answers -----------------------------------------------------------------------------------

static double share_within(const struct planted *p, const float *mean, const float *sd, double z) {
    double n = 0;
    for (size_t k = 0; k < p->test.n; k++) n += fabs(p->test_rating[k] - mean[k]) < z * sd[k];
    return n / (double)p->test.n;
}

START_TEST(noise_and_coverage_are_as_planted) {
    const struct planted_size size = {.n_users = 250, .n_items = 160, .share = 0.5};
    double now[PLANTED_VARIANCES];
    planted_init(&planted, &size, 5);
    const size_t n = planted.test.n;
    float *mean = malloc(n * sizeof *mean), *sd = malloc(n * sizeof *sd);
    ck_assert_uint_gt(planted.start[0][250], 19000);
    ck_assert(planted_start(&planted, PLANTED_RANK + 1));
    ck_assert(planted_answer(&planted, 16, mean, sd));
    planted_variances(&planted, now);
    ck_assert_double_eq_tol(sqrt(now[PLANTED_NOISE]), planted_noise, 0.03 * planted_noise);
    // The error of a share of 18,000 is 0.004, and as much again for rows in common.
    ck_assert_double_eq_tol(share_within(&planted, mean, sd, 0.6745), 0.5, 0.02);
    ck_assert_double_eq_tol(share_within(&planted, mean, sd, 1.6449), 0.9, 0.015);
    free(mean);
    free(sd);
    planted_done(&planted);
}
END_TEST

// Levels have no intervals; but (r - mean) / sd has mean 0 and variance 1.
START_TEST(probit_answers_are_calibrated) {
    const struct planted_size size = {.n_users = 120, .n_items = 90, .share = 0.45, .probit = true};
    planted_init(&planted, &size, 6);
    const size_t n = planted.test.n;
    float *mean = malloc(n * sizeof *mean), *sd = malloc(n * sizeof *sd);
    ck_assert(planted_start(&planted, PLANTED_RANK));
    ck_assert(planted_answer(&planted, 32, mean, sd));
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        const double z = (planted.test_rating[k] - mean[k]) / sd[k];
        sum += z / (double)n;
        squares += z * z / (double)n;
    }
    ck_assert_double_eq_tol(sum, 0, 0.05);
    ck_assert_double_eq_tol(squares, 1, 0.05);
    static const double cut[] = {-1.8, -0.9, 0.1, 1.3}; // planted, about the mean of f
    const float *drawn = planted.chain.probit.cut;
    for (int l = 1; l < 4; l++) ck_assert_double_eq_tol(drawn[l] - drawn[0], cut[l] - cut[0], 0.12);
    free(mean);
    free(sd);
    planted_done(&planted);
}
END_TEST

// Ratings of 0 .. 1, 1 .. 5 and 0 .. 100 are one and the same to it.
START_TEST(scales_change_nothing) {
    static const double scale[][2] = {{1, 0}, {0.1, 0.5}, {25, 50}};
    float *mean[3], *sd[3];
    size_t n = 0;
    for (int k = 0; k < 3; k++) {
        const struct planted_size size = {
            .n_users = 40, .n_items = 30, .share = 0.4, .unit = scale[k][0], .center = scale[k][1]};
        planted_init(&planted, &size, 7);
        n = planted.test.n;
        mean[k] = malloc(n * sizeof *mean[k]);
        sd[k] = malloc(n * sizeof *sd[k]);
        ck_assert(planted_start(&planted, PLANTED_RANK));
        ck_assert(planted_answer(&planted, 32, mean[k], sd[k]));
        planted_done(&planted);
    }
    for (int k = 1; k < 3; k++)
        for (size_t t = 0; t < n; t++) {
            ck_assert_double_eq_tol((mean[k][t] - scale[k][1]) / scale[k][0], mean[0][t], 2e-3);
            ck_assert_double_eq_tol(sd[k][t] / scale[k][0], sd[0][t], 2e-3);
        }
    for (int k = 0; k < 3; k++) {
        free(mean[k]);
        free(sd[k]);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bmf_planted");
    TCase *variances = tcase_create("variances"), *answers = tcase_create("answers");
    tcase_add_test(variances, intervals_of_variances_hold);
    tcase_add_test(answers, noise_and_coverage_are_as_planted);
    tcase_add_test(answers, probit_answers_are_calibrated);
    tcase_add_test(answers, scales_change_nothing);
    suite_add_tcase(suite, variances);
    suite_add_tcase(suite, answers);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
