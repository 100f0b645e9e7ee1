// cold_users and cold_items: whole users (items) are held out but for the first ratings that each
// reveals, in folds and in validation slices.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/made.h"
#include "support/splitting.h"

enum { USERS = 60, ITEMS = 80, ROWS = 1003, SIDES = 2 };

static const char *const ids[SIDES] = {"cold_users", "cold_items"};
static struct arena arena;
static struct made_spec spec;
static struct made made;
static struct error e;

static void setup(void) {
    spec = made_random(&arena, 1, USERS, ITEMS, ROWS);
    made_init(&made, &spec);
    e = (struct error){0};
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

// Settings with one of share and folds.
static void *settings(int side, double share, double folds, double given) {
    const struct split_method *method = split_method_find(ids[side]);
    void *s = splitting_defaults(method);
    splitting_set(method, s, "share", share);
    splitting_set(method, s, "folds", folds);
    splitting_set(method, s, "given", given);
    return s;
}

// Rows with a role, of each user (item).
static void count_rows(
    const struct dataset *d, int side, const uint8_t *role, uint8_t wanted, uint32_t *n) {
    memset(n, 0, (side ? d->n_items : d->n_users) * sizeof *n);
    for (uint32_t u = 0; u < d->n_users; u++)
        for (uint64_t x = d->by_user.start[u]; x < d->by_user.start[u + 1]; x++)
            n[side ? d->by_user.col[x] : u] += role[x] == wanted;
}

static uint32_t n_of(int side) {
    return side ? ITEMS : USERS;
}

static uint32_t count_more_than(const uint32_t *n, uint32_t size, uint32_t limit) {
    uint32_t found = 0;
    for (uint32_t k = 0; k < size; k++) found += n[k] > limit;
    return found;
}

START_TEST(a_share_is_held_out_whole) {
    const int side = _i;
    uint32_t test[ITEMS], train[ITEMS], all[ITEMS];
    void *s = settings(side, 0.2, 0, 0);
    uint8_t *role = splitting_assign(ids[side], s, &made.data, 42, 0, 1);
    uint8_t none[ROWS] = {0};
    count_rows(&made.data, side, role, SPLIT_TEST, test);
    count_rows(&made.data, side, role, SPLIT_TRAIN, train);
    count_rows(&made.data, side, none, 0, all);
    for (uint32_t k = 0; k < n_of(side); k++) {
        ck_assert(test[k] == 0 || train[k] == 0);
        ck_assert_uint_eq(test[k] + train[k], all[k]);
    }
    const uint32_t n = count_more_than(all, n_of(side), 0);
    ck_assert_uint_eq(count_more_than(test, n_of(side), 0), (uint32_t)(0.2 * n + 0.5));
    free(role);
    free(s);
}
END_TEST

START_TEST(each_is_cold_in_one_fold) {
    const int side = _i;
    uint32_t tested[ITEMS] = {0}, least = UINT32_MAX, most = 0;
    void *s = settings(side, 0, 9, 0);
    uint32_t n_repeats, n_folds, *folds;
    ck_assert(split_method_find(ids[side])->plan(s, &made.data, &n_repeats, &folds, &n_folds, &e));
    ck_assert_uint_eq(n_folds, 9);
    for (uint32_t f = 0; f < n_folds; f++) {
        uint32_t test[ITEMS];
        uint8_t *role = splitting_assign(ids[side], s, &made.data, 42, 0, folds[f]);
        count_rows(&made.data, side, role, SPLIT_TEST, test);
        const uint32_t n = count_more_than(test, n_of(side), 0);
        if (n < least) least = n;
        if (n > most) most = n;
        for (uint32_t k = 0; k < n_of(side); k++) tested[k] += test[k] > 0;
        free(role);
    }
    ck_assert_uint_le(most, least + 1);
    uint8_t none[ROWS] = {0};
    uint32_t all[ITEMS];
    count_rows(&made.data, side, none, 0, all);
    for (uint32_t k = 0; k < n_of(side); k++) ck_assert_uint_eq(tested[k], all[k] > 0);
    free(folds);
    free(s);
}
END_TEST

// Of each held-out user (item), no test row is older than one that trains.
static void assert_oldest_train(const struct dataset *d, int side, const uint8_t *role) {
    int64_t newest[ITEMS], oldest[ITEMS];
    for (int k = 0; k < ITEMS; k++) newest[k] = INT64_MIN, oldest[k] = INT64_MAX;
    for (uint32_t u = 0; u < d->n_users; u++)
        for (uint64_t x = d->by_user.start[u]; x < d->by_user.start[u + 1]; x++) {
            const uint32_t k = side ? d->by_user.col[x] : u;
            if (role[x] == SPLIT_TRAIN && d->time[x] > newest[k]) newest[k] = d->time[x];
            if (role[x] == SPLIT_TEST && d->time[x] < oldest[k]) oldest[k] = d->time[x];
        }
    for (int k = 0; k < ITEMS; k++)
        if (oldest[k] != INT64_MAX) ck_assert_int_le(newest[k], oldest[k]);
}

START_TEST(given_ratings_are_the_earliest) {
    enum { GIVEN = 4 };
    const int side = _i;
    struct made_row rows[ROWS];
    memcpy(rows, spec.rows, sizeof rows);
    for (size_t k = 0; k < ROWS; k++) { // ties, and times that are not known
        rows[k].time = 1000000000 + (rows[k].time + (int64_t)k) % 5;
        if (k % 11 == 0) rows[k].time = RK_NO_TIME;
    }
    spec.rows = rows;
    struct made tied;
    made_init(&tied, &spec);
    void *s = settings(side, 0.3, 0, GIVEN);
    uint8_t *role = splitting_assign(ids[side], s, &tied.data, 42, 0, 1);
    uint32_t test[ITEMS], train[ITEMS], can = 0;
    count_rows(&tied.data, side, role, SPLIT_TEST, test);
    count_rows(&tied.data, side, role, SPLIT_TRAIN, train);
    for (uint32_t k = 0; k < n_of(side); k++) {
        if (test[k]) ck_assert_uint_eq(train[k], GIVEN);
        can += test[k] + train[k] > GIVEN;
    }
    ck_assert_uint_eq(count_more_than(test, n_of(side), 0), (uint32_t)(0.3 * can + 0.5));
    assert_oldest_train(&tied.data, side, role);

    tied.data.time = NULL; // then by a hash: as many, others
    uint8_t *timeless = splitting_assign(ids[side], s, &tied.data, 42, 0, 1);
    uint32_t again[ITEMS];
    count_rows(&tied.data, side, timeless, SPLIT_TEST, again);
    ck_assert_mem_eq(again, test, n_of(side) * sizeof *test);
    ck_assert_mem_ne(role, timeless, ROWS);
    free(timeless);
    free(role);
    free(s);
    made_done(&tied);
}
END_TEST

START_TEST(ids_seed_and_repeat_alone_decide) {
    const int side = _i;
    struct made_spec more = spec; // ids in between move every dense number
    uint32_t users[2 * USERS], items[2 * ITEMS];
    for (uint32_t u = 0; u < USERS; u++) {
        users[2 * u] = spec.users[u];
        users[2 * u + 1] = spec.users[u] + 1;
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[2 * i] = spec.items[i];
        items[2 * i + 1] = spec.items[i] + 1;
    }
    more.users = users;
    more.items = items;
    more.n_users = 2 * USERS;
    more.n_items = 2 * ITEMS;
    struct made wide;
    made_init(&wide, &more);
    void *s = settings(side, 0.25, 0, 3);
    uint8_t *role = splitting_assign(ids[side], s, &made.data, 42, 0, 1);
    uint8_t *other = splitting_assign(ids[side], s, &wide.data, 42, 0, 1);
    ck_assert_mem_eq(role, other, ROWS); // entries are in the order of ids in both
    uint8_t *seed = splitting_assign(ids[side], s, &made.data, 43, 0, 1);
    uint8_t *repeat = splitting_assign(ids[side], s, &made.data, 42, 1, 1);
    ck_assert_mem_ne(role, seed, ROWS);
    ck_assert_mem_ne(role, repeat, ROWS);
    ck_assert_mem_ne(seed, repeat, ROWS);
    free(role);
    free(other);
    free(seed);
    free(repeat);
    free(s);
    made_done(&wide);
}
END_TEST

START_TEST(validation_is_of_the_same_kind) {
    enum { GIVEN = 4 };
    const int side = _i;
    const struct split_method *method = split_method_find(ids[side]);
    void *s = settings(side, 0.3, 0, GIVEN);
    uint8_t *role = splitting_assign(ids[side], s, &made.data, 42, 0, 1);
    uint32_t before[ITEMS], valid[ITEMS], train[ITEMS], test[ITEMS];
    count_rows(&made.data, side, role, SPLIT_TRAIN, before);
    uint8_t out[ROWS]; // without the test rows
    for (size_t x = 0; x < ROWS; x++) out[x] = role[x] == SPLIT_TEST ? SPLIT_OUT : role[x];
    const struct split_job job = {.data = &made.data, .settings = s, .seed = 42, .fold = 1};
    ck_assert(method->validate(&job, 0.2, role, &e));
    ck_assert(method->validate(&job, 0.2, out, &e));
    for (size_t x = 0; x < ROWS; x++)
        ck_assert_uint_eq(out[x], role[x] == SPLIT_TEST ? SPLIT_OUT : role[x]);
    count_rows(&made.data, side, role, SPLIT_VALID, valid);
    count_rows(&made.data, side, role, SPLIT_TRAIN, train);
    count_rows(&made.data, side, role, SPLIT_TEST, test);
    uint32_t can = 0;
    for (uint32_t k = 0; k < n_of(side); k++) {
        ck_assert(valid[k] == 0 || (train[k] == GIVEN && test[k] == 0));
        ck_assert_uint_eq(valid[k] + train[k], before[k]);
        can += before[k] > GIVEN;
    }
    ck_assert_uint_gt(can, 10);
    ck_assert_uint_eq(count_more_than(valid, n_of(side), 0), (uint32_t)(0.2 * can + 0.5));
    free(role);
    free(s);
}
END_TEST

// A fold and a validation slice leave one user (item) to train on.
START_TEST(one_always_stays) {
    const int side = _i;
    const struct split_method *method = split_method_find(ids[side]);
    void *s = settings(side, 0.999, 0, 0);
    uint8_t *role = splitting_assign(ids[side], s, &made.data, 42, 0, 1);
    ck_assert_uint_gt(splitting_count(role, ROWS, SPLIT_TRAIN), 0);
    const struct split_job job = {.data = &made.data, .settings = s, .seed = 42, .fold = 1};
    ck_assert(method->validate(&job, 0.5, role, &e));
    ck_assert_uint_gt(splitting_count(role, ROWS, SPLIT_TRAIN), 0);
    splitting_set(method, s, "share", 1e-6); // and one at least is tested
    uint8_t *least = splitting_assign(ids[side], s, &made.data, 42, 0, 1);
    ck_assert_uint_gt(splitting_count(least, ROWS, SPLIT_TEST), 0);
    free(role);
    free(least);
    free(s);
}
END_TEST

static void refuse(
    int side, double share, double folds, double given, const char *begin, const char *end) {
    const struct split_method *method = split_method_find(ids[side]);
    void *s = settings(side, share, folds, given);
    uint32_t n_repeats, n_folds, *list = NULL;
    e = (struct error){0};
    ck_assert(!method->plan(s, &made.data, &n_repeats, &list, &n_folds, &e));
    ck_assert_msg(strncmp(e.text, begin, strlen(begin)) == 0, "%s", e.text);
    ck_assert_msg(strcmp(e.text + strlen(e.text) - strlen(end), end) == 0, "%s", e.text);
    free(s);
}

START_TEST(settings_that_cannot_be_are_told) {
    refuse(0, 0, 0, 0, "one of share and folds is needed: ", "none is given");
    refuse(1, 0.2, 5, 0, "one of share and folds is needed: ", "both are given");
    refuse(
        0, 0.2, 0, 1000, "given: no user has more than ", "none would be left to test; lower it");
    refuse(1, 0, 5, 1000, "given: no item has more than ", "none would be left to test; lower it");
    refuse(0, 0, 61, 0, "folds: ", "users cannot make 61 parts; choose fewer folds");
    const struct split_method *method = split_method_find("cold_users");
    char text[80];
    void *s = settings(0, 0.2, 0, 5);
    method->describe(s, text, sizeof text);
    ck_assert_str_eq(text, "20 %, 5 given");
    free(s);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("split_whole");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, a_share_is_held_out_whole, 0, SIDES);
    tcase_add_loop_test(cases, each_is_cold_in_one_fold, 0, SIDES);
    tcase_add_loop_test(cases, given_ratings_are_the_earliest, 0, SIDES);
    tcase_add_loop_test(cases, ids_seed_and_repeat_alone_decide, 0, SIDES);
    tcase_add_loop_test(cases, validation_is_of_the_same_kind, 0, SIDES);
    tcase_add_loop_test(cases, one_always_stays, 0, SIDES);
    tcase_add_test(cases, settings_that_cannot_be_are_told);
    Suite *suite = suite_create("split_whole");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
