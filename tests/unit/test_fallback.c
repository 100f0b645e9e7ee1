// The fallback against its formula written out naively: over a dense table, in the order of the
// definition.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "metric/fallback.h"
#include "support/made.h"

enum { USERS = 40, ITEMS = 60, ROWS = 500 };

static struct arena arena;
static struct made_spec spec;
static struct made made;
static rk_data train;

static void setup(void) {
    spec = made_random(&arena, 9, USERS, ITEMS, ROWS);
    made_init(&made, &spec);
    train = (rk_data){.size = sizeof train,
        .n_users = USERS,
        .n_items = ITEMS,
        .by_user = made.data.by_user,
        .by_item = made.data.by_item};
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

START_TEST(answers_follow_the_formula) {
    double mu = 0, item[ITEMS] = {0}, user[USERS] = {0}, mean[ITEMS];
    for (size_t k = 0; k < ROWS; k++) mu += spec.rows[k].value / (double)ROWS;
    for (uint32_t i = 0; i < ITEMS; i++) {
        int n = 0;
        double sum = 0;
        for (size_t k = 0; k < ROWS; k++)
            if (spec.rows[k].item == spec.items[i]) n++, sum += spec.rows[k].value - mu;
        item[i] = sum / (n + 5);
        mean[i] = mu + sum / (n + 10);
    }
    for (uint32_t u = 0; u < USERS; u++) {
        int n = 0;
        double sum = 0;
        for (size_t k = 0; k < ROWS; k++)
            for (uint32_t i = 0; i < ITEMS; i++)
                if (spec.rows[k].user == spec.users[u] && spec.rows[k].item == spec.items[i])
                    n++, sum += spec.rows[k].value - mu - item[i];
        user[u] = sum / (n + 5);
    }
    struct fallback f;
    struct error e = {0};
    ck_assert(fallback_init(&f, &train, &e));
    for (uint32_t i = 0; i < ITEMS; i++) {
        ck_assert(fabs(f.item_mean[i] - mean[i]) < 1e-6);
        for (uint32_t u = 0; u < USERS; u++)
            ck_assert(fabs(fallback_answer(&f, u, i) - (mu + user[u] + item[i])) < 2e-6);
    }
    fallback_done(&f);
}
END_TEST

START_TEST(a_cold_side_counts_nothing) {
    struct fallback f;
    struct error e = {0};
    uint32_t cold_item = UINT32_MAX;
    for (uint32_t i = 0; i < ITEMS; i++)
        if (made.data.by_item.start[i] == made.data.by_item.start[i + 1]) cold_item = i;
    ck_assert_uint_ne(cold_item, UINT32_MAX);
    ck_assert(fallback_init(&f, &train, &e));
    ck_assert(f.item[cold_item] == 0);
    ck_assert(f.item_mean[cold_item] == (float)f.mean);
    ck_assert(fallback_answer(&f, 0, cold_item) == (float)(f.mean + f.user[0]));
    fallback_done(&f);
    fallback_done(&f); // again: nothing to do
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("fallback");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, answers_follow_the_formula);
    tcase_add_test(cases, a_cold_side_counts_nothing);
    Suite *suite = suite_create("fallback");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
