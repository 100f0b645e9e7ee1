// Each metric against examples worked by hand, and against what must not matter to it.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "metric/metric.h"
#include "metric/summary.h"
#include "support/metric_settings.h"

// What a metric emitted.
struct heard {
    struct {
        char name[32];
        double value;
    } at[16];
    size_t n;
};

static void hear(void *arg, const char *name, double value) {
    struct heard *h = arg;
    ck_assert_uint_lt(h->n, 16);
    strcpy(h->at[h->n].name, name);
    h->at[h->n++].value = value;
}

static double heard_get(const struct heard *h, const char *name) {
    for (size_t k = 0; k < h->n; k++)
        if (strcmp(h->at[k].name, name) == 0) return h->at[k].value;
    ck_abort_msg("no number named %s", name);
    return NAN;
}

static struct heard score(const char *id, const void *settings, const struct metric_rows *rows) {
    struct heard h = {0};
    struct error e = {0};
    const struct metric *m = metric_find(id);
    ck_assert_ptr_nonnull(m);
    ck_assert_msg(m->score(settings, rows, hear, &h, &e), "%s", e.text);
    ck_assert_str_eq(h.at[0].name, id);
    return h;
}

static void near(double found, double expected) {
    ck_assert_msg(fabs(found - expected) < 1e-12, "%.17g, not %.17g", found, expected);
}

// User 7 has four rows, two of them with the same answer; user 9 has one.
static const uint32_t users[] = {7, 7, 9, 7, 7}, items[] = {0, 1, 4, 2, 3};
static const float truth[] = {1, 5, 3, 2, 4}, answer[] = {3, 3, 2, 1, 5},
                   item_mean[] = {4, 1, 2.5f, 3, 2};
static const uint64_t tie[] = {9, 7, 5, 1, 1};
static const struct metric_rows five = {
    5, users, items, truth, answer, answer, NULL, NULL, item_mean, tie, 42, 1, 5, NULL};

START_TEST(accuracy_by_hand) {
    // errors 2, -2, -1, -1, 1: squares 11, absolute 7
    struct heard rmse = score("rmse", NULL, &five);
    near(heard_get(&rmse, "rmse"), sqrt(11. / 5));
    struct heard mae = score("mae", NULL, &five);
    near(heard_get(&mae, "mae"), 7. / 5);
}
END_TEST

static double accuracy(
    const char *id, const char *setting, double value, const struct metric_rows *r) {
    const struct metric *m = metric_find(id);
    void *settings = metric_settings_default(m);
    metric_settings_set(settings, m, setting, value);
    struct heard h = score(id, settings, r);
    free(settings);
    return heard_get(&h, id);
}

START_TEST(accuracy_before_clipping_on_another_scale_and_with_training_rows) {
    static const float raw[] = {3, 3, 2, 0, 7};          // errors 2, -2, -1, -2, 3
    static const float seen[] = {4, 2}, told[] = {4, 4}; // errors 0, 2
    const struct metric_rows training = {.n = 2, .truth = seen, .answer = told, .raw = told};
    struct metric_rows rows = five;
    rows.raw = raw;
    rows.training = &training;
    near(accuracy("rmse", "clip", false, &rows), sqrt(22. / 5));
    near(accuracy("mae", "clip", false, &rows), 10. / 5);
    near(accuracy("rmse", "width", true, &rows), sqrt(11. / 5) / 4);
    near(accuracy("mae", "width", true, &rows), 7. / 5 / 4);
    near(accuracy("rmse", "training", true, &rows), sqrt(15. / 7));
    near(accuracy("mae", "training", true, &rows), 9. / 7);
    near(accuracy("rmse", "training", true, &training), sqrt(4. / 2)); // these are they
    const struct metric *m = metric_find("rmse");
    void *settings = metric_settings_default(m);
    ck_assert_ptr_null(m->caution(settings));
    metric_settings_set(settings, m, "training", true);
    ck_assert_ptr_nonnull(m->caution(settings));
    free(settings);
}
END_TEST

enum { USER, OVERALL };
enum { TIES, QUANTILE };

static struct heard top(
    const struct metric_rows *rows, double share, int scope, int rule, int min) {
    const struct metric *m = metric_find("top5");
    void *s = metric_settings_default(m);
    metric_settings_set(s, m, "share", share);
    metric_settings_set(s, m, "scope", scope);
    metric_settings_set(s, m, "rule", rule);
    metric_settings_set(s, m, "min_rows", min);
    struct heard h = score("top5", s, rows);
    free(s);
    return h;
}

START_TEST(top_takes_the_best_of_each_user) {
    // User 7: k = ceil(.5 * 4) = 2: item 3, and of the tied items 0 and 1 the one with the lower
    // hash, item 1: 4 + 5. User 9: its only row, 3.
    struct heard h = top(&five, 0.5, USER, TIES, 1);
    near(heard_get(&h, "top5"), 12. / 3);
    near(heard_get(&h, "top5.rows"), 3);
    near(heard_get(&h, "top5.share"), 3. / 5);
    near(heard_get(&h, "top5.unchosen"), 1);
    near(heard_get(&h, "top5.random"), (2 * 3. + 3) / 3);    // user 7's mean twice, user 9's once
    near(heard_get(&h, "top5.item_mean"), (1 + 2 + 3.) / 3); // items 0 and 2
    near(heard_get(&h, "top5.oracle"), (5 + 4 + 3.) / 3);
    // Of two users drawn: 7 twice 9/2, 9 twice 3, both 12/3; the ends are hit by a quarter each.
    near(heard_get(&h, "top5.low"), 3);
    near(heard_get(&h, "top5.high"), 4.5);
}
END_TEST

START_TEST(top_leaves_out_users_with_few_rows) {
    struct heard h = top(&five, 0.5, USER, TIES, 2);
    near(heard_get(&h, "top5"), 9. / 2);
    near(heard_get(&h, "top5.rows"), 2);
    near(heard_get(&h, "top5.share"), 2. / 4);
    near(heard_get(&h, "top5.unchosen"), 0);
    ck_assert(isnan(heard_get(&h, "top5.low"))); // one user has no interval
    h = top(&five, 0.5, USER, TIES, 5);
    ck_assert(isnan(heard_get(&h, "top5")));
    near(heard_get(&h, "top5.rows"), 0);
}
END_TEST

START_TEST(top_over_all_rows_together) {
    // k = ceil(2.5) = 3: items 3, 0, 1: 4 + 1 + 5
    struct heard h = top(&five, 0.5, OVERALL, TIES, 1);
    near(heard_get(&h, "top5"), 10. / 3);
    near(heard_get(&h, "top5.rows"), 3);
    near(heard_get(&h, "top5.random"), 3);
    near(heard_get(&h, "top5.item_mean"), (1 + 2 + 3.) / 3);
    near(heard_get(&h, "top5.oracle"), (5 + 4 + 3.) / 3);
}
END_TEST

START_TEST(top_by_quantile_takes_all_ties) {
    // User 7's median answer is 3: items 0, 1, 3. User 9: its only row.
    struct heard h = top(&five, 0.5, USER, QUANTILE, 1);
    near(heard_get(&h, "top5"), (1 + 5 + 4 + 3.) / 4);
    near(heard_get(&h, "top5.rows"), 4);
    near(heard_get(&h, "top5.random"), (2 * 3. + 3) / 3);
    const float flat[] = {2, 2, 2, 2, 2};
    struct metric_rows constant = five;
    constant.raw = flat;
    h = top(&constant, 0.05, OVERALL, QUANTILE, 1);
    near(heard_get(&h, "top5"), 3); // the mean of all
    near(heard_get(&h, "top5.rows"), 5);
    near(heard_get(&h, "top5.unchosen"), 5);
    h = top(&constant, 0.05, OVERALL, TIES, 1);
    near(heard_get(&h, "top5.rows"), 1);
    ck_assert_ptr_null(metric_find("rmse")->caution(NULL));
}
END_TEST

START_TEST(top_counts_rows_exactly) {
    // ceil(share n) where the product is whole in decimals, whatever it is in binary.
    enum { N = 700 };
    uint32_t user[N] = {0}, item[N];
    float rating[N];
    uint64_t hash[N];
    for (uint32_t k = 0; k < N; k++) item[k] = k, rating[k] = (float)(k % 10), hash[k] = k;
    static const struct {
        double share;
        size_t n;
        double taken;
    } cases[] = {{0.05, 20, 1}, {0.05, 21, 2}, {0.05, 19, 1}, {0.07, 100, 7}, {0.07, 300, 21},
        {0.07, 700, 49}, {0.29, 100, 29}, {1, 700, 700}, {0.05, 1, 1}, {1e-6, 700, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct metric_rows rows = {cases[c].n, user, item, rating, rating, rating, NULL, NULL,
            rating, hash, 1, 1, 5, NULL};
        struct heard h = top(&rows, cases[c].share, USER, TIES, 1);
        near(heard_get(&h, "top5.rows"), cases[c].taken);
    }
}
END_TEST

enum { MANY = 3000, MANY_USERS = 200 };

// Rows with many ties, in an order of their own.
static struct metric_rows many_rows(const uint32_t *order) {
    static uint32_t user[MANY], item[MANY];
    static float rating[MANY], guess[MANY], mean[MANY];
    static uint64_t hash[MANY];
    for (uint32_t k = 0; k < MANY; k++) {
        const uint32_t row = order[k];
        uint64_t bits[2];
        random_bits(99, row, bits, 2);
        user[k] = row % MANY_USERS;
        item[k] = row / MANY_USERS;
        rating[k] = (float)(1 + random_below(bits[0], 5));
        guess[k] = rating[k] + (float)random_below(bits[1], 4);
        mean[k] = (float)(item[k] % 3);
        hash[k] = random_mix(user[k], item[k]);
    }
    return (struct metric_rows){
        MANY, user, item, rating, guess, guess, NULL, NULL, mean, hash, 5, 1, 5, NULL};
}

START_TEST(top_does_not_depend_on_the_order_of_rows) {
    uint32_t order[MANY];
    for (uint32_t k = 0; k < MANY; k++) order[k] = k;
    struct metric_rows rows = many_rows(order);
    struct heard a = top(&rows, 0.05, _i, TIES, 1);
    random_shuffle(3, 1, order, MANY);
    rows = many_rows(order);
    struct heard b = top(&rows, 0.05, _i, TIES, 1);
    ck_assert_uint_eq(a.n, b.n);
    for (size_t k = 0; k < a.n; k++) {
        ck_assert_str_eq(a.at[k].name, b.at[k].name);
        ck_assert_msg(a.at[k].value == b.at[k].value, "%s differs", a.at[k].name);
    }
}
END_TEST

START_TEST(the_interval_is_that_of_a_mean_over_users) {
    uint32_t order[MANY];
    for (uint32_t k = 0; k < MANY; k++) order[k] = k;
    const struct metric_rows rows = many_rows(order);
    // 15 rows a user, so one row each is taken: the score is a plain mean over users.
    struct heard h = top(&rows, 0.05, USER, TIES, 1);
    near(heard_get(&h, "top5.rows"), MANY_USERS);
    const double low = heard_get(&h, "top5.low"), high = heard_get(&h, "top5.high");
    // Truths are 1 .. 5; by the normal law the half width is 1.96 sd / sqrt(200).
    ck_assert(low < heard_get(&h, "top5") && heard_get(&h, "top5") < high);
    double best[MANY_USERS], sum = 0, squares = 0;
    for (uint32_t u = 0; u < MANY_USERS; u++) {
        uint32_t pick = u;
        for (uint32_t k = u; k < MANY; k += MANY_USERS)
            if (rows.answer[k] > rows.answer[pick] ||
                (rows.answer[k] == rows.answer[pick] && rows.tie[k] < rows.tie[pick]))
                pick = k;
        best[u] = (double)rows.truth[pick];
        sum += best[u];
    }
    const double mean = sum / MANY_USERS;
    near(heard_get(&h, "top5"), mean);
    for (uint32_t u = 0; u < MANY_USERS; u++) squares += (best[u] - mean) * (best[u] - mean);
    const double width = 2 * 1.96 * sqrt(squares) / MANY_USERS;
    ck_assert_msg(fabs((high - low) / width - 1) < 0.12, "%g, not %g", high - low, width);
}
END_TEST

static struct metric_rows with_spread(const float *sd) {
    struct metric_rows rows = five;
    rows.sd = sd;
    return rows;
}

START_TEST(intervals_by_hand) {
    // Truth less answer is -2, 2, 1, 1, -1: a point, one that is not known, z = 1, 0.5 and -0.1.
    static const float sd[] = {0, NAN, 1, 2, 10};
    static const double crps[] = {2, 2, 0.6024413576276163, 0.6628070625097113, 2.376810788616731};
    const struct metric_rows rows = with_spread(sd);
    struct heard h = score("intervals", NULL, &rows);
    near(heard_get(&h, "intervals"), (crps[0] + crps[1] + crps[2] + crps[3] + crps[4]) / 5);
    near(heard_get(&h, "intervals.cover50"), 2. / 4); // |e| <= 0.674 sd
    near(heard_get(&h, "intervals.cover90"), 3. / 4); // 1.645 sd
    near(heard_get(&h, "intervals.width90"), 2 * 1.6448536269514722 * 13 / 4);
    near(heard_get(&h, "intervals.known"), 4. / 5);
    double part[5], weight[5];
    struct error e = {0};
    ck_assert(metric_find("intervals")->rows(NULL, &rows, part, weight, &e));
    for (int k = 0; k < 5; k++) {
        near(part[k], crps[k]);
        near(weight[k], 1);
    }
}
END_TEST

START_TEST(intervals_are_of_answers_before_clipping_and_may_have_no_width_at_all) {
    static const float raw[] = {1, 5, 3, 2, 4}, sd[] = {0, 0, 1e-38f, 0, 0};
    struct metric_rows rows = with_spread(sd);
    rows.raw = raw; // the truth
    struct heard h = score("intervals", NULL, &rows);
    ck_assert(heard_get(&h, "intervals") < 1e-38);
    near(heard_get(&h, "intervals.cover50"), 1);
    rows.raw = answer;
    h = score("intervals", NULL, &rows);
    near(heard_get(&h, "intervals"), 7. / 5); // the absolute error
    near(heard_get(&h, "intervals.cover90"), 0);
}
END_TEST

START_TEST(without_any_deviation_there_is_no_score_of_intervals) {
    static const float none[] = {NAN, NAN, NAN, NAN, NAN};
    static const float *const sds[] = {NULL, none};
    for (int k = 0; k < 2; k++) {
        const struct metric_rows rows = with_spread(sds[k]);
        double part[5], weight[5];
        struct error e = {0};
        const struct heard h = score("intervals", NULL, &rows);
        ck_assert(isnan(heard_get(&h, "intervals")));
        ck_assert(!metric_find("intervals")->rows(NULL, &rows, part, weight, &e));
        ck_assert_str_eq(e.text, "");
    }
}
END_TEST

START_TEST(every_part_is_declared) {
    struct heard h = top(&five, 0.5, USER, TIES, 1);
    const struct metric *m = metric_find("top5");
    ck_assert_uint_eq(h.n, m->n_parts + 1);
    for (size_t k = 0; k < m->n_parts; k++) {
        char name[64];
        snprintf(name, sizeof name, "top5.%s", m->parts[k].name);
        ck_assert_str_eq(h.at[k + 1].name, name);
    }
}
END_TEST

START_TEST(summary_by_hand) {
    struct summary_value three[] = {{0, 3, 4}, {0, 1, 1}, {0, 2, NAN}, {0, 4, 7}};
    struct summary s = summary_over_folds(three, 4);
    near(s.mean, 4);
    near(s.sd, 3);
    ck_assert_uint_eq(s.n, 3);
    // Two seeds: folds are (1 + 3) / 2 = 2 and 4 (one seed alone): mean 3, sd sqrt(2)
    struct summary_value seeds[] = {{0, 1, 1}, {0, 2, 4}, {0, 1, 3}};
    s = summary_over_folds(seeds, 3);
    near(s.mean, 3);
    near(s.sd, sqrt(2));
    ck_assert_uint_eq(s.n, 2);
    // Repeats: fold 1 of either is a fold of its own.
    struct summary_value repeats[] = {{0, 1, 1}, {1, 1, 3}};
    s = summary_over_folds(repeats, 2);
    near(s.mean, 2);
    near(s.sd, sqrt(2));
    struct summary_value one[] = {{0, 1, 5}};
    s = summary_over_folds(one, 1);
    near(s.mean, 5);
    ck_assert(isnan(s.sd));
    s = summary_over_folds(NULL, 0);
    ck_assert(isnan(s.mean) && isnan(s.sd) && s.n == 0);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("metric");
    tcase_add_test(cases, accuracy_by_hand);
    tcase_add_test(cases, accuracy_before_clipping_on_another_scale_and_with_training_rows);
    tcase_add_test(cases, top_takes_the_best_of_each_user);
    tcase_add_test(cases, top_leaves_out_users_with_few_rows);
    tcase_add_test(cases, top_over_all_rows_together);
    tcase_add_test(cases, top_by_quantile_takes_all_ties);
    tcase_add_test(cases, top_counts_rows_exactly);
    tcase_add_loop_test(cases, top_does_not_depend_on_the_order_of_rows, USER, OVERALL + 1);
    tcase_add_test(cases, the_interval_is_that_of_a_mean_over_users);
    tcase_add_test(cases, intervals_by_hand);
    tcase_add_test(cases, intervals_are_of_answers_before_clipping_and_may_have_no_width_at_all);
    tcase_add_test(cases, without_any_deviation_there_is_no_score_of_intervals);
    tcase_add_test(cases, every_part_is_declared);
    tcase_add_test(cases, summary_by_hand);
    Suite *suite = suite_create("metric");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
