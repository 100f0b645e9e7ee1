// Errors by kind of row, worked by hand.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metric/breakdown.h"

enum { ITEMS = 4, USERS = 3, ROWS = 5 };

// Item 0: Drama, 1994. Item 1: Comedy and Drama, 1999.5. Item 2: a genre of no value, no year.
// Item 3: nothing, and a year that can't be.
static const uint64_t genre_start[] = {0, 1, 3, 4, 4}, year_start[] = {0, 1, 2, 2, 3};
static const uint32_t genre_col[] = {0, 0, 1, 1}, year_col[] = {0, 0, 0};
static const float genre_value[] = {1, 1, 1, 0}, year_value[] = {1994, 1999.5f, 1e9f};
// Not in the order of names.
static const char *const genre_names[] = {"Drama", "Comedy"}, *const year_names[] = {"year"};

// Users have 5, 1 and 0 training ratings; items 2, 3, 1 and 0.
static const uint64_t user_start[] = {0, 5, 6, 6}, item_start[] = {0, 2, 5, 6, 6};
static const uint32_t users[] = {0, 1, 2, 0, 2}, items[] = {0, 1, 2, 3, 1};
static const float truth[] = {4, 4.5f, 1, 4, 2}, answer[] = {3.5f, 5, 2, 4, 4};
// Errors -0.5, 0.5, 1, 0, 2

struct world {
    float ratings[30];
    rk_features features[3];
    struct dataset data;
    rk_data train;
    struct metric_rows rows;
    struct breakdown b;
};
static struct world w;

static void setup(void) {
    w = (struct world){0};
    w.features[0] = (rk_features){.name = "tag"};
    w.features[1] = (rk_features){
        "genre", RK_FEATURE_BINARY, {ITEMS, 2, genre_start, genre_col, genre_value}, genre_names};
    w.features[2] = (rk_features){
        "year", RK_FEATURE_REAL, {ITEMS, 1, year_start, year_col, year_value}, year_names};
    static const float some[] = {4, 4.5f, 1, 4, 2, 5};
    memcpy(w.ratings, some, sizeof some);
    w.data = (struct dataset){.n_users = USERS,
        .n_items = ITEMS,
        .n_ratings = 6,
        .by_user = {.value = w.ratings},
        .rating_min = 0,
        .rating_max = 5,
        .n_item_features = 3,
        .item_features = w.features};
    w.train = (rk_data){.by_user = {.n_rows = USERS, .start = user_start},
        .by_item = {.n_rows = ITEMS, .start = item_start}};
    w.rows = (struct metric_rows){
        .n = ROWS, .users = users, .items = items, .truth = truth, .answer = answer};
}

static void make(void) {
    struct error e = {0};
    ck_assert_msg(breakdown_make(&w.b, &w.data, &w.train, &w.rows, &e), "%s", e.text);
}

static void must_be(const struct breakdown_cell *expected, size_t n) {
    for (size_t k = 0; k < n && k < w.b.n; k++) {
        const struct breakdown_cell *a = &w.b.at[k], *b = &expected[k];
        ck_assert_str_eq(a->key, b->key);
        ck_assert_msg(a->by == b->by && a->rows == b->rows && a->error == b->error &&
                          a->absolute == b->absolute && a->square == b->square,
            "%s %s: %llu rows, %g %g %g", breakdown_name[a->by], a->key,
            (unsigned long long)a->rows, a->error, a->absolute, a->square);
    }
    ck_assert_uint_eq(w.b.n, n);
    breakdown_done(&w.b);
}

START_TEST(cells_by_hand) {
    static const struct breakdown_cell expected[] = {
        {BREAKDOWN_RATING, "1", 1, 1, 1, 1},
        {BREAKDOWN_RATING, "2", 1, 2, 2, 4},
        {BREAKDOWN_RATING, "4", 2, -0.5, 0.5, 0.25},
        {BREAKDOWN_RATING, "4.5", 1, 0.5, 0.5, 0.25},
        {BREAKDOWN_ACTIVITY, "0", 2, 3, 3, 5},
        {BREAKDOWN_ACTIVITY, "1-4", 1, 0.5, 0.5, 0.25},
        {BREAKDOWN_ACTIVITY, "5-9", 2, -0.5, 0.5, 0.25},
        {BREAKDOWN_POPULARITY, "0", 1, 0, 0, 0},
        {BREAKDOWN_POPULARITY, "1-4", 4, 3, 4, 5.5},
        {BREAKDOWN_GENRE, "Comedy", 2, 2.5, 2.5, 4.25},
        {BREAKDOWN_GENRE, "Drama", 3, 2, 3, 4.5},
        {BREAKDOWN_GENRE, "(none)", 2, 1, 1, 1},
        {BREAKDOWN_YEAR, "1990s", 3, 2, 3, 4.5},
        {BREAKDOWN_YEAR, "(none)", 2, 1, 1, 1},
    };
    make();
    must_be(expected, sizeof expected / sizeof *expected);
}
END_TEST

START_TEST(what_the_data_does_not_tell_is_left_out) {
    w.data.n_item_features = 1;
    w.rows.n = 1;
    static const struct breakdown_cell expected[] = {{BREAKDOWN_RATING, "4", 1, -0.5, 0.5, 0.25},
        {BREAKDOWN_ACTIVITY, "5-9", 1, -0.5, 0.5, 0.25},
        {BREAKDOWN_POPULARITY, "1-4", 1, -0.5, 0.5, 0.25}};
    make();
    must_be(expected, 3);
}
END_TEST

// 21 values: parts of the scale, of which the ends belong to the last ones.
START_TEST(many_values_are_put_together) {
    static const float edges[ROWS] = {-10, -8, -8.01f, 10, 9};
    for (int k = 0; k < 21; k++) w.ratings[k] = (float)k - 10;
    w.data.n_ratings = 21;
    w.data.n_item_features = 0;
    w.data.rating_min = -10;
    w.data.rating_max = 10;
    w.rows.truth = w.rows.answer = edges;
    make();
    static const struct breakdown_cell expected[] = {{BREAKDOWN_RATING, "-10 to -8", 2, 0, 0, 0},
        {BREAKDOWN_RATING, "-8 to -6", 1, 0, 0, 0}, {BREAKDOWN_RATING, "8 to 10", 2, 0, 0, 0},
        {BREAKDOWN_ACTIVITY, "0", 2, 0, 0, 0}, {BREAKDOWN_ACTIVITY, "1-4", 1, 0, 0, 0},
        {BREAKDOWN_ACTIVITY, "5-9", 2, 0, 0, 0}, {BREAKDOWN_POPULARITY, "0", 1, 0, 0, 0},
        {BREAKDOWN_POPULARITY, "1-4", 4, 0, 0, 0}};
    must_be(expected, 8);
    w.data.n_ratings = 17; // with -10, -8, -8.01, 10, 9 of the rows there are 20
    make();
    ck_assert_uint_eq(w.b.n, 5 + 5);
    ck_assert_str_eq(w.b.at[1].key, "-8.01");
    breakdown_done(&w.b);
}
END_TEST

START_TEST(counts_have_their_bounds) {
    static const uint64_t counts[] = {
        0, 1, 4, 5, 9, 10, 19, 20, 49, 50, 99, 100, 199, 200, 499, 500, 999, 1000, 123456};
    static const char *const keys[] = {"0", "1-4", "1-4", "5-9", "5-9", "10-19", "10-19", "20-49",
        "20-49", "50-99", "50-99", "100-199", "100-199", "200-499", "200-499", "500-999", "500-999",
        "1000+", "1000+"};
    w.rows.n = 1;
    w.data.n_item_features = 0;
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        const uint64_t start[] = {7, 7 + counts[k], 0, 0};
        w.train.by_user.start = start;
        make();
        ck_assert_int_eq(w.b.at[1].by, BREAKDOWN_ACTIVITY);
        ck_assert_str_eq(w.b.at[1].key, keys[k]);
        breakdown_done(&w.b);
        w.train.by_user.start = user_start;
        w.train.by_item.start = start;
        make();
        ck_assert_int_eq(w.b.at[2].by, BREAKDOWN_POPULARITY);
        ck_assert_str_eq(w.b.at[2].key, keys[k]);
        breakdown_done(&w.b);
        w.train.by_item.start = item_start;
    }
}
END_TEST

START_TEST(a_copy_has_keys_of_its_own) {
    char key[] = "Film-Noir";
    struct breakdown_cell cell = {BREAKDOWN_GENRE, key, 1, 2, 3, 4};
    const struct breakdown from = {&cell, 1};
    struct error e = {0};
    ck_assert(breakdown_copy(&w.b, &from, &e));
    key[0] = 'X';
    must_be(&(struct breakdown_cell){BREAKDOWN_GENRE, "Film-Noir", 1, 2, 3, 4}, 1);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("breakdown");
    tcase_add_checked_fixture(cases, setup, NULL);
    tcase_add_test(cases, cells_by_hand);
    tcase_add_test(cases, what_the_data_does_not_tell_is_left_out);
    tcase_add_test(cases, many_values_are_put_together);
    tcase_add_test(cases, counts_have_their_bounds);
    tcase_add_test(cases, a_copy_has_keys_of_its_own);
    Suite *suite = suite_create("breakdown");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
