// The hashed deal and the methods built on it: sizes, independence of everything but ids and seed,
// and the validation slices.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "split/split.h"
#include "support/made.h"
#include "support/splitting.h"

enum { USERS = 60, ITEMS = 80, ROWS = 1003 };

static struct arena arena;
static struct made_spec spec;
static struct made made;

static void setup(void) {
    spec = made_random(&arena, 1, USERS, ITEMS, ROWS);
    made_init(&made, &spec);
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

// The role of an external pair.
static int role_of(const struct made_spec *s, const struct dataset *d, const uint8_t *role,
    uint32_t user, uint32_t item) {
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint64_t x = d->by_user.start[u]; s->users[u] == user && x < d->by_user.start[u + 1];
             x++)
            if (s->items[d->by_user.col[x]] == item) return role[x];
    return -1;
}

START_TEST(every_row_is_tested_once_in_parts_of_equal_size) {
    const struct split_method *method = split_method_find("kfold");
    void *settings = splitting_defaults(method);
    struct error e = {0};
    uint32_t n_repeats, n_folds, *folds;
    ck_assert(method->plan(settings, &made.data, &n_repeats, &folds, &n_folds, &e));
    ck_assert_uint_eq(n_repeats, 1);
    ck_assert_uint_eq(n_folds, 5);
    uint32_t tested[ROWS] = {0};
    for (uint32_t k = 0; k < n_folds; k++) {
        uint8_t *role = splitting_assign("kfold", settings, &made.data, 42, 0, folds[k]);
        const size_t n = splitting_count(role, ROWS, SPLIT_TEST);
        ck_assert(n == ROWS / 5 || n == ROWS / 5 + 1);
        ck_assert_uint_eq(n + splitting_count(role, ROWS, SPLIT_TRAIN), ROWS);
        for (size_t x = 0; x < ROWS; x++) tested[x] += role[x] == SPLIT_TEST;
        free(role);
    }
    for (size_t x = 0; x < ROWS; x++) ck_assert_uint_eq(tested[x], 1);
    free(folds);
    free(settings);
}
END_TEST

START_TEST(repeats_and_seeds_deal_anew) {
    void *settings = splitting_defaults(split_method_find("kfold"));
    uint8_t *first = splitting_assign("kfold", settings, &made.data, 42, 0, 1);
    uint8_t *again = splitting_assign("kfold", settings, &made.data, 42, 0, 1);
    uint8_t *repeat = splitting_assign("kfold", settings, &made.data, 42, 1, 1);
    uint8_t *seed = splitting_assign("kfold", settings, &made.data, 43, 0, 1);
    size_t both_repeats = 0, both_seeds = 0;
    for (size_t x = 0; x < ROWS; x++) {
        both_repeats += first[x] == SPLIT_TEST && repeat[x] == SPLIT_TEST;
        both_seeds += first[x] == SPLIT_TEST && seed[x] == SPLIT_TEST;
    }
    ck_assert(memcmp(first, again, ROWS) == 0);
    ck_assert(both_repeats > 15 && both_repeats < 70); // 40 by chance
    ck_assert(both_seeds > 15 && both_seeds < 70);
    free(first);
    free(again);
    free(repeat);
    free(seed);
    free(settings);
}
END_TEST

START_TEST(users_and_items_without_ratings_change_nothing) {
    // Ids in between move every dense number.
    struct made_spec more = spec;
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
    void *settings = splitting_defaults(split_method_find("kfold"));
    uint8_t *role = splitting_assign("kfold", settings, &made.data, 42, 0, 3);
    uint8_t *other = splitting_assign("kfold", settings, &wide.data, 42, 0, 3);
    for (size_t k = 0; k < ROWS; k++) {
        const uint32_t u = spec.rows[k].user, i = spec.rows[k].item;
        ck_assert_int_ge(role_of(&spec, &made.data, role, u, i), 0);
        ck_assert_int_eq(
            role_of(&spec, &made.data, role, u, i), role_of(&more, &wide.data, other, u, i));
    }
    free(role);
    free(other);
    free(settings);
    made_done(&wide);
}
END_TEST

START_TEST(ranks_follow_the_hash_and_leave_others_out) {
    uint8_t role[ROWS];
    uint32_t all[ROWS], some[ROWS];
    bool seen[ROWS] = {false};
    uint64_t n;
    struct error e = {0};
    for (size_t x = 0; x < ROWS; x++) role[x] = x % 3 ? SPLIT_TRAIN : SPLIT_TEST;
    memset(all, 0, sizeof all);
    uint8_t same[ROWS] = {0};
    ck_assert(split_rank(&made.data, 7, same, 0, all, &n, &e));
    ck_assert_uint_eq(n, ROWS);
    ck_assert(split_rank(&made.data, 7, role, SPLIT_TRAIN, some, &n, &e));
    ck_assert_uint_eq(n, splitting_count(role, ROWS, SPLIT_TRAIN));
    for (size_t x = 0; x < ROWS; x++) {
        ck_assert_uint_lt(all[x], ROWS);
        ck_assert(!seen[all[x]]);
        seen[all[x]] = true;
        if (role[x] == SPLIT_TEST) {
            ck_assert_uint_eq(some[x], UINT32_MAX);
            continue;
        }
        ck_assert_uint_lt(some[x], n);
        for (size_t y = 0; y < x; y++) // the same order, whichever rows take part
            if (role[y] == SPLIT_TRAIN) ck_assert((all[x] < all[y]) == (some[x] < some[y]));
    }
}
END_TEST

START_TEST(equal_hashes_are_ranked_by_the_ids) {
    // All items with the same hash: each user's rows tie, in long runs and short ones.
    struct made tied;
    made_init(&tied, &spec);
    uint64_t hash[ITEMS];
    for (uint32_t i = 0; i < ITEMS; i++) hash[i] = 99;
    tied.data.item_hash = hash;
    uint8_t role[ROWS] = {0};
    uint32_t rank[ROWS];
    uint64_t n, longest = 0;
    struct error e = {0};
    ck_assert(split_rank(&tied.data, 7, role, 0, rank, &n, &e));
    const rk_csr *r = &tied.data.by_user;
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint64_t x = r->start[u]; x + 1 < r->start[u + 1]; x++)
            ck_assert_uint_eq(rank[x] + 1, rank[x + 1]);
        if (r->start[u + 1] - r->start[u] > longest) longest = r->start[u + 1] - r->start[u];
    }
    ck_assert_uint_gt(longest, 24);
    made_done(&tied);
}
END_TEST

START_TEST(a_holdout_tests_its_share) {
    const struct split_method *method = split_method_find("holdout");
    void *settings = splitting_defaults(method);
    splitting_set(method, settings, "test", 0.25);
    uint8_t *role = splitting_assign("holdout", settings, &made.data, 42, 0, 1);
    ck_assert_uint_eq(splitting_count(role, ROWS, SPLIT_TEST), 251);
    ck_assert_uint_eq(splitting_count(role, ROWS, SPLIT_TRAIN), ROWS - 251);
    uint8_t *repeat = splitting_assign("holdout", settings, &made.data, 42, 1, 1);
    ck_assert_uint_eq(splitting_count(repeat, ROWS, SPLIT_TEST), 251);
    ck_assert_mem_ne(role, repeat, ROWS); // each repeat deals anew
    free(repeat);
    splitting_set(method, settings, "test", 1e-6); // one row at least
    uint8_t *least = splitting_assign("holdout", settings, &made.data, 42, 0, 1);
    ck_assert_uint_eq(splitting_count(least, ROWS, SPLIT_TEST), 1);
    free(role);
    free(least);
    free(settings);
}
END_TEST

START_TEST(more_folds_than_ratings_are_refused) {
    const struct split_method *method = split_method_find("kfold");
    void *settings = splitting_defaults(method);
    splitting_set(method, settings, "folds", 4);
    spec.n_rows = 3;
    struct made few;
    made_init(&few, &spec);
    uint32_t n_repeats, n_folds, *folds = NULL;
    struct error e = {0};
    ck_assert(!method->plan(settings, &few.data, &n_repeats, &folds, &n_folds, &e));
    ck_assert_str_eq(e.text, "folds: 4 folds of 3 ratings; there can be at most one fold a rating");
    ck_assert(method->plan(settings, NULL, &n_repeats, &folds, &n_folds, &e));
    ck_assert_uint_eq(n_folds, 4);
    free(folds);
    free(settings);
    made_done(&few);
}
END_TEST

// Validation: so many rows, out of the training rows, whatever became of the others.
START_TEST(validation_rows_depend_on_training_rows_alone) {
    const struct split_method *method = split_method_find("kfold");
    void *settings = splitting_defaults(method);
    struct error e = {0};
    uint8_t *role = splitting_assign("kfold", settings, &made.data, 42, 0, 2);
    uint8_t before[ROWS], out[ROWS];
    memcpy(before, role, ROWS);
    struct split_job job = {
        .data = &made.data, .settings = settings, .seed = 42, .repeat = 0, .fold = 2};
    for (size_t x = 0; x < ROWS; x++) out[x] = role[x] == SPLIT_TEST ? SPLIT_OUT : role[x];
    ck_assert(method->validate(&job, 0.1, role, &e));
    ck_assert(method->validate(&job, 0.1, out, &e));
    const size_t n_train = splitting_count(before, ROWS, SPLIT_TRAIN);
    ck_assert_uint_eq(splitting_count(role, ROWS, SPLIT_VALID), (n_train + 5) / 10);
    for (size_t x = 0; x < ROWS; x++) {
        if (before[x] == SPLIT_TEST)
            ck_assert_uint_eq(role[x], SPLIT_TEST);
        else
            ck_assert_uint_eq(role[x], out[x]);
    }
    uint8_t other[ROWS];
    memcpy(other, before, ROWS);
    job.repeat = 1;
    ck_assert(method->validate(&job, 0.1, other, &e));
    ck_assert(memcmp(other, role, ROWS) != 0);
    free(role);
    free(settings);
}
END_TEST

START_TEST(validation_leaves_a_row_to_train) {
    spec.n_rows = 2;
    struct made few;
    made_init(&few, &spec);
    struct error e = {0};
    const struct split_job job = {.data = &few.data, .seed = 42, .fold = 1};
    uint8_t role[2] = {SPLIT_TRAIN, SPLIT_TRAIN};
    ck_assert(split_validate_rows(&job, 0.9, role, &e));
    ck_assert_uint_eq(splitting_count(role, 2, SPLIT_VALID), 1);
    role[0] = SPLIT_TEST;
    role[1] = SPLIT_TRAIN;
    ck_assert(split_validate_rows(&job, 0.9, role, &e));
    ck_assert_uint_eq(splitting_count(role, 2, SPLIT_VALID), 0);
    made_done(&few);
}
END_TEST

START_TEST(validation_by_users_takes_whole_users) {
    struct error e = {0};
    const rk_csr *r = &made.data.by_user;
    uint8_t role[ROWS];
    memset(role, SPLIT_TRAIN, ROWS);
    uint32_t with_rows = 0, valid = 0;
    for (uint64_t x = 0; x < r->start[USERS / 2]; x++) role[x] = SPLIT_TEST;
    const struct split_job job = {.data = &made.data, .seed = 42, .fold = 1};
    ck_assert(split_validate_whole(&job, SPLIT_BY_USER, 0, 0.2, role, &e));
    ck_assert_uint_eq(splitting_count(role, ROWS, SPLIT_TEST), r->start[USERS / 2]);
    for (uint32_t u = USERS / 2; u < USERS; u++) {
        const uint64_t n = r->start[u + 1] - r->start[u];
        const size_t n_valid = splitting_count(role + r->start[u], n, SPLIT_VALID);
        ck_assert(n_valid == 0 || n_valid == n);
        with_rows += n > 0;
        valid += n_valid > 0;
    }
    ck_assert_uint_gt(with_rows, 10);
    ck_assert_uint_eq(valid, (uint32_t)(0.2 * with_rows + 0.5));
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("split");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, every_row_is_tested_once_in_parts_of_equal_size);
    tcase_add_test(cases, repeats_and_seeds_deal_anew);
    tcase_add_test(cases, users_and_items_without_ratings_change_nothing);
    tcase_add_test(cases, ranks_follow_the_hash_and_leave_others_out);
    tcase_add_test(cases, equal_hashes_are_ranked_by_the_ids);
    tcase_add_test(cases, a_holdout_tests_its_share);
    tcase_add_test(cases, more_folds_than_ratings_are_refused);
    tcase_add_test(cases, validation_rows_depend_on_training_rows_alone);
    tcase_add_test(cases, validation_leaves_a_row_to_train);
    tcase_add_test(cases, validation_by_users_takes_whole_users);
    Suite *suite = suite_create("split");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
