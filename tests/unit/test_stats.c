// The classical tests, against worked examples and naive code.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "stats/ranks.h"
#include "stats/resampled.h"
#include "stats/signed_rank.h"

// Demsar (2006), table 6: AUC of four variants of C4.5 on 14 data sets (voting's last two differ in
// his ranks alone: here by .001). His chi2 = 9.28 and F = 3.69 are without the correction for ties,
// which divides chi2 by 1 - 78 / (14 * 4 * 15).
static const double demsar[] = {.763, .768, .771, .798, .599, .591, .590, .569, .954, .971, .968,
    .967, .628, .661, .654, .657, .882, .888, .886, .898, .936, .931, .916, .931, .661, .668, .609,
    .685, .583, .583, .563, .625, .775, .838, .866, .875, 1, 1, 1, 1, .940, .962, .965, .962, .619,
    .666, .614, .669, .972, .981, .975, .974, .957, .978, .946, .970};

START_TEST(ranks_are_those_of_demsars_example) {
    struct ranks r;
    double mean[4], negative[56], mirrored[4];
    ck_assert(ranks_test(&r, demsar, 14, 4, false, mean));
    const double expected[] = {3.143, 2.000, 2.893, 1.964};
    for (int k = 0; k < 4; k++) ck_assert_double_eq_tol(mean[k], expected[k], 5e-4);
    const double plain = r.chi2 * (1 - 78. / 840);
    ck_assert_double_eq_tol(plain, 9.28, .01);
    ck_assert_double_eq_tol(r.f, 13 * r.chi2 / (14 * 3 - r.chi2), 1e-12);
    ck_assert_double_eq_tol(13 * plain / (42 - plain), 3.69, .01);
    ck_assert_double_eq_tol(r.critical, 1.25, .005);

    for (int k = 0; k < 56; k++) negative[k] = -demsar[k];
    struct ranks same;
    ck_assert(ranks_test(&same, negative, 14, 4, true, mirrored));
    ck_assert_double_eq(same.p, r.p);
    ck_assert_mem_eq(mean, mirrored, sizeof mean);
}
END_TEST

START_TEST(ranks_at_their_ends) {
    struct ranks r;
    double values[RANKS_LEAST * 2], mean[2];
    for (int k = 0; k < RANKS_LEAST * 2; k++) values[k] = k % 2;
    ck_assert(!ranks_test(&r, values, RANKS_LEAST - 1, 2, true, mean));
    ck_assert(isnan(r.p));
    ck_assert(!ranks_test(&r, values, RANKS_LEAST, 1, true, mean));
    ck_assert(ranks_test(&r, values, RANKS_LEAST, 2, true, mean));
    ck_assert(r.f == INFINITY && r.p == 0); // all rank alike
    ck_assert(mean[0] == 1 && mean[1] == 2);
    for (int k = 0; k < RANKS_LEAST * 2; k++) values[k] = 1;
    ck_assert(ranks_test(&r, values, RANKS_LEAST, 2, true, mean));
    ck_assert(r.chi2 == 0 && r.p == 1); // all equal
}
END_TEST

// Demsar (2006), table 5 (a): q_.05 of Nemenyi's test, the studentized range over sqrt(2).
START_TEST(studentized_range_is_that_of_the_tables) {
    const double q[] = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
    for (size_t k = 2; k <= 10; k++)
        ck_assert_double_eq_tol(ranks_studentized_range(.95, k) / sqrt(2), q[k - 2], 1e-3);
}
END_TEST

// Nadeau and Bengio: t = mean / sqrt((1 / k + n_test / n_train) s^2). By hand: mean .02, s^2 = .001
// / 4, five folds, so that 1 / 5 becomes 1 / 5 + 1 / 4.
START_TEST(resampled_t_by_hand) {
    const double d[] = {.02, .04, .00, .03, .01};
    struct resampled r = resampled_t(d, 5, .25);
    ck_assert_double_eq_tol(r.mean, .02, 1e-15);
    ck_assert_double_eq_tol(r.se, sqrt(.45 * .001 / 4), 1e-15);
    ck_assert_double_eq_tol(r.t, 1.885618, 1e-6);
    ck_assert_double_eq_tol(r.p, .1324, 5e-5); // 4 degrees of freedom
    ck_assert_double_eq_tol(r.high, .02 + 2.776445 * r.se, 1e-8);
    ck_assert_double_eq_tol(r.low, .02 - 2.776445 * r.se, 1e-8);
    ck_assert_double_gt(resampled_t(d, 5, 0).t, 1.45 * r.t); // uncorrected
}
END_TEST

START_TEST(resampled_t_without_spread) {
    const double equal[] = {0, 0, 0}, shifted[] = {.25, .25, .25};
    ck_assert_double_eq(resampled_t(equal, 3, .5).p, 1);
    const struct resampled r = resampled_t(shifted, 3, .5);
    ck_assert(isnan(r.p) && r.mean == .25);
    ck_assert(isnan(resampled_t(shifted, 1, .5).p) && resampled_t(shifted, 1, .5).mean == .25);
    ck_assert(isnan(resampled_t(NULL, 0, .5).mean));
}
END_TEST

// Holm's own example of three: the least times 3, the next times 2, the largest once, none less
// than the one before.
START_TEST(holm_steps_down) {
    double p[] = {.03, NAN, .01, .04, 0, .9};
    holm_adjust(p, 6);
    const double expected[] = {.09, NAN, .04, .09, 0, .9};
    for (int k = 0; k < 6; k++)
        if (k == 1)
            ck_assert(isnan(p[k]));
        else
            ck_assert_double_eq_tol(p[k], expected[k], 1e-15);
    ck_assert(!signbit(p[4]));
    double large[] = {.6, .7};
    holm_adjust(large, 2);
    ck_assert(large[0] == 1 && large[1] == 1);
}
END_TEST

// All 2^n signs: how often the lesser sum of ranks is as small.
static double enumerated(const double *d, size_t n) {
    size_t rank[12], found = 0, as_far = 0;
    for (size_t k = 0; k < n; k++) {
        rank[k] = 1;
        for (size_t j = 0; j < n; j++) rank[k] += fabs(d[j]) < fabs(d[k]);
        found += d[k] < 0 ? rank[k] : 0;
    }
    const size_t total = n * (n + 1) / 2, least = found < total - found ? found : total - found;
    for (size_t signs = 0; signs < (size_t)1 << n; signs++) {
        size_t sum = 0;
        for (size_t k = 0; k < n; k++) sum += (signs >> k & 1) ? rank[k] : 0;
        as_far += sum <= least || sum >= total - least;
    }
    return (double)as_far / (double)((size_t)1 << n);
}

START_TEST(signed_rank_is_exact_for_few_users) {
    for (size_t n = 1; n <= 11; n++) {
        float x[12];
        double a[12], b[12] = {0};
        random_normal(7, n, x, n);
        for (size_t k = 0; k < n; k++) a[k] = (double)x[k] + .4;
        struct signed_rank s;
        ck_assert(signed_rank_test(&s, a, b, n));
        ck_assert_double_eq_tol(s.p, fmin(1, enumerated(a, n)), 1e-12);
    }
}
END_TEST

// By hand: sizes 0 0 1 1 2 3, so that ranks (zeros among them) are 1.5 1.5 3.5 3.5 5 6, of which
// the first two are left out: less = 3.5. Pratt's mean (42 - 6) / 4 = 9, variance (546 - 30 - 6 /
// 2) / 24 = 21.375.
START_TEST(signed_rank_with_ties_and_zeros) {
    const double a[] = {5, 4, 3, 1, 4, 6}, b[] = {5, 4, 2, 2, 2, 3};
    struct signed_rank s, mirrored;
    ck_assert(signed_rank_test(&s, a, b, 6));
    ck_assert_double_eq_tol(s.p, erfc(fabs(3.5 - 9) / sqrt(21.375) / sqrt(2)), 1e-12);
    ck_assert(s.better == 1. / 6 && s.worse == 3. / 6 && s.n == 6);
    ck_assert(signed_rank_test(&mirrored, b, a, 6));
    ck_assert(mirrored.better == s.worse && mirrored.worse == s.better && mirrored.p == s.p);
    ck_assert(signed_rank_test(&s, a, a, 6));
    ck_assert(isnan(s.p) && s.better == 0 && s.worse == 0);
    ck_assert(signed_rank_test(&s, a, a, 0) && isnan(s.p));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stats");
    TCase *c = tcase_create("stats");
    tcase_add_test(c, ranks_are_those_of_demsars_example);
    tcase_add_test(c, ranks_at_their_ends);
    tcase_add_test(c, studentized_range_is_that_of_the_tables);
    tcase_add_test(c, resampled_t_by_hand);
    tcase_add_test(c, resampled_t_without_spread);
    tcase_add_test(c, holm_steps_down);
    tcase_add_test(c, signed_rank_is_exact_for_few_users);
    tcase_add_test(c, signed_rank_with_ties_and_zeros);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
