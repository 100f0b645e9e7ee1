// Tables and files of results. Golden files are tests/golden/report/*; after a change that
// is meant, RECKON_GOLDEN=write build/tests/test_report writes them anew, to be read in the diff.
#include <check.h>
#include <stdio.h>

#include "report/files.h"
#include "report/report.h"
#include "report/wording.h"
#include "support/golden.h"
#include "support/made_results.h"

static struct made made;
static struct report report;

static void make(void) {
    struct error e = {0};
    made_init(&made);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

static void unmake(void) {
    report_done(&report);
    made_done(&made);
}

START_TEST(every_format_is_as_it_was) {
    static const char *const ids[] = {"csv", "json", "md", "tex", "txt"};
    const struct report_format *format = report_format_find(ids[_i]);
    ck_assert_ptr_nonnull(format);
    char *text, name[32];
    size_t n;
    struct error e = {0};
    FILE *out = open_memstream(&text, &n);
    ck_assert(format->write(&report, out, &e));
    fclose(out);
    snprintf(name, sizeof name, "table.%s", format->id);
    golden(name, text);
}
END_TEST

START_TEST(the_terminal_is_as_it_was) {
    static const struct {
        const char *name;
        struct table_style style;
    } cases[] = {{"terminal-wide", {false, false, 0}}, {"terminal-80", {false, true, 80}},
        {"terminal-40-colour", {true, false, 40}}};
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    report_print(&report, &cases[_i].style, out);
    fclose(out);
    golden(cases[_i].name, text);
}
END_TEST

START_TEST(no_line_is_wider_than_the_terminal) {
    const struct table_style style = {false, true, (unsigned)_i};
    char *text, *rest;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    report_print(&report, &style, out);
    fclose(out);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (!strstr(line, " · ")) // titles are left whole
            ck_assert_msg(wording_width(line) <= (size_t)_i, "%d: %s", _i, line);
    free(text);
}
END_TEST

START_TEST(the_long_files_are_as_they_were) {
    static const struct {
        const char *name;
        void (*write)(const struct results *, FILE *);
    } cases[] = {{"scores.csv", files_write_scores}, {"costs.csv", files_write_costs},
        {"curves.csv", files_write_curves}, {"failures.csv", files_write_failures}};
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    cases[_i].write(&made.results, out);
    fclose(out);
    golden(cases[_i].name, text);
}
END_TEST

START_TEST(provenance_names_no_folder_and_no_time) {
    char *text;
    size_t n;
    struct error e = {0};
    FILE *out = open_memstream(&text, &n);
    ck_assert(files_write_provenance(&made.results, out, &e));
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "\"file\": \"als.so\""));
    ck_assert_ptr_nonnull(strstr(text, "\"hash\": \"00112233445566778899aabbccddeeff\""));
    ck_assert_ptr_nonnull(strstr(text, "\"hash\": \"0123456789abcdef0123456789abcdef\"")); // plugin
    ck_assert_ptr_nonnull(strstr(text, "\"blas_core\": \"Haswell\""));
    ck_assert_ptr_nonnull(strstr(text, "\"isa\": \""));
    char seed[40];
    snprintf(seed, sizeof seed, "\"seed\": %llu", (unsigned long long)made.results.plan->seed);
    ck_assert_ptr_nonnull(strstr(text, seed));
    ck_assert_ptr_nonnull(strstr(text, "\"libarchive\": \""));
    ck_assert_ptr_nonnull(strstr(text, "\"version\": \"" RECKON_VERSION "\""));
    ck_assert_ptr_null(strstr(text, "somewhere"));
    free(text);
}
END_TEST

static const struct table_row *row_named(const struct table *t, const char *label) {
    for (size_t k = 0; k < t->n_rows; k++)
        if (strcmp(t->rows[k].label, label) == 0) return &t->rows[k];
    ck_abort_msg("no row %s", label);
    return NULL;
}

static const struct cell *cell_named(const struct table *t, const char *label, const char *key) {
    const size_t row = (size_t)(row_named(t, label) - t->rows);
    for (size_t c = 0; c < t->n_columns; c++)
        if (strcmp(t->columns[c].key, key) == 0) return &t->cells[row * t->n_columns + c];
    ck_abort_msg("no column %s", key);
    return NULL;
}

START_TEST(rows_say_what_became_of_their_trials) {
    const struct table *t = &report.tables.at[0];
    ck_assert_str_eq(t->slice, "all");
    ck_assert_int_eq(row_named(t, "als")->status, ROW_OK);
    ck_assert_int_eq(row_named(t, "broken")->status, ROW_FAILED);
    ck_assert_int_eq(row_named(t, "shaky")->status, ROW_PARTIAL);
    ck_assert_int_eq(row_named(t, "lazy")->status, ROW_LOW);
    ck_assert_str_eq(cell_named(t, "broken", "rmse")->text, "failed");
    ck_assert(cell_named(t, "shaky", "folds")->value == 2);
    // The mean over folds 1, 2, 3 of "als": .8 + .0625 + .00137 * (1 + 4 + 9) / 3
    ck_assert(fabs(cell_named(t, "als", "rmse")->value - (0.8625 + 0.00137 * 14 / 3)) < 1e-12);
    ck_assert_str_eq(cell_named(t, "als", "rmse")->text, "0.8689");
    ck_assert_str_eq(cell_named(t, "als", "rmse")->sd_text, ".0055");
    const struct table *synthetic = &report.tables.at[report.tables.n - 1];
    ck_assert_str_eq(synthetic->data, "synthetic");
    ck_assert(row_named(synthetic, "(best reachable)")->apart);
}
END_TEST

static const char *note_with(const struct table *t, const char *words) {
    for (size_t k = 0; k < t->n_notes; k++)
        if (strstr(t->notes[k], words)) return t->notes[k];
    return NULL;
}

// Makes the tables again after the results were changed.
static const struct table *again(void) {
    struct error e = {0};
    report_done(&report);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
    return &report.tables.at[0];
}

START_TEST(repeats_and_seeds_are_told_apart) {
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        if (t->data == 0 && t->fold == 3) t->repeat = 1, t->fold = 1; // fold 1 of the second repeat
    }
    made.plan.n_seeds = 2;
    const struct table *t = again();
    ck_assert_ptr_nonnull(note_with(t, "Mean over 3 folds"));
    ck_assert_ptr_nonnull(note_with(t, "each fold is the mean of 2 seeds"));
    ck_assert_ptr_nonnull(
        note_with(t, "broken failed on fold 1.1 seed 1, 1.2 seed 1, 2.1 seed 1 ("));
    ck_assert_ptr_nonnull(strstr(t->title, " · 2 × "));
    made.plan.name = "ml-made-small"; // like its data set: named once
    ck_assert_int_eq(strncmp(again()->title, "ml-made-small · 100 836", 24), 0);
}
END_TEST

START_TEST(settings_that_change_a_number_are_said) {
    const struct metric *top = metric_find("top5");
    ck_assert_ptr_null(note_with(&report.tables.at[0], "quantile"));
    metric_settings_set((void *)made.metrics[2].settings, top, "rule", 1);
    made.metrics[2].label = "top5 rule=quantile";
    const struct table *t = again();
    const char *note = note_with(t, "takes every row at or above the quantile");
    ck_assert_ptr_nonnull(note);
    ck_assert_int_eq(strncmp(note, "top5 rule=quantile: ", 20), 0);
    made.plan.clip = false;
    made.results.interrupted = true;
    t = again();
    ck_assert_ptr_nonnull(note_with(t, "answers are not clipped"));
    ck_assert_ptr_nonnull(note_with(t, "The run was interrupted"));
}
END_TEST

START_TEST(a_run_that_was_stopped_has_tables_all_the_same) {
    const size_t n = made.results.n;
    made.results.interrupted = true;
    for (size_t kept = n; kept-- > 0;) {
        record_done(&made.results.records[kept]);
        made.results.n = kept;
        again();
        char *text;
        size_t length;
        struct error e = {0};
        FILE *out = open_memstream(&text, &length);
        for (size_t k = 0; k < report_format_count(); k++)
            ck_assert(report_format_nth(k)->write(&report, out, &e));
        report_print(&report, &(struct table_style){false, true, 80}, out);
        fclose(out);
        free(text);
    }
    ck_assert_uint_eq(report.tables.n, 0);
}
END_TEST

START_TEST(labels_are_harmless_everywhere) {
    struct arena a = {0};
    ck_assert_str_eq(wording_clean(&a, "a\x1b[31m\nb\x7f"), "a [31m b ");
    ck_assert_str_eq(wording_clean(&a, "\xff\xc3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    ck_assert_str_eq(wording_clean(&a, "\xE2\x80\xAEx\xE2\x81\xA6"), "x"); // U+202E, U+2066
    ck_assert_str_eq(wording_clean(&a, "\xC2\x9Bx"), " x");                // U+009B, a one-byte CSI
    ck_assert_str_eq(wording_clean(&a, "\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD"); // overlong
    ck_assert_str_eq(wording_clean(&a, "é 日本 😀"), "é 日本 😀");
    arena_done(&a);
}
END_TEST

START_TEST(small_numbers_have_digits_that_say_something) {
    struct arena a = {0};
    ck_assert_str_eq(wording_small(&a, 0.0123, 4), "0.0123");
    ck_assert_str_eq(wording_small(&a, 0.000123, 4), "0.00012");
    ck_assert_str_eq(wording_small(&a, -0.00000123, 4), "-0.0000012");
    ck_assert_str_eq(wording_small(&a, 1e-10, 4), "0.0000");
    ck_assert_str_eq(wording_small(&a, 0, 3), "0.000");
    arena_done(&a);
}
END_TEST

START_TEST(widths_are_those_of_a_terminal) {
    ck_assert_uint_eq(wording_width("abc"), 3);
    ck_assert_uint_eq(wording_width("±.0031"), 6);
    ck_assert_uint_eq(wording_width("日本"), 4);
    ck_assert_uint_eq(wording_width("e\xCC\x81"), 1); // e and a combining acute accent
}
END_TEST

START_TEST(numbers_as_text) {
    struct arena a = {0};
    ck_assert_str_eq(wording_count(&a, 7), "7");
    ck_assert_str_eq(wording_count(&a, 999), "999");
    ck_assert_str_eq(wording_count(&a, 100836), "100 836");
    ck_assert_str_eq(wording_count(&a, 25000095), "25 000 095");
    ck_assert_str_eq(wording_deviation(&a, 0.00314, 4), ".0031");
    ck_assert_str_eq(wording_deviation(&a, 1.5, 1), "1.5");
    ck_assert_ptr_null(wording_deviation(&a, NAN, 4));
    ck_assert_str_eq(wording_fixed(&a, NAN, 4), "");
    ck_assert_str_eq(wording_seconds(&a, 0.014), "0.01 s");
    ck_assert_str_eq(wording_seconds(&a, 0.001), "<0.01 s");
    ck_assert_str_eq(wording_seconds(&a, 200), "3 min 20 s");
    ck_assert_str_eq(wording_seconds(&a, 7300), "2 h 01 min");
    ck_assert_str_eq(wording_bytes(&a, 3.5 * 1024 * 1024), "3.5 MiB");
    char text[32];
    static const double exact[] = {0.1, 1. / 3, 5e-324, 1.7976931348623157e308, 20168, -0.87};
    for (size_t k = 0; k < sizeof exact / sizeof *exact; k++) {
        wording_exact(text, exact[k]);
        ck_assert(strtod(text, NULL) == exact[k]);
    }
    wording_exact(text, 0.1);
    ck_assert_str_eq(text, "0.1");
    wording_exact(text, NAN);
    ck_assert_str_eq(text, "");
    arena_done(&a);
}
END_TEST

START_TEST(csv_fields) {
    static const char *const cases[][2] = {{"als", "als"}, {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""}, {"=1+1", "'=1+1"}, {"@SUM(A1),2", "\"'@SUM(A1),2\""},
        {"-5", "-5"}, {"+1e3", "+1e3"}, {"-x", "'-x"}, {"", ""}, {" x", "\" x\""},
        {"(fallback)", "(fallback)"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char *text;
        size_t n;
        FILE *out = open_memstream(&text, &n);
        wording_csv(out, cases[k][0]);
        fclose(out);
        ck_assert_str_eq(text, cases[k][1]);
        free(text);
    }
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("report");
    tcase_add_checked_fixture(cases, make, unmake);
    tcase_add_loop_test(cases, every_format_is_as_it_was, 0, 5);
    tcase_add_loop_test(cases, the_terminal_is_as_it_was, 0, 3);
    tcase_add_loop_test(cases, no_line_is_wider_than_the_terminal, 40, 130);
    tcase_add_loop_test(cases, the_long_files_are_as_they_were, 0, 4);
    tcase_add_test(cases, provenance_names_no_folder_and_no_time);
    tcase_add_test(cases, rows_say_what_became_of_their_trials);
    tcase_add_test(cases, repeats_and_seeds_are_told_apart);
    tcase_add_test(cases, settings_that_change_a_number_are_said);
    tcase_add_test(cases, a_run_that_was_stopped_has_tables_all_the_same);
    tcase_add_test(cases, labels_are_harmless_everywhere);
    tcase_add_test(cases, widths_are_those_of_a_terminal);
    tcase_add_test(cases, small_numbers_have_digits_that_say_something);
    tcase_add_test(cases, numbers_as_text);
    tcase_add_test(cases, csv_fields);
    Suite *suite = suite_create("report");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
