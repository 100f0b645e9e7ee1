// Which lambda als chooses, and whether with the implicit-features term.
#include "als/als.c"
#include "common/als_choose.c"

#include <check.h>

#include "support/als_world.h"

// A score with its least at `least`, in points of the path.
static double minimum_of(double least) {
    struct path p = {.best = POINT_MIN};
    for (int at = POINT_MIN; at <= POINT_MAX; at++) {
        *path_score(&p, at) = (at - least) * (at - least);
        if (*path_score(&p, at) < *path_score(&p, p.best)) p.best = at;
    }
    return path_minimum(&p);
}

START_TEST(the_best_lambda_lies_between_points) {
    ck_assert(fabs(minimum_of(1.3) - 1.3) < 1e-9);
    ck_assert(fabs(minimum_of(-2.45) + 2.45) < 1e-9);
    ck_assert(minimum_of(100) == POINT_MAX);
    ck_assert(minimum_of(-100) == POINT_MIN);
}
END_TEST

START_TEST(noise_asks_for_a_larger_lambda_than_structure) {
    double lambda[2];
    for (int noise = 0; noise < 2; noise++) {
        ratings_done(&world.all);
        world_init(&world, noise ? 0 : STRUCTURE);
        struct als_train t = {.host = &world.host.api, .solve = {.count_power = 0.5}};
        ck_assert_int_eq(als_choose_lambda(&t, &world.data, RANK, 1.5, &lambda[noise]), RK_OK);
    }
    ck_assert_msg(
        lambda[0] < 0.5 * lambda[1], "%g with structure, %g without", lambda[0], lambda[1]);
}
END_TEST

// A slice of one user or of one item weighs one rating, however many it has; what is usual, more.
START_TEST(slices_of_few_users_stay_near_the_usual) {
    uint32_t one[N_USERS + N_ITEMS] = {0};
    double lambda[2], whole;
    struct als_train t = {.host = &world.host.api, .solve = {.count_power = 0.5}};
    ck_assert_int_eq(als_choose_lambda(&t, &world.data, RANK, 5, &whole), RK_OK);
    for (int side = 0; side < 2; side++) {
        rk_pairs few = *world.data.valid;
        rk_data data = world.data;
        if (few.n > N_USERS + N_ITEMS) few.n = N_USERS + N_ITEMS;
        *(side ? &few.items : &few.users) = one;
        data.valid = &few;
        ck_assert_double_eq(weight_of_slice(&data), 1);
        ck_assert_int_eq(als_choose_lambda(&t, &data, RANK, 5, &lambda[side]), RK_OK);
        ck_assert_msg(lambda[side] > 2.5, "%g of few, %g of all", lambda[side], whole);
    }
    ck_assert_msg(whole < 1.5, "%g", whole);
    ck_assert_double_gt(weight_of_slice(&world.data), 20);
}
END_TEST

// The term at a weight that leaves no room for ratings, and at one that does no harm.
START_TEST(a_term_that_does_harm_is_left_out) {
    for (int harm = 0; harm < 2; harm++) {
        struct als_implicit im = {.weight = harm ? 1000 : 0.001, .ridge = 10};
        struct als_train t = {.host = &world.host.api,
            .judge_implicit = true,
            .solve = {.count_power = 0.5, .implicit = &im}};
        double lambda;
        ck_assert_int_eq(als_choose_lambda(&t, &world.data, RANK, 1.5, &lambda), RK_OK);
        if (harm) ck_assert_ptr_null(t.solve.implicit);
        t.solve.implicit = &im;
        t.judge_implicit = false;
        ck_assert_int_eq(als_choose_lambda(&t, &world.data, RANK, 1.5, &lambda), RK_OK);
        ck_assert_ptr_eq(t.solve.implicit, &im);
    }
}
END_TEST

// A ridge that leaves nothing of the term is the same as none, at any weight.
START_TEST(the_ridge_is_that_of_the_settings) {
    struct als_implicit im = {.weight = 1000, .ridge = 1e9};
    double lambda[2];
    for (int with = 0; with < 2; with++) {
        struct als_train t = {
            .host = &world.host.api, .solve = {.count_power = 0.5, .implicit = with ? &im : NULL}};
        ck_assert_int_eq(als_choose_lambda(&t, &world.data, RANK, 1.5, &lambda[with]), RK_OK);
    }
    ck_assert_double_eq_tol(lambda[1], lambda[0], 0.05 * lambda[0]);
}
END_TEST

// Where all rows have n ratings, the usual penalty lambda n^c is the same for every c.
START_TEST(the_usual_penalty_does_not_hang_on_the_power) {
    static const uint64_t start[] = {0, 4, 8, 12, 16};
    static const uint32_t col[] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
    static const float value[16] = {0};
    const rk_csr all = {4, 4, start, col, value};
    const rk_data data = {.n_users = 4, .n_items = 4, .by_user = all, .by_item = all};
    for (int c = 0; c <= 4; c++)
        ck_assert_double_eq_tol(
            usual_lambda(&data, 0.25 * c) * pow(4, 0.25 * c), 2 * USUAL_LAMBDA, 1e-12);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("als_choose");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_term_that_does_harm_is_left_out);
    tcase_add_test(cases, the_best_lambda_lies_between_points);
    tcase_add_test(cases, slices_of_few_users_stay_near_the_usual);
    tcase_add_test(cases, noise_asks_for_a_larger_lambda_than_structure);
    tcase_add_test(cases, the_ridge_is_that_of_the_settings);
    tcase_add_test(cases, the_usual_penalty_does_not_hang_on_the_power);
    Suite *suite = suite_create("als_choose");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
