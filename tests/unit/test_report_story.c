// What a report says in sentences: the story of each data set, and the warnings.
#include <check.h>
#include <math.h>

#include "report/report.h"
#include "support/made_results.h"

static struct made made;
static struct report report;

enum { QUOTED = 1, MODELS = 2 };

static void again(void) {
    struct error e = {0};
    report_done(&report);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

// Two models beside the fallback, on one data set.
static void make(void) {
    made_init(&made);
    made.plan.n_data = 1;
    made.plan.n_models = MODELS;
    made.models[QUOTED].label = "svd";
    made.schemas[0].id = "bmf"; // a yardstick itself (test_report_yardstick.c)
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

// On the folds: value + .001, + .002, + .003.
static void put(int model, const char *name, double value) {
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct trial_record *t = made_find(&made, 0, model, f);
        const double later = t->evidence->later;
        made_change(t, name, value + 0.001 * f);
        t->evidence->later = later;
    }
}

static const char *find(const struct lines *lines, const char *words) {
    for (size_t k = 0; k < lines->n; k++)
        if (strstr(lines->at[k], words)) return lines->at[k];
    return NULL;
}

#define SAYS(words) ck_assert_msg(find(&report.story[0], words) != NULL, "%s", whole())
#define SAYS_NOT(words) ck_assert_msg(find(&report.story[0], words) == NULL, "%s", whole())
#define WARNS(words) ck_assert_ptr_nonnull(find(&report.warnings[0], words))
#define WARNS_NOT(words) ck_assert_ptr_null(find(&report.warnings[0], words))

static const char *whole(void) {
    static char text[8192];
    text[0] = '\0';
    for (size_t k = 0; k < report.story[0].n; k++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", report.story[0].at[k]);
    return text;
}

// ---- The story ---------------------------------------------------------------------------------

START_TEST(a_winner_is_one_outside_the_noise) {
    put(0, "rmse", 0.80);
    put(QUOTED, "rmse", 0.83);
    made.plan.n_metrics = 1;
    again();
    SAYS("2 models stand beside the fallback on ml-made-small, 100 836 ratings by 610 users of "
         "9 724 items, with 20 168 test ratings in each of 3 folds.");
    SAYS("By RMSE als is the best (0.8020): every other row is told from it; the nearest, svd, is "
         "worse by 0.03000 (simultaneous 95 % interval 0.02");
    SAYS("The fallback is worse than als by 0.05461 (0.04");
    ck_assert_uint_eq(report.story[0].n, 3);
    ck_assert_uint_eq(report.warnings[0].n, 0);
}
END_TEST

START_TEST(what_cannot_be_told_apart_is_said_so) {
    put(0, "rmse", 0.80);
    put(QUOTED, "rmse", 0.8003);
    made.plan.n_metrics = 1;
    again();
    SAYS("By RMSE als has the best value (0.8020), but svd can't be told from it (worse by 0.0");
    SAYS_NOT("worse by 0.00000 at most");
    SAYS(" at most); the fallback is worse by 0.05461 (simultaneous 95 % interval 0.04");
    SAYS_NOT("probability");
    SAYS("of the users the fallback has a smaller squared error than als all the same.");
    SAYS_NOT("is the best");
    put(MODEL_FALLBACK, "rmse", 0.8001);
    again();
    SAYS("By RMSE no row can be told to be the best: als has the best value (0.8020), but the "
         "fallback and svd may be as good; a difference of 0.0");
    SAYS_NOT("is the best");
    SAYS_NOT("worse");
}
END_TEST

START_TEST(no_model_may_beat_the_fallback) {
    put(MODEL_FALLBACK, "rmse", 0.7);
    again();
    SAYS("By RMSE the fallback is the best (0.7020), so that no model beats it: every other row");
    SAYS("2 rows are behind the fallback");
}
END_TEST

START_TEST(one_model_is_no_plural) {
    made.plan.n_models = 1;
    size_t kept = 0;
    for (size_t k = 0; k < made.results.n; k++)
        if (made.results.records[k].model < 1)
            made.results.records[kept++] = made.results.records[k];
        else
            record_done(&made.results.records[k]);
    made.results.n = kept;
    put(0, "rmse", 0.80);
    again();
    SAYS("1 model stands beside the fallback on");
    SAYS("By RMSE als is the best (0.8020): the fallback is worse by 0.05461");
    ck_assert_str_eq(report.costs[0], "als took 0.75 s a fold to fit.");
}
END_TEST

START_TEST(higher_may_be_better) {
    const struct metric_spec rmse = made.metrics[0];
    made.metrics[0] = made.metrics[2];
    made.metrics[2] = rmse;
    for (size_t k = 0; k < made.results.n; k++) {
        struct evidence *ev = made.results.records[k].evidence;
        const struct evidence_metric first = ev->metrics[0];
        ev->metrics[0] = ev->metrics[2];
        ev->metrics[2] = first;
    }
    again();
    SAYS("By top 5 % no row can be told to be the best: the fallback has the best value (4.301)");
    SAYS("by RMSE the fallback is the best (0.8566)");
    made.metrics[2] = made.metrics[0]; // for made_done()
}
END_TEST

START_TEST(a_baseline_has_a_sentence_of_its_own) {
    put(0, "rmse", 0.80);
    put(QUOTED, "rmse", 0.83);
    made.plan.baseline = "(fallback)";
    again();
    SAYS("als is better than the baseline, (fallback), by 0.05461 (0.04");
    SAYS("; of the other rows 1 is better than it.");
    SAYS_NOT("The fallback is worse");
    made.plan.baseline = "als";
    again();
    SAYS("The baseline, als, has the best value itself; of the other rows 2 are worse than it.");
    made.plan.baseline = "svd";
    again();
    SAYS("als is better than the baseline, svd, by 0.03000 (0.02");
    SAYS("; of the other rows 1 is worse than it.");
    put(QUOTED, "rmse", 0.8003);
    again();
    SAYS("als scores better than the baseline, svd, by 0.00030 (-0.0");
    SAYS(", which may be chance");
    made.plan.baseline = "gone";
    again();
    SAYS("Nothing is compared to the baseline, gone, which takes no part.");
}
END_TEST

// Scores and sums of another model become those of the fallback.
static void copy_fallback(int model) {
    struct error e = {0};
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct trial_record *t = made_find(&made, 0, model, f);
        const struct trial_record *from = made_find(&made, 0, MODEL_FALLBACK, f);
        void *bytes;
        size_t n;
        for (size_t k = 0; k < from->scores.n; k++)
            made_change(t, from->scores.at[k].name,
                scores_get(&from->scores, SLICE_ALL, from->scores.at[k].name));
        evidence_done(t->evidence);
        ck_assert(evidence_pack(from->evidence, &bytes, &n, &e));
        ck_assert(evidence_unpack(t->evidence, bytes, n, &e));
        free(bytes);
    }
}

START_TEST(rows_that_are_equal_are_said_to_be) {
    put(QUOTED, "rmse", 0.9);
    copy_fallback(0);
    made.plan.baseline = "als";
    again();
    SAYS("The baseline, als, scores the same as the fallback; of the other rows 1 is worse than "
         "it.");
    copy_fallback(QUOTED);
    again();
    SAYS("By RMSE the fallback, als and svd score the same (0.8566).");
    SAYS("The baseline, als, scores the same as the fallback; of the other rows 1 can't be told");
    SAYS_NOT("probability");
    SAYS_NOT("better");
}
END_TEST

// Folds of other sizes have other weights in sums over all rows than in the mean over folds.
START_TEST(the_best_is_that_of_all_rows_together) {
    again();
    SAYS("By RMSE the fallback is the best (0.8566)");
    SAYS("By MAE the fallback has");
    struct scores *s = &made_find(&made, 0, 0, 1)->scores;
    for (size_t k = 0; k < s->n; k++)
        if (s->at[k].slice == SLICE_ALL) s->at[k].value /= 1.2;
    again();
    SAYS("By RMSE over all folds together the fallback is the best (0.8566)");
    SAYS("By MAE over all folds together the fallback has the best value (0.595");
}
END_TEST

START_TEST(rows_that_take_no_part_are_named) {
    made_find(&made, 0, 0, 1)->evidence->rows_hash++;
    again();
    SAYS("No part in the comparison: als was tested on other ratings, or kept without");
    SAYS("By RMSE the fallback is the best (0.8566), so that no model beats it: svd is worse");
    made_find(&made, 0, 0, 1)->evidence->rows_hash--;
    made_find(&made, 0, 0, 2)->failed = true;
    made.results.interrupted = true;
    again();
    SAYS("The run was interrupted, so that trials are missing; no part in the comparison: als has "
         "scores on some folds only.");
    made.results.interrupted = false;
    for (uint32_t f = 1; f <= MADE_FOLDS; f++)
        for (int m = 0; m < MODELS; m++) made_find(&made, 0, m, f)->failed = true;
    again();
    SAYS("No part in the comparison: als and svd failed.");
    SAYS("By RMSE nothing is compared: fewer than two rows");
    ck_assert_str_eq(report.costs[0], "");
}
END_TEST

START_TEST(a_story_has_no_more_than_six_sentences) {
    struct made full;
    made_init(&full);
    full.plan.baseline = "als";
    full.results.interrupted = true;
    struct error e = {0};
    struct report r;
    ck_assert(report_make(&r, &full.results, NULL, NULL, &e));
    ck_assert_uint_eq(r.n_data, 2);
    for (size_t k = 0; k < r.n_data; k++) {
        ck_assert_uint_ge(r.story[k].n, 3);
        ck_assert_uint_le(r.story[k].n, 6);
        ck_assert_uint_eq(r.data[k], k);
    }
    ck_assert_ptr_nonnull(strstr(r.story[1].at[0], "1 model stands beside the fallback on synth"));
    report_done(&r);
    made_done(&full);
}
END_TEST

// Costs change from run to run: the terminal shows them, and no file does.
START_TEST(costs_are_in_no_file) {
    again();
    ck_assert_str_eq(report.costs[0], "Fitting took from 0.75 s (als) to 40.8 s (svd) a fold.");
    for (size_t k = 0; k < report_format_count(); k++) {
        const struct report_format *format = report_format_nth(k);
        if (strcmp(format->id, "html") == 0) continue; // a page shows them
        char *text;
        size_t n;
        struct error e = {0};
        FILE *out = open_memstream(&text, &n);
        ck_assert(format->write(&report, out, &e));
        fclose(out);
        ck_assert_msg(!strstr(text, "Fitting took"), "%s", format->id);
        ck_assert_msg(!strstr(text, "40.8"), "%s", format->id);
        free(text);
    }
}
END_TEST

// ---- Warnings ----------------------------------------------------------------------------------

START_TEST(models_behind_the_fallback) {
    again();
    WARNS("Behind the (fallback) row: by RMSE, 0.8566 there, als (0.8689) and svd (0.8812)");
    put(0, "rmse", 0.80); // then it is not the fallback that rows are told from
    put(QUOTED, "rmse", 0.87);
    again();
    WARNS("by RMSE, 0.8566 there, svd (0.8720)");
    SAYS("svd is behind the fallback");
    put(QUOTED, "rmse", 0.8);
    again();
    WARNS_NOT("Behind the");
}
END_TEST

START_TEST(an_order_that_changes_between_folds) {
    put(0, "rmse", 0.75);
    put(QUOTED, "rmse", 0.80);
    again();
    WARNS_NOT("better on some folds");
    made_change(made_find(&made, 0, QUOTED, 2), "rmse", 0.7519);
    again();
    WARNS("By RMSE worse than the best, als, over all test ratings, but better on some folds: svd "
          "on 1 of 3.");
}
END_TEST

START_TEST(answers_that_are_mostly_the_fallbacks) {
    again();
    WARNS_NOT("less than half");
    for (uint32_t f = 1; f <= MADE_FOLDS; f++)
        made_change(made_find(&made, 0, QUOTED, f), "answered", f == 1 ? 0.52 : 0.48);
    made.plan.min_coverage = 0;
    again();
    WARNS("answers less than half of the test ratings itself: svd (49.3 %)");
    SAYS("svd answers less than half itself");
}
END_TEST

START_TEST(folds_that_differ_more_than_rows) {
    put(MODEL_FALLBACK, "rmse", 0.8);
    put(0, "rmse", 0.8011);
    put(QUOTED, "rmse", 0.7989);
    again(); // deviations: of folds .001, of rows .0011
    ck_assert(!find(&report.warnings[0], "by RMSE (0.00"));
    put(0, "rmse", 0.8009);
    put(QUOTED, "rmse", 0.7991);
    again();
    WARNS("Folds differ more than rows do, by their standard deviations: by RMSE (0.0010 against "
          "0.00090)");
    put(0, "rmse", 0.8);
    put(QUOTED, "rmse", 0.8);
    again(); // rows that score the same have nothing that folds could hide
    WARNS_NOT("by RMSE (0.00");
}
END_TEST

static void put_train(int model, double value, double rows) {
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct scores *s = &made_find(&made, 0, model, f)->scores;
        for (size_t k = 0; k < s->n; k++) {
            if (s->at[k].slice != SLICE_TRAIN) continue;
            if (strcmp(s->at[k].name, "rmse") == 0) s->at[k].value = value;
            if (strcmp(s->at[k].name, "rows") == 0) s->at[k].value = rows;
        }
    }
}

START_TEST(training_scores_far_below_test_scores) {
    put(0, "rmse", 0.80);
    put_train(0, 0.802 * 0.61, 80668);
    again();
    WARNS_NOT("learned by heart");
    put_train(0, 0.802 * 0.59, 80668);
    again();
    WARNS("less than 60 % as much as on test ratings (RMSE, training and test): als (0.4732, "
          "0.8020).");
}
END_TEST

START_TEST(tuning_on_few_rows) {
    static const struct search_method method = {.id = "random"};
    static struct tuning tuning = {.method = &method, .trials = 9, .folds = 3};
    made.models[0].tuning = &tuning;
    put_train(0, 0.8, 10000);
    again();
    WARNS_NOT("Tuned on few");
    put_train(0, 0.8, 9999);
    again();
    WARNS("Tuned on few training ratings a fold: als (9 999). On fewer than 10 000 chance");
    made.models[0].tuning = NULL;
    again();
    WARNS_NOT("Tuned on few");
}
END_TEST

START_TEST(times_that_leak_and_duplicates) {
    again();
    WARNS_NOT("later ratings");
    WARNS_NOT("again");
    for (size_t k = 0; k < made.results.n; k++) made.results.records[k].evidence->later = 0.831;
    made.data[0].count[COUNT_DUPLICATE] = 1;
    again();
    WARNS("For 83.1 % of the test ratings there are later ratings of the same user in training");
    WARNS("1 of 100 850 rows read rates a pair again that has a rating;");
    for (size_t k = 0; k < made.results.n; k++) made.results.records[k].evidence->later = NAN;
    made.data[0].count[COUNT_DUPLICATE] = 2;
    again();
    WARNS_NOT("later ratings");
    WARNS("2 of 100 850 rows read rate a pair again");
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("story");
    tcase_add_checked_fixture(cases, make, unmake);
    tcase_add_test(cases, a_winner_is_one_outside_the_noise);
    tcase_add_test(cases, what_cannot_be_told_apart_is_said_so);
    tcase_add_test(cases, no_model_may_beat_the_fallback);
    tcase_add_test(cases, one_model_is_no_plural);
    tcase_add_test(cases, higher_may_be_better);
    tcase_add_test(cases, a_baseline_has_a_sentence_of_its_own);
    tcase_add_test(cases, rows_that_are_equal_are_said_to_be);
    tcase_add_test(cases, the_best_is_that_of_all_rows_together);
    tcase_add_test(cases, rows_that_take_no_part_are_named);
    tcase_add_test(cases, a_story_has_no_more_than_six_sentences);
    tcase_add_test(cases, costs_are_in_no_file);
    tcase_add_test(cases, models_behind_the_fallback);
    tcase_add_test(cases, an_order_that_changes_between_folds);
    tcase_add_test(cases, answers_that_are_mostly_the_fallbacks);
    tcase_add_test(cases, folds_that_differ_more_than_rows);
    tcase_add_test(cases, training_scores_far_below_test_scores);
    tcase_add_test(cases, tuning_on_few_rows);
    tcase_add_test(cases, times_that_leak_and_duplicates);
    Suite *suite = suite_create("story");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
