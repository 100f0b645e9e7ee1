// The hash of a plan: each key that decides a table changes it, and nothing else does.
#include "experiment/hash.h"
#include "support/experiment.h"

#define REST \
    "split = { method = \"kfold\"; folds = 3; };\n" \
    "metrics = ( \"rmse\", { metric = \"top5\"; share = 0.1; } );\n"
#define SEARCH "search = { method = \"random\"; trials = 6; };\n"
#define MODELS \
    "models = ( { plugin = \"right\"; rank = [4, 8]; lambda = \"0.1..1\"; },\n" \
    "  { plugin = \"bias\"; damping_user = 3; } );\n"
#define ALL DATA REST SEARCH MODELS

static char hash[40];

static const char *hash_of(const char *text) {
    must_read(text);
    ck_assert_uint_eq(strlen(x.plan_hash), 32);
    return strcpy(hash, x.plan_hash);
}

static void read_one(const char *override) {
    overrides[0] = override;
    options.n_overrides = 1;
    must_read(ALL);
    options.n_overrides = 0;
}

START_TEST(what_decides_nothing_leaves_it) {
    hash_of(ALL);
    static const char *const same[] = {"name=other", "report=[md]", "threads=2", "jobs=1",
        "limits={ seconds = 60; mib = 100; }", "nice=3", "sandbox=true", "split.folds=3", "seed=1",
        "models.0.rank=[4, 8]", "models.0.lambda=1e-1..1 log", "models.bias.damping_user=3.0",
        "search.folds=3", "models.0.label=right", "plugin_path=/tmp", "clip=true",
        "models.1.search=false", "only=[right, bias]"};
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
        read_one(same[k]);
        ck_assert_msg(strcmp(x.plan_hash, hash) == 0, "%s changes the hash", same[k]);
    }
}
END_TEST

START_TEST(what_decides_changes_it) {
    static const char *const other[] = {"seed=2", "seeds=2", "validation=0.1", "min_coverage=0.4",
        "clip=false", "predictions=true", "baseline=bias", "split.folds=4", "split.repeats=2",
        "split={ method = \"holdout\"; }", "data.synthetic.users=51", "data.synthetic.seed=9",
        "data.name=\"n\"", "filter.min_user=1", "filter.sample=0.5", "metrics.1.share=0.2",
        "metrics=[rmse]", "models.0.rank=[8, 4]", "models.0.rank=[4, 8, 16]", "models.0.rank=8",
        "models.0.lambda=0.1..2", "models.0.lambda=0.1..1 linear", "models.0.lambda=0.1..1 5",
        "models.0.lambda={ range = \"0.1..1\"; when = { rank = 4; }; }",
        "models.0.lambda={ range = \"0.1..1\"; when = { rank = 8; }; }", "models.0.fast=false",
        "models.0.hidden=[4]", "models.bias.damping_user=4", "models.0.label=r", "search.trials=7",
        "search.method=grid", "search.folds=4", "search.metric=\"top5 share=0.1\"",
        "search={ seconds = 3; }", "search={ seconds = 4; }", "models.0.search.trials=5",
        "only=[right]", "models.bias.alternations=2"};
    enum { N = sizeof other / sizeof *other };
    static char seen[N + 1][40];
    strcpy(seen[N], hash_of(ALL));
    for (size_t k = 0; k < N; k++) {
        if (strcmp(other[k], "search.method=grid") == 0) {
            overrides[0] = other[k];
            overrides[1] = "models.0.lambda=[0.1, 1]";
            overrides[2] = "search.trials=6";
            options.n_overrides = 3;
            must_read(ALL);
            options.n_overrides = 0;
        } else {
            read_one(other[k]);
        }
        strcpy(seen[k], x.plan_hash);
        ck_assert_msg(strcmp(seen[k], seen[N]) != 0, "%s does not change the hash", other[k]);
        for (size_t before = 0; before < k; before++)
            ck_assert_msg(
                strcmp(seen[k], seen[before]) != 0, "%s is as %s", other[k], other[before]);
    }
}
END_TEST

// The keys of a plan, shuffled: the order of rows is that of models, all else has none.
START_TEST(the_order_of_keys_leaves_it) {
    static const char models[] =
        "models = ( { rank = [4, 8]; lambda = \"0.1..1\"; plugin = \"right\"; },\n"
        "  { damping_user = 3; plugin = \"bias\"; } );\n";
    static const char *const tops[] = {DATA, REST, SEARCH, "seed = 1; clip = true;\n", models};
    enum { N = sizeof tops / sizeof *tops };
    hash_of(ALL);
    for (unsigned turn = 0; turn < 20; turn++) {
        char text[2048] = "";
        bool used[N] = {false};
        unsigned state = turn;
        for (size_t left = N; left > 0; left--) {
            size_t at = state % left;
            state = state / (unsigned)left + 7 * turn;
            for (size_t k = 0; k < N; k++) {
                if (used[k] || at-- > 0) continue;
                used[k] = true;
                strcat(text, tops[k]);
                break;
            }
        }
        must_read(text);
        ck_assert_msg(strcmp(x.plan_hash, hash) == 0, "%s", text);
    }
    must_read("split = { folds = 3; method = \"kfold\"; };\n" SEARCH MODELS
              "metrics = ( \"rmse\", { share = 0.1; metric = \"top5\"; } );\n"
              "data = ( { synthetic = { ratings = 600; items = 40; users = 50; }; } );");
    ck_assert_str_eq(x.plan_hash, hash);
    must_read(
        DATA REST SEARCH "models = ( { plugin = \"bias\"; damping_user = 3; },\n"
                         "  { plugin = \"right\"; rank = [4, 8]; lambda = \"0.1..1\"; } );\n");
    ck_assert_str_ne(x.plan_hash, hash);
}
END_TEST

START_TEST(the_resolved_file_has_it_too) {
    overrides[0] = "models.0.search.trials=5";
    overrides[1] = "models.0.solver=any";
    overrides[2] = "models.0.rank={ values = [1, 2]; when = { solver = \"gradient\"; }; }";
    options.n_overrides = 3;
    hash_of(ALL);
    char *text = print();
    options.n_overrides = 0;
    ck_assert_str_eq(hash_of(text), hash);
    free(text);
}
END_TEST

START_TEST(files_count_by_name) {
    options.skip_data = true;
#define FILE_AT(path) "data = { movielens = \"" path "\"; };\n" BIAS
    hash_of(FILE_AT("ml-100k.zip"));
    must_read(FILE_AT("/elsewhere/ml-100k.zip"));
    ck_assert_str_eq(x.plan_hash, hash);
    must_read(FILE_AT("ml-1m.zip"));
    ck_assert_str_ne(x.plan_hash, hash);
    must_read("data = { delimited = \"a.csv\"; user = 1; item = 2; rating = 3; delimiter = \"/\"; "
              "scale = [1, 5]; };" BIAS);
    char *text = hash_text(&x);
    ck_assert_ptr_nonnull(strstr(text, "delimiter=1:/;"));
    free(text);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("experiment_hash");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, what_decides_nothing_leaves_it);
    tcase_add_test(cases, what_decides_changes_it);
    tcase_add_test(cases, the_order_of_keys_leaves_it);
    tcase_add_test(cases, the_resolved_file_has_it_too);
    tcase_add_test(cases, files_count_by_name);
    Suite *suite = suite_create("experiment_hash");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
