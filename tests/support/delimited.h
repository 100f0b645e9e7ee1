// delimited.h - what the tests of delimited files share: settings, the data set read, and its
// verdicts.
#ifndef RECKON_TESTS_SUPPORT_DELIMITED_H
#define RECKON_TESTS_SUPPORT_DELIMITED_H

#include <check.h>
#include <string.h>

#include "core/log.h"
#include "support/files.h"

#define HEADER "user,item,rating\n"

static struct load l;
static struct dataset d;
static struct error e;

static void setup(void) {
    log_set_verbosity(LOG_QUIET);
    files_done();
    ck_assert_str_ne(files_init(), "");
    load_init(&l, "delimited");
    load_column(&l, "user", "user");
    load_column(&l, "item", "item");
    load_column(&l, "rating", "rating");
    load_scale(&l, 1, 5);
}

static void teardown(void) {
    dataset_done(&d);
    files_done();
}

static void good(void) {
    dataset_done(&d);
    ck_assert_msg(load_run(&l, &d, 2, &e), "%s", e.text);
}

static void bad(const char *want) {
    ck_assert_msg(!load_run(&l, &d, 2, &e), "no error where \"%s\" should be", want);
    ck_assert_msg(strstr(e.text, want) != NULL, "\"%s\" is not in \"%s\"", want, e.text);
}

// Three ratings by two users, in whatever way the file was written.
static void is_usual(void) {
    ck_assert_uint_eq(d.n_ratings, 3);
    ck_assert_uint_eq(d.n_users, 2);
    ck_assert_str_eq(texts_packed_get(&d.users, 1), "b \"x\", y");
    ck_assert_str_eq(texts_packed_get(&d.items, 0), "20");
    ck_assert_str_eq(texts_packed_get(&d.items, 1), "100");
    ck_assert(d.by_user.value[0] == 4.5f && d.by_user.value[1] == 1 && d.by_user.value[2] == 5);
}

#endif
