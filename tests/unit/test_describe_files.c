// A data set with hostile names, described in every format: golden files, and what must never be in
// them.
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "report/describe_files.h"
#include "report/describe_text.h"
#include "report/wording.h"
#include "support/files.h"
#include "support/golden.h"
#include "support/splitting.h"

static struct load l;
static struct dataset data;
static struct describe d;
static struct error e;

static const char *const titles[] = {
    "<script>alert(1)</script> (1999)",
    "\"=cmd|'/C calc'!A0, \"\"quoted\"\" & <b>bold</b> (1987)\"",
    "@SUM(1+1)*cmd (2001)",
    "\xE2\x80\xAEgpj.exe\xE2\x80\xAC (2000)",  // an override of direction
    "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D (1990)", // Hebrew
    "\xF0\x9F\x8E\xAC \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 (2001)", // emoji, one joined
    NULL,                                                                   // 10 kB
    "-1+1 (1994)",
    "Twice (1994)",
    "Twice (1994)",
    "\x1B[31mred\x1B[0m\x07 (1995)", // a terminal's colour and bell
    "Not rated",
};
enum { ITEMS = sizeof titles / sizeof *titles, USERS = 14 };

static const char *const genres[] = {"Drama", "Comedy|<i>Art</i>", "Drama|=HYPERLINK(1)",
    "(no genres listed)", "Comedy", "Drama|Comedy"};
static const char *const tag_names[] = {
    "=1+1", "<img src=x onerror=alert(1)>", "\xE2\x80\xAEgat", "plain", "\"a, b\"\"c\""};

static void write_movies(void) {
    static char text[32768];
    char longest[10241];
    size_t n = 0;
    for (size_t k = 0; k + 1 < sizeof longest; k++) longest[k] = "Long title "[k % 11];
    longest[sizeof longest - 1] = '\0';
    n += (size_t)snprintf(text, sizeof text, "movieId,title,genres\n");
    for (int k = 0; k < ITEMS; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,%s,%s\n", k + 1,
            titles[k] ? titles[k] : longest, genres[k % 6]);
    files_write("movies.csv", text);
}

// A user's ratings are a function of user and item; user 5 gives 3 always, user 7 in one second.
static void write_ratings(void) {
    static char text[32768];
    size_t n = (size_t)snprintf(text, sizeof text, "userId,movieId,rating,timestamp\n");
    for (int u = 1; u <= USERS; u++)
        for (int i = 1; i < ITEMS; i++) {
            if ((u * 5 + i * 7) % 4 == 0 && u != 7) continue;
            const int half = u == 5 ? 6 : 1 + (u * u + 3 * i * u + i) % 10;
            const int time = 700000000 + 30000000 * (i % 5) + (u == 7 ? 0 : 86400 * u * i);
            n += (size_t)snprintf(
                text + n, sizeof text - n, "%d,%d,%.1f,%d\n", u, i, half / 2.0, time);
        }
    files_write("ratings.csv", text);
    n = (size_t)snprintf(text, sizeof text, "userId,movieId,tag,timestamp\n");
    for (int k = 0; k < 23; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,%d,%s,%d\n", 1 + k % 6, 1 + k % 9,
            tag_names[k * k / 2 % 5], 900000000 + k);
    files_write("tags.csv", text);
}

static void describe(const struct describe_pair *by, size_t n_by) {
    const struct split_method *method = split_method_find("kfold");
    void *settings = splitting_defaults(method);
    ck_assert_msg(load_run(&l, &data, 2, &e), "%s", e.text);
    ck_assert_msg(describe_make(&d,
                      &(struct describe_job){.data = &data,
                          .split = {method, settings},
                          .seed = 42,
                          .by = by,
                          .n_by = n_by,
                          .n_threads = 2},
                      &e),
        "%s", e.text);
    free(settings);
}

static void setup(void) {
    log_set_verbosity(LOG_QUIET);
    const char *folder = files_init();
    ck_assert_str_ne(folder, "");
    write_movies();
    write_ratings();
    load_init(&l, "movielens");
    load_path(&l, "movielens", folder);
    l.spec.common.name = "a<b>\xE2\x80\xAE\x1B[1m&\"c\"";
    l.spec.common.flaws = FLAW_SKIP;
}

static void teardown(void) {
    describe_done(&d);
    dataset_done(&data);
    files_done();
}

enum form { TABLE, ASCII, CSV, ONE_HOT, JSON, HTML };

static char *written(enum form form) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    const struct describe_style style = {.ascii = form == ASCII, .slices = true, .width = 90};
    if (form <= ASCII) ck_assert(describe_text_write(&d, &style, out, &e));
    if (form == CSV) describe_csv_write(&d, out);
    if (form == ONE_HOT) describe_csv_one_hot(&d, out);
    if (form == JSON) ck_assert_msg(describe_json_write(&d, out, &e), "%s", e.text);
    if (form == HTML) describe_page_write(&d, "reckon describe 'a<b>.zip'", out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

// Without what is between `from` and `to`: style, script, drawings and where names are folded have
// tests of their own.
static void leave_out(char *text, const char *from, const char *to) {
    char *at = text;
    while ((at = strstr(at, from))) {
        char *begin = at + strlen(from), *end = strstr(begin, to);
        ck_assert_ptr_nonnull(end);
        memmove(begin, end, strlen(end) + 1);
        at = begin;
    }
}

START_TEST(golden_files) {
    describe(NULL, 0);
    golden("describe.txt", written(TABLE));
    golden("describe_ascii.txt", written(ASCII));
    golden("describe.csv", written(CSV));
    golden("describe_one_hot.csv", written(ONE_HOT));
    golden("describe.json", written(JSON));
    char *page = written(HTML);
    leave_out(page, "<style>", "</style>");
    leave_out(page, "<script>", "</script>");
    leave_out(page, "script-src '", "'");
    leave_out(page, "<svg ", "</svg>");
    leave_out(page, "<summary>", "</summary>");
    golden("describe.html", page);
}
END_TEST

static void has_not(const char *text, const char *what) {
    const bool there = strstr(text, what) != NULL;
    ck_assert_msg(!there, "%s is there", what);
}

START_TEST(pages_are_harmless) {
    describe(NULL, 0);
    char *page = written(HTML);
    has_not(page, "<script>alert");
    has_not(page, "<img");
    has_not(page, "<i>");
    has_not(page, "<b>");
    has_not(page, "\xE2\x80\xAE");
    has_not(page, "\x1B");
    ck_assert_ptr_nonnull(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt; (1999)"));
    ck_assert_ptr_nonnull(strstr(page, "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"));
    free(page);
}
END_TEST

START_TEST(terminals_are_left_as_they_are) {
    describe(NULL, 0);
    char *text = written(TABLE), *ascii = written(ASCII);
    for (const char *c = text; *c; c++)
        ck_assert_msg(*c == '\n' || (unsigned char)*c >= 0x20, "a control character at %.20s", c);
    has_not(text, "\xE2\x80\xAE");
    for (const char *c = ascii; *c; c++)
        ck_assert_msg(*c == '\n' || (*c >= 0x20 && *c < 0x7F), "no ASCII at %.20s", c);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        char copy[1024];
        snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
        ck_assert_msg(wording_width(copy) <= 115, "too wide: %s", copy);
    }
    free(text);
    free(ascii);
}
END_TEST

// Fields of a row, quotes taken away.
static void no_formulas(const char *text) {
    bool quoted = false, begins = true;
    size_t n = 0;
    for (const char *c = text; *c; c++) {
        if (begins && *c == '"') {
            quoted = true;
            n++;
            c++;
        }
        if (begins && strchr("=@\t\r", *c)) ck_abort_msg("a formula: %.40s", c);
        if (begins && strchr("+-", *c)) {
            char *end;
            strtod(c, &end);
            ck_assert_msg(end > c && strchr(",\n", *end), "a formula: %.40s", c);
        }
        begins = false;
        if (quoted && *c == '"' && c[1] == '"')
            c++;
        else if (quoted && *c == '"')
            quoted = false;
        else if (!quoted && (*c == ',' || *c == '\n'))
            begins = true;
    }
    ck_assert_uint_ge(n, 1);
}

START_TEST(tables_hold_no_formulas) {
    describe(NULL, 0);
    char *csv = written(CSV), *matrix = written(ONE_HOT);
    no_formulas(csv);
    no_formulas(matrix);
    ck_assert_ptr_nonnull(strstr(csv, "'=1+1"));
    ck_assert_ptr_nonnull(strstr(matrix, ",'=HYPERLINK(1)"));
    free(csv);
    free(matrix);
}
END_TEST

START_TEST(json_holds_names_as_they_are) {
    const struct describe_pair by = {"genre", "year"};
    describe(&by, 1);
    char *text = written(JSON);
    json_error_t error;
    json_t *root = json_loads(text, 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    const json_t *slices = json_object_get(root, "slices");
    ck_assert_uint_eq(json_array_size(slices), 1);
    const json_t *slice = json_array_get(slices, 0);
    ck_assert_str_eq(json_string_value(json_object_get(slice, "columns")), "decade");
    ck_assert_str_eq(
        json_string_value(json_array_get(json_object_get(slice, "row_names"), 0)), "<i>Art</i>");
    json_decref(root);
    free(text);
}
END_TEST

// Users' features, and an outcome of each kind of writer where there is neither time nor title.
START_TEST(demographics_are_harmless) {
    const char *ratings = files_write("r.csv", "u,i,r\n1,1,5\n1,2,3\n2,1,4\n2,2,1\n3,1,2\n");
    const char *users = files_write("u.csv",
        "u,occupation,age\n1,<script>x</script>,31\n2,=SUM(A1),45\n3,\xE2\x80\xAEnurse,45\n");
    load_init(&l, "delimited");
    load_path(&l, "delimited", ratings);
    load_path(&l, "users", users);
    load_column(&l, "user", "u");
    load_column(&l, "item", "i");
    load_column(&l, "rating", "r");
    load_scale(&l, 1, 5);
    describe(NULL, 0);
    ck_assert_ptr_nonnull(describe_find(&d, "occupation"));
    char *page = written(HTML), *csv = written(CSV), *text = written(TABLE);
    has_not(page, "<script>x");
    has_not(page, "\xE2\x80\xAE");
    has_not(csv, ",=SUM");
    has_not(text, "\xE2\x80\xAE");
    ck_assert_ptr_nonnull(strstr(csv, "age by occupation,31,<script>x</script>,mean,4"));
    free(page);
    free(csv);
    free(text);
}
END_TEST

// Thirteen occupations by two genders are drawn with the occupations as rows.
START_TEST(maps_of_means_may_be_turned) {
    static char ratings[4096] = "u,i,r\n", users[4096] = "u,gender,occupation\n";
    for (int u = 1; u <= 26; u++) {
        sprintf(ratings + strlen(ratings), "%d,1,%d\n", u, 1 + u % 5);
        sprintf(users + strlen(users), "%d,%s,o%02d\n", u, u % 2 ? "F" : "M", (u - 1) / 2);
    }
    const struct describe_pair by = {"gender", "occupation"};
    load_init(&l, "delimited");
    load_path(&l, "delimited", files_write("r.csv", ratings));
    load_path(&l, "users", files_write("u.csv", users));
    load_column(&l, "user", "u");
    load_column(&l, "item", "i");
    load_column(&l, "rating", "r");
    load_scale(&l, 1, 5);
    describe(&by, 1);
    char *page = written(HTML);
    static const char *const cells[] = {"o00, F: 2.00<", "o00, M: 3.00<", "o00, all: 2.50<",
        "o12, F: 1.00<", "o12, M: 2.00<", "all, F: 2.85<", "all, all: 2.96<"};
    for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
        ck_assert_msg(strstr(page, cells[k]) != NULL, "%s is not there", cells[k]);
    free(page);
}
END_TEST

int main(void) {
    Suite *s = suite_create("describe_files");
    TCase *t = tcase_create("describe_files");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, golden_files);
    tcase_add_test(t, pages_are_harmless);
    tcase_add_test(t, terminals_are_left_as_they_are);
    tcase_add_test(t, tables_hold_no_formulas);
    tcase_add_test(t, json_holds_names_as_they_are);
    tcase_add_test(t, demographics_are_harmless);
    tcase_add_test(t, maps_of_means_may_be_turned);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
