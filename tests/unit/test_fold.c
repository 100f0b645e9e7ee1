// Fold images: what they hold, and that a training image is the same bytes whatever the test rows
// are and whether they exist.
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "split/fold.h"
#include "support/made.h"

enum { USERS = 50, ITEMS = 70, ROWS = 900, SEED = 42, FOLD = 2 };

static struct arena arena;
static struct made_spec spec;
static struct made made;

static void setup(void) {
    spec = made_random(&arena, 5, USERS, ITEMS, ROWS);
    spec.reachable = true;
    made_init(&made, &spec);
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

// The images of one fold, and the training ones as bytes.
struct built {
    int full, sliced, test;
    struct image full_bytes, sliced_bytes;
};

static struct built build(const struct dataset *data, const struct split_method *method,
    const void *settings, bool with_test, uint32_t n_threads) {
    const struct fold_plan plan = {
        .data = data, .split = {method, settings}, .seed = SEED, .fold = FOLD, .validation = 0.1};
    struct error e = {0};
    struct built b = {.test = -1};
    b.full = image_create("full", &e);
    b.sliced = image_create("sliced", &e);
    if (with_test) b.test = image_create("test", &e);
    ck_assert_msg(fold_build(&plan, b.full, b.sliced, b.test, n_threads, &e), "%s", e.text);
    ck_assert_msg(image_map(&b.full_bytes, b.full, &e), "%s", e.text);
    ck_assert_msg(image_map(&b.sliced_bytes, b.sliced, &e), "%s", e.text);
    return b;
}

static void built_done(struct built *b) {
    image_done(&b->full_bytes);
    image_done(&b->sliced_bytes);
    close(b->full);
    close(b->sliced);
    if (b->test >= 0) close(b->test);
}

static void assert_same_training(const struct built *a, const struct built *b) {
    ck_assert_uint_eq(a->full_bytes.size, b->full_bytes.size);
    ck_assert(memcmp(a->full_bytes.base, b->full_bytes.base, a->full_bytes.size) == 0);
    ck_assert_uint_eq(a->sliced_bytes.size, b->sliced_bytes.size);
    ck_assert(memcmp(a->sliced_bytes.base, b->sliced_bytes.base, a->sliced_bytes.size) == 0);
}

static struct built build_kfold(const struct dataset *data, uint32_t n_threads) {
    static const int64_t settings[2] = {5, 1}; // folds, repeats
    return build(data, split_method_find("kfold"), settings, true, n_threads);
}

// A method under which every row trains: what is left when the test rows never existed.
static bool assign_all(const struct split_job *job, uint8_t *role, struct error *e) {
    (void)e;
    memset(role, SPLIT_TRAIN, job->data->n_ratings);
    return true;
}
static const struct split_method all_train = {
    .id = "all", .assign = assign_all, .validate = split_validate_rows};

static bool is_tested(const struct test *t, uint32_t user, uint32_t item) {
    for (size_t k = 0; k < t->n; k++)
        if (spec.users[t->users[k]] == user && spec.items[t->items[k]] == item) return true;
    return false;
}

START_TEST(training_images_are_the_same_bytes_without_the_test_rows) {
    struct error e = {0};
    struct built with = build_kfold(&made.data, 1);
    struct test test;
    ck_assert_msg(test_map(&test, with.test, &e), "%s", e.text);

    struct made_spec less = spec;
    struct made_row rows[ROWS];
    struct made_tag tags[ROWS];
    less.n_rows = less.n_tags = 0;
    for (size_t k = 0; k < spec.n_rows; k++)
        if (!is_tested(&test, spec.rows[k].user, spec.rows[k].item))
            rows[less.n_rows++] = spec.rows[k];
    for (size_t k = 0; k < spec.n_tags; k++)
        if (!is_tested(&test, spec.tags[k].user, spec.tags[k].item))
            tags[less.n_tags++] = spec.tags[k];
    ck_assert_uint_eq(less.n_rows, ROWS - ROWS / 5);
    ck_assert_uint_lt(less.n_tags, spec.n_tags - 20);
    less.rows = rows;
    less.tags = tags;
    struct made reduced;
    made_init(&reduced, &less);
    struct built without = build(&reduced.data, &all_train, NULL, false, 1);
    assert_same_training(&with, &without);
    built_done(&without);
    made_done(&reduced);
    test_done(&test);
    built_done(&with);
}
END_TEST

START_TEST(poisoned_test_labels_change_no_byte) {
    struct error e = {0};
    struct built clean = build_kfold(&made.data, 1);
    struct test test;
    ck_assert_msg(test_map(&test, clean.test, &e), "%s", e.text);
    struct made_row rows[ROWS];
    for (size_t k = 0; k < ROWS; k++) {
        rows[k] = spec.rows[k];
        if (!is_tested(&test, rows[k].user, rows[k].item)) continue;
        rows[k].value = -1e30f;
        rows[k].time = -77;
    }
    struct made_spec poisoned_spec = spec;
    poisoned_spec.rows = rows;
    struct made poisoned;
    made_init(&poisoned, &poisoned_spec);
    struct built dirty = build_kfold(&poisoned.data, 1);
    assert_same_training(&clean, &dirty);

    struct test dirty_test; // where the poison did arrive
    ck_assert(test_map(&dirty_test, dirty.test, &e));
    for (size_t k = 0; k < test.n; k++) {
        ck_assert_uint_eq(test.users[k], dirty_test.users[k]);
        ck_assert(dirty_test.truth[k] == -1e30f);
    }
    test_done(&dirty_test);
    built_done(&dirty);
    made_done(&poisoned);
    test_done(&test);
    built_done(&clean);
}
END_TEST

START_TEST(any_number_of_threads_gives_the_same_bytes) {
    struct built one = build_kfold(&made.data, 1);
    struct built four = build_kfold(&made.data, 4);
    assert_same_training(&one, &four);
    built_done(&one);
    built_done(&four);
}
END_TEST

static float find_value(const rk_csr *m, uint32_t row, uint32_t col, uint64_t *at) {
    for (uint64_t x = m->start[row]; x < m->start[row + 1]; x++)
        if (m->col[x] == col) {
            if (at) *at = x;
            return m->value[x];
        }
    return -1;
}

static void assert_ascending(const rk_csr *m) {
    ck_assert_uint_eq(m->start[0], 0);
    for (uint32_t r = 0; r < m->n_rows; r++)
        for (uint64_t x = m->start[r]; x + 1 < m->start[r + 1]; x++)
            ck_assert_uint_lt(m->col[x], m->col[x + 1]);
}

// Every row of the data is in exactly one of training, validation and test, as it was.
START_TEST(each_row_is_in_one_part_as_it_was) {
    struct error e = {0};
    struct built b = build_kfold(&made.data, 1);
    struct train full, sliced;
    struct test test;
    ck_assert_msg(train_map(&full, b.full, &e), "%s", e.text);
    ck_assert_msg(train_map(&sliced, b.sliced, &e), "%s", e.text);
    ck_assert_msg(test_map(&test, b.test, &e), "%s", e.text);
    const uint64_t n_full = full.data.by_user.start[USERS];
    ck_assert_uint_eq(full.data.valid->n, 0);
    ck_assert_uint_eq(n_full + test.n, ROWS);
    ck_assert_uint_eq(sliced.data.valid->n, (n_full + 5) / 10);
    ck_assert_uint_eq(sliced.data.by_user.start[USERS] + sliced.data.valid->n, n_full);
    ck_assert_uint_eq(full.data.by_item.start[ITEMS], n_full);
    assert_ascending(&full.data.by_user);
    assert_ascending(&full.data.by_item);
    assert_ascending(&sliced.data.by_item);
    const rk_csr *r = &made.data.by_user;
    size_t n_valid = 0;
    for (uint32_t u = 0; u < USERS; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            const uint32_t i = r->col[x];
            uint64_t at = 0;
            if (is_tested(&test, spec.users[u], spec.items[i])) {
                ck_assert(find_value(&full.data.by_user, u, i, NULL) == -1);
                ck_assert(find_value(&full.data.by_item, i, u, NULL) == -1);
                continue;
            }
            ck_assert(find_value(&full.data.by_user, u, i, &at) == r->value[x]);
            ck_assert_int_eq(full.data.time[at], made.data.time[x]);
            ck_assert(find_value(&full.data.by_item, i, u, NULL) == r->value[x]);
            if (find_value(&sliced.data.by_user, u, i, &at) == r->value[x]) {
                ck_assert_int_eq(sliced.data.time[at], made.data.time[x]);
                continue;
            }
            const rk_pairs *v = sliced.data.valid;
            ck_assert(v->users[n_valid] == u && v->items[n_valid] == i);
            ck_assert(v->time[n_valid] == made.data.time[x]);
            ck_assert(sliced.data.valid_ratings[n_valid++] == r->value[x]);
        }
    ck_assert_uint_eq(n_valid, sliced.data.valid->n);
    ck_assert(full.data.rating_min == 0.5f && full.data.rating_max == 5.0f);
    test_done(&test);
    train_done(&sliced);
    train_done(&full);
    built_done(&b);
}
END_TEST

START_TEST(test_rows_carry_labels_cold_flags_and_ties_in_hashed_order) {
    struct error e = {0};
    struct built b = build_kfold(&made.data, 1);
    struct train full;
    struct test test;
    ck_assert(train_map(&full, b.full, &e));
    ck_assert(test_map(&test, b.test, &e));
    size_t n_cold = 0, ascending = 0;
    for (size_t k = 0; k < test.n; k++) {
        const uint32_t u = test.users[k], i = test.items[k];
        uint64_t x = 0;
        ck_assert(find_value(&made.data.by_user, u, i, &x) == test.truth[k]);
        ck_assert_int_eq(test.time[k], made.data.time[x]);
        ck_assert(test.reachable[k] == made.data.reachable[x]);
        const bool cold_user = full.data.by_user.start[u] == full.data.by_user.start[u + 1];
        const bool cold_item = full.data.by_item.start[i] == full.data.by_item.start[i + 1];
        ck_assert_uint_eq(
            test.cold[k], (cold_user ? TEST_COLD_USER : 0) | (cold_item ? TEST_COLD_ITEM : 0));
        n_cold += test.cold[k] != 0;
        ascending += k > 0 && u >= test.users[k - 1];
        for (size_t other = 0; other < k; other++) ck_assert(test.tie[k] != test.tie[other]);
    }
    ck_assert_uint_gt(n_cold, 0);
    ck_assert(ascending > test.n / 4 && ascending < test.n * 3 / 4); // not in the order of users
    test_done(&test);
    train_done(&full);
    built_done(&b);
}
END_TEST

static const rk_features *group(const struct train *t, bool item, const char *name) {
    const uint32_t n = item ? t->data.n_item_features : t->data.n_user_features;
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *f = RK_NTH(
            item ? t->data.item_features : t->data.user_features, t->data.features_stride, k);
        if (strcmp(f->name, name) == 0) return f;
    }
    return NULL;
}

START_TEST(static_features_arrive_as_they_are) {
    struct error e = {0};
    struct built b = build_kfold(&made.data, 1);
    struct train full;
    ck_assert(train_map(&full, b.full, &e));
    ck_assert_uint_eq(full.data.n_user_features, 1);
    ck_assert_uint_eq(full.data.n_item_features, 2);
    for (int item = 0; item < 2; item++) {
        const rk_features *was = item ? made.data.item_features : made.data.user_features;
        const rk_features *f = group(&full, item, was->name);
        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(f->kind, was->kind);
        ck_assert_uint_eq(f->values.n_rows, was->values.n_rows);
        ck_assert_uint_eq(f->values.n_cols, was->values.n_cols);
        for (uint32_t c = 0; c < f->values.n_cols; c++)
            ck_assert_str_eq(f->col_names[c], was->col_names[c]);
        for (uint32_t r = 0; r < f->values.n_rows; r++) {
            ck_assert_uint_eq(f->values.start[r + 1], was->values.start[r + 1]);
            for (uint64_t x = f->values.start[r]; x < f->values.start[r + 1]; x++) {
                ck_assert_uint_eq(f->values.col[x], was->values.col[x]);
                ck_assert(f->values.value[x] == was->values.value[x]);
            }
        }
    }
    train_done(&full);
    built_done(&b);
}
END_TEST

static float tag_count(const struct train *t, uint32_t item, const char *name) {
    const rk_features *f = group(t, true, "tag");
    for (uint32_t c = 0; f && c < f->values.n_cols; c++)
        if (strcmp(f->col_names[c], name) == 0) {
            const float v = find_value(&f->values, item, c, NULL);
            return v < 0 ? 0 : v;
        }
    return -1; // not in the vocabulary
}

// users[0] rated items[0] (tested), items[1] (validation) and items[2] (trains); users[1] rated
// items[2]; everybody tags.
static bool assign_planted(const struct split_job *job, uint8_t *role, struct error *e) {
    (void)job;
    (void)e;
    role[0] = SPLIT_TEST;
    role[1] = role[2] = role[3] = SPLIT_TRAIN;
    return true;
}
static bool validate_planted(
    const struct split_job *job, double share, uint8_t *role, struct error *e) {
    (void)job;
    (void)share;
    (void)e;
    role[1] = SPLIT_VALID;
    return true;
}

START_TEST(tags_are_counted_from_what_the_fold_knows) {
    static const struct split_method planted = {
        .id = "planted", .assign = assign_planted, .validate = validate_planted};
    static const uint32_t ids[] = {1, 2, 3};
    static const struct made_row rows[] = {
        {1, 1, 4, 0, 0}, {1, 2, 3, 0, 0}, {1, 3, 2, 0, 0}, {2, 3, 1, 0, 0}};
    static const struct made_tag tags[] = {{1, 1, "leak", 0}, {1, 1, "good", 0}, {2, 1, "good", 0},
        {0, 1, "good", 0}, {1, 3, "good", 0}, {1, 2, "slow", 0}, {2, 2, "slow", 0},
        {2, 1, "leak", 0}, {2, 3, "alone", 0}};
    const struct made_spec small = {.users = ids,
        .items = ids,
        .n_users = 2,
        .n_items = 3,
        .rows = rows,
        .n_rows = 4,
        .tags = tags,
        .n_tags = 9,
        .min_count = 2};
    struct error e = {0};
    struct made m;
    made_init(&m, &small);
    struct built b = build(&m.data, &planted, NULL, true, 1);
    struct train full, sliced;
    ck_assert(train_map(&full, b.full, &e) && train_map(&sliced, b.sliced, &e));
    ck_assert(tag_count(&full, 0, "good") == 2); // of three, one on the test pair
    ck_assert(tag_count(&full, 2, "good") == 1);
    ck_assert(tag_count(&full, 1, "good") == 0);
    ck_assert(tag_count(&full, 1, "slow") == 2);
    ck_assert(tag_count(&full, 0, "leak") == -1); // one row left, under min_count
    ck_assert(tag_count(&full, 2, "alone") == -1);
    ck_assert(tag_count(&sliced, 1, "slow") == -1); // one row was on the validation pair
    ck_assert(tag_count(&sliced, 0, "good") == 2);
    ck_assert_uint_eq(group(&full, true, "tag")->values.n_cols, 2);
    ck_assert_int_eq(group(&full, true, "tag")->kind, RK_FEATURE_COUNT);
    train_done(&full);
    train_done(&sliced);
    built_done(&b);
    made_done(&m);
}
END_TEST

START_TEST(a_fold_without_rows_to_train_or_test_is_an_error) {
    struct error e = {0};
    struct fold_plan plan = {
        .data = &made.data, .split = {&all_train, NULL}, .seed = SEED, .fold = FOLD};
    const int fd = image_create("part", &e);
    ck_assert(!fold_build(&plan, -1, -1, fd, 1, &e));
    ck_assert_str_eq(e.text, "fold 2 has no rating to test; choose other folds");
    spec.n_rows = 0;
    spec.n_tags = 0;
    struct made empty;
    made_init(&empty, &spec);
    plan.data = &empty.data;
    ck_assert(!fold_build(&plan, fd, -1, -1, 1, &e));
    ck_assert_str_eq(e.text, "fold 2 has no rating to train on; choose other folds");
    made_done(&empty);
    close(fd);
}
END_TEST

START_TEST(one_kind_of_image_is_not_taken_for_another) {
    struct error e = {0};
    struct built b = build_kfold(&made.data, 1);
    struct train train;
    struct test test;
    ck_assert(!train_map(&train, b.test, &e));
    ck_assert(!test_map(&test, b.full, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "no section \"test\""));
    built_done(&b);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("fold");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, training_images_are_the_same_bytes_without_the_test_rows);
    tcase_add_test(cases, poisoned_test_labels_change_no_byte);
    tcase_add_test(cases, any_number_of_threads_gives_the_same_bytes);
    tcase_add_test(cases, each_row_is_in_one_part_as_it_was);
    tcase_add_test(cases, test_rows_carry_labels_cold_flags_and_ties_in_hashed_order);
    tcase_add_test(cases, static_features_arrive_as_they_are);
    tcase_add_test(cases, tags_are_counted_from_what_the_fold_knows);
    tcase_add_test(cases, a_fold_without_rows_to_train_or_test_is_an_error);
    tcase_add_test(cases, one_kind_of_image_is_not_taken_for_another);
    Suite *suite = suite_create("fold");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
