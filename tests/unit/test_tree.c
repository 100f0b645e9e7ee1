// Experiment files as typed trees; each trap of libconfig 1.5 has a test here.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/tree.h"

static struct arena arena;
static struct mistakes mistakes;
static struct problems problems;

static void setup(void) {
    arena = (struct arena){0};
    mistakes = (struct mistakes){0};
    problems = (struct problems){0};
}

static void teardown(void) {
    mistakes_done(&mistakes);
    problems_done(&problems);
    arena_done(&arena);
}

static struct node *parse(const char *text) {
    return tree_parse(&arena, "t.cfg", ORIGIN_FILE, text, strlen(text), &mistakes);
}

static const struct node *get(const char *text, const char *key) {
    struct node *root = parse(text);
    if (!root) mistakes_report(&mistakes, &problems);
    ck_assert_msg(root != NULL, "%s: %s", text, problems.n ? problems.text[0] : "");
    struct node *node = node_child(root, key);
    ck_assert_ptr_nonnull(node);
    return node;
}

// The text must be refused, with exactly this message first.
static void refuse(const char *text, const char *message) {
    teardown();
    setup();
    ck_assert_ptr_null(parse(text));
    mistakes_report(&mistakes, &problems);
    ck_assert_uint_ge(problems.n, 1);
    ck_assert_str_eq(problems.text[0], message);
}

START_TEST(integers_are_64_bits_wide) {
    ck_assert_int_eq(get("a = 99999999999;", "a")->integer, 99999999999);
    ck_assert_int_eq(get("a = 5000000000L;", "a")->integer, 5000000000);
    ck_assert_int_eq(get("a = 7LL;", "a")->integer, 7);
    ck_assert_int_eq(get("a = -9223372036854775808;", "a")->integer, INT64_MIN);
    ck_assert_int_eq(get("a = 0xfFFFFFFFFF;", "a")->integer, 0xffffffffff);
    ck_assert_int_eq(get("a = 010;", "a")->integer, 10);
    ck_assert_int_eq(get("a = +3;", "a")->integer, 3);
    ck_assert_int_eq(get("a = 3;", "a")->kind, NODE_INT);
    ck_assert(get("a = 3;", "a")->real == 3.0);
    const struct node *list = get("a = [1, 99999999999, 3];", "a");
    ck_assert_int_eq(node_nth(list, 1)->integer, 99999999999);
}
END_TEST

START_TEST(numbers_out_of_range_are_refused) {
    refuse("b = 1;\na = 9223372036854775808;",
        "t.cfg:2: the number is too large; integers reach from -9223372036854775808 to "
        "9223372036854775807\n    a = 9223372036854775808;\n        ^");
    refuse("a = 0xffffffffffffffff;",
        "t.cfg:1: the number is too large; integers reach from -9223372036854775808 to "
        "9223372036854775807\n    a = 0xffffffffffffffff;\n        ^");
    refuse("a = 1e999;", "t.cfg:1: the number is too large; reals reach to 1.7e308\n"
                         "    a = 1e999;\n        ^");
    refuse("a = 0x;", "t.cfg:1: \"0x\" cannot stand here\n    a = 0x;\n        ^");
}
END_TEST

START_TEST(reals_keep_every_bit) {
    ck_assert(get("a = 0.1;", "a")->real == 0.1);
    ck_assert(get("a = 1e-3;", "a")->real == 1e-3);
    ck_assert(get("a = 1E5;", "a")->real == 1e5);
    ck_assert(get("a = -.5;", "a")->real == -.5);
    ck_assert(get("a = 2.;", "a")->real == 2);
    ck_assert(get("a = 0.30000000000000004;", "a")->real == 0.30000000000000004);
    ck_assert_int_eq(get("a = 1.0;", "a")->kind, NODE_REAL);
    char text[32];
    double odd[] = {0.1, 1e-300, 1.0, 123456789012345680.0, 1.0 / 3, 5e-324, -0.0};
    for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
        node_format_real(odd[k], text);
        ck_assert(strtod(text, NULL) == odd[k]);
        ck_assert_ptr_nonnull(strpbrk(text, ".e"));
    }
}
END_TEST

START_TEST(lists_of_numbers_may_mix_whole_ones_in) {
    const struct node *list = get("a = [1, 2.5];", "a");
    ck_assert_uint_eq(list->n, 2);
    ck_assert(list->brackets && list->kind == NODE_LIST);
    ck_assert(list->first->kind == NODE_INT && list->first->next->real == 2.5);
    list = get("a = (1, \"x\", { b = 2; }, [ ], ());", "a");
    ck_assert_uint_eq(list->n, 5);
    ck_assert(!list->brackets);
    ck_assert_int_eq(node_child(node_nth(list, 2), "b")->integer, 2);
    refuse("a = [1, \"x\"];", "t.cfg:1: [ ] holds values of one kind; put mixed ones in ( )\n"
                              "    a = [1, \"x\"];\n            ^");
    refuse("a = [{ b = 1; }];", "t.cfg:1: [ ] holds numbers, text or truth values alone; put "
                                "groups and lists in ( )\n    a = [{ b = 1; }];\n         ^");
}
END_TEST

START_TEST(syntax_errors_show_line_and_caret) {
    refuse("a = 1;\nb = (1,\n  2,\n);", "t.cfg:4: a list may not end with a comma; take it out\n"
                                        "    );\n    ^");
    refuse("a = [1, 2,];", "t.cfg:1: a list may not end with a comma; take it out\n"
                           "    a = [1, 2,];\n              ^");
    refuse("a = kfold;", "t.cfg:1: text needs quotes: \"kfold\"\n    a = kfold;\n        ^");
    refuse("a 1;", "t.cfg:1: a = must follow the key \"a\"\n    a 1;\n      ^");
    refuse("a = { b = 1;\n", "t.cfg:2: the file ends before the { of line 1 is closed\n"
                             "    \n    ^");
    refuse("a =", "t.cfg:1: the file ends in the middle\n    a =\n       ^");
    refuse("\ta = $;", "t.cfg:1: \"$\" cannot stand here\n    \ta = $;\n    \t    ^");
    refuse("a = \"\xc3\xa9\" %;",
        "t.cfg:1: \"%\" cannot stand here\n    a = \"\xc3\xa9\" %;\n            ^");
    refuse("a = \"x\n\";", "t.cfg:1: the text has no closing quote on its line; longer text is "
                           "written in pieces, \"one \" \"two\"\n    a = \"x\n        ^");
    refuse("/* a\n\n", "t.cfg:1: the comment has no end; close it with */\n    /* a\n    ^");
}
END_TEST

START_TEST(keys_stand_once) {
    refuse("a = 1;\nb = { c = 2;\nc\n= 3; };",
        "t.cfg:3: the key \"c\" is there already, on line 2; "
        "keep one\n    c\n    ^");
    refuse("a = 1;\nb = { a = 2; };\na = 3;",
        "t.cfg:3: the key \"a\" is there already, on line 1; keep one\n    a = 3;\n    ^");
    ck_assert_int_eq(node_child(get("a = 1; b = { a = 2; };", "b"), "a")->integer, 2);
}
END_TEST

START_TEST(text_joins_and_unescapes) {
    ck_assert_str_eq(get("a = \"one \" /* and */ \"two\";", "a")->text, "one two");
    ck_assert_str_eq(get("a = \"\\\"\\\\\\t\\x41\";", "a")->text, "\"\\\tA");
    ck_assert_str_eq(get("a = \"caf\xc3\xa9 // # 1,2\";", "a")->text, "caf\xc3\xa9 // # 1,2");
    const struct node *list = get("a = (\"one \" \"two\", 3);", "a");
    ck_assert_uint_eq(list->n, 2);
    ck_assert_int_eq(node_nth(list, 1)->integer, 3);
    ck_assert_str_eq(get("a = \"\\x7F\\n\";", "a")->text, "\x7f\n");
    const char *const none[] = {"\\x00", "\\x8", "\\xg0", "\\x80", "\\q"};
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        char text[32], message[160];
        snprintf(text, sizeof text, "a = \"%s\";", none[k]);
        snprintf(message, sizeof message,
            "t.cfg:1: there is no such escape in text; there are \\n \\r \\t \\f \\\\ \\\" and "
            "\\x01 "
            "to \\x7f\n    %s\n         ^",
            text);
        refuse(text, message);
    }
}
END_TEST

START_TEST(only_utf8_is_read) {
    refuse("a = 1;\nb = \"\xe9\";",
        "t.cfg:2: byte 0xe9 is not UTF-8 text; experiment files are written in UTF-8");
    const char nul[] = "a = 1;\0b = 2;";
    ck_assert_ptr_null(tree_parse(&arena, "t.cfg", ORIGIN_FILE, nul, sizeof nul - 1, &mistakes));
    ck_assert_int_eq(get("\xef\xbb\xbf"
                         "a = 1;",
                         "a")
                         ->integer,
        1);
}
END_TEST

START_TEST(values_know_their_place) {
    struct node *root = parse("# x\na = 1;\n  b : { c = [4,\n 5]; }\nd = true");
    ck_assert_ptr_nonnull(root);
    const struct node *a = node_child(root, "a"), *b = node_child(root, "b");
    const struct node *five = node_nth(node_child(b, "c"), 1);
    ck_assert_int_eq(a->place.line, 2);
    ck_assert_int_eq(b->place.line, 3);
    ck_assert_int_eq(b->place.column, 3);
    ck_assert_int_eq(five->place.line, 4);
    ck_assert_str_eq(five->place.file, "t.cfg");
    ck_assert_str_eq(node_path(five, &arena), "b.c.1");
    ck_assert(node_child(root, "d")->truth);
}
END_TEST

static void write_file(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
}

START_TEST(includes_are_found_beside_their_file) {
    char folder[] = "/tmp/reckon-tree-XXXXXX", a[64], b[64], c[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(a, sizeof a, "%s/a.cfg", folder);
    snprintf(b, sizeof b, "%s/b.cfg", folder);
    snprintf(c, sizeof c, "%s/c.cfg", folder);
    write_file(a, "x = 1;\n@include \"b.cfg\"\nz = 3;\n");
    write_file(b, "\ny = 2;");
    write_file(c, "x = 1;\n@include \"nowhere.cfg\"\n  @include \"c.cfg\"\n");

    struct node *root = tree_read(&arena, a, &mistakes);
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(root->n, 3);
    ck_assert_str_eq(node_child(root, "y")->place.file, b);
    ck_assert_int_eq(node_child(root, "y")->place.line, 2);
    ck_assert_str_eq(node_child(root, "z")->place.file, a);
    ck_assert_int_eq(node_child(root, "z")->place.line, 3);

    ck_assert_ptr_null(tree_read(&arena, c, &mistakes));
    mistakes_report(&mistakes, &problems);
    ck_assert_uint_eq(problems.n, 3); // each once, though the file is read 51 times
    ck_assert_ptr_nonnull(strstr(problems.text[1], "more than 50 files are included"));
    ck_assert_ptr_nonnull(strstr(problems.text[0], "nowhere.cfg: No such file"));
    unlink(a), unlink(b), unlink(c), rmdir(folder);
    ck_assert_ptr_null(tree_read(&arena, "/nowhere/x.cfg", &mistakes));
}
END_TEST

START_TEST(deep_nesting_is_refused) {
    char text[400] = "a = ";
    memset(text + 4, '(', 100);
    memset(text + 104, ')', 100);
    ck_assert_ptr_null(parse(text));
    ck_assert_uint_eq(mistakes.n, 1);
}
END_TEST

static const struct node *value(const char *text) {
    const struct node *node = tree_parse_value(&arena, "k", text, &mistakes);
    if (node) ck_assert_int_eq(node->place.origin, ORIGIN_COMMAND_LINE);
    return node;
}

START_TEST(command_line_values_need_no_quotes) {
    ck_assert_int_eq(value("3")->integer, 3);
    ck_assert(value("0.5")->real == 0.5);
    ck_assert(value("true")->truth && value("true")->kind == NODE_BOOL);
    ck_assert_str_eq(value("kfold")->text, "kfold");
    ck_assert_str_eq(value("\"3\"")->text, "3");
    ck_assert_str_eq(value("ml-100k/u data.zip")->text, "ml-100k/u data.zip");
    ck_assert_str_eq(value("100k")->text, "100k");
    ck_assert_str_eq(value("")->text, "");
    ck_assert_str_eq(value("it's \"so")->text, "it's \"so");
    ck_assert_str_eq(value("u1..u5")->text, "u1..u5");
    ck_assert_str_eq(value("3; a = 2")->text, "3; a = 2");
    ck_assert_str_eq(node_nth(value("[md, csv]"), 1)->text, "csv");
    ck_assert_int_eq(node_child(value("{ method = holdout; repeats = 2 }"), "repeats")->integer, 2);
    ck_assert_uint_eq(mistakes.n, 0);
    ck_assert_ptr_null(value("[1,"));
    ck_assert_ptr_null(value("1e999"));
    ck_assert_ptr_null(value("[1]; b = 2"));
    ck_assert_uint_eq(mistakes.n, 3);
}
END_TEST

START_TEST(nodes_come_and_go) {
    struct node *root = parse("a = 1; b = 2; c = 3;");
    node_remove(node_child(root, "b"));
    ck_assert_uint_eq(root->n, 2);
    ck_assert_str_eq(node_nth(root, 1)->name, "c");
    node_remove(node_child(root, "c"));
    node_remove(node_child(root, "a"));
    ck_assert(root->first == NULL && root->last == NULL && root->n == 0);
    struct node *node = node_new(&arena, NODE_INT, "d", &mistakes);
    node_add(root, node);
    ck_assert_ptr_eq(node_child(root, "d"), node);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tree");
    TCase *tc = tcase_create("tree");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, integers_are_64_bits_wide);
    tcase_add_test(tc, numbers_out_of_range_are_refused);
    tcase_add_test(tc, reals_keep_every_bit);
    tcase_add_test(tc, lists_of_numbers_may_mix_whole_ones_in);
    tcase_add_test(tc, syntax_errors_show_line_and_caret);
    tcase_add_test(tc, keys_stand_once);
    tcase_add_test(tc, text_joins_and_unescapes);
    tcase_add_test(tc, only_utf8_is_read);
    tcase_add_test(tc, values_know_their_place);
    tcase_add_test(tc, includes_are_found_beside_their_file);
    tcase_add_test(tc, deep_nesting_is_refused);
    tcase_add_test(tc, command_line_values_need_no_quotes);
    tcase_add_test(tc, nodes_come_and_go);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
