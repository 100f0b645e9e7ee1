// Predefined folds: numbers, pairs of files, lists of users, and what is wrong with each.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "split/predefined.h"
#include "support/made.h"

enum { ROWS = 6 };

// Entries in the order of by_user: (1,1) (1,2) (2,1) (2,3) (5,2) (5,3).
static const uint32_t users[] = {1, 2, 5}, items[] = {1, 2, 3};
static const struct made_row rows[ROWS] = {{1, 1, 1, 0, 3}, {1, 2, 2, 0, 0}, {2, 1, 3, 0, 1},
    {2, 3, 4, 0, 3}, {5, 2, 5, 0, 1}, {5, 3, 1, 0, 7}};
static struct made made;
static struct predefined settings;
static struct error e;

static void setup(void) {
    const struct made_spec spec = {.users = users,
        .items = items,
        .n_users = 3,
        .n_items = 3,
        .rows = rows,
        .n_rows = ROWS,
        .folds = true};
    made_init(&made, &spec);
    settings = (struct predefined){0};
    e = (struct error){0};
}

static void teardown(void) {
    made_done(&made);
}

// A further file of the data: pairs of ids, a line each.
static const struct {
    const char *file;
    const char *pairs[ROWS][2];
} files[] = {
    {"u1.base", {{"1", "1"}, {"2", "1"}, {"5", "2"}}},
    {"u1.test", {{"1", "2"}, {"2", "3"}}},
    {"u2.base", {{"1", "2"}}},
    {"u2.test", {{"5", "3"}, {"5", "4"}}},
    {"u3.base", {{"1", "2"}, {"1", "1"}}},
    {"u3.test", {{"1", "1"}}},
};

static bool read_pairs(const void *unused, const char *file,
    bool (*each)(void *arg, const char *user, const char *item, const char *place, struct error *e),
    void *arg, struct error *err) {
    (void)unused;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        if (strcmp(files[f].file, file) != 0) continue;
        for (int k = 0; k < ROWS && files[f].pairs[k][0]; k++) {
            char place[64];
            snprintf(place, sizeof place, "%s:%d", file, k + 1);
            if (!each(arg, files[f].pairs[k][0], files[f].pairs[k][1], place, err)) return false;
        }
        return true;
    }
    return error_set(err, "%s: no such file", file);
}

static bool assign(uint32_t fold, uint8_t role[ROWS]) {
    static const struct data_format format = {.id = "fake", .read_pairs = read_pairs};
    static const struct data_spec source = {.format = &format};
    const struct split_job job = {
        .data = &made.data, .source = &source, .settings = &settings, .seed = 42, .fold = fold};
    memset(role, SPLIT_OUT, ROWS);
    return split_method_find("predefined")->assign(&job, role, &e);
}

static void assert_roles(uint32_t fold, const char *wanted) {
    uint8_t role[ROWS];
    char found[ROWS + 1] = "";
    ck_assert_msg(assign(fold, role), "%s", e.text);
    for (int x = 0; x < ROWS; x++) found[x] = "-rt"[role[x]];
    ck_assert_str_eq(found, wanted);
}

// The folds of a plan as "1 3 7", or the error.
static const char *planned(const struct dataset *data) {
    static char text[600];
    uint32_t n_repeats, n_folds, *folds = NULL;
    if (!split_method_find("predefined")->plan(&settings, data, &n_repeats, &folds, &n_folds, &e)) {
        ck_assert_ptr_null(folds);
        return e.text;
    }
    ck_assert_uint_eq(n_repeats, 1);
    size_t n = 0;
    text[0] = '\0';
    for (uint32_t k = 0; k < n_folds; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%u", k ? " " : "", folds[k]);
    free(folds);
    return text;
}

static void use_texts(const char *a, const char *b) {
    static const char *texts[2];
    texts[0] = a;
    texts[1] = b;
    settings.folds = (struct texts){texts, b ? 2 : 1};
}

static void use_only(int64_t a, int64_t b) {
    static int64_t only[2];
    only[0] = a;
    only[1] = b;
    settings.only = (struct ints){only, b ? 2 : 1};
}

START_TEST(numbers_of_a_column_are_the_folds) {
    settings.column.name = "fold";
    ck_assert_str_eq(planned(&made.data), "1 3 7");
    ck_assert_str_eq(planned(NULL), "");
    assert_roles(1, "rrtrtr");
    assert_roles(3, "trrtrr");
    assert_roles(7, "rrrrrt");
}
END_TEST

START_TEST(only_picks_folds) {
    settings.column.number = 4;
    use_only(7, 1);
    ck_assert_str_eq(planned(&made.data), "1 7");
    ck_assert_str_eq(planned(NULL), "1 7");
    use_only(1, 2);
    ck_assert_str_eq(planned(&made.data), "only: there is no fold 2; there are 1, 3, 7");
    settings.column.number = 0;
    use_texts("u1..u5", NULL);
    use_only(6, 0);
    ck_assert_str_eq(planned(NULL), "only: there is no fold 6; there are 1, 2, 3, 4, 5");
}
END_TEST

START_TEST(numbers_must_have_been_read) {
    settings.column.name = "fold";
    made.data.fold = NULL;
    ck_assert_str_eq(
        planned(&made.data), "column: this kind of data has no fold numbers; choose another split");
    settings.column.name = NULL;
    settings.lines.written = "folds.gz";
    settings.lines.found = "somewhere/folds.gz";
    ck_assert_ptr_nonnull(strstr(planned(&made.data), "lines: this kind of data has no fold"));
    ck_assert_str_eq(split_method_find("predefined")->fold_lines(&settings), "somewhere/folds.gz");
    const uint32_t zeros[ROWS] = {0};
    made.data.fold = zeros;
    ck_assert_ptr_nonnull(strstr(planned(&made.data), "nothing is tested"));
}
END_TEST

START_TEST(exactly_one_form_is_given) {
    ck_assert_ptr_nonnull(strstr(planned(NULL), "none is given"));
    use_texts("ua", NULL);
    settings.users.written = "users.txt";
    ck_assert_ptr_nonnull(strstr(planned(NULL), "more than one is given"));
}
END_TEST

START_TEST(names_and_ranges_of_pairs_are_expanded) {
    use_texts("u1..u5", NULL);
    ck_assert_str_eq(planned(NULL), "1 2 3 4 5");
    use_texts("u1..3, ua ,ub", "r08..r11");
    ck_assert_str_eq(planned(NULL), "1 2 3 4 5 6 7 8 9");
    static const char *const wrong[] = {"u5..u1", "u..v", "u1..v3", "..", "u1..", "u1..u9999"};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        use_texts(wrong[k], NULL);
        ck_assert_msg(strstr(planned(NULL), "folds: "), "%s", wrong[k]);
    }
}
END_TEST

START_TEST(pairs_of_files_name_their_rows) {
    use_texts("u1..u3", NULL);
    assert_roles(1, "rtrtr-");
    // The same files as lists.
    settings.folds = (struct texts){0};
    const struct path train[] = {{"x", "u2.base"}, {"u1.base", NULL}};
    const struct path test[] = {{"y", "u2.test"}, {"u1.test", NULL}};
    settings.train = (struct paths){train, 2};
    settings.test = (struct paths){test, 2};
    ck_assert_str_eq(planned(NULL), "1 2");
    assert_roles(2, "rtrtr-");
    settings.test.n = 1;
    ck_assert_ptr_nonnull(strstr(planned(NULL), "2 files in train and 1 in test"));
}
END_TEST

START_TEST(pairs_that_cannot_be_are_errors_with_their_place) {
    uint8_t role[ROWS];
    use_texts("u1..u4", NULL);
    ck_assert(!assign(2, role));
    ck_assert_str_eq(e.text, "u2.test:2: the data has no rating of item \"4\" by user \"5\"; the "
                             "folds' files must belong to the data");
    ck_assert(!assign(3, role));
    ck_assert_str_eq(e.text, "u3.test:1: item \"1\" by user \"1\" is in the train file of this "
                             "fold too; a row can't be both trained on and tested");
    ck_assert(!assign(4, role));
    ck_assert_str_eq(e.text, "u4.base: no such file");
    // Rows that were thinned may be named.
    uint64_t count[COUNT_N] = {[COUNT_FILTERED_RATINGS] = 1};
    made.data.count = count;
    assert_roles(2, "-r---t");
}
END_TEST

// A file under a temporary name that holds `text`.
static char path[64];
static void write_users(const char *text) {
    strcpy(path, "/tmp/reckon-users-XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    settings.users = (struct path){"users.txt", path};
}

START_TEST(listed_users_are_tested_whole) {
    write_users("\xEF\xBB\xBF"
                "5\r\n\n 1 \n");
    ck_assert_str_eq(planned(&made.data), "1");
    assert_roles(1, "ttrrtt");
    unlink(path);
}
END_TEST

START_TEST(unknown_users_are_errors_with_their_place) {
    uint8_t role[ROWS];
    char wanted[200];
    write_users("5\n9\n");
    ck_assert(!assign(1, role));
    snprintf(wanted, sizeof wanted,
        "%s:2: the data has no user \"9\"; the file must belong to the data", path);
    ck_assert_str_eq(e.text, wanted);
    unlink(path);
    ck_assert(!assign(1, role));
    ck_assert_ptr_nonnull(strstr(e.text, "No such file or directory"));
}
END_TEST

START_TEST(validation_is_of_the_same_kind) {
    struct split_job job = {.data = &made.data, .settings = &settings, .fold = 1};
    const struct split_method *method = split_method_find("predefined");
    uint8_t role[ROWS];
    settings.users = (struct path){"users.txt", NULL};
    for (; job.seed < 20; job.seed++) { // one user of three, whole
        memset(role, SPLIT_TRAIN, ROWS);
        ck_assert(method->validate(&job, 0.34, role, &e));
        int n_users = 0;
        for (int x = 0; x < ROWS; x += 2) {
            ck_assert_uint_eq(role[x], role[x + 1]);
            n_users += role[x] == SPLIT_VALID;
        }
        ck_assert_int_eq(n_users, 1);
    }

    memset(role, SPLIT_TRAIN, ROWS);
    settings.users = (struct path){0};
    settings.column.name = "fold";
    ck_assert(method->validate(&job, 0.5, role, &e)); // three rows
    int n = 0;
    for (int x = 0; x < ROWS; x++) n += role[x] == SPLIT_VALID;
    ck_assert_int_eq(n, 3);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("split_predefined");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, numbers_of_a_column_are_the_folds);
    tcase_add_test(cases, only_picks_folds);
    tcase_add_test(cases, numbers_must_have_been_read);
    tcase_add_test(cases, exactly_one_form_is_given);
    tcase_add_test(cases, names_and_ranges_of_pairs_are_expanded);
    tcase_add_test(cases, pairs_of_files_name_their_rows);
    tcase_add_test(cases, pairs_that_cannot_be_are_errors_with_their_place);
    tcase_add_test(cases, listed_users_are_tested_whole);
    tcase_add_test(cases, unknown_users_are_errors_with_their_place);
    tcase_add_test(cases, validation_is_of_the_same_kind);
    Suite *suite = suite_create("split_predefined");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
