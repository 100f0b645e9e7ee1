// bmf's ordered probit: truncated normal numbers, cutpoints against their posterior, levels.
#include "bmf/bmf_probit.c"

#include <check.h> // whose fail() is a macro

#include "core/pool.h"
#include "model/host.h"

enum { MOST = 20000 };

static struct host host;
static float ratings[MOST], f[MOST], z[MOST];

// Data of one user with these ratings; the last n_valid of them are the slice.
struct data {
    rk_data data;
    rk_pairs valid;
    uint64_t start[2];
};

static void data_of(struct data *d, size_t n, size_t n_valid) {
    *d = (struct data){.start = {0, n - n_valid}};
    d->valid = (rk_pairs){.size = sizeof d->valid, .n = n_valid};
    d->data = (rk_data){.size = sizeof d->data,
        .n_users = 1,
        .by_user = {1, (uint32_t)n, d->start, NULL, ratings},
        .valid = &d->valid,
        .valid_ratings = ratings + n - n_valid};
}

static void start(struct bmf_probit *p, size_t n) {
    struct data d;
    data_of(&d, n, n / 10);
    ck_assert_int_eq(bmf_probit_init(p, &host.api, &d.data), RK_OK);
    ck_assert_int_eq(bmf_probit_rate(p, ratings, n), RK_OK);
}

// ---- Truncated normal numbers ------------------------------------------------------------------

static double density(double x) {
    return isinf(x) ? 0 : exp(-x * x / 2) / sqrt(2 * M_PI);
}

static double times_density(double x) {
    return isinf(x) ? 0 : x * density(x);
}

// From the tails that keep their digits.
static double share(double low, double high) {
    return low > 0 ? 0.5 * (erfc(low / sqrt(2)) - erfc(high / sqrt(2)))
                   : 0.5 * (erfc(-high / sqrt(2)) - erfc(-low / sqrt(2)));
}

START_TEST(truncated_numbers_have_their_moments) {
    static const double bounds[][2] = {{-INFINITY, INFINITY}, {-INFINITY, 0.3}, {-0.2, INFINITY},
        {-1, 1.5}, {0.5, 0.6}, {2, INFINITY}, {-7, -5}, {-INFINITY, -6}, {8, INFINITY}, {4, 4.5}};
    enum { N = 100000 };
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
        const double low = bounds[b][0], high = bounds[b][1], mass = share(low, high);
        const double mean = (density(low) - density(high)) / mass;
        const double variance = 1 + (times_density(low) - times_density(high)) / mass - mean * mean;
        double sum = 0, squares = 0;
        for (int k = 0; k < N; k++) {
            const double x = bmf_probit_truncated(low, high, (k + 0.5) / N);
            ck_assert(x >= low && x <= high);
            sum += x;
            squares += (x - mean) * (x - mean);
        }
        ck_assert_double_eq_tol(sum / N, mean, 1e-4 * sqrt(variance));
        ck_assert_double_eq_tol(squares / N / variance, 1, 1e-3);
    }
}
END_TEST

// Where the distribution function is 0: nearly exponential, E = a + 1/a - 2/a^3.
START_TEST(far_tails_have_theirs) {
    enum { N = 100000 };
    for (int sign = -1; sign <= 1; sign += 2)
        for (double a = 36; a < 1000; a *= 1.7) {
            double sum = 0;
            for (int k = 0; k < N; k++) {
                const double u = (k + 0.5) / N;
                sum += sign > 0 ? bmf_probit_truncated(a, INFINITY, u) - a
                                : -a - bmf_probit_truncated(-INFINITY, -a, u);
            }
            ck_assert_double_eq_tol(sum / N * a, 1, 3e-3);
            const double narrow = bmf_probit_truncated(sign * a, sign * a + 1e-3, 0.5);
            ck_assert(narrow >= sign * a && narrow <= sign * a + 1e-3);
        }
}
END_TEST

// ---- Cutpoints ---------------------------------------------------------------------------------

static const double planted[] = {-1.2, 0.1, 0.4, 1.5};

static void plant(size_t n, size_t n_cut) {
    const rk_host *h = &host.api;
    h->normal(h, 1, f, n);
    h->normal(h, 2, z, n);
    for (size_t k = 0; k < n; k++) {
        f[k] *= 0.8f;
        ratings[k] = 0.5f;
        for (size_t l = 0; l < n_cut; l++) ratings[k] += (float)(f[k] + z[k] > planted[l]);
    }
}

START_TEST(planted_cutpoints_are_found) {
    struct bmf_probit p;
    double mean[4] = {0}, squares[4] = {0};
    enum { SWEEPS = 60, BURN_IN = 20 };
    plant(MOST, 4);
    start(&p, MOST);
    ck_assert_uint_eq(p.n_levels, 5);
    for (uint32_t s = 0; s < SWEEPS; s++) {
        ck_assert_int_eq(bmf_probit_sweep(&p, &host.api, s, f, z), RK_OK);
        for (int l = 0; s >= BURN_IN && l < 4; l++) {
            mean[l] += p.cut[l] / (SWEEPS - BURN_IN);
            squares[l] += p.cut[l] * p.cut[l] / (SWEEPS - BURN_IN);
        }
    }
    for (int l = 0; l < 4; l++) {
        const double sd = sqrt(squares[l] - mean[l] * mean[l]);
        ck_assert_double_lt(fabs(mean[l] - planted[l]), 4 * sd);
        ck_assert(sd > 0.004 && sd < 0.03);
    }
    // Over all levels, z is N(f, 1) again.
    double sum = 0, square = 0;
    for (size_t k = 0; k < MOST; k++) {
        const uint32_t l = p.level[k];
        ck_assert(l == 0 || z[k] >= p.cut[l - 1] - 1e-6f);
        ck_assert(l == 4 || z[k] <= p.cut[l] + 1e-6f);
        sum += (double)z[k] - f[k];
        square += ((double)z[k] - f[k]) * ((double)z[k] - f[k]);
    }
    ck_assert_double_lt(fabs(sum / MOST), 4 / sqrt(MOST));
    ck_assert_double_lt(fabs(square / MOST - 1), 4 * sqrt(2.0 / MOST));
    bmf_probit_done(&p);
}
END_TEST

enum { POINTS = 150 };

static double grid_cut(int point) {
    return -5 + 10.0 * (point + 0.5) / POINTS;
}

// Posterior of both cutpoints of a few ratings, on a grid: the mean, standard deviation and mean
// distance from the mean, of each.
static void by_grid(size_t n, double mean[2], double sd[2], double away[2]) {
    static double marginal[2][POINTS];
    double total = 0;
    for (int a = 0; a < POINTS; a++)
        for (int b = a + 1; b < POINTS; b++) {
            const double low = grid_cut(a), high = grid_cut(b);
            double log_p = -(low * low + high * high) / 18;
            for (size_t k = 0; k < n; k++)
                log_p += log(ratings[k] < 1   ? share(-INFINITY, low - f[k])
                             : ratings[k] < 2 ? share(low - f[k], high - f[k])
                                              : share(high - f[k], INFINITY));
            marginal[0][a] += exp(log_p);
            marginal[1][b] += exp(log_p);
            total += exp(log_p);
        }
    for (int l = 0; l < 2; l++) {
        mean[l] = sd[l] = away[l] = 0;
        for (int k = 0; k < POINTS; k++) mean[l] += marginal[l][k] / total * grid_cut(k);
        for (int k = 0; k < POINTS; k++) {
            const double off = fabs(grid_cut(k) - mean[l]);
            sd[l] += marginal[l][k] / total * off * off;
            away[l] += marginal[l][k] / total * off;
        }
        sd[l] = sqrt(sd[l]);
    }
}

START_TEST(cutpoints_have_their_posterior) {
    enum { N = 12, SWEEPS = 8000 };
    struct bmf_probit p;
    double mean[2], sd[2], away[2], sum[2] = {0}, squares[2] = {0}, far[2] = {0};
    plant(N, 2);
    start(&p, N);
    by_grid(N, mean, sd, away);
    for (uint32_t s = 0; s < SWEEPS; s++) {
        ck_assert_int_eq(bmf_probit_sweep(&p, &host.api, s, f, z), RK_OK);
        for (int l = 0; l < 2; l++) {
            const double off = p.cut[l] - mean[l];
            sum[l] += off / SWEEPS;
            squares[l] += off * off / SWEEPS;
            far[l] += fabs(off) / SWEEPS;
        }
    }
    for (int l = 0; l < 2; l++) { // draws are worth about half their number
        ck_assert_double_eq_tol(sum[l] / sd[l], 0, 4 * sqrt(2.0 / SWEEPS));
        ck_assert_double_eq_tol(sqrt(squares[l]) / sd[l], 1, 4 * sqrt(1.5 / SWEEPS));
        const double shape = away[l] / sd[l]; // 0.80 of a normal one
        ck_assert_double_eq_tol(far[l] / sqrt(squares[l]), shape, 0.015);
    }
    bmf_probit_done(&p);
}
END_TEST

// Slope of the log posterior of one cutpoint between two levels.
static double slope(size_t n, double cut) {
    double sum = -cut / 9;
    for (size_t k = 0; k < n; k++)
        sum += ratings[k] < 1 ? density(cut - f[k]) / share(-INFINITY, cut - f[k])
                              : -density(cut - f[k]) / share(cut - f[k], INFINITY);
    return sum;
}

START_TEST(the_grid_moves_no_cutpoint) {
    enum { DRAWS = 400 };
    struct bmf_probit p;
    size_t n_filled[2];
    double low = -3, high = 3, sum = 0, squares = 0;
    plant(MOST, 1);
    start(&p, MOST);
    for (int k = 0; k < 20; k++) {
        const double middle = (low + high) / 2;
        *(slope(MOST, middle) > 0 ? &low : &high) = middle;
    }
    struct sweep s = {&p, &host.api, 0, f, z};
    ck_assert_int_eq(host.api.parallel_for(&host.api, MOST, PIECE, count_cells, &s), RK_OK);
    gather_cells(&p, 1, n_filled);
    for (int k = 0; k < DRAWS; k++) {
        s.number++;
        draw_cuts(&p, &s, n_filled);
        sum += k < 20 ? 0 : p.cut[0] - low;
        squares += k < 20 ? 0 : (p.cut[0] - low) * (p.cut[0] - low);
    }
    const double n = DRAWS - 20, sd = sqrt(squares / n);
    ck_assert(sd > 0.005 && sd < 0.02);
    ck_assert_double_lt(fabs(sum / n), 4 * sd / sqrt(n / 2));
    bmf_probit_done(&p);
}
END_TEST

START_TEST(threads_change_nothing) {
    struct error e = {0};
    struct pool *pool = pool_new(3, &e);
    float cut[2][4];
    static float latent[2][MOST];
    plant(MOST, 4);
    for (int t = 0; t < 2; t++) {
        struct bmf_probit p;
        host_init(&host, t ? pool : NULL, 42);
        start(&p, MOST);
        for (uint32_t s = 0; s < 2; s++)
            ck_assert_int_eq(bmf_probit_sweep(&p, &host.api, s, f, latent[t]), RK_OK);
        memcpy(cut[t], p.cut, sizeof cut[t]);
        bmf_probit_done(&p);
    }
    ck_assert(memcmp(cut[0], cut[1], sizeof cut[0]) == 0);
    ck_assert(memcmp(latent[0], latent[1], sizeof latent[0]) == 0);
    pool_free(pool);
}
END_TEST

// ---- Levels ------------------------------------------------------------------------------------

START_TEST(levels_are_the_distinct_ratings) {
    struct bmf_probit p;
    for (size_t k = 0; k < 640; k++) ratings[k] = (float)(k * 37 % 64) / 4 - 3;
    start(&p, 640);
    ck_assert_uint_eq(p.n_levels, 64);
    for (uint32_t l = 0; l < 64; l++) ck_assert(p.value[l] == (float)l / 4 - 3 && p.count[l] == 10);
    for (size_t k = 0; k < 640; k++) ck_assert_uint_eq(p.level[k], k * 37 % 64);
    for (uint32_t l = 1; l < 63; l++) ck_assert(p.cut[l] > p.cut[l - 1]);
    bmf_probit_done(&p);
}
END_TEST

START_TEST(too_many_levels_and_one_alone_are_refused) {
    struct bmf_probit p;
    struct data d;
    char said[1024];
    for (size_t k = 0; k < 650; k++) ratings[k] = (float)(k % 65);
    data_of(&d, 650, 65);
    ck_assert_int_eq(bmf_probit_init(&p, &host.api, &d.data), RK_E_DATA);
    host_copy_failure(&host, said);
    ck_assert_ptr_nonnull(strstr(said, "64"));
    ck_assert_ptr_nonnull(strstr(said, "likelihood"));
    for (size_t k = 0; k < 650; k++) ratings[k] = 3.5f;
    host_clear_failure(&host);
    ck_assert_int_eq(bmf_probit_init(&p, &host.api, &d.data), RK_E_DATA);
    host_copy_failure(&host, said);
    ck_assert_ptr_nonnull(strstr(said, "3.5"));
}
END_TEST

START_TEST(numbers_that_are_none_are_refused) {
    struct bmf_probit p;
    plant(100, 2);
    start(&p, 100);
    f[50] = NAN;
    ck_assert_int_eq(bmf_probit_sweep(&p, &host.api, 0, f, z), RK_E_NUMERIC);
    f[50] = 1e6f; // far away is no trouble
    ck_assert_int_eq(bmf_probit_sweep(&p, &host.api, 0, f, z), RK_OK);
    for (size_t k = 0; k < 100; k++) ck_assert(isfinite(z[k]));
    bmf_probit_done(&p);
}
END_TEST

static void before(void) {
    host_init(&host, NULL, 42);
}

int main(void) {
    Suite *suite = suite_create("bmf_probit");
    TCase *numbers = tcase_create("numbers"), *cuts = tcase_create("cutpoints"),
          *levels = tcase_create("levels");
    tcase_add_checked_fixture(cuts, before, NULL);
    tcase_add_checked_fixture(levels, before, NULL);
    tcase_add_test(numbers, truncated_numbers_have_their_moments);
    tcase_add_test(numbers, far_tails_have_theirs);
    tcase_add_test(cuts, planted_cutpoints_are_found);
    tcase_add_test(cuts, cutpoints_have_their_posterior);
    tcase_add_test(cuts, the_grid_moves_no_cutpoint);
    tcase_add_test(cuts, threads_change_nothing);
    tcase_add_test(levels, levels_are_the_distinct_ratings);
    tcase_add_test(levels, too_many_levels_and_one_alone_are_refused);
    tcase_add_test(levels, numbers_that_are_none_are_refused);
    suite_add_tcase(suite, numbers);
    suite_add_tcase(suite, cuts);
    suite_add_tcase(suite, levels);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
