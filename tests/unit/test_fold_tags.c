// Tags are features as they were known: a training fold is the same bytes with and without tags
// planted after the cut, on held-out pairs, or by and of those who are held out wholly; and other
// bytes with a tag that it may know.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "split/fold.h"
#include "split/predefined.h"
#include "support/made.h"
#include "support/splitting.h"

enum { USERS = 30, ITEMS = 40, ROWS = 500, SEED = 42, OLD = 900000000, PLANTED = 3000 };

enum rule { BY_PAIR, BY_USER, BY_ITEM, BY_TIME, BY_USER_TIME };
static const struct {
    const char *method, *key;
    double value, given;
    enum rule rule;
} splits[] = {
    {"kfold", "folds", 4, 0, BY_PAIR},
    {"holdout", "test", 0.3, 0, BY_PAIR},
    {"cold_users", "share", 0.3, 0, BY_USER},
    {"cold_users", "folds", 4, 5, BY_USER},
    {"cold_items", "share", 0.3, 0, BY_ITEM},
    {"cold_items", "folds", 4, 5, BY_ITEM},
    {"time", "test", 0.3, 0, BY_TIME},
    {"time", "last", 4, 0, BY_USER_TIME},
    {"time", "last_share", 0.3, 0, BY_USER_TIME},
};
enum { N_SPLITS = sizeof splits / sizeof *splits };

static struct arena arena;
static struct made_spec spec;
static struct made made;
static struct made_tag tags[ROWS + PLANTED];

static void setup(void) {
    spec = made_random(&arena, 7, USERS, ITEMS, ROWS);
    memcpy(tags, spec.tags, spec.n_tags * sizeof *tags);
    for (size_t k = 0; k < spec.n_tags; k++) tags[k].time = OLD + (int64_t)k;
    spec.tags = tags;
    spec.min_count = 1;
    made_init(&made, &spec);
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

static void *settings_of(int k) {
    const struct split_method *method = split_method_find(splits[k].method);
    void *s = splitting_defaults(method);
    splitting_set(method, s, splits[k].key, splits[k].value);
    if (splits[k].given > 0) splitting_set(method, s, "given", splits[k].given);
    return s;
}

// ---- What a fold may know, said anew -----------------------------------------------------------

struct knows {
    const uint8_t *role;
    enum rule rule;
    bool user_held[USERS], item_held[ITEMS];
    int64_t newest, user_newest[USERS];
};

static struct knows find_out(const uint8_t *role, enum rule rule) {
    struct knows k = {.role = role, .rule = rule, .newest = INT64_MIN};
    for (uint32_t u = 0; u < USERS; u++) {
        k.user_newest[u] = INT64_MIN;
        for (uint64_t x = made.data.by_user.start[u]; x < made.data.by_user.start[u + 1]; x++) {
            if (role[x] != SPLIT_TRAIN) {
                k.user_held[u] = k.item_held[made.data.by_user.col[x]] = true;
                continue;
            }
            const int64_t time = made.data.time[x];
            if (time > k.user_newest[u]) k.user_newest[u] = time;
            if (time > k.newest) k.newest = time;
        }
    }
    return k;
}

// user USERS: not in the catalogue.
static bool may_know(const struct knows *k, uint32_t user, uint32_t item, int64_t time) {
    const uint64_t x = user < USERS ? dataset_find_entry(&made.data, user, item) : UINT64_MAX;
    const bool rated = x != UINT64_MAX, trains = rated && k->role[x] == SPLIT_TRAIN;
    if (rated && !trains) return false;
    if (k->rule == BY_USER) return trains || user == USERS || !k->user_held[user];
    if (k->rule == BY_ITEM) return trains || !k->item_held[item];
    if (k->rule == BY_TIME) return time != RK_NO_TIME && time <= k->newest;
    if (k->rule == BY_USER_TIME)
        return user == USERS || k->user_newest[user] == INT64_MIN ||
               (time != RK_NO_TIME && time <= k->user_newest[user]);
    return true;
}

// Adds to the tags some that may be known, or some that may not: before, at and after the cuts.
static size_t plant(const struct knows *k, bool known, size_t n) {
    static const int64_t late[] = {2000000000, 1005000000, OLD, 0};
    for (uint32_t u = 0; u <= USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++) {
            const bool own = u < USERS && (u + i) % 3 == 0 && k->user_newest[u] != INT64_MIN;
            const int64_t time = own ? k->user_newest[u] + (u + i) % 2 : late[(u + i) % 4];
            if (may_know(k, u, i, time ? time : RK_NO_TIME) != known) continue;
            if (n == ROWS + PLANTED) return n;
            tags[n++] = (struct made_tag){
                u < USERS ? spec.users[u] : 0, spec.items[i], i % 2 ? "planted" : "noir", time};
        }
    return n;
}

// ---- Comparisons -------------------------------------------------------------------------------

// Less the validation slice; inner fold 2 of 3.
struct part {
    bool sliced, inner;
};

// The image of the fold as if the tags were the first n.
static struct image build(
    const struct split_method *method, const void *s, size_t n, struct part part) {
    struct made_spec with = spec;
    struct error e = {0};
    struct image im;
    struct made m;
    with.n_tags = n;
    made_init(&m, &with);
    struct fold_plan plan = {
        .data = &m.data, .split = {method, s}, .seed = SEED, .fold = 1, .validation = 0.2};
    if (part.inner) plan.inner = 2, plan.n_inner = 3;
    const int fd = image_create("fold", &e);
    ck_assert_msg(
        fold_build(&plan, part.sliced ? -1 : fd, part.sliced ? fd : -1, -1, 1, &e), "%s", e.text);
    ck_assert_msg(image_map(&im, fd, &e), "%s", e.text);
    close(fd);
    made_done(&m);
    return im;
}

static void compare(
    const struct split_method *method, const void *s, size_t n, struct part part, bool same) {
    struct image plain = build(method, s, spec.n_tags, part);
    struct image planted = build(method, s, n, part);
    const bool are = plain.size == planted.size && !memcmp(plain.base, planted.base, plain.size);
    ck_assert_int_eq(are, same);
    image_done(&plain);
    image_done(&planted);
}

// Each item has as many tags as may be known.
static void count_tags(const struct split_method *method, const void *s, const struct knows *knows,
    size_t n, struct part part) {
    uint64_t wanted[ITEMS] = {0};
    struct train train = {0};
    for (size_t k = 0; k < n; k++) {
        const struct made_tag *t = &tags[k];
        uint32_t user = 0, item = 0;
        while (user < USERS && spec.users[user] != t->user) user++;
        while (spec.items[item] != t->item) item++;
        wanted[item] += may_know(knows, user, item, t->time ? t->time : RK_NO_TIME);
    }
    struct image im = build(method, s, n, part);
    struct error e = {0};
    const int fd = image_create("copy", &e);
    ck_assert_int_eq(write(fd, im.base, im.size), (ssize_t)im.size);
    ck_assert_msg(train_map(&train, fd, &e), "%s", e.text);
    close(fd);
    const rk_data *d = &train.data;
    const rk_features *tag = RK_NTH(d->item_features, d->features_stride, d->n_item_features - 1);
    ck_assert_str_eq(tag->name, "tag");
    for (uint32_t i = 0; i < ITEMS; i++) {
        float found = 0;
        for (uint64_t x = tag->values.start[i]; x < tag->values.start[i + 1]; x++)
            found += tag->values.value[x];
        ck_assert_uint_eq((uint64_t)found, wanted[i]);
    }
    train_done(&train);
    image_done(&im);
}

static void compare_all(
    const struct split_method *method, const void *s, enum rule rule, bool inner) {
    struct split_job job = {.data = &made.data, .settings = s, .seed = SEED, .fold = 1};
    struct error e = {0};
    uint8_t role[ROWS] = {0};
    ck_assert_msg(method->assign(&job, role, &e), "%s", e.text);
    if (inner) {
        job.inner = 2, job.n_inner = 3;
        for (size_t x = 0; x < ROWS; x++)
            if (role[x] == SPLIT_TEST) role[x] = SPLIT_HELD;
        ck_assert_msg(method->inner(&job, role, &e), "%s", e.text);
    }
    for (int sliced = 0; sliced < 2; sliced++) {
        const struct part part = {sliced, inner};
        if (sliced) ck_assert(method->validate(&job, 0.2, role, &e));
        if (sliced) ck_assert_uint_gt(splitting_count(role, ROWS, SPLIT_VALID), 20);
        const struct knows knows = find_out(role, rule);
        const size_t leaking = plant(&knows, false, spec.n_tags);
        ck_assert_uint_gt(leaking, spec.n_tags + 50);
        compare(method, s, leaking, part, true);
        count_tags(method, s, &knows, leaking, part);
        const size_t fine = plant(&knows, true, spec.n_tags);
        ck_assert_uint_gt(fine, spec.n_tags + 50);
        compare(method, s, fine, part, false);
        count_tags(method, s, &knows, fine, part);
    }
}

START_TEST(planted_tags_change_no_byte) {
    void *s = settings_of(_i);
    compare_all(split_method_find(splits[_i].method), s, splits[_i].rule, false);
    free(s);
}
END_TEST

// What the outer fold tests, and what is newer than the inner fold's window, is no better known
// than what the inner fold tests.
START_TEST(planted_tags_change_no_byte_of_inner_folds) {
    void *s = settings_of(_i);
    compare_all(split_method_find(splits[_i].method), s, splits[_i].rule, true);
    free(s);
}
END_TEST

// A list of users is a split by whole users as well.
START_TEST(listed_users_are_held_out_with_their_tags) {
    char path[] = "/tmp/reckon-users-XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (uint32_t u = 0; u < USERS; u += 4) dprintf(fd, "%u\n", spec.users[u]);
    close(fd);
    const struct predefined s = {.users = {.written = path, .found = path}};
    compare_all(split_method_find("predefined"), &s, BY_USER, false);
    compare_all(split_method_find("predefined"), &s, BY_USER, true);
    unlink(path);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("fold_tags");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, planted_tags_change_no_byte, 0, N_SPLITS);
    tcase_add_loop_test(cases, planted_tags_change_no_byte_of_inner_folds, 0, N_SPLITS);
    tcase_add_test(cases, listed_users_are_held_out_with_their_tags);
    Suite *suite = suite_create("fold_tags");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
