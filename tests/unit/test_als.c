// als's equations against plain ones in double precision, and what it estimates from ratings.
#include <check.h>
#include <string.h>

#include "common/als_implicit.h"
#include "common/als_train.h"
#include "common/effects.h"
#include "core/pool.h"
#include "support/als_world.h"

enum { MOST_UNKNOWNS = 81 };

START_TEST(fold_and_slice_become_one) {
    const rk_csr *u = &world.all.by_user, *i = &world.all.by_item;
    ck_assert_uint_eq(u->start[N_USERS], world.start[0][N_USERS] + world.valid.n);
    ck_assert_uint_eq(i->start[N_ITEMS], u->start[N_USERS]);
    static float dense[N_USERS][N_ITEMS];
    memset(dense, 0, sizeof dense);
    for (uint32_t r = 0; r < N_USERS; r++) {
        for (uint64_t e = u->start[r]; e < u->start[r + 1]; e++) {
            if (e > u->start[r]) ck_assert_uint_lt(u->col[e - 1], u->col[e]);
            dense[r][u->col[e]] = u->value[e];
        }
    }
    for (uint32_t r = 0; r < N_ITEMS; r++) {
        for (uint64_t e = i->start[r]; e < i->start[r + 1]; e++) {
            if (e > i->start[r]) ck_assert_uint_lt(i->col[e - 1], i->col[e]);
            ck_assert(dense[i->col[e]][r] == i->value[e]);
        }
    }
    for (size_t k = 0; k < world.valid.n; k++) {
        ck_assert(dense[world.valid_user[k]][world.valid_item[k]] == world.valid_rating[k]);
    }
    for (uint32_t r = 0; r < N_USERS; r++) {
        for (uint64_t e = world.start[0][r]; e < world.start[0][r + 1]; e++) {
            ck_assert(dense[r][world.col[0][e]] == world.value[0][e]);
        }
    }
}
END_TEST

START_TEST(effects_find_the_planted_variances) {
    struct effects x;
    ck_assert_int_eq(effects_init(&x, &world.host.api, &world.all), RK_OK);
    // The products of sines are noise to a model of biases.
    const double noise = NOISE_SD * NOISE_SD + STRUCTURE * STRUCTURE / 4;
    ck_assert_msg(fabs(x.noise / noise - 1) < 0.1, "noise %g, planted %g", x.noise, noise);
    const double user = noise / (USER_SD * USER_SD), item = noise / (ITEM_SD * ITEM_SD);
    ck_assert_msg(fabs(log(x.damping[EFFECTS_USER] / user)) < 0.4, "users %g, planted %g",
        x.damping[EFFECTS_USER], user);
    ck_assert_msg(fabs(log(x.damping[EFFECTS_ITEM] / item)) < 0.4, "items %g, planted %g",
        x.damping[EFFECTS_ITEM], item);
    ck_assert(x.bias[EFFECTS_USER][7] == 0 && x.bias[EFFECTS_ITEM][3] == 0);
    effects_done(&x);
}
END_TEST

// Gauss's elimination for a x = b in place, n x n; the answer in b.
static void naive_solve(double *a, double *b, size_t n) {
    for (size_t c = 0; c < n; c++) {
        for (size_t r = c + 1; r < n; r++) {
            const double by = a[r * n + c] / a[c * n + c];
            for (size_t j = c; j < n; j++) a[r * n + j] -= by * a[c * n + j];
            b[r] -= by * b[c];
        }
    }
    for (size_t r = n; r-- > 0;) {
        for (size_t j = r + 1; j < n; j++) b[r] -= a[r * n + j] * b[j];
        b[r] /= a[r * n + r];
    }
}

// a += by X'X, for the first k numbers of the n rows of x; a: n_a x n_a.
static void naive_gram(
    double *a, size_t n_a, double by, const float *x, size_t n, const struct als_factors *f) {
    for (size_t r = 0; r < n; r++) {
        for (size_t i = 0; i < f->k; i++) {
            for (size_t j = 0; j < f->k; j++) {
                a[i * n_a + j] += by * x[r * f->ld + i] * x[r * f->ld + j];
            }
        }
    }
}

// sum += by what the row's columns have in x.
static void naive_sum(double *sum, double by, const rk_csr *rows, uint32_t row, const float *x,
    const struct als_factors *f) {
    for (uint64_t e = rows->start[row]; e < rows->start[row + 1]; e++) {
        for (size_t j = 0; j < f->k; j++) sum[j] += by * x[rows->col[e] * f->ld + j];
    }
}

// What the row's [p ; b] should be, and its squared error (in units).
static double naive_row(
    const struct als_factors *f, const struct als_solve *s, uint32_t user, double *w) {
    const rk_csr *r = &world.all.by_user;
    const size_t n = f->k + 1;
    double a[MOST_UNKNOWNS * MOST_UNKNOWNS] = {0}, error = 0;
    const uint64_t first = r->start[user], last = r->start[user + 1];
    memset(w, 0, n * sizeof *w);
    if (s->implicit) {
        const float *y = s->implicit->of[ALS_ITEM];
        naive_gram(a, n, s->implicit->weight, y, N_ITEMS, f);
        naive_sum(w, s->implicit->weight, r, user, y, f);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint64_t e = first; e < last; e++) {
            const float *q = f->of[ALS_ITEM] + r->col[e] * f->ld;
            double x[MOST_UNKNOWNS], t = (r->value[e] - f->mean) / f->scale - q[f->k];
            for (size_t j = 0; j < f->k; j++) x[j] = q[j];
            x[f->k] = 1;
            if (pass == 0) {
                for (size_t i = 0; i < n; i++) {
                    for (size_t j = 0; j < n; j++) a[i * n + j] += x[i] * x[j];
                    w[i] += t * x[i];
                }
            } else {
                for (size_t j = 0; j < n; j++) t -= w[j] * x[j];
                error += t * t;
            }
        }
        if (pass == 1) break;
        const double ridge = s->lambda * pow((double)(last - first), s->count_power);
        for (size_t j = 0; j < n; j++) a[j * n + j] += j < f->k ? ridge : s->damping[ALS_USER];
        naive_solve(a, w, n);
    }
    return error * f->scale * f->scale;
}

// What a half-iteration starts from; the term has had one update of each side.
static void begin(struct als_factors *f, struct als_solve *s, struct als_implicit *im, size_t rank,
    const rk_host *host) {
    ck_assert(als_factors_init(f, rank, N_USERS, N_ITEMS));
    ck_assert(als_solve_init(s, host, f));
    f->mean = 2.9;
    f->scale = 0.7;
    float bias[N_ITEMS];
    for (int i = 0; i < N_ITEMS; i++) bias[i] = 0.1f * (float)(i % 7);
    als_factors_start(f, host, bias);
    s->implicit = im;
    if (!im) return;
    ck_assert(als_implicit_init(im, host, f));
    double squares;
    ck_assert_int_eq(als_solve_side(s, f, ALS_USER, host, &world.all, &squares), RK_OK);
    ck_assert_int_eq(als_implicit_update(im, f, ALS_USER, host, &world.all), RK_OK);
    ck_assert_int_eq(als_implicit_update(im, f, ALS_ITEM, host, &world.all), RK_OK);
}

static void end(struct als_factors *f, struct als_solve *s, struct als_implicit *im) {
    als_solve_done(s);
    als_factors_done(f);
    if (im) als_implicit_done(im);
}

static void solved_as_plainly(
    size_t rank, enum als_solver solver, int cg_steps, struct als_implicit *im, double tolerance) {
    struct als_factors f;
    struct als_solve s = {.solver = solver,
        .cg_steps = cg_steps,
        .lambda = 0.6,
        .count_power = 0.4,
        .damping = {2.5, 3.5}};
    begin(&f, &s, im, rank, &world.host.api);
    double squares, expected = 0;
    ck_assert_int_eq(
        als_solve_side(&s, &f, ALS_USER, &world.host.api, &world.all, &squares), RK_OK);
    for (uint32_t u = 0; u < N_USERS; u++) {
        double w[MOST_UNKNOWNS] = {0};
        if (u != 7) expected += naive_row(&f, &s, u, w);
        for (size_t j = 0; j <= rank; j++) {
            const float found = f.of[ALS_USER][u * f.ld + j];
            ck_assert_msg(fabs(found - w[j]) < tolerance, "user %u, unknown %zu: %g, expected %g",
                u, j, found, w[j]);
        }
    }
    ck_assert_msg(
        fabs(squares / expected - 1) < 1e-3, "squared error %g, expected %g", squares, expected);
    als_solve_done(&s);
    als_factors_done(&f);
}

START_TEST(cholesky_solves_each_row) {
    solved_as_plainly(RANK, ALS_CHOLESKY, 1, NULL, 1e-4);
}
END_TEST

// Most users have fewer than 32 ratings and half as many as factors, user 0 has more.
START_TEST(rows_of_few_ratings_are_solved_alike) {
    solved_as_plainly(MOST_UNKNOWNS - 1, ALS_CHOLESKY, 1, NULL, 1e-4);
}
END_TEST

START_TEST(conjugate_gradients_arrive_where_cholesky_does) {
    solved_as_plainly(RANK, ALS_CG, 2 * (RANK + 1), NULL, 1e-3);
}
END_TEST

START_TEST(three_steps_of_conjugate_gradients_come_near) {
    solved_as_plainly(RANK, ALS_CG, 3, NULL, 0.1);
}
END_TEST

START_TEST(what_was_rated_is_part_of_the_equations) {
    struct als_implicit im = {.weight = 2, .ridge = 3};
    solved_as_plainly(RANK, ALS_CHOLESKY, 1, &im, 1e-4);
    als_implicit_done(&im);
    im = (struct als_implicit){.weight = 2, .ridge = 3};
    solved_as_plainly(MOST_UNKNOWNS - 1, ALS_CHOLESKY, 1, &im, 1e-4);
    bool few = false; // were solved in as many unknowns as ratings
    for (size_t n = 0; n <= ALS_FEW; n++) few = few || im.has_root[n];
    ck_assert(few);
    als_implicit_done(&im);
    im = (struct als_implicit){.weight = 2, .ridge = 3};
    solved_as_plainly(RANK, ALS_CG, 2 * (RANK + 1), &im, 1e-3);
    als_implicit_done(&im);
}
END_TEST

START_TEST(implicit_factors_are_solved_as_plainly) {
    struct als_factors f;
    struct als_solve s = {.lambda = 0.6, .count_power = 0.4, .damping = {2.5, 3.5}};
    struct als_implicit im = {.weight = 2, .ridge = 3};
    begin(&f, &s, &im, RANK, &world.host.api);
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        double a[RANK * RANK] = {0}, y[RANK] = {0};
        naive_gram(a, RANK, 1, f.of[ALS_USER], N_USERS, &f);
        naive_sum(y, 1, &world.all.by_item, i, f.of[ALS_USER], &f);
        for (size_t j = 0; j < RANK; j++) a[j * RANK + j] += im.ridge;
        naive_solve(a, y, RANK);
        for (size_t j = 0; j < RANK; j++) {
            const float found = im.of[ALS_ITEM][i * f.ld + j];
            ck_assert_msg(fabs(found - y[j]) < 1e-5, "item %u: %g, expected %g", i, found, y[j]);
        }
    }
    end(&f, &s, &im);
}
END_TEST

static double penalty_of(const struct als_factors *f, const struct als_solve *s, enum als_side side,
    const rk_csr *rows) {
    double sum = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const float *w = f->of[side] + r * f->ld, *x = s->implicit->of[side] + r * f->ld;
        const double n = (double)(rows->start[r + 1] - rows->start[r]);
        for (size_t j = 0; j < f->k; j++) {
            sum += s->lambda * pow(n, s->count_power) * w[j] * w[j];
            sum += s->implicit->weight * s->implicit->ridge * x[j] * x[j];
        }
        sum += s->damping[side] * w[f->k] * w[f->k];
    }
    return sum;
}

// The objective of als.c, cell by cell.
static double objective_of(const struct als_factors *f, const struct als_solve *s) {
    const rk_csr *r = &world.all.by_user;
    const struct als_implicit *im = s->implicit;
    double sum = penalty_of(f, s, ALS_USER, r) + penalty_of(f, s, ALS_ITEM, &world.all.by_item);
    for (uint32_t u = 0; u < N_USERS; u++) {
        uint64_t e = r->start[u];
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const bool rated = e < r->start[u + 1] && r->col[e] == i;
            double by_user = rated, by_item = rated;
            for (size_t j = 0; j < f->k; j++) {
                by_user -= f->of[ALS_USER][u * f->ld + j] * im->of[ALS_ITEM][i * f->ld + j];
                by_item -= im->of[ALS_USER][u * f->ld + j] * f->of[ALS_ITEM][i * f->ld + j];
            }
            sum += im->weight * (by_user * by_user + by_item * by_item);
            if (!rated) continue;
            const double error = (als_factors_predict(f, u, i) - r->value[e++]) / f->scale;
            sum += error * error;
        }
    }
    return sum;
}

START_TEST(each_step_lowers_the_objective) {
    struct als_factors f;
    struct als_solve s = {.lambda = 0.6, .count_power = 0.4, .damping = {2.5, 3.5}};
    struct als_implicit im = {.weight = 2, .ridge = 3};
    const rk_host *host = &world.host.api;
    begin(&f, &s, &im, RANK, host);
    double last = objective_of(&f, &s), squares;
    for (int step = 0; step < 24; step++) {
        const enum als_side side = step / 2 % 2 ? ALS_ITEM : ALS_USER;
        const rk_status status = step % 2
                                     ? als_implicit_update(&im, &f, side, host, &world.all)
                                     : als_solve_side(&s, &f, side, host, &world.all, &squares);
        ck_assert_int_eq(status, RK_OK);
        const double now = objective_of(&f, &s);
        ck_assert_msg(now < last * (1 + 1e-6), "step %d: %.9g after %.9g", step, now, last);
        if (step < 4) ck_assert_msg(now < last, "step %d: no better than %.9g", step, last);
        last = now;
    }
    end(&f, &s, &im);
}
END_TEST

static uint64_t hash_of(const float *x, size_t n) {
    uint64_t h = 14695981039346656037u;
    for (size_t e = 0; e < n; e++) {
        uint32_t bits;
        memcpy(&bits, x + e, sizeof bits);
        h = (h ^ bits) * 1099511628211u;
    }
    return h;
}

START_TEST(threads_do_not_change_a_bit) {
    const uint32_t threads[] = {1, 2, 8};
    uint64_t hash[3][2];
    for (int k = 0; k < 3; k++) {
        struct error e;
        struct pool *pool = pool_new(threads[k], &e);
        ck_assert_ptr_nonnull(pool);
        struct host host;
        host_init(&host, pool, 42);
        struct als_factors f;
        ck_assert(als_factors_init(&f, 40, N_USERS, N_ITEMS));
        struct als_implicit im = {.weight = 3, .ridge = 2};
        ck_assert(als_implicit_init(&im, &host.api, &f));
        struct als_train t = {.host = &host.api,
            .f = &f,
            .solve = {.lambda = 1, .count_power = 0.5, .implicit = &im}};
        ck_assert(als_solve_init(&t.solve, &host.api, &f));
        ck_assert_int_eq(als_train_start(&t, &world.all), RK_OK);
        ck_assert_int_eq(als_train_iterate(&t, &world.all, 3, true, NULL), RK_OK);
        for (int side = 0; side < 2; side++) {
            hash[k][side] = hash_of(f.of[side], f.n[side] * f.ld);
            ck_assert(hash[k][side] == hash[0][side]);
        }
        end(&f, &t.solve, &im);
        pool_free(pool);
    }
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("als");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, fold_and_slice_become_one);
    tcase_add_test(cases, effects_find_the_planted_variances);
    tcase_add_test(cases, cholesky_solves_each_row);
    tcase_add_test(cases, rows_of_few_ratings_are_solved_alike);
    tcase_add_test(cases, conjugate_gradients_arrive_where_cholesky_does);
    tcase_add_test(cases, three_steps_of_conjugate_gradients_come_near);
    tcase_add_test(cases, what_was_rated_is_part_of_the_equations);
    tcase_add_test(cases, implicit_factors_are_solved_as_plainly);
    tcase_add_test(cases, each_step_lowers_the_objective);
    tcase_add_test(cases, threads_do_not_change_a_bit);
    Suite *suite = suite_create("als");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
