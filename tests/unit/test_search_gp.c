// The Gaussian process behind bayes, against numbers worked out by hand and what it must obey.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "search/gp.h"

static const bool plain[] = {false, false};

static void start(struct gp *g, const bool *nominal, size_t n_dims) {
    struct error e = {0};
    ck_assert_msg(gp_init(g, 40, n_dims, nominal, &e), "%s", e.text);
}

// Matern 5/2 of distance |x - x'| / length, from its definition.
static double matern(double distance) {
    const double s = sqrt(5) * distance;
    return (1 + s + s * s / 3) * exp(-s);
}

// Two points: the posterior by the inverse of a 2 x 2 matrix.
START_TEST(two_points_give_the_posterior_of_the_formulas) {
    struct gp g;
    start(&g, plain, 1);
    gsl_vector_set(g.theta, 0, log(0.4));
    gsl_vector_set(g.theta, 1, log(0.01));
    const double x[] = {0.2, 0.7}, y[] = {1, 3}, at = 0.4;
    for (int k = 0; k < 2; k++) gp_add(&g, &x[k], y[k]);
    ck_assert(gp_condition(&g));
    const double d = 1.01, o = matern(0.5 / 0.4), det = d * d - o * o;
    const double mean = 2; // by symmetry
    const double w0 = (d * (1 - mean) - o * (3 - mean)) / det, w1 = -w0;
    const double v = (w0 * (1 - mean) + w1 * (3 - mean)) / 2;
    const double a = matern(0.2 / 0.4), b = matern(0.3 / 0.4);
    const double known = (a * (d * a - o * b) + b * (d * b - o * a)) / det;
    double m, s;
    gp_predict(&g, &at, &m, &s);
    ck_assert_double_eq_tol(g.mean, mean, 1e-12);
    ck_assert_double_eq_tol(m, mean + a * w0 + b * w1, 1e-12);
    ck_assert_double_eq_tol(s, sqrt(v * (1 - known)), 1e-12);
    gp_done(&g);
}
END_TEST

// y depends on the first coordinate alone: its length must come out much the shorter, and the
// function be known between the points.
START_TEST(lengths_tell_what_matters) {
    struct gp g;
    start(&g, plain, 2);
    for (int k = 0; k < 36; k++) {
        const double x[] = {(k % 6) / 5.0, (k / 6) / 5.0};
        gp_add(&g, x, sin(6 * x[0]));
    }
    gp_learn(&g);
    ck_assert_double_gt(gsl_vector_get(g.theta, 1), gsl_vector_get(g.theta, 0) + log(3));
    for (int k = 0; k < 20; k++) {
        const double x[] = {0.05 * k, 0.33};
        double m, s;
        gp_predict(&g, x, &m, &s);
        ck_assert_double_eq_tol(m, sin(6 * x[0]), 0.15);
    }
    gp_done(&g);
}
END_TEST

START_TEST(noise_is_told_from_signal) {
    struct gp g;
    start(&g, plain, 1);
    for (int k = 0; k < 40; k++) {
        const double x = k / 39.0;
        gp_add(&g, &x, x + 0.3 * (k % 2 ? 1 : -1));
    }
    gp_learn(&g);
    ck_assert_double_gt(gsl_vector_get(g.theta, 1), log(0.02));
    gp_done(&g);
}
END_TEST

// Values of a list without order are all as far from each other, and a parameter that does not hold
// is alike only to itself.
START_TEST(lists_without_order_and_what_does_not_hold) {
    static const bool nominal[] = {true, false};
    struct gp g;
    start(&g, nominal, 2);
    const double x[][2] = {{0, NAN}, {1, NAN}, {2, 0.5}};
    for (int k = 0; k < 3; k++) gp_add(&g, x[k], k);
    ck_assert(gp_condition(&g));
    double m, s, far, near;
    const double fourth[] = {3, NAN}, fifth[] = {9, NAN}, same[] = {0, NAN}, holds[] = {0, 0.5};
    gp_predict(&g, fourth, &m, &far);
    gp_predict(&g, fifth, &s, &near);
    ck_assert(s == m && near == far); // 9 is no further away than 3
    gp_predict(&g, same, &m, &near);
    ck_assert_double_eq_tol(m, 0, 0.02);
    ck_assert_double_lt(near, 0.1 * far);
    gp_predict(&g, holds, &m, &s);
    ck_assert(s > near && s < far);
    gp_done(&g);
}
END_TEST

// The same point twice, with different values: only noise explains it, and nothing breaks.
START_TEST(equal_points_can_be_factored) {
    struct gp g;
    start(&g, plain, 1);
    const double x = 0.5, other = 0.9;
    gp_add(&g, &x, 1);
    gp_add(&g, &x, 1.5);
    gp_add(&g, &other, 1);
    gp_learn(&g);
    double m, s;
    gp_predict(&g, &x, &m, &s);
    ck_assert(m > 1 && m < 1.5 && isfinite(s) && s > 0);
    gp_done(&g);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("search_gp");
    TCase *all = tcase_create("Gaussian process");
    tcase_add_test(all, two_points_give_the_posterior_of_the_formulas);
    tcase_add_test(all, lengths_tell_what_matters);
    tcase_add_test(all, noise_is_told_from_signal);
    tcase_add_test(all, lists_without_order_and_what_does_not_hold);
    tcase_add_test(all, equal_points_can_be_factored);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
