// What whole fits of svd make of planted structure.
#include "svd/svd.c"
#include "svd/svd_factors.c"
#include "svd/svd_ratings.c"
#include "svd/svd_sgd.c"
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

START_TEST(shuffled_features_are_refused) {
    rk_params p = defaults();
    world_init(&world, 0.25, 1);
    plant_genres(&world, 6);
    rk_model *m = fitted(&p);
    ck_assert_ptr_null(m->factors.features);
    destroy(m);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("svd_fit");
    TCase *fits = tcase_create("fits");
    tcase_add_test(fits, features_help_where_they_matter);
    tcase_add_test(fits, shuffled_features_are_refused);
    suite_add_tcase(suite, fits);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
