// Data and splits as a command line names them.
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "experiment/paths.h"
#include "experiment/sources.h"
#include "support/files.h"

static struct experiment x;
static struct problems problems;

static void setup(void) {
    log_set_verbosity(LOG_QUIET);
    ck_assert_str_ne(files_init(), "");
}

static void teardown(void) {
    experiment_done(&x);
    problems_done(&problems);
    problems = (struct problems){0};
    files_done();
}

#define READ(split, ...) \
    sources_read(&x, (const char *const[]){__VA_ARGS__}, \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), split, &problems)

static void is_wrong(bool read, const char *words) {
    ck_assert(!read);
    ck_assert_uint_ge(problems.n, 1);
    ck_assert_msg(strstr(problems.text[0], words) != NULL, "%s", problems.text[0]);
    problems_done(&problems);
    problems = (struct problems){0};
}

// A file whose name looks like a number and has a quote and a space in it.
START_TEST(a_path_is_movielens) {
    const char *path = files_write("12 \"x\"", "");
    ck_assert_msg(READ("", path), "%s", problems.text[0]);
    ck_assert_str_eq(x.plan.data[0].format->id, "movielens");
    ck_assert_str_eq(((const struct path *)x.plan.data[0].settings)->found, path);
    ck_assert_ptr_null(x.plan.split.method);
    ck_assert_uint_eq(x.plan.seed, 1);
}
END_TEST

// A folder that is called by a number is no number.
START_TEST(a_path_is_text) {
    char before[4096];
    const char *folder = paths_folder(files_write("12", ""), &x.arena);
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(chdir(folder), 0);
    arena_done(&x.arena);
    const bool read = READ("", "12");
    ck_assert_int_eq(chdir(before), 0);
    ck_assert_msg(read, "%s", problems.text[0]);
    ck_assert_str_eq(((const struct path *)x.plan.data[0].settings)->written, "12");
}
END_TEST

START_TEST(keys_go_where_they_belong) {
    ck_assert_msg(READ("", "synthetic", "users=60", "items=50", "ratings=900", "name=made",
                      "filter.min_user=3"),
        "%s", problems.text[0]);
    ck_assert_str_eq(x.plan.data[0].format->id, "synthetic");
    ck_assert_str_eq(x.plan.data[0].common.name, "made");
    ck_assert_int_eq(x.plan.data[0].filter.min_user, 3);
    ck_assert_uint_eq(x.plan.data[0].format->estimate_rows(x.plan.data[0].settings), 900);
}
END_TEST

START_TEST(keys_alone_name_the_format) {
    char key[4200];
    snprintf(key, sizeof key, "delimited=%s", files_write("r.csv", "1,2,3\n"));
    ck_assert_msg(READ("", key, "user=1", "item=2", "rating=3", "header=false", "scale=[1,5]"),
        "%s", problems.text[0]);
    ck_assert_str_eq(x.plan.data[0].format->id, "delimited");
}
END_TEST

START_TEST(a_split_in_words) {
    ck_assert_msg(READ("kfold folds=7 seed=42", "synthetic", "users=60", "items=50", "ratings=900"),
        "%s", problems.text[0]);
    ck_assert_str_eq(x.plan.split.method->id, "kfold");
    ck_assert_uint_eq(x.plan.seed, 42);
    uint32_t n_repeats, n_folds, *folds;
    struct error e;
    ck_assert(
        x.plan.split.method->plan(x.plan.split.settings, NULL, &n_repeats, &folds, &n_folds, &e));
    ck_assert_uint_eq(n_folds, 7);
    free(folds);
}
END_TEST

START_TEST(a_split_as_overrides) {
    struct arena a = {0};
    const char *out[8];
    ck_assert_uint_eq(
        sources_split(&a, " seed=3 predefined  users=[a, b c] x=\"y z\" ", out, 8), 5);
    ck_assert_str_eq(out[0], "split={}");
    ck_assert_str_eq(out[1], "seed=3");
    ck_assert_str_eq(out[2], "split.method=predefined");
    ck_assert_str_eq(out[3], "split.users=[a, b c]");
    ck_assert_str_eq(out[4], "split.x=\"y z\"");
    ck_assert_uint_eq(sources_split(&a, "folds=3 b c d", out, 3), 3);
    arena_done(&a);
}
END_TEST

START_TEST(mistakes_are_told) {
    is_wrong(READ("", "nowhere.zip"), "nowhere.zip");
    is_wrong(READ("", "synthetic", "usres=60"), "users");
    is_wrong(READ("", "synthetic", "users"), "key=value");
    is_wrong(READ("kfild", "synthetic"), "kfold");
    is_wrong(READ("kfold fold=3", "synthetic"), "folds");
    is_wrong(READ("kfold seed=-3", "synthetic"), "seed");
    is_wrong(READ("", "user=1", "item=2"), "says no source");
}
END_TEST

int main(void) {
    Suite *s = suite_create("sources");
    TCase *t = tcase_create("sources");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_path_is_movielens);
    tcase_add_test(t, a_path_is_text);
    tcase_add_test(t, keys_go_where_they_belong);
    tcase_add_test(t, keys_alone_name_the_format);
    tcase_add_test(t, a_split_in_words);
    tcase_add_test(t, a_split_as_overrides);
    tcase_add_test(t, mistakes_are_told);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
