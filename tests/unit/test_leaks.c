// No test rating can leak into a model, shown on every plugin of the build: the answers to all
// pairs are the same bits whether the test labels are true or poisoned, and whether the test rows
// and the tags on them exist at all.
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

enum { N_USERS = 40, N_ITEMS = 60, N_ROWS = 900, FOLD = 2 };
enum variant { AS_IT_IS, POISONED, TEST_ROWS_GONE };

// The same data but for its test rows; arrays lie in `a`.
static struct made_spec make_variant(struct arena *a, enum variant variant) {
    struct made_spec spec = made_random(a, 11, N_USERS, N_ITEMS, N_ROWS);
    struct made_row *rows = arena_alloc(a, spec.n_rows * sizeof *rows);
    struct made_tag *tags = arena_alloc(a, spec.n_tags * sizeof *tags);
    size_t n_rows = 0, n_tags = 0;
    static bool is_test[N_USERS * 64 + 64][N_ITEMS * 64 + 64];
    memset(is_test, 0, sizeof is_test);
    for (size_t k = 0; k < spec.n_rows; k++) {
        struct made_row row = spec.rows[k];
        row.fold = 1 + (uint32_t)k % 4;
        const bool tested = row.fold == FOLD;
        ck_assert_uint_lt(row.user, N_USERS * 64);
        ck_assert_uint_lt(row.item, N_ITEMS * 64);
        is_test[row.user][row.item] = tested;
        if (tested && variant == POISONED) row.value = 5.5f - row.value;
        if (!tested || variant != TEST_ROWS_GONE) rows[n_rows++] = row;
    }
    for (size_t k = 0; k < spec.n_tags; k++) {
        const struct made_tag *t = &spec.tags[k];
        const bool tested = t->user && is_test[t->user][t->item];
        if (!tested || variant != TEST_ROWS_GONE) tags[n_tags++] = *t;
    }
    if (variant == TEST_ROWS_GONE) ck_assert(n_rows < spec.n_rows && n_tags < spec.n_tags);
    spec.rows = rows;
    spec.n_rows = n_rows;
    spec.tags = tags;
    spec.n_tags = n_tags;
    spec.times = spec.folds = spec.features = true;
    return spec;
}

static void build(enum variant variant, bool sliced, struct train *train) {
    struct arena arena = {0};
    const struct made_spec spec = make_variant(&arena, variant);
    struct made made;
    made_init(&made, &spec);
    static const struct predefined settings = {.column = {.number = 1}};
    const struct fold_plan plan = {.data = &made.data,
        .split = {split_method_find("predefined"), &settings},
        .seed = 42,
        .fold = FOLD,
        .validation = 0.1};
    struct error e = {0};
    const int fd = image_create("train", &e);
    const bool ok = fold_build(&plan, sliced ? -1 : fd, sliced ? fd : -1, -1, 1, &e);
    ck_assert_msg(ok, "%s", e.text);
    ck_assert_msg(train_map(train, fd, &e), "%s", e.text);
    close(fd);
    made_done(&made);
    arena_done(&arena);
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

static void compare_variants(const rk_plugin *plugin, const struct schema *schema) {
    const bool sliced = schema->flags & RK_WANTS_VALID;
    float *first = NULL;
    struct image image = {0}; // a copy of the first variant's
    for (int variant = AS_IT_IS; variant <= TEST_ROWS_GONE; variant++) {
        struct train train;
        size_t n;
        build((enum variant)variant, sliced, &train);
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
        compare_variants(plugin, &schema);
        schema_done(&schema);
        seen++;
    }
    closedir(d);
    ck_assert_int_ge(seen, 4);
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
    build(AS_IT_IS, false, &full);
    build(AS_IT_IS, true, &sliced);
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
    tcase_add_test(cases, no_plugin_depends_on_test_rows);
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
