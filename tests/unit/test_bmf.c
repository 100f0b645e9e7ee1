// bmf's draws against posteriors worked out plainly in double precision, and its fits as a whole.
#include <check.h>
#include <stdlib.h>

#include "bmf/bmf.h"
#include "bmf/bmf_gibbs.h"
#include "bmf/bmf_random.h"
#include "common/vec.h"
#include "core/pool.h"
#include "support/als_world.h"

enum { UNKNOWNS = RANK + 1, DRAWS = 300, N_GENRES = 3 };

// Genre (i + 1) % 4 of item i, none for the last; item 3, which has no ratings, is of the first.
static uint64_t genre_start[N_ITEMS + 1];
static uint32_t genre_col[N_ITEMS];
static float genre_value[N_ITEMS];
static const char *const genre_names[] = {"a", "b", "c"};
static rk_features genre;

static void add_genres(void) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        if ((i + 1) % 4 < N_GENRES) {
            genre_col[n] = (i + 1) % 4;
            genre_value[n++] = 1;
        }
        genre_start[i + 1] = n;
    }
    genre = (rk_features){.name = "genre",
        .kind = RK_FEATURE_BINARY,
        .values = {N_ITEMS, N_GENRES, genre_start, genre_col, genre_value},
        .col_names = genre_names};
    world.data.n_item_features = 1;
    world.data.item_features = &genre;
    world.data.features_stride = sizeof genre;
}

static void chain_start(struct bmf_chain *c, const struct bmf_knowledge *knows, int sweeps) {
    const struct standard standard = standard_of(&world.data);
    ck_assert_int_eq(
        bmf_chain_init(c, &world.host.api, &world.data, &standard, RANK, knows), RK_OK);
    for (int k = 0; k < sweeps; k++) ck_assert_int_eq(bmf_chain_sweep(c), RK_OK);
}

static float gamma_of(const struct bmf_chain *c, int side, uint32_t row) {
    return c->quiet[side] ? c->quiet[side][row] : 1;
}

// z of a rating, seen from the other side.
static void z_of(const struct bmf_chain *c, int side, uint32_t other, double *z) {
    for (size_t j = 0; j < RANK; j++) z[j] = c->block[!side].factor[other * c->stride + j];
    z[RANK] = 1;
}

// y - f of rating e of a row.
static double error_of(const struct bmf_chain *c, int side, uint32_t row, uint64_t e) {
    const struct bmf_block *b = &c->block[side], *o = &c->block[!side];
    double x = b->target[e] - c->level - b->bias[row] - o->bias[b->col[e]];
    for (size_t j = 0; j < RANK; j++)
        x -= (double)b->factor[row * c->stride + j] * o->factor[b->col[e] * c->stride + j];
    return x;
}

// a x = b for n_b columns b behind the n of a, in place, by Gauss and Jordan.
static void solve(double a[UNKNOWNS][2 * UNKNOWNS + 1]) {
    const int n_all = 2 * UNKNOWNS + 1;
    for (int c = 0; c < UNKNOWNS; c++) {
        const double pivot = a[c][c];
        for (int j = 0; j < n_all; j++) a[c][j] /= pivot;
        for (int r = 0; r < UNKNOWNS; r++) {
            const double by = a[r][c];
            for (int j = 0; r != c && j < n_all; j++) a[r][j] -= by * a[c][j];
        }
    }
}

// A posterior: precision, then the identity, then precision times mean; solved: inverse and mean.
struct posterior {
    double a[UNKNOWNS][2 * UNKNOWNS + 1];
};

static void posterior_init(struct posterior *p, const float *lambda, const float *mean) {
    memset(p, 0, sizeof *p);
    for (int j = 0; j < UNKNOWNS; j++) {
        p->a[j][j] = lambda[j];
        p->a[j][UNKNOWNS + j] = 1;
        p->a[j][2 * UNKNOWNS] = (double)lambda[j] * mean[j];
    }
}

static void posterior_add(struct posterior *p, double weight, const double *z, double y) {
    for (int i = 0; i < UNKNOWNS; i++) {
        for (int j = 0; j < UNKNOWNS; j++) p->a[i][j] += weight * z[i] * z[j];
        p->a[i][2 * UNKNOWNS] += weight * z[i] * y;
    }
}

// Draws' sums against it.
struct drawn {
    double sum[UNKNOWNS], squares[UNKNOWNS];
};

static void drawn_add(struct drawn *d, const struct posterior *p, const float *x) {
    for (int j = 0; j < UNKNOWNS; j++) {
        const double apart = x[j] - p->a[j][2 * UNKNOWNS];
        d->sum[j] += apart;
        d->squares[j] += apart * apart;
    }
}

static void drawn_judge(const struct drawn *d, const struct posterior *p, const char *what) {
    for (int j = 0; j < UNKNOWNS; j++) {
        const double variance = p->a[j][UNKNOWNS + j];
        const double z = d->sum[j] / sqrt(variance * DRAWS);
        const double ratio = d->squares[j] / variance / DRAWS;
        ck_assert_msg(fabs(z) < 4.5, "%s %d: the mean is off by %g", what, j, z);
        ck_assert_msg(
            fabs(ratio - 1) < 4.5 * sqrt(2.0 / DRAWS), "%s %d: variance x %g", what, j, ratio);
    }
}

// ---- Draws -------------------------------------------------------------------------------------

// A user's row: all of it, with items' noise; his own is not there, so that it stays.
START_TEST(rows_are_drawn_from_their_posterior) {
    const struct bmf_knowledge knows = {.side = {false, true}, .noise = {false, true}};
    const uint32_t users[] = {0, 3, 50};
    struct bmf_chain c;
    struct posterior p[3];
    struct drawn d[3] = {0};
    add_genres();
    chain_start(&c, &knows, 20);
    for (int k = 0; k < 3; k++) {
        const struct bmf_block *b = &c.block[BMF_USER];
        posterior_init(&p[k], b->precision, b->mean);
        for (uint64_t e = b->start[users[k]]; e < b->start[users[k] + 1]; e++) {
            double z[UNKNOWNS];
            const uint32_t i = b->col[e];
            z_of(&c, BMF_USER, i, z);
            posterior_add(&p[k], c.precision * gamma_of(&c, BMF_ITEM, i), z,
                b->target[e] - c.level - c.block[BMF_ITEM].bias[i]);
        }
        solve(p[k].a);
    }
    for (int n = 0; n < DRAWS; n++) {
        struct bmf_errors errors;
        c.sweep++;
        ck_assert_int_eq(bmf_rows_draw(&c, BMF_USER, &errors), RK_OK);
        for (int k = 0; k < 3; k++)
            drawn_add(&d[k], &p[k], c.block[BMF_USER].own + users[k] * c.ld);
    }
    for (int k = 0; k < 3; k++) drawn_judge(&d[k], &p[k], "unknown");
    bmf_chain_done(&c);
}
END_TEST

// The weights of genre 0, given rows or given their own parts: draws of one feature do not hang on
// its last weight, but those of others do, so these are drawn back after each.
START_TEST(features_are_drawn_from_their_posterior) {
    const struct bmf_knowledge knows = {.side = {false, true}, .noise = {true, true}};
    const bool free_ = _i == 1;
    struct bmf_chain c;
    struct posterior p;
    struct drawn d = {0};
    add_genres();
    chain_start(&c, &knows, 20);
    struct bmf_errors errors;
    ck_assert_int_eq(bmf_rows_draw(&c, BMF_ITEM, &errors), RK_OK); // slopes that fit
    struct bmf_block *b = &c.block[BMF_ITEM];
    struct bmf_group *group = b->features.group;
    group->n = 1; // the others stay
    posterior_init(&p, b->precision + c.ld, b->mean + c.ld);
    for (uint32_t i = 3; i < N_ITEMS; i += 4) {
        const float *w = b->weight, *own = b->own + i * c.ld;
        for (uint64_t e = b->start[i]; free_ && e < b->start[i + 1]; e++) {
            double z[UNKNOWNS], y = error_of(&c, BMF_ITEM, i, e);
            z_of(&c, BMF_ITEM, b->col[e], z);
            for (int j = 0; j < UNKNOWNS; j++) y += z[j] * w[j];
            const double gamma =
                (double)gamma_of(&c, BMF_ITEM, i) * gamma_of(&c, BMF_USER, b->col[e]);
            posterior_add(&p, c.precision * gamma, z, y);
        }
        for (int j = 0; !free_ && b->start[i] < b->start[i + 1] && j < UNKNOWNS; j++) {
            p.a[j][j] += b->precision[j];
            p.a[j][2 * UNKNOWNS] += b->precision[j] * ((double)own[j] + w[j] - b->mean[j]);
        }
    }
    solve(p.a);
    for (int n = 0; n < DRAWS; n++) {
        c.sweep++;
        if (free_)
            ck_assert_int_eq(bmf_features_free(&c, BMF_ITEM), RK_OK);
        else
            bmf_features_centred(&c, BMF_ITEM);
        drawn_add(&d, &p, b->weight);
    }
    drawn_judge(&d, &p, free_ ? "free" : "centred");
    bmf_chain_done(&c);
}
END_TEST

START_TEST(noise_of_a_row_is_drawn_from_its_posterior) {
    const struct bmf_knowledge knows = {.noise = {true, true}};
    struct bmf_chain c;
    chain_start(&c, &knows, 1);
    const double n = (double)(c.block[0].start[4] - c.block[0].start[3]), squares = 12.5;
    const double shape = c.quiet_shape[0] + n / 2, rate = c.quiet_shape[0] + c.precision * 6.25;
    double sum = 0, apart = 0;
    for (int k = 0; k < 8 * DRAWS; k++) {
        c.sweep++;
        bmf_noise_row(&c, BMF_USER, 3, squares);
        const double x = c.quiet[BMF_USER][3] - shape / rate;
        sum += x;
        apart += x * x;
    }
    const double variance = shape / (rate * rate);
    ck_assert(fabs(sum) < 4.5 * sqrt(variance * 8 * DRAWS));
    ck_assert(fabs(apart / variance / (8 * DRAWS) - 1) < 0.2);
    bmf_chain_done(&c);
}
END_TEST

// Without ratings to say something, what is drawn from the prior stays a draw from it: the shape on
// its grid, gamma of few rows, alpha.
START_TEST(noise_of_a_side_is_left_as_the_prior_has_it) {
    enum { ROWS = 4, TIMES = 4000, STATS = 4 };
    const struct bmf_knowledge knows = {.noise = {true, false}};
    struct bmf_chain c;
    double sum[STATS] = {0}, squares[STATS] = {0};
    chain_start(&c, &knows, 1);
    c.block[BMF_USER].n = ROWS;
    c.prior = 3;
    for (uint32_t n = 0; n < TIMES; n++) {
        const rk_host *h = c.host;
        double alpha, gamma[ROWS], x[2][STATS];
        float at;
        h->uniform(h, n, &at, 1);
        c.sweep = n;
        c.quiet_shape[BMF_USER] = 0.5 * exp2((int)(at * 64) / 8.0);
        bmf_gamma(h, bmf_stream(200, n, 0), c.prior / 2, &alpha, 1);
        bmf_gamma(h, bmf_stream(201, n, 0), c.quiet_shape[BMF_USER], gamma, ROWS);
        c.precision = (float)(alpha / (c.prior / 2));
        for (int r = 0; r < ROWS; r++)
            c.quiet[BMF_USER][r] = (float)(gamma[r] / c.quiet_shape[BMF_USER]);
        for (int k = 0; k < 2; k++) {
            x[k][0] = log(c.precision);
            x[k][1] = log(c.quiet_shape[BMF_USER]);
            x[k][2] = log(c.quiet[BMF_USER][2]);
            x[k][3] = x[k][0] * x[k][2];
            if (k == 0) bmf_noise_side(&c, BMF_USER);
        }
        for (int j = 0; j < STATS; j++) {
            sum[j] += x[1][j] - x[0][j];
            squares[j] += pow(x[1][j] - x[0][j], 2);
        }
    }
    for (int j = 0; j < STATS; j++) {
        const double z = sum[j] / sqrt(squares[j]);
        ck_assert_msg(fabs(z) < 4, "%d: %g", j, z);
    }
    c.block[BMF_USER].n = N_USERS;
    bmf_chain_done(&c);
}
END_TEST

// ---- What is kept up to date -------------------------------------------------------------------

static const struct bmf_knowledge everything = {
    .side = {false, true}, .rated = {true, true}, .noise = {true, true}};

START_TEST(slopes_and_sums_are_those_of_the_residuals) {
    struct bmf_knowledge knows = everything;
    knows.noise[BMF_ITEM] = false; // else gamma's scale has moved since slopes were made
    struct bmf_chain c;
    add_genres();
    chain_start(&c, &knows, 60);
    const struct bmf_block *b = &c.block[BMF_ITEM];
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        double slope[UNKNOWNS] = {0}, most = 1;
        for (uint64_t e = b->start[i]; e < b->start[i + 1]; e++) {
            double z[UNKNOWNS];
            const double gamma =
                (double)gamma_of(&c, BMF_ITEM, i) * gamma_of(&c, BMF_USER, b->col[e]);
            z_of(&c, BMF_ITEM, b->col[e], z);
            for (int j = 0; j < UNKNOWNS; j++)
                slope[j] += gamma * z[j] * error_of(&c, BMF_ITEM, i, e);
            most += gamma * fabs(error_of(&c, BMF_ITEM, i, e));
        }
        for (int j = 0; b->start[i] < b->start[i + 1] && j < UNKNOWNS; j++) {
            ck_assert_msg(fabs(slope[j] - b->slope[i * c.ld + j]) < 1e-3 * most,
                "item %u, %d: %g, not %g", i, j, b->slope[i * c.ld + j], slope[j]);
            const float own = b->own[i * c.ld + j], base = b->base[i * c.ld + j];
            const float total = j < RANK ? b->factor[i * c.stride + (size_t)j] : b->bias[i];
            ck_assert_float_eq_tol(own + base, total, 1e-4);
        }
    }
    struct bmf_errors errors;
    double sum = 0, squares = 0;
    ck_assert_int_eq(bmf_rows_draw(&c, BMF_ITEM, &errors), RK_OK);
    for (uint32_t i = 0; i < N_ITEMS; i++)
        for (uint64_t e = b->start[i]; e < b->start[i + 1]; e++) {
            const double x = error_of(&c, BMF_ITEM, i, e);
            const double gamma =
                (double)gamma_of(&c, BMF_ITEM, i) * gamma_of(&c, BMF_USER, b->col[e]);
            sum += gamma * x;
            squares += gamma * x * x;
        }
    ck_assert(errors.n == (double)b->start[N_ITEMS]);
    ck_assert_double_eq_tol(errors.squares, squares, 1e-3 * squares);
    ck_assert_double_eq_tol(errors.sum, sum, 1e-3 * squares);
    bmf_chain_done(&c);
}
END_TEST

// Joining the slice changes what the features are of; rows stay as they are.
START_TEST(rows_stay_when_the_slice_joins) {
    struct bmf_chain c;
    float factor[N_USERS * VEC_LANES];
    chain_start(&c, &everything, 3);
    const struct bmf_block *b = &c.block[BMF_USER];
    memcpy(factor, b->factor, sizeof factor);
    ck_assert_int_eq(bmf_chain_join(&c, &world.data), RK_OK);
    ck_assert_uint_eq(b->start[N_USERS], world.all.by_user.start[N_USERS]);
    float *base = malloc(N_USERS * c.ld * sizeof *base);
    ck_assert_ptr_nonnull(base);
    memcpy(base, b->base, N_USERS * c.ld * sizeof *base);
    bmf_features_base(&c, BMF_USER);
    ck_assert_mem_eq(base, b->base, N_USERS * c.ld * sizeof *base);
    free(base);
    bmf_rows_sum(&c, BMF_USER);
    for (size_t k = 0; k < N_USERS * VEC_LANES; k++)
        ck_assert_float_eq_tol(b->factor[k], factor[k], 1e-5);
    bmf_chain_done(&c);
}
END_TEST

// ---- Fits --------------------------------------------------------------------------------------

static const rk_params usual = {.rank = RANK,
    .sweeps = 60,
    .keep = 32,
    .features = BMF_FEATURES_ALL,
    .rated = BMF_RATED_BOTH,
    .noise = BMF_NOISE_BOTH};

// Answers to all pairs of a fit.
static void fit_all(const rk_host *host, float *mean, float *sd) {
    static uint32_t user[N_USERS * N_ITEMS], item[N_USERS * N_ITEMS];
    const rk_plugin *plugin = rk_plugin_entry();
    const rk_ext_spread *spread = plugin->extension(RK_EXT_SPREAD);
    rk_model *m;
    for (uint32_t k = 0; k < N_USERS * N_ITEMS; k++) {
        user[k] = k / N_ITEMS;
        item[k] = k % N_ITEMS;
    }
    const rk_pairs pairs = {
        .size = sizeof pairs, .n = N_USERS * N_ITEMS, .users = user, .items = item};
    ck_assert_int_eq(plugin->create(host, &usual, &m), RK_OK);
    ck_assert_int_eq(plugin->fit(m, &world.data), RK_OK);
    ck_assert_int_eq(spread->predict(m, &pairs, mean, sd), RK_OK);
    plugin->destroy(m);
}

static float mean[3][N_USERS * N_ITEMS], sd[3][N_USERS * N_ITEMS];

START_TEST(threads_do_not_change_a_bit) {
    const uint32_t threads[] = {1, 3};
    add_genres();
    for (int k = 0; k < 2; k++) {
        struct error e;
        struct pool *pool = pool_new(threads[k], &e);
        struct host host;
        ck_assert_ptr_nonnull(pool);
        host_init(&host, pool, 42);
        fit_all(&host.api, mean[k], sd[k]);
        pool_free(pool);
    }
    ck_assert_mem_eq(mean[0], mean[1], sizeof mean[0]);
    ck_assert_mem_eq(sd[0], sd[1], sizeof sd[0]);
}
END_TEST

// r -> by r + plus, of everything.
static void rescale(float by, float plus) {
    float *const all[] = {world.value[0], world.value[1], world.valid_rating};
    for (size_t k = 0; k < 3; k++)
        for (size_t e = 0; e < N_USERS * N_ITEMS; e++) all[k][e] = by * all[k][e] + plus;
    world.data.rating_min = by * world.data.rating_min + plus;
    world.data.rating_max = by * world.data.rating_max + plus;
}

START_TEST(answers_follow_the_scale) {
    const float by[] = {1, 0.125f, 16}, plus[] = {0, 0.25f, 4};
    for (int k = 0; k < 3; k++) {
        ratings_done(&world.all);
        world_init(&world, STRUCTURE);
        rescale(by[k], plus[k]);
        fit_all(&world.host.api, mean[k], sd[k]);
        for (size_t n = 0; n < N_USERS * N_ITEMS; n++) {
            ck_assert_float_eq_tol((mean[k][n] - plus[k]) / by[k], mean[0][n], 0.02);
            ck_assert_float_eq_tol(sd[k][n] / by[k], sd[0][n], 0.02);
        }
    }
}
END_TEST

START_TEST(genres_tell_of_cold_items) {
    const float effect[] = {1.5f, -1.5f, 0, 0};
    double sum = 0;
    add_genres();
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = world.start[0][u]; e < world.start[0][u + 1]; e++)
            world.value[0][e] = 3 + effect[(world.col[0][e] + 1) % 4] + 0.1f * (float)(u % 5);
    for (uint32_t i = 0; i < N_ITEMS; i++)
        for (uint64_t e = world.start[1][i]; e < world.start[1][i + 1]; e++)
            world.value[1][e] = 3 + effect[(i + 1) % 4] + 0.1f * (float)(world.col[1][e] % 5);
    world.valid.n = 0;
    fit_all(&world.host.api, mean[0], sd[0]);
    for (uint32_t u = 0; u < N_USERS; u++) sum += mean[0][u * N_ITEMS + 3] / N_USERS;
    ck_assert_msg(sum > 4 && sum < 5, "%g, planted 4.7", sum);
}
END_TEST

START_TEST(noisy_users_are_answered_with_less_certainty) {
    static float noise[N_USERS * N_ITEMS];
    double sum[2] = {0};
    world.host.api.normal(&world.host.api, 77, noise, N_USERS * N_ITEMS);
    for (uint32_t u = 1; u < N_USERS; u += 2)
        for (uint64_t e = world.start[0][u]; e < world.start[0][u + 1]; e++)
            world.value[0][e] += noise[u * N_ITEMS + world.col[0][e]];
    for (uint32_t i = 0; i < N_ITEMS; i++)
        for (uint64_t e = world.start[1][i]; e < world.start[1][i + 1]; e++)
            if (world.col[1][e] % 2 == 1) world.value[1][e] += noise[world.col[1][e] * N_ITEMS + i];
    world.valid.n = 0;
    fit_all(&world.host.api, mean[0], sd[0]);
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint32_t i = 0; i < N_ITEMS; i++) sum[u % 2] += sd[0][u * N_ITEMS + i];
    ck_assert_msg(sum[1] > 1.5 * sum[0], "%g, %g", sum[1], sum[0]);
}
END_TEST

// User 7 has ratings in the slice alone.
START_TEST(the_slice_is_learned_too) {
    double sum[2] = {0};
    for (int k = 0; k < 2; k++) {
        world.valid.n = N_ITEMS;
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            world.valid_user[i] = 7;
            world.valid_item[i] = i;
            world.valid_rating[i] = k ? 6 : 0;
        }
        fit_all(&world.host.api, mean[k], sd[k]);
        for (uint32_t i = 0; i < N_ITEMS; i++) sum[k] += mean[k][7 * N_ITEMS + i] / N_ITEMS;
    }
    ck_assert_msg(sum[0] < 1.5 && sum[1] > 4.5, "%g, %g", sum[0], sum[1]);
}
END_TEST

// One rating, one user and the like are among the conformance suite's data.
START_TEST(equal_ratings_are_answered_alike) {
    for (int side = 0; side < 2; side++)
        for (size_t e = 0; e < N_USERS * N_ITEMS; e++) world.value[side][e] = 4;
    for (size_t k = 0; k < world.valid.n; k++) world.valid_rating[k] = 4;
    fit_all(&world.host.api, mean[0], sd[0]);
    for (size_t k = 0; k < N_USERS * N_ITEMS; k++) {
        ck_assert_float_eq_tol(mean[0][k], 4, 1e-3);
        ck_assert(isfinite(sd[0][k]) && sd[0][k] >= 0);
    }
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("bmf");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, rows_are_drawn_from_their_posterior);
    tcase_add_loop_test(cases, features_are_drawn_from_their_posterior, 0, 2);
    tcase_add_test(cases, noise_of_a_row_is_drawn_from_its_posterior);
    tcase_add_test(cases, noise_of_a_side_is_left_as_the_prior_has_it);
    tcase_add_test(cases, slopes_and_sums_are_those_of_the_residuals);
    tcase_add_test(cases, rows_stay_when_the_slice_joins);
    tcase_add_test(cases, threads_do_not_change_a_bit);
    tcase_add_test(cases, answers_follow_the_scale);
    tcase_add_test(cases, genres_tell_of_cold_items);
    tcase_add_test(cases, noisy_users_are_answered_with_less_certainty);
    tcase_add_test(cases, the_slice_is_learned_too);
    tcase_add_test(cases, equal_ratings_are_answered_alike);
    Suite *suite = suite_create("bmf");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
