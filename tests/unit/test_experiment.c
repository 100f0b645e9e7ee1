// Experiment files to plans.
#include "support/experiment.h"

START_TEST(defaults_make_a_plan) {
    must_read(DATA BIAS);
    ck_assert_str_eq(x.plan.name, "t");
    ck_assert_uint_eq(x.plan.n_data, 1);
    ck_assert_str_eq(x.plan.data[0].format->id, "synthetic");
    ck_assert_str_eq(x.plan.split.method->id, "kfold");
    ck_assert_uint_eq(x.plan.n_metrics, 3);
    ck_assert_str_eq(x.plan.metrics[2].label, "top5");
    ck_assert(x.plan.validation == 0.05 && x.plan.min_coverage == 0.5);
    ck_assert(x.plan.clip && !x.plan.predictions && !x.plan.fail_fast);
    ck_assert_uint_eq(x.plan.n_seeds, 1);
    ck_assert_uint_eq(x.plan.jobs, 1);
    ck_assert_uint_ge(x.plan.threads, 1);
    ck_assert_uint_eq(x.n_report, 3);
    ck_assert_ptr_null(x.plan.baseline);
    LABELS("bias");
}
END_TEST

START_TEST(what_is_written_counts) {
    must_read("name = \"n-1\"; seed = 99999999999; seeds = 2; validation = 0; clip = false;\n"
              "predictions = true; threads = 3; jobs = 2; min_coverage = 1; report = \"md\";\n"
              "baseline = \"(fallback)\"; split = { method = \"holdout\"; test = 0.5; };\n"
              "metrics = ( \"mae\", { metric = \"top5\"; share = 0.1; },\n"
              "  { metric = \"top5\"; share = 0.05; } );\n" DATA BIAS);
    ck_assert_str_eq(x.plan.name, "n-1");
    ck_assert_uint_eq(x.plan.seed, 99999999999);
    ck_assert_uint_eq(x.plan.n_seeds, 2);
    ck_assert(x.plan.validation == 0 && !x.plan.clip && x.plan.predictions);
    ck_assert(x.plan.threads == 3 && x.plan.jobs == 2);
    ck_assert_str_eq(x.plan.split.method->id, "holdout");
    ck_assert_str_eq(x.plan.metrics[1].label, "top5 share=0.1");
    ck_assert_str_eq(x.plan.metrics[2].label, "top5");
    ck_assert_str_eq(x.plan.baseline, "(fallback)");
    ck_assert_str_eq(x.report[0], "md");
}
END_TEST

START_TEST(lists_are_rows) {
    must_read(DATA "models = ( { plugin = \"svd\"; rank = [8, 16]; l2 = (1, 0.5); decay = 1; },\n"
                   "  { plugin = \"svd\"; label = \"mine\"; tune = [true]; } );");
    LABELS("svd rank=8 l2=1", "svd rank=8 l2=0.5", "svd rank=16 l2=1", "svd rank=16 l2=0.5",
        "mine tune=true");
    ck_assert(param(1, "rank") == 8 && param(1, "l2") == 0.5 && param(1, "decay") == 1);
    ck_assert(param(2, "rank") == 16 && param(2, "l2") == 1);
    ck_assert_uint_eq(x.n_schemas, 1);
    REFUSE(DATA "models = ( { plugin = \"svd\"; rank = [8, 8]; decay = []; } );",
        "t.cfg:2: models.0.rank.1: 8 is in the list already",
        "t.cfg:2: models.0.decay: is an empty list; there would be no row");
}
END_TEST

START_TEST(a_list_for_a_list_is_its_value) {
    must_read(DATA "models = ( { plugin = \"right\"; hidden = [4, 2]; },"
                   "  { plugin = \"right\"; hidden = ([4, 2], [8]); } );");
    LABELS("right", "right hidden=[4, 2]", "right hidden=[8]");
    ck_assert_uint_eq(x.plan.models[0].values[1].n, 2);
    ck_assert_int_eq(x.plan.models[0].values[1].ints[1], 2);
    ck_assert_int_eq(x.plan.models[2].values[1].ints[0], 8);
}
END_TEST

START_TEST(labels_become_distinct) {
    must_read(DATA "models = ( { plugin = \"svd\"; rank = 4; }, \"svd\",\n"
                   "  { plugin = \"svd\"; rank = 4; l2 = 0.5; } );");
    LABELS("svd rank=4", "svd", "svd rank=4 l2=0.5");
    REFUSE(DATA "models = ( \"svd\",\n \"svd\",\n { plugin = \"bias\"; label = \"svd\"; },\n"
                "  { plugin = \"bias\"; label = \"(x)\"; } );",
        "t.cfg:3: models.1: \"svd\" is there already, as models.0; give one of them another label",
        "t.cfg:4: models.2: \"svd\" is there already, as models.0; give one of them another label",
        "t.cfg:5: models.3.label: a label is one line of text that does not begin with \"(\", not "
        "\"(x)\"");
    REFUSE(DATA "models = ( \"svd\",\n \"svd\",\n { plugin = \"bias\"; label = \"svd\"; } );",
        "t.cfg:3: models.1: \"svd\" is there already, as models.0; give one of them another label",
        "t.cfg:4: models.2: \"svd\" is there already, as models.0; give one of them another label");
}
END_TEST

START_TEST(every_mistake_is_told_at_once) {
    REFUSE("name = \"a/b\"; sead = 1;\n"
           "data = { synthetic = { user = 9; }; flaws = \"skp\"; };\n"
           "split = { method = \"kfold\"; fold = 3; test = 0.1; };\n"
           "models = ( \"bais\", { plugin = \"svd\"; rank = [8, 1.5]; lambda = 1; }, { } );\n"
           "metrics = ( \"rmes\", { metric = \"top5\"; share = 2; }, { } );\n"
           "report = (\"html\"); xyzzy = { };\n",
        "t.cfg:1: name: \"a/b\" cannot be a folder's name; letters, digits, and . _ - + after the "
        "first are allowed, 100 at most",
        "t.cfg:1: sead: the experiment has no key \"sead\"; did you mean \"seed\"?",
        "t.cfg:2: data.synthetic.user: synthetic has no key \"user\"; did you mean \"users\"*",
        "t.cfg:2: data.flaws: one of \"error\", \"skip\" is expected, not the text \"skp\"; did "
        "you "
        "mean \"skip\"?",
        "t.cfg:3: split.fold: split (kfold) has no key \"fold\"; did you mean \"folds\"*",
        "t.cfg:3: split.test: split (kfold) has no key \"test\"; it belongs in split (holdout)",
        "t.cfg:4: models.0.plugin: no plugin \"bais\"; *",
        "t.cfg:4: models.1.rank.1: a whole number from 1 to 1024 is expected, not 1.5",
        "t.cfg:4: models.1.lambda: svd has no parameter \"lambda\"; it has *",
        "t.cfg:4: models.2: a plugin is needed, as in { plugin = \"als\"; }",
        "t.cfg:5: metrics.0.metric: one of \"*",
        "t.cfg:5: metrics.1.share: a number from 1e-06 to 1 is expected, not 2",
        "t.cfg:5: metrics.2: says no metric; it is { metric = \"top5\"; share = 0.1; }",
        "t.cfg:6: report.0: there is no format \"html\"; there are csv, json, md",
        "t.cfg:6: xyzzy: the experiment has no key \"xyzzy\"; it has *");
}
END_TEST

START_TEST(what_is_missing_is_told) {
    REFUSE("seed = 1;", "t.cfg: data: is missing; it says what to learn from: one of *",
        "t.cfg: models: is missing; name at least one plugin, *");
    REFUSE("data = { }; models = \"bias\";", "t.cfg:1: data: says no source; one of *");
    REFUSE("data = { synthtic = { }; }; models = \"bias\";",
        "t.cfg:1: data: says no source; one of *");
    ck_assert_ptr_nonnull(strstr(problems.text[0], "did you mean \"synthetic\"?"));
    REFUSE(DATA BIAS "split = { method = \"folds\"; };",
        "t.cfg:3: split.method: one of \"cold_items\", \"cold_users\", \"holdout\", \"kfold\", "
        "\"predefined\", \"time\" is expected, not the text \"folds\"; did you mean \"kfold\"?");
    REFUSE(DATA BIAS "baseline = \"svd\"; only = \"sdv\";",
        "t.cfg:3: baseline: no model has the label \"svd\"; a label as tables show it is expected, "
        "or \"(fallback)\"",
        "t.cfg:3: only: no model has the label or plugin \"sdv\"");
}
END_TEST

START_TEST(several_data_sets_and_filters) {
    must_read("filter = { min_user = 5; };\n"
              "data = ( { synthetic = { ratings = 600; }; name = \"a\"; },\n"
              "  { synthetic = { ratings = 700; }; name = \"b\"; filter = { sample = 0.5; }; } "
              ");\n" BIAS);
    ck_assert_uint_eq(x.plan.n_data, 2);
    ck_assert_int_eq(x.plan.data[0].filter.min_user, 5);
    ck_assert_int_eq(x.plan.data[1].filter.min_user, 0);
    ck_assert(x.plan.data[1].filter.sample == 0.5);
    REFUSE(
        "data = ( { synthetic = { }; name = \"a\"; },\n { synthetic = { }; name = \"a\"; } );" BIAS,
        "t.cfg:2: data.1: the name \"a\" is taken by an earlier data set");
}
END_TEST

START_TEST(the_command_line_comes_last) {
    overrides[0] = "models.svd.rank=[8, 16]";
    overrides[1] = "models.0.label=b";
    overrides[2] = "split.folds=3";
    overrides[3] = "name=other";
    overrides[4] = "data.synthetic.users=70";
    overrides[5] = "metrics=[rmse]";
    options.n_overrides = 6;
    options.jobs = 4;
    must_read("jobs = 2;\n" DATA "models = ( \"bias\", { plugin = \"svd\"; rank = 4; } );");
    LABELS("b", "svd rank=8", "svd rank=16");
    ck_assert_str_eq(x.plan.name, "other");
    ck_assert_uint_eq(x.plan.jobs, 4);
    ck_assert_uint_eq(x.plan.n_metrics, 1);
    overrides[1] = "models.0.label=a=b"; // the first = ends the path
    must_read(DATA "models = ( \"bias\", \"svd\" );");
    LABELS("a=b", "svd rank=8", "svd rank=16");
    overrides[0] = "models.sdv.rank=8";
    overrides[1] = "models.5.rank=8";
    overrides[2] = "split.fold=3";
    overrides[3] = "name.x=3";
    overrides[4] = "nothing";
    overrides[5] = "seed=";
    overrides[6] = "0=(1)"; // not the experiment itself
    options.n_overrides = 7;
    REFUSE("name = \"n\";\n" DATA "models = ( \"bias\", \"svd\" );",
        "command line: \"nothing\" is no key=value; write for example split.folds=3",
        "command line: 0: the experiment has no key \"0\"*",
        "command line: models.5.rank: there is no entry 5 in models; it has 0 to 1",
        "command line: models.sdv.rank: no entry of models is called \"sdv\"; did you mean "
        "\"svd\"?",
        "command line: name.x: name is the text \"n\"; it has no \"x\"",
        "command line: seed: a whole number of at least 0 is expected, not the text \"\"",
        "command line: split.fold: split (kfold) has no key \"fold\"; did you mean \"folds\"*");
}
END_TEST

START_TEST(entries_are_found_by_what_they_are_called) {
    overrides[0] = "models.svd.rank=8";
    options.n_overrides = 1;
    REFUSE(DATA "models = ( \"svd\", { plugin = \"svd\"; rank = 4; } );",
        "command line: models.svd.rank: several entries of models are called \"svd\"; write the "
        "entry's number from 0");
    overrides[0] = "models.b.rank=8";
    must_read(DATA "models = ( { plugin = \"svd\"; label = \"a\"; }, "
                   "{ plugin = \"svd\"; label = \"b\"; } );");
    ck_assert(param(0, "rank") != 8 && param(1, "rank") == 8);
    overrides[0] = "models.0.rank=8"; // one group is a list of one
    must_read(DATA "models = { plugin = \"svd\"; };");
    ck_assert(param(0, "rank") == 8);
}
END_TEST

START_TEST(another_source_replaces_the_file_s) {
    overrides[0] = "data.delimited=nowhere.csv";
    overrides[1] = "data.user=1";
    overrides[2] = "data.item=item";
    overrides[3] = "data.rating=3";
    overrides[4] = "data.scale=[1, 5]";
    options.n_overrides = 5;
    options.skip_data = true;
    must_read(DATA BIAS);
    ck_assert_str_eq(x.plan.data[0].format->id, "delimited");
}
END_TEST

START_TEST(only_some_rows_run) {
    only[0] = "mine";
    only[1] = "svd rank=16";
    options.n_only = 2;
    must_read("baseline = \"bias\";\n" DATA
              "models = ( \"bias\", { plugin = \"svd\"; rank = [8, 16]; },\n"
              "  { plugin = \"svd\"; label = \"mine\"; l2 = [0.1, 0.2]; } );");
    LABELS("svd rank=16", "mine l2=0.1", "mine l2=0.2");
    ck_assert_ptr_null(x.plan.baseline);
}
END_TEST

struct pair {
    int64_t a;
    double b;
};
START_TEST(texts_bind_without_a_file) {
    static const struct setting table[] = {
        {"a", "one", SETTING_INT, offsetof(struct pair, a), .def = 3, .min = 1, .max = 9},
        {"b", "two", SETTING_REAL, offsetof(struct pair, b), .def = 0.5}};
    static const struct settings pairs = SETTINGS(table, struct pair);
    struct arena arena = {0};
    struct pair p = {0};
    const char *good[] = {"b=2"}, *bad[] = {"a=10", "other=1"};
    ck_assert(experiment_bind(&pairs, "pair", good, 1, &p, &arena, &problems));
    ck_assert(p.a == 3 && p.b == 2);
    ck_assert(!experiment_bind(&pairs, "pair", bad, 2, &p, &arena, &problems));
    ck_assert_uint_eq(problems.n, 2);
    ck_assert_str_eq(
        problems.text[0], "command line: a: a whole number from 1 to 9 is expected, not 10");
    ck_assert_str_eq(
        problems.text[1], "command line: other: pair has no key \"other\"; it has a, b");
    arena_done(&arena);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("experiment");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, defaults_make_a_plan);
    tcase_add_test(cases, what_is_written_counts);
    tcase_add_test(cases, lists_are_rows);
    tcase_add_test(cases, a_list_for_a_list_is_its_value);
    tcase_add_test(cases, labels_become_distinct);
    tcase_add_test(cases, every_mistake_is_told_at_once);
    tcase_add_test(cases, what_is_missing_is_told);
    tcase_add_test(cases, several_data_sets_and_filters);
    tcase_add_test(cases, the_command_line_comes_last);
    tcase_add_test(cases, entries_are_found_by_what_they_are_called);
    tcase_add_test(cases, another_source_replaces_the_file_s);
    tcase_add_test(cases, only_some_rows_run);
    tcase_add_test(cases, texts_bind_without_a_file);
    Suite *suite = suite_create("experiment");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
