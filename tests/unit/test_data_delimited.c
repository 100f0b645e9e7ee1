// Delimited files: every flaw with its place, columns, delimiters, ends of lines, folds, features;
// and that the fast parser gives the rows of the simple reader.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"
#include "support/delimited.h"

static void good_text(const char *text) {
    load_path(&l, "delimited", files_write("r.csv", text));
    good();
}

// A flaw is an error with its place and text; skipped, it is counted, and the other rows are there.
static void flaw(const char *text, enum dataset_count kind, const char *want) {
    load_path(&l, "delimited", files_write("r.csv", text));
    bad(want);
    l.spec.common.flaws = FLAW_SKIP;
    good();
    for (int k = COUNT_SHORT_ROW; k < COUNT_N; k++)
        ck_assert_msg(d.count[k] == (k == (int)kind), "%s: %llu", dataset_count_name[k],
            (unsigned long long)d.count[k]);
    ck_assert_uint_eq(d.n_ratings, 2);
    ck_assert_uint_eq(d.count[COUNT_ROWS], 3);
    ck_assert_uint_eq(d.n_users, 2);
    ck_assert(d.by_user.value[0] == 4 && d.by_user.value[1] == 5);
}

START_TEST(short_row) {
    flaw(HEADER "1,1,4\n2,2\n3,3,5\n", COUNT_SHORT_ROW,
        "r.csv:3: the row is short: 2 fields: \"2,2\"");
}
END_TEST
START_TEST(bad_number) {
    flaw(HEADER "1,1,4\n\n2,2,4x\n3,3,5\n", COUNT_BAD_NUMBER,
        "r.csv:4: the rating is not a number: \"2,2,4x\"");
}
END_TEST
START_TEST(nan_rating) {
    flaw(HEADER "1,1,4\n2,2,NaN\n3,3,5\n", COUNT_NAN, "r.csv:3: the rating is no finite number");
}
END_TEST
START_TEST(infinite_rating) {
    flaw(HEADER "1,1,4\n2,2,1e999\n3,3,5\n", COUNT_NAN, "r.csv:3: the rating is no finite number");
}
END_TEST
START_TEST(off_scale) {
    flaw(HEADER "1,1,4\n2,2,5.5\n3,3,5\n", COUNT_OFF_SCALE,
        "r.csv:3: the rating is off the scale from 1 to 5: \"2,2,5.5\"");
}
END_TEST
START_TEST(below_scale) {
    flaw(HEADER "1,1,4\n2,2,-3\n3,3,5\n", COUNT_OFF_SCALE, "r.csv:3: the rating is off the scale");
}
END_TEST
START_TEST(bad_encoding) {
    flaw(HEADER "1,1,4\nJos\xE9,2,4\n3,3,5\n", COUNT_BAD_ENCODING,
        "r.csv:3: the user is not UTF-8: \"Jos\\xe9,2,4\"");
}
END_TEST
START_TEST(control_character) {
    flaw(HEADER "1,1,4\na\tb,2,4\n3,3,5\n", COUNT_BAD_ENCODING, "r.csv:3: the user id \"a\\x09b\"");
}
END_TEST
START_TEST(open_quote) {
    flaw(HEADER "1,1,4\n\"2,2,4\n3,3,5\n", COUNT_SHORT_ROW,
        "r.csv:3: the quotes are not those of CSV");
}
END_TEST
START_TEST(empty_id) {
    flaw(HEADER "1,1,4\n2,,4\n3,3,5\n", COUNT_SHORT_ROW, "r.csv:3: the item is empty");
}
END_TEST
START_TEST(unknown_user) {
    load_path(&l, "users", files_write("u.csv", "id\n1\n3\n"));
    flaw(
        HEADER "1,1,4\n2,2,4\n3,3,5\n", COUNT_UNKNOWN_USER, "r.csv:3: the user is not in the file");
}
END_TEST
START_TEST(unknown_item) {
    load_path(&l, "items", files_write("i.csv", "id\n1\n3\nx\n"));
    flaw(
        HEADER "1,1,4\n2,2,4\n3,3,5\n", COUNT_UNKNOWN_ITEM, "r.csv:3: the item is not in the file");
    ck_assert_uint_eq(d.n_items, 3);
}
END_TEST
START_TEST(a_user_twice) {
    load_path(&l, "users", files_write("u.csv", "id,age\n1,20\n2,30\n3,40\n1,99\n"));
    load_path(&l, "delimited", files_write("r.csv", HEADER "1,1,4\n3,3,5\n"));
    l.spec.common.duplicates = DUPLICATE_ERROR;
    bad("u.csv:5: the id is there already");
    l.spec.common.duplicates = DUPLICATE_LAST;
    good();
    ck_assert_uint_eq(d.count[COUNT_DUPLICATE], 1);
    ck_assert(d.user_features[0].values.value[0] == 20);
}
END_TEST
START_TEST(bad_time) {
    load_column(&l, "time", "4");
    flaw("user,item,rating,t\n1,1,4,5\n2,2,4,noon\n3,3,5,6\n", COUNT_BAD_NUMBER,
        "r.csv:3: the time is not a number");
}
END_TEST
START_TEST(bad_fold) {
    load_column(&l, "fold", "4");
    flaw("user,item,rating,t\n1,1,4,5\n2,2,4,-1\n3,3,5,6\n", COUNT_BAD_NUMBER,
        "r.csv:3: the fold is not a whole number");
    setup();
    load_column(&l, "fold", "4");
    flaw("user,item,rating,t\n1,1,4,5.0\n2,2,4,1.5\n3,3,5,6\n", COUNT_BAD_NUMBER,
        "r.csv:3: the fold is not a whole number");
}
END_TEST

START_TEST(duplicates) {
    load_column(&l, "time", "t");
    load_path(&l, "delimited",
        files_write("r.csv", "user,item,rating,t\n1,1,4,9\n1,2,1,1\n\n1,1,2,8\n2,1,3,3\n"));
    good();
    ck_assert_uint_eq(d.n_ratings, 3);
    ck_assert_uint_eq(d.count[COUNT_DUPLICATE], 1);
    ck_assert(d.by_user.value[0] == 4);
    l.spec.common.duplicates = DUPLICATE_ERROR;
    bad("r.csv:5: user \"1\" rates item \"1\" a second time, after ");
    ck_assert_ptr_nonnull(strstr(e.text, "r.csv:2 "));
    l.spec.common.flaws = FLAW_SKIP;
    files_write("r.csv", "user,item,rating,t\nx\n1,1,4,9\n\n1,2\n1,2,nan,1\n1,1,2,8\n");
    bad("r.csv:7: user \"1\" rates item \"1\" a second time, after ");
    ck_assert_ptr_nonnull(strstr(e.text, "r.csv:3 "));
}
END_TEST

START_TEST(files_that_cannot_be) {
    load_path(&l, "delimited", files_path("none.csv"));
    bad("none.csv: No such file");
    setup();
    load_path(&l, "delimited", files_write("empty.csv", ""));
    bad("empty.csv: it is empty");
    setup();
    load_path(&l, "delimited", files_write("mark.csv", "\xEF\xBB\xBF"));
    bad("mark.csv is empty");
    setup();
    load_path(&l, "delimited", files_write("header.csv", HEADER));
    bad("there is no rating in the data (0 rows)");
    setup();
    load_path(&l, "delimited", files_path(""));
    bad("is a folder, where a file is expected");
    setup();
    load_path(&l, "delimited", files_write("r.csv", "user,film,rating\n1,1,4\n"));
    bad("r.csv:1: item: there is no column \"item\" among \"user\", \"film\", \"rating\"");
    setup();
    load_path(&l, "delimited", files_write("r.csv", "rating,user,item,rating\n1,1,1,4\n"));
    bad("r.csv:1: rating: there are two columns \"rating\", 1 and 4; give the number of the one");
    load_column(&l, "rating", "4");
    good();
    ck_assert(d.by_user.value[0] == 4);
    setup();
    load_column(&l, "item", "5");
    load_path(&l, "delimited", files_write("r.csv", HEADER "1,1,4\n"));
    bad("there is no column 5 among 3");
    setup();
    load_bool(&l, "header", false);
    load_path(&l, "delimited", files_write("r.csv", "1,1,4\n"));
    bad("header = false: column \"user\" goes by a name");
    setup();
    load_scale(&l, 5, 1);
    load_path(&l, "delimited", files_write("r.csv", HEADER "1,1,4\n"));
    bad("scale: the lowest and the highest rating are needed");
}
END_TEST

// Two million bytes without an end of line: an error, whatever follows.
START_TEST(a_line_without_end) {
    const size_t n = 2000000;
    char *text = malloc(n);
    memset(text, '7', n);
    memcpy(text, HEADER "1,1,4\n", 23);
    load_path(&l, "delimited", files_write_bytes("long.csv", text, n));
    bad("long.csv:3: a line is longer than 1048576 bytes");
    setup();
    memset(text, '7', n);
    load_path(&l, "delimited", files_write_bytes("long.csv", text, n));
    bad("long.csv:1: a line is longer than 1048576 bytes");
    free(text);
}
END_TEST

START_TEST(ends_of_lines_and_quotes) {
    good_text("user,item,rating\n7,100,1\n7,20,4.5\n\"b \"\"x\"\", y\",20,5\n");
    is_usual();
    char hash[40];
    snprintf(hash, sizeof hash, "%s", d.hash);
    static const char *const same[] = {
        "\xEF\xBB\xBFuser,item,rating\r\n7,100,1\r\n7,20,4.5\r\n\"b \"\"x\"\", y\",20,5",
        HEADER "\n\n7,100,1.0\n\"7\",\"20\",\"4.50\"\n\r\n\"b \"\"x\"\", y\",20,+5e0\n\n",
        "item,more,rating,user\n20,\"a,b\",5,\"b \"\"x\"\", y\"\n20,x,4.5,7\n100,,1,7\n"};
    for (size_t k = 0; k < 3; k++) {
        load_init(&l, "delimited");
        load_column(&l, "user", "user");
        load_column(&l, "item", "item");
        load_column(&l, "rating", "rating");
        load_scale(&l, 1, 5);
        good_text(same[k]);
        is_usual();
        ck_assert_str_eq(d.hash, hash);
    }
}
END_TEST

// Delimiters in quotes that look like other columns, and that none of the columns read touches.
START_TEST(quotes_in_other_columns) {
    good_text("x,rating,y,user,item\n\"a,3,b\",4,5,6,7\n,2,,1,1\n");
    ck_assert_uint_eq(d.n_users, 2);
    ck_assert_str_eq(texts_packed_get(&d.users, 1), "6");
    ck_assert_str_eq(texts_packed_get(&d.items, 1), "7");
    ck_assert(d.by_user.value[1] == 4);
}
END_TEST

START_TEST(delimiters) {
    load_text(&l, "delimiter", "::");
    load_bool(&l, "header", false);
    load_column(&l, "user", "2");
    load_column(&l, "item", "1");
    load_column(&l, "rating", "4");
    good_text("100::7::x:y::1\n20::7::::4.5\r\n20::b \"x\", y::z::5::more\n");
    is_usual();
}
END_TEST

START_TEST(a_header_that_is_taken_for_ratings_is_named) {
    load_bool(&l, "header", false);
    load_column(&l, "user", "1");
    load_column(&l, "item", "2");
    load_column(&l, "rating", "3");
    load_path(&l, "delimited", files_write("r.csv", "user,item,rating\n1,2,3\n"));
    bad("r.csv:1: the rating is not a number; header = true, if this line names the columns");
    load_path(&l, "delimited", files_write("r.csv", "1,2,3\nuser,item,rating\n"));
    bad("r.csv:2: the rating is not a number: ");
}
END_TEST

START_TEST(lists_of_files_are_one_set) {
    load_column(&l, "time", "t");
    load_path(&l, "delimited", files_write("a.csv", "user,item,rating,t\n1,1,4,1\n1,2,5,2\n"));
    load_path(&l, "delimited", files_write("b.csv", "t,user,item,rating\n3,1,1,2\n,2,1,1\n"));
    good();
    ck_assert_uint_eq(d.n_ratings, 3);
    ck_assert(d.by_user.value[0] == 2 && d.time[0] == 3);
    ck_assert(d.by_user.value[2] == 1 && d.time[2] == RK_NO_TIME);
    ck_assert_str_eq(d.name, "a");
}
END_TEST

START_TEST(fold_columns) {
    load_column(&l, "fold", "part");
    good_text("user,item,rating,part\n1,2,4,1\n1,1,4,2\n2,1,4,0\n2,2,3,70000\n");
    ck_assert_ptr_nonnull(d.fold);
    ck_assert(d.fold[0] == 2 && d.fold[1] == 1 && d.fold[2] == 0 && d.fold[3] == 70000);
    setup();
    l.spec.fold_column = "part";
    good_text("user,item,rating,part\n1,2,4,1\n");
    ck_assert(d.fold && d.fold[0] == 1);
}
END_TEST

START_TEST(fold_lines_keep_their_rows) {
    l.spec.common.flaws = FLAW_SKIP;
    l.spec.fold_lines = files_write("folds", "1\r\n2\n3\n255\n5");
    load_path(
        &l, "delimited", files_write("r.csv", HEADER "1,1,4\n1,2,bad\n\n1,3,3\nx,1,2\n1,1,5\n"));
    good();
    ck_assert_uint_eq(d.n_ratings, 3);
    ck_assert(d.fold[0] == 5 && d.fold[1] == 3 && d.fold[2] == 255); // the last of duplicates
    l.spec.fold_lines =
        files_pack("folds.gz", (const char *const[]){"", "1\n2\n3\n256\n5\n", NULL});
    good();
    ck_assert_uint_eq(d.fold[2], 256);
    l.spec.fold_lines = files_write("folds", "1\n2\n3\n4\n");
    bad("folds: 4 fold numbers for 5 rows of ratings");
    l.spec.fold_lines = files_write("folds", "1\n2\n3\n4\n5\n6\n");
    bad("folds: 6 fold numbers for 5 rows of ratings");
    l.spec.fold_lines = files_write("folds", "1\n2\n\n4\n5\n");
    bad("folds:3: \"\" is no fold number");
    l.spec.fold_lines = files_write("folds", "1\n2\n3\n1.5\n5\n");
    bad("folds:4: \"1.5\" is no fold number");
}
END_TEST

START_TEST(features_from_files) {
    load_path(
        &l, "users", files_write("u.csv", "id,gender,age,zip\n1,F,31,0123\n2,,40.5,9\n3,M,,9\n"));
    load_path(&l, "items",
        files_write("i.csv", "id,title,kind,year\n1,\"A, B\",x|y,1999\n2,1984,y,\n9,C,,2000\n"));
    static const char *const names[] = {"zip"};
    good_text(HEADER "1,1,4\n2,2,3\n");
    ck_assert_uint_eq(d.n_users, 3);
    ck_assert_uint_eq(d.n_items, 3);
    ck_assert_uint_eq(d.n_user_features, 3);
    ck_assert_int_eq(d.user_features[0].kind, RK_FEATURE_ONE_HOT);
    ck_assert_int_eq(d.user_features[1].kind, RK_FEATURE_REAL);
    ck_assert(d.user_features[1].values.value[1] == 40.5f);
    ck_assert_int_eq(d.user_features[2].kind, RK_FEATURE_REAL);
    ck_assert_uint_eq(d.n_item_features, 2);
    ck_assert_int_eq(d.item_features[0].kind, RK_FEATURE_BINARY);
    ck_assert_uint_eq(d.item_features[0].values.start[3], 3);
    ck_assert_str_eq(texts_packed_get(&d.titles, 0), "A, B");
    ck_assert_str_eq(texts_packed_get(&d.titles, 1), "1984");
    for (size_t k = 0; k < l.spec.format->settings.n; k++)
        if (strcmp(l.spec.format->settings.at[k].name, "one_hot") == 0)
            *(struct texts *)(l.settings.bytes + l.spec.format->settings.at[k].offset) =
                (struct texts){names, 1};
    good();
    ck_assert_int_eq(d.user_features[2].kind, RK_FEATURE_ONE_HOT);
    ck_assert_str_eq(d.user_features[2].col_names[0], "9");
    ck_assert_str_eq(d.user_features[2].col_names[1], "0123");
}
END_TEST

START_TEST(quoted_fields_over_several_lines) {
    load_path(&l, "items",
        files_write(
            "i.csv", "id,title,kind\r\n1,\"one\r\ntwo\n\n\"\"three\"\"\",x\n2,B,\n3,\"a\nb\",y\n"));
    good_text(HEADER "1,1,4\n");
    ck_assert_uint_eq(d.n_items, 3);
    ck_assert_str_eq(texts_packed_get(&d.titles, 0), "one\ntwo\n\n\"three\"");
    ck_assert_str_eq(texts_packed_get(&d.titles, 2), "a\nb");
    load_path(&l, "items", files_write("i.csv", "id,title\n1,A\n2,\"one\ntwo\n"));
    bad("i.csv:3: a quote that begins on this line is never closed");
}
END_TEST

static bool collect(
    void *arg, const char *user, const char *item, const char *place, struct error *err) {
    char *out = arg;
    (void)err;
    sprintf(out + strlen(out), "%s %s %s;", user, item, strrchr(place, '/') + 1);
    return true;
}

START_TEST(pairs_of_further_files) {
    char out[256] = "";
    const char *file = files_write("t.csv", "item,user\n5,1\n\n\"x,y\",2\n");
    ck_assert_msg(l.spec.format->read_pairs(l.spec.settings, file, collect, out, &e), "%s", e.text);
    ck_assert_str_eq(out, "1 5 t.csv:2;2 x,y t.csv:4;");
}
END_TEST

// Many blocks of rows, some odd, by 1 and 3 threads: the same data set.
START_TEST(threads_change_nothing) {
    char *text = malloc(8000000);
    size_t n = (size_t)sprintf(text, "user,item,rating,t\n");
    for (uint32_t k = 0; k < 200000; k++) {
        uint64_t bits[4];
        random_bits(5, k, bits, 4);
        n += (size_t)sprintf(text + n, bits[3] % 97 ? "%u,%u,%u.%u,%u\n" : "\"u%u\",%u,%u.%u,%u\n",
            random_below(bits[0], 2000), random_below(bits[1], 3000), 1 + random_below(bits[2], 4),
            k % 2 * 5, 1000000000 + k % 1000);
        if (k % 1000 == 7) n += (size_t)sprintf(text + n, "oops,%u\n\n", k);
    }
    load_column(&l, "time", "t");
    load_path(&l, "delimited", files_write_bytes("big.csv", text, n));
    free(text);
    l.spec.common.flaws = FLAW_SKIP;
    struct dataset one;
    ck_assert_msg(load_run(&l, &one, 1, &e), "%s", e.text);
    ck_assert_msg(load_run(&l, &d, 3, &e), "%s", e.text);
    ck_assert_str_eq(one.hash, d.hash);
    ck_assert_uint_eq(one.count[COUNT_SHORT_ROW], 200);
    ck_assert_int_eq(memcmp(one.count, d.count, COUNT_N * sizeof *d.count), 0);
    ck_assert_int_eq(memcmp(one.by_item.value, d.by_item.value, d.n_ratings * 4), 0);
    ck_assert_uint_eq(d.count[COUNT_ROWS], 200200);
    dataset_done(&one);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {short_row, bad_number, nan_rating, infinite_rating, off_scale,
        below_scale, bad_encoding, control_character, open_quote, empty_id, unknown_user,
        unknown_item, a_user_twice, bad_time, bad_fold, duplicates, files_that_cannot_be,
        a_line_without_end, ends_of_lines_and_quotes, quotes_in_other_columns, delimiters,
        a_header_that_is_taken_for_ratings_is_named, lists_of_files_are_one_set, fold_columns,
        fold_lines_keep_their_rows, features_from_files, quoted_fields_over_several_lines,
        pairs_of_further_files, threads_change_nothing};
    Suite *suite = suite_create("data_delimited");
    TCase *c = tcase_create("delimited");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++) tcase_add_test(c, tests[k]);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
