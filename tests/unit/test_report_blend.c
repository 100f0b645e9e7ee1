// What reports say of blends: what they are the mean of, and which single model is next to them.
#include <check.h>
#include <math.h>

#include "report/blended.h"
#include "report/files.h"
#include "report/report.h"
#include "support/made_results.h"

static struct made made;
static struct report report;
static struct blend_spec mix;
static const uint32_t members[] = {0, 4};
static const double given[] = {0.25, 0.75};

enum { BLEND = 1, MODELS = 2 };

static void again(void) {
    struct error e = {0};
    report_done(&report);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

// als, and a blend of it and of a row that is hidden.
static void make(void) {
    made_init(&made);
    made.plan.n_data = 1;
    made.plan.n_metrics = 1;
    mix = (struct blend_spec){.members = members, .n = 2, .how = BLEND_FITTED, .folds = 4};
    made.models[BLEND].label = "mix";
    made.models[BLEND].blend = &mix;
    made.models[4].is_hidden = true;
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
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct trial_record *t = made_find(&made, 0, BLEND, f);
        t->curve = calloc(2, sizeof *t->curve);
        ck_assert_ptr_nonnull(t->curve);
        t->curve[0] = (struct curve_point){BLEND_SERIES, 1, 0.5 + 0.1 * f};
        t->curve[1] = (struct curve_point){BLEND_SERIES, 2, 0.5 - 0.1 * f};
        t->n_curve = 2;
    }
}

static void unmake(void) {
    report_done(&report);
    made_done(&made);
}

// On the folds: value + .001, + .002, + .003.
static void put(int model, double value) {
    for (uint32_t f = 1; f <= MADE_FOLDS; f++)
        made_change(made_find(&made, 0, model, f), "rmse", value + 0.001 * f);
}

static bool notes_have(const char *line) {
    const struct table *t = &report.tables.at[0];
    for (size_t k = 0; k < t->n_notes; k++)
        if (strcmp(t->notes[k], line) == 0) return true;
    return false;
}

static const char *story_with(const char *words) {
    for (size_t k = 0; k < report.story[0].n; k++)
        if (strstr(report.story[0].at[k], words)) return report.story[0].at[k];
    return NULL;
}

START_TEST(a_note_names_members_and_weights) {
    again();
    ck_assert(notes_have("mix is the mean of als × 0.70 (0.60 to 0.80) and lazy × 0.30 (0.20 to "
                         "0.40), weights fitted on 4 inner folds of each training fold (mean and "
                         "range over folds)."));
    mix = (struct blend_spec){.members = members, .n = 2, .how = BLEND_GIVEN, .weights = given};
    again();
    ck_assert(notes_have("mix is the mean of als × 0.25 and lazy × 0.75."));
    mix = (struct blend_spec){.members = members, .n = 2, .how = BLEND_EQUAL};
    again();
    ck_assert(notes_have("mix is the plain mean of als and lazy."));
}
END_TEST

START_TEST(the_story_names_the_best_single_model) {
    put(0, 0.83);
    put(BLEND, 0.80);
    again();
    const char *text = story_with("mix is a mixture");
    ck_assert_ptr_nonnull(text);
    static const char told[] =
        "mix is a mixture, the mean of als and lazy, and takes what all of "
        "them take; the best single model, als (0.8320), is worse by 0.03000 "
        "(simultaneous 95 % interval 0.02";
    ck_assert_msg(strncmp(text, told, sizeof told - 1) == 0, "%s", text);
    put(0, 0.8003);
    again();
    text = story_with("mix is a mixture");
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(
        strstr(text, "; the best single model, als (0.8023), can't be told from it (worse "
                     "by 0.0") != NULL,
        "%s", text);
    put(0, 0.75);
    again();
    ck_assert_ptr_null(story_with("mixture"));
}
END_TEST

START_TEST(files_have_the_weights_of_each_trial) {
    again();
    char *text;
    size_t n;
    struct error e = {0};
    FILE *out = open_memstream(&text, &n);
    ck_assert(report_format_find("json")->write(&report, out, &e));
    fclose(out);
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, "\"weights\"")); at++) found++;
    ck_assert_uint_eq(found, MADE_FOLDS);
    free(text);
    out = open_memstream(&text, &n);
    ck_assert(files_write_provenance(&made.results, out, &e));
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "\"fitted on 4 inner folds\""));
    free(text);
}
END_TEST

START_TEST(weights_are_no_curve_of_the_page) {
    for (uint32_t f = 1; f <= MADE_FOLDS; f++) {
        struct trial_record *t = made_find(&made, 0, 0, f);
        free(t->curve);
        t->curve = NULL;
        t->n_curve = 0;
    }
    again();
    char *text;
    size_t n;
    struct error e = {0};
    FILE *out = open_memstream(&text, &n);
    ck_assert(report_format_find("html")->write(&report, out, &e));
    fclose(out);
    ck_assert_ptr_null(strstr(text, "Recorded curves"));
    ck_assert_ptr_nonnull(strstr(text, "Weights of mix."));
    free(text);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("blend");
    tcase_add_checked_fixture(cases, make, unmake);
    tcase_add_test(cases, a_note_names_members_and_weights);
    tcase_add_test(cases, the_story_names_the_best_single_model);
    tcase_add_test(cases, files_have_the_weights_of_each_trial);
    tcase_add_test(cases, weights_are_no_curve_of_the_page);
    Suite *suite = suite_create("report_blend");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
