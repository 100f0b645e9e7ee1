// The split by time: what is tested is what came last, of all ratings or of each user's, and so is
// what validates.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/made.h"
#include "support/splitting.h"

enum { USERS = 60, ITEMS = 80, ROWS = 1003, N_FORMS = 3 };

static struct arena arena;
static struct made_spec spec;
static struct made_row rows[ROWS];
static struct made made;
static struct error e;

// With many ties, and times that are not known.
static void setup(void) {
    spec = made_random(&arena, 1, USERS, ITEMS, ROWS);
    memcpy(rows, spec.rows, sizeof rows);
    for (size_t k = 0; k < ROWS; k++) {
        rows[k].time = 1000000000 + rows[k].time % 23;
        if (k % 13 == 0) rows[k].time = RK_NO_TIME;
    }
    spec.rows = rows;
    made_init(&made, &spec);
    e = (struct error){0};
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

static const char *const form[N_FORMS] = {"test", "last", "last_share"};
static const double usual[N_FORMS] = {0.2, 3, 0.3};

static void *settings(int k, double value) {
    const struct split_method *method = split_method_find("time");
    void *s = splitting_defaults(method);
    splitting_set(method, s, form[k], value);
    return s;
}

// Of the rows first .. end - 1 none with the earlier role is newer than one with the later.
static void assert_order(
    const uint8_t *role, uint64_t first, uint64_t end, uint8_t earlier, uint8_t later) {
    int64_t newest = INT64_MIN, oldest = INT64_MAX;
    for (uint64_t x = first; x < end; x++) {
        if (role[x] == earlier && made.data.time[x] > newest) newest = made.data.time[x];
        if (role[x] == later && made.data.time[x] < oldest) oldest = made.data.time[x];
    }
    ck_assert_int_le(newest, oldest);
}

START_TEST(one_cut_tests_the_newest_share) {
    static const double shares[] = {0.2, 0.5, 0.97, 1e-6, 0.999};
    static const size_t n_test[] = {201, 502, 973, 1, 1002};
    for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
        void *s = settings(0, shares[k]);
        uint8_t *role = splitting_assign("time", s, &made.data, 42, 0, 1);
        ck_assert_uint_eq(splitting_count(role, ROWS, SPLIT_TEST), n_test[k]);
        ck_assert_uint_eq(splitting_count(role, ROWS, SPLIT_TRAIN), ROWS - n_test[k]);
        assert_order(role, 0, ROWS, SPLIT_TRAIN, SPLIT_TEST);
        free(role);
        free(s);
    }
}
END_TEST

START_TEST(each_user_keeps_all_but_the_last) {
    const rk_csr *r = &made.data.by_user;
    for (int k = 1; k < N_FORMS; k++) {
        void *s = settings(k, usual[k]);
        uint8_t *role = splitting_assign("time", s, &made.data, 42, 0, 1);
        for (uint32_t u = 0; u < USERS; u++) {
            const uint64_t first = r->start[u], n = r->start[u + 1] - first;
            if (n == 0) continue;
            uint64_t wanted = k == 1 ? 3 : (uint64_t)(0.3 * (double)n + 0.5);
            if (wanted >= n) wanted = n - 1; // the oldest trains
            ck_assert_uint_eq(splitting_count(role + first, n, SPLIT_TEST), wanted);
            assert_order(role, first, r->start[u + 1], SPLIT_TRAIN, SPLIT_TEST);
        }
        free(role);
        free(s);
    }
}
END_TEST

// Rows first .. end - 1, whose roles may differ at the time of the cut alone.
static void assert_ties(const uint8_t *one, const uint8_t *two, uint64_t first, uint64_t end) {
    int64_t cut = INT64_MAX;
    for (uint64_t x = first; x < end; x++)
        if (one[x] == SPLIT_TEST && made.data.time[x] < cut) cut = made.data.time[x];
    for (uint64_t x = first; x < end; x++)
        if (made.data.time[x] != cut) ck_assert_uint_eq(one[x], two[x]);
}

// A seed changes no more than which of the rows at a cut's very time are on which side.
START_TEST(seeds_move_ties_alone) {
    const uint64_t *start = made.data.by_user.start;
    void *s = settings(_i, usual[_i]);
    uint8_t *one = splitting_assign("time", s, &made.data, 42, 0, 1);
    uint8_t *two = splitting_assign("time", s, &made.data, 43, 0, 1);
    ck_assert_mem_ne(one, two, ROWS);
    if (_i == 0) assert_ties(one, two, 0, ROWS);
    for (uint32_t u = 0; _i > 0 && u < USERS; u++) assert_ties(one, two, start[u], start[u + 1]);
    free(one);
    free(two);
    free(s);
}
END_TEST

START_TEST(ids_alone_decide_about_ties) {
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
    void *s = settings(_i, usual[_i]);
    uint8_t *role = splitting_assign("time", s, &made.data, 42, 0, 1);
    uint8_t *other = splitting_assign("time", s, &wide.data, 42, 0, 1);
    ck_assert_mem_eq(role, other, ROWS); // entries are in the order of ids in both
    free(role);
    free(other);
    free(s);
    made_done(&wide);
}
END_TEST

START_TEST(validation_is_the_newest_of_training) {
    const struct split_method *method = split_method_find("time");
    const rk_csr *r = &made.data.by_user;
    void *s = settings(_i, usual[_i]);
    uint8_t *role = splitting_assign("time", s, &made.data, 42, 0, 1);
    uint8_t out[ROWS], before[ROWS]; // without the test rows
    for (size_t x = 0; x < ROWS; x++) out[x] = role[x] == SPLIT_TEST ? SPLIT_OUT : role[x];
    memcpy(before, role, ROWS);
    const struct split_job job = {.data = &made.data, .settings = s, .seed = 42, .fold = 1};
    ck_assert(method->validate(&job, 0.1, role, &e));
    ck_assert(method->validate(&job, 0.1, out, &e));
    for (size_t x = 0; x < ROWS; x++)
        ck_assert_uint_eq(out[x], role[x] == SPLIT_TEST ? SPLIT_OUT : role[x]);
    const size_t n_train = splitting_count(before, ROWS, SPLIT_TRAIN);
    const size_t n_valid = splitting_count(role, ROWS, SPLIT_VALID);
    if (_i == 0) {
        ck_assert_uint_eq(n_valid, (n_train + 5) / 10);
        assert_order(role, 0, ROWS, SPLIT_TRAIN, SPLIT_VALID);
    }
    ck_assert(n_valid > n_train / 20 && n_valid < n_train / 5);
    for (uint32_t u = 0; _i > 0 && u < USERS; u++) {
        const uint64_t first = r->start[u], n = r->start[u + 1] - first;
        const size_t had = splitting_count(before + first, n, SPLIT_TRAIN);
        const size_t lent = splitting_count(role + first, n, SPLIT_VALID);
        ck_assert(had == 0 || lent < had);
        ck_assert(lent <= had / 10 + 1 && lent >= (had >= 10 ? had / 10 : 0));
        assert_order(role, first, r->start[u + 1], SPLIT_TRAIN, SPLIT_VALID);
    }
    free(role);
    free(s);
}
END_TEST

// Of users with few ratings each, some lend one: the share holds over all of them.
START_TEST(small_shares_are_lent_by_some_users) {
    const struct split_method *method = split_method_find("time");
    void *s = settings(1, usual[1]);
    uint8_t *role = splitting_assign("time", s, &made.data, 42, 0, 1);
    const struct split_job job = {.data = &made.data, .settings = s, .seed = 42, .fold = 1};
    const size_t n_train = splitting_count(role, ROWS, SPLIT_TRAIN);
    ck_assert(method->validate(&job, 0.03, role, &e));
    const double wanted = 0.03 * (double)n_train;
    const double lent = (double)splitting_count(role, ROWS, SPLIT_VALID);
    ck_assert_msg(fabs(lent - wanted) < 3 * sqrt(wanted), "%g of %g", lent, wanted);
    free(role);
    free(s);
}
END_TEST

// NULL for what may stand: the whole message, or its beginning.
static void refuse(const struct dataset *d, void *s, const char *begin) {
    uint32_t n_repeats, n_folds, *folds = NULL;
    e = (struct error){0};
    const bool ok = split_method_find("time")->plan(s, d, &n_repeats, &folds, &n_folds, &e);
    ck_assert_int_eq(ok, begin == NULL);
    if (begin) ck_assert_msg(strncmp(e.text, begin, strlen(begin)) == 0, "%s", e.text);
    if (ok) free(folds);
    free(s);
}

START_TEST(settings_that_cannot_be_are_told) {
    const struct split_method *method = split_method_find("time");
    refuse(NULL, splitting_defaults(method), "one of test, last and last_share is needed: ");
    void *both = settings(1, 3);
    splitting_set(method, both, "test", 0.2);
    refuse(NULL, both, "one of test, last and last_share is needed: ");
    refuse(&made.data, settings(1, 80),
        "last: of each user's ratings one at least trains, and no user has more than ");
    refuse(&made.data, settings(2, 1e-3), "last_share: 0.001 of a user's ratings is under half ");
    refuse(&made.data, settings(2, 0.3), NULL);
    refuse(&made.data, settings(1, 3), NULL);
    static const char timeless[] =
        "the ratings of made have no times; name the column that has them (time = ...), or choose "
        "another split";
    for (size_t k = 0; k < ROWS; k++) rows[k].time = RK_NO_TIME;
    struct made unknown;
    made_init(&unknown, &spec);
    refuse(&unknown.data, settings(0, 0.2), timeless);
    unknown.data.time = NULL;
    refuse(&unknown.data, settings(1, 2), timeless);
    made_done(&unknown);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("split_time");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, one_cut_tests_the_newest_share);
    tcase_add_test(cases, each_user_keeps_all_but_the_last);
    tcase_add_loop_test(cases, seeds_move_ties_alone, 0, N_FORMS);
    tcase_add_loop_test(cases, ids_alone_decide_about_ties, 0, N_FORMS);
    tcase_add_loop_test(cases, validation_is_the_newest_of_training, 0, N_FORMS);
    tcase_add_test(cases, small_shares_are_lent_by_some_users);
    tcase_add_test(cases, settings_that_cannot_be_are_told);
    Suite *suite = suite_create("split_time");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
