// Warnings of a winner without a yardstick, and of intervals that do not hold what they say.
#include <check.h>
#include <math.h>

#include "report/report.h"
#include "support/made_results.h"

static struct made made;
static struct report report;

enum { WINNER, OTHER, MODELS };

static void again(void) {
    struct error e = {0};
    report_done(&report);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

// Two models beside the fallback, on one data set, by RMSE.
static void make(void) {
    made_init(&made);
    made.plan.n_data = 1;
    made.plan.n_models = MODELS;
    made.plan.n_metrics = 1;
    made.models[WINNER].label = "winner";
    made.models[OTHER].label = "other";
    size_t kept = 0;
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        if (t->data == 0 && t->model < MODELS)
            made.results.records[kept++] = *t;
        else
            record_done(t);
    }
    made.results.n = kept;
    made.results.n_failed = 0;
    made.data[0].count[COUNT_DUPLICATE] = 0;
    for (size_t k = 0; k < kept; k++) made.results.records[k].evidence->later = 0;
}

static void unmake(void) {
    report_done(&report);
    made_done(&made);
}

static void put(int model, const char *name, double value) {
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct trial_record *t = made_find(&made, 0, model, f);
        made_change(t, name, value + 0.001 * f);
        t->evidence->later = 0;
    }
}

static void name_plugins(const char *winner, const char *other) {
    made.schemas[WINNER].id = winner;
    made.schemas[OTHER].id = other;
    put(WINNER, "rmse", 0.80);
    put(OTHER, "rmse", 0.83);
    again();
}

static const char *find(const char *words) {
    const struct lines *w = &report.warnings[0];
    for (size_t k = 0; k < w->n; k++)
        if (strstr(w->at[k], words)) return w->at[k];
    return NULL;
}
#define WARNS(words) ck_assert_msg(find(words) != NULL, "%s", report.warnings[0].at[0])
#define WARNS_NOT(words) ck_assert_ptr_null(find(words))

START_TEST(a_winner_over_straw_men) {
    name_plugins("svd", "kmeans");
    WARNS("No yardstick: by RMSE winner is the best, but neither bmf nor als is in the experiment, "
          "so that it may have beaten straw men alone; add `{ plugin = \"bmf\"; }` to `models`.");
    ck_assert_uint_eq(report.warnings[0].n, 1);
    const struct lines *s = &report.story[0];
    ck_assert_ptr_nonnull(strstr(s->at[s->n - 1], "winner is measured by no yardstick, as bmf is"));
    static const uint32_t members[] = {OTHER, OTHER};
    static const double weights[] = {0.5, 0.5};
    static const struct blend_spec blend = {
        .members = members, .n = 2, .how = BLEND_GIVEN, .weights = weights};
    made.models[WINNER].blend = &blend;
    made.schemas[WINNER].id = "bmf"; // a blend is none of its members
    again();
    WARNS("No yardstick: by RMSE winner is the best, but neither");
}
END_TEST

START_TEST(a_winner_that_beat_one_needs_no_other) {
    static const char *const other[] = {"bmf", "als"};
    for (int k = 0; k < 2; k++) {
        name_plugins("svd", other[k]);
        ck_assert_uint_eq(report.warnings[0].n, 0);
    }
    name_plugins("bmf", "svd");
    ck_assert_uint_eq(report.warnings[0].n, 0);
    name_plugins("als", "svd");
    WARNS("No yardstick: by RMSE winner is the best, but bmf, which is ahead of als on all public "
          "sets it was measured on, is not in the experiment; add");
}
END_TEST

START_TEST(no_contest_has_no_winner) {
    name_plugins("svd", "svd"); // rows of one plugin
    ck_assert_uint_eq(report.warnings[0].n, 0);
    name_plugins("bias", "item_mean"); // baselines among themselves
    ck_assert_uint_eq(report.warnings[0].n, 0);
    name_plugins("svd", "kmeans");
    put(MODEL_FALLBACK, "rmse", 0.70); // which is the best
    again();
    WARNS_NOT("ardstick");
    put(MODEL_FALLBACK, "rmse", 0.8002); // no row can be told to be the best
    put(OTHER, "rmse", 0.8001);
    again();
    WARNS_NOT("ardstick");
}
END_TEST

START_TEST(a_lead_within_the_noise) {
    name_plugins("svd", "als");
    put(OTHER, "rmse", 0.8003);
    again();
    WARNS("The best does not beat its yardstick beyond the noise: by RMSE winner is ahead of other "
          "by "
          "0.00030 (0.00000 to 0.0");
    made.schemas[WINNER].id = "bmf"; // the stronger yardstick of the two
    again();
    WARNS_NOT("ardstick");
    name_plugins("als", "bmf");
    put(OTHER, "rmse", 0.8003);
    again();
    WARNS("by RMSE winner is ahead of other by 0.00030 (0.00000 to 0.0");
}
END_TEST

START_TEST(a_yardstick_that_takes_no_part) {
    made.plan.n_models = MODELS;
    name_plugins("svd", "bmf");
    struct trial_record *t = made_find(&made, 0, OTHER, 2);
    t->failed = true;
    t->failure = FAILURE_CRASHED;
    t->cause = "fit: killed";
    again(); // no other model is left that takes part
    WARNS_NOT("ardstick");
}
END_TEST

// Beside two models that take part there is bmf, without records.
static void add_third(bool hidden) {
    name_plugins("svd", "kmeans");
    made.plan.n_models = MODELS + 1;
    made.models[MODELS].label = "third";
    made.models[MODELS].is_hidden = hidden;
    made.schemas[MODELS].id = "bmf";
}

START_TEST(a_yardstick_that_failed_is_named) {
    add_third(false);
    for (uint32_t f = 1; f <= MADE_FOLDS; f++)
        made.results.records[made.results.n++] = (struct trial_record){.number = 90 + f,
            .model = MODELS,
            .repeat = 1,
            .fold = f,
            .failed = true,
            .failure = FAILURE_CRASHED,
            .cause = "fit: killed"};
    again();
    WARNS("No yardstick: by RMSE winner is the best, but third takes no part in the comparison; "
          "see why, and run it again.");
    made.results.n -= MADE_FOLDS;
}
END_TEST

START_TEST(a_yardstick_that_runs_for_blends_alone_is_named) {
    add_third(true);
    again();
    WARNS("No yardstick: by RMSE winner is the best, but third runs for blends alone, without a "
          "row; name it by --only, too.");
    made.schemas[MODELS].id = "knn";
    again();
    WARNS("neither bmf nor als is in the experiment");
    name_plugins("als", "svd");
    made.schemas[MODELS].id = "als"; // rows of one plugin
    again();
    WARNS("bmf, which is ahead of als");
}
END_TEST

// ---- Intervals ---------------------------------------------------------------------------------

static void cover(int model, double in50, double in90) {
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct scores *s = &made_find(&made, 0, model, f)->scores;
        made_score(s, SLICE_ALL, "intervals", 0.5);
        made_score(s, SLICE_ALL, "intervals.cover50", in50);
        made_score(s, SLICE_ALL, "intervals.cover90", in90);
        made_score(s, SLICE_ALL, "intervals.known", 1);
    }
}

START_TEST(intervals_that_do_not_hold_what_they_say) {
    static const struct {
        double in50, in90;
        const char *flaw;
    } cases[] = {{.5, .9, NULL}, {.4701, .9199, NULL}, {.467, .9, NULL}, // within chance
        {.46, .9, "other, too narrow (46.0 %, 90.0 %). Do not"},
        {.5, .93, "other, too wide (50.0 %, 93.0 %). Do not"},
        {.55, .87, "other, of another shape (55.0 %, 87.0 %). Do not"}};
    made.schemas[WINNER].id = "bmf";
    made.metrics[1] = (struct metric_spec){metric_find("intervals"), NULL, "intervals"};
    made.plan.n_metrics = 2;
    put(WINNER, "rmse", 0.80);
    put(OTHER, "rmse", 0.83);
    cover(OTHER, cases[_i].in50, cases[_i].in90);
    again();
    ck_assert_uint_eq(report.warnings[0].n, cases[_i].flaw != NULL);
    if (cases[_i].flaw) WARNS(cases[_i].flaw);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("yardstick");
    tcase_add_checked_fixture(cases, make, unmake);
    tcase_add_test(cases, a_winner_over_straw_men);
    tcase_add_test(cases, a_winner_that_beat_one_needs_no_other);
    tcase_add_test(cases, no_contest_has_no_winner);
    tcase_add_test(cases, a_lead_within_the_noise);
    tcase_add_test(cases, a_yardstick_that_takes_no_part);
    tcase_add_test(cases, a_yardstick_that_failed_is_named);
    tcase_add_test(cases, a_yardstick_that_runs_for_blends_alone_is_named);
    tcase_add_loop_test(cases, intervals_that_do_not_hold_what_they_say, 0, 6);
    Suite *suite = suite_create("yardstick");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
