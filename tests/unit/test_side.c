// Side information as one matrix: bins, counts, columns that no row has, normal rows.
#include <check.h>
#include <math.h>
#include <string.h>

#include "common/side.h"

#include "common/side.c"

static const uint64_t genre_start[] = {0, 2, 3, 3}, tag_start[] = {0, 1, 1, 2},
                      year_start[] = {0, 1, 2, 3}, score_start[] = {0, 1, 2, 3};
static const uint32_t genre_col[] = {0, 3, 3}, tag_col[] = {1, 0}, zeros[] = {0, 0, 0};
static const float ones[] = {1, 1, 1}, tag_count[] = {3, 1}, years[] = {1994, 1995, 2004},
                   score[] = {-2, 7, 7};

static const rk_features groups[] = {
    {"genre", RK_FEATURE_BINARY, {3, 4, genre_start, genre_col, ones}, NULL},
    {"tag", RK_FEATURE_COUNT, {3, 2, tag_start, tag_col, tag_count}, NULL},
    {"year", RK_FEATURE_REAL, {3, 1, year_start, zeros, years}, NULL},
    {"score", RK_FEATURE_REAL, {3, 1, score_start, zeros, score}, NULL},
};
static const rk_data data = {.size = sizeof data,
    .n_users = 1,
    .n_items = 3,
    .n_item_features = 4,
    .features_stride = sizeof *groups,
    .item_features = groups};

static float at(const struct side *s, uint32_t row, uint32_t col) {
    for (uint64_t e = s->rows.start[row]; e < s->rows.start[row + 1]; e++)
        if (s->rows.col[e] == col) return s->rows.value[e];
    return 0;
}

START_TEST(groups_follow_one_another) {
    struct side s;
    ck_assert_int_eq(side_init(&s, &data, SIDE_ITEMS, NULL), RK_OK);
    ck_assert_uint_eq(s.n_groups, 4);
    const uint32_t n[] = {2, 2, 3, 2}; // genres 1 and 2 are nobody's; years 1990-, 1995-, 2000-
    uint32_t first = 0;
    for (uint32_t g = 0; g < 3; g++) {
        ck_assert_uint_eq(s.group[g].first, first);
        ck_assert_str_eq(s.group[g].name, groups[g].name);
        first += s.group[g].n;
    }
    ck_assert_uint_eq(s.group[0].n, n[0]);
    ck_assert_uint_eq(s.group[1].n, n[1]);
    ck_assert_uint_eq(s.group[2].n, n[2]);
    ck_assert_uint_eq(s.group[3].n, n[3]);
    ck_assert_uint_eq(s.rows.n_cols, 9);
    side_done(&s);
}
END_TEST

START_TEST(values_by_kind) {
    struct side s;
    static const char *const names[] = {"tag", "nothing", "year", "genre", NULL};
    ck_assert_int_eq(side_init(&s, &data, SIDE_ITEMS, names), RK_OK);
    ck_assert_uint_eq(s.n_groups, 3);
    ck_assert_float_eq_tol(at(&s, 0, 1), 1 + logf(3), 1e-6);
    ck_assert_float_eq(at(&s, 2, 0), 1);
    ck_assert_float_eq(at(&s, 0, 2), 1);
    ck_assert_float_eq(at(&s, 1, 3), 1);
    ck_assert_float_eq(at(&s, 2, 4), 1);
    ck_assert_float_eq(at(&s, 0, 5), 1);
    ck_assert_float_eq(at(&s, 1, 6), 1);
    side_done(&s);
}
END_TEST

START_TEST(rows_of_length_one) {
    struct side s;
    static const char *const names[] = {"genre", NULL};
    ck_assert_int_eq(side_init(&s, &data, SIDE_ITEMS, names), RK_OK);
    side_normalise(&s);
    ck_assert_float_eq_tol(at(&s, 0, 0), sqrtf(0.5f), 1e-6);
    ck_assert_float_eq_tol(at(&s, 0, 1), sqrtf(0.5f), 1e-6);
    ck_assert_float_eq_tol(at(&s, 1, 1), 1, 1e-6);
    ck_assert_uint_eq(s.rows.start[3], s.rows.start[2]);
    side_done(&s);
}
END_TEST

START_TEST(no_features) {
    struct side s;
    ck_assert_int_eq(side_init(&s, &data, SIDE_USERS, NULL), RK_OK);
    ck_assert_uint_eq(s.rows.n_cols, 0);
    ck_assert_uint_eq(s.rows.start[1], 0);
    side_done(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("side");
    TCase *c = tcase_create("side");
    tcase_add_test(c, groups_follow_one_another);
    tcase_add_test(c, values_by_kind);
    tcase_add_test(c, rows_of_length_one);
    tcase_add_test(c, no_features);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
