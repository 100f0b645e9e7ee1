// What is kept of a trial for comparisons: the number itself, and sums by unit.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "metric/evidence.h"
#include "support/metric_settings.h"

enum { USERS = 400, ITEMS = 150, ROWS = 6000 };

// A fold whose test rows are in `rows`, and what it is made of.
struct world {
    uint32_t n;
    uint32_t users[ROWS], items[ROWS];
    float truth[ROWS], answer[ROWS], raw[ROWS];
    uint64_t tie[ROWS], user_hash[USERS], item_hash[ITEMS];
    int64_t time[ROWS];
    uint64_t start[USERS + 1];
    uint32_t col[USERS];
    float value[USERS];
    int64_t train_time[USERS];
    struct dataset data;
    rk_data train;
    struct metric_rows rows;
    struct metric_spec metrics[12];
    struct evidence_job job;
};

static struct world w;

static void add_metric(const char *id, void *settings) {
    w.metrics[w.job.n_metrics++] = (struct metric_spec){metric_find(id), settings, id};
}

static void *with(const char *id, const char *name, double value) {
    void *settings = metric_settings_default(metric_find(id));
    metric_settings_set(settings, metric_find(id), name, value);
    return settings;
}

// Each user has one training rating at time 500; test rows are at times 0 .. 999. Ratings depend on
// the user, so that rows of one user belong together.
static void setup(void) {
    uint64_t bits[ROWS];
    float noise[ROWS];
    w = (struct world){.n = ROWS};
    random_bits(7, 0, bits, ROWS);
    random_normal(7, 1, noise, ROWS);
    for (uint32_t k = 0; k < ROWS; k++) {
        w.users[k] = (uint32_t)(bits[k] % USERS * (bits[k] >> 32 & 1023) / 1023);
        w.items[k] = k % ITEMS;
        w.truth[k] = 0.5f * (float)(1 + (bits[k] >> 50) % 10);
        w.raw[k] = w.truth[k] + noise[k] + 0.02f * (float)(w.users[k] % 50);
        w.answer[k] = fminf(5, fmaxf(0.5f, w.raw[k]));
        w.tie[k] = random_mix(bits[k], k);
        w.time[k] = (int64_t)(bits[k] >> 40) % 1000;
    }
    for (uint32_t u = 0; u < USERS; u++) {
        w.user_hash[u] = random_mix(100, u);
        w.start[u + 1] = u + 1;
        w.train_time[u] = 500;
        w.value[u] = 3;
    }
    for (uint32_t i = 0; i < ITEMS; i++) w.item_hash[i] = random_mix(200, i);
    w.data = (struct dataset){
        .n_users = USERS, .n_items = ITEMS, .user_hash = w.user_hash, .item_hash = w.item_hash};
    w.train = (rk_data){.n_users = USERS,
        .n_items = ITEMS,
        .by_user = {USERS, ITEMS, w.start, w.col, w.value},
        .time = w.train_time};
    w.rows = (struct metric_rows){.n = ROWS,
        .users = w.users,
        .items = w.items,
        .truth = w.truth,
        .answer = w.answer,
        .raw = w.raw,
        .item_mean = w.truth,
        .tie = w.tie,
        .scale_min = 0.5f,
        .scale_max = 5};
    w.job = (struct evidence_job){
        .data = &w.data, .train = &w.train, .rows = &w.rows, .time = w.time, .metrics = w.metrics};
}

static void teardown(void) {
    for (size_t k = 0; k < w.job.n_metrics; k++) free((void *)w.metrics[k].settings);
}

static struct evidence make(void) {
    struct evidence ev;
    struct error e = {0};
    ck_assert_msg(evidence_make(&ev, &w.job, &e), "%s", e.text);
    return ev;
}

static void take_first(void *arg, const char *name, double value) {
    if (!strchr(name, '.')) *(double *)arg = value;
}

static double value_of(const struct evidence *ev, size_t m) {
    const double ratio = ev->metrics[m].part / ev->metrics[m].weight;
    return w.metrics[m].metric->is_root ? sqrt(ratio) : ratio;
}

START_TEST(the_number_of_each_metric_comes_back) {
    add_metric("rmse", NULL);
    add_metric("mae", NULL);
    add_metric("rmse", with("rmse", "clip", 0));
    add_metric("mae", with("mae", "width", 1));
    add_metric("top5", with("top5", "share", 0.05));
    add_metric("top5", with("top5", "scope", 1));
    add_metric("top5", with("top5", "rule", 1));
    add_metric("top5", with("top5", "min_rows", 20));
    void *both = with("top5", "rule", 1);
    metric_settings_set(both, metric_find("top5"), "scope", 1);
    add_metric("top5", both);
    struct evidence ev = make();
    ck_assert_uint_eq(ev.n_metrics, w.job.n_metrics);
    for (size_t m = 0; m < ev.n_metrics; m++) {
        const struct metric_spec *spec = &w.metrics[m];
        double main_number = NAN;
        struct error e = {0};
        ck_assert(spec->metric->score(spec->settings, &w.rows, take_first, &main_number, &e));
        ck_assert_msg(fabs(value_of(&ev, m) - main_number) < 1e-12, "%s (%zu): %.17g, not %.17g",
            spec->label, m, value_of(&ev, m), main_number);
        if (m < 3) ck_assert(value_of(&ev, m) == main_number);
    }
    ck_assert(ev.metrics[0].weight == ROWS);
    ck_assert(ev.metrics[4].weight > ROWS * 0.05 && ev.metrics[4].weight < ROWS * 0.1);
    evidence_done(&ev);
}
END_TEST

START_TEST(what_is_no_sum_over_test_rows_is_not_compared) {
    add_metric("rmse", with("rmse", "training", 1));
    add_metric("mae", with("mae", "training", 1));
    add_metric("top5", with("top5", "min_rows", 1e6)); // nobody has that many
    struct evidence ev = make();
    for (size_t m = 0; m < 3; m++) {
        ck_assert(ev.metrics[m].weight == 0);
        ck_assert_ptr_null(ev.metrics[m].part_in[EVIDENCE_USER]);
    }
    evidence_done(&ev);
}
END_TEST

// Rows backwards, and users under other numbers.
static void turn_round(void) {
    struct world *old = malloc(sizeof *old);
    ck_assert_ptr_nonnull(old);
    *old = w;
    for (uint32_t k = 0; k < ROWS; k++) {
        const uint32_t from = ROWS - 1 - k;
        w.users[k] = USERS - 1 - old->users[from];
        w.items[k] = (old->items[from] + 1) % ITEMS;
        w.truth[k] = old->truth[from];
        w.raw[k] = old->raw[from];
        w.answer[k] = old->answer[from];
        w.tie[k] = old->tie[from];
        w.time[k] = old->time[from];
    }
    for (uint32_t u = 0; u < USERS; u++) w.user_hash[u] = old->user_hash[USERS - 1 - u];
    for (uint32_t i = 0; i < ITEMS; i++) w.item_hash[(i + 1) % ITEMS] = old->item_hash[i];
    free(old);
}

static double furthest(const struct evidence *a, const struct evidence *b, size_t m) {
    double most = 0;
    for (int u = 0; u < EVIDENCE_UNITS; u++)
        for (int k = 0; k < EVIDENCE_BUCKETS; k++) {
            const struct evidence_metric *x = &a->metrics[m], *y = &b->metrics[m];
            most = fmax(most, fabs((double)x->part_in[u][k] - (double)y->part_in[u][k]));
            most = fmax(most, fabs((double)x->weight_in[u][k] - (double)y->weight_in[u][k]));
        }
    return most;
}

START_TEST(neither_the_order_of_rows_nor_their_numbers_matter) {
    add_metric("rmse", NULL);
    add_metric("top5", with("top5", "share", 0.1));
    struct evidence one = make();
    turn_round();
    struct evidence other = make();
    ck_assert_uint_eq(one.rows_hash, other.rows_hash);
    ck_assert(one.later == other.later);
    for (size_t m = 0; m < 2; m++) ck_assert(furthest(&one, &other, m) < 1e-4);
    evidence_done(&other);
    w.truth[17] += 0.5f;
    other = make();
    ck_assert_uint_ne(one.rows_hash, other.rows_hash);
    evidence_done(&other);
    w.truth[17] -= 0.5f;
    w.user_hash[w.users[17]]++; // of another user
    other = make();
    ck_assert_uint_ne(one.rows_hash, other.rows_hash);
    evidence_done(&other);
    evidence_done(&one);
}
END_TEST

// ---- Sums by unit ------------------------------------------------------------------------------

static uint32_t unit_of(enum evidence_unit unit, uint32_t row) {
    return unit == EVIDENCE_USER ? w.users[row] : unit == EVIDENCE_ITEM ? w.items[row] : row;
}

// Sum over units of (sum over the unit's rows of squared error less `mean`)^2, one by one.
static double naive(enum evidence_unit unit, double mean) {
    double *sum = calloc(ROWS, sizeof *sum), squares = 0;
    ck_assert_ptr_nonnull(sum);
    for (uint32_t k = 0; k < w.rows.n; k++) {
        const double error = (double)w.answer[k] - (double)w.truth[k];
        sum[unit_of(unit, k)] += error * error - mean;
    }
    for (uint32_t k = 0; k < ROWS; k++) squares += sum[k] * sum[k];
    free(sum);
    return squares;
}

static double sketched(const struct evidence_metric *m, enum evidence_unit unit, double mean) {
    double squares = 0;
    for (int b = 0; b < EVIDENCE_BUCKETS; b++) {
        const double sum = (double)m->part_in[unit][b] - mean * (double)m->weight_in[unit][b];
        squares += sum * sum;
    }
    return squares;
}

// Within four of the deviations that evidence.h states.
START_TEST(squares_of_buckets_are_those_of_units) {
    add_metric("rmse", NULL);
    struct evidence ev = make();
    const double mean = ev.metrics[0].part / ev.metrics[0].weight;
    for (int unit = 0; unit < EVIDENCE_UNITS; unit++)
        for (int centred = 0; centred < 2; centred++) {
            const double m = centred ? mean : 0, exact = naive((enum evidence_unit)unit, m);
            const double found = sketched(&ev.metrics[0], (enum evidence_unit)unit, m);
            ck_assert_msg(fabs(found / exact - 1) < 4 * sqrt(2.0 / EVIDENCE_BUCKETS),
                "unit %d: %g, not %g", unit, found, exact);
        }
    evidence_done(&ev);
}
END_TEST

START_TEST(a_unit_with_a_bucket_of_its_own_is_exact) {
    add_metric("rmse", NULL);
    w.rows.n = 12;
    for (uint32_t k = 0; k < 12; k++) {
        w.users[k] = k % 4;
        w.items[k] = k % 3;
    }
    struct evidence ev = make();
    static const int units[EVIDENCE_UNITS] = {4, 3, 12};
    const double mean = ev.metrics[0].part / ev.metrics[0].weight;
    for (int unit = 0; unit < EVIDENCE_UNITS; unit++) {
        int used = 0;
        for (int b = 0; b < EVIDENCE_BUCKETS; b++) used += ev.metrics[0].weight_in[unit][b] != 0;
        ck_assert_int_eq(used, units[unit]);
        const double exact = naive((enum evidence_unit)unit, mean);
        ck_assert(
            fabs(sketched(&ev.metrics[0], (enum evidence_unit)unit, mean) / exact - 1) < 1e-5);
    }
    evidence_done(&ev);
}
END_TEST

// A model whose absolute errors are the sums of those of two others: so are its buckets.
START_TEST(buckets_add_up) {
    add_metric("mae", NULL);
    float error[2][ROWS];
    struct evidence ev[3];
    for (int model = 0; model < 3; model++) {
        for (uint32_t k = 0; k < ROWS; k++) {
            if (model < 2) error[model][k] = 0.25f * (float)(random_mix((uint64_t)model, k) % 5);
            w.answer[k] = w.truth[k] + (model < 2 ? error[model][k] : error[0][k] + error[1][k]);
        }
        ev[model] = make();
    }
    for (int u = 0; u < EVIDENCE_UNITS; u++)
        for (int b = 0; b < EVIDENCE_BUCKETS; b++)
            ck_assert(ev[0].metrics[0].part_in[u][b] + ev[1].metrics[0].part_in[u][b] ==
                      ev[2].metrics[0].part_in[u][b]);
    for (int model = 0; model < 3; model++) evidence_done(&ev[model]);
}
END_TEST

START_TEST(of_a_mean_over_users_nothing_is_kept_by_item_and_row) {
    struct metric of_users = *metric_find("mae");
    of_users.of_users = true;
    add_metric("mae", NULL);
    add_metric("mae", NULL);
    w.metrics[1].metric = &of_users;
    struct evidence ev = make();
    const struct evidence_metric *all = &ev.metrics[0], *users = &ev.metrics[1];
    ck_assert(all->part == users->part && all->weight == users->weight);
    for (int b = 0; b < EVIDENCE_BUCKETS; b++) {
        ck_assert(all->part_in[EVIDENCE_USER][b] == users->part_in[EVIDENCE_USER][b]);
        for (int u = EVIDENCE_ITEM; u < EVIDENCE_UNITS; u++)
            ck_assert(users->part_in[u][b] == 0 && users->weight_in[u][b] == 0);
    }
    evidence_done(&ev);
}
END_TEST

START_TEST(users_rows_and_times_by_hand) {
    static const uint32_t users[] = {9, 2, 9, 9}, items[] = {0, 0, 1, 2};
    static const int64_t times[] = {499, 500, RK_NO_TIME, 501};
    w.rows.n = 4;
    memcpy(w.users, users, sizeof users);
    memcpy(w.items, items, sizeof items);
    memcpy(w.time, times, sizeof times);
    for (int k = 0; k < 4; k++) w.answer[k] = w.truth[k] + 0.5f * (float)k;
    struct evidence ev = make();
    ck_assert_uint_eq(ev.n_rows, 4);
    ck_assert_uint_eq(ev.n_train, USERS);
    ck_assert_uint_eq(ev.n_users, 2);
    ck_assert(ev.user[0] == 2 && ev.user[1] == 9);
    ck_assert(ev.rows[0] == 1 && ev.rows[1] == 3);
    ck_assert(ev.square[0] == 0.25f && ev.square[1] == 1 + 2.25f);
    ck_assert(ev.later == 0.25); // the first row alone; a time that is not known is not earlier
    evidence_done(&ev);
    w.job.time = NULL;
    ev = make();
    ck_assert(isnan(ev.later));
    evidence_done(&ev);
    w.job.time = w.time;
    w.train.time = NULL;
    ev = make();
    ck_assert(isnan(ev.later));
    evidence_done(&ev);
}
END_TEST

START_TEST(its_bytes_are_few) {
    add_metric("rmse", NULL);
    add_metric("top5", with("top5", "share", 0.1));
    struct evidence ev = make();
    struct error e = {0};
    void *bytes;
    size_t n;
    ck_assert_msg(evidence_pack(&ev, &bytes, &n, &e), "%s", e.text);
    ck_assert_uint_lt(n, 30000); // of 54 kB
    free(bytes);
    evidence_done(&ev);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("evidence");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, the_number_of_each_metric_comes_back);
    tcase_add_test(cases, what_is_no_sum_over_test_rows_is_not_compared);
    tcase_add_test(cases, neither_the_order_of_rows_nor_their_numbers_matter);
    tcase_add_test(cases, squares_of_buckets_are_those_of_units);
    tcase_add_test(cases, a_unit_with_a_bucket_of_its_own_is_exact);
    tcase_add_test(cases, buckets_add_up);
    tcase_add_test(cases, of_a_mean_over_users_nothing_is_kept_by_item_and_row);
    tcase_add_test(cases, users_rows_and_times_by_hand);
    tcase_add_test(cases, its_bytes_are_few);
    Suite *suite = suite_create("evidence");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
