// report.html: well made for every kind of run; each number leads to the trials that it is the mean
// of; nothing is lost that is left out; sizes are bounded. Golden parts:
// tests/golden/report/html-*.
#include <check.h>

#include "report/report.h"
#include "support/golden.h"
#include "support/made_tuned.h"
#include "support/markup.h"

static struct made made;

static char *write_page(const struct results *r, const char *experiment) {
    struct report report;
    struct error e = {0};
    char *text = NULL;
    size_t n = 0;
    const struct report_format *html = report_format_find("html");
    ck_assert_ptr_nonnull(html);
    ck_assert_str_eq(html->file, "report.html");
    ck_assert_msg(report_make(&report, r, experiment, "0123", &e), "%s", e.text);
    FILE *out = open_memstream(&text, &n);
    ck_assert_ptr_nonnull(out);
    ck_assert_msg(html->write(&report, out, &e), "%s", e.text);
    ck_assert_int_eq(fclose(out), 0);
    report_done(&report);
    return text;
}

// Scores of this file's own, so that golden parts change with pages alone.
static void score(struct trial_record *t) {
    const double base = 0.8 + t->fold * 0.01 + t->model * 0.02;
    scores_done(&t->scores);
    t->scores = (struct scores){0};
    for (int slice = SLICE_ALL; slice <= SLICE_TRAIN; slice += SLICE_TRAIN - SLICE_ALL) {
        made_score(&t->scores, (enum slice)slice, "rows", slice == SLICE_ALL ? 20168 : 80668);
        made_score(&t->scores, (enum slice)slice, "answered", t->model == 4 ? 0.25 : 1);
        made_score(&t->scores, (enum slice)slice, "rmse", base + slice * 0.01);
        made_score(&t->scores, (enum slice)slice, "mae", base * 0.75 + slice * 0.01);
    }
    made_score(&t->scores, SLICE_ALL, "top5", 4.5 - base / 4);
}

static char *page; // of the made results
static void make(void) {
    made_init_tuned(&made);
    for (size_t k = 0; k < made.results.n; k++) score(&made.results.records[k]);
    for (int k = 0; k < MADE_MODELS; k++) made.models[k].values = made_chosen[k % MADE_FOLDS];
    made.results.records[3].log = "one line\n<b>another</b>\n";
    page = write_page(&made.results, "name = \"compare\"; // <default>\n");
}

static void unmake(void) {
    free(page);
    made_done(&made);
}

// The section of that id, to its end; the caller frees it.
static char *section(const char *text, const char *id) {
    char from[64];
    snprintf(from, sizeof from, "<section id=\"%s\">", id);
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "there is no section %s", id);
    const char *end = strstr(at, "</section>\n");
    ck_assert_ptr_nonnull(end);
    return strndup(at, (size_t)(end - at) + strlen("</section>\n"));
}

START_TEST(a_page_is_well_made) {
    markup_check(page);
    ck_assert_uint_eq(markup_count(page, "<h1>"), 1);
    ck_assert_uint_eq(markup_count(page, "<main "), 1);
}
END_TEST

// Numbers of captions depend on what stands before them.
static char *without_numbers(char *text) {
    char *to = text;
    for (const char *at = text; *at;) {
        const bool is_caption = strncmp(at, "\"f-", 3) == 0;
        for (int k = 0; k < (is_caption ? 3 : 1); k++) *to++ = *at++;
        if (is_caption) at += strspn(at, "0123456789");
    }
    *to = '\0';
    return text;
}

START_TEST(parts_are_as_they_were) {
    static const char *const ids[] = {"d1-rows", "d2-rows", "definitions", "again"};
    char name[32];
    snprintf(name, sizeof name, "html-%s", ids[_i]);
    golden(name, without_numbers(section(page, ids[_i])));
}
END_TEST

// Cells with text in the table of results, each within a link to folds or parameters of its row.
START_TEST(every_number_leads_to_where_it_comes_from) {
    char *results = section(page, "d1-results"), *rest;
    char *table = strstr(results, "<tbody>"), *end = strstr(results, "</tbody>");
    size_t row = 0, n = 0;
    ck_assert(table && end);
    *end = '\0';
    for (char *line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "<tr", 3) != 0) continue;
        char parameters[64], folds[64];
        row++;
        snprintf(parameters, sizeof parameters, "\"#d1-r%zu\"", row);
        snprintf(folds, sizeof folds, "\"#d1-r%zu-folds\"", row);
        ck_assert_uint_eq(markup_count(line, parameters), 1);
        for (const char *cell = line; (cell = strstr(cell, "<td")); n++) {
            cell = strchr(cell, '>') + 1;
            if (strncmp(cell, "<strong>", 8) == 0) cell += 8;
            if (strncmp(cell, "</td>", 5) == 0) continue;
            ck_assert_msg(strncmp(cell, "<a href=", 8) == 0, "%.80s", cell);
            ck_assert_msg(strncmp(cell + 8, folds, strlen(folds)) == 0, "%.80s", cell);
        }
    }
    ck_assert_uint_eq(row, MADE_MODELS + 1);
    ck_assert_uint_gt(n, 20);
    free(results);
}
END_TEST

START_TEST(failures_and_logs_are_told) {
    char *rows = section(page, "d1-rows");
    ck_assert_ptr_nonnull(strstr(rows, "failed, limit: none of 30 configurations"));
    ck_assert_ptr_nonnull(strstr(rows, "answers infinity, &quot;twice&quot;, says | the model"));
    ck_assert_ptr_nonnull(strstr(rows, "<code>one line\n&lt;b&gt;another&lt;/b&gt;</code>"));
    free(rows);
    ck_assert_ptr_nonnull(strstr(page, "name = &quot;compare&quot;; // &lt;default&gt;"));
}
END_TEST

START_TEST(an_interrupted_run_says_so) {
    ck_assert_ptr_null(strstr(page, "has not come to its end"));
    made.results.interrupted = true;
    char *text = write_page(&made.results, NULL);
    markup_check(text);
    ck_assert_uint_ge(markup_count(text, "has not come to its end"), 1);
    free(text);
    made.results.interrupted = false;
}
END_TEST

START_TEST(a_run_without_any_trial_is_a_page) {
    struct results none = made.results;
    none.n = none.n_failed = 0;
    none.interrupted = true;
    none.arena = (struct arena){0};
    char *text = write_page(&none, NULL);
    markup_check(text);
    ck_assert_ptr_nonnull(strstr(text, "No trial has ended yet"));
    free(text);
    arena_done(&none.arena);
}
END_TEST

START_TEST(no_name_of_a_machine_or_folder_is_told) {
    ck_assert_ptr_null(strstr(page, "somewhere"));
    ck_assert_ptr_null(strstr(page, "/home"));
}
END_TEST

START_TEST(names_are_quoted_for_a_shell) {
    made.plan.name = "it's $(rm)";
    char *text = write_page(&made.results, NULL);
    ck_assert_ptr_nonnull(
        strstr(text, "reckon show &#39;results/it&#39;\\&#39;&#39;s $(rm)&#39;\n"));
    free(text);
    made.plan.name = "compare";
}
END_TEST

// ---- Size --------------------------------------------------------------------------------------

enum { FOLDS = 5 };

// So many models on five folds, with 20 parameters each, and logs that are long.
static char *write_large(size_t n_models, const char *label) {
    static char log[20000], labels[1000][40];
    struct plan plan = made.plan;
    struct results r = {.plan = &plan, .data = made.data, .isa = "x86-64-v3"};
    struct plan_model *models = calloc(n_models, sizeof *models);
    struct schema_param params[20];
    struct schema schema = made.schemas[0];
    struct param_value values[20] = {{.number = 1. / 3}};
    ck_assert_ptr_nonnull(models);
    memset(log, 'x', sizeof log - 1);
    for (size_t k = 0; k < 20; k++)
        params[k] = (struct schema_param){.name = "a_parameter", .type = RK_TYPE_REAL, .max = 1};
    schema.params = params;
    schema.n_params = 20;
    for (size_t k = 0; k < n_models; k++) {
        snprintf(labels[k], sizeof labels[k], "als rank=%zu", k);
        models[k] = (struct plan_model){
            .label = label && k == 0 ? label : labels[k], .schema = &schema, .values = values};
    }
    plan.models = models;
    plan.n_models = n_models;
    plan.n_data = 1;
    r.records = calloc(n_models * FOLDS, sizeof *r.records);
    ck_assert_ptr_nonnull(r.records);
    for (uint32_t fold = 1; fold <= FOLDS; fold++)
        for (size_t m = 0; m < n_models; m++) {
            struct trial_record *t = &r.records[r.n++];
            *t = (struct trial_record){.number = (uint32_t)r.n, .model = (int)m, .fold = fold};
            t->log = log;
            t->cost = (struct trial_cost){1.25 * fold, 0.5, 123456789};
            made_slice(&t->scores, SLICE_ALL, (int)m % 50, fold, 20168, 1);
            made_slice(&t->scores, SLICE_TRAIN, (int)m % 50, fold, 80668, 1);
        }
    char *text = write_page(&r, "name = \"large\";\n");
    results_done(&r);
    free(models);
    return text;
}

START_TEST(sizes_are_bounded) {
    static const struct {
        size_t trials, bytes;
    } cases[] = {{50, 1000000}, {1000, 3000000}, {2500, 5000000}};
    char *text = write_large(cases[_i].trials / FOLDS, NULL);
    ck_assert_uint_lt(strlen(text), cases[_i].bytes);
    markup_check_nesting(text);
    ck_assert_ptr_nonnull(strstr(text, "bytes before are left out; reckon show has all"));
    const bool all = cases[_i].trials <= 1000;
    ck_assert_uint_eq(strstr(text, "are left out here for want of room") == NULL, all);
    ck_assert_uint_eq(strstr(text, "more trials printed is in the store") == NULL, _i == 0);
    free(text);
}
END_TEST

START_TEST(a_long_label_stands_in_full_but_not_often) {
    char *label = malloc(10001);
    ck_assert_ptr_nonnull(label);
    memset(label, 'W', 10000);
    label[10000] = '\0';
    char *text = write_large(2, label);
    char *rows = section(text, "d1-rows");
    ck_assert_uint_eq(markup_count(rows, label), 1);
    ck_assert_uint_le(markup_count(text, label), 20); // and not in each cell and caption
    free(rows);
    markup_check(text);
    free(text);
    free(label);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("html");
    TCase *tcase = tcase_create("html");
    tcase_add_unchecked_fixture(tcase, make, unmake);
    tcase_add_test(tcase, a_page_is_well_made);
    tcase_add_loop_test(tcase, parts_are_as_they_were, 0, 4);
    tcase_add_test(tcase, every_number_leads_to_where_it_comes_from);
    tcase_add_test(tcase, failures_and_logs_are_told);
    tcase_add_test(tcase, an_interrupted_run_says_so);
    tcase_add_test(tcase, a_run_without_any_trial_is_a_page);
    tcase_add_test(tcase, no_name_of_a_machine_or_folder_is_told);
    tcase_add_test(tcase, names_are_quoted_for_a_shell);
    tcase_add_loop_test(tcase, sizes_are_bounded, 0, 3);
    tcase_add_test(tcase, a_long_label_stands_in_full_but_not_often);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
