// What is kept of a trial for comparisons: the number itself, sums by unit, bytes and back.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/random.h"
#include "metric/score.h"
#include "support/made_evidence.h"
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

// ---- Bytes -------------------------------------------------------------------------------------

static void pack(const struct evidence *ev, void **bytes, size_t *n) {
    struct error e = {0};
    ck_assert_msg(evidence_pack(ev, bytes, n, &e), "%s", e.text);
}

static void same_after_packing(const struct evidence *ev) {
    struct evidence got;
    struct error e = {0};
    void *bytes;
    size_t n;
    pack(ev, &bytes, &n);
    ck_assert_msg(evidence_unpack(&got, bytes, n, &e), "%s", e.text);
    same_evidence(ev, &got);
    evidence_done(&got);
    free(bytes);
}

START_TEST(what_is_packed_comes_back) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct evidence ev = made_evidence(seed);
        same_after_packing(&ev);
        evidence_done(&ev);
    }
    same_after_packing(&(struct evidence){.later = NAN});
    add_metric("rmse", NULL);
    add_metric("top5", with("top5", "share", 0.1));
    struct evidence ev = make();
    void *bytes;
    size_t n;
    same_after_packing(&ev);
    pack(&ev, &bytes, &n);
    ck_assert_uint_lt(n, 30000); // of 54 kB
    free(bytes);
    evidence_done(&ev);
}
END_TEST

enum { HEAD = 12, PLAIN = 40 + 16 + 6 * 4096 + 16 + 3 * 12 }; // bytes of made_evidence()

static bool refused(const void *bytes, size_t n) {
    struct evidence ev;
    struct error e = {0};
    if (evidence_unpack(&ev, bytes, n, &e)) {
        evidence_done(&ev);
        return false;
    }
    ck_assert_ptr_nonnull(strstr(e.text, "damaged"));
    ck_assert(!ev.metrics && !ev.user);
    return true;
}

START_TEST(cut_and_changed_bytes_are_refused) {
    struct evidence ev = made_evidence(1);
    unsigned char *bytes;
    size_t n, n_harmless = 0;
    pack(&ev, (void **)&bytes, &n);
    for (size_t cut = 0; cut < n; cut += cut < 64 || cut + 64 > n ? 1 : 97) {
        unsigned char *part = malloc(cut + 1); // so that a look beyond its end is noticed
        ck_assert_ptr_nonnull(part);
        memcpy(part, bytes, cut);
        ck_assert_msg(refused(part, cut), "%zu bytes of %zu", cut, n);
        free(part);
    }
    for (size_t k = 0; k < n; k += k < 64 ? 1 : 61) {
        bytes[k] ^= 0x10;
        if (!refused(bytes, n)) { // a code that zlib does not use
            struct evidence got;
            n_harmless++;
            ck_assert(evidence_unpack(&got, bytes, n, NULL));
            same_evidence(&ev, &got);
            evidence_done(&got);
        }
        bytes[k] ^= 0x10;
    }
    unsigned char *more = calloc(1, n + 1);
    ck_assert_ptr_nonnull(more);
    memcpy(more, bytes, n);
    ck_assert(refused(more, n + 1));
    free(more);
    ck_assert_uint_lt(n_harmless, 5);
    ck_assert(!refused(bytes, n));
    free(bytes);
    evidence_done(&ev);
}
END_TEST

// Packed anew, so that all but the content is right.
static bool refused_plain(const unsigned char *plain, size_t length) {
    uLongf n = compressBound(length);
    unsigned char *bytes = malloc(HEAD + n);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, "RKE1", 4);
    for (int k = 0; k < 8; k++) bytes[4 + k] = (unsigned char)(length >> 8 * k);
    ck_assert_int_eq(compress2(bytes + HEAD, &n, plain, length, 1), Z_OK);
    const bool bad = refused(bytes, HEAD + n);
    free(bytes);
    return bad;
}

// Of made_evidence(1).
static unsigned char *unpacked(void) {
    struct evidence ev = made_evidence(1);
    unsigned char *bytes, *plain = malloc(PLAIN);
    size_t n;
    uLongf length = PLAIN;
    pack(&ev, (void **)&bytes, &n);
    ck_assert_ptr_nonnull(plain);
    ck_assert_int_eq(uncompress(plain, &length, bytes + HEAD, n - HEAD), Z_OK);
    ck_assert_uint_eq(length, PLAIN);
    free(bytes);
    evidence_done(&ev);
    return plain;
}

static const uint64_t nan_bits = 0x7ff8000000000000u;

// Writes `bytes` of `value` at a place, and puts the former ones back.
static bool refused_with(unsigned char *plain, size_t at, uint64_t value, int bytes) {
    unsigned char kept[8];
    memcpy(kept, plain + at, sizeof kept);
    for (int k = 0; k < bytes; k++) plain[at + (size_t)k] = (unsigned char)(value >> 8 * k);
    const bool bad = refused_plain(plain, PLAIN);
    memcpy(plain + at, kept, sizeof kept);
    return bad;
}

START_TEST(content_that_cannot_be_is_refused) {
    enum { LATER = 24, METRICS = 32, USER_COUNT = 36, PART = 40, WEIGHT = 48, SKETCH = 56 };
    enum { LAST_USERS = PLAIN - 36, LAST_ROWS = PLAIN - 24, LAST_SQUARES = PLAIN - 12 };
    unsigned char *plain = unpacked();
    ck_assert(!refused_plain(plain, PLAIN));
    ck_assert(refused_with(plain, LATER, 0x4000000000000000u, 8));  // 2
    ck_assert(refused_with(plain, LATER, 0xbff0000000000000u, 8));  // -1
    ck_assert(!refused_with(plain, LATER, 0x3fe0000000000000u, 8)); // a half
    ck_assert(refused_with(plain, METRICS, UINT32_MAX, 4));
    ck_assert(refused_with(plain, METRICS, 3, 4));
    ck_assert(refused_with(plain, METRICS, 1, 4));
    ck_assert(refused_with(plain, USER_COUNT, UINT32_MAX, 4));
    ck_assert(refused_with(plain, USER_COUNT, 2, 4));
    ck_assert(refused_with(plain, USER_COUNT, 4, 4));
    ck_assert(refused_with(plain, PART, nan_bits, 8));
    ck_assert(refused_with(plain, WEIGHT, nan_bits, 8));
    ck_assert(refused_with(plain, WEIGHT, 0xbff0000000000000u, 8));
    // Arrays lie as all first bytes, all second ones ...: the sign and exponent of the last number
    // are the last two.
    for (int a = 0; a < 6; a++) {
        const size_t high = SKETCH + (size_t)a * 4096 + 4096 - 1, low = high - 1024;
        const unsigned char h = plain[high], l = plain[low];
        plain[high] = 0x7f, plain[low] = 0xc0;
        ck_assert_msg(refused_plain(plain, PLAIN), "array %d", a);
        plain[high] = h, plain[low] = l;
    }
    ck_assert(refused_with(plain, LAST_USERS + 1, 0, 1));      // the same user twice
    ck_assert(refused_with(plain, LAST_USERS + 9, 0xffff, 2)); // over 2^32
    ck_assert(refused_with(plain, LAST_ROWS + 9, 0, 3));       // no rows
    ck_assert(refused_with(plain, LAST_SQUARES + 9, 0xbf, 1)); // a negative square
    ck_assert(refused_plain(plain, PLAIN - 1) && refused_plain(plain, 39));
    free(plain);
}
END_TEST

// Whatever is accepted can be used.
START_TEST(random_damage_is_refused_or_harmless) {
    unsigned char *plain = unpacked();
    uint64_t bits[600];
    random_bits(3, 3, bits, 600);
    for (size_t k = 0; k < 600; k++) {
        // Every other one where the few numbers are that are no sums.
        const size_t at = k % 2 ? bits[k] % PLAIN : (PLAIN - 52 + bits[k] % 108) % PLAIN;
        plain[at] ^= (unsigned char)(bits[k] >> 56);
        refused_plain(plain, PLAIN);
        plain[at] ^= (unsigned char)(bits[k] >> 56);
    }
    ck_assert(!refused_plain(plain, PLAIN));
    free(plain);
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
    tcase_add_test(cases, users_rows_and_times_by_hand);
    tcase_add_test(cases, what_is_packed_comes_back);
    tcase_add_test(cases, cut_and_changed_bytes_are_refused);
    tcase_add_test(cases, content_that_cannot_be_is_refused);
    tcase_add_test(cases, random_damage_is_refused_or_harmless);
    Suite *suite = suite_create("evidence");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
