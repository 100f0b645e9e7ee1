// The resolved configuration, and the plan in words.
#include "support/experiment.h"

START_TEST(the_resolved_file_gives_the_same_plan) {
    overrides[0] = "models.svd.l2=0.30000000000000004";
    options.n_overrides = 1;
    only[0] = "svd";
    options.n_only = 1;
    must_read("seed = 99999999999;\n" DATA
              "models = ( \"bias\", { plugin = \"svd\"; rank = [8, 16]; decay = (1, 0.5); },\n"
              "  { plugin = \"right\"; label = \"\\\"q\\\" \\\\\"; } );\n"
              "metrics = ( \"rmse\", { metric = \"top5\"; share = 0.1; } );");
    char *first = print();
    ck_assert_ptr_nonnull(strstr(first, "l2 = 0.30000000000000004;"));
    ck_assert_ptr_nonnull(strstr(first, "seed = 99999999999L;"));
    options.n_overrides = options.n_only = 0;
    must_read(first);
    LABELS("svd rank=8 decay=1", "svd rank=8 decay=0.5", "svd rank=16 decay=1",
        "svd rank=16 decay=0.5");
    ck_assert(param(0, "l2") == 0.30000000000000004);
    ck_assert_uint_eq(x.plan.seed, 99999999999);
    char *second = print();
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
}
END_TEST

START_TEST(origins_are_told) {
    overrides[0] = "seeds=2";
    options.n_overrides = 1;
    must_read("\nseed = 3;\n" DATA BIAS);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    experiment_print(&x, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "seed = 3; // t.cfg:2\n"));
    ck_assert_ptr_nonnull(strstr(text, "seeds = 2; // command line\n"));
    ck_assert_ptr_nonnull(strstr(text, "clip = true; // default\n"));
    free(text);
}
END_TEST

START_TEST(the_plan_is_described) {
    must_read("seeds = 2;\n" DATA "models = ( { plugin = \"svd\"; rank = [8, 16]; } );"
              "split = { method = \"kfold\"; folds = 4; repeats = 3; }; threads = 1;");
    char *text = describe();
    ck_assert_ptr_nonnull(strstr(text,
        "trials    48 = 1 data set x 12 folds x 2 models x 2 seeds, 1 at a time on 1 thread\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nmemory    at most about "));
    free(text);
}
END_TEST

// What excludes each other is told with its line, and left out of the resolved file where absent.
START_TEST(splits_are_read_and_told) {
    must_read(DATA BIAS "split = { method = \"time\"; last = 5; };");
    char *text = print();
    ck_assert_ptr_nonnull(strstr(text, "\n    last = 5;\n"));
    ck_assert_ptr_null(strstr(text, "last_share"));
    ck_assert_ptr_null(strstr(text, "test"));
    must_read(text);
    free(text);
    must_read(DATA BIAS "split = { method = \"cold_users\"; folds = 4; given = 3; };");
    text = print();
    ck_assert_ptr_null(strstr(text, "\n    share"));
    ck_assert_ptr_nonnull(strstr(text, "\n    repeats = 1;\n"));
    must_read(text);
    free(text);
    REFUSE(DATA BIAS "split = { method = \"time\"; };",
        "t.cfg:3: split: one of test, last and last_share is needed: *");
    REFUSE(DATA BIAS "split = { method = \"time\"; test = 0.2; last = 5; };",
        "t.cfg:3: split: one of test, last and last_share is needed: *");
    REFUSE(DATA BIAS "split = { method = \"time\"; last = 0; };",
        "t.cfg:3: split.last: a whole number from 1 to 1000000 is expected, not 0");
    REFUSE(DATA BIAS "split = { method = \"cold_items\"; };",
        "t.cfg:3: split: one of share and folds is needed: *");
    REFUSE(DATA BIAS "split = { method = \"cold_users\"; share = 0.2; folds = 5; };",
        "t.cfg:3: split: one of share and folds is needed: *");
}
END_TEST

START_TEST(limits_are_read_told_and_kept) {
    must_read(DATA BIAS);
    ck_assert(x.plan.limits.seconds == 0 && x.plan.limits.mib == 0);
    ck_assert(x.plan.nice == 0 && !x.plan.sandbox);
    ck_assert(x.plan.shard.index == 0 && x.plan.shard.count == 1);
    char *text = describe();
    ck_assert_ptr_null(strstr(text, "limits"));
    free(text);
    overrides[0] = "limits.mib=100";
    options.n_overrides = 1;
    must_read(DATA BIAS "limits = { seconds = 0.5; }; nice = 19; sandbox = true;");
    ck_assert(x.plan.limits.seconds == 0.5 && x.plan.limits.mib == 100);
    ck_assert(x.plan.nice == 19 && x.plan.sandbox);
    text = describe();
    ck_assert_ptr_nonnull(strstr(text,
        "\nlimits    0.5 s by the clock a trial, 100 MiB a trial, niceness 19, no files, network "
        "or other processes\n"));
    free(text);
    options.n_overrides = 0;
    text = print();
    must_read(text);
    ck_assert(x.plan.limits.seconds == 0.5 && x.plan.limits.mib == 100);
    ck_assert(x.plan.nice == 19 && x.plan.sandbox);
    free(text);
    REFUSE(DATA BIAS "limits = { seconds = 0;\n mb = 3; mib = -1; };\nnice = 20; sandbox = 1;",
        "t.cfg:3: limits.seconds: a number from 0.001 to 1000000000 is expected, not 0",
        "t.cfg:4: limits.mb: limits has no key \"mb\"; did you mean \"mib\"?",
        "t.cfg:4: limits.mib: a number from 1 to 1000000000 is expected, not -1",
        "t.cfg:5: nice: a whole number from 0 to 19 is expected, not 20",
        "t.cfg:5: sandbox: true or false is expected, not 1");
    REFUSE(DATA BIAS "limits = 60;",
        "t.cfg:3: limits: a group { } is expected, as in { seconds = 60; mib = 2000; }, not 60");
    REFUSE(DATA BIAS "mib = 60;",
        "t.cfg:3: mib: the experiment has no key \"mib\"; it belongs in limits");
}
END_TEST

#define SEARCHED \
    "models = ( { plugin = \"right\"; rank = [4, 8]; solver = \"any\"; fast = false;\n" \
    "    lambda = { range = \"0.01..1\"; when = { solver = \"gradient\"; }; };\n" \
    "    hidden = ([8], [4, 2]); },\n" \
    "  { plugin = \"svd\"; rank = \"8..64 linear 5\"; search = { trials = 4; folds = 2; }; },\n" \
    "  { plugin = \"svd\"; label = \"rows\"; rank = [8, 16]; search = false; } );\n"

START_TEST(a_search_is_printed_so_that_it_is_the_same_again) {
    overrides[0] = "models.svd.search.trials=5";
    overrides[1] = "models.0.lambda.range=0.1..1 log";
    options.n_overrides = 1;
    REFUSE(DATA SEARCHED, "t.cfg:2: models.0.solver: \"any\" needs search = { ... } in the entry *",
        "t.cfg:3: models.0.lambda: a condition needs search = { ... } in the entry *",
        "command line: models.svd.search.trials: several entries of models *");
    overrides[0] = "models.1.search.trials=5";
    options.n_overrides = 2;
    must_read(DATA SEARCHED "search = { trials = 7; metric = \"mae\"; };\n");
    char *first = print(), hash[40];
    strcpy(hash, x.plan_hash);
    ck_assert_ptr_nonnull(
        strstr(first, "        lambda = {\n            range = \"0.1..1 log\";\n"
                      "            when = {\n                solver = \"gradient\";"));
    ck_assert_ptr_nonnull(strstr(first, "rank = \"8..64 linear 5\";"));
    ck_assert_ptr_nonnull(
        strstr(first, "search = {\n    trials = 7;\n    metric = \"mae\";\n    method = "
                      "\"random\";\n    folds = 3;\n};"));
    ck_assert_ptr_nonnull(
        strstr(first, "        search = {\n            trials = 5;\n            folds = 2;\n"
                      "            metric = \"mae\";\n            method = \"random\";\n"));
    ck_assert_ptr_nonnull(strstr(first, "search = false;"));
    options.n_overrides = 0;
    must_read(first);
    LABELS("right", "svd", "rows rank=8", "rows rank=16");
    ck_assert_str_eq(x.plan_hash, hash);
    ck_assert_uint_eq(x.plan.models[0].tuning->trials, 7);
    ck_assert_uint_eq(x.plan.models[1].tuning->trials, 5);
    ck_assert(x.plan.models[0].tuning->space.dims[3].min == 0.1);
    char *second = print();
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
}
END_TEST

// All its points are a grid's budget, which another method of the experiment's does not change.
START_TEST(the_budget_of_a_grid_is_printed_with_its_entry) {
    must_read(DATA
        "search = { };\n"
        "models = ( { plugin = \"svd\"; rank = [8, 128]; search = { method = \"grid\"; }; },\n"
        "  { plugin = \"svd\"; label = \"b\"; rank = [8, 16]; search = { seconds = 3; }; } );\n");
    char *text = print();
    must_read(text);
    ck_assert_uint_eq(x.plan.models[0].tuning->trials, 2);
    ck_assert(x.plan.models[1].tuning->seconds == 3);
    free(text);
    must_read(DATA "search = { method = \"grid\"; };\n"
                   "models = ( { plugin = \"svd\"; rank = [8, 16]; }, { plugin = \"right\"; rank = "
                   "[8, 16]; } );");
    text = print();
    must_read(text);
    ck_assert_uint_eq(x.plan.models[0].tuning->trials, 3);
    ck_assert_uint_eq(x.plan.models[1].tuning->trials, 2);
    free(text);
}
END_TEST

START_TEST(a_search_is_described) {
    must_read(DATA SEARCHED
        "search = { trials = 7; metric = \"mae\"; }; seeds = 2; jobs = 1; threads = 1;"
        "split = { method = \"kfold\"; folds = 4; };");
    char *text = describe();
    ck_assert_ptr_nonnull(strstr(text, "\nmodels    right: fast = false\n"));
    ck_assert_ptr_nonnull(strstr(text,
        "\nsearch    right: hidden in [8], [4, 2]; rank in 4, 8; solver in \"cholesky\", "
        "\"gradient\"; lambda 0.01..1 (log) where solver = \"gradient\": 7 candidates x 3 inner "
        "folds in each outer fold by random, metric mae\n"
        "          svd: rank 8..64 (5 points): 4 candidates x 2 inner folds in each outer fold by "
        "random, metric mae\n"));
    ck_assert_ptr_nonnull(
        strstr(text, "\ntrials    32 = 1 data set x 4 folds x 4 models x 2 seeds, "
                     "1 at a time on 1 thread\n          and 116 on inner folds, "
                     "to choose what 2 of the models use\n"));
    free(text);
    must_read(DATA "search = { method = \"halving\"; trials = 9; };\n"
                   "models = ( { plugin = \"svd\"; l2 = \"range\"; } );");
    text = describe();
    ck_assert_ptr_nonnull(strstr(text,
        ": at the cost of 9 candidates x 3 inner folds in each outer fold by halving, metric rmse, "
        "with less of epochs at first\n"));
    const struct plan_model *m = &x.plan.models[0];
    char inner[80];
    snprintf(inner, sizeof inner, "          and %zu on inner folds",
        5 * 3 * tuning_length(m->tuning, m->values)); // more than 9, as they are short
    ck_assert_ptr_nonnull(strstr(text, inner));
    free(text);
    must_read(DATA "search = { seconds = 90; };\n"
                   "models = ( { plugin = \"right\"; rank = [4, 8]; } );");
    text = describe();
    ck_assert_ptr_nonnull(
        strstr(text, ": as many candidates as 90 s allow x 3 inner folds in each "
                     "outer fold by random, metric rmse; not reproducible, as the "
                     "clock decides\n"));
    ck_assert_ptr_nonnull(strstr(text, "          and 0 on inner folds, to choose what 1 of the "
                                       "models use, and those that the seconds allow\n"));
    free(text);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("experiment_print");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, the_resolved_file_gives_the_same_plan);
    tcase_add_test(cases, origins_are_told);
    tcase_add_test(cases, the_plan_is_described);
    tcase_add_test(cases, splits_are_read_and_told);
    tcase_add_test(cases, limits_are_read_told_and_kept);
    tcase_add_test(cases, a_search_is_printed_so_that_it_is_the_same_again);
    tcase_add_test(cases, the_budget_of_a_grid_is_printed_with_its_entry);
    tcase_add_test(cases, a_search_is_described);
    Suite *suite = suite_create("experiment_print");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
