// Conditions of `reckon compare --fail-if`: how they are read, and what breaks them.
#include <check.h>
#include <math.h>

#include "report/versus_limit.h"

static struct arena arena;
static struct error e;

static void teardown(void) {
    arena_done(&arena);
    e = (struct error){0};
}

static struct versus_limit read_one(const char *text) {
    struct versus_limits limits = {0};
    ck_assert_msg(versus_limit_parse(&limits, text, &arena, &e), "%s", e.text);
    ck_assert_uint_eq(limits.n, 1);
    return limits.at[0];
}

START_TEST(conditions_are_read) {
    static const struct {
        const char *text, *metric;
        bool above, is_change, is_percent;
        double limit;
    } cases[] = {
        {"rmse>+0.5%", "rmse", true, true, true, 0.5},
        {" rmse > +.002 ", "rmse", true, true, false, 0.002},
        {"top5<-0.01", "top5", false, true, false, -0.01},
        {"rmse>0.9", "rmse", true, false, false, 0.9},
        {"top5 share=0.1 < -1 %", "top5 share=0.1", false, true, true, -1},
        {"mae>+0%", "mae", true, true, true, 0},
        {"mae>-1e-3", "mae", true, true, false, -0.001},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct versus_limit l = read_one(cases[k].text);
        ck_assert_str_eq(l.metric, cases[k].metric);
        ck_assert_msg(l.above == cases[k].above && l.is_change == cases[k].is_change &&
                          l.is_percent == cases[k].is_percent,
            "%s", cases[k].text);
        ck_assert_double_eq(l.limit, cases[k].limit);
    }
}
END_TEST

START_TEST(several_stand_with_commas) {
    struct versus_limits limits = {0};
    ck_assert(versus_limit_parse(&limits, "rmse>+1%, mae>+0.1", &arena, &e));
    ck_assert(versus_limit_parse(&limits, "top5<4", &arena, &e));
    ck_assert_uint_eq(limits.n, 3);
    ck_assert_str_eq(limits.at[1].text, "mae>+0.1");
    ck_assert_str_eq(limits.at[2].metric, "top5");
}
END_TEST

START_TEST(what_is_no_condition_is_named) {
    static const char *const cases[][2] = {{"", "empty"}, {"rmse>+1%,", "empty"},
        {"rmse", "neither"}, {"rmse=1", "neither"}, {">1", "names no metric"},
        {"rmse>", "is no limit"}, {"rmse>=1", "is no limit"}, {"rmse>x", "is no limit"},
        {"rmse>+-1", "is no limit"}, {"rmse>inf", "is no limit"}, {"rmse>nan", "is no limit"},
        {"rmse>0x1p3", "is no limit"}, {"rmse>1e999", "is no limit"}, {"rmse>+", "is no limit"},
        {"rmse>+1%%", "behind the limit"}, {"rmse>+1 x", "behind the limit"},
        {"rmse>0.5%", "rmse>+0.5%"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct versus_limits limits = {0};
        e = (struct error){0};
        ck_assert_msg(!versus_limit_parse(&limits, cases[k][0], &arena, &e), "%s", cases[k][0]);
        ck_assert_msg(strstr(e.text, cases[k][1]) && strstr(e.text, "--fail-if"), "%s: %s",
            cases[k][0], e.text);
    }
}
END_TEST

// ---- What breaks them --------------------------------------------------------------------------

static struct versus_value value;
static struct versus_row row;
static struct versus_metric metric;
static struct versus_data data;
static struct versus v;

static void make(double a, double b, enum versus_verdict verdict) {
    arena_done(&v.arena); // of the one before
    metric = (struct versus_metric){.metric = metric_find("rmse"), .label = "rmse"};
    value = (struct versus_value){.a = a, .b = b, .change = b - a, .verdict = verdict};
    row = (struct versus_row){.label = "als", .a = "als", .b = "als", .values = &value};
    data = (struct versus_data){.name = "made", .rows = &row, .n = 1, .n_pairs = 1};
    v = (struct versus){.metrics = &metric, .n_metrics = 1, .data = &data, .n_data = 1};
}

static size_t broken(const char *text, bool only_real) {
    struct versus_limits limits = {0};
    ck_assert_msg(versus_limit_parse(&limits, text, &arena, &e), "%s", e.text);
    v.n_broken = 0;
    ck_assert(versus_limit_judge(&limits, &v, only_real, &e));
    return v.n_broken;
}

START_TEST(conditions_are_judged) {
    make(0.8, 0.81, VERSUS_WORSE); // +1.25 %
    ck_assert_uint_eq(broken("rmse>+1.2%", false), 1);
    ck_assert_ptr_nonnull(strstr(v.broken[0], "als: rmse is 0.8100, was 0.8000: +0.0100"));
    ck_assert_ptr_nonnull(strstr(v.broken[0], "+1.25 %"));
    ck_assert_ptr_nonnull(strstr(v.broken[0], "rmse>+1.2%"));
    ck_assert_uint_eq(broken("rmse>+1.3%", false), 0);
    ck_assert_uint_eq(broken("rmse>+0.009", false), 1);
    ck_assert_uint_eq(broken("rmse>+0.011", false), 0);
    ck_assert_uint_eq(broken("rmse>0.805", false), 1);
    ck_assert_uint_eq(broken("rmse>0.815", false), 0);
    ck_assert_uint_eq(broken("rmse<-0.009", false), 0);
    ck_assert_uint_eq(broken("rmse>+1%,rmse>0.8,rmse>0.9", false), 2);
    make(0.81, 0.8, VERSUS_BETTER);
    ck_assert_uint_eq(broken("rmse<-0.009", false), 1);
    ck_assert_uint_eq(broken("rmse>+0%", false), 0);
    make(0.8, 1, VERSUS_WORSE); // in percent of A
    ck_assert_uint_eq(broken("rmse>+24%", false), 1);
    make(1, 0.8, VERSUS_BETTER);
    ck_assert_uint_eq(broken("rmse<-21%", false), 0);
    arena_done(&v.arena);
}
END_TEST

START_TEST(noise_breaks_no_limit_of_a_change_if_so_asked) {
    make(0.8, 0.81, VERSUS_NOISE);
    ck_assert_uint_eq(broken("rmse>+1%", false), 1);
    ck_assert_uint_eq(broken("rmse>+1%", true), 0);
    ck_assert_uint_eq(broken("rmse>0.805", true), 1); // of B itself
    value.verdict = VERSUS_WORSE;
    ck_assert_uint_eq(broken("rmse>+1%", true), 1);
    arena_done(&v.arena);
}
END_TEST

START_TEST(what_b_lacks_breaks_any) {
    make(0.8, 0.8, VERSUS_SAME);
    ck_assert_uint_eq(broken("rmse>+0%", false), 0);
    row.refused = "1 of 3 trials failed in B";
    row.values = NULL;
    ck_assert_uint_eq(broken("rmse>+0%", false), 0);
    row.b_failed = true;
    ck_assert_uint_eq(broken("rmse>+0%", true), 1);
    ck_assert_str_eq(v.broken[0], "als: 1 of 3 trials failed in B");
    make(0.8, NAN, VERSUS_UNKNOWN); // its score has come to be undefined
    ck_assert_uint_eq(broken("rmse>+1%", false), 1);
    make(NAN, NAN, VERSUS_UNKNOWN);
    ck_assert_uint_eq(broken("rmse>+1%", false), 0);
    arena_done(&v.arena);
}
END_TEST

START_TEST(metrics_that_are_not_there_are_named) {
    make(0.8, 0.81, VERSUS_WORSE);
    struct versus_limits limits = {0};
    ck_assert(versus_limit_parse(&limits, "rmsee>+1%", &arena, &e));
    ck_assert(!versus_limit_check(&limits, &v, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "\"rmsee\""));
    ck_assert_ptr_nonnull(strstr(e.text, "did you mean \"rmse\"?"));
}
END_TEST

START_TEST(numbers_have_their_sign) {
    ck_assert_str_eq(versus_signed(&arena, 0.00567, 4), "+0.0057");
    ck_assert_str_eq(versus_signed(&arena, -0.00567, 4), "-0.0057");
    ck_assert_str_eq(versus_signed(&arena, 0, 4), "0.0000");
    ck_assert_str_eq(versus_signed(&arena, -0.00001, 4), "±0.0000"); // not nought, but nearly
    ck_assert_str_eq(versus_signed(&arena, NAN, 4), "");
    ck_assert_str_eq(versus_relative(&arena, 0.01, 0.8), "+1.25 %");
    ck_assert_str_eq(versus_relative(&arena, 0.01, 0), "");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("versus");
    TCase *tcase = tcase_create("versus");
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, conditions_are_read);
    tcase_add_test(tcase, several_stand_with_commas);
    tcase_add_test(tcase, what_is_no_condition_is_named);
    tcase_add_test(tcase, conditions_are_judged);
    tcase_add_test(tcase, noise_breaks_no_limit_of_a_change_if_so_asked);
    tcase_add_test(tcase, what_b_lacks_breaks_any);
    tcase_add_test(tcase, metrics_that_are_not_there_are_named);
    tcase_add_test(tcase, numbers_have_their_sign);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
