// Images of inner folds, of shares of the training rows, and of all ratings.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "split/fold.h"
#include "support/made.h"
#include "support/splitting.h"

enum { USERS = 50, ITEMS = 70, ROWS = 900, SEED = 42 };

static struct arena arena;
static struct made_spec spec;
static struct made made;
static struct error e;
static int64_t kfold[2] = {5, 1}; // folds, repeats

static void setup(void) {
    spec = made_random(&arena, 5, USERS, ITEMS, ROWS);
    made_init(&made, &spec);
    e = (struct error){0};
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

static struct fold_plan plan_of(uint32_t fold, uint32_t inner, double share) {
    return (struct fold_plan){.data = &made.data,
        .split = {split_method_find("kfold"), kfold},
        .seed = SEED,
        .fold = fold,
        .validation = 0.1,
        .inner = inner,
        .n_inner = inner ? 3 : 0,
        .share = share};
}

struct built {
    struct train full, sliced;
    struct test test;
};

static void build(struct built *b, const struct fold_plan *plan, bool with_test) {
    const int full = image_create("full", &e), sliced = image_create("sliced", &e);
    const int test = with_test ? image_create("test", &e) : -1;
    *b = (struct built){0};
    ck_assert_msg(fold_build(plan, full, sliced, test, 1, &e), "%s", e.text);
    ck_assert(train_map(&b->full, full, &e) && train_map(&b->sliced, sliced, &e));
    if (with_test) ck_assert(test_map(&b->test, test, &e));
    close(full);
    close(sliced);
    if (with_test) close(test);
}

static void built_done(struct built *b) {
    train_done(&b->full);
    train_done(&b->sliced);
    test_done(&b->test);
}

// Which pairs train, and which are tested, of an outer or inner fold.
static void mark(const struct built *b, bool train[USERS][ITEMS], bool test[USERS][ITEMS]) {
    const rk_csr *r = &b->full.data.by_user;
    memset(train, 0, sizeof(bool[USERS][ITEMS]));
    memset(test, 0, sizeof(bool[USERS][ITEMS]));
    for (uint32_t u = 0; u < USERS; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) train[u][r->col[x]] = true;
    for (size_t k = 0; k < b->test.n; k++) test[b->test.users[k]][b->test.items[k]] = true;
}

static bool outer_train[USERS][ITEMS], outer_test[USERS][ITEMS];
static bool train[USERS][ITEMS], test[USERS][ITEMS];

START_TEST(inner_folds_are_of_the_training_rows) {
    struct built b;
    uint32_t times[USERS][ITEMS] = {{0}};
    struct fold_plan plan = plan_of(2, 0, 0);
    build(&b, &plan, true);
    mark(&b, outer_train, outer_test);
    built_done(&b);
    for (uint32_t inner = 1; inner <= 3; inner++) {
        plan = plan_of(2, inner, 0);
        build(&b, &plan, true);
        mark(&b, train, test);
        ck_assert_uint_eq(b.test.n, 240);
        ck_assert_uint_eq(b.full.data.by_user.start[USERS], 480);
        ck_assert_uint_eq(b.sliced.data.by_user.start[USERS], 432);
        ck_assert_uint_eq(b.sliced.data.valid->n, 48);
        for (uint32_t u = 0; u < USERS; u++)
            for (uint32_t i = 0; i < ITEMS; i++) {
                ck_assert_uint_eq(train[u][i] + test[u][i], outer_train[u][i]);
                times[u][i] += test[u][i];
            }
        for (size_t k = 0; k < b.test.n; k++) { // cold by what the inner fold trains on
            const rk_csr *r = &b.full.data.by_user;
            const uint32_t u = b.test.users[k];
            ck_assert_int_eq(!!(b.test.cold[k] & TEST_COLD_USER), r->start[u] == r->start[u + 1]);
        }
        built_done(&b);
    }
    for (uint32_t u = 0; u < USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++) ck_assert_uint_eq(times[u][i], outer_train[u][i]);
}
END_TEST

// Of the training rows, never of the others; the slice is one of them.
START_TEST(smaller_shares_are_parts_of_larger_ones) {
    static const double shares[] = {1, 0.9, 0.5, 0.1, 1e-9};
    static const size_t n_train[] = {480, 432, 240, 48, 1};
    static bool larger[USERS][ITEMS], first_test[USERS][ITEMS];
    for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
        struct built b;
        const struct fold_plan plan = plan_of(2, 1, shares[k]);
        build(&b, &plan, true);
        mark(&b, train, test);
        const rk_csr *full = &b.full.data.by_user, *sliced = &b.sliced.data.by_user;
        ck_assert_uint_eq(full->start[USERS], n_train[k]);
        ck_assert_uint_eq(b.sliced.data.valid->n, (n_train[k] + 5) / 10);
        ck_assert_uint_eq(sliced->start[USERS] + b.sliced.data.valid->n, n_train[k]);
        const rk_pairs *valid = b.sliced.data.valid;
        for (size_t v = 0; v < valid->n; v++) ck_assert(train[valid->users[v]][valid->items[v]]);
        for (uint32_t u = 0; k > 0 && u < USERS; u++)
            for (uint32_t i = 0; i < ITEMS; i++) {
                ck_assert(larger[u][i] || !train[u][i]);
                ck_assert_uint_eq(test[u][i], first_test[u][i]);
            }
        memcpy(larger, train, sizeof larger);
        if (k == 0) memcpy(first_test, test, sizeof test);
        built_done(&b);
    }
}
END_TEST

START_TEST(without_an_outer_fold_all_ratings_train) {
    struct built b;
    struct fold_plan plan = plan_of(0, 0, 0);
    build(&b, &plan, false);
    ck_assert_uint_eq(b.full.data.by_user.start[USERS], ROWS);
    ck_assert_uint_eq(b.sliced.data.valid->n, ROWS / 10);
    built_done(&b);
    for (uint32_t inner = 1; inner <= 3; inner++) {
        plan = plan_of(0, inner, 0);
        build(&b, &plan, true);
        ck_assert_uint_eq(b.test.n, ROWS / 3);
        ck_assert_uint_eq(b.full.data.by_user.start[USERS], ROWS - ROWS / 3);
        built_done(&b);
    }
}
END_TEST

START_TEST(inner_folds_without_rows_are_told) {
    const int fd = image_create("fold", &e);
    struct fold_plan plan = plan_of(2, 1, 0);
    plan.n_inner = 721; // of 720 training rows
    ck_assert(!fold_build(&plan, fd, -1, -1, 1, &e));
    ck_assert_str_eq(e.text, "inner fold 1 of 721 in fold 2: 720 training ratings cannot make 721 "
                             "parts; choose fewer inner folds");
    close(fd);
}
END_TEST

// ---- Tags of those whom a share leaves nothing -------------------------------------------------

// The tags of a user whose cut is not known, because no row trains, are not known either: whether
// or not the user has rows that are tested.
START_TEST(a_share_reveals_no_later_tags) {
    static const uint32_t ids[] = {1, 2, 3, 4};
    static const struct made_tag late[] = {{1, 4, "late", 900}, {2, 4, "late", 900}};
    struct made_row rows[6]; // two users with two rows that train, one that is tested
    for (uint32_t k = 0; k < 6; k++)
        rows[k] = (struct made_row){1 + k / 3, 1 + k % 3, 3, 100 + (int64_t)k % 3 * 100, 0};
    struct made_spec small = {.users = ids,
        .items = ids,
        .n_users = 2,
        .n_items = 4,
        .rows = rows,
        .n_rows = 6,
        .tags = late,
        .n_tags = 2,
        .min_count = 1,
        .times = true};
    struct made m;
    made_init(&m, &small);
    const struct split_method *method = split_method_find("time");
    void *s = splitting_defaults(method);
    splitting_set(method, s, "last", 1);
    const struct fold_plan plan = {
        .data = &m.data, .split = {method, s}, .seed = SEED, .fold = 1, .share = 0.25};
    const int fd = image_create("fold", &e);
    struct train t;
    ck_assert_msg(fold_build(&plan, fd, -1, -1, 1, &e), "%s", e.text);
    ck_assert(train_map(&t, fd, &e));
    ck_assert_uint_eq(t.data.by_user.start[2], 1); // one user has nothing left
    ck_assert_uint_eq(t.data.n_item_features, 0);
    train_done(&t);
    close(fd);
    free(s);
    made_done(&m);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("fold_inner");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, inner_folds_are_of_the_training_rows);
    tcase_add_test(cases, smaller_shares_are_parts_of_larger_ones);
    tcase_add_test(cases, without_an_outer_fold_all_ratings_train);
    tcase_add_test(cases, inner_folds_without_rows_are_told);
    tcase_add_test(cases, a_share_reveals_no_later_tags);
    Suite *suite = suite_create("fold_inner");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
