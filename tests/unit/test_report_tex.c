// LaTeX: whatever labels are, what is written is text. That pdflatex takes it is tested by
// tests/run --long.
#include <check.h>

#include "report/latin.h"
#include "report/report.h"
#include "report/wording.h"
#include "support/made_results.h"

static struct made made;
static char *text;

static char *write_tex(void) {
    struct error e = {0};
    struct report report;
    size_t n;
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
    free(text);
    FILE *out = open_memstream(&text, &n);
    ck_assert(report_format_find("tex")->write(&report, out, &e));
    fclose(out);
    report_done(&report);
    return text;
}

static void make(void) {
    made_init(&made);
}

static void unmake(void) {
    free(text);
    text = NULL;
    made_done(&made);
}

// Labels, and how their row of a table begins.
static const char *const labels[][2] = {
    {"a_b & c% $d$ #1 {e} ~f ^g", "a\\_b \\& c\\% \\$d\\$ \\#1 \\{e\\} \\textasciitilde{}f "
                                  "\\textasciicircum{}g &"},
    {"\\input{/etc/passwd}", "\\textbackslash{}input\\{/etc/passwd\\} &"},
    {"\"q\" 'r' `s`", "\\textquotedbl{}q\\textquotedbl{} \\textquotesingle{}r\\textquotesingle{} "
                      "`{}s`{} &"},
    {"[2pt]", "{[}2pt] &"},
    {"*x", "{*}x &"},
    {"--- << >> ,, !` ?`", "-{}-{}-{} <{}<{} >{}>{} ,{},{} !{}`{} ?{}`{} &"},
    {"caf\xC3\xA9 \xC5\x81\xC3\xB3\xC4\x91", "caf\xC3\xA9 \xC5\x81\xC3\xB3\xC4\x91 &"},
    {"\xD0\x9C\xD0\xB8\xD1\x80 \xCE\xB1\xCF\x89", "Mir ao &"},
    {"\xE6\x97\xA5\xE6\x9C\xAC x", "{[}U+65E5 U+672C] x &"},
    {"\xF0\x9F\x98\x80", "{[}U+1F600] &"},
    {"\xD7\xA9\xE2\x80\xAE\xD7\x9C", "{[}U+05E9 U+05DC] &"}, // and an override of direction
    {"x\xE2\x80\x8D\xEF\xB8\x8Fy", "xy &"},                  // a joiner, a selector
    {"50 \xE2\x82\xAC \xE2\x80\x93 \xC5\xA7", "50 \\texteuro{} -- {[}U+0167] &"},
    {"\xE2\x80\xA6\xC2\xB1\xE2\x80\xA0", "\\dots{}$\\pm$\\dag{} &"},
};
enum { LABELS = sizeof labels / sizeof *labels };

START_TEST(labels_are_text) {
    made.models[0].label = labels[_i][0];
    const char *row = arena_printf(&made.results.arena, "\n%s ", labels[_i][1]);
    ck_assert_msg(strstr(write_tex(), row) != NULL, "%s", row);
}
END_TEST

// The fonts are asked for no letter that they have not; braces are closed.
START_TEST(nothing_but_letters_that_there_are) {
    for (int k = 0; k < MADE_MODELS; k++) made.models[k].label = labels[LABELS - 1 - k][0];
    made.plan.name = labels[8][0];
    made.data[0].name = labels[7][0];
    write_tex();
    size_t open = 0;
    for (const char *at = text; *at;) {
        uint32_t c = 0;
        const size_t n = wording_decode(at, &c);
        ck_assert_uint_gt(n, 0);
        ck_assert_msg(c < 0x180, "U+%04X", (unsigned)c);
        ck_assert(c >= 0x20 || c == '\n');
        const bool escaped = at > text && at[-1] == '\\';
        if (c == '{' && !escaped) open++;
        if (c == '}' && !escaped) ck_assert_uint_gt(open--, 0);
        at += n;
    }
    ck_assert_uint_eq(open, 0);
}
END_TEST

START_TEST(long_texts_are_cut_in_tables_and_broken_in_paragraphs) {
    static char big[10241];
    memset(big, 'x', sizeof big - 1);
    made.models[0].label = big;
    made_find(&made, 0, 2, 1)->cause = big;
    write_tex();
    char cut[64], lines[64];
    snprintf(cut, sizeof cut, "\n%.20s\\allowbreak{}", big);
    snprintf(lines, sizeof lines, "\\allowbreak{}%.20s\\allowbreak{}", big);
    const char *row = strstr(text, cut);
    ck_assert_ptr_nonnull(row);
    ck_assert_ptr_nonnull(strstr(row, "xxx\\dots{} & 0.8689"));
    ck_assert_ptr_nonnull(strstr(text, lines));
    ck_assert_ptr_null(strstr(text, "xxxxxxxxxxxxxxxxxxxxx")); // 21 of them
}
END_TEST

START_TEST(long_tables_go_on_in_another) {
    static struct plan_model models[100];
    static char names[100][16];
    const struct schema *schema = made.models[0].schema;
    for (size_t k = 0; k < made.results.n; k++) record_done(&made.results.records[k]);
    made.results.n = made.results.n_failed = 0;
    made.plan.n_data = 1;
    made.plan.n_metrics = 1;
    made.plan.models = models;
    made.plan.n_models = 100;
    for (int k = 0; k < 100; k++) {
        snprintf(names[k], sizeof names[k], "row %d end", k);
        models[k] = (struct plan_model){.label = names[k], .schema = schema};
    }
    for (int k = MODEL_FALLBACK; k < 100; k++) {
        made_trial(&made, 0, 1, k < 0 ? k : 0);
        made.results.records[made.results.n - 1].model = k;
    }
    write_tex();
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\\toprule")); at++) n++;
    const char *first = strstr(text, "\\toprule"), *last = strstr(first, "\nrow 99 end");
    ck_assert_ptr_nonnull(last);
    ck_assert_uint_ge(n, 3 + 3); // of scores, and of differences
    size_t rows = 0;
    for (const char *at = first; at < strstr(first, "\\bottomrule"); at++)
        rows += strncmp(at, " \\\\\n", 4) == 0;
    ck_assert_uint_eq(rows, 1 + 40);
}
END_TEST

START_TEST(letters_of_other_alphabets) {
    ck_assert_str_eq(latin_letters(0x0391), "A");
    ck_assert_str_eq(latin_letters(0x03C9), "o");
    ck_assert_str_eq(latin_letters(0x0410), "A");
    ck_assert_str_eq(latin_letters(0x0429), "Shch");
    ck_assert_str_eq(latin_letters(0x044F), "ya");
    ck_assert_str_eq(latin_letters(0x200B), "");
    ck_assert_str_eq(latin_letters(0x2009), " ");
    ck_assert_ptr_null(latin_letters('a'));
    ck_assert_ptr_null(latin_letters(0x65E5));
    ck_assert_ptr_null(latin_letters(0x03A2)); // not assigned
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("tex");
    tcase_add_checked_fixture(cases, make, unmake);
    tcase_add_loop_test(cases, labels_are_text, 0, LABELS);
    tcase_add_test(cases, nothing_but_letters_that_there_are);
    tcase_add_test(cases, long_texts_are_cut_in_tables_and_broken_in_paragraphs);
    tcase_add_test(cases, long_tables_go_on_in_another);
    tcase_add_test(cases, letters_of_other_alphabets);
    Suite *suite = suite_create("tex");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
