// Metrics of places in the catalogue: worked by hand, against the mean over all orders, and what
// they give to comparisons.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric.h"
#include "support/metric_settings.h"

static const char *const ids[] = {"ndcg", "recall", "precision", "mrr", "map"};
enum { N_IDS = sizeof ids / sizeof *ids };

// What a metric emitted, by the part's name; "": the main number.
struct heard {
    char name[8][32];
    double value[8];
    size_t n;
};

static void hear(void *arg, const char *name, double value) {
    struct heard *h = arg;
    ck_assert_uint_lt(h->n, 8);
    strcpy(h->name[h->n], name);
    h->value[h->n++] = value;
}

static double heard_get(const struct heard *h, const char *part) {
    for (size_t k = 0; k < h->n; k++) {
        const char *dot = strchr(h->name[k], '.');
        if (strcmp(dot ? dot + 1 : "", part) == 0) return h->value[k];
    }
    ck_abort_msg("no number named %s", part);
    return NAN;
}

static struct heard score(
    const char *id, double k, double relevant, const struct metric_rows *rows) {
    struct heard h = {0};
    struct error e = {0};
    const struct metric *m = metric_find(id);
    ck_assert_ptr_nonnull(m);
    void *s = metric_settings_default(m);
    if (strcmp(id, "mrr") != 0) metric_settings_set(s, m, "k", k);
    metric_settings_set(s, m, "relevant", relevant);
    ck_assert_msg(m->score(s, rows, hear, &h, &e), "%s", e.text);
    ck_assert_str_eq(h.name[0], id);
    free(s);
    return h;
}

static void near(double found, double expected) {
    ck_assert_msg(fabs(found - expected) < 1e-12, "%.17g, not %.17g", found, expected);
}

// User 7: relevant at places 1, 4 and 12 of 20, and an unloved row at 2. User 9: relevant at 3 of
// 15. User 4 has but a 3.
static const uint32_t users[] = {7, 9, 7, 4, 7, 7}, items[] = {0, 1, 4, 2, 3, 5};
static const struct metric_place places[] = {{4, 20}, {3, 15}, {12, 20}, {1, 9}, {1, 20}, {2, 20}};
static const float truth[] = {4, 5, 4.5f, 3, 5, 2};
static const struct metric_rows six = {
    .n = 6, .users = users, .items = items, .truth = truth, .place = places};

START_TEST(by_hand) {
    static const double log5 = 2.321928094887362348; // log2(5)
    const double two = 1 + 1 / 1.5849625007211561815, three = two + 0.5;
    const double hand[][2] = {// the users' own, at k = 4
        {(1 + 1 / log5) / three, 0.5}, {2. / 3, 1}, {2. / 4, 1. / 4}, {1, 1. / 3},
        {(1 + 2. / 4) / 3, 1. / 3}};
    for (int m = 0; m < N_IDS; m++) {
        const struct heard h = score(ids[m], 4, 4, &six);
        near(heard_get(&h, ""), (hand[m][0] + hand[m][1]) / 2);
        near(heard_get(&h, "users"), 2);
        near(heard_get(&h, "left_out"), 1);
        near(heard_get(&h, "relevant"), 4);
    }
    // Cut at 2, user 7's ideal holds two rows, not three; user 9 has none so high.
    const struct heard ndcg = score("ndcg", 2, 4, &six), map = score("map", 2, 4, &six);
    near(heard_get(&ndcg, ""), 1 / two / 2);
    near(heard_get(&map, ""), 1. / 2 / 2);
    // A rating of 4.5 leaves user 7's places 1 and 12.
    const struct heard recall = score("recall", 4, 4.5, &six);
    near(heard_get(&recall, ""), (1. / 2 + 1) / 2);
    near(heard_get(&recall, "relevant"), 3);
}
END_TEST

// Every choice of places for 3 relevant rows among 7 once: the mean is the line "random".
START_TEST(random_is_the_mean_over_all_orders) {
    const uint32_t user[] = {0, 0, 0};
    const float loved[] = {5, 5, 5};
    for (int m = 0; m < N_IDS; m++)
        for (int k = 1; k <= 9; k += 2) {
            double sum = 0, random = NAN;
            int n = 0;
            for (uint32_t a = 1; a <= 7; a++)
                for (uint32_t b = a + 1; b <= 7; b++)
                    for (uint32_t c = b + 1; c <= 7; c++, n++) {
                        const struct metric_place three[] = {{b, 7}, {c, 7}, {a, 7}};
                        const struct metric_rows rows = {
                            .n = 3, .users = user, .items = user, .truth = loved, .place = three};
                        const struct heard h = score(ids[m], k, 4, &rows);
                        sum += heard_get(&h, "");
                        random = heard_get(&h, "random");
                    }
            near(random, sum / n);
        }
}
END_TEST

START_TEST(random_of_a_large_catalogue) {
    static const uint32_t sizes[] = {300, 60000};
    const uint32_t user[] = {0};
    const float loved[] = {5};
    for (size_t k = 0; k < 2; k++) {
        const struct metric_place place = {1, sizes[k]};
        const struct metric_rows rows = {
            .n = 1, .users = user, .items = user, .truth = loved, .place = &place};
        double sum = 0;
        for (uint32_t j = 1; j <= sizes[k]; j++) sum += 1. / j / sizes[k];
        const struct heard h = score("mrr", 0, 4, &rows);
        near(heard_get(&h, "random"), sum);
    }
}
END_TEST

START_TEST(parts_of_rows_over_their_weights_are_the_score) {
    for (int m = 0; m < N_IDS; m++) {
        const struct metric *metric = metric_find(ids[m]);
        void *s = metric_settings_default(metric);
        double part[6], weight[6], above = 0, below = 0;
        struct error e = {0};
        ck_assert_msg(metric->rows(s, &six, part, weight, &e), "%s", e.text);
        for (int k = 0; k < 6; k++) {
            above += part[k];
            below += weight[k];
            ck_assert(truth[k] >= 4 || (part[k] == 0 && weight[k] == 0));
        }
        const struct heard h = score(ids[m], 10, 4, &six);
        near(above / below, heard_get(&h, ""));
        near(below, 2);
        free(s);
    }
}
END_TEST

START_TEST(without_places_there_is_no_number) {
    struct metric_rows rows = six;
    rows.place = NULL;
    for (int m = 0; m < N_IDS; m++) {
        const struct metric *metric = metric_find(ids[m]);
        void *s = metric_settings_default(metric);
        double part[6], weight[6];
        struct error e = {0};
        const struct heard h = score(ids[m], 10, 4, &rows);
        ck_assert_uint_eq(h.n, 1);
        ck_assert(isnan(h.value[0]));
        ck_assert(!metric->rows(s, &rows, part, weight, &e));
        ck_assert_str_eq(e.text, "");
        free(s);
    }
}
END_TEST

START_TEST(without_a_relevant_row_there_is_no_number) {
    for (int m = 0; m < N_IDS; m++) {
        const struct heard h = score(ids[m], 10, 5.5, &six);
        ck_assert(isnan(heard_get(&h, "")));
        near(heard_get(&h, "users"), 0);
        near(heard_get(&h, "left_out"), 3);
    }
}
END_TEST

START_TEST(relevant_lies_in_the_scale) {
    static const struct {
        double relevant;
        bool fits;
    } cases[] = {{0.5, false}, {1, false}, {1.5, true}, {5, true}, {5.5, false}};
    for (int m = 0; m < N_IDS; m++) {
        const struct metric *metric = metric_find(ids[m]);
        void *s = metric_settings_default(metric);
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
            struct error e = {0};
            metric_settings_set(s, metric, "relevant", cases[k].relevant);
            ck_assert_int_eq(metric->fits(s, 1, 5, &e), cases[k].fits);
            ck_assert_int_eq(e.text[0] == '\0', cases[k].fits);
        }
        free(s);
    }
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("ranked");
    tcase_add_test(cases, by_hand);
    tcase_add_test(cases, random_is_the_mean_over_all_orders);
    tcase_add_test(cases, random_of_a_large_catalogue);
    tcase_add_test(cases, parts_of_rows_over_their_weights_are_the_score);
    tcase_add_test(cases, without_places_there_is_no_number);
    tcase_add_test(cases, without_a_relevant_row_there_is_no_number);
    tcase_add_test(cases, relevant_lies_in_the_scale);
    Suite *suite = suite_create("ranked");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
