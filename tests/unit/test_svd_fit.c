// What whole fits of svd make of planted structure.
#include "svd/svd.c"
#include "svd/svd_factors.c"
#include "svd/svd_ratings.c"
#include "svd/svd_sgd.c"
#include "svd/svd_time.c"
#include "svd/svd_train.c"

#include <check.h>

#include "support/svd_world.h"

static rk_params defaults(void) {
    return (rk_params){.rank = 16,
        .epochs = 40,
        .min_epochs = 10,
        .patience = 6,
        .learning_rate = 0.03,
        .decay = 0.94,
        .bias_rate = 0.3,
        .implicit_rate = 0.1,
        .feature_rate = 0.2,
        .l2 = 0.065,
        .l2_falloff = 0.25,
        .bias_l2 = 0.02,
        .implicit_l2 = 2,
        .feature_l2 = 0.01,
        .init_sd = 0.005};
}

static rk_model *fitted(const rk_params *p) {
    const rk_plugin *plugin = rk_plugin_entry();
    rk_model *m = NULL;
    ck_assert_int_eq(plugin->create(&world.host.api, p, &m), RK_OK);
    ck_assert_int_eq(plugin->fit(m, &world.data), RK_OK);
    return m;
}

static double test_rmse(const rk_model *m) {
    static float out[MOST];
    double sse = 0;
    ck_assert_int_eq(rk_plugin_entry()->predict(m, &world.test, out), RK_OK);
    for (size_t k = 0; k < world.test.n; k++) {
        const double e = out[k] - world.test_rating[k];
        sse += e * e;
    }
    return sqrt(sse / (double)world.test.n);
}

START_TEST(features_help_where_they_matter) {
    rk_params p = defaults();
    world_init(&world, 0.25, 1);
    p.features = SVD_FEATURES_NEVER;
    rk_model *without = fitted(&p);
    p.features = SVD_FEATURES_AUTO;
    rk_model *with = fitted(&p);
    ck_assert_ptr_nonnull(with->factors.features);
    ck_assert_ptr_null(without->factors.features);
    ck_assert_double_lt(test_rmse(with), 0.8 * test_rmse(without));
    destroy(with);
    destroy(without);
}
END_TEST

// The strongest penalties take away all there is in a step, and not more.
START_TEST(no_penalty_overshoots) {
    rk_params p = defaults();
    world_init(&world, 0.25, 1);
    p.implicit = true;
    p.l2 = p.bias_l2 = 10;
    p.l2_falloff = p.bias_rate = 1;
    p.learning_rate = 0.2;
    rk_model *m = fitted(&p);
    ck_assert(svd_factors_sane(&m->factors));
    destroy(m);
}
END_TEST

START_TEST(shuffled_features_are_refused) {
    rk_params p = defaults();
    world_init(&world, 0.25, 1);
    plant_genres(&world, 6);
    rk_model *m = fitted(&p);
    ck_assert_ptr_null(m->factors.features);
    destroy(m);
}
END_TEST

// Better on average is not better for sure: one row may have made it so, against another.
START_TEST(one_row_is_no_proof) {
    float better[MOST], worse[MOST], lucky[MOST];
    world_init(&world, 0.25, 1);
    for (size_t k = 0; k < world.valid.n; k++) {
        const float r = world.valid_rating[k];
        better[k] = r + 0.5f;
        lucky[k] = worse[k] = r + (k % 2 ? 0.6f : -0.6f);
    }
    lucky[0] = world.valid_rating[0];
    lucky[1] += 0.12f;
    const struct choice a = {.answer = better}, b = {.answer = worse}, c = {.answer = lucky};
    ck_assert(is_sure(&world.data, &a, &b));
    ck_assert(!is_sure(&world.data, &b, &a));
    ck_assert(!is_sure(&world.data, &c, &b));
    ck_assert(!is_sure(&world.data, &b, &b));
}
END_TEST

START_TEST(a_cold_item_is_answered_from_its_features) {
    rk_params p = defaults();
    world_init(&world, 0.25, 1);
    p.features = SVD_FEATURES_ALWAYS;
    rk_model *m = fitted(&p);
    // Items 3 and 15 are of genres 3 and 0, item 6 is of 2 and 3.
    double with = 0, without = 0;
    for (uint32_t u = 0; u < 60; u++) {
        const uint32_t users[] = {u, u, u}, items[] = {3, 15, 6};
        const rk_pairs pairs = {.size = sizeof pairs, .n = 3, .users = users, .items = items};
        float x[3];
        ck_assert_int_eq(rk_plugin_entry()->predict(m, &pairs, x), RK_OK);
        with += fabsf(x[0] - x[1]);
        without += fabsf(x[0] - x[2]);
    }
    ck_assert_double_lt(with, 0.7 * without);
    destroy(m);
}
END_TEST

// Answers under everything that there is, by `threads` threads.
static void answers_by(uint32_t threads, float *out) {
    rk_params p = defaults();
    struct error e = {0};
    world_init(&world, 0.25, 1);
    p.implicit = p.time_bias = p.tune = true;
    p.features = SVD_FEATURES_ALWAYS;
    p.epochs = 15;
    struct pool *pool = pool_new(threads, &e);
    ck_assert_ptr_nonnull(pool);
    host_init(&world.host, pool, 42);
    rk_model *m = fitted(&p);
    ck_assert_int_eq(rk_plugin_entry()->predict(m, &world.test, out), RK_OK);
    destroy(m);
    pool_free(pool);
}

START_TEST(threads_change_no_bit) {
    static float one[MOST], two[MOST], eight[MOST];
    answers_by(1, one);
    answers_by(2, two);
    answers_by(8, eight);
    ck_assert_mem_eq(one, two, world.test.n * sizeof *one);
    ck_assert_mem_eq(one, eight, world.test.n * sizeof *one);
}
END_TEST

enum { WATCHED = 5 };

struct watch {
    double train[WATCHED]; // RMSE of the training ratings in the first epochs
    uint32_t n;
};

static bool keep_first(void *arg, uint32_t done, uint32_t total, double objective) {
    struct watch *w = arg;
    (void)done, (void)total;
    if (w->n < WATCHED) w->train[w->n++] = objective;
    return true;
}

static struct watch first_epochs(size_t n_valid) {
    rk_params p = defaults();
    struct watch w = {.n = 0};
    world_init(&world, 0.25, 1);
    world.valid.n = n_valid;
    p.implicit = true;
    p.features = SVD_FEATURES_NEVER;
    world.host.on_progress = keep_first;
    world.host.arg = &w;
    destroy(fitted(&p));
    return w;
}

// While they are chosen by, the slice's rows say nothing of what a user rated.
START_TEST(the_slice_is_not_rated_while_choosing) {
    const struct watch all = first_epochs(200), few = first_epochs(20), none = first_epochs(0);
    ck_assert_mem_eq(all.train, few.train, sizeof all.train);
    ck_assert_mem_eq(all.train, none.train, sizeof all.train);
}
END_TEST

struct long_watch {
    double train[64];
    uint32_t n;
};

static bool keep_all(void *arg, uint32_t done, uint32_t total, double objective) {
    struct long_watch *w = arg;
    (void)done, (void)total;
    ck_assert_uint_lt(w->n, 64);
    w->train[w->n++] = objective;
    return true;
}

// What is trained last starts as what was scored, but has more ratings.
START_TEST(the_slice_is_learned_from_at_last) {
    rk_params p = defaults();
    struct long_watch w = {.n = 0};
    world_init(&world, 0.25, 1);
    p.features = SVD_FEATURES_NEVER;
    p.epochs = p.min_epochs = 8;
    world.host.on_progress = keep_all;
    world.host.arg = &w;
    destroy(fitted(&p));
    ck_assert_uint_gt(w.n, 8);
    ck_assert_double_ne(w.train[0], w.train[8]);
}
END_TEST

static float moved(uint32_t user, int64_t time) {
    if (time == RK_NO_TIME) return 0;
    return (user % 2 ? 1.5f : -1.5f) * (float)(time - 265 * 86400) / (365 * 86400.f);
}

// Half of the users like items ever more, half ever less.
START_TEST(changes_in_time_are_found) {
    rk_params p = defaults();
    double rmse[2];
    p.features = SVD_FEATURES_NEVER;
    p.time_l2 = 5;
    for (int with = 0; with < 2; with++) {
        world_init(&world, 0.4, 0);
        for (uint32_t u = 0; u < N_USERS; u++)
            for (uint64_t e = world.start[0][u]; e < world.start[0][u + 1]; e++)
                world.value[0][e] += moved(u, world.time[e]);
        for (size_t e = 0; e < world.test.n; e++)
            world.test_rating[e] += moved(world.test_user[e], world.test_time[e]);
        world.valid.n = 0;
        p.time_bias = with;
        rk_model *m = fitted(&p);
        rmse[with] = test_rmse(m);
        destroy(m);
    }
    ck_assert_double_lt(rmse[1], 0.8 * rmse[0]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("svd_fit");
    TCase *fits = tcase_create("fits");
    tcase_add_test(fits, features_help_where_they_matter);
    tcase_add_test(fits, no_penalty_overshoots);
    tcase_add_test(fits, shuffled_features_are_refused);
    tcase_add_test(fits, one_row_is_no_proof);
    tcase_add_test(fits, a_cold_item_is_answered_from_its_features);
    tcase_add_test(fits, threads_change_no_bit);
    tcase_add_test(fits, the_slice_is_not_rated_while_choosing);
    tcase_add_test(fits, the_slice_is_learned_from_at_last);
    tcase_add_test(fits, changes_in_time_are_found);
    suite_add_tcase(suite, fits);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
