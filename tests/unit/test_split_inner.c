// Inner folds of training rows: by the same kind of split as the outer fold, apart from each other,
// and a function of the training rows alone.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "split/predefined.h"
#include "support/made.h"
#include "support/splitting.h"

enum { USERS = 60, ITEMS = 80, ROWS = 1003, N_INNER = 3, FOLD = 1 };

static struct arena arena;
static struct made_spec spec;
static struct made_row rows[ROWS];
static struct made made;
static struct error e;

static void setup(void) {
    spec = made_random(&arena, 1, USERS, ITEMS, ROWS);
    memcpy(rows, spec.rows, sizeof rows);
    for (size_t k = 0; k < ROWS; k++) {
        rows[k].time = 1000000000 + rows[k].time % 97; // with ties
        rows[k].fold = (uint32_t)k % 4;
    }
    spec.rows = rows;
    spec.folds = true;
    made_init(&made, &spec);
    e = (struct error){0};
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

static uint64_t n_role(const uint8_t *role, uint8_t wanted) {
    return splitting_count(role, ROWS, wanted);
}

static struct split_job job_of(const void *settings, uint32_t inner) {
    return (struct split_job){.data = &made.data,
        .settings = settings,
        .seed = 42,
        .fold = FOLD,
        .inner = inner,
        .n_inner = N_INNER};
}

// The outer fold's roles, its test rows put away.
static void assign_outer(const struct split_method *method, const void *settings, uint8_t *role) {
    const struct split_job job = job_of(settings, 0);
    memset(role, SPLIT_OUT, ROWS);
    ck_assert_msg(method->assign(&job, role, &e), "%s", e.text);
    for (size_t x = 0; x < ROWS; x++)
        if (role[x] == SPLIT_TEST) role[x] = SPLIT_HELD;
}

static void split_inner(const struct split_method *method, const void *settings, uint32_t inner,
    const uint8_t *outer, uint8_t *role) {
    const struct split_job job = job_of(settings, inner);
    memcpy(role, outer, ROWS);
    ck_assert_msg(method->inner(&job, role, &e), "%s", e.text);
}

static void *settings_of(const char *id, const char *key, double value, double given) {
    const struct split_method *method = split_method_find(id);
    void *s = splitting_defaults(method);
    splitting_set(method, s, key, value);
    if (given > 0) splitting_set(method, s, "given", given);
    return s;
}

// ---- Rows --------------------------------------------------------------------------------------

static void check_rows(const struct split_method *method, const void *s) {
    uint8_t outer[ROWS], role[ROWS];
    uint32_t tested[ROWS] = {0};
    assign_outer(method, s, outer);
    const uint64_t n_train = n_role(outer, SPLIT_TRAIN);
    for (uint32_t inner = 1; inner <= N_INNER; inner++) {
        split_inner(method, s, inner, outer, role);
        const uint64_t n = n_role(role, SPLIT_TEST);
        ck_assert(n == n_train / N_INNER || n == n_train / N_INNER + 1);
        ck_assert_uint_eq(n + n_role(role, SPLIT_TRAIN), n_train);
        for (size_t x = 0; x < ROWS; x++) {
            tested[x] += role[x] == SPLIT_TEST;
            if (outer[x] != SPLIT_TRAIN) ck_assert_uint_eq(role[x], outer[x]);
        }
    }
    for (size_t x = 0; x < ROWS; x++) ck_assert_uint_eq(tested[x], outer[x] == SPLIT_TRAIN);
}

START_TEST(training_rows_are_dealt_out_and_tested_once) {
    static const struct predefined numbers = {.column = {.number = 1}};
    void *kfold = splitting_defaults(split_method_find("kfold"));
    void *holdout = splitting_defaults(split_method_find("holdout"));
    check_rows(split_method_find("kfold"), kfold);
    check_rows(split_method_find("holdout"), holdout);
    check_rows(split_method_find("predefined"), &numbers);
    free(kfold);
    free(holdout);
}
END_TEST

// ---- Whole users and items ---------------------------------------------------------------------

enum { MOST = ITEMS };

static void count_rows(bool items, const uint8_t *role, uint8_t wanted, uint32_t *n) {
    memset(n, 0, MOST * sizeof *n);
    const rk_csr *r = &made.data.by_user;
    for (uint32_t u = 0; u < USERS; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++)
            n[items ? r->col[x] : u] += role[x] == wanted;
}

// share 0: each is tested once.
static void check_whole(const struct split_method *method, const void *s, bool items,
    uint32_t given, double share, bool apart) {
    uint8_t outer[ROWS], role[ROWS];
    uint32_t before[MOST], test[MOST], train[MOST], times[MOST] = {0}, can = 0;
    assign_outer(method, s, outer);
    count_rows(items, outer, SPLIT_TRAIN, before);
    for (int k = 0; k < MOST; k++) can += before[k] > given;
    for (uint32_t inner = 1; inner <= N_INNER; inner++) {
        uint32_t n_held = 0;
        split_inner(method, s, inner, outer, role);
        count_rows(items, role, SPLIT_TEST, test);
        count_rows(items, role, SPLIT_TRAIN, train);
        for (int k = 0; k < MOST; k++) {
            ck_assert_uint_eq(test[k] + train[k], before[k]);
            if (test[k]) ck_assert_uint_eq(train[k], given);
            times[k] += test[k] > 0;
            n_held += test[k] > 0;
        }
        const uint32_t wanted = share > 0 ? (uint32_t)(share * can + 0.5) : can / N_INNER;
        ck_assert(n_held == wanted || (share <= 0 && n_held == wanted + 1));
    }
    for (int k = 0; k < MOST; k++) {
        if (share <= 0) ck_assert_uint_eq(times[k], before[k] > given);
        if (apart) ck_assert_uint_le(times[k], 1);
        ck_assert_uint_lt(times[k], N_INNER);
    }
}

START_TEST(whole_users_and_items_are_held_out_anew) {
    const bool items = _i % 2;
    const uint32_t given = _i / 2 ? 4 : 0;
    const char *id = items ? "cold_items" : "cold_users";
    void *folds = settings_of(id, "folds", 4, given);
    void *share = settings_of(id, "share", 0.2, given);
    void *half = settings_of(id, "share", 0.5, given);
    check_whole(split_method_find(id), folds, items, given, 0, true);
    check_whole(split_method_find(id), share, items, given, 0.2, true);
    check_whole(split_method_find(id), half, items, given, 0.5, false);
    free(folds);
    free(share);
    free(half);
}
END_TEST

START_TEST(listed_users_have_inner_folds_of_whole_users) {
    char path[] = "/tmp/reckon-users-XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (uint32_t u = 0; u < USERS; u += 4) dprintf(fd, "%u\n", spec.users[u]);
    close(fd);
    const struct predefined s = {.users = {.written = path, .found = path}};
    check_whole(split_method_find("predefined"), &s, false, 0, 0, true);
    unlink(path);
}
END_TEST

// ---- Time --------------------------------------------------------------------------------------

// Of the rows first .. end - 1, nothing that trains is newer than anything that does not.
static void assert_order(const uint8_t *role, uint64_t first, uint64_t end) {
    int64_t train = INT64_MIN, test = INT64_MIN, oldest_test = INT64_MAX, oldest_held = INT64_MAX;
    for (uint64_t x = first; x < end; x++) {
        const int64_t time = made.data.time[x];
        if (role[x] == SPLIT_TRAIN && time > train) train = time;
        if (role[x] == SPLIT_TEST && time > test) test = time;
        if (role[x] == SPLIT_TEST && time < oldest_test) oldest_test = time;
        if (role[x] == SPLIT_HELD && time < oldest_held) oldest_held = time;
    }
    ck_assert_int_le(train, oldest_test);
    ck_assert_int_le(train, oldest_held);
    ck_assert_int_le(test, oldest_held);
}

static uint64_t n_wanted(int form, uint64_t n) {
    const uint64_t wanted = form == 1 ? 3 : (uint64_t)((form ? 0.3 : 0.2) * (double)n + 0.5);
    return n == 0 ? 0 : wanted < n ? wanted : n - 1;
}

// The windows: of all rows (form 0), or of those of one user.
static void check_windows(
    int form, uint8_t (*role)[ROWS], const uint8_t *outer, uint64_t first, uint64_t end) {
    uint64_t left = splitting_count(outer + first, end - first, SPLIT_TRAIN);
    for (int k = 0; k < N_INNER; k++) {
        const uint64_t wanted = n_wanted(form, left);
        ck_assert_uint_eq(splitting_count(role[k] + first, end - first, SPLIT_TEST), wanted);
        left -= wanted;
        ck_assert_uint_eq(splitting_count(role[k] + first, end - first, SPLIT_TRAIN), left);
        assert_order(role[k], first, end);
        for (uint64_t x = first; k > 0 && x < end;
             x++) // an older window, what was tested is put away
            if (role[k - 1][x] != SPLIT_TRAIN) ck_assert_uint_eq(role[k][x], SPLIT_HELD);
    }
}

START_TEST(windows_slide_back_in_time) {
    static const char *const form[] = {"test", "last", "last_share"};
    static const double value[] = {0.2, 3, 0.3};
    const struct split_method *method = split_method_find("time");
    void *s = settings_of("time", form[_i], value[_i], 0);
    uint8_t outer[ROWS], role[N_INNER][ROWS];
    assign_outer(method, s, outer);
    for (uint32_t k = 0; k < N_INNER; k++) split_inner(method, s, k + 1, outer, role[k]);
    const uint64_t *start = made.data.by_user.start;
    if (_i == 0) check_windows(_i, role, outer, 0, ROWS);
    for (uint32_t u = 0; _i > 0 && u < USERS; u++)
        check_windows(_i, role, outer, start[u], start[u + 1]);
    free(s);
}
END_TEST

// ---- All methods -------------------------------------------------------------------------------

static const struct {
    const char *method, *key;
    double value;
} splits[] = {
    {"kfold", "folds", 4},
    {"holdout", "test", 0.2},
    {"cold_users", "share", 0.2},
    {"cold_users", "folds", 4},
    {"cold_items", "share", 0.2},
    {"cold_items", "folds", 4},
    {"time", "test", 0.2},
    {"time", "last", 3},
    {"time", "last_share", 0.3},
};
enum { N_SPLITS = sizeof splits / sizeof *splits };

START_TEST(inner_folds_depend_on_training_rows_alone) {
    const struct split_method *method = split_method_find(splits[_i].method);
    void *s = settings_of(splits[_i].method, splits[_i].key, splits[_i].value, 0);
    uint8_t outer[ROWS], without[ROWS], one[ROWS], two[ROWS];
    assign_outer(method, s, outer);
    for (size_t x = 0; x < ROWS; x++) without[x] = outer[x] == SPLIT_HELD ? SPLIT_OUT : outer[x];
    for (uint32_t inner = 1; inner <= N_INNER; inner++) {
        split_inner(method, s, inner, outer, one);
        split_inner(method, s, inner, without, two);
        for (size_t x = 0; x < ROWS; x++)
            if (outer[x] == SPLIT_TRAIN) ck_assert_uint_eq(one[x], two[x]);
    }
    free(s);
}
END_TEST

START_TEST(outer_folds_and_repeats_draw_anew) {
    const struct split_method *method = split_method_find("kfold");
    void *s = splitting_defaults(method);
    uint8_t outer[ROWS], role[3][ROWS];
    assign_outer(method, s, outer);
    for (uint32_t k = 0; k < 3; k++) {
        struct split_job job = job_of(s, 1);
        job.repeat = k == 1;
        job.fold = k == 2 ? 2 : 1;
        memcpy(role[k], outer, ROWS);
        ck_assert(method->inner(&job, role[k], &e));
    }
    ck_assert_mem_ne(role[0], role[1], ROWS);
    ck_assert_mem_ne(role[0], role[2], ROWS);
    ck_assert_mem_ne(role[1], role[2], ROWS);
    free(s);
}
END_TEST

// The slice of an inner fold is one of its training rows, and is drawn anew in each.
START_TEST(slices_of_inner_folds_are_drawn_anew) {
    const struct split_method *method = split_method_find(splits[_i].method);
    void *s = settings_of(splits[_i].method, splits[_i].key, splits[_i].value, 0);
    uint8_t outer[ROWS], before[ROWS], role[N_INNER + 1][ROWS];
    assign_outer(method, s, outer);
    for (uint32_t inner = 1; inner <= N_INNER; inner++) {
        const struct split_job job = job_of(s, inner);
        split_inner(method, s, inner, outer, before);
        memcpy(role[inner], before, ROWS);
        ck_assert(method->validate(&job, 0.1, role[inner], &e));
        ck_assert_uint_gt(n_role(role[inner], SPLIT_VALID), 0);
        for (size_t x = 0; x < ROWS; x++)
            if (before[x] != SPLIT_TRAIN) ck_assert_uint_eq(role[inner][x], before[x]);
    }
    // The same rows, asked for as two inner folds: what differs is the draw.
    const struct split_job job = job_of(s, 2);
    split_inner(method, s, 1, outer, role[0]);
    ck_assert(method->validate(&job, 0.1, role[0], &e));
    if (strcmp(splits[_i].method, "time") != 0) ck_assert_mem_ne(role[0], role[1], ROWS);
    free(s);
}
END_TEST

// ---- Too few -----------------------------------------------------------------------------------

static void refuse(int split, double given, uint64_t n_train, uint32_t inner, const char *wanted) {
    const struct split_method *method = split_method_find(splits[split].method);
    void *s = settings_of(splits[split].method, splits[split].key, splits[split].value, given);
    const struct split_job job = job_of(s, inner);
    uint8_t role[ROWS] = {0};
    memset(role, SPLIT_TRAIN, n_train);
    e = (struct error){0};
    ck_assert(!method->inner(&job, role, &e));
    ck_assert_str_eq(e.text, wanted);
    free(s);
}

START_TEST(too_few_rows_are_an_error_that_names_the_fold) {
    refuse(0, 0, 2, 2,
        "inner fold 2 of 3 in fold 1: 2 training ratings cannot make 3 parts; choose fewer inner "
        "folds");
    refuse(0, 0, 1, 3,
        "inner fold 3 of 3 in fold 1: 1 training rating cannot make 3 parts; choose fewer inner "
        "folds");
    refuse(2, 0, 1, 1,
        "inner fold 1 of 3 in fold 1: 1 training user cannot make 3 parts; choose fewer inner "
        "folds");
    refuse(5, 900, ROWS, 1,
        "inner fold 1 of 3 in fold 1: 0 training items with more than 900 ratings cannot make 3 "
        "parts; choose fewer inner folds or lower given");
    refuse(6, 0, 3, 3,
        "inner fold 3 of 3 in fold 1: of 3 training ratings too few are left to test and to train "
        "on, so far back in time; choose fewer inner folds or test less");
    refuse(7, 0, 1, 1,
        "inner fold 1 of 3 in fold 1: of 1 training ratings too few are left to test and to train "
        "on, so far back in time; choose fewer inner folds or test less");
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("split_inner");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, training_rows_are_dealt_out_and_tested_once);
    tcase_add_loop_test(cases, whole_users_and_items_are_held_out_anew, 0, 4);
    tcase_add_test(cases, listed_users_have_inner_folds_of_whole_users);
    tcase_add_loop_test(cases, windows_slide_back_in_time, 0, 3);
    tcase_add_loop_test(cases, inner_folds_depend_on_training_rows_alone, 0, N_SPLITS);
    tcase_add_test(cases, outer_folds_and_repeats_draw_anew);
    tcase_add_loop_test(cases, slices_of_inner_folds_are_drawn_anew, 0, N_SPLITS);
    tcase_add_test(cases, too_few_rows_are_an_error_that_names_the_fold);
    Suite *suite = suite_create("split_inner");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
