// The figures of a run's report: drawn from made results, and judged by what they say.
#include <check.h>
#include <stdio.h>

#include "report/candidates.h"
#include "report/figures.h"
#include "support/drawing.h"
#include "support/made_tuned.h"

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

// The figures of a data set as a page.
static char *written(uint32_t data) {
    char *text = NULL;
    size_t n;
    struct error e = {0};
    struct page page;
    FILE *out = open_memstream(&text, &n);
    page_begin(&page, out, "figures", NULL);
    page_section(&page, "figures", "Figures");
    ck_assert_msg(figures_write(&page, &report, data, &e), "%s", e.text);
    page_section_end(&page);
    page_end(&page);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void judge(const char *text) {
    const char *at = text;
    while (strstr(at, "<svg")) {
        const char *fault = drawing_fault(at, &at, NULL, NULL);
        ck_assert_msg(!fault, "%s", fault);
    }
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "\x1b"));
}

static void has(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words) != NULL, "no \"%s\"", words);
}

START_TEST(all_data_sets_are_drawn) {
    char *text = written((uint32_t)_i);
    judge(text);
    has(text, ">Models by metric<");
    free(text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("figures");
    TCase *tc = tcase_create("figures");
    tcase_add_checked_fixture(tc, make, unmake);
    tcase_add_loop_test(tc, all_data_sets_are_drawn, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
