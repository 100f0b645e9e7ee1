// Keys of trials: whatever determines a result changes them, and nothing else does.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "support/files.h"
#include "support/made_store.h"
#include "trial/key.h"

static struct plan plan;
static struct data_spec data;
static struct metric_spec metrics[2];
static struct plan_model model;
static struct schema schema;
static struct schema_param params[5];
static struct param_value values[5];
static struct key_trial trial;
static const char *data_hash;
static union {
    unsigned char bytes[1024];
    max_align_t align;
} settings;
static struct arena arena;

// As experiment/ fills the struct in when nothing is written.
static void default_settings(const struct settings *table, void *out) {
    memset(out, 0, table->size);
    for (size_t k = 0; k < table->n; k++) {
        const struct setting *s = &table->at[k];
        if (s->type == SETTING_TEXT)
            memcpy((char *)out + s->offset, &s->def_text, sizeof s->def_text);
        if (s->type <= SETTING_CHOICE) metric_settings_write(out, s, s->def);
    }
}

static void setup(void) {
    ck_assert_str_ne(files_init(), "");
    data_hash = "00112233445566778899aabbccddeeff";
    data = (struct data_spec){.common.min_count = 5};
    metrics[0] = (struct metric_spec){metric_find("rmse"), NULL, "rmse"};
    metrics[1] = (struct metric_spec){metric_find("mae"), NULL, "mae"};
    const struct split_method *kfold = split_method_find("kfold");
    default_settings(&kfold->settings, &settings);
    schema = made_schema();
    memcpy(params, schema.params, sizeof params);
    schema.params = params;
    schema_defaults(&schema, values);
    model = (struct plan_model){.label = "made", .schema = &schema, .values = values};
    plan = (struct plan){.name = "x",
        .seed = 42,
        .n_seeds = 1,
        .data = &data,
        .n_data = 1,
        .split = {kfold, &settings},
        .models = &model,
        .n_models = 1,
        .metrics = metrics,
        .n_metrics = 2,
        .validation = 0.1,
        .clip = true,
        .threads = 1,
        .jobs = 1};
    trial = (struct key_trial){.schema = &schema, .values = values, .fold = 1, .share = 1};
}

static void teardown(void) {
    files_done();
    arena_done(&arena);
}

static struct key make(void) {
    struct key_base base;
    struct key key;
    struct error e = {0};
    const char *text;
    ck_assert_msg(key_base_init(&base, &plan, 0, data_hash, &arena, &e), "%s", e.text);
    ck_assert_msg(key_make(&key, &base, &trial, &text, &arena, &e), "%s", e.text);
    char hash[HASH_SIZE];
    hash_bytes(text, strlen(text), hash);
    ck_assert_str_eq(hash, key.hex);
    return key;
}

static struct key before;
static void remember(void) {
    before = make();
}
static bool is_same(void) {
    return strcmp(make().hex, before.hex) == 0;
}

// `change` is undone again, and the key with it.
#define CHANGES(field, value) \
    do { \
        const __typeof__(field) kept = (field); \
        (field) = (value); \
        ck_assert_msg(!is_same(), #field " is not in the key"); \
        (field) = kept; \
        ck_assert_msg(is_same(), #field); \
    } while (0)
#define CHANGES_NOTHING(field, value) \
    do { \
        const __typeof__(field) kept = (field); \
        (field) = (value); \
        ck_assert_msg(is_same(), #field " is in the key"); \
        (field) = kept; \
    } while (0)

START_TEST(what_the_plan_says_counts_where_results_depend_on_it) {
    remember();
    CHANGES(data_hash, "10112233445566778899aabbccddeeff");
    CHANGES(data.common.min_count, 6);
    CHANGES(plan.seed, 43);
    CHANGES(plan.validation, 0.1 + 1e-17 * 2);
    CHANGES(plan.clip, false);
    CHANGES(plan.n_metrics, 1);
    CHANGES(metrics[0].metric, metric_find("top5"));
    CHANGES(metrics[0].label, "rmse, again");
    CHANGES(plan.split.method, split_method_find("cold_users"));
    CHANGES_NOTHING(plan.name, "another");
    CHANGES_NOTHING(plan.jobs, 8);
    CHANGES_NOTHING(plan.threads, 64);
    CHANGES_NOTHING(plan.n_seeds, 3);
    CHANGES_NOTHING(plan.min_coverage, 0.9);
    CHANGES_NOTHING(plan.baseline, "made");
    CHANGES_NOTHING(plan.predictions, true);
    CHANGES_NOTHING(plan.fail_fast, true);
    CHANGES_NOTHING(plan.limits.seconds, 10);
    CHANGES_NOTHING(plan.limits.mib, 10);
    CHANGES_NOTHING(plan.nice, 10);
    CHANGES_NOTHING(plan.sandbox, true);
    CHANGES_NOTHING(plan.shard.count, 3);
    CHANGES_NOTHING(plan.fresh, true);
    CHANGES_NOTHING(plan.retry_failed, true);
    CHANGES_NOTHING(model.label, "another");
    CHANGES_NOTHING(data.common.name, "another");
    CHANGES_NOTHING(data.common.flaws, FLAW_SKIP); // what came of it is in the data's hash
}
END_TEST

START_TEST(what_a_trial_is_counts) {
    static const int layers[] = {64, 33};
    remember();
    CHANGES(trial.seed, 1);
    CHANGES(trial.repeat, 1);
    CHANGES(trial.fold, 2);
    CHANGES(trial.inner, 1);
    CHANGES(trial.n_inner, 3);
    CHANGES(trial.share, 0.5);
    CHANGES(trial.metric, &metrics[0]);
    CHANGES(schema.id, "mode");
    CHANGES(schema.hash, "1123456789abcdef0123456789abcdef");
    CHANGES(schema.blas_core, "SkylakeX");
    CHANGES(schema.isa, "x86-64-v4");
    CHANGES(schema.libraries, "libc.so.6=aa\nlibm.so.6=bc\n");
    CHANGES(schema.libraries, "libc.so.6=aa\n");
    CHANGES(values[0].number, 17);
    CHANGES(values[1].number, nextafter(0.1, 1));
    CHANGES(values[2].number, 0);
    CHANGES(values[3].number, 1);
    CHANGES(values[4].ints, layers);
    CHANGES(values[4].n, 1);
    CHANGES(params[0].name, "ranks");
    CHANGES_NOTHING(schema.path, "/elsewhere/made.so");
    CHANGES_NOTHING(schema.summary, "in other words"); // the bytes are hashed
    CHANGES_NOTHING(params[0].doc, "in other words");
    CHANGES_NOTHING(params[0].max, 2048);
    trial.schema = NULL;
    trial.model = MODEL_FALLBACK;
    remember();
    CHANGES(trial.model, MODEL_REACHABLE);
}
END_TEST

// An inner trial is scored by one metric: what else the plan scores by is nothing to it.
START_TEST(what_makes_up_a_blend_counts) {
    static const uint32_t rows[] = {0, 1};
    double weights[] = {0.25, 0.75};
    struct key members[] = {{"a1"}, {"b2"}};
    struct blend_spec blend = {
        .members = rows, .n = 2, .how = BLEND_GIVEN, .weights = weights, .folds = 5};
    trial.schema = NULL;
    trial.members = members;
    remember();
    CHANGES(trial.blend, &blend);
    trial.blend = &blend;
    remember();
    CHANGES(blend.how, BLEND_EQUAL);
    CHANGES(weights[0], 0.25 + 1e-16);
    CHANGES(members[1].hex[0], 'c');
    CHANGES(trial.seed, 4);
    CHANGES(trial.unchosen, "its member failed");
    CHANGES_NOTHING(blend.folds, 6); // nothing is fitted
    blend = (struct blend_spec){.members = rows, .n = 2, .how = BLEND_FITTED, .folds = 5};
    remember();
    CHANGES(blend.folds, 6);
    CHANGES(members[0].hex[1], '2');
    const struct key swapped[] = {members[1], members[0]};
    CHANGES(trial.members, swapped);
}
END_TEST

START_TEST(an_inner_trial_knows_one_metric) {
    trial.inner = 1;
    trial.n_inner = 3;
    trial.metric = &metrics[1];
    remember();
    CHANGES_NOTHING(plan.n_metrics, 1);
    CHANGES_NOTHING(metrics[0].metric, metric_find("top5"));
    CHANGES(trial.metric, &metrics[0]);
    trial.metric = NULL;
    ck_assert(!is_same());
}
END_TEST

// Something else of the setting's type than it has.
static void alter(const struct setting *s, void *out) {
    static const struct path some = {"written", NULL};
    static struct path pair[2];
    static const int64_t whole[] = {1, 2};
    static const double real[] = {0.5, 1};
    static const char *const texts[] = {"a", "b"};
    char *field = (char *)out + s->offset;
    struct path path = some;
    path.found = files_write("some", "some bytes");
    pair[0] = pair[1] = path;
    switch (s->type) {
    case SETTING_TEXT:
        *(const char **)(void *)field = "text";
        break;
    case SETTING_PATH:
        memcpy(field, &path, sizeof path);
        break;
    case SETTING_PATHS:
        memcpy(field, &(struct paths){pair, 2}, sizeof(struct paths));
        break;
    case SETTING_COLUMN:
        memcpy(field, &(struct column){"col", 0}, sizeof(struct column));
        break;
    case SETTING_INTS:
        memcpy(field, &(struct ints){whole, 2}, sizeof(struct ints));
        break;
    case SETTING_REALS:
        memcpy(field, &(struct reals){real, 2}, sizeof(struct reals));
        break;
    case SETTING_TEXTS:
        memcpy(field, &(struct texts){texts, 2}, sizeof(struct texts));
        break;
    default:
        metric_settings_write(out, s, s->def == 1 ? 0 : s->def == 0 ? 1 : s->def / 2);
    }
}

START_TEST(every_setting_of_every_split_counts) {
    for (size_t k = 0; k < split_method_count(); k++) {
        plan.split.method = split_method_nth(k);
        const struct settings *table = &plan.split.method->settings;
        for (size_t j = 0; j < table->n; j++) {
            default_settings(table, &settings);
            remember();
            alter(&table->at[j], &settings);
            ck_assert_msg(!is_same(), "%s.%s", plan.split.method->id, table->at[j].name);
        }
    }
}
END_TEST

START_TEST(every_setting_of_every_metric_counts) {
    for (size_t k = 0; k < metric_count(); k++) {
        metrics[0].metric = metric_nth(k);
        metrics[0].settings = NULL;
        const struct settings *table = &metrics[0].metric->settings;
        union {
            unsigned char bytes[1024];
            max_align_t align;
        } own;
        for (size_t j = 0; j < table->n; j++) {
            metrics[0].settings = NULL;
            remember();
            metrics[0].settings = &own;
            default_settings(table, &own);
            ck_assert(is_same()); // a default that is written is a default
            alter(&table->at[j], &own);
            ck_assert_msg(!is_same(), "%s.%s", metrics[0].metric->id, table->at[j].name);
        }
    }
}
END_TEST

static void set_split(const char *method, const char *name, const void *value, size_t size) {
    plan.split.method = split_method_find(method);
    const struct settings *table = &plan.split.method->settings;
    for (size_t k = 0; k < table->n; k++)
        if (strcmp(table->at[k].name, name) == 0)
            memcpy(&settings.bytes[table->at[k].offset], value, size);
}

START_TEST(files_count_by_what_they_hold) {
    plan.split.method = split_method_find("predefined");
    default_settings(&plan.split.method->settings, &settings);
    struct path path = {"users.txt", files_write("users.txt", "1\n2\n")};
    set_split("predefined", "users", &path, sizeof path);
    remember();
    path = (struct path){"others.txt", files_write("others.txt", "1\n2\n")};
    set_split("predefined", "users", &path, sizeof path);
    ck_assert(is_same());
    files_write("others.txt", "1\n3\n");
    ck_assert(!is_same());
    path = (struct path){"none.txt", files_path("none.txt")};
    set_split("predefined", "users", &path, sizeof path);
    struct key_base base;
    struct error e = {0};
    ck_assert(!key_base_init(&base, &plan, 0, data_hash, &arena, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "none.txt"));
}
END_TEST

// Files that a split names in few words lie beside the data's own.
START_TEST(members_of_the_data_count_by_their_pairs) {
    static struct load load;
    static const char *const names[] = {"u1..u2"};
    const struct texts folds = {names, 1};
    files_write("u.data", "1\t1\t3\t0\n1\t2\t4\t0\n2\t1\t5\t0\n");
    files_write("u1.base", "1\t1\t3\t0\n");
    files_write("u1.test", "1\t2\t4\t0\n");
    files_write("u2.base", "1\t2\t4\t0\n");
    files_write("u2.test", "1\t1\t3\t0\n");
    load_init(&load, "movielens");
    load_path(&load, "movielens", files_path("."));
    data = load.spec;
    plan.split.method = split_method_find("predefined");
    default_settings(&plan.split.method->settings, &settings);
    set_split("predefined", "folds", &folds, sizeof folds);
    remember();
    files_write("u2.test", "2\t1\t3\t0\n");
    ck_assert(!is_same());
    files_write("u2.test", "1\t1\t3\t0\n");
    ck_assert(is_same());
    files_write("u1.base", "1\t1\t3\t0\n2\t1\t5\t0\n");
    ck_assert(!is_same());
}
END_TEST

START_TEST(the_text_is_sorted_lines) {
    struct key_base base;
    struct key key;
    struct error e = {0};
    const char *text;
    schema.libraries = "z.so=1\na.so=2\n";
    ck_assert(key_base_init(&base, &plan, 0, data_hash, &arena, &e));
    ck_assert(key_make(&key, &base, &trial, &text, &arena, &e));
    size_t n = 0;
    for (const char *line = text, *next; (next = strchr(line, '\n')) && next[1]; line = next + 1) {
        const size_t length = strcspn(next + 1, "\n");
        const size_t shorter = (size_t)(next - line) < length ? (size_t)(next - line) : length;
        ck_assert_msg(memcmp(line, next + 1, shorter) <= 0, "%s", text);
        n++;
    }
    ck_assert_uint_gt(n, 20);
    ck_assert_ptr_nonnull(strstr(text, "\nparam.lambda=0.10000000000000001\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nparam.solver=\"cholesky\"\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nlibrary a.so=2\n"));
    // The order in which a plugin declares its parameters is nothing to a result but by its bytes.
    const struct schema_param first = params[0];
    const struct param_value value = values[0];
    params[0] = params[1], values[0] = values[1];
    params[1] = first, values[1] = value;
    struct key swapped;
    ck_assert(key_make(&swapped, &base, &trial, NULL, &arena, &e));
    ck_assert_str_eq(swapped.hex, key.hex);
}
END_TEST

START_TEST(lists_do_not_run_into_each_other) {
    static const char *const two[] = {"a", "b"}, *const one[] = {"a\", \"b"},
                             *const line[] = {"a\nb"};
    const struct texts lists[] = {{two, 2}, {one, 1}, {line, 1}, {two, 1}};
    struct key keys[4];
    plan.split.method = split_method_find("predefined");
    default_settings(&plan.split.method->settings, &settings);
    for (size_t k = 0; k < 4; k++) {
        set_split("predefined", "folds", &lists[k], sizeof lists[k]);
        keys[k] = make();
        for (size_t j = 0; j < k; j++) ck_assert_str_ne(keys[j].hex, keys[k].hex);
    }
}
END_TEST

int main(void) {
    TCase *keys = tcase_create("key");
    tcase_add_checked_fixture(keys, setup, teardown);
    tcase_add_test(keys, what_the_plan_says_counts_where_results_depend_on_it);
    tcase_add_test(keys, what_a_trial_is_counts);
    tcase_add_test(keys, what_makes_up_a_blend_counts);
    tcase_add_test(keys, an_inner_trial_knows_one_metric);
    tcase_add_test(keys, every_setting_of_every_split_counts);
    tcase_add_test(keys, every_setting_of_every_metric_counts);
    tcase_add_test(keys, files_count_by_what_they_hold);
    tcase_add_test(keys, members_of_the_data_count_by_their_pairs);
    tcase_add_test(keys, the_text_is_sorted_lines);
    tcase_add_test(keys, lists_do_not_run_into_each_other);
    Suite *suite = suite_create("key");
    suite_add_tcase(suite, keys);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
