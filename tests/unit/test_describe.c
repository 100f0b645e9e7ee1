// What a data set is said to hold, against counts by hand and by brute force.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "describe/describe.h"
#include "report/describe_files.h"
#include "support/made.h"
#include "support/splitting.h"

static struct made made;
static struct arena arena;
static struct describe d;
static struct error e;

static void setup(void) {
    log_set_verbosity(LOG_QUIET);
}

static void teardown(void) {
    describe_done(&d);
    made_done(&made);
    arena_done(&arena);
}

static void make(const struct describe_job *job) {
    struct describe_job own = *job;
    own.data = &made.data;
    describe_done(&d);
    ck_assert_msg(describe_make(&d, &own, &e), "%s", e.text);
}

#define near(a, b) ck_assert_double_eq_tol(a, b, 1e-12)

static const struct describe_class *class_of(const char *title, const char *name) {
    const struct describe_classes *c = describe_find(&d, title);
    ck_assert_msg(c != NULL, "no %s", title);
    for (size_t k = 0; k < c->n; k++)
        if (strcmp(c->at[k].name, name) == 0) return &c->at[k];
    ck_abort_msg("no %s %s", title, name);
}

// ---- By hand -----------------------------------------------------------------------------------

enum { NEW_YEAR = 978307200, DAY = 86400 }; // 2001-01-01

static const uint32_t users[] = {1, 2, 3, 4, 7}, items[] = {1, 2, 3, 7, 8, 9};

// User 1: gender M, 2: F, 3: M, 4: F, 7: not known. Items 1: Comedy, 2: Drama, 3: Action, 7: not
// known, 8: Drama, 9: Action.
static const struct made_row rows[] = {
    {1, 1, 4, NEW_YEAR, 1},
    {1, 2, 2, NEW_YEAR + 1, 2},
    {1, 3, 4, NEW_YEAR + 1, 1},
    {1, 7, 3, NEW_YEAR + DAY, 2},
    {2, 1, 5, NEW_YEAR - 1, 1},
    {2, 2, 5, RK_NO_TIME, 2},
    {3, 1, 0.5f, NEW_YEAR + 40 * DAY, 1},
    {7, 8, 2, NEW_YEAR + 3 * DAY, 1},
};
static const struct made_tag tags[] = {
    {1, 1, "b", 0}, {2, 1, "b", 0}, {1, 2, "a", 0}, {0, 2, "c", 0}, {1, 8, "a", 0}, {1, 7, "a", 0}};

static void make_by_hand(const struct describe_job *job) {
    made_init(&made, &(struct made_spec){.users = users,
                         .items = items,
                         .n_users = 5,
                         .n_items = 6,
                         .rows = rows,
                         .n_rows = 8,
                         .tags = tags,
                         .n_tags = 6,
                         .times = true,
                         .folds = true,
                         .features = true});
    make(job);
}

START_TEST(counts_by_hand) {
    make_by_hand(&(struct describe_job){.n_threads = 1});
    near(d.density, 8.0 / 30);
    near(d.mean, 25.5 / 8);
    near(d.median, 3);
    ck_assert_uint_eq(d.items_unrated, 1);
    ck_assert_uint_eq(d.users_unrated, 1);
    ck_assert_int_eq(d.first, NEW_YEAR - 1);
    ck_assert_int_eq(d.last, NEW_YEAR + 40 * DAY);
    near(d.activity.least, 1);
    near(d.activity.median, 1.5);
    near(d.activity.p75, 2.5);
    near(d.activity.most, 4);
    near(d.activity.gini, 2.0 * (1 * 1 + 2 * 1 + 3 * 2 + 4 * 4) / (4 * 8) - 5.0 / 4);
    near(d.user_tail[25].ratings, 4.0 / 8);
    near(d.user_tail[50].ratings, 6.0 / 8);
    near(d.user_tail[100].ratings, 1);
    ck_assert_uint_eq(d.top[0], 0); // three ratings
    ck_assert_uint_eq(d.top[1], 1); // two
    ck_assert_uint_eq(d.top[2], 2); // of those with one the first
    ck_assert_uint_eq(d.n_top, 5);
}
END_TEST

START_TEST(classes_by_hand) {
    make_by_hand(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(describe_find(&d, "rating")->n, 5);
    const struct describe_class *four = class_of("rating", "4");
    ck_assert_uint_eq(four->of.n, 2);
    ck_assert_uint_eq(four->users, 1);
    ck_assert_uint_eq(four->items, 2);
    ck_assert_uint_eq(class_of("rating", "0.5")->of.n, 1);
    const struct describe_class *m = class_of("gender", "M"), *drama = class_of("genre", "Drama");
    ck_assert_uint_eq(m->of.n, 5);
    near(m->of.sum, 13.5);
    near(m->of.square, 16 + 4 + 16 + 9 + 0.25);
    ck_assert_uint_eq(m->units, 2);
    ck_assert_uint_eq(m->users, 2);
    ck_assert_uint_eq(m->items, 4);
    ck_assert_uint_eq(class_of("gender", "F")->units, 2);
    ck_assert_uint_eq(class_of("gender", "F")->users, 1);
    ck_assert_uint_eq(describe_find(&d, "gender")->n_without, 1);
    ck_assert_uint_eq(describe_find(&d, "gender")->u_without, 1);
    ck_assert_uint_eq(drama->of.n, 3);
    ck_assert_uint_eq(drama->units, 2);
    ck_assert_uint_eq(drama->items, 2);
    ck_assert_uint_eq(drama->users, 3);
}
END_TEST

START_TEST(times_by_hand) {
    make_by_hand(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(describe_find(&d, "day")->n, 42);
    ck_assert_uint_eq(class_of("day", "2000-12-31")->of.n, 1);
    ck_assert_uint_eq(class_of("day", "2001-01-01")->of.n, 3);
    ck_assert_uint_eq(class_of("day", "2001-01-01")->users, 1);
    ck_assert_uint_eq(class_of("day", "2001-01-03")->of.n, 0);
    ck_assert_uint_eq(class_of("day", "2001-02-10")->of.n, 1);
    ck_assert_uint_eq(d.odd.n_untimed, 1);
    ck_assert_uint_eq(d.odd.n_together, 2);
    ck_assert_uint_eq(d.odd.burst, 2);
    ck_assert_uint_eq(d.odd.burst_user, 0);
}
END_TEST

START_TEST(tags_by_hand) {
    make_by_hand(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(d.n_tags, 3);
    ck_assert_str_eq(d.tags[0].name, "a");
    ck_assert_uint_eq(d.tags[0].n, 3);
    ck_assert_uint_eq(d.tags[0].users, 1);
    ck_assert_uint_eq(d.tags[0].items, 3);
    ck_assert_str_eq(d.tags[1].name, "b");
    ck_assert_uint_eq(d.tags[1].users, 2);
    ck_assert_uint_eq(d.tags[2].users, 0); // by someone who is not in the catalogue
    ck_assert_uint_eq(d.tag_users, 2);
    ck_assert_uint_eq(d.tag_items, 4);
}
END_TEST

START_TEST(roll_ups_by_hand) {
    const struct describe_pair by[] = {{"gender", "genre"}, {"genre", "genre"}};
    make_by_hand(&(struct describe_job){.by = by, .n_by = 2, .n_threads = 1});
    ck_assert_uint_eq(d.n_slices, 2);
    const struct describe_slice *s = &d.slices[0]; // F, M by Action, Comedy, Drama
    const uint64_t n[] = {0, 1, 1, 1, 2, 1};
    const double sum[] = {0, 5, 5, 4, 4.5, 2};
    for (int k = 0; k < 6; k++) {
        ck_assert_uint_eq(s->cells[k].n, n[k]);
        near(s->cells[k].sum, sum[k]);
    }
    ck_assert_uint_eq(d.slices[1].cells[0].n, 1);
    ck_assert_uint_eq(d.slices[1].cells[1].n, 0);
    ck_assert_uint_eq(d.slices[1].cells[8].n, 3);
}
END_TEST

START_TEST(unknown_features_are_told) {
    const struct describe_pair by = {"gender", "colour"};
    make_by_hand(&(struct describe_job){.n_threads = 1});
    struct describe other;
    ck_assert(!describe_make(
        &other, &(struct describe_job){.data = &made.data, .by = &by, .n_by = 1}, &e));
    ck_assert_msg(strstr(e.text, "colour") && strstr(e.text, "genre, gender"), "%s", e.text);
}
END_TEST

// Fold 1 tests (1,1), (1,3), (2,1), (3,1), (7,8): item 1 is cold, so are 3 and 8, users 3 and 7.
// User 1 has a later training row than (1,1) and (1,3). Fold 2 tests (1,2), (1,7), (2,2), of items
// that train nowhere: none is older than what trains, (1,2) as old; the time of (2,2) is not known.
START_TEST(split_by_hand) {
    const struct split_method *method = split_method_find("predefined");
    void *settings = calloc(1, method->settings.size);
    for (size_t k = 0; k < method->settings.n; k++)
        if (strcmp(method->settings.at[k].name, "column") == 0)
            *(struct column *)((char *)settings + method->settings.at[k].offset) =
                (struct column){.name = "fold"};
    make_by_hand(&(struct describe_job){.split = {method, settings}, .n_threads = 1});
    ck_assert_uint_eq(d.cold.n_folds, 2);
    near(d.cold.test, 4);
    near(d.cold.cold_user, (2.0 / 5 + 0) / 2);
    near(d.cold.cold_item, 1);
    near(d.cold.cold_both, (2.0 / 5 + 0) / 2);
    near(d.cold.later, (2.0 / 5 + 0.0 / 2) / 2);
    ck_assert_uint_eq(d.cold.n_leaked, 1);
    free(settings);
}
END_TEST

START_TEST(dates) {
    static const struct {
        int64_t time;
        int year, month, day;
    } known[] = {{0, 1970, 1, 1}, {-1, 1969, 12, 31}, {951782400, 2000, 2, 29},
        {951868800, 2000, 3, 1}, {4107542400, 2100, 3, 1}, {-2203891200, 1900, 3, 1},
        {1704067199, 2023, 12, 31}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        int64_t year;
        int month, day;
        describe_date(known[k].time, &year, &month, &day);
        ck_assert_int_eq(year, known[k].year);
        ck_assert_int_eq(month, known[k].month);
        ck_assert_int_eq(day, known[k].day);
    }
}
END_TEST

// ---- Features of numbers -----------------------------------------------------------------------

// A feature of numbers for items 0 .. n - 1.
static void add_numbers(const char *name, const float *value, uint32_t n) {
    rk_features *f = arena_alloc(&arena, sizeof *f);
    uint64_t *start = arena_alloc(&arena, (n + 1) * sizeof *start);
    uint32_t *col = arena_alloc(&arena, n * sizeof *col);
    const char **names = arena_alloc(&arena, sizeof *names);
    for (uint32_t k = 0; k <= n; k++) start[k] = k;
    names[0] = name;
    *f = (rk_features){name, RK_FEATURE_REAL, {n, 1, start, col, value}, names};
    made.data.item_features = f;
}

START_TEST(years_are_years_and_decades) {
    static const float year[] = {2001, 1999, 2001, 2002, 1989, 1990};
    make_by_hand(&(struct describe_job){.n_threads = 1});
    add_numbers("year", year, 6);
    make(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(describe_find(&d, "year")->n, 14);
    ck_assert_uint_eq(class_of("year", "2001")->of.n, 4);
    ck_assert_uint_eq(class_of("decade", "1990s")->units, 2);
    ck_assert_uint_eq(class_of("decade", "1980s")->of.n, 1);
    ck_assert_uint_eq(d.slices[0].rows == describe_find(&d, "decade"), 1);
    // Of item 1 of 2001 the rating at the last second of 2000, of item 7 of 2002 that of 2001.
    ck_assert_uint_eq(d.odd.n_early, 2);
    ck_assert_uint_eq(d.odd.early.user[0], 0);
    ck_assert_uint_eq(d.odd.early.item[0], 3);
    ck_assert_uint_eq(d.odd.early.user[1], 1);
    ck_assert_uint_eq(d.odd.early.item[1], 0);
}
END_TEST

START_TEST(numbers_are_bands) {
    static const float length[] = {0.05f, 0.72f, 0.3f, 0.31f, 0.999f, 0.5f};
    static const float minutes[] = {3, 99, 100, 41, 40, 39};
    make_by_hand(&(struct describe_job){.n_threads = 1});
    add_numbers("length", length, 6);
    make(&(struct describe_job){.n_threads = 1});
    const struct describe_classes *c = describe_find(&d, "length");
    ck_assert_uint_ge(c->n, 5);
    ck_assert_uint_le(c->n, 15);
    uint32_t n = 0;
    for (size_t k = 0; k < c->n; k++) n += c->at[k].units;
    ck_assert_uint_eq(n, 6);
    add_numbers("minutes", minutes, 6);
    make(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(describe_find(&d, "minutes")->n, 11);
    ck_assert_uint_eq(class_of("minutes", "40..49")->units, 2);
    ck_assert_uint_eq(class_of("minutes", "100..109")->units, 1);
}
END_TEST

// ---- Larger data -------------------------------------------------------------------------------

// Sums of the ratings whose user and item have these classes (UINT32_MAX: whatever they are).
static struct describe_sum by_force(uint32_t gender, uint32_t genre) {
    const rk_csr *r = &made.data.by_user;
    const rk_csr *u = &made.data.user_features->values, *i = &made.data.item_features->values;
    struct describe_sum s = {0};
    for (uint32_t user = 0; user < r->n_rows; user++)
        for (uint64_t x = r->start[user]; x < r->start[user + 1]; x++) {
            const uint32_t item = r->col[x];
            const bool none_u = u->start[user] == u->start[user + 1];
            const bool none_i = i->start[item] == i->start[item + 1];
            if (gender != UINT32_MAX && (none_u || u->col[u->start[user]] != gender)) continue;
            if (genre != UINT32_MAX && (none_i || i->col[i->start[item]] != genre)) continue;
            s.n++;
            s.sum += (double)r->value[x];
            s.square += (double)r->value[x] * (double)r->value[x];
        }
    return s;
}

static void same_sum(const struct describe_sum *found, struct describe_sum expected) {
    ck_assert_uint_eq(found->n, expected.n);
    ck_assert_double_eq(found->sum, expected.sum); // halves: exact in any order
    ck_assert_double_eq(found->square, expected.square);
}

START_TEST(roll_ups_by_force) {
    const struct made_spec spec = made_random(&arena, 3, 90, 70, 2000);
    made_init(&made, &spec);
    make(&(struct describe_job){.n_threads = 3});
    ck_assert_uint_eq(d.n_slices, 1);
    const struct describe_slice *s = &d.slices[0];
    ck_assert_str_eq(s->rows->title, "genre");
    for (uint32_t genre = 0; genre < 3; genre++) {
        same_sum(&s->rows->at[genre].of, by_force(UINT32_MAX, genre));
        for (uint32_t gender = 0; gender < 2; gender++)
            same_sum(&s->cells[genre * 2 + gender], by_force(gender, genre));
    }
    for (uint32_t gender = 0; gender < 2; gender++)
        same_sum(&s->columns->at[gender].of, by_force(gender, UINT32_MAX));
}
END_TEST

static char *as_json(uint32_t n_threads) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    const struct split_method *method = split_method_find("kfold");
    void *settings = splitting_defaults(method);
    make(&(struct describe_job){.split = {method, settings}, .seed = 42, .n_threads = n_threads});
    ck_assert(describe_json_write(&d, out, &e));
    ck_assert_int_eq(fclose(out), 0);
    free(settings);
    return text;
}

// Values that sum to other bits in another order.
START_TEST(the_same_bits_at_any_number_of_threads) {
    struct made_spec spec = made_random(&arena, 4, 300, 200, 6000);
    for (size_t k = 0; k < spec.n_rows; k++)
        ((struct made_row *)spec.rows)[k].value = 0.5f + 4.5f * (float)((k * 7919) % 1000) / 1000;
    made_init(&made, &spec);
    char *one = as_json(1), *four = as_json(4);
    ck_assert_msg(strcmp(one, four) == 0, "not the same bits");
    ck_assert_uint_eq(describe_find(&d, "rating")->n, 20); // in bands
    uint64_t n = 0;
    for (size_t k = 0; k < 20; k++) n += describe_find(&d, "rating")->at[k].of.n;
    ck_assert_uint_eq(n, 6000);
    free(one);
    free(four);
}
END_TEST

// One user alone has more values than are told apart.
START_TEST(many_values_of_one_user) {
    static uint32_t all[80];
    static struct made_row many[81];
    for (uint32_t i = 0; i < 80; i++) {
        all[i] = i + 1;
        many[i] = (struct made_row){1, i + 1, 0.5f + 4.5f * (float)i / 79, 1000, 0};
    }
    many[80] = (struct made_row){2, 1, 0.5f, 1000, 0};
    made_init(&made,
        &(struct made_spec){
            .users = all, .items = all, .n_users = 2, .n_items = 80, .rows = many, .n_rows = 81});
    make(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(describe_find(&d, "rating")->n, 20);
    ck_assert_uint_eq(class_of("rating", "4.775 to 5")->of.n, 4);
    ck_assert(isnan(d.median));
}
END_TEST

START_TEST(users_unlike_others) {
    // 30 users with 20 ratings: 28 give 3 and 4 in turn, one 1 always, one 5 always.
    static uint32_t ids[30], all[20];
    static struct made_row many[600];
    for (uint32_t u = 0; u < 30; u++) ids[u] = u + 1;
    for (uint32_t i = 0; i < 20; i++) all[i] = i + 1;
    for (uint32_t k = 0; k < 600; k++)
        many[k] = (struct made_row){k / 20 + 1, k % 20 + 1,
            k / 20 == 5   ? 1
            : k / 20 == 6 ? 3.5f
                          : (float)(3 + k % 2),
            1000 + k, 0};
    made_init(&made,
        &(struct made_spec){
            .users = ids, .items = all, .n_users = 30, .n_items = 20, .rows = many, .n_rows = 600});
    make(&(struct describe_job){.n_threads = 2});
    ck_assert_uint_eq(d.odd.one_valued.n, 2);
    ck_assert_uint_eq(d.odd.one_valued.user[1], 6);
    near(d.odd.one_valued.value[1], 3.5);
    ck_assert_uint_eq(d.odd.far.n, 1);
    ck_assert_uint_eq(d.odd.far.user[0], 5);
    near(d.odd.far.value[0], 1);
    ck_assert_int_eq(d.first, RK_NO_TIME);
    ck_assert_uint_eq(d.n_classes, 1);
    ck_assert(isnan(describe_mean(&(struct describe_sum){0})));
}
END_TEST

START_TEST(users_like_others) {
    // 30 users with 20 ratings, 26 of mean 3.5 and 4 of mean 3: these are 2.5 deviations away.
    static uint32_t ids[30], all[20];
    static struct made_row many[600];
    for (uint32_t u = 0; u < 30; u++) ids[u] = u + 1;
    for (uint32_t i = 0; i < 20; i++) all[i] = i + 1;
    for (uint32_t k = 0; k < 600; k++)
        many[k] = (struct made_row){k / 20 + 1, k % 20 + 1,
            k / 20 % 7 == 5 ? (float)(2 + 2 * (k % 2)) : (float)(3 + k % 2), 1000 + k, 0};
    made_init(&made,
        &(struct made_spec){
            .users = ids, .items = all, .n_users = 30, .n_items = 20, .rows = many, .n_rows = 600});
    make(&(struct describe_job){.n_threads = 1});
    near(d.odd.far_mean, (26 * 3.5 + 4 * 3) / 30);
    ck_assert_uint_eq(d.odd.far.n, 0);
    ck_assert_uint_eq(d.odd.one_valued.n, 0);
}
END_TEST

START_TEST(one_value_of_a_few_ratings_is_not_odd) {
    static const uint32_t ids[] = {1, 2}, all[] = {1, 2, 3, 4, 5};
    struct made_row few[9];
    for (uint32_t k = 0; k < 9; k++)
        few[k] = (struct made_row){k < 5 ? 1 : 2, k < 5 ? k + 1 : k - 4, 4, 1000 + k, 0};
    made_init(&made,
        &(struct made_spec){
            .users = ids, .items = all, .n_users = 2, .n_items = 5, .rows = few, .n_rows = 9});
    make(&(struct describe_job){.n_threads = 1});
    ck_assert_uint_eq(d.odd.one_valued.n, 1); // of five ratings, not the one of four
    ck_assert_uint_eq(d.odd.one_valued.user[0], 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("describe");
    TCase *t = tcase_create("describe");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, counts_by_hand);
    tcase_add_test(t, classes_by_hand);
    tcase_add_test(t, times_by_hand);
    tcase_add_test(t, tags_by_hand);
    tcase_add_test(t, roll_ups_by_hand);
    tcase_add_test(t, unknown_features_are_told);
    tcase_add_test(t, split_by_hand);
    tcase_add_test(t, dates);
    tcase_add_test(t, years_are_years_and_decades);
    tcase_add_test(t, numbers_are_bands);
    tcase_add_test(t, roll_ups_by_force);
    tcase_add_test(t, the_same_bits_at_any_number_of_threads);
    tcase_add_test(t, many_values_of_one_user);
    tcase_add_test(t, users_unlike_others);
    tcase_add_test(t, users_like_others);
    tcase_add_test(t, one_value_of_a_few_ratings_is_not_odd);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
