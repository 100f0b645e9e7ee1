// The figures of a run's report: drawn from made results, and judged by what they say.
#include <check.h>
#include <stdio.h>
#include <unistd.h>

#include "report/candidates.h"
#include "report/figures.h"
#include "support/drawing.h"
#include "support/made_store.h"
#include "support/made_tuned.h"

static struct made made;
static struct report report;

static void make(void) {
    made_init(&made);
}

static void make_tuned(void) {
    made_init_tuned(&made);
}

static void unmake(void) {
    report_done(&report);
    made_done(&made);
}

// The figures of a data set as a page, whose drawings are as they should be.
static char *written(uint32_t data, const struct candidates *candidates) {
    char *text = NULL;
    size_t n;
    struct error e = {0};
    struct page page;
    report_done(&report);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
    report.candidates = candidates;
    FILE *out = open_memstream(&text, &n);
    page_begin(&page, out, "figures", NULL);
    page_section(&page, "figures", "Figures");
    ck_assert_msg(figures_write(&page, &report, data, &e), "%s", e.text);
    page_section_end(&page);
    page_end(&page);
    ck_assert_int_eq(fclose(out), 0);
    for (const char *at = text; strstr(at, "<svg");) {
        const char *fault = drawing_fault(at, &at, NULL, NULL);
        ck_assert_msg(!fault, "%s", fault);
    }
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "\x1b"));
    return text;
}

static void has(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words) != NULL, "no \"%s\"", words);
}

static void lacks(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words) == NULL, "\"%s\" is there", words);
}

START_TEST(all_data_sets_are_drawn) {
    char *text = written((uint32_t)_i, NULL);
    has(text, ">Models by metric<");
    has(text, "<title>als: 0.86"); // the value of its mark
    has(text, _i ? ">best reachable</text>" : ">oracle</text>");
    // One fold is nothing to compare, and one model has no front.
    (_i ? lacks : has)(text, ">Fold by fold<");
    (_i ? lacks : has)(text, ">Accuracy against cost<");
    lacks(text, ">Sweeps<");
    lacks(text, ">Searches<");
    lacks(text, ">Where models err<");
    has(text, ">Recorded curves<");
    free(text);
}
END_TEST

START_TEST(rows_that_failed_have_no_marks) {
    char *text = written(0, NULL);
    lacks(text, "<title>broken");
    lacks(text, ">99<");
    has(text, "<title>shaky: ");         // two folds of three, and faint
    has(text, "<title>shaky, fold 1: "); // in the chart of folds
    lacks(text, "<title>shaky, fold 2: ");
    free(text);
}
END_TEST

// Sets a score of a model's trials on all folds, and leaves means over these as all that there is.
static void set_score(int model, const char *name, double value) {
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        if (t->evidence) evidence_done(t->evidence);
        free(t->evidence);
        t->evidence = NULL;
    }
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        for (size_t s = 0; t->model == model && s < t->scores.n; s++)
            if (t->scores.at[s].slice == SLICE_ALL && strcmp(t->scores.at[s].name, name) == 0)
                t->scores.at[s].value = value;
    }
}

START_TEST(the_front_is_who_is_not_beaten) {
    // als takes 0.75 s, the other one 40.75 s, and scores worse in all three.
    char *text = written(0, NULL);
    has(text, "RMSE: als (0.75 s, 0.8689). MAE: als (0.75 s, 0.6048).");
    free(text);
    set_score(1, "mae", 0.5);
    text = written(0, NULL);
    has(text, "RMSE: als (0.75 s, 0.8689). MAE: als (0.75 s, 0.6048) and =we|rd");
    has(text, "(40.8 s, 0.5000)");
    free(text);
}
END_TEST

START_TEST(folds_tell_how_often_the_best_is_best) {
    set_score(MODEL_FALLBACK, "rmse", 2);
    char *text = written(0, NULL);
    has(text, "RMSE: als, best over all folds, is best in 3 of 3.");
    free(text);
    // Fold 3: another one is better there, and worse on the whole.
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        if (t->data != 0 || t->model != 1 || t->fold != 3) continue;
        for (size_t s = 0; s < t->scores.n; s++)
            if (t->scores.at[s].slice == SLICE_ALL && strcmp(t->scores.at[s].name, "rmse") == 0)
                t->scores.at[s].value = 0.873;
    }
    text = written(0, NULL);
    has(text, "RMSE: als, best over all folds, is best in 2 of 3.");
    free(text);
}
END_TEST

START_TEST(curves_are_means_over_folds) {
    char *text = written(0, NULL);
    // .86, .87, .88 at 2
    has(text, "als: 0.8700 at 2 (0.8600 to 0.8800)");
    has(text, "als: lowest 0.87 at 2, highest 0.9 at 1.");
    has(text, "bands go from the lowest fold to the highest");
    free(text);
}
END_TEST

START_TEST(curves_without_a_common_x_are_a_line_for_each_fold) {
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        for (size_t p = 0; p < t->n_curve; p++) {
            t->curve[p].series = "rmse by lambda, <b>twice</b>";
            t->curve[p].x *= .011 * t->fold * (p ? 20 : 1);
        }
    }
    char *text = written(0, NULL);
    has(text, "Where folds have no x in common, each has its line.");
    has(text, ">lambda</text>");
    has(text, "by lambda, &lt;b&gt;twice");
    lacks(text, "bands go");
    free(text);
}
END_TEST

// ---- Errors
// --------------------------------------------------------------------------------------

static void set_errors(int model, double factor) {
    const struct breakdown_cell cells[] = {
        {BREAKDOWN_RATING, "0.5", 10, 20 * factor, 20, 40 * factor},
        {BREAKDOWN_RATING, "3", 2, 100, 100, 1000}, {BREAKDOWN_RATING, "5", 1000, -500, 500, 250},
        {BREAKDOWN_ACTIVITY, "1000+", 500, 0, 1, 2}, {BREAKDOWN_ACTIVITY, "20-49", 500, 0, 1, 3},
        {BREAKDOWN_GENRE, "(none)", 50, 1, 1, 100}, {BREAKDOWN_GENRE, "Drama", 70, 1, 1, 100},
        {BREAKDOWN_GENRE, "A<b>c", 60, 1, 1, 100}, {BREAKDOWN_YEAR, "1990s", 99, 1, 1, 9}};
    enum { N = sizeof cells / sizeof *cells };
    for (size_t k = 0; k < made.results.n; k++) {
        struct trial_record *t = &made.results.records[k];
        if (t->model != model || t->data != 0) continue;
        t->breakdown.at = malloc(sizeof cells);
        ck_assert_ptr_nonnull(t->breakdown.at);
        memcpy(t->breakdown.at, cells, sizeof cells);
        t->breakdown.n = N;
    }
}

START_TEST(errors_are_summed_over_folds) {
    set_errors(0, 1);
    set_errors(MODEL_FALLBACK, .25);
    set_errors(2, 9); // failed: takes no part
    set_errors(3, 9); // on a fold
    char *text = written(0, NULL);
    has(text, ">Where models err<");
    has(text, "als errs most for ratings of 0.5 (RMSE 2.000, bias +2.000, 30 rows) and least for "
              "ratings of 5 (RMSE 0.500, bias -0.500, 3 000 rows).");
    has(text, "Left out: 1 class of less than 20 rows.");
    has(text, "<title>0.5, als: 2.0");
    has(text, "<title>0.5, (fallback): 1.0"); // a quarter of the squares
    lacks(text, "<title>0.5, broken");
    lacks(text, "<title>0.5, shaky");
    has(text, "als errs most for items without a genre (RMSE 1.414");
    // Classes by their numbers, genres by their rows, those without last.
    const char *few = strstr(text, ">20-49<"), *many = strstr(text, ">1000+<");
    ck_assert(few && many && few < many);
    const char *drama = strstr(text, ">Drama<"), *odd = strstr(text, ">A&lt;b&gt;c<"),
               *none = strstr(text, ">(none)<");
    ck_assert(drama && odd && none && drama < odd && odd < none);
    lacks(text, "By release"); // a single class says nothing
    free(text);
}
END_TEST

// ---- Sweeps and searches
// -------------------------------------------------------------------------

static struct param_value swept[MADE_MODELS][MADE_PARAMS];

static void sweep(const double rank[MADE_MODELS], const double lambda[MADE_MODELS]) {
    for (int k = 0; k < MADE_MODELS; k++) {
        made.schemas[k].params = made_params;
        made.schemas[k].n_params = MADE_PARAMS;
        made.models[k].values = swept[k];
        swept[k][0].number = rank[k];
        swept[k][1].number = lambda[k];
    }
}

START_TEST(a_sweep_over_one_number_is_a_line) {
    sweep((double[]){8, 16, 32, 64, 128}, (double[]){.1, .1, .1, .1, .1});
    char *text = written(0, NULL);
    has(text, ">Sweeps<");
    has(text, "als, 5 rows.");
    has(text, "RMSE: best at rank = 8 with 0.8689.");
    has(text, "als: 0.8689 at 8");
    has(text, ">rank</text>");
    free(text);
}
END_TEST

START_TEST(a_sweep_over_two_numbers_is_a_map) {
    sweep((double[]){8, 8, 16, 16, 16}, (double[]){.1, .2, .1, .1, .2});
    char *text = written(0, NULL);
    has(text, "RMSE: best at rank = 8, lambda = 0.1 with 0.8689.");
    has(text, "<title>8, 0.1: 0.8689</title>");
    has(text, "class=\"best\"");
    free(text);
}
END_TEST

START_TEST(rows_that_differ_in_much_are_no_sweep) {
    sweep((double[]){8, 8, 8, 8, 8}, (double[]){.1, .1, .1, .1, .1});
    char *text = written(0, NULL);
    lacks(text, ">Sweeps<");
    free(text);
    for (int k = 0; k < MADE_MODELS; k++)
        for (int p = 0; p < 3; p++) swept[k][p].number = p == 2 ? k % 2 : k + 1;
    text = written(0, NULL); // a line of three points would need the same solver and lambda
    lacks(text, ">Sweeps<");
    free(text);
}
END_TEST

START_TEST(searches_show_what_was_tried_and_chosen) {
    enum { N = 40 };
    static double values[N][2];
    static struct candidate at[N];
    for (int k = 0; k < N; k++) {
        values[k][0] = 4 + k;
        values[k][1] = .01 * (k + 1);
        at[k] = (struct candidate){.fold = 1 + (uint32_t)k % 3,
            .number = (uint32_t)k,
            .spent = k % 4 ? 1 : .5,
            .score = k == 7   ? 30
                     : k == 8 ? NAN
                              : .86 + .001 * k,
            .n = 3,
            .values = values[k]};
    }
    const struct candidates candidates = {.at = at, .n = N, .plan = &made.plan};
    char *text = written(0, &candidates);
    has(text, ">Searches<");
    has(text,
        "als, searched by bayes: 39 candidates with a score in all outer folds together, by "
        "their mean over 3 inner folds. Chosen: rank from 8 to 64 and lambda from 0.1 to 0.5. "
        "Not shown: 1 far worse than the others.");
    has(text, "<title>chosen, one for each fold: 0.8500 at 32</title>");
    has(text, "<title>given up early: 0.8600 at 4</title>");
    has(text, "<title>tried: 0.8610 at 5</title>");
    free(text);
    text = written(1, &candidates); // nothing was tried on these data
    lacks(text, ">Searches<");
    free(text);
}
END_TEST

static void put_inner(struct store *s, int model, uint32_t candidate, uint32_t inner, double epochs,
    double rank, double score) {
    static uint64_t n;
    const struct key key = made_key(++n);
    struct error e = {0};
    struct param_value values[MADE_PARAMS] = {
        {.number = rank}, {.number = .5}, {.number = 1}, {.number = epochs}};
    struct trial_record t = {
        .number = 1, .model = model, .fold = 2, .inner = inner, .candidate = candidate};
    t.failed = isnan(score);
    if (t.failed) {
        t.failure = FAILURE_LIMIT;
        t.cause = "too slow";
    }
    made_score(&t.scores, SLICE_ALL, "rmse", t.failed ? 0 : score);
    const struct store_place place = {
        .record = &t, .data = "ml-made-small", .label = made.models[model].label, .share = 1};
    ck_assert_msg(store_put(s, &key, &made.models[model], values, &t, &e), "%s", e.text);
    ck_assert_msg(store_place(s, &key, &place, &e), "%s", e.text);
    scores_done(&t.scores);
}

START_TEST(candidates_come_from_the_store) {
    char folder[] = "/tmp/figures.XXXXXX", command[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    struct store *s = made_open(folder, STORE_WRITE);
    struct error e = {0};
    made_begin(s, "p");
    for (uint32_t inner = 1; inner <= 3; inner++) {
        put_inner(s, 0, 0, inner, 20, 16, .9 + .01 * inner);
        put_inner(s, 0, 1, inner, 20, 32, inner == 2 ? NAN : .8);
        put_inner(s, 3, 5, inner, 10, 8, .7); // of a halving: first with less
        put_inner(s, 3, 5, inner, 40, 8, .6);
    }
    ck_assert(store_flush(s, &e));
    struct candidates c;
    ck_assert_msg(candidates_read(&c, s, &made.plan, &e), "%s", e.text);
    store_close(s);
    ck_assert_uint_eq(c.n, 3);
    ck_assert_uint_eq(c.at[0].n, 3);
    ck_assert_uint_eq(c.at[0].fold, 2);
    ck_assert(fabs(c.at[0].score - .92) < 1e-12);
    ck_assert(c.at[0].values[0] == 16 && c.at[0].values[1] == .5); // rank, lambda
    ck_assert(isnan(c.at[1].score));                               // one of its folds failed
    ck_assert_uint_eq(c.at[2].number, 5);
    ck_assert_uint_eq(c.at[2].n, 3);
    ck_assert(fabs(c.at[2].score - .6) < 1e-12);
    ck_assert(c.at[2].spent == 40);
    ck_assert(isnan(c.at[2].values[0]) && c.at[2].values[1] == 40); // solver is no number
    candidates_done(&c);
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

// ---- Many rows
// -----------------------------------------------------------------------------------

START_TEST(of_many_rows_the_best_are_shown) {
    enum { MANY = 400, FOLDS = 2 };
    static struct plan_model models[MANY];
    static char labels[MANY][32];
    results_done(&made.results);
    made.results = (struct results){.plan = &made.plan, .data = made.data};
    made.plan.models = models;
    made.plan.n_models = MANY;
    made.plan.n_data = 1;
    struct trial_record *at = calloc((MANY + 1) * FOLDS, sizeof *at);
    ck_assert_ptr_nonnull(at);
    made.results.records = at;
    for (uint32_t fold = 1; fold <= FOLDS; fold++)
        for (int k = -1; k < MANY; k++) {
            struct trial_record *t = &at[made.results.n++];
            *t =
                (struct trial_record){.number = (uint32_t)made.results.n, .model = k, .fold = fold};
            made_score(&t->scores, SLICE_ALL, "answered", 1);
            // The last is the best, the fallback the worst.
            made_score(&t->scores, SLICE_ALL, "rmse", 1 - k * 1e-3 + .001 * fold);
            made_score(&t->scores, SLICE_ALL, "mae", .7 - k * 1e-3);
            t->cost.fit_seconds = k + 2;
            if (k < 0) continue;
            snprintf(labels[k], sizeof labels[k], "svd %d", k + 1);
            models[k] = (struct plan_model){.label = labels[k], .schema = &made.schemas[0]};
        }
    char *text = written(0, NULL);
    has(text, "The best 60 of 401 rows, by RMSE.");
    has(text, ">svd 400</text>");
    has(text, ">svd 342</text>");
    lacks(text, ">svd 341<");
    has(text, "<title>(fallback): 1.00");
    ck_assert_uint_lt(strlen(text), 400000);
    free(text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("figures");
    TCase *tc = tcase_create("figures");
    tcase_add_checked_fixture(tc, make, unmake);
    tcase_add_loop_test(tc, all_data_sets_are_drawn, 0, 2);
    tcase_add_test(tc, rows_that_failed_have_no_marks);
    tcase_add_test(tc, the_front_is_who_is_not_beaten);
    tcase_add_test(tc, folds_tell_how_often_the_best_is_best);
    tcase_add_test(tc, curves_are_means_over_folds);
    tcase_add_test(tc, curves_without_a_common_x_are_a_line_for_each_fold);
    tcase_add_test(tc, errors_are_summed_over_folds);
    tcase_add_test(tc, a_sweep_over_one_number_is_a_line);
    tcase_add_test(tc, a_sweep_over_two_numbers_is_a_map);
    tcase_add_test(tc, rows_that_differ_in_much_are_no_sweep);
    tcase_add_test(tc, of_many_rows_the_best_are_shown);
    suite_add_tcase(suite, tc);
    tc = tcase_create("searched");
    tcase_add_checked_fixture(tc, make_tuned, unmake);
    tcase_add_test(tc, searches_show_what_was_tried_and_chosen);
    tcase_add_test(tc, candidates_come_from_the_store);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
