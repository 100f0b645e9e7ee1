// Least squares by weights of at least 0 and sum 1: against all sets of columns, and where columns
// are alike, or one is perfect.
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/random.h"
#include "trial/simplex.h"

enum { MOST = SIMPLEX_MOST, ROWS = 40 };

static double value(size_t n, const double *p, const double *w) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) sum += w[i] * p[i * n + j] * w[j];
    return sum;
}

static void products_of(size_t n, double errors[][ROWS], double *p) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            p[i * n + j] = 0;
            for (int k = 0; k < ROWS; k++) p[i * n + j] += errors[i][k] * errors[j][k];
        }
}

// Weights of sum 1 on the columns of `set`, by Gauss on the conditions of the optimum. False: there
// is no one solution.
static bool solve(size_t n, const double *p, unsigned set, double *w) {
    double a[MOST + 1][MOST + 2] = {{0}};
    size_t at[MOST], m = 0;
    for (size_t k = 0; k < n; k++)
        if (set >> k & 1) at[m++] = k;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < m; j++) a[i][j] = p[at[i] * n + at[j]];
        a[i][m] = a[m][i] = 1;
    }
    a[m][m + 1] = 1;
    for (size_t c = 0; c <= m; c++) {
        size_t best = c;
        for (size_t r = c; r <= m; r++)
            if (fabs(a[r][c]) > fabs(a[best][c])) best = r;
        if (fabs(a[best][c]) < 1e-12) return false;
        for (size_t k = 0; k <= m + 1; k++) {
            const double x = a[c][k];
            a[c][k] = a[best][k];
            a[best][k] = x;
        }
        for (size_t r = 0; r <= m; r++) {
            const double x = a[r][c] / a[c][c];
            for (size_t k = c; r != c && k <= m + 1; k++) a[r][k] -= x * a[c][k];
        }
    }
    memset(w, 0, n * sizeof *w);
    for (size_t i = 0; i < m; i++) w[at[i]] = a[i][m + 1] / a[i][i];
    return true;
}

// The least over all sets of columns whose weights are above 0.
static double by_force(size_t n, const double *p) {
    double least = INFINITY, w[MOST];
    for (unsigned set = 1; set < 1u << n; set++) {
        if (!solve(n, p, set, w)) continue;
        bool is_inside = true;
        for (size_t k = 0; k < n; k++) is_inside &= w[k] >= 0;
        if (is_inside && value(n, p, w) < least) least = value(n, p, w);
    }
    return least;
}

static void must_be_weights(size_t n, const double *w) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        ck_assert(w[k] >= 0);
        sum += w[k];
    }
    ck_assert_double_eq_tol(sum, 1, 1e-14);
}

// Errors that have something in common, as those of models do, and are more or less large.
static void make_errors(uint64_t seed, size_t n, double errors[][ROWS]) {
    float common[ROWS], own[ROWS];
    random_normal(seed, 1000, common, ROWS);
    for (size_t k = 0; k < n; k++) {
        const double scale = 0.3 + 0.2 * (double)((seed + 3 * k) % 5);
        random_normal(seed, k, own, ROWS);
        for (int row = 0; row < ROWS; row++)
            errors[k][row] = scale * (double)own[row] + (double)common[row] * (1 - 0.1 * (double)k);
    }
}

START_TEST(no_weights_are_better) {
    static double errors[MOST][ROWS];
    double p[MOST * MOST], w[MOST], again[MOST];
    size_t n_inside = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        const size_t n = 2 + seed % 7;
        make_errors(seed, n, errors);
        products_of(n, errors, p);
        simplex_least_squares(n, p, w);
        must_be_weights(n, w);
        const double least = by_force(n, p);
        ck_assert_double_eq_tol(value(n, p, w) / least, 1, 1e-12);
        for (size_t k = 0; k < n; k++) n_inside += w[k] > 0 && w[k] < 1;
        simplex_least_squares(n, p, again);
        ck_assert_int_eq(memcmp(w, again, n * sizeof *w), 0);
    }
    ck_assert_uint_gt(n_inside, 60);
}
END_TEST

START_TEST(twelve_columns_are_weighted) {
    static double errors[MOST][ROWS];
    double p[MOST * MOST], w[MOST];
    make_errors(7, MOST, errors);
    products_of(MOST, errors, p);
    simplex_least_squares(MOST, p, w);
    must_be_weights(MOST, w);
    ck_assert_double_eq_tol(value(MOST, p, w) / by_force(MOST, p), 1, 1e-12);
}
END_TEST

START_TEST(a_perfect_column_has_all_the_weight) {
    static double errors[4][ROWS];
    double p[16], w[4];
    make_errors(3, 4, errors);
    memset(errors[2], 0, sizeof errors[2]);
    products_of(4, errors, p);
    simplex_least_squares(4, p, w);
    ck_assert(w[0] == 0 && w[1] == 0 && w[2] == 1 && w[3] == 0);
}
END_TEST

// The first of them, or both where they are alike but for rounding; and columns that are means of
// others.
START_TEST(columns_that_are_alike_do_no_harm) {
    static double errors[5][ROWS];
    double p[25], w[5], less[3];
    make_errors(5, 3, errors);
    products_of(3, errors, p);
    simplex_least_squares(3, p, less);
    const double least = value(3, p, less);
    memcpy(errors[3], errors[0], sizeof errors[0]);
    for (int k = 0; k < ROWS; k++)
        errors[4][k] = (errors[1][k] + errors[2][k]) / 2 * (1 + 1e-15 * (k % 3));
    products_of(5, errors, p);
    simplex_least_squares(5, p, w);
    must_be_weights(5, w);
    ck_assert_double_eq_tol(value(5, p, w) / least, 1, 1e-10);
    for (int k = 0; k < ROWS; k++)
        for (size_t c = 0; c < 5; c++) errors[c][k] = k;
    products_of(5, errors, p);
    simplex_least_squares(5, p, w);
    ck_assert(w[0] == 1);
    memset(p, 0, sizeof p);
    simplex_least_squares(5, p, w);
    must_be_weights(5, w);
}
END_TEST

// Two columns of opposite errors: their mean has none.
START_TEST(errors_that_cancel_out_do) {
    const double p[] = {1, -0.5, 0, -0.5, 0.25, 0, 0, 0, 9};
    double w[3];
    simplex_least_squares(3, p, w);
    ck_assert_double_eq_tol(w[0], 1.0 / 3, 1e-12);
    ck_assert_double_eq_tol(w[1], 2.0 / 3, 1e-12);
    ck_assert(w[2] == 0 || w[2] < 1e-12);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("simplex");
    tcase_add_test(cases, no_weights_are_better);
    tcase_add_test(cases, twelve_columns_are_weighted);
    tcase_add_test(cases, a_perfect_column_has_all_the_weight);
    tcase_add_test(cases, columns_that_are_alike_do_no_harm);
    tcase_add_test(cases, errors_that_cancel_out_do);
    Suite *suite = suite_create("simplex");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
