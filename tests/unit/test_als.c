// als's equations against plain ones in double precision, and what it estimates from ratings.
#include "common/als_choose.c"
#include "common/als_factors.c"
#include "common/als_solve.c"
#include "common/als_train.c"

#include <check.h>

#include "common/effects.h"
#include "common/ratings.h"
#include "model/host.h"

enum { N_USERS = 120, N_ITEMS = 80, RANK = 5, MOST_UNKNOWNS = 81 };

// Planted ratings, some of them in the slice; user 7 and item 3 stay cold, user 0 rates everything
// else.
struct world {
    struct host host;
    rk_data data;
    rk_pairs valid;
    struct ratings all; // owned; with the slice
    uint64_t start[2][N_USERS + 1];
    uint32_t col[2][N_USERS * N_ITEMS];
    float value[2][N_USERS * N_ITEMS];
    uint32_t valid_user[N_USERS * N_ITEMS], valid_item[N_USERS * N_ITEMS];
    float valid_rating[N_USERS * N_ITEMS];
};

static const double USER_SD = 0.5, ITEM_SD = 0.8, NOISE_SD = 0.4, STRUCTURE = 0.7;

static void plant(const struct world *w, float *bias_u, float *bias_i, float *noise) {
    const rk_host *h = &w->host.api;
    h->normal(h, 1000, bias_u, N_USERS);
    h->normal(h, 1001, bias_i, N_ITEMS);
    h->normal(h, 1002, noise, N_USERS * N_ITEMS);
}

static void world_init(struct world *w, double structure) {
    static float bias_u[N_USERS], bias_i[N_ITEMS], noise[N_USERS * N_ITEMS];
    static float chance[N_USERS * N_ITEMS];
    memset(w, 0, sizeof *w);
    host_init(&w->host, NULL, 42);
    plant(w, bias_u, bias_i, noise);
    w->host.api.uniform(&w->host.api, 1003, chance, N_USERS * N_ITEMS);
    size_t n = 0, v = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const size_t at = u * N_ITEMS + i;
            const bool cold = u == 7 || i == 3;
            if (cold || (u > 0 && chance[at] > (i % 5 == 0 ? 0.9f : 0.3f))) continue;
            const float r = (float)(3 + USER_SD * bias_u[u] + ITEM_SD * bias_i[i] +
                                    NOISE_SD * noise[at] + structure * sin(u) * cos(3 * i));
            if (at % 11 == 5) {
                w->valid_user[v] = u;
                w->valid_item[v] = i;
                w->valid_rating[v++] = r;
            } else {
                w->col[0][n] = i;
                w->value[0][n++] = r;
            }
        }
        w->start[0][u + 1] = n;
    }
    n = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        for (uint32_t u = 0; u < N_USERS; u++) {
            for (uint64_t e = w->start[0][u]; e < w->start[0][u + 1]; e++) {
                if (w->col[0][e] != i) continue;
                w->col[1][n] = u;
                w->value[1][n++] = w->value[0][e];
            }
        }
        w->start[1][i + 1] = n;
    }
    w->valid =
        (rk_pairs){.size = sizeof w->valid, .n = v, .users = w->valid_user, .items = w->valid_item};
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start[0], w->col[0], w->value[0]},
        .by_item = {N_ITEMS, N_USERS, w->start[1], w->col[1], w->value[1]},
        .rating_min = -2,
        .rating_max = 8,
        .valid = &w->valid,
        .valid_ratings = w->valid_rating};
    ck_assert(ratings_init_with_valid(&w->all, &w->data));
}

static struct world world;

static void setup(void) {
    world_init(&world, STRUCTURE);
}

static void teardown(void) {
    ratings_done(&world.all);
}

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

// What the row's [p ; b] should be, and its squared error (in units).
static double naive_row(
    const struct als_factors *f, const struct als_solve *s, uint32_t user, double *w) {
    const rk_csr *r = &world.all.by_user;
    const size_t n = f->k + 1;
    double a[MOST_UNKNOWNS * MOST_UNKNOWNS] = {0}, error = 0;
    const uint64_t first = r->start[user], last = r->start[user + 1];
    memset(w, 0, n * sizeof *w);
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

static void solved_as_plainly(size_t rank, enum als_solver solver, int cg_steps, double tolerance) {
    struct als_factors f;
    ck_assert(als_factors_init(&f, rank, N_USERS, N_ITEMS));
    struct als_solve s = {.solver = solver,
        .cg_steps = cg_steps,
        .lambda = 0.6,
        .count_power = 0.4,
        .damping = {2.5, 3.5}};
    ck_assert(als_solve_init(&s, &world.host.api, &f));
    f.mean = 2.9;
    f.scale = 0.7;
    float bias[N_ITEMS];
    for (int i = 0; i < N_ITEMS; i++) bias[i] = 0.1f * (float)(i % 7);
    als_factors_start(&f, &world.host.api, bias);
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
    solved_as_plainly(RANK, ALS_CHOLESKY, 1, 1e-4);
}
END_TEST

// Most users have fewer than 32 ratings and half as many as factors, user 0 has more.
START_TEST(rows_of_few_ratings_are_solved_alike) {
    solved_as_plainly(MOST_UNKNOWNS - 1, ALS_CHOLESKY, 1, 1e-4);
}
END_TEST

START_TEST(conjugate_gradients_arrive_where_cholesky_does) {
    solved_as_plainly(RANK, ALS_CG, 2 * (RANK + 1), 1e-3);
}
END_TEST

START_TEST(three_steps_of_conjugate_gradients_come_near) {
    solved_as_plainly(RANK, ALS_CG, 3, 0.1);
}
END_TEST

// A score with its least at `least`, in points of the path.
static double minimum_of(double least) {
    struct path p = {.best = POINT_MIN};
    for (int at = POINT_MIN; at <= POINT_MAX; at++) {
        *path_score(&p, at) = (at - least) * (at - least);
        if (*path_score(&p, at) < *path_score(&p, p.best)) p.best = at;
    }
    return path_minimum(&p);
}

START_TEST(the_best_lambda_lies_between_points) {
    ck_assert(fabs(minimum_of(1.3) - 1.3) < 1e-9);
    ck_assert(fabs(minimum_of(-2.45) + 2.45) < 1e-9);
    ck_assert(minimum_of(100) == POINT_MAX);
    ck_assert(minimum_of(-100) == POINT_MIN);
}
END_TEST

START_TEST(noise_asks_for_a_larger_lambda_than_structure) {
    double lambda[2];
    for (int noise = 0; noise < 2; noise++) {
        ratings_done(&world.all);
        world_init(&world, noise ? 0 : STRUCTURE);
        struct als_train t = {.host = &world.host.api, .solve = {.count_power = 0.5}};
        ck_assert_int_eq(als_choose_lambda(&t, &world.data, RANK, 1.5, &lambda[noise]), RK_OK);
    }
    ck_assert_msg(
        lambda[0] < 0.5 * lambda[1], "%g with structure, %g without", lambda[0], lambda[1]);
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
    tcase_add_test(cases, the_best_lambda_lies_between_points);
    tcase_add_test(cases, noise_asks_for_a_larger_lambda_than_structure);
    Suite *suite = suite_create("als");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
