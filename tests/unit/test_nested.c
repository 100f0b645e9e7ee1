// Searches on inner folds: what is chosen, that no outer test label has a say in it, and that it is
// the same at any number of jobs.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/poisoned.h"
#include "support/searched.h"

// ---- What is chosen ----------------------------------------------------------------------------

START_TEST(the_best_of_the_inner_folds_is_fitted_on_the_whole_outer_fold) {
    struct searched s;
    searched_init(&s, "");
    struct seen seen = {0};
    struct results tuned;
    searched_run(&s, NULL, &seen, &tuned);
    ck_assert_uint_eq(tuned.n, 2 * 2 + OUTER);
    ck_assert_uint_eq(seen.done, INNER + OUTER);
    ck_assert_uint_eq(seen.total, INNER + OUTER);
    for (size_t k = 0; k < tuned.n; k++) {
        const struct trial_record *t = &tuned.records[k];
        ck_assert(!t->failed);
        ck_assert_uint_eq(t->inner, 0);
        ck_assert_int_eq(t->tuned != NULL, t->model >= 0);
        if (!t->tuned) continue;
        // By hand: means over the inner folds, the least of them.
        double least = INFINITY;
        const uint32_t n = s.tunings[t->model].trials;
        for (uint32_t c = 0; c < n; c++) {
            double(*at)[64] = seen.score[t->model][t->fold];
            const double mean = (at[1][c] + at[2][c] + at[3][c]) / 3;
            ck_assert(isfinite(mean));
            if (mean < least) least = mean;
            if (c == 0) ck_assert_double_eq_tol(t->tuned->inner_default, mean, 1e-12);
        }
        ck_assert_double_eq_tol(t->tuned->inner, least, 1e-12);
        ck_assert_uint_eq(t->tuned->n_candidates, n);
        ck_assert_uint_eq(t->tuned->n_failed, 0);
        ck_assert_double_eq_tol(t->tuned->effort, 3 * n, 1e-9);
        // A row by the chosen values has the same scores.
        struct searched fixed = s;
        fixed.plan.models = fixed.models;
        for (int m = 0; m < 2; m++) fixed.models[m].tuning = NULL;
        fixed.models[t->model].values = t->tuned->values;
        struct results rows;
        searched_run(&fixed, NULL, NULL, &rows);
        ck_assert_uint_eq(rows.n, tuned.n);
        ck_assert_uint_eq(rows.records[k].scores.n, t->scores.n);
        for (size_t at = 0; at < t->scores.n; at++)
            ck_assert_int_eq(
                memcmp(&rows.records[k].scores.at[at].value, &t->scores.at[at].value, 8), 0);
        results_done(&rows);
    }
    results_done(&tuned);
    searched_done(&s);
}
END_TEST

START_TEST(a_higher_score_wins_where_higher_is_better) {
    struct searched s;
    searched_init(&s, "");
    for (int m = 0; m < 2; m++) s.tunings[m].metric = 2; // top5
    struct results r;
    searched_run(&s, NULL, NULL, &r);
    for (size_t k = 0; k < r.n; k++) {
        if (!r.records[k].tuned) continue;
        ck_assert_double_ge(r.records[k].tuned->inner, r.records[k].tuned->inner_default);
        ck_assert_double_gt(r.records[k].tuned->inner, 0);
    }
    results_done(&r);
    searched_done(&s);
}
END_TEST

// By a parameter, and by the share of the training rows.
START_TEST(halving_spends_less_on_most_candidates) {
    for (int way = 0; way < 2; way++) {
        struct searched s;
        searched_read(&s, SMALL "models = ({plugin = \"als\"; iterations = 9;});");
        searched_add(&s, 0, "lambda", 0.001, 1, "halving", 6);
        const struct schema *schema = s.models[0].schema;
        const uint32_t iterations = (uint32_t)(schema_find(schema, "iterations") - schema->params);
        s.tunings[0].resource = way ? TUNING_SHARE : (int)iterations;
        struct seen seen = {0};
        struct results r;
        searched_run(&s, NULL, &seen, &r);
        ck_assert_uint_eq(r.n_failed, 0);
        ck_assert_uint_eq(seen.total, seen.done);
        const size_t evaluations = (seen.done - 2) / 2;
        for (size_t k = 0; k < r.n; k++) {
            const struct tuned *t = r.records[k].tuned;
            if (!t) continue;
            ck_assert_uint_gt(t->n_candidates, s.tunings[0].trials);
            ck_assert_double_le(t->effort, 3 * s.tunings[0].trials + 1e-9);
            ck_assert_double_lt(t->effort, (double)evaluations);
            ck_assert_double_le(t->inner, t->inner_default); // which goes on to full effort
            ck_assert(t->values[iterations].number == 9);
        }
        results_done(&r);
        searched_done(&s);
    }
}
END_TEST

// The default is asked first, here of the whole training rows and of a share of them.
START_TEST(a_share_of_the_data_is_less_to_train_on) {
    static struct seen seen[2];
    for (int way = 0; way < 2; way++) {
        struct searched s;
        searched_init(&s, "jobs = 1;");
        s.plan.n_models = 1;
        s.tunings[0].method = search_method_find(way ? "halving" : "random");
        s.tunings[0].trials = 9;
        if (way) s.tunings[0].resource = TUNING_SHARE;
        seen[way].stop_at = 3;
        struct results r;
        searched_run(&s, NULL, &seen[way], &r);
        ck_assert(r.interrupted);
        results_done(&r);
        searched_done(&s);
    }
    for (int inner = 1; inner <= 3; inner++) {
        const double whole = seen[0].score[0][1][inner][0], less = seen[1].score[0][1][inner][0];
        ck_assert(isfinite(whole) && isfinite(less));
        ck_assert_double_ne(whole, less);
    }
}
END_TEST

START_TEST(models_may_have_as_many_inner_folds_as_each_wants) {
    struct searched s;
    searched_init(&s, "");
    s.tunings[0].folds = 2;
    struct results both, alone;
    searched_run(&s, NULL, NULL, &both);
    for (int model = 0; model < 2; model++) {
        struct searched one = s;
        one.plan.models = &s.models[model];
        one.plan.n_models = 1;
        searched_run(&one, NULL, NULL, &alone);
        size_t n = 0;
        for (size_t a = 0; a < alone.n; a++)
            for (size_t b = 0; b < both.n; b++) {
                const struct trial_record *x = &alone.records[a], *y = &both.records[b];
                if (!x->tuned || y->model != model || x->fold != y->fold) continue;
                ck_assert_int_eq(memcmp(&x->tuned->inner, &y->tuned->inner, 8), 0);
                n++;
            }
        ck_assert_uint_eq(n, 2);
        results_done(&alone);
    }
    results_done(&both);
    searched_done(&s);
}
END_TEST

START_TEST(without_a_score_the_outer_trial_fails_with_the_first_cause) {
    char text[8192];
    snprintf(text, sizeof text,
        SMALL "models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"fail\";},"
              "{plugin = \"item_mean\";}); jobs = 2; seeds = 2;",
        searched_build());
    struct searched s;
    searched_read(&s, text);
    // Functions that fail alike.
    searched_add(&s, 0, "where", 0, 1, "random", 2);
    static const struct param_value values[] = {{.number = 0}, {.number = 1}};
    s.dims[0][0].n = 2;
    s.places[0][0].values = values;
    struct results r;
    struct seen seen = {0};
    searched_run(&s, "failed", &seen, &r);
    ck_assert_uint_eq(r.n_failed, 2 * 2);
    ck_assert_uint_eq(seen.total, seen.done);
    for (size_t k = 0; k < r.n; k++) {
        const struct trial_record *t = &r.records[k];
        ck_assert_int_eq(t->failed, t->model == 0);
        if (t->model != 0) continue;
        ck_assert_int_eq(t->failure, FAILURE_REFUSED);
        ck_assert_msg(
            strstr(t->cause, "the first: misbehaves: fit failed"), "%s", t->cause); // the default's
        ck_assert_ptr_null(t->tuned);
    }
    // The store has them, too: tables that are made of it alone are the same.
    struct results kept;
    searched_stored(&s, "failed", &kept);
    ck_assert_uint_eq(kept.n, r.n);
    ck_assert_uint_eq(kept.n_failed, r.n_failed);
    for (size_t k = 0; k < r.n; k++) {
        const struct trial_record *a = &r.records[k], *b = &kept.records[k];
        searched_same_record(&s, a, b);
        ck_assert_int_eq(a->failure, b->failure);
        if (a->failed) ck_assert_str_eq(a->cause, b->cause);
    }
    results_done(&kept);
    // And a row by the values that the search began with is not taken for failed.
    for (int m = 0; m < 2; m++) s.models[m].tuning = NULL;
    searched_run(&s, "failed", &seen, &kept);
    ck_assert_uint_eq(seen.executed, 2 * 2);
    results_done(&kept);
    results_done(&r);
    searched_done(&s);
}
END_TEST

// ---- Test labels -------------------------------------------------------------------------------

START_TEST(labels_of_the_outer_test_fold_have_no_say) {
    static struct seen seen[2];
    static const char *const file[] = {"true.csv", "poisoned.csv"};
    struct searched s[2];
    struct results r[2];
    for (int k = 0; k < 2; k++) {
        searched_file(file[k], poisoned_ratings(k == 1));
        char text[4096];
        snprintf(text, sizeof text,
            "name = \"t\"; data = { delimited = \"%s\"; user = \"user\"; item = \"item\"; rating = "
            "\"stars\"; time = \"when\"; fold = \"fold\"; scale = [1, 5]; };"
            "split = { method = \"predefined\"; column = \"fold\"; only = [1]; }; metrics = "
            "(\"rmse\");" MODELS,
            file[k]);
        searched_read(&s[k], text);
        searched_add(&s[k], 0, "shrinkage", 0.01, 1000, "random", 8);
        searched_add(&s[k], 1, "lambda", 0.001, 1, "random", 8);
        searched_run(&s[k], NULL, &seen[k], &r[k]);
        ck_assert_uint_eq(r[k].n_failed, 0);
        ck_assert_uint_eq(seen[k].executed, 2 * 8 * 3 + 2);
    }
    for (int model = 0; model < 2; model++)
        for (int inner = 1; inner <= 3; inner++) {
            ck_assert(isfinite(seen[0].score[model][1][inner][7]));
            ck_assert_int_eq(memcmp(seen[0].score[model][1][inner], seen[1].score[model][1][inner],
                                 8 * sizeof(double)),
                0);
        }
    ck_assert_uint_eq(r[0].n, r[1].n);
    for (size_t k = 0; k < r[0].n; k++) {
        const struct trial_record *a = &r[0].records[k], *b = &r[1].records[k];
        // The labels do differ.
        ck_assert(
            scores_get(&a->scores, SLICE_ALL, "rmse") != scores_get(&b->scores, SLICE_ALL, "rmse"));
        if (!a->tuned) continue;
        ck_assert(
            searched_same_values(s[0].models[a->model].schema, a->tuned->values, b->tuned->values));
        ck_assert_int_eq(memcmp(&a->tuned->inner, &b->tuned->inner, 8), 0);
    }
    for (int k = 0; k < 2; k++) {
        results_done(&r[k]);
        searched_done(&s[k]);
    }
}
END_TEST

// ---- Jobs ------------------------------------------------------------

START_TEST(the_bits_are_the_same_for_any_number_of_jobs) {
    static const char *const ways[] = {
        "jobs = 1; threads = 1;", "jobs = 2; threads = 2;", "jobs = 8; threads = 8;"};
    struct searched s[3];
    struct results r[3];
    for (int way = 0; way < 3; way++) {
        searched_init(&s[way], ways[way]);
        searched_run(&s[way], NULL, NULL, &r[way]);
        searched_same(&s[0], &r[0], &r[way]);
    }
    for (int way = 0; way < 3; way++) {
        results_done(&r[way]);
        searched_done(&s[way]);
    }
}
END_TEST

int main(void) {
    if (!searched_begin()) return 1;
    TCase *cases = tcase_create("nested");
    tcase_add_test(cases, the_best_of_the_inner_folds_is_fitted_on_the_whole_outer_fold);
    tcase_add_test(cases, a_higher_score_wins_where_higher_is_better);
    tcase_add_test(cases, halving_spends_less_on_most_candidates);
    tcase_add_test(cases, a_share_of_the_data_is_less_to_train_on);
    tcase_add_test(cases, models_may_have_as_many_inner_folds_as_each_wants);
    tcase_add_test(cases, without_a_score_the_outer_trial_fails_with_the_first_cause);
    tcase_add_test(cases, labels_of_the_outer_test_fold_have_no_say);
    tcase_add_test(cases, the_bits_are_the_same_for_any_number_of_jobs);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("nested");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return !searched_end() || failed != 0;
}
