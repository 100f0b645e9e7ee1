// halving: its rungs, who goes on, and what it spends.
#include "support/searching.h"

static const struct search_dim dims[] = {
    {.name = "a", .min = 0, .max = 1, .def = 2, .when = -1},
    {.name = "b", .min = 0, .max = 1, .def = 2, .when = -1},
};
static const struct search_space space = {dims, 2};

// At little effort the order of candidates is uneven, but not wholly lost.
static double uneven(const double *at, double effort) {
    const double true_score = pow(at[0] - 0.3, 2) + pow(at[1] - 0.6, 2);
    return true_score + 0.05 * (1 - effort) * sin(997 * at[0] + 313 * at[1]);
}
// The default is the worst until full effort, and the best there.
static double late(const double *at, double effort) {
    if (at[0] > 1) return effort < 1 ? 100 : -1;
    return at[0];
}
static double default_fails(const double *at, double effort) {
    return at[0] > 1 ? INFINITY : uneven(at, effort);
}

// Little effort looks better than full effort does.
static double flattered(const double *at, double effort) {
    return at[0] + effort;
}
static double half_fail(const double *at, double effort) {
    return at[0] < 0.5 ? NAN : at[0] > 1 ? 9 : at[0] - effort;
}

START_TEST(rungs_ascend_by_three_and_cost_the_budget) {
    struct history h = search_all("halving", &space, 30, 1, uneven);
    // 4 rungs: n / 27 + floor(n / 3) / 9 + floor(n / 9) / 3 + floor(n / 27) <= 30.
    ck_assert_uint_eq(h.n_batches, 4);
    int count[4] = {0};
    for (size_t k = 0; k < h.n; k++)
        for (int r = 0; r < 4; r++) count[r] += fabs(h.effort[k] * pow(3, 3 - r) - 1) < 1e-12;
    ck_assert_int_eq(count[0], 207);
    ck_assert_int_eq(count[1], 69);
    ck_assert_int_eq(count[2], 23);
    ck_assert_int_eq(count[3], 7);
    ck_assert(h.spent <= 30 && h.spent > 29);
    history_done(&h);
}
END_TEST

START_TEST(the_best_of_a_rung_go_on_and_the_default_always) {
    struct history h = search_all("halving", &space, 30, 2, uneven);
    for (size_t k = 0; k < h.n; k++) {
        if (h.effort[k] == 1 || h.number[k] == 0) continue;
        int better = 0, room = 0;
        bool went_on = false;
        for (size_t other = 0; other < h.n; other++) {
            const bool same_rung = h.effort[other] == h.effort[k];
            better += same_rung && h.score[other] < h.score[k];
            const bool next_rung = fabs(h.effort[other] / h.effort[k] - 3) < 1e-9;
            room += next_rung;
            went_on = went_on || (next_rung && h.number[other] == h.number[k]);
        }
        // The default takes the last place where it has not earned one.
        if (better < room - 1) ck_assert(went_on);
        if (better >= room) ck_assert(!went_on);
    }
    history_done(&h);
    h = search_all("halving", &space, 30, 2, late);
    ck_assert_uint_eq(h.best_number, 0);
    ck_assert_double_eq(h.best, -1);
    history_done(&h);
}
END_TEST

START_TEST(a_candidate_keeps_its_number_and_its_point) {
    struct history h = search_all("halving", &space, 20, 3, uneven);
    for (size_t k = 0; k < h.n; k++)
        for (size_t other = 0; other < k; other++)
            if (h.number[k] == h.number[other])
                ck_assert(same_point(h.at + k * DIMS_MAX, h.at + other * DIMS_MAX, 2));
    history_done(&h);
}
END_TEST

START_TEST(a_default_that_fails_takes_one_place_and_no_more) {
    struct history h = search_all("halving", &space, 30, 4, default_fails);
    ck_assert(isfinite(h.best) && h.best_number > 0);
    ck_assert_double_lt(h.best, 0.01);
    history_done(&h);
}
END_TEST

START_TEST(scores_of_little_effort_are_no_result) {
    struct history h = search_all("halving", &space, 30, 5, flattered);
    ck_assert_double_ge(h.best, 1);
    history_done(&h);
}
END_TEST

START_TEST(what_failed_does_not_go_on) {
    struct history h = search_all("halving", &space, 30, 6, half_fail);
    for (size_t k = 0; k < h.n; k++)
        ck_assert(h.effort[k] < 0.1 || h.number[k] == 0 || h.at[k * DIMS_MAX] >= 0.5);
    ck_assert_double_lt(h.best, -0.4);
    history_done(&h);
}
END_TEST

// For as many full fits, it must come closer than as many random candidates.
START_TEST(it_beats_random_where_little_effort_tells) {
    double halving = 0, random = 0;
    for (uint64_t key = 1; key <= 20; key++) {
        struct history a = search_all("halving", &space, 20, key, uneven);
        struct history b = search_all("random", &space, 20, key, uneven);
        halving += a.best;
        random += b.best;
        history_done(&a);
        history_done(&b);
    }
    ck_assert_msg(halving < 0.7 * random, "halving %g, random %g", halving, random);
}
END_TEST

START_TEST(what_cannot_be_halved_is_refused) {
    const struct search_method *m = search_method_find("halving");
    struct error e = {0};
    struct search_job job = {.space = &space, .trials = 3, .least_effort = 0.01};
    ck_assert(!m->judge(&job, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "trials = 4 at least"));
    job.trials = 4;
    ck_assert(m->judge(&job, &e));
    job.least_effort = 0.5;
    ck_assert(!m->judge(&job, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "0.5 of one"));
    job.least_effort = 1.0 / 3;
    ck_assert(m->judge(&job, &e));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("search_halving");
    TCase *all = tcase_create("halving");
    tcase_add_test(all, rungs_ascend_by_three_and_cost_the_budget);
    tcase_add_test(all, the_best_of_a_rung_go_on_and_the_default_always);
    tcase_add_test(all, a_candidate_keeps_its_number_and_its_point);
    tcase_add_test(all, a_default_that_fails_takes_one_place_and_no_more);
    tcase_add_test(all, scores_of_little_effort_are_no_result);
    tcase_add_test(all, what_failed_does_not_go_on);
    tcase_add_test(all, it_beats_random_where_little_effort_tells);
    tcase_add_test(all, what_cannot_be_halved_is_refused);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
