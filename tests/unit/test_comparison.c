// Which rows of a run are compared, in which direction, and with what. The tests themselves are
// held by those of stats/.
#include <check.h>
#include <math.h>

#include "report/report.h"
#include "support/made_results.h"

static struct made made;
static struct comparisons all;

enum { FALLBACK, ALS, QUOTED, BROKEN, SHAKY, LAZY };
enum { RMSE, MAE, TOP5 };

static const struct comparison *again(uint32_t data, size_t metric) {
    struct error e = {0};
    comparisons_done(&all);
    ck_assert_msg(comparisons_make(&all, &made.results, &e), "%s", e.text);
    const struct comparison *c = comparisons_find(&all, data, metric);
    ck_assert_ptr_nonnull(c);
    return c;
}

static void make(void) {
    made_init(&made);
}

static void unmake(void) {
    comparisons_done(&all);
    made_done(&made);
}

static double score(int model, uint32_t fold, const char *name) {
    return scores_get(&made_find(&made, 0, model, fold)->scores, SLICE_ALL, name);
}

START_TEST(only_rows_that_could_win_take_part) {
    const struct comparison *c = again(0, RMSE);
    static const bool expected[] = {true, true, true, false, false, false};
    ck_assert_uint_eq(c->n, 6);
    for (size_t k = 0; k < c->n; k++) ck_assert_int_eq(c->rows[k].takes_part, expected[k]);
    ck_assert_uint_eq(c->best, FALLBACK); // it may be the best: no model beats it
    ck_assert_uint_eq(c->n_rows, 3 * 20168);
    ck_assert_ptr_null(c->refused);
    c = comparisons_find(&all, 1, RMSE); // the last row: the best reachable
    ck_assert_uint_eq(c->n, 3);
    ck_assert(c->rows[1].takes_part && !c->rows[2].takes_part);
}
END_TEST

START_TEST(a_row_of_other_test_ratings_takes_no_part) {
    made_find(&made, 0, 0, 2)->evidence->rows_hash++;
    const struct comparison *c = again(0, RMSE);
    ck_assert(!c->rows[ALS].takes_part && c->rows[QUOTED].takes_part);
    ck_assert(isnan(c->rows[ALS].pooled.value) && isnan(c->rows[ALS].pooled.best.value));
    ck_assert_uint_eq(c->rows[ALS].best.n_folds, 0);
}
END_TEST

static void forget(int model, uint32_t fold) {
    struct trial_record *t = made_find(&made, 0, model, fold);
    evidence_done(t->evidence);
    free(t->evidence);
    t->evidence = NULL;
}

START_TEST(a_row_without_evidence_takes_no_part) {
    forget(0, 3);
    ck_assert(!again(0, RMSE)->rows[ALS].takes_part);
    forget(1, 1);
    const struct comparison *c = again(0, RMSE); // the fallback is left alone
    ck_assert_ptr_nonnull(strstr(c->refused, "fewer than two rows"));
    ck_assert_uint_eq(c->best, SIZE_MAX);
    forget(MODEL_FALLBACK, 1);
    ck_assert_ptr_nonnull(strstr(again(0, RMSE)->refused, "--fresh"));
    ck_assert_ptr_null(comparisons_find(&all, 1, RMSE)->refused);
}
END_TEST

START_TEST(a_metric_that_is_no_sum_of_rows_is_not_compared) {
    for (size_t k = 0; k < made.results.n; k++) {
        struct evidence *ev = made.results.records[k].evidence;
        if (ev) ev->metrics[MAE].part = ev->metrics[MAE].weight = 0;
    }
    ck_assert_ptr_nonnull(strstr(again(0, MAE)->refused, "not made of single test rows"));
    ck_assert_ptr_null(comparisons_find(&all, 0, RMSE)->refused);
}
END_TEST

// Positive is worse, whichever way the metric goes.
START_TEST(differences_are_positive_where_a_row_is_worse) {
    for (size_t m = RMSE; m <= TOP5; m++) {
        const struct comparison *c = again(0, m);
        ck_assert_uint_eq(c->best, FALLBACK);
        ck_assert(c->rows[ALS].pooled.best.value > 0);
        ck_assert(c->rows[QUOTED].pooled.best.value > c->rows[ALS].pooled.best.value);
        ck_assert(c->rows[ALS].best.folds.mean > 0);
    }
    made.plan.baseline = "als";
    const struct comparison *c = again(0, TOP5);
    ck_assert(c->rows[FALLBACK].pooled.base.value < 0 && c->rows[QUOTED].pooled.base.value > 0);
    ck_assert(c->rows[FALLBACK].base.folds.mean < 0 && c->rows[QUOTED].base.folds.mean > 0);
    ck_assert_uint_eq(c->rows[FALLBACK].base.folds_better, 3);
    ck_assert_uint_eq(c->rows[FALLBACK].base.folds_worse, 0);
}
END_TEST

START_TEST(folds_are_tested_by_their_means_and_by_all_rows_at_once) {
    const struct comparison *c = again(0, RMSE);
    double p[2];
    for (int model = 0; model <= 1; model++) {
        double d[3];
        for (uint32_t f = 1; f <= 3; f++)
            d[f - 1] = score(model, f, "rmse") - score(MODEL_FALLBACK, f, "rmse");
        const struct resampled alone = resampled_t(d, 3, 20168. / 80668);
        const struct comparison_pair *pair = &c->rows[ALS + model].best;
        ck_assert_double_eq_tol(pair->folds.mean, alone.mean, 1e-15);
        ck_assert_double_eq_tol(pair->folds.se, alone.se, 1e-15);
        ck_assert_uint_eq(pair->n_folds, 3);
        p[model] = alone.p;
    }
    holm_adjust(p, 2);
    ck_assert_double_eq_tol(c->rows[ALS].best.folds.p, p[0], 1e-15);
    ck_assert_double_eq_tol(c->rows[QUOTED].best.folds.p, p[1], 1e-15);
    ck_assert_uint_eq(c->rows[FALLBACK].best.n_folds, 0); // none against itself
}
END_TEST

START_TEST(a_fold_is_counted_for_whom_it_speaks) {
    made_change(made_find(&made, 0, 0, 2), "rmse", score(MODEL_FALLBACK, 2, "rmse") - 0.001);
    made_change(made_find(&made, 0, 0, 3), "rmse", score(MODEL_FALLBACK, 3, "rmse") + 1e-9);
    const struct comparison *c = again(0, RMSE);
    ck_assert_uint_eq(c->rows[ALS].best.folds_better, 1);
    ck_assert_uint_eq(c->rows[ALS].best.folds_worse, 1); // and one that is equal but for rounding
    ck_assert_uint_eq(c->rows[ALS].best.n_folds, 3);
}
END_TEST

// Two seeds of one fold are averaged before folds are compared.
START_TEST(seeds_are_one_fold) {
    struct results *r = &made.results;
    made.plan.n_seeds = 2;
    r->records = realloc(r->records, (r->n + 15) * sizeof *r->records);
    ck_assert_ptr_nonnull(r->records);
    const size_t n = r->n;
    for (size_t k = 0; k < n; k++) {
        const struct trial_record *first = &r->records[k];
        if (first->data || first->model < 0 || first->failed) continue;
        struct trial_record *t = &r->records[r->n++];
        *t = (struct trial_record){
            .number = (uint32_t)r->n, .model = first->model, .fold = first->fold, .seed = 1};
        for (size_t j = 0; j < first->scores.n; j++)
            made_score(&t->scores, first->scores.at[j].slice, first->scores.at[j].name,
                first->scores.at[j].value);
        made_test(t, 20168, 80668);
        made_change(t, "rmse", scores_get(&first->scores, SLICE_ALL, "rmse") + 0.5);
    }
    const struct comparison *c = again(0, RMSE);
    double sum = 0;
    for (uint32_t f = 1; f <= 3; f++)
        sum += score(0, f, "rmse") + 0.25 - score(MODEL_FALLBACK, f, "rmse");
    ck_assert_uint_eq(c->rows[ALS].best.n_folds, 3);
    ck_assert_double_eq_tol(c->rows[ALS].best.folds.mean, sum / 3, 1e-12);
    forget(MODEL_FALLBACK, 1); // what the folds are is then told by a row with seeds
    c = again(0, RMSE);
    ck_assert_uint_eq(c->n_rows, 3 * 20168);
    ck_assert_uint_eq(c->rows[QUOTED].best.n_folds + c->rows[ALS].best.n_folds, 3);
}
END_TEST

// Of an interrupted run, folds may lack seeds: sums over them have other weights then.
START_TEST(folds_weigh_the_same_in_all_rows) {
    struct trial_record *t = made_find(&made, 0, 0, 3);
    t->fold = 1; // twice, as a second seed would be; none of fold 3
    t->seed = 1;
    t->evidence->rows_hash = made_find(&made, 0, 1, 1)->evidence->rows_hash;
    const struct comparison *c = again(0, RMSE);
    ck_assert(!c->rows[ALS].takes_part && c->rows[QUOTED].takes_part);
}
END_TEST

static double user_error(int model, uint32_t user) {
    double rows = 0, square = 0;
    for (uint32_t f = 1; f <= 3; f++) {
        const struct evidence *ev = made_find(&made, 0, model, f)->evidence;
        rows += (double)ev->rows[user];
        square += (double)ev->square[user];
    }
    return square / rows;
}

START_TEST(users_are_counted_over_all_folds) {
    const struct comparison *c = again(0, RMSE);
    double better = 0;
    for (uint32_t u = 0; u < MADE_USERS; u++)
        better += user_error(0, u) < user_error(MODEL_FALLBACK, u);
    ck_assert(better > 0 && better < MADE_USERS);
    ck_assert_uint_eq(c->rows[ALS].best.users.n, MADE_USERS);
    ck_assert_double_eq_tol(c->rows[ALS].best.users.better, better / MADE_USERS, 1e-12);
    ck_assert_double_eq_tol(c->rows[ALS].best.users.worse, 1 - better / MADE_USERS, 1e-12);
    ck_assert_uint_eq(comparisons_find(&all, 0, MAE)->rows[ALS].best.users.n, MADE_USERS);
    ck_assert_uint_eq(comparisons_find(&all, 0, TOP5)->rows[ALS].best.users.n, 0);
}
END_TEST

// As `bias` and the fallback: the same answers, one of them in single precision.
START_TEST(what_is_equal_but_for_rounding_is_equal) {
    for (uint32_t f = 1; f <= 3; f++) {
        struct trial_record *t = made_find(&made, 0, 0, f);
        const struct evidence *from = made_find(&made, 0, MODEL_FALLBACK, f)->evidence;
        made_change(t, "rmse", score(MODEL_FALLBACK, f, "rmse") - 1e-9);
        for (uint32_t u = 0; u < MADE_USERS; u++)
            t->evidence->square[u] = from->square[u] * (1 + (u % 2 ? 1e-7f : -1e-7f));
        for (int unit = 0; unit < EVIDENCE_UNITS; unit++)
            for (int b = 0; b < EVIDENCE_BUCKETS; b++)
                t->evidence->metrics[RMSE].part_in[unit][b] =
                    from->metrics[RMSE].part_in[unit][b] * (1 + (b % 2 ? 1e-7f : -1e-7f));
    }
    const struct comparison *c = again(0, RMSE);
    const size_t other = c->best == ALS ? FALLBACK : ALS;
    ck_assert_uint_eq(c->n_best, 2);
    const struct comparison_pair *pair = &c->rows[other].best;
    ck_assert_uint_eq(pair->folds_better + pair->folds_worse, 0);
    ck_assert(pair->users.better == 0 && pair->users.worse == 0);
    const struct difference *d = &c->rows[other].pooled.best;
    ck_assert(d->value == 0 && d->low == 0 && d->high == 0 && d->p == 1);
    ck_assert_double_gt(c->detectable, 1e-4); // what rows that differ would have shown
}
END_TEST

START_TEST(a_baseline_is_found_by_its_label_and_has_to_take_part) {
    ck_assert_uint_eq(again(0, RMSE)->baseline, SIZE_MAX);
    ck_assert(isnan(comparisons_find(&all, 0, RMSE)->rows[ALS].pooled.base.value));
    made.plan.baseline = "als";
    ck_assert_uint_eq(again(0, RMSE)->baseline, ALS);
    made.plan.baseline = "(fallback)";
    ck_assert_uint_eq(again(0, RMSE)->baseline, FALLBACK);
    made.plan.baseline = "shaky"; // has not every fold
    const struct comparison *c = again(0, RMSE);
    ck_assert_uint_eq(c->baseline, SIZE_MAX);
    ck_assert(isnan(c->rows[ALS].pooled.base.value));
    ck_assert_uint_eq(c->rows[ALS].base.n_folds, 0);
}
END_TEST

START_TEST(a_mark_is_for_all_that_may_be_the_best_and_bold_for_one_alone) {
    struct error e = {0};
    struct report r;
    ck_assert(report_make(&r, &made.results, NULL, NULL, &e));
    const struct table *t = &r.tables.at[0];
    for (size_t c = 0; c < t->n_columns; c++)
        for (size_t row = 0; row < t->n_rows; row++) {
            const struct cell *cell = &t->cells[row * t->n_columns + c];
            const bool rmse = strcmp(t->columns[c].key, "rmse") == 0;
            const bool mae = strcmp(t->columns[c].key, "mae") == 0;
            const bool top = strcmp(t->columns[c].key, "top5") == 0;
            const bool marked = (rmse && row == FALLBACK) || ((mae || top) && row <= QUOTED);
            ck_assert_msg((cell->mark != NULL) == marked, "%s %zu", t->columns[c].key, row);
            ck_assert(cell->strong == (rmse && row == FALLBACK));
        }
    for (size_t k = 1; k < r.tables.n; k++) // slices are not compared
        for (size_t at = 0; !table_is_whole(&r.tables.at[k]) &&
                            at < r.tables.at[k].n_rows * r.tables.at[k].n_columns;
             at++)
            ck_assert_ptr_null(r.tables.at[k].cells[at].mark);
    report_done(&r);
}
END_TEST

// ---- Many data sets ----------------------------------------------------------------------------

static struct data_summary many[RANKS_LEAST];

// The fallback and als on `n` data sets; als is better on all but the first.
static void make_many(uint32_t n) {
    for (size_t k = 0; k < made.results.n; k++) record_done(&made.results.records[k]);
    made.results.n = made.results.n_failed = 0;
    made.plan.n_data = n;
    made.plan.n_models = 2;
    made.results.data = many;
    for (uint32_t data = 0; data < n; data++) {
        many[data] = made.data[1];
        for (int model = MODEL_FALLBACK; model < 2; model++) made_trial(&made, data, 1, model);
        if (data) made_change(made_find(&made, data, 0, 1), "rmse", 0.5);
    }
}

START_TEST(ranks_are_told_from_eight_data_sets_on) {
    make_many(RANKS_LEAST - 1);
    again(0, RMSE);
    ck_assert_uint_eq(all.n_ranks, 0);
    make_many(RANKS_LEAST);
    again(0, RMSE);
    ck_assert_uint_eq(all.n_ranks, 3);
    ck_assert_uint_eq(all.ranks[RMSE].n_data, RANKS_LEAST);
    const double *rank = all.ranks[RMSE].mean_rank;
    ck_assert_double_eq_tol(rank[0], (1 + 2 * 7) / 8., 1e-12);
    ck_assert_double_eq_tol(rank[1], (2 + 1 * 7) / 8., 1e-12);
    ck_assert_double_eq_tol(rank[2], 3, 1e-12);
    ck_assert(all.ranks[TOP5].mean_rank[0] == 1); // higher is better
    // Equal but for rounding on one more data set: both have rank 1.5 there.
    made_change(made_find(&made, 5, 0, 1), "rmse",
        scores_get(&made_find(&made, 5, MODEL_FALLBACK, 1)->scores, SLICE_ALL, "rmse") + 1e-9);
    again(0, RMSE);
    rank = all.ranks[RMSE].mean_rank;
    ck_assert_double_eq_tol(rank[0], (1 + 1.5 + 2 * 6) / 8., 1e-12);
    ck_assert_double_eq_tol(rank[1], (2 + 1.5 + 1 * 6) / 8., 1e-12);
    made_find(&made, 3, 0, 1)->failed = true; // not on all data sets: not ranked
    again(0, RMSE);
    rank = all.ranks[RMSE].mean_rank;
    ck_assert(isnan(rank[1]) && rank[0] == 1 && rank[2] == 2);
    made_find(&made, 3, 0, 1)->failed = false;
}
END_TEST

START_TEST(ranks_have_a_table_after_all_others) {
    struct error e = {0};
    struct report r;
    make_many(RANKS_LEAST);
    ck_assert(report_make(&r, &made.results, NULL, NULL, &e));
    const struct table *t = &r.differences.at[r.differences.n - 3];
    ck_assert_str_eq(t->title, "Mean ranks by RMSE over 8 data sets");
    ck_assert_uint_eq(t->data_index, UINT32_MAX);
    ck_assert_str_eq(t->cells[2 * 1].text, "als");
    ck_assert_str_eq(t->cells[2 * 1 + 1].text, "1.12");
    ck_assert_ptr_nonnull(strstr(t->notes[0], "Nemenyi"));
    report_done(&r);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("comparison");
    tcase_add_checked_fixture(cases, make, unmake);
    tcase_add_test(cases, only_rows_that_could_win_take_part);
    tcase_add_test(cases, a_row_of_other_test_ratings_takes_no_part);
    tcase_add_test(cases, a_row_without_evidence_takes_no_part);
    tcase_add_test(cases, a_metric_that_is_no_sum_of_rows_is_not_compared);
    tcase_add_test(cases, differences_are_positive_where_a_row_is_worse);
    tcase_add_test(cases, folds_are_tested_by_their_means_and_by_all_rows_at_once);
    tcase_add_test(cases, a_fold_is_counted_for_whom_it_speaks);
    tcase_add_test(cases, seeds_are_one_fold);
    tcase_add_test(cases, folds_weigh_the_same_in_all_rows);
    tcase_add_test(cases, users_are_counted_over_all_folds);
    tcase_add_test(cases, what_is_equal_but_for_rounding_is_equal);
    tcase_add_test(cases, a_baseline_is_found_by_its_label_and_has_to_take_part);
    tcase_add_test(cases, a_mark_is_for_all_that_may_be_the_best_and_bold_for_one_alone);
    tcase_add_test(cases, ranks_are_told_from_eight_data_sets_on);
    tcase_add_test(cases, ranks_have_a_table_after_all_others);
    Suite *suite = suite_create("comparison");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
