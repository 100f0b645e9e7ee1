// Groups of an experiment file into structs, by tables of settings.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/bind.h"

struct things {
    bool flag;
    int64_t folds, seed;
    double share;
    int scope;
    const char *title, *note;
    struct path file;
    struct paths files;
    struct column column, other;
    struct ints ints;
    struct reals reals;
    struct texts texts;
};

static const char *const scopes[] = {"user", "all", NULL};
#define AT(field) .offset = offsetof(struct things, field)
static const struct setting table[] = {
    {"flag", "a flag", SETTING_BOOL, AT(flag), .def = 1},
    {"folds", "how many", SETTING_INT, AT(folds), .def = 5, .min = 2, .max = 100},
    {"seed", "any", SETTING_INT, AT(seed), .def = 7},
    {"share", "how much", SETTING_REAL, AT(share), .def = 0.25, .min = 0, .max = 1},
    {"scope", "of what", SETTING_CHOICE, AT(scope), .def = 1, .choices = scopes},
    {"title", "a title", SETTING_TEXT, AT(title), .def_text = "none"},
    {"note", "a note", SETTING_TEXT, AT(note)},
    {"file", "a file", SETTING_PATH, AT(file)},
    {"files", "files", SETTING_PATHS, AT(files)},
    {"column", "a column", SETTING_COLUMN, AT(column)},
    {"other", "a column", SETTING_COLUMN, AT(other)},
    {"ints", "numbers", SETTING_INTS, AT(ints), .min = 1, .max = 9},
    {"reals", "numbers", SETTING_REALS, AT(reals)},
    {"texts", "texts", SETTING_TEXTS, AT(texts)},
};
static const struct settings things = SETTINGS(table, struct things);

struct needs {
    double test, depth, share;
    int64_t last;
};
static const struct setting needs_table[] = {
    {"test", "share of the rows", SETTING_REAL, offsetof(struct needs, test), .required = true,
        .min = 0, .max = 1},
    {"depth", "how deep", SETTING_REAL, offsetof(struct needs, depth), .def = 1},
    {"part", "may be absent", SETTING_REAL, offsetof(struct needs, share), .min = 0.1, .max = 1},
    {"last", "may be absent", SETTING_INT, offsetof(struct needs, last), .min = 1, .max = 9},
};
static const struct settings needs = SETTINGS(needs_table, struct needs);

static struct arena arena;
static struct mistakes mistakes;
static struct problems problems;
static struct paths_finder finder;
static struct node *root;

static void setup(void) {
    arena = (struct arena){0};
    mistakes = (struct mistakes){0};
    problems = (struct problems){0};
    unsetenv("RECKON_DATA");
    ck_assert(paths_init(&finder, "t.cfg", &arena));
}

static void teardown(void) {
    mistakes_done(&mistakes);
    problems_done(&problems);
    arena_done(&arena);
}

static struct things bind(const char *text) {
    struct things out = {0};
    root = tree_parse(&arena, "t.cfg", ORIGIN_FILE, text, strlen(text), &mistakes);
    ck_assert_ptr_nonnull(root);
    static const struct bind_home homes[] = {{"split (holdout)", &needs}};
    struct binder b = {&arena, &mistakes, &finder, homes, 1};
    bind_group(&b, root, "things", &(struct bind_part){&things, &out}, 1,
        (const char *const[]){"elsewhere"}, 1);
    mistakes_report(&mistakes, &problems);
    return out;
}

START_TEST(defaults_fill_struct_and_tree) {
    struct things t = bind("elsewhere = { };");
    ck_assert_uint_eq(problems.n, 0);
    ck_assert(t.flag && t.folds == 5 && t.seed == 7 && t.share == 0.25 && t.scope == 1);
    ck_assert_str_eq(t.title, "none");
    ck_assert(!t.note && !t.file.found && !t.files.n && !t.column.name && !t.column.number);
    const struct node *folds = node_child(root, "folds");
    ck_assert_int_eq(folds->place.origin, ORIGIN_DEFAULT);
    ck_assert_int_eq(folds->integer, 5);
    ck_assert_str_eq(node_child(root, "scope")->text, "all");
    ck_assert_str_eq(node_child(root, "title")->text, "none");
    ck_assert_ptr_null(node_child(root, "note"));
    ck_assert_int_eq(node_child(root, "elsewhere")->place.origin, ORIGIN_FILE);
}
END_TEST

START_TEST(every_type_is_filled_in) {
    struct things t =
        bind("flag = false; folds = 3; seed = -99999999999; share = 1; "
             "scope = \"user\"; title = \"t\"; file = \"/\"; files = (\"/\", \"/tmp\");"
             "column = 2; other = \"item\"; ints = [1, 9]; reals = [1, 2.5];"
             "texts = \"a..c5\";");
    ck_assert_uint_eq(problems.n, 0);
    ck_assert(!t.flag && t.folds == 3 && t.seed == -99999999999 && t.share == 1 && t.scope == 0);
    ck_assert_str_eq(t.file.found, "/");
    ck_assert_uint_eq(t.files.n, 2);
    ck_assert_str_eq(t.files.at[1].written, "/tmp");
    ck_assert_uint_eq(t.column.number, 2);
    ck_assert_str_eq(t.other.name, "item");
    ck_assert(t.ints.n == 2 && t.ints.at[1] == 9);
    ck_assert(t.reals.n == 2 && t.reals.at[0] == 1 && t.reals.at[1] == 2.5);
    ck_assert(t.texts.n == 1);
    ck_assert_str_eq(t.texts.at[0], "a..c5");
}
END_TEST

// The one mistake in `text` reads like that.
static void one_mistake(const char *text, const char *message) {
    teardown();
    setup();
    bind(text);
    ck_assert_msg(problems.n == 1, "%s: %zu mistakes", text, problems.n);
    ck_assert_str_eq(problems.text[0], message);
}

START_TEST(wrong_values_name_what_is_allowed) {
    one_mistake("flag = 1;", "t.cfg:1: flag: true or false is expected, not 1");
    one_mistake("\nfolds = 1;", "t.cfg:2: folds: a whole number from 2 to 100 is expected, not 1");
    one_mistake(
        "folds = 3.0;", "t.cfg:1: folds: a whole number from 2 to 100 is expected, not 3.0");
    one_mistake("folds = \"3\";",
        "t.cfg:1: folds: a whole number from 2 to 100 is expected, not the text \"3\"");
    one_mistake("share = 1.5;", "t.cfg:1: share: a number from 0 to 1 is expected, not 1.5");
    one_mistake("share = [0.5];", "t.cfg:1: share: a number from 0 to 1 is expected, not a list");
    one_mistake("scope = \"usr\";", "t.cfg:1: scope: one of \"user\", \"all\" is expected, not the "
                                    "text \"usr\"; did you mean \"user\"?");
    one_mistake("title = 3;", "t.cfg:1: title: text is expected, not 3");
    one_mistake("column = 0;",
        "t.cfg:1: column: a column's name or its number (from 1) is expected, not 0");
    one_mistake(
        "ints = [1,\n 10];", "t.cfg:2: ints.1: a whole number from 1 to 9 is expected, not 10");
    one_mistake("reals = { };", "t.cfg:1: reals: a list of numbers is expected, not a group { }");
}
END_TEST

START_TEST(unknown_keys_are_led_home) {
    one_mistake("fold = 3;", "t.cfg:1: fold: things has no key \"fold\"; did you mean \"folds\"?");
    one_mistake("test = 3;",
        "t.cfg:1: test: things has no key \"test\"; did you mean \"texts\", or "
        "is it meant for split (holdout)?");
    one_mistake(
        "depth = 3;", "t.cfg:1: depth: things has no key \"depth\"; it belongs in split (holdout)");
    one_mistake("xyzzy = 3;",
        "t.cfg:1: xyzzy: things has no key \"xyzzy\"; it has elsewhere, flag, folds, seed, share, "
        "scope, title, note, file, files, column, other, ints, reals, texts");
}
END_TEST

START_TEST(all_mistakes_come_sorted_and_once) {
    bind("titel = 1;\nshare = 2;\nflag = 0; folds = 0;\n");
    ck_assert_uint_eq(problems.n, 4);
    for (size_t k = 0; k < 4; k++) {
        int line;
        ck_assert_int_eq(sscanf(problems.text[k], "t.cfg:%d", &line), 1);
        ck_assert_int_eq(line, k < 2 ? (int)k + 1 : 3);
    }
    struct position place = {ORIGIN_FILE, "a.cfg", 3, 1};
    mistakes_add(&mistakes, place, "k", "same");
    mistakes_add(&mistakes, (struct position){ORIGIN_COMMAND_LINE, NULL, 0, 0}, "k", "last");
    mistakes_add(&mistakes, place, "k", "same");
    problems_done(&problems);
    problems = (struct problems){0};
    mistakes_report(&mistakes, &problems);
    ck_assert_uint_eq(problems.n, 2);
    ck_assert_str_eq(problems.text[0], "a.cfg:3: k: same");
    ck_assert_str_eq(problems.text[1], "command line: k: last");
}
END_TEST

START_TEST(what_is_required_must_be_there) {
    struct needs out = {0};
    root = tree_parse(&arena, "t.cfg", ORIGIN_FILE, "\nsplit = { };", 12, &mistakes);
    struct binder b = {&arena, &mistakes, &finder, NULL, 0};
    bind_group(
        &b, node_child(root, "split"), "holdout", &(struct bind_part){&needs, &out}, 1, NULL, 0);
    mistakes_report(&mistakes, &problems);
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_str_eq(problems.text[0], "t.cfg:2: split.test: is missing; holdout needs a number "
                                       "from 0 to 1: share of the rows");
}
END_TEST

START_TEST(a_number_with_its_default_out_of_range_may_be_absent) {
    struct needs out = {.share = 5, .last = 5};
    root = tree_parse(&arena, "t.cfg", ORIGIN_FILE, "test = 1; last = 0;", 19, &mistakes);
    struct binder b = {&arena, &mistakes, &finder, NULL, 0};
    bind_group(&b, root, "holdout", &(struct bind_part){&needs, &out}, 1, NULL, 0);
    mistakes_report(&mistakes, &problems);
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_str_eq(
        problems.text[0], "t.cfg:1: last: a whole number from 1 to 9 is expected, not 0");
    ck_assert(out.share == 0 && out.last == 0 && out.depth == 1);
    ck_assert_ptr_null(node_child(root, "part"));
    ck_assert_ptr_nonnull(node_child(root, "depth"));
}
END_TEST

static void touch(const char *path) {
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
}

START_TEST(paths_are_looked_for_in_order) {
    char folder[] = "/tmp/reckon-bind-XXXXXX", file[64], one[64], two[64], data[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/t.cfg", folder);
    snprintf(one, sizeof one, "%s/one.csv", folder);
    snprintf(data, sizeof data, "/nowhere::%s", folder);
    touch(one);

    struct error e = {0};
    bool lasting;
    ck_assert(paths_init(&finder, file, &arena));
    ck_assert_str_eq(paths_find(&finder, "one.csv", ORIGIN_FILE, &arena, &lasting, &e), one);
    ck_assert(!lasting);
    ck_assert_str_eq(
        paths_find(&finder, "one.csv", ORIGIN_COMMAND_LINE, &arena, &lasting, &e), one);

    setenv("RECKON_DATA", data, 1);
    ck_assert(paths_init(&finder, "elsewhere/t.cfg", &arena));
    ck_assert_str_eq(paths_find(&finder, "one.csv", ORIGIN_FILE, &arena, &lasting, &e), one);
    ck_assert(lasting);
    ck_assert_ptr_null(paths_find(&finder, "two.csv", ORIGIN_FILE, &arena, &lasting, &e));
    snprintf(two, sizeof two, "\"two.csv\" is in none of elsewhere, /nowhere, %s", folder);
    ck_assert_msg(strncmp(e.text, two, strlen(two)) == 0, "%s", e.text);
    finder.skip = true;
    ck_assert_ptr_nonnull(paths_find(&finder, "two.csv", ORIGIN_FILE, &arena, &lasting, &e));
    unlink(one), rmdir(folder);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("bind");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, defaults_fill_struct_and_tree);
    tcase_add_test(cases, every_type_is_filled_in);
    tcase_add_test(cases, wrong_values_name_what_is_allowed);
    tcase_add_test(cases, unknown_keys_are_led_home);
    tcase_add_test(cases, all_mistakes_come_sorted_and_once);
    tcase_add_test(cases, what_is_required_must_be_there);
    tcase_add_test(cases, a_number_with_its_default_out_of_range_may_be_absent);
    tcase_add_test(cases, paths_are_looked_for_in_order);
    Suite *suite = suite_create("bind");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
