// What holds for every search method, over every one that there is; then grid and random.
#include "support/searching.h"

// optimiser of three, momentum where it is the second or third, rate by ratios, rank whole.
static const bool by_momentum[] = {false, true, true};
static const struct search_dim mixed_dims[] = {
    {.name = "optimiser", .n = 3, .def = 0, .when = -1},
    {.name = "momentum",
        .min = 0,
        .max = 1,
        .steps = 3,
        .def = 0.9,
        .when = 0,
        .when_in = by_momentum},
    {.name = "rate", .min = 1e-4, .max = 1, .log = true, .steps = 5, .def = 0.01, .when = -1},
    {.name = "rank", .min = 2, .max = 40, .whole = true, .steps = 2, .def = 100, .when = -1},
};
static const struct search_space mixed = {mixed_dims, 4};

static const struct search_dim small_dims[] = {
    {.name = "a", .n = 3, .ordered = true, .def = 1, .when = -1},
    {.name = "b", .min = 1, .max = 4, .whole = true, .steps = 4, .def = 2, .when = -1},
};
static const struct search_space small = {small_dims, 2};

static double bowl(const double *at, double effort) {
    const double momentum = isnan(at[1]) ? 0.5 : at[1];
    return at[0] + pow(log10(at[2]) + 2.5, 2) + pow(momentum - 0.3, 2) + fabs(at[3] - 10) / 20 +
           0.1 * (1 - effort);
}
static double sum(const double *at, double effort) {
    (void)effort;
    return 10 - at[0] - at[1];
}
static double constant(const double *at, double effort) {
    (void)at, (void)effort;
    return 3;
}
static double fails_mostly(const double *at, double effort) {
    return at[2] > 0.003 ? (at[0] > 0 ? NAN : INFINITY) : bowl(at, effort);
}
static double fails(const double *at, double effort) {
    (void)at, (void)effort;
    return INFINITY;
}

// No score is that low.
static double below_all(const double *at, double effort) {
    (void)at, (void)effort;
    return -INFINITY;
}

static const char *nth(int k) {
    return search_method_nth((size_t)k)->id;
}
static bool by_effort(int k) {
    return search_method_nth((size_t)k)->has_effort;
}

START_TEST(the_default_is_first_and_nothing_repeats) {
    struct history h = search_all(nth(_i), &mixed, 71, 5, bowl);
    ck_assert_uint_eq(h.number[0], 0);
    ck_assert_double_eq(h.at[3], 100);
    uint32_t next = 0;
    for (size_t k = 0; k < h.n; k++) {
        ck_assert_uint_le(h.number[k], next);
        if (h.number[k] < next) ck_assert(by_effort(_i));
        if (h.number[k] == next) next++;
        for (size_t other = 0; other < k; other++)
            ck_assert(h.number[other] == h.number[k] ||
                      !same_point(h.at + other * DIMS_MAX, h.at + k * DIMS_MAX, mixed.n));
    }
    history_done(&h);
}
END_TEST

START_TEST(the_budget_is_kept_and_used) {
    for (uint32_t trials = 4; trials < 80; trials += 13) {
        if (strcmp(nth(_i), "grid") == 0) continue;
        struct history h = search_all(nth(_i), &mixed, trials, trials, bowl);
        ck_assert_msg(h.spent <= trials + 1e-9, "%s spent %g of %u", nth(_i), h.spent, trials);
        ck_assert_msg(h.spent > 0.7 * trials, "%s spent %g of %u", nth(_i), h.spent, trials);
        history_done(&h);
    }
}
END_TEST

START_TEST(coordinates_lie_in_the_space_and_conditions_hold) {
    struct history h = search_all(nth(_i), &mixed, 71, 11, bowl);
    int held = 0;
    for (size_t k = 1; k < h.n; k++) {
        const double *at = h.at + k * DIMS_MAX;
        if (h.number[k] == 0) continue;
        ck_assert(at[0] == 0 || at[0] == 1 || at[0] == 2);
        ck_assert_int_eq(isnan(at[1]), at[0] == 0);
        ck_assert(isnan(at[1]) || (at[1] >= 0 && at[1] <= 1));
        ck_assert(at[2] >= 1e-4 && at[2] <= 1);
        ck_assert(at[3] >= 2 && at[3] <= 40 && at[3] == floor(at[3]));
        held += !isnan(at[1]);
    }
    ck_assert_int_gt(held, 5);
    history_done(&h);
}
END_TEST

START_TEST(the_same_again_by_space_budget_key_and_scores) {
    struct history a = search_all(nth(_i), &mixed, 71, 9, bowl);
    struct history b = search_all(nth(_i), &mixed, 71, 9, bowl);
    ck_assert_uint_eq(a.n, b.n);
    ck_assert_uint_eq(a.n_batches, b.n_batches);
    ck_assert_mem_eq(a.number, b.number, a.n * sizeof *a.number);
    ck_assert_mem_eq(a.effort, b.effort, a.n * sizeof *a.effort);
    for (size_t k = 0; k < a.n; k++)
        ck_assert(same_point(a.at + k * DIMS_MAX, b.at + k * DIMS_MAX, mixed.n));
    ck_assert_double_eq(a.best, b.best);
    ck_assert_uint_eq(a.best_number, b.best_number);
    history_done(&a);
    history_done(&b);
}
END_TEST

START_TEST(another_key_is_another_search) {
    if (strcmp(nth(_i), "grid") == 0) return;
    struct history a = search_all(nth(_i), &mixed, 40, 9, bowl);
    struct history b = search_all(nth(_i), &mixed, 40, 10, bowl);
    ck_assert(!same_point(a.at + DIMS_MAX, b.at + DIMS_MAX, mixed.n));
    history_done(&a);
    history_done(&b);
}
END_TEST

START_TEST(the_best_is_the_earliest_of_the_lowest_at_full_effort) {
    struct history h = search_all(nth(_i), &mixed, 71, 3, bowl);
    size_t best = 0;
    for (size_t k = 0; k < h.n; k++)
        if (h.effort[k] == 1 && (h.effort[best] < 1 || h.score[k] < h.score[best])) best = k;
    ck_assert_uint_eq(h.best_number, h.number[best]);
    ck_assert_double_eq(h.best, h.score[best]);
    ck_assert(same_point(h.best_at, h.at + best * DIMS_MAX, mixed.n));
    history_done(&h);
    h = search_all(nth(_i), &mixed, 71, 3, constant);
    ck_assert_uint_eq(h.best_number, 0);
    ck_assert_double_eq(h.best, 3);
    history_done(&h);
}
END_TEST

START_TEST(what_failed_is_never_the_best) {
    struct history h = search_all(nth(_i), &mixed, 71, 3, fails_mostly);
    ck_assert(isfinite(h.best));
    ck_assert_double_le(h.best_at[2], 0.003);
    history_done(&h);
    h = search_all(nth(_i), &mixed, 71, 3, fails);
    ck_assert_uint_eq(h.best_number, UINT32_MAX);
    history_done(&h);
    h = search_all(nth(_i), &mixed, 71, 3, below_all);
    ck_assert_uint_eq(h.best_number, UINT32_MAX);
    history_done(&h);
}
END_TEST

// 3 x 4 points, the default among them: each is asked, then it is over. Halving asks for those
// that go on once a rung.
START_TEST(an_exhausted_space_ends_the_search) {
    struct history h = search_all(nth(_i), &small, 500, 2, sum);
    bool seen[12] = {false};
    for (size_t k = 0; k < h.n; k++)
        seen[(int)h.at[k * DIMS_MAX] * 4 + (int)h.at[k * DIMS_MAX + 1] - 1] = true;
    for (int k = 0; k < 12; k++) ck_assert_msg(seen[k], "%s left out %d", nth(_i), k);
    if (!by_effort(_i)) ck_assert_uint_eq(h.n, 12);
    ck_assert_double_eq(h.best, 10 - 2 - 4);
    history_done(&h);
}
END_TEST

// What is foreseen of a search is what it asks for, where that is said before.
START_TEST(candidates_are_counted_before_they_are_asked) {
    const struct search_method *method = search_method_nth((size_t)_i);
    if (by_effort(_i)) return;
    for (uint32_t trials = 12; trials <= 14; trials++) {
        struct history h = search_all(method->id, &small, trials, 5, sum);
        const struct search_job job = {.space = &small, .trials = trials};
        ck_assert_uint_eq(h.n, 12);
        ck_assert_uint_eq(search_count(method, &job), h.n);
        history_done(&h);
    }
    // The default is one more where it is no point of the space; ranges have no end but of a grid.
    const uint32_t all = (5 * 2) * (1 + 3 + 3) + 1;
    for (uint32_t trials = all; trials <= all + 1; trials++) {
        struct history h = search_all(method->id, &mixed, trials, 5, bowl);
        const struct search_job job = {.space = &mixed, .trials = trials};
        ck_assert_uint_eq(h.n, method->has_steps ? all : trials);
        ck_assert_uint_eq(search_count(method, &job), h.n);
        history_done(&h);
    }
    ck_assert_uint_eq(search_count(method, &(struct search_job){.space = &small, .trials = 7}), 7);
}
END_TEST

// Those that are drawn seldom are gone through in the end.
START_TEST(random_asks_for_all_of_an_uneven_space) {
    const struct search_dim dim = {
        .name = "rank", .min = 1, .max = 1500, .whole = true, .log = true, .def = 9, .when = -1};
    const struct search_space space = {&dim, 1};
    struct history h = search_all("random", &space, 2000, 1, constant);
    ck_assert_uint_eq(h.n, 1500);
    history_done(&h);
}
END_TEST

START_TEST(batches_change_nothing_but_when) {
    static const char *const ids[] = {"grid", "random"};
    struct history all = search_all(ids[_i], &mixed, 71, 1, bowl);
    ck_assert_uint_eq(all.n_batches, 1);
    const struct search_job job = {.space = &mixed, .trials = 71, .key = 1, .batch = 4};
    struct error e = {0};
    struct search *s = search_begin(search_method_find(ids[_i]), &job, &e);
    const struct search_candidate *batch;
    size_t at = 0;
    for (size_t n; (n = search_ask(s, &batch)) > 0; at += n) {
        ck_assert_uint_le(n, 4);
        for (size_t k = 0; k < n; k++) {
            if (batch[k].at)
                ck_assert(same_point(batch[k].at, all.at + (at + k) * DIMS_MAX, mixed.n));
            search_tell(s, batch[k].number, 1);
        }
    }
    ck_assert_uint_eq(at, all.n);
    search_end(s);
    history_done(&all);
}
END_TEST

START_TEST(a_budget_of_none_or_a_space_of_none_is_refused) {
    const struct search_space empty = {NULL, 0};
    struct error e = {0};
    const struct search_job nothing = {.space = &empty, .trials = 5, .least_effort = 0.5};
    ck_assert(!search_method_nth((size_t)_i)->judge(&nothing, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "nothing is searched"));
    const struct search_job none = {.space = &small, .least_effort = 0.5};
    ck_assert(!search_method_nth((size_t)_i)->judge(&none, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "trials = 0"));
}
END_TEST

START_TEST(a_grid_takes_every_combination_the_last_fastest) {
    // 5 rates x 2 ranks, once without momentum and twice with 3 of it, and the default.
    struct history h = search_all("grid", &mixed, 71, 1, bowl);
    ck_assert_uint_eq(h.n, 71);
    const double second[] = {0, NAN, 1e-4, 2}, third[] = {0, NAN, 1e-4, 40},
                 fourth[] = {0, NAN, 1e-3, 2}, last[] = {2, 1, 1, 40};
    ck_assert(same_point(h.at + DIMS_MAX, second, 4));
    ck_assert(same_point(h.at + 2 * DIMS_MAX, third, 4));
    ck_assert(same_point(h.at + 3 * DIMS_MAX, fourth, 4));
    ck_assert(same_point(h.at + 70 * DIMS_MAX, last, 4));
    history_done(&h);
}
END_TEST

START_TEST(steps_are_the_numbers_that_one_would_write) {
    const struct search_dim dim = {
        .name = "lambda", .min = 1e-3, .max = 1, .log = true, .steps = 4, .def = 0.01, .when = -1};
    const struct search_space space = {&dim, 1};
    struct history h = search_all("grid", &space, 4, 1, constant);
    ck_assert_uint_eq(h.n, 4); // 0.01 is the default, and comes once
    const double expected[] = {0.01, 0.001, 0.1, 1};
    for (size_t k = 0; k < 4; k++) ck_assert(h.at[k * DIMS_MAX] == expected[k]);
    history_done(&h);
}
END_TEST

START_TEST(a_grid_says_why_it_cannot_be) {
    struct error e = {0};
    struct search_job job = {.space = &mixed, .trials = 70};
    ck_assert(!search_method_find("grid")->judge(&job, &e));
    ck_assert_str_eq(e.text,
        "a grid of 70 configurations (optimiser 3 x momentum 3 x rate 5 x rank 2) and the default "
        "is "
        "more than trials = 70; raise trials, or search = { method = \"random\"; ... }");
    job = (struct search_job){.space = &small, .trials = 11};
    ck_assert(!search_method_find("grid")->judge(&job, &e));
    ck_assert_str_eq(e.text,
        "a grid of 12 configurations (a 3 x b 4) is more than trials = 11; raise "
        "trials, or search = { method = \"random\"; ... }");
    const struct search_dim dim = {
        .name = "lambda", .min = 1e-3, .max = 1, .log = true, .def = 0.01, .when = -1};
    const struct search_space space = {&dim, 1};
    job.space = &space;
    ck_assert(!search_method_find("grid")->judge(&job, &e));
    ck_assert_str_eq(e.text,
        "a grid needs to know how many points to take of lambda's range: write "
        "\"0.001..1 log 7\"");
}
END_TEST

// Of the first 2^k points, each of 2^k equal parts of every parameter gets one.
START_TEST(random_fills_every_parameter_evenly) {
    const struct search_dim dims[] = {
        {.name = "a", .min = 0, .max = 1, .def = -1, .when = -1},
        {.name = "b", .min = 1e-6, .max = 1, .log = true, .def = 2, .when = -1},
        {.name = "c", .n = 16, .def = NAN, .when = -1},
        {.name = "d", .min = 1, .max = 32, .whole = true, .def = 99, .when = -1},
    };
    const struct search_space space = {dims, 4};
    for (uint64_t key = 0; key < 20; key++) {
        struct history h = search_all("random", &space, 65, key, constant);
        int count[4][64] = {{0}};
        for (size_t k = 1; k < h.n; k++) {
            const double *at = h.at + k * DIMS_MAX;
            // The middle of a part: numbers are rounded, those at an edge may fall across.
            count[0][(int)(at[0] * 16 * 0.999999)]++;
            count[1][(int)((log10(at[1]) + 6) / 6 * 8 * 0.999999)]++;
            count[2][(int)at[2]]++;
            count[3][(int)at[3] - 1]++;
        }
        for (int k = 0; k < 16; k++) ck_assert_int_le(abs(count[0][k] - 4), 1);
        for (int k = 0; k < 8; k++) ck_assert_int_le(abs(count[1][k] - 8), 1);
        for (int k = 0; k < 16; k++) ck_assert_int_eq(count[2][k], 4);
        for (int k = 0; k < 32; k++) ck_assert_int_eq(count[3][k], 2);
        history_done(&h);
    }
}
END_TEST

// Two parameters must not move together: over keys, the corners are as frequent as their share.
START_TEST(random_parameters_are_independent) {
    const struct search_dim dims[] = {
        {.name = "a", .min = 0, .max = 1, .def = -1, .when = -1},
        {.name = "b", .min = 0, .max = 1, .def = -1, .when = -1},
    };
    const struct search_space space = {dims, 2};
    int corner[4] = {0}, n = 0;
    for (uint64_t key = 0; key < 500; key++) {
        struct history h = search_all("random", &space, 8, key, constant);
        for (size_t k = 1; k < h.n; k++, n++) {
            const double *at = h.at + k * DIMS_MAX;
            corner[(at[0] > 0.5) + 2 * (at[1] > 0.5)]++;
        }
        history_done(&h);
    }
    // Four standard deviations of a binomial's 3,500 draws.
    for (int k = 0; k < 4; k++) ck_assert_int_lt(abs(corner[k] - n / 4), 103);
}
END_TEST

START_TEST(numbers_are_short) {
    struct history h = search_all("random", &mixed, 60, 4, constant);
    for (size_t k = 0; k < h.n; k++) {
        char text[40], again[40];
        snprintf(text, sizeof text, "%.5g", h.at[k * DIMS_MAX + 2]);
        snprintf(again, sizeof again, "%.17g", strtod(text, NULL));
        ck_assert_double_eq(strtod(again, NULL), h.at[k * DIMS_MAX + 2]);
    }
    history_done(&h);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("search");
    TCase *all = tcase_create("every method"), *own = tcase_create("grid and random");
    const int n = (int)search_method_count();
    tcase_add_loop_test(all, the_default_is_first_and_nothing_repeats, 0, n);
    tcase_add_loop_test(all, the_budget_is_kept_and_used, 0, n);
    tcase_add_loop_test(all, coordinates_lie_in_the_space_and_conditions_hold, 0, n);
    tcase_add_loop_test(all, the_same_again_by_space_budget_key_and_scores, 0, n);
    tcase_add_loop_test(all, another_key_is_another_search, 0, n);
    tcase_add_loop_test(all, the_best_is_the_earliest_of_the_lowest_at_full_effort, 0, n);
    tcase_add_loop_test(all, what_failed_is_never_the_best, 0, n);
    tcase_add_loop_test(all, an_exhausted_space_ends_the_search, 0, n);
    tcase_add_loop_test(all, candidates_are_counted_before_they_are_asked, 0, n);
    tcase_add_loop_test(all, a_budget_of_none_or_a_space_of_none_is_refused, 0, n);
    tcase_add_test(own, a_grid_takes_every_combination_the_last_fastest);
    tcase_add_test(own, steps_are_the_numbers_that_one_would_write);
    tcase_add_test(own, a_grid_says_why_it_cannot_be);
    tcase_add_test(own, random_fills_every_parameter_evenly);
    tcase_add_test(own, random_parameters_are_independent);
    tcase_add_test(own, random_asks_for_all_of_an_uneven_space);
    tcase_add_loop_test(own, batches_change_nothing_but_when, 0, 2);
    tcase_add_test(own, numbers_are_short);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, own);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
