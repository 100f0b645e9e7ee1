// Saved models answer as they did before, to the bit: every plugin of the build that can be saved,
// trained and loaded in processes of the worker's, against one that was fitted right here.
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"
#include "experiment/experiment.h"
#include "model/loader.h"
#include "model/model.h"
#include "trial/fitting.h"
#include "trial/stage.h"
#include "trial/worker.h"

static char build[4096], folder[64], path[128];
static struct error e;

static void setup(void) {
    strcpy(folder, "/tmp/reckon-fitting-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/m.rkm", folder);
    e = (struct error){0};
}

static void teardown(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

// ---- An experiment with one model --------------------------------------------------------------

static void read_experiment(struct experiment *x, const char *plugin, const char *more) {
    char file[128];
    snprintf(file, sizeof file, "%s/fit.cfg", folder);
    FILE *f = fopen(file, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f,
        "name = \"t\"; seed = 3; data = { synthetic = { users = 30; items = 40; ratings = 500; "
        "rank = 2; }; }; split = { method = \"kfold\"; folds = 3; }; models = ({ plugin = \"%s\"; "
        "%s });",
        plugin, more);
    fclose(f);
    struct problems problems = {0};
    const struct experiment_options options = {0};
    const bool read = experiment_read(x, file, &options, &problems);
    ck_assert_msg(read, "%s", problems.n ? problems.text[0] : "no message");
    problems_done(&problems);
}

static void save(struct experiment *x, uint32_t threads) {
    struct fitted fitted;
    x->plan.threads = threads;
    ck_assert_msg(fitting_save(&x->plan, 0, NULL, path, &fitted, &e), "%s", e.text);
    ck_assert_uint_eq(fitted.n_ratings, 500);
    ck_assert_uint_gt(fitted.n_state, 0);
    fitted_done(&fitted);
}

// All pairs of the catalogue.
static rk_pairs make_pairs(uint32_t n_users, uint32_t n_items, bool times) {
    const size_t n = (size_t)n_users * n_items;
    uint32_t *users = malloc(n * sizeof *users), *items = malloc(n * sizeof *items);
    int64_t *time = times ? malloc(n * sizeof *time) : NULL;
    for (size_t k = 0; k < n; k++) {
        users[k] = (uint32_t)(k / n_items);
        items[k] = (uint32_t)(k % n_items);
        if (times) time[k] = k % 3 ? 1000000000 + (int64_t)k : RK_NO_TIME;
    }
    return (rk_pairs){sizeof(rk_pairs), n, users, items, time};
}

static void pairs_done(rk_pairs *p) {
    free((void *)(uintptr_t)p->users);
    free((void *)(uintptr_t)p->items);
    free((void *)(uintptr_t)p->time);
}

// What the model answers that is fitted in this very process.
static void answer_here(const struct experiment *x, const rk_pairs *pairs, float *out) {
    const struct plan *plan = &x->plan;
    const struct schema *schema = plan->models->schema;
    struct dataset data = {0};
    struct train train = {0};
    ck_assert_msg(stage_data(plan->data, 1, NULL, &data, &e), "%s", e.text);
    const struct fold_plan fold = {
        .data = &data, .split = plan->split, .seed = plan->seed, .validation = plan->validation};
    const bool sliced = (schema->flags & RK_WANTS_VALID) && plan->validation > 0;
    const int fd = image_create("train", &e);
    ck_assert(fold_build(&fold, sliced ? -1 : fd, sliced ? fd : -1, -1, 1, &e));
    ck_assert(train_map(&train, fd, &e));
    close(fd);
    const rk_plugin *plugin = loader_open(schema->path, &e);
    ck_assert_msg(plugin != NULL, "%s", e.text);
    struct host host;
    struct model model = {0};
    host_init(&host, NULL, random_mix(random_key(plan->seed, RANDOM_TRIAL, 0), 0));
    ck_assert_msg(model_create(&model, plugin, plan->models->values, &host, &e), "%s", e.text);
    ck_assert_msg(model_fit(&model, &train.data, NULL, &e), "%s", e.text);
    ck_assert_msg(model_predict(&model, pairs, out, &e), "%s", e.text);
    model_done(&model);
    train_done(&train);
    dataset_done(&data);
}

static char *read_file(size_t *n) {
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    char *bytes = malloc(1 << 24);
    *n = fread(bytes, 1, 1 << 24, f);
    fclose(f);
    return bytes;
}

static void compare(struct experiment *x) {
    struct saved saved;
    size_t n, again;
    save(x, 1);
    char *one = read_file(&n);
    save(x, 8);
    char *eight = read_file(&again);
    ck_assert_uint_eq(n, again);
    ck_assert_msg(memcmp(one, eight, n) == 0, "the file depends on threads");
    free(one);
    free(eight);
    ck_assert_msg(saved_open(&saved, path, &e), "%s", e.text);
    rk_pairs pairs = make_pairs(saved.users.n, saved.items.n, saved.has_time);
    float *here = malloc(pairs.n * sizeof *here), *there = malloc(pairs.n * sizeof *there);
    answer_here(x, &pairs, here);
    for (uint32_t threads = 1; threads <= 8; threads += 7) {
        memset(there, 0xFF, pairs.n * sizeof *there);
        ck_assert_msg(fitting_answer(&saved, x->plan.models->schema, &pairs, threads, there, &e),
            "%s", e.text);
        ck_assert_mem_eq(here, there, pairs.n * sizeof *here);
    }
    free(here);
    free(there);
    pairs_done(&pairs);
    saved_done(&saved);
}

static bool can_be_saved(const struct schema *s) {
    for (uint32_t k = 0; k < s->n_extensions; k++)
        if (strcmp(s->extensions[k], RK_EXT_STATE) == 0) return true;
    return false;
}

START_TEST(every_plugin_answers_as_before_it_was_saved) {
    char plugins[8192];
    snprintf(plugins, sizeof plugins, "%s/plugins", build);
    DIR *d = opendir(plugins);
    ck_assert_ptr_nonnull(d);
    int seen = 0;
    for (const struct dirent *entry; (entry = readdir(d));) {
        char id[256];
        snprintf(id, sizeof id, "%s", entry->d_name);
        char *end = strrchr(id, '.');
        if (!end || strcmp(end, ".so") != 0) continue;
        *end = '\0';
        struct experiment x = {0};
        read_experiment(&x, id, "");
        if (can_be_saved(x.plan.models->schema)) {
            compare(&x);
            seen++;
        }
        experiment_done(&x);
    }
    closedir(d);
    ck_assert_int_ge(seen, 4);
}
END_TEST

// ---- What is searched --------------------------------------------------------------------------

// Scores of the trials on inner folds.
struct seen {
    double sum[16];
    size_t n[16];
};

static void tick(void *arg, const struct results *r, const struct runner_view *view) {
    struct seen *seen = arg;
    const struct trial_record *t = view->ended;
    (void)r;
    if (!t) return;
    ck_assert(t->inner >= 1 && t->inner <= 3 && t->fold == 0 && t->candidate < 16);
    seen->sum[t->candidate] += scores_get(&t->scores, SLICE_ALL, "rmse");
    seen->n[t->candidate]++;
}

START_TEST(what_is_searched_is_chosen_on_inner_folds_of_all_ratings) {
    struct experiment x = {0};
    struct seen seen = {0};
    struct fitted fitted;
    const struct runner_events events = {.arg = &seen, .tick = tick};
    read_experiment(&x, "item_mean",
        "shrinkage = [0.1, 1.0, 25.0, 5.0, 900.0]; search = { method = \"grid\"; trials = 6; };");
    ck_assert_msg(fitting_save(&x.plan, 0, &events, path, &fitted, &e), "%s", e.text);
    ck_assert_ptr_nonnull(fitted.tuned);
    double least = INFINITY;
    for (uint32_t c = 0; c < fitted.tuned->n_candidates; c++) {
        ck_assert_uint_eq(seen.n[c], 3);
        if (seen.sum[c] / 3 < least) least = seen.sum[c] / 3;
    }
    ck_assert_uint_eq(fitted.tuned->n_candidates, 5); // the default is in the list
    ck_assert_double_eq_tol(fitted.tuned->inner, least, 1e-12);
    struct saved saved;
    ck_assert_msg(saved_open(&saved, path, &e), "%s", e.text);
    ck_assert(saved.values[0].number == fitted.tuned->values[0].number);
    saved_done(&saved);

    // The very file that a training by the chosen value gives, at any number of jobs.
    size_t n, again;
    char *tuned = read_file(&n);
    x.plan.jobs = x.plan.threads = 3;
    struct fitted other;
    ck_assert(fitting_save(&x.plan, 0, NULL, path, &other, &e));
    char *jobs = read_file(&again);
    ck_assert_uint_eq(n, again);
    ck_assert_mem_eq(tuned, jobs, n);
    fitted_done(&other);
    experiment_done(&x);
    char value[64];
    const double chosen = fitted.tuned->values[0].number;
    snprintf(value, sizeof value, chosen < 1 ? "shrinkage = %.17g;" : "shrinkage = %.1f;", chosen);
    read_experiment(&x, "item_mean", value);
    ck_assert(fitting_save(&x.plan, 0, NULL, path, &other, &e));
    ck_assert_ptr_null(other.tuned);
    char *fixed = read_file(&again);
    ck_assert_uint_eq(n, again);
    ck_assert_mem_eq(tuned, fixed, n);
    fitted_done(&other);
    fitted_done(&fitted);
    experiment_done(&x);
    free(tuned);
    free(jobs);
    free(fixed);
}
END_TEST

// ---- What cannot be ----------------------------------------------------------------------------

// `claims`: that it can be saved, which it can't.
static void refuse_to_save(const char *more, bool claims, const char *wanted) {
    static const char *const state = RK_EXT_STATE;
    char name[8192];
    struct experiment x = {0};
    struct fitted fitted;
    snprintf(name, sizeof name, "%s/tests/broken/misbehaves.so", build);
    read_experiment(&x, name, more);
    x.schemas[0].extensions = &state;
    x.schemas[0].n_extensions = claims;
    ck_assert(!fitting_save(&x.plan, 0, NULL, path, &fitted, &e));
    ck_assert_msg(strstr(e.text, wanted) != NULL, "%s", e.text);
    ck_assert_int_ne(access(path, F_OK), 0);
    experiment_done(&x);
}

START_TEST(what_cannot_be_saved_is_told) {
    refuse_to_save(
        "", false, "misbehaves cannot save its models: it has no extension \"reckon.state/1\"");
    refuse_to_save("how = \"tell\";", true, "misbehaves cannot be saved: it has no extension");
#ifdef __SANITIZE_ADDRESS__ // whose own handler makes an exit of a crash
    refuse_to_save("how = \"segfault\"; where = \"fit\";", true, "ended the process in fit");
#else
    refuse_to_save("how = \"segfault\"; where = \"fit\";", true, "crashed in fit");
#endif
    refuse_to_save("how = \"exit\"; where = \"fit\";", true, "ended the process in fit");
    refuse_to_save("how = \"fail\"; where = \"create\";", true, "create failed");
}
END_TEST

START_TEST(another_build_of_the_plugin_is_refused) {
    struct experiment x = {0};
    struct saved saved;
    read_experiment(&x, "bias", "");
    save(&x, 1);
    ck_assert(saved_open(&saved, path, &e));
    struct schema other = *x.plan.models->schema;
    ck_assert(fitting_check_plugin(&saved, &other, path, &e));
    other.hash = "00000000000000000000000000000000";
    ck_assert(!fitting_check_plugin(&saved, &other, path, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "m.rkm was saved by bias"));
    ck_assert_ptr_nonnull(strstr(e.text, "is another build"));
    saved_done(&saved);
    experiment_done(&x);
}
END_TEST

// A state of another form: the plugin's word for it, in the loading process.
START_TEST(a_state_that_the_plugin_refuses_is_told) {
    struct experiment x = {0};
    struct saved saved;
    read_experiment(&x, "bias", "");
    save(&x, 1);
    ck_assert(saved_open(&saved, path, &e));
    rk_pairs pairs = make_pairs(2, 2, false);
    float out[4];
    const size_t whole = saved.n_state;
    saved.n_state = whole - 1;
    ck_assert(!fitting_answer(&saved, x.plan.models->schema, &pairs, 1, out, &e));
    ck_assert_msg(strncmp(e.text, "bias: bias: load failed", 23) == 0, "%s", e.text);
    char *longer = calloc(1, whole + 1);
    memcpy(longer, saved.state, whole);
    saved.state = longer;
    saved.n_state = whole + 1;
    ck_assert(!fitting_answer(&saved, x.plan.models->schema, &pairs, 1, out, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "load"));
    free(longer);
    pairs_done(&pairs);
    saved_done(&saved);
    experiment_done(&x);
}
END_TEST

int main(void) {
    char program[8192];
    snprintf(build, sizeof build, "%s", getenv("RECKON_BUILD"));
    snprintf(program, sizeof program, "%s/plugins", build);
    setenv("RECKON_PLUGIN_PATH", program, 1);
    snprintf(program, sizeof program, "%s/framework/reckon", build);
    worker_set_program(program);
    loader_prepare_blas();
    TCase *cases = tcase_create("fitting");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, every_plugin_answers_as_before_it_was_saved);
    tcase_add_test(cases, what_is_searched_is_chosen_on_inner_folds_of_all_ratings);
    tcase_add_test(cases, what_cannot_be_saved_is_told);
    tcase_add_test(cases, another_build_of_the_plugin_is_refused);
    tcase_add_test(cases, a_state_that_the_plugin_refuses_is_told);
    tcase_set_timeout(cases, 120);
    Suite *suite = suite_create("fitting");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
