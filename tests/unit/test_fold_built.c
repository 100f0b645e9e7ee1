// From rows as a file has them to the images of a fold: neither the order of the rows, nor the
// threads, nor the existence of test rows and their tags changes a byte of what a model sees.
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/builder.h"
#include "split/fold.h"
#include "support/made.h"

enum { USERS = 40, ITEMS = 60, ROWS = 700, SEED = 11, FOLD = 4 };

static struct arena arena;
static struct made_spec spec;
static struct error e;

static void setup(void) {
    spec = made_random(&arena, 3, USERS, ITEMS, ROWS);
}

static void teardown(void) {
    arena_done(&arena);
    arena = (struct arena){0};
}

static uint32_t add_id(struct builder *b, enum builder_side side, uint32_t id) {
    char text[16];
    const int n = snprintf(text, sizeof text, "%u", id);
    return builder_add(b, side, text, (size_t)n, &e);
}

// The spec as a data set; backwards: users, items, rows and tags come in the other order.
static struct dataset make(const struct made_spec *s, bool backwards, uint32_t n_threads) {
    const struct data_common policy = {.min_count = s->min_count};
    struct builder *b = builder_new(&policy, n_threads, &e);
    ck_assert(b && builder_set_scale(b, 0.5f, 5, &e));
    const uint32_t genre = builder_add_feature(b, SIDE_ITEM, "genre", RK_FEATURE_BINARY, &e);
    for (uint32_t k = 0; k < s->n_items; k++) {
        const uint32_t id = s->items[backwards ? s->n_items - 1 - k : k];
        const uint32_t item = add_id(b, SIDE_ITEM, id);
        ck_assert(
            builder_set_feature(b, genre, item, id % 2 ? "Drama" : "Noir", id % 2 ? 5 : 4, 1, &e));
    }
    for (uint32_t k = 0; k < s->n_users; k++)
        add_id(b, SIDE_USER, s->users[backwards ? s->n_users - 1 - k : k]);
    for (size_t k = 0; k < s->n_rows; k++) {
        const struct made_row *row = &s->rows[backwards ? s->n_rows - 1 - k : k];
        const uint32_t user = add_id(b, SIDE_USER, row->user);
        const uint32_t item = add_id(b, SIDE_ITEM, row->item);
        const struct builder_rows one = {
            .n = 1, .user = &user, .item = &item, .rating = &row->value, .time = &row->time};
        ck_assert_msg(builder_add_rows(b, &one, &e), "%s", e.text);
    }
    for (size_t k = 0; k < s->n_tags; k++) {
        const struct made_tag *tag = &s->tags[backwards ? s->n_tags - 1 - k : k];
        const uint32_t user = tag->user ? add_id(b, SIDE_USER, tag->user) : BUILDER_NO_KEY;
        const uint32_t item = add_id(b, SIDE_ITEM, tag->item);
        ck_assert(builder_add_tag(b, user, item, tag->tag, strlen(tag->tag), RK_NO_TIME, &e));
    }
    struct dataset d;
    const int fd = image_create("data", &e);
    ck_assert_msg(builder_finish(b, fd, &e), "%s", e.text);
    builder_free(b);
    ck_assert_msg(dataset_map(&d, fd, &e), "%s", e.text);
    close(fd);
    return d;
}

// The three images of a fold, mapped.
struct built {
    struct image full, sliced, test;
};

static struct built build(
    const struct dataset *d, struct split_spec split, bool test, uint32_t n_threads) {
    const struct fold_plan plan = {
        .data = d, .split = split, .seed = SEED, .fold = FOLD, .validation = 0.05};
    struct built b = {0};
    const int fd[3] = {
        image_create("full", &e), image_create("sliced", &e), image_create("test", &e)};
    ck_assert_msg(fold_build(&plan, fd[0], fd[1], test ? fd[2] : -1, n_threads, &e), "%s", e.text);
    ck_assert(image_map(&b.full, fd[0], &e) && image_map(&b.sliced, fd[1], &e));
    if (test) ck_assert(image_map(&b.test, fd[2], &e));
    for (int k = 0; k < 3; k++) close(fd[k]);
    return b;
}

static void built_done(struct built *b) {
    image_done(&b->full);
    image_done(&b->sliced);
    image_done(&b->test);
}

static void assert_same(const struct image *a, const struct image *b) {
    ck_assert_uint_eq(a->size, b->size);
    ck_assert(memcmp(a->base, b->base, a->size) == 0);
}

static struct split_spec kfold(void) {
    static const int64_t settings[2] = {5, 1}; // folds, repeats
    return (struct split_spec){split_method_find("kfold"), settings};
}

START_TEST(order_and_threads_change_no_byte) {
    struct dataset one = make(&spec, false, 1), two = make(&spec, true, 4);
    struct built a = build(&one, kfold(), true, 1), b = build(&two, kfold(), true, 3);
    assert_same(&a.full, &b.full);
    assert_same(&a.sliced, &b.sliced);
    assert_same(&a.test, &b.test);
    built_done(&a);
    built_done(&b);
    dataset_done(&one);
    dataset_done(&two);
}
END_TEST

static bool assign_all(const struct split_job *job, uint8_t *role, struct error *err) {
    (void)err;
    memset(role, SPLIT_TRAIN, job->data->n_ratings);
    return true;
}

static bool is_tested(const struct dataset *d, const struct image *im, uint32_t u, uint32_t i) {
    size_t bytes;
    const uint32_t *users = image_find(im, "users", &bytes);
    const uint32_t *items = image_find(im, "items", NULL);
    char user[16], item[16];
    snprintf(user, sizeof user, "%u", u);
    snprintf(item, sizeof item, "%u", i);
    for (size_t k = 0; k < bytes / sizeof *users; k++)
        if (users[k] == dataset_find_user(d, user) && items[k] == dataset_find_item(d, item))
            return true;
    return false;
}

START_TEST(a_data_set_without_the_test_rows_gives_the_same_bytes) {
    static const struct split_method all = {
        .id = "all", .assign = assign_all, .validate = split_validate_rows};
    struct dataset whole = make(&spec, false, 2);
    struct built a = build(&whole, kfold(), true, 2);
    struct made_spec less = spec;
    struct made_row rows[ROWS];
    struct made_tag tags[ROWS];
    less.n_rows = less.n_tags = 0;
    for (size_t k = 0; k < spec.n_rows; k++)
        if (!is_tested(&whole, &a.test, spec.rows[k].user, spec.rows[k].item))
            rows[less.n_rows++] = spec.rows[k];
    for (size_t k = 0; k < spec.n_tags; k++)
        if (!is_tested(&whole, &a.test, spec.tags[k].user, spec.tags[k].item))
            tags[less.n_tags++] = spec.tags[k];
    ck_assert_uint_eq(less.n_rows, ROWS - ROWS / 5);
    ck_assert_uint_lt(less.n_tags, spec.n_tags);
    less.rows = rows;
    less.tags = tags;
    struct dataset reduced = make(&less, true, 1);
    struct built b = build(&reduced, (struct split_spec){&all, NULL}, false, 1);
    assert_same(&a.full, &b.full);
    assert_same(&a.sliced, &b.sliced);
    built_done(&a);
    built_done(&b);
    dataset_done(&whole);
    dataset_done(&reduced);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("fold_built");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, order_and_threads_change_no_byte);
    tcase_add_test(cases, a_data_set_without_the_test_rows_gives_the_same_bytes);
    Suite *suite = suite_create("fold_built");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
