// Experiment files with a search: what is searched, how, and which mistakes are told.
#include <math.h>

#include "experiment/range.h"
#include "support/experiment.h"

#define SEARCH "search = { method = \"random\"; trials = 6; };\n"
#define RIGHT(keys) "models = ( { plugin = \"right\"; " keys " } );\n"

static const struct tuning *tuning(size_t model) {
    ck_assert_uint_lt(model, x.plan.n_models);
    return x.plan.models[model].tuning;
}

static const struct search_dim *dim(size_t model, const char *name) {
    const struct tuning *t = tuning(model);
    ck_assert_ptr_nonnull(t);
    for (size_t d = 0; d < t->space.n; d++)
        if (strcmp(t->space.dims[d].name, name) == 0) return &t->space.dims[d];
    ck_abort_msg("%s is not searched", name);
    return NULL;
}

START_TEST(a_search_has_defaults) {
    must_read(DATA RIGHT("rank = [4, 8];") "search = { };");
    const struct tuning *t = tuning(0);
    ck_assert_str_eq(t->method->id, "random");
    ck_assert(t->trials == 20 && t->folds == 3 && t->seconds == 0 && t->metric == 0);
    ck_assert_int_eq(t->resource, TUNING_NO_RESOURCE);
    ck_assert_uint_eq(t->space.n, 1);
    must_read(DATA RIGHT("rank = [4, 8];"));
    ck_assert_uint_eq(x.plan.n_models, 2);
    ck_assert_ptr_null(tuning(0));
    must_read(DATA RIGHT("rank = [4, 8];") "search = false;");
    ck_assert_uint_eq(x.plan.n_models, 2);
}
END_TEST

START_TEST(what_is_written_of_a_search_counts) {
    must_read(DATA RIGHT(
        "rank = [4, 8];") "metrics = ( \"rmse\", { metric = \"top5\"; share = 0.1; } );\n"
                          "search = { method = \"random\"; trials = 7; metric = \"top5 "
                          "share=0.1\"; folds = 4; };");
    const struct tuning *t = tuning(0);
    ck_assert(t->trials == 7 && t->folds == 4 && t->metric == 1);
    must_read(DATA RIGHT("rank = [4, 8];") "search = { seconds = 2.5; };");
    ck_assert(tuning(0)->seconds == 2.5 && tuning(0)->trials >= 1);
}
END_TEST

START_TEST(lists_are_searched) {
    must_read(DATA SEARCH RIGHT("rank = [4, 8, 16]; hidden = ([64, 32], [8]); solver = \"any\";"
                                "fast = [false, true]; lambda = (1, 0.01, 0.1);"));
    LABELS("right");
    const struct tuning *t = tuning(0);
    ck_assert_uint_eq(t->space.n, 5);
    const struct search_dim *rank = dim(0, "rank");
    ck_assert(rank->n == 3 && rank->ordered && rank->def == 1 && rank->when == -1);
    ck_assert(dim(0, "hidden")->n == 2 && !dim(0, "hidden")->ordered);
    ck_assert(dim(0, "hidden")->def == 0);
    ck_assert(dim(0, "solver")->n == 2 && dim(0, "solver")->def == 1);
    ck_assert(!dim(0, "lambda")->ordered && dim(0, "lambda")->def == 2);
    ck_assert(dim(0, "fast")->def == 1);
    // In the schema's order, with its numbers; the row has the defaults.
    ck_assert_str_eq(t->space.dims[0].name, "lambda");
    ck_assert_uint_eq(t->dims[1].param, 1);
    ck_assert_int_eq(t->dims[1].values[1].ints[0], 8);
    ck_assert(t->dims[2].values[2].number == 16);
    ck_assert(param(0, "rank") == 8 && param(0, "lambda") == 0.1);
    ck_assert_uint_eq(x.plan.models[0].values[1].n, 2);
    must_read(DATA SEARCH RIGHT("rank = [5, 6]; solver = [\"gradient\"]; lambda = 2;"));
    ck_assert(tuning(0)->space.n == 1 && isnan(dim(0, "rank")->def));
    ck_assert(param(0, "rank") == 8 && param(0, "solver") == 1 && param(0, "lambda") == 2);
}
END_TEST

START_TEST(ranges_are_searched) {
    must_read(DATA SEARCH RIGHT("rank = \"2..9\"; lambda = \"1e-2..1\";"));
    const struct search_dim *rank = dim(0, "rank"), *lambda = dim(0, "lambda");
    ck_assert(rank->n == 0 && rank->min == 2 && rank->max == 9 && rank->whole && !rank->log);
    ck_assert(rank->def == 8 && rank->steps == 0);
    ck_assert(lambda->min == 0.01 && lambda->max == 1 && !lambda->whole && lambda->log);
    ck_assert_ptr_null(tuning(0)->dims[0].values);
    must_read(DATA SEARCH RIGHT("rank = \"16 .. 64 log 3\"; lambda = \"0.5..1 7 linear\";"));
    ck_assert(dim(0, "rank")->log && dim(0, "rank")->steps == 3 && dim(0, "rank")->def == 8);
    ck_assert(!dim(0, "lambda")->log && dim(0, "lambda")->steps == 7);
    must_read(DATA SEARCH RIGHT("rank = \"range\"; lambda = \"range\";"));
    ck_assert(dim(0, "rank")->min == 1 && dim(0, "rank")->max == 64 && !dim(0, "rank")->log);
    ck_assert(dim(0, "lambda")->min == 0.001 && dim(0, "lambda")->log);
}
END_TEST

START_TEST(conditions_are_decided_or_kept) {
    must_read(
        DATA SEARCH RIGHT("lambda = { range = \"0.1..1\"; when = { solver = \"gradient\"; }; };"
                          "rank = { values = 5; when = { solver = [\"cholesky\"]; }; };"
                          "solver = \"any\";"));
    const struct search_dim *lambda = dim(0, "lambda"), *rank = dim(0, "rank");
    // What a condition names comes before it.
    ck_assert_str_eq(tuning(0)->space.dims[0].name, "solver");
    ck_assert(lambda->when == 0 && !lambda->when_in[0] && lambda->when_in[1]);
    ck_assert(rank->when == 0 && rank->when_in[0] && !rank->when_in[1]);
    ck_assert(rank->n == 1 && isnan(rank->def));
    // By a fixed parameter it is decided at once.
    must_read(
        DATA SEARCH RIGHT("lambda = { range = \"0.1..1\"; when = { solver = \"cholesky\"; }; };"
                          "rank = { values = [4, 5]; when = { solver = \"gradient\"; }; };"
                          "fast = { values = false; when = { rank = [4, 5]; solver = "
                          "\"gradient\"; }; }; hidden = ([8], [4]);"));
    ck_assert_uint_eq(tuning(0)->space.n, 3);
    ck_assert(param(0, "lambda") == 0.1 && dim(0, "rank")->when == -1);
    ck_assert(dim(0, "fast")->when == 1 && dim(0, "fast")->when_in[0]);
    // On what is off itself, by its default.
    must_read(DATA SEARCH RIGHT(
        "rank = { values = [4, 5]; when = { fast = false; }; }; hidden = ([8], [4]);"
        "lambda = { range = \"0.1..1\"; when = { rank = 8; }; };"));
    ck_assert(tuning(0)->space.n == 2 && dim(0, "lambda")->when == -1);
}
END_TEST

START_TEST(an_entry_has_its_own_search) {
    must_read(DATA "search = { trials = 9; folds = 5; };\n"
                   "models = ( { plugin = \"right\"; rank = [4, 8]; search = { trials = 4; }; },\n"
                   "  { plugin = \"right\"; label = \"rows\"; rank = [4, 8]; search = false; },\n"
                   "  { plugin = \"right\"; label = \"top\"; rank = [4, 8]; }, \"bias\" );");
    LABELS("right", "rows rank=4", "rows rank=8", "top", "bias");
    ck_assert(tuning(0)->trials == 4 && tuning(0)->folds == 5);
    ck_assert(!tuning(1) && !tuning(2) && !tuning(4));
    ck_assert(tuning(3)->trials == 9 && tuning(3)->folds == 5);
    must_read(
        DATA "search = { trials = 9; };\n" RIGHT("rank = [4, 8]; search = { seconds = 3; };"));
    ck_assert(tuning(0)->seconds == 3);
    must_read(DATA RIGHT("rank = [4, 8]; search = { };"));
    ck_assert(tuning(0)->trials == 20);
}
END_TEST

START_TEST(a_grid_takes_all_it_has) {
    must_read(
        DATA "search = { method = \"grid\"; };\n" RIGHT("rank = [4, 8]; lambda = \"0.01..1 3\";"));
    ck_assert_uint_eq(tuning(0)->trials, 6); // 0.1 is in the middle
    must_read(
        DATA "search = { method = \"grid\"; };\n" RIGHT("rank = [4, 5]; lambda = \"0.01..1 3\";"));
    ck_assert_uint_eq(tuning(0)->trials, 7); // and the default
    must_read(DATA "search = { trials = 3; };\n" RIGHT(
        "rank = [4, 5, 6]; search = { method = \"grid\"; trials = 4; };"));
    ck_assert_uint_eq(tuning(0)->trials, 4);
    REFUSE(DATA "search = { method = \"grid\"; trials = 6; };\n" RIGHT(
               "rank = [4, 5]; lambda = \"0.01..1 3\";"),
        "t.cfg:3: models.0: a grid of 6 configurations *");
    REFUSE(DATA "search = { method = \"grid\"; };\n" RIGHT("lambda = \"0.01..1\";"),
        "t.cfg:3: models.0: a grid needs to know how many points to take of lambda's range*");
    REFUSE(DATA RIGHT("rank = [4, 5];\n search = { method = \"grid\"; trials = 2; };"),
        "t.cfg:3: models.0.search: a grid of 2 configurations *");
}
END_TEST

#define HALVING "search = { method = \"halving\"; trials = 9; };\n"

START_TEST(halving_spends_a_resource_or_data) {
    must_read(
        DATA HALVING "models = ( { plugin = \"svd\"; rank = [4, 8]; },\n"
                     "  { plugin = \"right\"; rank = [4, 8]; },\n"
                     "  { plugin = \"als\"; rank = [4, 8]; search = { resource = "
                     "\"iterations\"; }; },\n"
                     "  { plugin = \"svd\"; label = \"d\"; rank = [4, 8]; search = { resource = "
                     "\"data\"; }; } );");
    ck_assert_int_eq(tuning(0)->resource, 1);
    ck_assert_str_eq(x.plan.models[0].schema->params[1].name, "epochs");
    ck_assert_int_eq(tuning(1)->resource, TUNING_SHARE);
    ck_assert_int_eq(tuning(2)->resource, 1);
    ck_assert_int_eq(tuning(3)->resource, TUNING_SHARE);
    // The experiment's word counts where there is such a parameter.
    must_read(DATA "search = { method = \"halving\"; trials = 9; resource = \"iterations\"; };\n"
                   "models = ( { plugin = \"als\"; rank = [4, 8]; }, { plugin = \"right\"; rank = "
                   "[4, 8]; } );");
    ck_assert_int_eq(tuning(0)->resource, 1);
    ck_assert_int_eq(tuning(1)->resource, TUNING_SHARE);
    REFUSE(DATA HALVING
        "models = ( { plugin = \"als\"; rank = [4, 8]; },\n"
        "  { plugin = \"svd\"; epochs = [4, 8]; },\n"
        "  { plugin = \"svd\"; rank = [4, 8]; search = {\n resource = \"rank\"; }; },\n"
        "  { plugin = \"svd\"; rank = [4, 8]; search = {\n seconds = 3; }; } );",
        "t.cfg:3: models.0: als could spend less of iterations, cg_steps; say which in its own "
        "search = { resource = \"iterations\"; }, or \"data\"",
        "t.cfg:4: models.1.epochs: halving spends less of it on some candidates, so that it cannot "
        "be searched; give it one value, or write resource = \"data\"",
        "t.cfg:6: models.2.search.resource: \"rank\" is no resource of svd; epochs or \"data\" is "
        "one",
        "t.cfg:8: models.3.search.seconds: halving has to know its budget ahead; give it trials");
    REFUSE(DATA "search = { method = \"halving\"; trials = 9; resource = \"epocs\"; };\n"
                "models = ( { plugin = \"svd\"; rank = [4, 8]; } );",
        "t.cfg:2: search.resource: nothing that is searched has a resource \"epocs\" to spend less "
        "of");
}
END_TEST

START_TEST(the_command_line_searches) {
    overrides[0] = "search.method=random";
    overrides[1] = "models.right.lambda=1e-2..1 linear";
    overrides[2] = "models.right.rank=\"8..64\"";
    overrides[3] = "models.0.search.trials=10";
    overrides[4] = "models.0.solver=any";
    overrides[5] = "models.0.hidden=([64], [64, 32])";
    overrides[6] = "models.0.fast={ values = [true, false]; when = { solver = \"gradient\"; }; }";
    options.n_overrides = 7;
    must_read(DATA RIGHT(""));
    ck_assert(tuning(0)->trials == 10 && tuning(0)->space.n == 5);
    ck_assert(!dim(0, "lambda")->log && dim(0, "rank")->max == 64);
    overrides[1] = "models.right.lambda=0.3"; // over a range
    must_read(DATA RIGHT("lambda = \"0.01..1\";"));
    ck_assert(tuning(0)->space.n == 4 && param(0, "lambda") == 0.3);
}
END_TEST

START_TEST(the_order_of_keys_means_nothing) {
    must_read(DATA RIGHT("rank = [4, 8]; lambda = { when = { solver = \"gradient\"; }; range = "
                         "\"0.1..1\"; }; solver = \"any\";") SEARCH);
    const char *first[3];
    for (int k = 0; k < 3; k++) first[k] = dim(0, tuning(0)->space.dims[k].name)->name;
    ck_assert_str_eq(first[0], "rank");
    must_read(SEARCH RIGHT("solver = \"any\"; lambda = { range = \"0.1..1\"; when = { solver = "
                           "\"gradient\"; }; }; rank = [4, 8];") DATA);
    ck_assert_str_eq(tuning(0)->space.dims[0].name, "rank");
    ck_assert_str_eq(tuning(0)->space.dims[1].name, "solver");
    ck_assert_str_eq(tuning(0)->space.dims[2].name, "lambda");
}
END_TEST

START_TEST(mistakes_of_the_group_are_told) {
    REFUSE(
        DATA RIGHT("rank = [4, 8];") "search = { methd = \"grid\";\n method = \"gird\";\n metric = "
                                     "\"rms\"; trials = 0; folds = 1; seconds = -1; };",
        "t.cfg:3: search.methd: search has no key \"methd\"; did you mean \"method\"*",
        "t.cfg:4: search.method: one of *",
        "t.cfg:5: search.metric: no metric has the label \"rms\"; there are \"rmse\", \"mae\", "
        "\"top5\"; did you mean \"rmse\"?",
        "t.cfg:5: search.trials: a whole number from 1 to 1000000 is expected, not 0",
        "t.cfg:5: search.folds: a whole number from 2 to 100 is expected, not 1",
        "t.cfg:5: search.seconds: a budget is of trials or of seconds; leave one of them out",
        "t.cfg:5: search.seconds: a number from 0.001 to 1000000000 is expected, not -1");
    REFUSE(DATA RIGHT("rank = [4, 8];") "search = true;",
        "t.cfg:3: search: a group { } is expected, as in { method = \"random\"; trials = 20; }, or "
        "false, not true");
    REFUSE(DATA RIGHT("rank = [4, 8]; search = \"grid\";"),
        "t.cfg:2: models.0.search: a group { } is expected, as in { method = \"random\"; trials = "
        "20; }, or false, not the text \"grid\"");
    REFUSE(DATA RIGHT("rank = 4;") SEARCH,
        "t.cfg:3: search: nothing to search: no parameter is a list or a range");
    REFUSE(DATA RIGHT("rank = [4];\n search = { };"),
        "t.cfg:3: models.0.search: nothing to search: no parameter is a list or a range");
    REFUSE(DATA RIGHT("rank = [4, 8];") "trials = 3;",
        "t.cfg:3: trials: the experiment has no key \"trials\"; it belongs in search");
    REFUSE(DATA RIGHT("rank = [4, 8];") "search = {\n resource = \"data\"; };",
        "t.cfg:4: search.resource: nothing that is searched has a resource \"data\" to spend less "
        "of");
    REFUSE(DATA RIGHT("rank = [4, 8]; search = {\n resource = \"data\"; };"),
        "t.cfg:3: models.0.search.resource: random spends the same on each candidate; leave it "
        "out");
}
END_TEST

// Inner folds would score without these rows what outer ones score with them.
START_TEST(nothing_is_chosen_by_rows_that_were_trained_on) {
    REFUSE(DATA RIGHT("rank = [4, 8];") "metrics = ({metric = \"rmse\"; training = true;}, "
                                        "\"mae\");\n search = { };",
        "t.cfg:4: search: the first metric, \"rmse training=true\" counts the rows trained on, by "
        "which nothing can be chosen; name another one of metrics, as in metric = \"mae\"");
    REFUSE(
        DATA RIGHT("rank = [4, 8];") "metrics = (\"rmse\", {metric = \"mae\"; training = "
                                     "true;});\n search = {\n metric = \"mae training=true\"; };",
        "t.cfg:5: search.metric: \"mae training=true\" counts the rows trained on, by which "
        "nothing "
        "can be chosen*");
    must_read(DATA RIGHT("rank = [4, 8];") "metrics = ({metric = \"rmse\"; training = true;}, "
                                           "\"mae\"); search = { metric = \"mae\"; };");
}
END_TEST

START_TEST(mistakes_of_ranges_are_told) {
#define RANGE(text, message) \
    REFUSE(DATA SEARCH RIGHT("rank = " text ";"), "t.cfg:3: models.0.rank" message)
    REFUSE(DATA RIGHT("rank = \"2..9\";\n lambda = { range = \"0.1..1\"; };"),
        "t.cfg:2: models.0.rank: a range needs search = { ... } in the entry or *",
        "t.cfg:3: models.0.lambda: a range needs search = { ... } in the entry or *");
    RANGE("\"abc\"", ": a number from 1 to 64, a list of them, or a range as in \"1e-3..1 log\" is "
                     "expected, not the text \"abc\"");
    RANGE("\"2..\"", ": \"2..\" is no range; it is low..high, as in \"1e-3..1 log\"");
    RANGE("\"2..inf\"", ": \"2..inf\" is no range; it is low..high, as in \"1e-3..1 log\"");
    RANGE("\"9..2\"", ": a range goes from low to high, not from 9 to 2");
    RANGE("\"0..9\"", ": 0 is outside of its range, 1 to 64");
    RANGE("\"2..65\"", ": 65 is outside of its range, 1 to 64");
    RANGE("\"2..8.5\"", ": rank takes whole numbers, and 8.5 is none");
    RANGE("\"2..8 lg\"",
        ": \"lg\" cannot stand here; after the ends of a range come log or linear, "
        "and how many points a grid takes of it, as in \"8..64 log 5\"");
    RANGE("\"2..8 log log\"", ": \"log\" cannot stand here; *");
    RANGE("\"2..8 1\"", ": a grid takes 2 to 10000 points of a range, not 1");
    RANGE("\"2..8 9\"", ": there are 7 whole numbers in it, not 9");
    RANGE("{ values = \"1..2\"; }",
        ".values: one value or a list is expected; a range is range = \"1..2\"");
    RANGE("{ }", ": says nothing to search; it is { values = [1, 2]; } or *");
    REFUSE(DATA SEARCH RIGHT("rank = {\n values = 3; range = \"1..2\"; vals = 1; };"),
        "t.cfg:4: models.0.rank.range: values are there already; leave one of them out",
        "t.cfg:4: models.0.rank.vals: a searched parameter has no key \"vals\"; did you mean "
        "\"values\"?");
    REFUSE(DATA SEARCH RIGHT(
               "rank = { range = 3; };\n hidden = \"1..2\"; fast = \"range\"; rank2 = 1;"),
        "t.cfg:3: models.0.rank.range: text is expected, as in \"1e-3..1 log\", not 3",
        "t.cfg:4: models.0.hidden: hidden is no number, and has no range; write a list of its "
        "values, ([64], [64, 32])",
        "t.cfg:4: models.0.fast: fast is no number, and has no range; write a list of its values, "
        "or \"any\"",
        "t.cfg:4: models.0.rank2: right has no parameter \"rank2\"; did you mean \"rank\"?");
    REFUSE(DATA SEARCH "models = ( { plugin = \"bias\"; damping_user = \"0..1 log\"; },\n"
                       " { plugin = \"als\"; lambda = \"range\"; rank = \"range\"; },\n"
                       " { plugin = \"bias\"; label = \"b\"; damping_user = \"range\"; } );",
        "t.cfg:3: models.0.damping_user: a range on a log scale begins above 0, not at 0; raise "
        "its low end, or write linear");
    REFUSE(DATA SEARCH RIGHT("rank = [4, 4, 99]; hidden = ([4], [4]);"),
        "t.cfg:3: models.0.rank.1: 4 is in the list already",
        "t.cfg:3: models.0.rank.2: a whole number from 1 to 64 is expected, not 99",
        "t.cfg:3: models.0.hidden.1: [4] is in the list already");
#undef RANGE
}
END_TEST

START_TEST(whole_ranges_are_not_too_wide) {
    struct schema_param p = {.name = "p", .type = RK_TYPE_REAL, .min = 1, .max = 1e6};
    struct range range;
    struct error e = {0};
    ck_assert(range_read("range", &p, &range, &e) && range.high == 1e6 && !range.log);
    p.max = 1e12;
    ck_assert(!range_read("range", &p, &range, &e));
    ck_assert_str_eq(e.text,
        "\"range\" is all of the parameter's own, and 1 to 1e+12 is too wide to be searched; write "
        "a part of it, as in \"1..10\"");
    p.role = RK_LOG;
    ck_assert(range_read("range", &p, &range, &e) && range.log);
    p.max = INFINITY;
    ck_assert(!range_read("range", &p, &range, &e));
}
END_TEST

START_TEST(mistakes_of_conditions_are_told) {
#define WHEN(keys, message) \
    REFUSE(DATA SEARCH RIGHT("solver = \"any\";\n" keys), "t.cfg:4: models.0." message)
    WHEN("rank = { values = [1, 2]; when = { }; };",
        "rank.when: a condition is a group that names a parameter and its values, as in { solver = "
        "\"cg\"; }, not an empty one");
    WHEN("rank = { values = [1, 2]; when = 3; };",
        "rank.when: a condition is a group that names a parameter and its values, as in { solver = "
        "\"cg\"; }, not 3");
    WHEN("rank = { values = [1, 2]; when = { slover = 3; }; };",
        "rank.when.slover: right has no parameter \"slover\"; did you mean \"solver\"?");
    WHEN("rank = { values = [1, 2]; when = { solver = 3; }; };",
        "rank.when.solver: one of \"cholesky\", \"gradient\" is expected, not 3");
    WHEN("rank = { values = [1, 2]; when = { rank = 1; }; };",
        "rank.when.rank: rank depends on itself by these conditions; take one of them out");
    WHEN(
        "rank = { values = [1, 2]; when = { fast = true; }; }; fast = { values = \"any\"; when = { "
        "rank = 1; }; };",
        "fast.when.rank: rank depends on itself by these conditions; take one of them out");
    WHEN("rank = { values = [1, 2]; when = { lambda = 1; }; }; lambda = \"0.1..1\";",
        "rank.when.lambda: a condition names values of a list; lambda is searched by a range");
    WHEN("rank = { values = [1, 2]; when = { lambda = [1, 2]; }; }; lambda = [1, 3];",
        "rank.when.lambda: lambda is never 2; it is searched among 1, 3");
    WHEN("rank = { values = [1, 2]; when = { solver = \"cholesky\"; lambda = 1; }; }; lambda = [1, "
         "3];",
        "rank.when.lambda: one searched parameter is all that a condition can name, and solver is "
        "there already");
#undef WHEN
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("experiment_search");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_search_has_defaults);
    tcase_add_test(cases, what_is_written_of_a_search_counts);
    tcase_add_test(cases, lists_are_searched);
    tcase_add_test(cases, ranges_are_searched);
    tcase_add_test(cases, conditions_are_decided_or_kept);
    tcase_add_test(cases, an_entry_has_its_own_search);
    tcase_add_test(cases, a_grid_takes_all_it_has);
    tcase_add_test(cases, halving_spends_a_resource_or_data);
    tcase_add_test(cases, the_command_line_searches);
    tcase_add_test(cases, the_order_of_keys_means_nothing);
    tcase_add_test(cases, mistakes_of_the_group_are_told);
    tcase_add_test(cases, nothing_is_chosen_by_rows_that_were_trained_on);
    tcase_add_test(cases, mistakes_of_ranges_are_told);
    tcase_add_test(cases, whole_ranges_are_not_too_wide);
    tcase_add_test(cases, mistakes_of_conditions_are_told);
    Suite *suite = suite_create("experiment_search");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
