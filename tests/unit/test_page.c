// The HTML page: escaping, structure, sort keys; hostile texts come out harmless and legible.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "support/markup.h"

static struct page page;
static char *text;
static size_t n_text;

static void begin(const char *title) {
    FILE *out = open_memstream(&text, &n_text);
    ck_assert_ptr_nonnull(out);
    page_begin(&page, out, title, "what it is");
    page_section(&page, "a", "Section");
}

static void end(void) {
    page_section_end(&page);
    page_end(&page);
    ck_assert_int_eq(fclose(page.out), 0);
}

static void drop(void) {
    free(text);
    text = NULL;
}

// Whether it stands between <main> and </main>, where texts of the page's own style do not.
static bool has(const char *part) {
    const char *from = strstr(text, "<main"), *to = strstr(text, "</main>");
    const char *at = from ? strstr(from, part) : NULL;
    return at && at < to;
}

static size_t count(const char *part) {
    return markup_count(text, part);
}

static const char *const hostile[] = {
    "</script><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)\" x='",
    "<!-- --><img src=x onerror=alert(1)>",
    "]]></style>&lt;&#60;",
    "\xE2\x80\xAEgnp.exe\xE2\x81\xA6",
    "\xFF\xC0\x80 \xED\xA0\x80 \x1B[31m\x7F\xC2\x85",
    "\xEF\xBF\xBF\xEF\xB7\x90\xF0\x9F\xBF\xBE",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB שלום",
    "javascript:alert(1)",
    "",
};
enum { N_HOSTILE = sizeof hostile / sizeof *hostile };

// Every part of a page, each with this text.
static void write_all(const char *t) {
    const struct page_column columns[] = {{t, t, false}, {t, t, true}};
    page_contents(&page, &(struct page_link){t, t}, 1);
    page_heading(&page, t, t);
    page_paragraph(&page, t);
    page_list(&page, &t, 1);
    page_warnings(&page, &t, 1);
    page_code(&page, t);
    page_facts(&page, &(struct page_fact){t, t}, 1);
    page_details(&page, t);
    page_textf(&page, "%s", t);
    page_details_end(&page);
    page_figure(&page, t, t);
    page_figure_end(&page);
    page_table(&page, t, t, columns, 2);
    page_row(&page, t, false);
    page_cell(&page, t, NAN, NULL, t);
    page_cell(&page, t, 1, t, NULL);
    page_row_end(&page);
    page_table_end(&page);
}

START_TEST(texts_are_harmless) {
    begin("plain");
    write_all("plain");
    end();
    const size_t marks = count("<"), quotes = count("\"");
    drop();
    begin(hostile[_i]);
    write_all(hostile[_i]);
    end();
    markup_check_nesting(text);
    // No mark and no quote beyond those of the page itself. (An empty text adds none either.)
    ck_assert_uint_eq(count("<"), marks);
    ck_assert_uint_eq(count("\""), quotes);
    ck_assert_uint_eq(count("<script"), 1);
    ck_assert(!has("onerror=\"") && !has("<img"));
    ck_assert_uint_eq(count("\xE2\x80\xAE") + count("\xE2\x81\xA6"), 0);
    ck_assert_uint_eq(count("\xED\xA0\x80") + count("\x1B") + count("\xFF") + count("\xC2\x85"), 0);
    ck_assert_uint_eq(count("\xEF\xBF\xBF") + count("\xEF\xB7\x90") + count("\xF0\x9F\xBF\xBE"), 0);
    drop();
}
END_TEST

START_TEST(specials_are_written_as_entities) {
    begin("t");
    page_paragraph(&page, "a<b> & \"c\" 'd' \xC2\xB1");
    end();
    ck_assert(has("<p>a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; \xC2\xB1</p>"));
    drop();
}
END_TEST

START_TEST(words_that_run_from_right_to_left_end_where_they_end) {
    begin("t");
    page_paragraph(&page, "שלום עולם: 3 trials");
    page_paragraph(&page, "a שלום");
    page_code(&page, "שלום: 1 234");
    end();
    ck_assert(has("<p>שלום עולם&lrm;: 3 trials</p>") && has("<p>a שלום</p>"));
    ck_assert(has("<code>שלום: 1 234</code>"));
    drop();
}
END_TEST

START_TEST(numbers_are_not_broken) {
    begin("t");
    page_paragraph(&page, "of 1 100 836 rows 12 3456 in 2020 ");
    end();
    ck_assert(has("<p>of 1&nbsp;100&nbsp;836 rows 12 3456 in 2020 </p>"));
    drop();
}
END_TEST

START_TEST(what_stands_between_backticks_is_code) {
    const char *list = "`1 234``x`";
    begin("t");
    page_paragraph(&page, "a `b<c>` d ` e");
    page_list(&page, &list, 1);
    end();
    ck_assert(has("<p>a <code>b&lt;c&gt;</code> d ` e</p>"));
    ck_assert(has("<li><code>1 234</code><code>x</code></li>"));
    drop();
}
END_TEST

START_TEST(code_keeps_its_lines) {
    begin("t");
    page_code(&page, "a = 1;\n\n  b = <2>;\n");
    end();
    ck_assert(has("<code>a = 1;\n\n  b = &lt;2&gt;;</code>"));
    drop();
}
END_TEST

// 10 000 characters of three bytes, at each of whose ends a cut may be.
static char *make_long(void) {
    char *t = malloc(30001);
    ck_assert_ptr_nonnull(t);
    for (size_t k = 0; k < 10000; k++) memcpy(t + 3 * k, "\xE2\x82\xAC", 3);
    t[30000] = '\0';
    return t;
}

START_TEST(long_titles_are_cut) {
    char *t = make_long();
    begin(t);
    page_heading(&page, NULL, t);
    end();
    ck_assert_uint_eq(count("\xE2\x82\xAC"), 3 * 199); // title, h1, h3
    ck_assert_uint_eq(count("…"), 3);
    drop();
    free(t);
}
END_TEST

START_TEST(long_cells_are_folded_or_cut_to_a_link) {
    char *t = make_long();
    const struct page_column column = {"model", NULL, false};
    begin("t");
    page_table(&page, NULL, "c", &column, 1);
    page_row(&page, NULL, false);
    page_cell(&page, t, NAN, NULL, NULL);
    page_row_end(&page);
    page_row(&page, NULL, false);
    page_cell(&page, t, NAN, "#there", NULL);
    page_row_end(&page);
    page_table_end(&page);
    end();
    ck_assert_uint_eq(count("\xE2\x82\xAC"), PAGE_CELL_MOST / 2 - 1 + 10000 + PAGE_CELL_MOST - 1);
    ck_assert(has("<details><summary>") && has("…</a></th>"));
    drop();
    t[3 * PAGE_CELL_MOST] = '\0'; // just short enough
    begin("t");
    page_table(&page, NULL, "c", &column, 1);
    page_row(&page, NULL, false);
    page_cell(&page, t, NAN, NULL, NULL);
    page_row_end(&page);
    page_table_end(&page);
    end();
    ck_assert(!has("<details>") && !has("…"));
    drop();
    free(t);
}
END_TEST

START_TEST(tables_can_be_sorted_by_their_numbers) {
    const struct page_column columns[] = {
        {"model", NULL, false}, {"RMSE", "root of the mean square", true}};
    begin("t");
    page_table(&page, "results", "All models", columns, 2);
    page_row(&page, "als", true);
    page_cell(&page, "als", NAN, "#rows", NULL);
    page_cell(&page, "0.87", 0.1 + 0.2, NULL, "±.01");
    page_row_end(&page);
    page_row(&page, NULL, false);
    page_cell(&page, "svd", NAN, NULL, NULL);
    page_cell(&page, "failed", NAN, NULL, NULL);
    page_row_end(&page);
    page_table_end(&page);
    end();
    ck_assert(has("<table id=\"results\">\n<caption id=\"f-1\"><span>All models</span>"));
    ck_assert(has("aria-labelledby=\"f-1\""));
    ck_assert(has("<th scope=\"col\">model</th>"));
    ck_assert(has("<th scope=\"col\" class=\"n\" title=\"root of the mean square\">RMSE</th>"));
    ck_assert(has("<tr id=\"als\" class=\"strong\"><th scope=\"row\"><a href=\"#rows\">als</a>"));
    ck_assert(has("<td class=\"n\" data-v=\"0.30000000000000004\">0.87<small>±.01</small>"));
    ck_assert(has("<th scope=\"row\">svd</th><td class=\"n\">failed</td>"));
    drop();
}
END_TEST

START_TEST(lists_of_nothing_leave_nothing) {
    begin("t");
    page_list(&page, NULL, 0);
    page_warnings(&page, NULL, 0);
    page_facts(&page, NULL, 0);
    page_contents(&page, NULL, 0);
    end();
    ck_assert(!has("<ul") && !has("<dl") && !has("Warning") && !strstr(text, "<nav"));
    drop();
}
END_TEST

START_TEST(nothing_is_asked_of_a_network) {
    begin("t");
    end();
    ck_assert_uint_eq(count("http:") + count("https:") + count("url(") + count("@import"), 0);
    ck_assert_uint_eq(count(" src="), 0);
    ck_assert_uint_eq(count("href=\"data:,\""), 1);
    ck_assert_uint_eq(count("default-src 'none'"), 1);
    drop();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("page");
    TCase *tcase = tcase_create("page");
    tcase_add_loop_test(tcase, texts_are_harmless, 0, N_HOSTILE);
    tcase_add_test(tcase, specials_are_written_as_entities);
    tcase_add_test(tcase, words_that_run_from_right_to_left_end_where_they_end);
    tcase_add_test(tcase, numbers_are_not_broken);
    tcase_add_test(tcase, what_stands_between_backticks_is_code);
    tcase_add_test(tcase, code_keeps_its_lines);
    tcase_add_test(tcase, long_titles_are_cut);
    tcase_add_test(tcase, long_cells_are_folded_or_cut_to_a_link);
    tcase_add_test(tcase, tables_can_be_sorted_by_their_numbers);
    tcase_add_test(tcase, lists_of_nothing_leave_nothing);
    tcase_add_test(tcase, nothing_is_asked_of_a_network);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
