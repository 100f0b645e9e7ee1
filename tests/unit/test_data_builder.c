// Rows in, data set out: order of ids, duplicates, both matrices, features, tags, filter, hash.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"
#include "data/builder.h"

static struct error e;

static struct builder *begin(int duplicates) {
    const struct data_common policy = {.duplicates = duplicates, .min_count = 1};
    struct builder *b = builder_new(&policy, 2, &e);
    ck_assert_msg(b != NULL, "%s", e.text);
    ck_assert(builder_set_scale(b, 0.5f, 5, &e));
    return b;
}

static void rate(
    struct builder *b, const char *user, const char *item, float rating, int64_t time) {
    const uint32_t u = builder_add(b, SIDE_USER, user, strlen(user), &e);
    const uint32_t i = builder_add(b, SIDE_ITEM, item, strlen(item), &e);
    ck_assert(u != BUILDER_NO_KEY && i != BUILDER_NO_KEY);
    ck_assert(builder_add_rows(b,
        &(struct builder_rows){.n = 1, .user = &u, .item = &i, .rating = &rating, .time = &time},
        &e));
}

static struct dataset finish(struct builder *b) {
    struct dataset d;
    const int fd = image_create("test", &e);
    ck_assert_msg(builder_finish(b, fd, &e), "%s", e.text);
    builder_free(b);
    ck_assert_msg(dataset_map(&d, fd, &e), "%s", e.text);
    close(fd);
    return d;
}

START_TEST(ids_are_sorted_numbers_first) {
    struct builder *b = begin(DUPLICATE_LAST);
    static const char *const ids[] = {
        "b", "10", "007", "9", "134217728", "134217727", "a", "99999999999", "é"};
    static const char *const sorted[] = {
        "9", "10", "134217727", "134217728", "99999999999", "007", "a", "b", "é"};
    for (size_t k = 0; k < 9; k++) rate(b, ids[k], "1", 3, RK_NO_TIME);
    struct dataset d = finish(b);
    ck_assert_uint_eq(d.n_users, 9);
    for (uint32_t k = 0; k < 9; k++) {
        ck_assert_str_eq(texts_packed_get(&d.users, k), sorted[k]);
        ck_assert_uint_eq(dataset_find_user(&d, sorted[k]), k);
    }
    ck_assert_uint_eq(dataset_find_user(&d, "8"), UINT32_MAX);
    ck_assert_ptr_nonnull(d.time); // declared, though none is known
    dataset_done(&d);
}
END_TEST

START_TEST(the_last_of_duplicates_by_time_is_kept) {
    struct builder *b = begin(DUPLICATE_LAST);
    rate(b, "1", "7", 1, 50);
    rate(b, "1", "5", 2, 40);
    rate(b, "1", "7", 3, 30);
    rate(b, "1", "5", 4, 40);
    rate(b, "2", "5", 5, RK_NO_TIME);
    rate(b, "2", "5", 4.5f, 1);
    struct dataset d = finish(b);
    ck_assert_uint_eq(d.n_ratings, 3);
    ck_assert_uint_eq(d.count[COUNT_ROWS], 6);
    ck_assert_uint_eq(d.count[COUNT_DUPLICATE], 3);
    ck_assert(d.by_user.value[0] == 4 && d.time[0] == 40);
    ck_assert(d.by_user.value[1] == 1 && d.time[1] == 50);
    ck_assert(d.by_user.value[2] == 4.5f && d.time[2] == 1);
    ck_assert_uint_eq(dataset_find_entry(&d, 0, 1), 1);
    ck_assert(dataset_find_entry(&d, 1, 1) == UINT64_MAX);
    dataset_done(&d);
}
END_TEST

START_TEST(duplicates_can_be_an_error) {
    struct builder *b = begin(DUPLICATE_ERROR);
    rate(b, "1", "x", 1, 50);
    rate(b, "1", "x", 3, 30);
    const int fd = image_create("test", &e);
    ck_assert(!builder_finish(b, fd, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "user \"1\" rates item \"x\" a second time"));
    builder_free(b);
    close(fd);
}
END_TEST

// Both matrices against a table, from rows in an order of their own.
START_TEST(matrices_hold_what_was_pushed) {
    enum { USERS = 300, ITEMS = 200, ROWS = 20000 };
    static float want[USERS][ITEMS];
    memset(want, 0, sizeof want);
    struct builder *b = begin(DUPLICATE_LAST);
    static uint32_t user[ROWS], item[ROWS];
    static float rating[ROWS];
    static int64_t time[ROWS];
    for (uint32_t k = 0; k < ROWS; k++) {
        uint64_t bits[3];
        random_bits(9, k, bits, 3);
        user[k] = random_below(bits[0], USERS);
        item[k] = random_below(bits[1], ITEMS);
        rating[k] = k % 3 ? (float)(1 + random_below(bits[2], 10)) / 2 : 3.7251f;
        time[k] = k;
        want[user[k]][item[k]] = rating[k];
        char id[16];
        snprintf(id, sizeof id, "%u", user[k]);
        user[k] = builder_add(b, SIDE_USER, id, strlen(id), &e);
        snprintf(id, sizeof id, "i%03u", item[k]);
        item[k] = builder_add(b, SIDE_ITEM, id, strlen(id), &e);
    }
    for (size_t at = 0; at < ROWS; at += 1000)
        ck_assert(builder_add_rows(b,
            &(struct builder_rows){.n = 1000,
                .user = user + at,
                .item = item + at,
                .rating = rating + at,
                .time = time + at},
            &e));
    struct dataset d = finish(b);
    ck_assert_uint_eq(d.n_users, USERS);
    ck_assert_uint_eq(d.n_items, ITEMS);
    ck_assert_uint_eq(d.count[COUNT_DUPLICATE], ROWS - d.n_ratings);
    uint64_t n = 0;
    for (uint32_t u = 0; u < USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++) {
            const uint64_t x = dataset_find_entry(&d, u, i);
            ck_assert((x != UINT64_MAX) == (want[u][i] != 0));
            if (x == UINT64_MAX) continue;
            n++;
            ck_assert(d.by_user.value[x] == want[u][i]);
        }
    ck_assert_uint_eq(n, d.n_ratings);
    ck_assert_uint_eq(d.by_item.start[ITEMS], n);
    for (uint32_t i = 0; i < ITEMS; i++)
        for (uint64_t y = d.by_item.start[i]; y < d.by_item.start[i + 1]; y++) {
            ck_assert(y == d.by_item.start[i] || d.by_item.col[y - 1] < d.by_item.col[y]);
            ck_assert(d.by_item.value[y] == want[d.by_item.col[y]][i]);
        }
    dataset_done(&d);
}
END_TEST

static bool feature(struct builder *b, uint32_t g, uint32_t key, const char *column, float value) {
    return builder_set_feature(b, g, key, column, column ? strlen(column) : 0, value, &e);
}

START_TEST(features_titles_and_tags) {
    struct builder *b = begin(DUPLICATE_LAST);
    const uint32_t i2 = builder_add(b, SIDE_ITEM, "2", 1, &e);
    const uint32_t i1 = builder_add(b, SIDE_ITEM, "1", 1, &e);
    rate(b, "u", "2", 3, 5);
    const uint32_t u = builder_find(b, SIDE_USER, "u", 1);
    const uint32_t genre = builder_add_feature(b, SIDE_ITEM, "genre", RK_FEATURE_BINARY, &e);
    const uint32_t age = builder_add_feature(b, SIDE_USER, "age", RK_FEATURE_ONE_HOT, &e);
    const uint32_t year = builder_add_feature(b, SIDE_ITEM, "year", RK_FEATURE_REAL, &e);
    ck_assert(feature(b, genre, i2, "War", 1) && feature(b, genre, i2, "Comedy", 1) &&
              feature(b, genre, i2, "War", 1) && feature(b, genre, i1, "Drama", 1));
    ck_assert(feature(b, age, u, "18", 1) && feature(b, age, u, "5", 1));
    ck_assert(feature(b, year, i1, NULL, 1995));
    ck_assert(builder_set_title(b, i2, "Two", 3, &e));
    ck_assert(builder_set_imdb(b, i1, "tt0000001", 9, &e));
    ck_assert(builder_add_tag(b, u, i2, "  \xC3\x89t\xC3\xA9 ", 7, 9, &e));
    ck_assert(builder_add_tag(b, u, i2, "\xC3\xA9t\xC3\xA9", 5, 4, &e));
    ck_assert(builder_add_tag(b, BUILDER_NO_KEY, i1, "A", 1, RK_NO_TIME, &e));
    ck_assert(builder_add_tag(b, BUILDER_NO_KEY, i1, "a", 1, 8, &e));
    ck_assert(builder_add_tag(b, u, i2, " ", 1, 9, &e));
    struct dataset d = finish(b);
    ck_assert_uint_eq(d.n_user_features, 1);
    ck_assert_uint_eq(d.n_item_features, 2);
    const rk_features *f = d.user_features;
    ck_assert_str_eq(f->name, "age");
    ck_assert_uint_eq(f->values.n_cols, 2);
    ck_assert_str_eq(f->col_names[0], "5");
    ck_assert_str_eq(f->col_names[1], "18");
    ck_assert_uint_eq(f->values.start[1], 1);
    ck_assert_uint_eq(f->values.col[0], 0);
    f = d.item_features;
    ck_assert_str_eq(f[0].name, "genre");
    ck_assert_uint_eq(f[0].values.start[1], 1);
    ck_assert_uint_eq(f[0].values.start[2], 3);
    ck_assert_str_eq(f[0].col_names[f[0].values.col[0]], "Drama");
    ck_assert_str_eq(f[0].col_names[f[0].values.col[1]], "Comedy");
    ck_assert(f[0].values.value[2] == 1);
    ck_assert_str_eq(f[1].col_names[0], "year");
    ck_assert(f[1].values.value[0] == 1995);
    ck_assert_str_eq(texts_packed_get(&d.titles, 0), "");
    ck_assert_str_eq(texts_packed_get(&d.titles, 1), "Two");
    ck_assert_str_eq(texts_packed_get(&d.imdb, 0), "tt0000001");
    ck_assert_uint_eq(d.tags.n, 2);
    ck_assert_str_eq(texts_packed_get(&d.tags.names, d.tags.tag[0]), "\xC3\xA9t\xC3\xA9");
    ck_assert_int_eq(d.tags.time[0], 4);
    ck_assert_uint_eq(d.tags.user[1], UINT32_MAX);
    ck_assert_int_eq(d.tags.time[1], 8); // the first that is known
    ck_assert_uint_eq(d.count[COUNT_TAGS_SET_ASIDE], 1);
    dataset_done(&d);
}
END_TEST

static struct dataset grid(bool backwards, double sample, int64_t min_user) {
    struct builder *b = begin(DUPLICATE_LAST);
    for (int k = 0; k < 400; k++) {
        const int at = backwards ? 399 - k : k, u = at / 20, i = at % 20;
        if (i > u) continue; // user u rates u + 1 items
        char user[8], item[8];
        snprintf(user, sizeof user, "%d", u);
        snprintf(item, sizeof item, "%d", i);
        rate(b, user, item, (float)(1 + at % 5), at);
    }
    builder_set_filter(
        b, &(struct data_filter){.min_user = min_user, .min_item = min_user, .sample = sample});
    return finish(b);
}

START_TEST(the_hash_knows_content_not_order) {
    struct dataset a = grid(false, 1, 0), b = grid(true, 1, 0), c = grid(false, 1, 3);
    ck_assert_uint_eq(strlen(a.hash), 32);
    ck_assert_str_eq(a.hash, b.hash);
    ck_assert_str_ne(a.hash, c.hash);
    dataset_done(&a);
    dataset_done(&b);
    dataset_done(&c);
}
END_TEST

// Of one rating, 4 by user 1 of item 1.
static void hash_one(char out[33], float min, float max, int64_t time, uint32_t fold) {
    struct builder *b = begin(DUPLICATE_LAST);
    ck_assert(builder_set_scale(b, min, max, &e));
    const uint32_t user = builder_add(b, SIDE_USER, "1", 1, &e),
                   item = builder_add(b, SIDE_ITEM, "1", 1, &e);
    const float rating = 4;
    ck_assert(builder_add_rows(b,
        &(struct builder_rows){
            .n = 1, .user = &user, .item = &item, .rating = &rating, .time = &time, .fold = &fold},
        &e));
    struct dataset d = finish(b);
    strcpy(out, d.hash);
    dataset_done(&d);
}

START_TEST(the_hash_knows_scale_times_and_folds) {
    char hash[5][33];
    hash_one(hash[0], 1, 5, 7, 1);
    hash_one(hash[1], 0.5f, 5, 7, 1);
    hash_one(hash[2], 1, 10, 7, 1);
    hash_one(hash[3], 1, 5, 8, 1);
    hash_one(hash[4], 1, 5, 7, 2);
    for (int k = 0; k < 5; k++)
        for (int j = 0; j < k; j++) ck_assert_str_ne(hash[j], hash[k]);
    hash_one(hash[1], 1, 5, 7, 1);
    ck_assert_str_eq(hash[0], hash[1]);
}
END_TEST

START_TEST(the_filter_thins_to_a_core) {
    struct dataset d = grid(false, 1, 10);
    ck_assert_uint_eq(d.n_users, 11); // users 9 .. 19, items 0 .. 10: each at least 10
    ck_assert_uint_eq(d.n_items, 11);
    ck_assert_str_eq(texts_packed_get(&d.users, 0), "9");
    for (uint32_t u = 0; u < d.n_users; u++)
        ck_assert_uint_ge(d.by_user.start[u + 1] - d.by_user.start[u], 10);
    for (uint32_t i = 0; i < d.n_items; i++)
        ck_assert_uint_ge(d.by_item.start[i + 1] - d.by_item.start[i], 10);
    ck_assert_uint_eq(d.count[COUNT_FILTERED_RATINGS], 210 - d.n_ratings);
    ck_assert_uint_eq(d.count[COUNT_FILTERED_USERS], 9);
    ck_assert_uint_eq(d.count[COUNT_FILTERED_ITEMS], 9);
    dataset_done(&d);
    d = grid(false, 0.5, 0);
    ck_assert(d.n_users > 3 && d.n_users < 17);
    ck_assert_uint_eq(d.n_items, 20);
    dataset_done(&d);
}
END_TEST

// Nobody is below the bound until an item goes.
START_TEST(the_core_is_looked_for_until_nothing_goes) {
    struct builder *b = begin(DUPLICATE_LAST);
    rate(b, "1", "1", 1, 0);
    rate(b, "1", "2", 2, 0);
    rate(b, "2", "1", 3, 0);
    rate(b, "2", "2", 4, 0);
    rate(b, "3", "1", 5, 0);
    rate(b, "3", "3", 5, 0);
    builder_set_filter(b, &(struct data_filter){.min_user = 2, .min_item = 2});
    struct dataset d = finish(b);
    ck_assert_uint_eq(d.n_users, 2);
    ck_assert_uint_eq(d.n_items, 2);
    ck_assert_uint_eq(d.n_ratings, 4);
    dataset_done(&d);
}
END_TEST

// The users a sample keeps, when `before` others come ahead of them, as a text of '0' and '1'.
static void sampled(char out[101], int before) {
    struct builder *b = begin(DUPLICATE_LAST);
    char user[16];
    for (int k = 0; k < before + 100; k++) {
        snprintf(user, sizeof user, "%c%d", k < before ? 'a' : 'u', k < before ? k : k - before);
        rate(b, user, "1", 3, 0);
    }
    builder_set_filter(b, &(struct data_filter){.sample = 0.5});
    struct dataset d = finish(b);
    for (int k = 0; k < 100; k++) {
        snprintf(user, sizeof user, "u%d", k);
        out[k] = dataset_find_user(&d, user) == UINT32_MAX ? '0' : '1';
    }
    out[100] = '\0';
    dataset_done(&d);
}

START_TEST(a_sample_goes_by_the_user_alone) {
    char alone[101], among[101];
    sampled(alone, 0);
    sampled(among, 37);
    ck_assert_str_eq(alone, among);
    ck_assert(strchr(alone, '0') && strchr(alone, '1'));
}
END_TEST

START_TEST(the_filter_keeps_columns_together) {
    struct builder *b = begin(DUPLICATE_LAST);
    static const char *const id[] = {"1", "2", "3"};
    for (uint32_t k = 0; k < 5; k++) { // user 1 goes, and with it the first row
        const uint32_t user = builder_add(b, SIDE_USER, id[(k + 1) / 2], 1, &e),
                       item = builder_add(b, SIDE_ITEM, id[k % 2], 1, &e), fold = 10 + k;
        const float rating = 1 + (float)k, reachable = 0.5f + (float)k;
        const int64_t time = 100 + k;
        const struct builder_rows row = {.n = 1,
            .user = &user,
            .item = &item,
            .rating = &rating,
            .time = &time,
            .fold = &fold,
            .reachable = &reachable};
        ck_assert(builder_add_rows(b, &row, &e));
    }
    builder_set_filter(b, &(struct data_filter){.min_user = 2});
    struct dataset d = finish(b);
    ck_assert_uint_eq(d.n_ratings, 4);
    ck_assert_uint_eq(d.count[COUNT_ROWS], 5);
    for (uint32_t x = 0; x < 4; x++) {
        const uint32_t k = (uint32_t)d.by_user.value[x] - 1;
        ck_assert_uint_eq(d.fold[x], 10 + k);
        ck_assert_int_eq(d.time[x], 100 + k);
        ck_assert(d.reachable[x] == 0.5f + (float)k);
    }
    dataset_done(&d);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data_builder");
    TCase *c = tcase_create("builder");
    tcase_add_test(c, ids_are_sorted_numbers_first);
    tcase_add_test(c, the_last_of_duplicates_by_time_is_kept);
    tcase_add_test(c, duplicates_can_be_an_error);
    tcase_add_test(c, matrices_hold_what_was_pushed);
    tcase_add_test(c, features_titles_and_tags);
    tcase_add_test(c, the_hash_knows_content_not_order);
    tcase_add_test(c, the_filter_thins_to_a_core);
    tcase_add_test(c, the_core_is_looked_for_until_nothing_goes);
    tcase_add_test(c, the_filter_keeps_columns_together);
    tcase_add_test(c, a_sample_goes_by_the_user_alone);
    tcase_add_test(c, the_hash_knows_scale_times_and_folds);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
