// bmf with days: their draws against posteriors worked out plainly, and fits as a whole.
#include <check.h>
#include <stdlib.h>

#include "bmf/bmf.h"
#include "bmf/bmf_gibbs.h"
#include "core/pool.h"
#include "support/als_world.h"

enum { N_PLANTED = 12, DAYS = N_PLANTED + 1, UNKNOWNS = RANK + 1, DRAWS = 300, FIRST = 9000 };

static const int64_t SECONDS = 86400;
static int64_t train_time[N_USERS * N_ITEMS], valid_time[N_USERS * N_ITEMS];
static struct bmf_calendar calendar;
static struct bmf_chain chain;

// Day 0: time not known.
static uint32_t day_of(uint32_t u, uint32_t i) {
    return (u * 7 + i * 5 + u * i) % N_PLANTED;
}

static int64_t time_of(uint32_t day, uint32_t second) {
    return day == 0 ? RK_NO_TIME : (FIRST + 3 * (int64_t)day) * SECONDS + second % SECONDS;
}

static float effect_of(uint32_t day) {
    return day % 2 ? 1.5f : -1.5f;
}

// Gives ratings times, and adds `by` times the effect of their days. Day 5 is the slice's alone.
static void add_days(float by) {
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = world.start[0][u]; e < world.start[0][u + 1]; e++) {
            const uint32_t i = world.col[0][e], at = day_of(u, i), d = at == 5 ? 6 : at;
            train_time[e] = time_of(d, u * 977 + i);
            world.value[0][e] += by * effect_of(d);
            for (uint64_t k = world.start[1][i]; k < world.start[1][i + 1]; k++)
                if (world.col[1][k] == u) world.value[1][k] = world.value[0][e];
        }
    for (size_t k = 0; k < world.valid.n; k++) {
        const uint32_t d = day_of(world.valid_user[k], world.valid_item[k]);
        valid_time[k] = time_of(d, (uint32_t)k);
        world.valid_rating[k] += by * effect_of(d);
    }
    world.data.time = train_time;
    world.valid.time = valid_time;
    ratings_done(&world.all);
    ck_assert(ratings_init_with_valid(&world.all, &world.data));
}

static void chain_start(int sweeps, bool join) {
    const struct standard standard = standard_of(&world.data);
    ck_assert_int_eq(bmf_calendar_init(&calendar, &world.data), RK_OK);
    ck_assert_uint_eq(calendar.n, N_PLANTED);
    const struct bmf_knowledge knows = {.noise = {true, true}, .calendar = &calendar};
    ck_assert_int_eq(
        bmf_chain_init(&chain, &world.host.api, &world.data, &standard, RANK, &knows), RK_OK);
    for (int k = 0; k < sweeps; k++) ck_assert_int_eq(bmf_chain_sweep(&chain), RK_OK);
    if (join) ck_assert_int_eq(bmf_chain_join(&chain, &world.data), RK_OK);
    for (int k = 0; join && k < sweeps; k++) ck_assert_int_eq(bmf_chain_sweep(&chain), RK_OK);
}

static void chain_end(void) {
    bmf_chain_done(&chain);
    bmf_calendar_done(&calendar);
}

// ---- Which day ---------------------------------------------------------------------------------

START_TEST(days_are_those_of_utc) {
    const int64_t times[] = {-1, 0, 86399, 86400, RK_NO_TIME, -86400, -86401};
    const uint32_t users[7] = {0}, items[7] = {0};
    const uint64_t start[] = {0, 7};
    const float value[7] = {0};
    const rk_pairs none = {.size = sizeof none};
    const rk_data data = {.size = sizeof data,
        .n_users = 1,
        .by_user = {1, 1, start, items, value},
        .time = times,
        .valid = &none};
    const uint32_t expected[] = {2, 3, 3, 4, 0, 2, 1};
    const rk_pairs pairs = {sizeof pairs, 7, users, items, times};
    const rk_pairs without = {sizeof pairs, 7, users, items, NULL};
    ck_assert_int_eq(bmf_calendar_init(&calendar, &data), RK_OK);
    ck_assert_uint_eq(bmf_calendar_rows(&calendar), 6);
    uint32_t *row = bmf_calendar_of(&calendar, &pairs);
    ck_assert_ptr_nonnull(row);
    ck_assert_mem_eq(row, expected, sizeof expected);
    free(row);
    row = bmf_calendar_of(&calendar, &without);
    ck_assert_ptr_nonnull(row);
    ck_assert_uint_eq(row[0], 0);
    free(row);
    ck_assert_uint_eq(bmf_calendar_row(&calendar, 2 * SECONDS), 5);
    ck_assert_uint_eq(bmf_calendar_row(&calendar, INT64_MAX), 5);
    bmf_calendar_done(&calendar);
}
END_TEST

// The day of a rating, by all three sides, before the slice joined and after.
START_TEST(each_rating_has_its_day) {
    add_days(1);
    for (int join = 0; join < 2; join++) {
        chain_start(1, join);
        const rk_csr *rows = &chain.ratings.by_user, *items = &chain.ratings.by_item;
        const struct bmf_block *days = &chain.block[BMF_DAY];
        uint64_t n = rows->start[N_USERS], seen = 0;
        ck_assert_uint_eq(n, join ? world.all.by_user.start[N_USERS] : world.start[0][N_USERS]);
        ck_assert_uint_eq(days->start[DAYS], n);
        for (uint32_t u = 0; u < N_USERS; u++)
            for (uint64_t e = rows->start[u]; e < rows->start[u + 1]; e++) {
                const uint32_t i = rows->col[e], d = day_of(u, i);
                const bool slice = (u * N_ITEMS + i) % 11 == 5;
                ck_assert_uint_eq(chain.block[BMF_USER].third[e], d == 5 && !slice ? 6 : d);
            }
        for (uint32_t i = 0; i < N_ITEMS; i++)
            for (uint64_t e = items->start[i]; e < items->start[i + 1]; e++) {
                const uint32_t d = day_of(items->col[e], i);
                const bool slice = (items->col[e] * N_ITEMS + i) % 11 == 5;
                ck_assert_uint_eq(chain.block[BMF_ITEM].third[e], d == 5 && !slice ? 6 : d);
            }
        for (uint32_t d = 0; d < DAYS; d++)
            for (uint64_t e = days->start[d]; e < days->start[d + 1]; e++) {
                const uint32_t u = days->third[e], i = days->col[e];
                for (uint64_t k = rows->start[u]; k < rows->start[u + 1]; k++) {
                    if (rows->col[k] != i) continue;
                    seen++;
                    ck_assert_uint_eq(chain.block[BMF_USER].third[k], d);
                    ck_assert_float_eq(days->target[e], chain.block[BMF_USER].target[k]);
                }
            }
        ck_assert_uint_eq(seen, n);
        chain_end();
    }
}
END_TEST

// ---- Draws -------------------------------------------------------------------------------------

// h of a rating seen from `side`, and y less what is there without the row.
static double seen_from(enum bmf_side side, const uint32_t row[3], double y, double *h) {
    const int a = side == BMF_USER ? BMF_ITEM : BMF_USER, b = side == BMF_DAY ? BMF_ITEM : BMF_DAY;
    y -= (double)chain.level + chain.block[a].bias[row[a]] + chain.block[b].bias[row[b]];
    for (size_t j = 0; j < RANK; j++) {
        const double x = chain.block[a].factor[row[a] * chain.stride + j],
                     z = chain.block[b].factor[row[b] * chain.stride + j];
        h[j] = x + z;
        y -= x * z;
    }
    h[RANK] = 1;
    return y;
}

// [precision | identity | precision times mean] to [identity | inverse | mean].
static void solve(double a[UNKNOWNS][2 * UNKNOWNS + 1]) {
    for (int c = 0; c < UNKNOWNS; c++) {
        const double pivot = a[c][c];
        for (int j = 0; j <= 2 * UNKNOWNS; j++) a[c][j] /= pivot;
        for (int r = 0; r < UNKNOWNS; r++) {
            const double by = a[r][c];
            for (int j = 0; r != c && j <= 2 * UNKNOWNS; j++) a[r][j] -= by * a[c][j];
        }
    }
}

// Mean and variance of row `row` of `side`, by definition, over ratings by users.
static void posterior_of(enum bmf_side side, uint32_t row, double a[UNKNOWNS][2 * UNKNOWNS + 1]) {
    const struct bmf_block *b = &chain.block[side], *users = &chain.block[BMF_USER];
    memset(a, 0, UNKNOWNS * sizeof *a);
    for (int j = 0; j < UNKNOWNS; j++) {
        a[j][j] = b->precision[j];
        a[j][UNKNOWNS + j] = 1;
        a[j][2 * UNKNOWNS] = (double)b->precision[j] * b->mean[j];
    }
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = users->start[u]; e < users->start[u + 1]; e++) {
            const uint32_t of[3] = {u, users->col[e], users->third[e]};
            double h[UNKNOWNS], weight = chain.precision;
            if (of[side] != row) continue;
            if (side != BMF_USER) weight *= chain.quiet[BMF_USER][u];
            if (side != BMF_ITEM) weight *= chain.quiet[BMF_ITEM][of[BMF_ITEM]];
            if (side != BMF_DAY) weight *= chain.quiet[side][row];
            const double y = seen_from(side, of, users->target[e], h);
            for (int i = 0; i < UNKNOWNS; i++) {
                for (int j = 0; j < UNKNOWNS; j++) a[i][j] += weight * h[i] * h[j];
                a[i][2 * UNKNOWNS] += weight * h[i] * y;
            }
        }
    solve(a);
}

// Of users, items and days.
START_TEST(rows_are_drawn_from_their_posterior) {
    const enum bmf_side side = (enum bmf_side)_i;
    const uint32_t row = 4;
    double a[UNKNOWNS][2 * UNKNOWNS + 1], sum[UNKNOWNS] = {0}, squares[UNKNOWNS] = {0};
    add_days(0.3f);
    chain_start(10, true);
    if (chain.quiet[side]) chain.quiet[side][row] = 1;
    posterior_of(side, row, a);
    for (int n = 0; n < DRAWS; n++) {
        struct bmf_errors errors;
        chain.sweep++;
        ck_assert_int_eq(bmf_rows_draw(&chain, side, &errors), RK_OK);
        if (chain.quiet[side]) chain.quiet[side][row] = 1;
        for (int j = 0; j < UNKNOWNS; j++) {
            const double apart = chain.block[side].own[row * chain.ld + j] - a[j][2 * UNKNOWNS];
            sum[j] += apart;
            squares[j] += apart * apart;
        }
    }
    for (int j = 0; j < UNKNOWNS; j++) {
        const double variance = a[j][UNKNOWNS + j];
        ck_assert_msg(fabs(sum[j]) < 4.5 * sqrt(variance * DRAWS), "side %d, %d: off by %g", side,
            j, sum[j] / sqrt(variance * DRAWS));
        ck_assert_msg(fabs(squares[j] / variance / DRAWS - 1) < 4.5 * sqrt(2.0 / DRAWS),
            "side %d, %d: variance x %g", side, j, squares[j] / variance / DRAWS);
    }
    chain_end();
}
END_TEST

// What a side's draw says of its errors is what they are, summed anew.
START_TEST(errors_are_those_of_all_three) {
    const enum bmf_side side = (enum bmf_side)_i;
    struct bmf_errors errors;
    double sum = 0, squares = 0;
    add_days(0.3f);
    chain_start(10, true);
    ck_assert_int_eq(bmf_rows_draw(&chain, side, &errors), RK_OK);
    const struct bmf_block *users = &chain.block[BMF_USER];
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = users->start[u]; e < users->start[u + 1]; e++) {
            const uint32_t of[3] = {u, users->col[e], users->third[e]};
            double h[UNKNOWNS], x = seen_from(BMF_USER, of, users->target[e], h);
            const double gamma =
                (double)chain.quiet[BMF_USER][u] * chain.quiet[BMF_ITEM][of[BMF_ITEM]];
            for (size_t j = 0; j < RANK; j++) x -= h[j] * users->factor[u * chain.stride + j];
            x -= users->bias[u];
            sum += gamma * x;
            squares += gamma * x * x;
        }
    ck_assert_double_eq_tol(errors.squares, squares, 1e-3 * squares);
    ck_assert_double_eq_tol(errors.sum, sum, 1e-3 * squares);
    chain_end();
}
END_TEST

// ---- Fits --------------------------------------------------------------------------------------

static rk_params params_of(int date) {
    return (rk_params){.rank = RANK, .sweeps = 48, .keep = 32, .date = date};
}

static uint32_t pair_user[N_USERS * N_ITEMS], pair_item[N_USERS * N_ITEMS];
static int64_t pair_time[N_USERS * N_ITEMS];
static float mean[2][N_USERS * N_ITEMS], sd[2][N_USERS * N_ITEMS];

// Answers to all pairs, on their days or, as `shift` has it, on days that nobody rated on.
static void fit_all(const rk_host *host, int date, int64_t shift, float *means, float *deviations) {
    const rk_plugin *plugin = rk_plugin_entry();
    const rk_ext_spread *spread = plugin->extension(RK_EXT_SPREAD);
    const rk_params params = params_of(date);
    rk_model *m;
    for (uint32_t k = 0; k < N_USERS * N_ITEMS; k++) {
        pair_user[k] = k / N_ITEMS;
        pair_item[k] = k % N_ITEMS;
        const int64_t time = time_of(day_of(pair_user[k], pair_item[k]), k);
        pair_time[k] = shift ? (FIRST + shift) * SECONDS + k : time;
    }
    const rk_pairs pairs = {sizeof pairs, N_USERS * N_ITEMS, pair_user, pair_item, pair_time};
    ck_assert_int_eq(plugin->create(host, &params, &m), RK_OK);
    ck_assert_int_eq(plugin->fit(m, &world.data), RK_OK);
    ck_assert_int_eq(spread->predict(m, &pairs, means, deviations), RK_OK);
    plugin->destroy(m);
}

// From what was planted, of pairs that nobody rated.
static double rmse_of(const float *means) {
    static float bias_u[N_USERS], bias_i[N_ITEMS], noise[N_USERS * N_ITEMS];
    double squares = 0, n = 0;
    plant(&world, bias_u, bias_i, noise);
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const rk_csr *all = &world.all.by_user;
            bool rated = u == 7 || i == 3;
            for (uint64_t e = all->start[u]; e < all->start[u + 1]; e++)
                rated = rated || all->col[e] == i;
            if (rated) continue;
            const double x = 3 + USER_SD * bias_u[u] + ITEM_SD * bias_i[i] +
                             STRUCTURE * sin(u) * cos(3 * i) + effect_of(day_of(u, i)) -
                             means[u * N_ITEMS + i];
            squares += x * x;
            n++;
        }
    return sqrt(squares / n);
}

START_TEST(planted_days_are_found) {
    add_days(1);
    fit_all(&world.host.api, BMF_DATE_DAY, 0, mean[0], sd[0]);
    fit_all(&world.host.api, BMF_DATE_NEVER, 0, mean[1], sd[1]);
    ck_assert_msg(rmse_of(mean[0]) < 0.25, "%g", rmse_of(mean[0]));
    ck_assert_msg(rmse_of(mean[1]) > 0.8, "%g", rmse_of(mean[1]));
}
END_TEST

// As likely one as the other of what was seen, and less sure.
START_TEST(unknown_days_are_answered) {
    double apart[2] = {0}, noise[2] = {0};
    add_days(1);
    fit_all(&world.host.api, BMF_DATE_DAY, 0, mean[0], sd[0]);
    fit_all(&world.host.api, BMF_DATE_DAY, 400, mean[1], sd[1]);
    for (size_t k = 0; k < N_USERS * N_ITEMS; k++) {
        const uint32_t d = day_of((uint32_t)k / N_ITEMS, (uint32_t)k % N_ITEMS);
        ck_assert(isfinite(mean[1][k]) && isfinite(sd[1][k]));
        apart[d % 2] += mean[0][k] - mean[1][k];
        noise[0] += sd[0][k];
        noise[1] += sd[1][k];
    }
    ck_assert_double_lt(apart[0], 0);
    ck_assert_double_gt(apart[1], 0);
    ck_assert_double_gt(noise[1], 2 * noise[0]);
}
END_TEST

// ---- As bytes ----------------------------------------------------------------------------------

static uint8_t bytes[1 << 21];
static size_t n_bytes, n_read;

static rk_status put(const rk_stream *s, const void *from, size_t n) {
    (void)s;
    if (n > sizeof bytes - n_bytes) return RK_E_IO;
    memcpy(bytes + n_bytes, from, n);
    n_bytes += n;
    return RK_OK;
}

static rk_status get(const rk_stream *s, void *to, size_t n) {
    (void)s;
    if (n > n_bytes - n_read) return RK_E_IO;
    memcpy(to, bytes + n_read, n);
    n_read += n;
    return RK_OK;
}

static rk_status load_as(int date, float *means) {
    static const rk_stream stream = {NULL, put, get};
    const rk_plugin *plugin = rk_plugin_entry();
    const rk_ext_state *state = plugin->extension(RK_EXT_STATE);
    const rk_params params = params_of(date);
    const rk_pairs pairs = {sizeof pairs, N_USERS * N_ITEMS, pair_user, pair_item, pair_time};
    rk_model *m;
    n_read = 0;
    ck_assert_int_eq(plugin->create(&world.host.api, &params, &m), RK_OK);
    const rk_status status = state->load(m, &stream);
    if (status == RK_OK) ck_assert_int_eq(plugin->predict(m, &pairs, means), RK_OK);
    plugin->destroy(m);
    return status;
}

static void save_fit(void) {
    static const rk_stream stream = {NULL, put, get};
    const rk_plugin *plugin = rk_plugin_entry();
    const rk_ext_state *state = plugin->extension(RK_EXT_STATE);
    const rk_params params = params_of(BMF_DATE_DAY);
    rk_model *m;
    ck_assert_int_eq(plugin->create(&world.host.api, &params, &m), RK_OK);
    ck_assert_int_eq(plugin->fit(m, &world.data), RK_OK);
    n_bytes = 0;
    ck_assert_int_eq(state->save(m, &stream), RK_OK);
    plugin->destroy(m);
}

START_TEST(days_are_saved_and_loaded) {
    add_days(1);
    fit_all(&world.host.api, BMF_DATE_DAY, 0, mean[0], sd[0]);
    save_fit();
    ck_assert_int_eq(load_as(BMF_DATE_DAY, mean[1]), RK_OK);
    ck_assert_mem_eq(mean[0], mean[1], sizeof mean[0]);
    ck_assert_int_eq(load_as(BMF_DATE_NEVER, mean[1]), RK_E_IO);
    const int64_t day = FIRST + 3 * 4, wrong = FIRST;
    size_t at = 0;
    while (at + sizeof day <= n_bytes && memcmp(bytes + at, &day, sizeof day) != 0) at++;
    ck_assert_uint_lt(at, n_bytes - sizeof day);
    memcpy(bytes + at, &wrong, sizeof wrong);
    ck_assert_int_eq(load_as(BMF_DATE_DAY, mean[1]), RK_E_IO);
}
END_TEST

// ---- Whoever asks ------------------------------------------------------------------------------

START_TEST(threads_do_not_change_a_bit) {
    const uint32_t threads[] = {1, 3};
    add_days(1);
    for (int k = 0; k < 2; k++) {
        struct error e;
        struct pool *pool = pool_new(threads[k], &e);
        struct host host;
        ck_assert_ptr_nonnull(pool);
        host_init(&host, pool, 42);
        fit_all(&host.api, BMF_DATE_DAY, 0, mean[k], sd[k]);
        pool_free(pool);
    }
    ck_assert_mem_eq(mean[0], mean[1], sizeof mean[0]);
    ck_assert_mem_eq(sd[0], sd[1], sizeof sd[0]);
}
END_TEST

// It goes on as if nobody had asked for days.
START_TEST(without_times_there_are_no_days) {
    fit_all(&world.host.api, BMF_DATE_DAY, 0, mean[0], sd[0]);
    fit_all(&world.host.api, BMF_DATE_NEVER, 0, mean[1], sd[1]);
    ck_assert_mem_eq(mean[0], mean[1], sizeof mean[0]);
    ck_assert_mem_eq(sd[0], sd[1], sizeof sd[0]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bmf_dates");
    TCase *cases = tcase_create("dates");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, days_are_those_of_utc);
    tcase_add_test(cases, each_rating_has_its_day);
    tcase_add_loop_test(cases, rows_are_drawn_from_their_posterior, 0, BMF_SIDES);
    tcase_add_loop_test(cases, errors_are_those_of_all_three, 0, BMF_SIDES);
    tcase_add_test(cases, planted_days_are_found);
    tcase_add_test(cases, unknown_days_are_answered);
    tcase_add_test(cases, days_are_saved_and_loaded);
    tcase_add_test(cases, threads_do_not_change_a_bit);
    tcase_add_test(cases, without_times_there_are_no_days);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
