// No test rating can leak into a model, shown on every plugin of the build: the answers to all
// pairs are the same bits whether the test labels are true or poisoned, and whether the test rows
// and the tags on them exist at all; under splits of every kind. Nor can it leak into what is
// chosen on inner folds of the training rows.
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"
#include "model/loader.h"
#include "model/model.h"
#include "split/fold.h"
#include "split/predefined.h"
#include "support/made.h"
#include "support/splitting.h"

enum { N_USERS = 40, N_ITEMS = 60, N_ROWS = 900, SEED = 42, N_INNER = 3 };
#define FOLD_OF(split) ((split) ? 1u : 2u)
enum variant { AS_IT_IS, POISONED, TEST_ROWS_GONE };

// Settings by name and value; predefined: the column of fold numbers.
static const struct {
    const char *method, *key, *more;
    double value, more_value;
} splits[] = {
    {"predefined", NULL, NULL, 0, 0},
    {"cold_users", "share", "given", 0.3, 3},
    {"cold_items", "folds", NULL, 3, 0},
    {"time", "test", NULL, 0.25, 0},
    {"time", "last", NULL, 3, 0},
    // Of these the images alone are compared.
    {"kfold", "folds", NULL, 4, 0},
    {"holdout", "test", NULL, 0.3, 0},
    {"cold_users", "folds", NULL, 4, 0},
    {"cold_items", "share", "given", 0.3, 2},
    {"time", "last_share", NULL, 0.3, 0},
};
enum { N_SPLITS = sizeof splits / sizeof *splits, N_FITTED = 5 };

static const void *settings_of(int split) {
    static const struct predefined predefined = {.column = {.number = 1}};
    static union {
        double real;
        char room[64];
    } settings;
    const struct split_method *method = split_method_find(splits[split].method);
    if (!splits[split].key) return &predefined;
    ck_assert_uint_le(method->settings.size, sizeof settings);
    splitting_fill(method, &settings);
    splitting_set(method, &settings, splits[split].key, splits[split].value);
    if (splits[split].more)
        splitting_set(method, &settings, splits[split].more, splits[split].more_value);
    return &settings;
}

// The pairs that the split tests, those that train, by external ids, and the items with one that
// is tested.
static bool is_test[N_USERS * 64 + 64][N_ITEMS * 64 + 64];
static bool trains[N_USERS * 64 + 64][N_ITEMS * 64 + 64];
static bool has_test[N_ITEMS * 64 + 64];

static void find_tested(const struct made_spec *spec, int split) {
    struct made made;
    made_init(&made, spec);
    const struct split_job job = {
        .data = &made.data, .settings = settings_of(split), .seed = SEED, .fold = FOLD_OF(split)};
    uint8_t role[N_ROWS] = {0};
    struct error e = {0};
    ck_assert_msg(split_method_find(splits[split].method)->assign(&job, role, &e), "%s", e.text);
    memset(is_test, 0, sizeof is_test);
    memset(trains, 0, sizeof trains);
    memset(has_test, 0, sizeof has_test);
    const rk_csr *r = &made.data.by_user;
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            const uint32_t user = spec->users[u], item = spec->items[r->col[x]];
            ck_assert(user < N_USERS * 64 && item < N_ITEMS * 64);
            is_test[user][item] = role[x] == SPLIT_TEST;
            trains[user][item] = role[x] == SPLIT_TRAIN;
            has_test[item] |= role[x] == SPLIT_TEST;
        }
    made_done(&made);
}

// The same data but for its test rows, and tags on them; arrays lie in `a`.
static struct made_spec make_variant(struct arena *a, enum variant variant, int split) {
    struct made_spec spec = made_random(a, 11, N_USERS, N_ITEMS, N_ROWS);
    struct made_row *rows = arena_alloc(a, spec.n_rows * sizeof *rows);
    struct made_tag *tags = arena_alloc(a, spec.n_tags * sizeof *tags);
    spec.times = spec.folds = spec.features = true;
    size_t n_rows = 0, n_tags = 0;
    for (size_t k = 0; k < spec.n_rows; k++) {
        rows[k] = spec.rows[k];
        rows[k].fold = 1 + (uint32_t)k % 4;
    }
    spec.rows = rows;
    find_tested(&spec, split);
    for (size_t k = 0; k < spec.n_rows; k++) {
        struct made_row row = rows[k];
        const bool tested = is_test[row.user][row.item];
        if (tested && variant == POISONED) row.value = 5.5f - row.value;
        if (!tested || variant != TEST_ROWS_GONE) rows[n_rows++] = row;
    }
    const bool by_items = strcmp(splits[split].method, "cold_items") == 0;
    for (size_t k = 0; k < spec.n_tags; k++) {
        const struct made_tag *t = &spec.tags[k];
        const bool tested = by_items ? has_test[t->item] && !trains[t->user][t->item]
                                     : t->user && is_test[t->user][t->item];
        if (!tested || variant != TEST_ROWS_GONE) tags[n_tags++] = *t;
    }
    if (variant == TEST_ROWS_GONE) ck_assert(n_rows < spec.n_rows && n_tags < spec.n_tags);
    spec.n_rows = n_rows;
    spec.tags = tags;
    spec.n_tags = n_tags;
    return spec;
}

static bool assign_all(const struct split_job *job, uint8_t *role, struct error *e) {
    (void)e;
    memset(role, SPLIT_TRAIN, job->data->n_ratings);
    return true;
}

// Descriptors for fold_build().
struct parts {
    int full, sliced, test;
};

static void build_parts(
    enum variant variant, int split, uint32_t inner, double share, const struct parts *parts) {
    struct arena arena = {0};
    const struct made_spec spec = make_variant(&arena, variant, split);
    struct made made;
    made_init(&made, &spec);
    struct split_method method = *split_method_find(splits[split].method);
    if (variant == TEST_ROWS_GONE) method.assign = assign_all;
    const struct fold_plan plan = {.data = &made.data,
        .split = {&method, settings_of(split)},
        .seed = SEED,
        .fold = FOLD_OF(split),
        .validation = 0.1,
        .inner = inner,
        .n_inner = inner ? N_INNER : 0,
        .share = share};
    struct error e = {0};
    const bool ok = fold_build(&plan, parts->full, parts->sliced, parts->test, 1, &e);
    ck_assert_msg(ok, "%s", e.text);
    made_done(&made);
    arena_done(&arena);
}

static void build(enum variant variant, int split, bool sliced, struct train *train) {
    struct error e = {0};
    const int fd = image_create("train", &e);
    const struct parts parts = {sliced ? -1 : fd, sliced ? fd : -1, -1};
    build_parts(variant, split, 0, 0, &parts);
    ck_assert_msg(train_map(train, fd, &e), "%s", e.text);
    close(fd);
}

// Answers to all pairs of the catalogue, of a model with its defaults.
static float *fit_and_answer(const rk_plugin *plugin, const struct schema *schema,
    const struct train *train, size_t *n_answers) {
    struct param_value values[64];
    ck_assert_uint_le(schema->n_params, 64);
    schema_defaults(schema, values);
    struct host host;
    host_init(&host, NULL, 7);
    struct model model = {0};
    struct error e = {0};
    rk_status status;
    ck_assert_msg(model_create(&model, plugin, values, &host, &e), "%s", e.text);
    ck_assert_msg(model_fit(&model, &train->data, &status, &e), "%s", e.text);
    const uint32_t n_users = train->data.n_users, n_items = train->data.n_items;
    const size_t n = (size_t)n_users * n_items;
    uint32_t *users = malloc(n * sizeof *users), *items = malloc(n * sizeof *items);
    float *answers = malloc(n * sizeof *answers);
    for (size_t k = 0; k < n; k++) {
        users[k] = (uint32_t)(k / n_items);
        items[k] = (uint32_t)(k % n_items);
    }
    const rk_pairs pairs = {.size = sizeof pairs, .n = n, .users = users, .items = items};
    ck_assert_msg(model_predict(&model, &pairs, answers, &e), "%s", e.text);
    model_done(&model);
    free(users);
    free(items);
    *n_answers = n;
    return answers;
}

// All that a plugin is given, whether or not one of those here looks at it (tags, say).
static void check_image(const struct train *train, int variant, struct image *first) {
    if (variant == AS_IT_IS) {
        *first = (struct image){.base = malloc(train->image.size), .size = train->image.size};
        ck_assert_ptr_nonnull(first->base);
        memcpy(first->base, train->image.base, first->size);
        return;
    }
    ck_assert_uint_eq(train->image.size, first->size);
    ck_assert_msg(memcmp(train->image.base, first->base, first->size) == 0,
        "the training fold is otherwise when the test rows are %s",
        variant == POISONED ? "poisoned" : "gone");
}

static void compare_variants(const rk_plugin *plugin, const struct schema *schema, int split) {
    const bool sliced = schema->flags & RK_WANTS_VALID;
    float *first = NULL;
    struct image image = {0}; // a copy of the first variant's
    for (int variant = AS_IT_IS; variant <= TEST_ROWS_GONE; variant++) {
        struct train train;
        size_t n;
        build((enum variant)variant, split, sliced, &train);
        check_image(&train, variant, &image);
        float *answers = fit_and_answer(plugin, schema, &train, &n);
        train_done(&train);
        if (first) {
            ck_assert_msg(memcmp(first, answers, n * sizeof *answers) == 0,
                "%s answers otherwise when the test rows are %s", schema->id,
                variant == POISONED ? "poisoned" : "gone");
            free(answers);
        } else {
            first = answers;
        }
    }
    free(first);
    free(image.base);
}

START_TEST(no_plugin_depends_on_test_rows) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/plugins", getenv("RECKON_BUILD"));
    DIR *d = opendir(folder);
    ck_assert_ptr_nonnull(d);
    int seen = 0;
    for (const struct dirent *entry; (entry = readdir(d));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".so") != 0) continue;
        char path[8192];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct error e = {0};
        struct schema schema = {0};
        const rk_plugin *plugin = loader_open(path, &e);
        ck_assert_msg(plugin && schema_read(&schema, plugin, path, &e), "%s", e.text);
        compare_variants(plugin, &schema, _i);
        schema_done(&schema);
        seen++;
    }
    closedir(d);
    ck_assert_int_ge(seen, 4);
}
END_TEST

enum { N_IMAGES = 3 };

static void build_images(
    enum variant variant, int split, uint32_t inner, double share, struct image *out) {
    struct error e = {0};
    struct parts parts;
    parts.full = image_create("full", &e);
    parts.sliced = image_create("sliced", &e);
    parts.test = image_create("test", &e);
    build_parts(variant, split, inner, share, &parts);
    const int fd[N_IMAGES] = {parts.full, parts.sliced, parts.test};
    for (int k = 0; k < N_IMAGES; k++) {
        ck_assert_msg(image_map(&out[k], fd[k], &e), "%s", e.text);
        close(fd[k]);
    }
}

static bool is_same(const struct image *a, const struct image *b) {
    return a->size == b->size && memcmp(a->base, b->base, a->size) == 0;
}

// Training rows, those less the slice, and what the inner fold tests.
START_TEST(no_inner_image_depends_on_test_rows) {
    static const double shares[] = {1, 0.5};
    for (uint32_t k = 0; k < 2 * N_INNER; k++) {
        const uint32_t inner = 1 + k % N_INNER;
        struct image first[N_IMAGES], other[N_IMAGES];
        build_images(AS_IT_IS, _i, inner, shares[k / N_INNER], first);
        for (int variant = POISONED; variant <= TEST_ROWS_GONE; variant++) {
            build_images((enum variant)variant, _i, inner, shares[k / N_INNER], other);
            for (int part = 0; part < N_IMAGES; part++) {
                ck_assert_msg(is_same(&first[part], &other[part]),
                    "image %d of inner fold %u is otherwise when the test rows are %s", part, inner,
                    variant == POISONED ? "poisoned" : "gone");
                image_done(&other[part]);
            }
        }
        for (int part = 0; part < N_IMAGES; part++) image_done(&first[part]);
    }
}
END_TEST

// What the comparison above rests on: other training rows do give other answers.
START_TEST(the_comparison_can_fail) {
    char path[4096];
    snprintf(path, sizeof path, "%s/plugins/bias.so", getenv("RECKON_BUILD"));
    struct error e = {0};
    struct schema schema = {0};
    const rk_plugin *plugin = loader_open(path, &e);
    ck_assert_msg(plugin && schema_read(&schema, plugin, path, &e), "%s", e.text);
    struct train full, sliced;
    build(AS_IT_IS, 0, false, &full);
    build(AS_IT_IS, 0, true, &sliced);
    size_t n;
    float *a = fit_and_answer(plugin, &schema, &full, &n);
    float *b = fit_and_answer(plugin, &schema, &sliced, &n);
    ck_assert_int_ne(memcmp(a, b, n * sizeof *a), 0);
    free(a);
    free(b);
    train_done(&full);
    train_done(&sliced);
    schema_done(&schema);
}
END_TEST

int main(void) {
    loader_prepare_blas();
    TCase *cases = tcase_create("leaks");
    tcase_add_loop_test(cases, no_plugin_depends_on_test_rows, 0, N_FITTED);
    tcase_add_loop_test(cases, no_inner_image_depends_on_test_rows, 0, N_SPLITS);
    tcase_add_test(cases, the_comparison_can_fail);
    tcase_set_timeout(cases, 60);
    Suite *suite = suite_create("leaks");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
