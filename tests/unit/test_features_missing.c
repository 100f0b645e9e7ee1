// features = "always" where there are none: the model does without, and says so; else it says
// nothing.
#include "check/planted.h"
#include "support/plugin_life.h"

static int n_warnings;

static void on_log(void *arg, rk_log_level level, const char *line) {
    (void)arg;
    if (level != RK_LOG_WARNING) return;
    ck_assert_msg(strstr(line, "features = always, and "), "%s", line);
    n_warnings++;
}

static const struct {
    const char *plugin, *settings;
    enum planted_kind data;
    int n_warnings;
} cases[] = {
    {"svd", "features=1", PLANTED_NO_FEATURES, 1},
    {"svd", "features=0", PLANTED_NO_FEATURES, 0},
    {"svd", "features=1", PLANTED_SMALL, 0},
    {"autoencoder", "features=1", PLANTED_NO_FEATURES, 1},
    {"autoencoder", "features=1 rows=1", PLANTED_NO_FEATURES, 1},
    {"autoencoder", "features=0", PLANTED_NO_FEATURES, 0},
    {"autoencoder", "features=1", PLANTED_SMALL, 0},
    {"hybrid", "features=1", PLANTED_NO_FEATURES, 1},
    {"hybrid", "features=1 genres=0 tags=0 years=0 demographics=0", PLANTED_SMALL, 1},
    {"hybrid", "features=0", PLANTED_NO_FEATURES, 0},
    {"hybrid", "features=1", PLANTED_SMALL, 0},
};

START_TEST(what_is_always_wanted_is_missed) {
    struct life l;
    struct planted data;
    struct error e = {0};
    life_start(&l, cases[_i].plugin, cases[_i].settings, 1);
    l.host.on_log = on_log;
    ck_assert(planted_build(&data, cases[_i].data, l.plugin, &e));
    ck_assert_int_eq(l.plugin->fit(l.self, data.data), RK_OK);
    ck_assert_int_eq(n_warnings, cases[_i].n_warnings);
    life_end(&l);
    planted_done(&data);
}
END_TEST

int main(void) {
    TCase *all = tcase_create("features_missing");
    tcase_add_loop_test(
        all, what_is_always_wanted_is_missed, 0, (int)(sizeof cases / sizeof *cases));
    Suite *suite = suite_create("features_missing");
    suite_add_tcase(suite, all);
    loader_prepare_blas();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
