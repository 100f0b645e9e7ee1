// Tables of tuned rows: inner scores, what was chosen, and what is to be held against it. Golden
// files are tests/golden/report/tuned-*; RECKON_GOLDEN=write writes them anew.
#include "report/files.h"
#include "report/report.h"
#include "support/golden.h"
#include "support/made_tuned.h"

static struct made made;
static struct report report;

static void make(void) {
    struct error e = {0};
    made_init_tuned(&made);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

static void unmake(void) {
    report_done(&report);
    made_done(&made);
}

static void again(void) {
    struct error e = {0};
    report_done(&report);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

static const char *note_with(const char *words) {
    for (size_t k = 0; k < report.tables.at[0].n_notes; k++)
        if (strstr(report.tables.at[0].notes[k], words)) return report.tables.at[0].notes[k];
    return NULL;
}

static const char *warning_with(const char *words) {
    for (size_t k = 0; k < report.warnings[0].n; k++)
        if (strstr(report.warnings[0].at[k], words)) return report.warnings[0].at[k];
    return NULL;
}

START_TEST(every_format_of_tuned_rows_is_as_it_was) {
    static const char *const ids[] = {"csv", "json", "md", "tex", "txt"};
    const struct report_format *format = report_format_find(ids[_i]);
    char *text, name[32];
    size_t n;
    struct error e = {0};
    FILE *out = open_memstream(&text, &n);
    ck_assert(format->write(&report, out, &e));
    fclose(out);
    snprintf(name, sizeof name, "tuned-table.%s", format->id);
    golden(name, text);
}
END_TEST

START_TEST(the_list_of_choices_is_as_it_was) {
    char *text;
    size_t n;
    ck_assert(files_has_tuning(&made.results));
    FILE *out = open_memstream(&text, &n);
    files_write_tuning(&made.results, out);
    fclose(out);
    golden("tuned-tuning.csv", text);
}
END_TEST

START_TEST(an_end_is_named_where_half_of_the_folds_chose_it) {
    ck_assert_str_eq(warning_with("lambda is at"),
        "als: lambda is at the upper end of its range, 0.01..0.5, in 2 of 3 folds: widen it.");
    ck_assert_ptr_null(warning_with("rank is at")); // once in three
    ck_assert_str_eq(warning_with("epochs is the"), "shaky: epochs is the last of its list, "
                                                    "[10, ..., 40], in 1 of 2 folds: widen it.");
}
END_TEST

// Nothing is past what the plugin allows.
START_TEST(an_end_that_cannot_be_widened_is_not_named) {
    const double before = made_params[1].max;
    made_params[1].max = 0.5;
    again();
    ck_assert_ptr_null(warning_with("lambda is at"));
    made_params[1].max = before;
}
END_TEST

// The default may be no point of the range that was searched.
START_TEST(a_choice_from_outside_of_its_range_is_at_no_end) {
    const struct search_dim narrow[] = {made_ranges[0],
        {.name = "lambda", .min = 0.01, .max = 0.3, .log = true, .def = 0.5, .when = -1}};
    made_als_tuning.space.dims = narrow;
    again();
    ck_assert_ptr_null(warning_with("lambda is at"));
    made_als_tuning.space.dims = made_ranges;
}
END_TEST

START_TEST(a_parameter_that_does_not_hold_is_not_listed) {
    const char *line = note_with("shaky, by halving on 3 inner folds: fold");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_nonnull(strstr(line, "fold 3 solver = \"exact\", layers = [64, 32]"));
}
END_TEST

START_TEST(budgets_of_seconds_and_parts_of_a_run_are_marked) {
    ck_assert_ptr_nonnull(
        warning_with("shaky was searched for 60 seconds a fold: not reproducible"));
    ck_assert_ptr_null(warning_with("als was searched for"));
    ck_assert_ptr_null(note_with("other shards"));
    made.results.elsewhere = 7;
    again();
    ck_assert_ptr_nonnull(note_with("7 trials are other shards' to run"));
}
END_TEST

START_TEST(each_row_says_by_what_search) {
    ck_assert_ptr_nonnull(note_with("als, by bayes on 3 inner folds: fold 1"));
    ck_assert_ptr_nonnull(note_with("shaky, by halving on 3 inner folds: fold"));
    made_shaky_tuning.folds = 2;
    again();
    ck_assert_ptr_nonnull(note_with("shaky, by halving on 2 inner folds: fold"));
    made_shaky_tuning.folds = 3;
}
END_TEST

START_TEST(failed_rows_say_of_what_kind) {
    ck_assert_ptr_nonnull(note_with("broken failed on fold 1, 2, 3 (limit): none of 30"));
}
END_TEST

// Higher is better: optimism is the other way round.
START_TEST(optimism_is_positive_where_inner_scores_look_better) {
    const struct table *t = &report.tables.at[0];
    size_t c = 0, als = 0;
    while (strcmp(t->columns[c].key, "rmse.optimism") != 0) c++;
    while (strcmp(t->rows[als].label, "als") != 0) als++;
    double gap = 0;
    for (size_t k = 0; k < made.results.n; k++) {
        const struct trial_record *r = &made.results.records[k];
        if (r->model == 0 && r->data == 0)
            gap += (scores_get(&r->scores, SLICE_ALL, "rmse") - r->tuned->inner) / MADE_FOLDS;
    }
    ck_assert_double_eq_tol(t->cells[als * t->n_columns + c].value, gap, 1e-12);
    made_als_tuning.metric = 2; // top5
    again();
    t = &report.tables.at[0];
    for (c = 0; strcmp(t->columns[c].key, "top5.optimism") != 0;) c++;
    double top = 0;
    for (size_t k = 0; k < made.results.n; k++) {
        const struct trial_record *r = &made.results.records[k];
        if (r->model == 0 && r->data == 0)
            top += (r->tuned->inner - scores_get(&r->scores, SLICE_ALL, "top5")) / MADE_FOLDS;
    }
    ck_assert_double_eq_tol(t->cells[als * t->n_columns + c].value, top, 1e-12);
    made_als_tuning.metric = 0;
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_tuned");
    TCase *all = tcase_create("tuned rows");
    tcase_add_checked_fixture(all, make, unmake);
    tcase_add_loop_test(all, every_format_of_tuned_rows_is_as_it_was, 0, 5);
    tcase_add_test(all, the_list_of_choices_is_as_it_was);
    tcase_add_test(all, an_end_is_named_where_half_of_the_folds_chose_it);
    tcase_add_test(all, an_end_that_cannot_be_widened_is_not_named);
    tcase_add_test(all, a_choice_from_outside_of_its_range_is_at_no_end);
    tcase_add_test(all, a_parameter_that_does_not_hold_is_not_listed);
    tcase_add_test(all, budgets_of_seconds_and_parts_of_a_run_are_marked);
    tcase_add_test(all, each_row_says_by_what_search);
    tcase_add_test(all, failed_rows_say_of_what_kind);
    tcase_add_test(all, optimism_is_positive_where_inner_scores_look_better);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
