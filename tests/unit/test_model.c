// Schemas and values, the host's services, and the checks around calls into a plugin.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "model/machine.h"
#include "model/model.h"

#undef fail // a macro of Check, a field of rk_host

// ---- A plugin that does as it is told ----------------------------------------------------------

struct rk_params {
    double lambda;
    rk_ints hidden;
    int rank, solver;
    bool fast;
};
struct rk_model {
    const rk_host *host;
    const rk_params *params;
};
static struct {
    rk_status create, fit, predict;
    bool forget_out;
    float answer;
    int alive;
} told;

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    if (told.create != RK_OK) return told.create;
    if (told.forget_out) return RK_OK;
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    *m = (rk_model){host, params};
    *out = m;
    told.alive++;
    return RK_OK;
}
static void destroy(rk_model *m) {
    told.alive--;
    free(m);
}
static rk_status fit(rk_model *m, const rk_data *data) {
    (void)data;
    if (told.fit == RK_E_NUMERIC)
        return m->host->fail(m->host, told.fit, "step %d:\nloss is %g\n", 12, HUGE_VAL);
    return told.fit;
}
static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    (void)m;
    for (size_t k = 0; k < pairs->n; k++) out[k] = k == 1 ? told.answer : 3;
    return told.predict;
}
static const char *const solvers[] = {"cholesky", "gradient", NULL};
static const rk_param table[] = {
    RK_REAL(lambda, 0.1, 0.001, 10, RK_LOG, "regularisation"),
    RK_INTS(hidden, " 64,32 ", 1, 1024, "layers"),
    RK_INT(rank, 8, 1, 64, RK_LINEAR, "factors"),
    RK_CHOICE(solver, 1, solvers, "how"),
    RK_BOOL(fast, true, "be quick"),
};
static const char *const needed[] = {"item.genre", NULL};
static const rk_plugin plugin = {.size = sizeof plugin,
    .abi_major = 1,
    .id = "told",
    .summary = "Does as it is told",
    .version = "2.1",
    .flags = RK_COLD_ITEMS,
    RK_PARAMS(table),
    .requires_features = needed,
    .create = create,
    .destroy = destroy,
    .fit = fit,
    .predict = predict};

static struct schema schema;
static struct param_value values[5];
static struct host host;

static void setup(void) {
    struct error e = {0};
    memset(&told, 0, sizeof told);
    told.answer = 3;
    ck_assert_msg(schema_read(&schema, &plugin, "/proc/self/exe", &e), "%s", e.text);
    schema_defaults(&schema, values);
    host_init(&host, NULL, random_key(42, RANDOM_TRIAL, 0));
}

static void teardown(void) {
    ck_assert_int_eq(told.alive, 0);
    schema_done(&schema);
}

// ---- Schema ------------------------------------------------------------------------------------

START_TEST(a_schema_survives_the_way_through_bytes) {
    struct bytes b = {0};
    struct error e = {0};
    struct schema got;
    schema_put(&schema, &b);
    ck_assert(!b.failed);
    for (size_t cut = 0; cut < b.size; cut++) { // a shorter message is refused, wherever it is cut
        struct bytes part = bytes_view(b.at, cut);
        ck_assert(!schema_get(&got, &part, &e));
    }
    struct bytes whole = bytes_view(b.at, b.size);
    ck_assert(schema_get(&got, &whole, &e));
    bytes_done(&b);
    ck_assert_str_eq(got.id, "told");
    ck_assert_str_eq(got.version, "2.1");
    ck_assert_str_eq(got.hash, schema.hash);
    ck_assert_uint_eq(strlen(got.hash), 32);
    ck_assert_str_eq(got.isa, machine_isa());
    ck_assert_str_eq(got.libraries, schema.libraries);
    ck_assert_ptr_nonnull(strstr(got.libraries, "libc.so.6="));
    ck_assert_ptr_nonnull(strstr(got.libraries, "libm.so.6="));
    ck_assert_ptr_null(strstr(got.libraries, "test_model")); // the program itself
    ck_assert_uint_eq(got.flags, RK_COLD_ITEMS);
    ck_assert_uint_eq(got.n_params, 5);
    ck_assert_uint_eq(got.n_requires, 1);
    ck_assert_str_eq(got.requires_features[0], "item.genre");
    ck_assert_uint_eq(got.n_extensions, 0);
    const struct schema_param *p = schema_find(&got, "solver");
    ck_assert(p && p->n_choices == 2 && p->def == 1 && !schema_find(&got, "nope"));
    ck_assert_str_eq(p->choices[0], "cholesky");
    ck_assert_ptr_null(p->choices[2]);
    p = schema_find(&got, "hidden");
    ck_assert(p->n_def_ints == 2 && p->def_ints[0] == 64 && p->def_ints[1] == 32);
    p = schema_find(&got, "lambda");
    ck_assert(p->def == 0.1 && p->min == 0.001 && p->max == 10 && p->role == RK_LOG);
    schema_done(&got);
}
END_TEST

START_TEST(defaults_reach_the_plugins_struct) {
    struct rk_params p;
    memset(&p, 0, sizeof p);
    schema_bind(&plugin, values, &p);
    ck_assert(p.lambda == 0.1 && p.rank == 8 && p.solver == 1 && p.fast);
    ck_assert(p.hidden.n == 2 && p.hidden.at[0] == 64 && p.hidden.at[1] == 32);
}
END_TEST

static void expect_refusal(const char *name, struct param_value v, const char *message) {
    struct error e = {0};
    ck_assert(!schema_check(schema_find(&schema, name), &v, &e));
    ck_assert_str_eq(e.text, message);
}

START_TEST(values_are_checked_against_their_parameter) {
    struct error e = {0};
    for (uint32_t k = 0; k < schema.n_params; k++)
        ck_assert(schema_check(&schema.params[k], &values[k], &e));
    expect_refusal("lambda", (struct param_value){.number = 10.5},
        "lambda: 10.5 is outside its range; allowed is 0.001 to 10");
    expect_refusal("lambda", (struct param_value){.number = NAN},
        "lambda: nan is outside its range; allowed is 0.001 to 10");
    expect_refusal("rank", (struct param_value){.number = 8.5}, "rank: 8.5 is not a whole number");
    expect_refusal("rank", (struct param_value){.number = 65},
        "rank: 65 is outside its range; allowed is 1 to 64");
    expect_refusal("fast", (struct param_value){.number = 2}, "fast: 2 is neither true nor false");
    expect_refusal(
        "solver", (struct param_value){.number = 2}, "solver: choice 2 is none of its 2 choices");
    expect_refusal("hidden", (struct param_value){.ints = (int[]){5, 0}, .n = 2},
        "hidden: 0 is outside its range; allowed is 1 to 1024");
}
END_TEST

static void expect_print(const char *name, struct param_value v, const char *text) {
    struct arena a = {0};
    ck_assert_str_eq(schema_print(schema_find(&schema, name), &v, &a), text);
    arena_done(&a);
}

START_TEST(values_are_printed_as_experiment_files_write_them) {
    expect_print("lambda", (struct param_value){.number = 0.1}, "0.1");
    expect_print("lambda", (struct param_value){.number = 8}, "8");
    expect_print("lambda", (struct param_value){.number = 0.1 + 0.2}, "0.30000000000000004");
    expect_print("lambda", (struct param_value){.number = 1e-7}, "1.0e-07");
    expect_print("lambda", (struct param_value){.number = 1.5e300}, "1.5e+300");
    expect_print("rank", (struct param_value){.number = 64}, "64");
    expect_print("fast", (struct param_value){.number = 0}, "false");
    expect_print("solver", (struct param_value){.number = 0}, "\"cholesky\"");
    expect_print("hidden", (struct param_value){.ints = (int[]){-2147483647 - 1, 7}, .n = 2},
        "[-2147483648, 7]");
    expect_print("hidden", (struct param_value){.n = 0}, "[]");
}
END_TEST

// ---- Model -------------------------------------------------------------------------------------

static const rk_pairs pairs = {.size = sizeof pairs,
    .n = 3,
    .users = (const uint32_t[]){5, 6, 7},
    .items = (const uint32_t[]){1, 2, 3}};

// What becomes of create, fit and predict as told: the message, or "".
static const char *run(struct error *e) {
    struct model m;
    float out[3];
    *e = (struct error){0};
    if (model_create(&m, &plugin, values, &host, e)) {
        ck_assert(m.self->params == m.params && m.self->params->rank == 8);
        if (model_fit(&m, NULL, NULL, e)) model_predict(&m, &pairs, out, e);
    }
    model_done(&m);
    model_done(&m); // done twice is harmless
    ck_assert_int_eq(told.alive, 0);
    return e->text;
}

START_TEST(failures_name_plugin_function_and_status) {
    struct error e;
    ck_assert_str_eq(run(&e), "");
    told.create = RK_E_PARAM;
    ck_assert_str_eq(run(&e), "told: create failed: parameters do not fit together");
    told.create = RK_OK;
    told.forget_out = true;
    ck_assert_str_eq(run(&e), "told: create gave success without setting *out");
    told.forget_out = false;
    told.fit = RK_E_NUMERIC;
    ck_assert_str_eq(
        run(&e), "told: fit failed: diverged, or met a singular matrix: step 12: loss is inf");
    told.fit = RK_E_DATA; // the earlier message is forgotten
    ck_assert_str_eq(run(&e), "told: fit failed: this data cannot train this model");
    told.fit = RK_CANCELLED;
    ck_assert_str_eq(run(&e), "told: fit failed: stopped on request");
    told.fit = 77;
    ck_assert_str_eq(run(&e), "told: fit failed: unknown status 77; a status is -5 to 1");
    told.fit = RK_OK;
    told.predict = RK_E_MEMORY;
    ck_assert_str_eq(run(&e), "told: predict failed: out of memory");
}
END_TEST

START_TEST(an_infinity_fails_and_a_nan_does_not) {
    struct error e;
    told.answer = NAN;
    ck_assert_str_eq(run(&e), "");
    told.answer = -HUGE_VALF;
    ck_assert_str_eq(run(&e),
        "told: predict answers an infinity: pair 1 of 3, user 6, item 2; expected is a rating, or "
        "NAN for no opinion");
}
END_TEST

static struct {
    float mean[2], sd[2];
    rk_status status;
} spread_told;
static rk_status spread(const rk_model *m, const rk_pairs *asked, float *mean, float *sd) {
    (void)m;
    for (size_t k = 0; k < asked->n; k++) {
        mean[k] = spread_told.mean[k];
        sd[k] = spread_told.sd[k];
    }
    return spread_told.status;
}
static const void *extension(const char *id) {
    static const rk_ext_spread table_of_spread = {.predict = spread};
    return strcmp(id, RK_EXT_SPREAD) == 0 ? &table_of_spread : NULL;
}

// What becomes of two deviations and means as told, where predict answered 3 and NAN.
static const char *run_spread(const rk_plugin *of, float *sd, struct error *e) {
    static const float answers[] = {3, NAN};
    static const uint32_t users[] = {5, 6}, items[] = {1, 2};
    const rk_pairs two = {.size = sizeof two, .n = 2, .users = users, .items = items};
    float mean[2];
    struct model m;
    *e = (struct error){0};
    ck_assert(model_create(&m, of, values, &host, e) && model_fit(&m, NULL, NULL, e));
    if (model_spread(&m, &two, answers, mean, sd, e)) ck_assert_str_eq(e->text, "");
    model_done(&m);
    return e->text;
}

START_TEST(deviations_are_judged_and_means_are_those_of_predict) {
    rk_plugin sure = plugin;
    sure.extension = extension;
    float sd[2];
    struct error e;
    spread_told.mean[0] = 3, spread_told.mean[1] = NAN;
    spread_told.sd[0] = 0, spread_told.sd[1] = 7;
    ck_assert_str_eq(run_spread(&sure, sd, &e), "");
    ck_assert(sd[0] == 0 && isnan(sd[1])); // of no opinion there is none
    static const float wrong[] = {-1, NAN, INFINITY};
    static const char *const word[] = {"-1", "nan", "inf"};
    for (int k = 0; k < 3; k++) {
        char text[256];
        snprintf(text, sizeof text,
            "told: the predict of reckon.spread/1 answers the deviation %s: pair 0 of 2, user 5, "
            "item 1; expected is a finite number that is 0 or more",
            word[k]);
        spread_told.sd[0] = wrong[k];
        ck_assert_str_eq(run_spread(&sure, sd, &e), text);
    }
    spread_told.sd[0] = 1;
    spread_told.mean[1] = 4;
    ck_assert_str_eq(run_spread(&sure, sd, &e),
        "told: the predict of reckon.spread/1 answers the mean 4: pair 1 of 2, user 6, item 2; "
        "expected is nan, which predict answers, to the bit");
    spread_told.mean[0] = nextafterf(3, 4);
    ck_assert_str_eq(run_spread(&sure, sd, &e),
        "told: the predict of reckon.spread/1 answers the mean 3.00000024: pair 0 of 2, user 5, "
        "item 1; expected is 3, which predict answers, to the bit");
    spread_told.status = RK_E_NUMERIC;
    ck_assert_ptr_nonnull(
        strstr(run_spread(&sure, sd, &e), "told: predict of reckon.spread/1 failed: "));
    ck_assert_str_eq(run_spread(&plugin, sd, &e),
        "told gives no deviations: it has no extension \"reckon.spread/1\"");
}
END_TEST

START_TEST(without_parameters_the_plugin_gets_null) {
    rk_plugin bare = plugin;
    bare.n_params = 0;
    struct model m;
    struct error e = {0};
    ck_assert(model_create(&m, &bare, NULL, &host, &e));
    ck_assert_ptr_null(m.self->params);
    model_done(&m);
}
END_TEST

// ---- Host --------------------------------------------------------------------------------------

static rk_status failing_body(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)end;
    const rk_host *api = arg;
    return begin < 30 ? RK_OK : api->fail(api, RK_E_DATA, "piece at %zu", begin);
}

START_TEST(the_lowest_piece_has_its_say_on_any_number_of_threads) {
    for (uint32_t threads = 1; threads <= 8; threads *= 2) {
        struct error e = {0};
        struct pool *pool = pool_new(threads, &e);
        ck_assert_ptr_nonnull(pool);
        host_init(&host, pool, 1);
        ck_assert_uint_eq(host.api.n_threads, threads);
        ck_assert_int_eq(
            host.api.parallel_for(&host.api, 1000, 10, failing_body, &host.api), RK_E_DATA);
        ck_assert_str_eq(host.failure, "piece at 30");
        host.api.fail(&host.api, RK_E_DATA, "later");
        ck_assert_str_eq(host.failure, "piece at 30");
        pool_free(pool);
    }
}
END_TEST

static bool refuse_third(void *arg, uint32_t done, uint32_t total, double objective) {
    (void)total, (void)objective;
    ++*(int *)arg;
    return done < 3;
}

static rk_status counting_body(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)begin, (void)end;
    ++*(int *)arg;
    return RK_OK;
}

START_TEST(a_refused_progress_stops_what_follows) {
    int asked = 0, ran = 0;
    host.on_progress = refuse_third;
    host.arg = &asked;
    const rk_host *api = &host.api;
    ck_assert(api->progress(api, 1, 9, NAN) && api->progress(api, 2, 9, NAN));
    ck_assert_int_eq(api->parallel_for(api, 5, 1, counting_body, &ran), RK_OK);
    ck_assert_int_eq(ran, 5);
    ck_assert(!api->progress(api, 3, 9, NAN) && !api->progress(api, 1, 9, NAN));
    ck_assert_int_eq(asked, 3);
    ck_assert_int_eq(api->parallel_for(api, 5, 1, counting_body, &ran), RK_CANCELLED);
    ck_assert_int_eq(ran, 5);
}
END_TEST

static char logged[2048];
static void keep_log(void *arg, rk_log_level level, const char *line) {
    (void)arg;
    ck_assert_int_eq(level, RK_LOG_WARNING);
    strcpy(logged, line);
}

START_TEST(a_log_line_is_one_line) {
    host.on_log = keep_log;
    host.api.log(&host.api, RK_LOG_WARNING, "two\nlines %d\n", 7);
    ck_assert_str_eq(logged, "two lines 7");
}
END_TEST

START_TEST(random_numbers_are_those_of_the_key) {
    float a[9], b[9];
    host.api.uniform(&host.api, 7, a, 9);
    random_uniform(host.key, 7, b, 9);
    ck_assert_mem_eq(a, b, sizeof a);
    host.api.normal(&host.api, 7, a, 9);
    random_normal(host.key, 7, b, 9);
    ck_assert_mem_eq(a, b, sizeof a);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("model");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_schema_survives_the_way_through_bytes);
    tcase_add_test(cases, defaults_reach_the_plugins_struct);
    tcase_add_test(cases, values_are_checked_against_their_parameter);
    tcase_add_test(cases, values_are_printed_as_experiment_files_write_them);
    tcase_add_test(cases, failures_name_plugin_function_and_status);
    tcase_add_test(cases, an_infinity_fails_and_a_nan_does_not);
    tcase_add_test(cases, deviations_are_judged_and_means_are_those_of_predict);
    tcase_add_test(cases, without_parameters_the_plugin_gets_null);
    tcase_add_test(cases, the_lowest_piece_has_its_say_on_any_number_of_threads);
    tcase_add_test(cases, a_refused_progress_stops_what_follows);
    tcase_add_test(cases, a_log_line_is_one_line);
    tcase_add_test(cases, random_numbers_are_those_of_the_key);
    Suite *suite = suite_create("model");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
