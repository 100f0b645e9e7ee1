// Pooled differences and their simultaneous intervals, against naive code and by simulation.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "stats/differences.h"
#include "support/made_losses.h"

static struct arena arena;

static void end(void) {
    arena_done(&arena);
}

static struct differences differ(
    const struct pooled *models, size_t n, bool lower_is_better, size_t baseline) {
    struct differences d;
    struct error e = {0};
    const struct differences_job job = {models, n, lower_is_better, baseline, .95, 1};
    ck_assert_msg(differences_make(&d, &job, &arena, &e), "%s", e.text);
    return d;
}

static struct pooled pool(const struct evidence *const *trials, size_t n, bool is_root) {
    struct pooled p;
    struct error e = {0};
    ck_assert_msg(pooled_make(&p, trials, n, 0, is_root, &arena, &e), "%s", e.text);
    return p;
}

enum { USERS = 30, ITEMS = 40, ROWS = USERS * ITEMS / 2 };
struct naive {
    double user[USERS], item[ITEMS], row[ROWS]; // influences
};

// A model over two trials, with weights, in sketches; and the sums that they are of, by `ratio`,
// parts over weights. The seed is one by which no two users or items share a bucket.
static struct pooled two_trials(int model, bool is_root, double ratio, struct naive *naive) {
    struct evidence *trials[] = {made_evidence(&arena), made_evidence(&arena)};
    double total = 0;
    *naive = (struct naive){0};
    for (uint32_t r = 0; r < ROWS; r++) {
        float x[2];
        const uint32_t u = r % USERS, i = (r / USERS + 2 * u) % ITEMS;
        random_uniform(5, r, x, 2);
        const double weight = 1 + r % 3;
        const double part = weight * ((double)x[model] + model * (u % 7 + i % 5) * .1);
        made_evidence_add(trials[r % 2], 17, u, i, part, weight);
        total += weight;
        naive->row[r] = part - ratio * weight;
        naive->user[u] += naive->row[r], naive->item[i] += naive->row[r];
    }
    for (int u = 0; u < USERS; u++) naive->user[u] /= total;
    for (int i = 0; i < ITEMS; i++) naive->item[i] /= total;
    for (int r = 0; r < ROWS; r++) naive->row[r] /= total;
    return pool((const struct evidence *const *)trials, 2, is_root);
}

// Sum of squares of x - y, times G / (G - 1) with G in effect; adds what it adds to the square of
// the relative error.
static double naive_variance(const double *x, const double *y, size_t n, double *noise) {
    double squares = 0, fourth = 0;
    for (size_t k = 0; k < n; k++) squares += (x[k] - y[k]) * (x[k] - y[k]);
    for (size_t k = 0; k < n; k++) fourth += pow(x[k] - y[k], 4);
    const double units = 3 * squares * squares / fourth - 2,
                 variance = squares * units / (units - 1);
    *noise += variance * variance / (units - 1);
    return variance;
}

START_TEST(pooled_variance_is_the_naive_one) {
    struct naive a, b;
    const double ratio[] = {two_trials(0, false, 0, &a).value, two_trials(1, false, 0, &a).value};
    const struct pooled p = two_trials(0, false, ratio[0], &a),
                        q = two_trials(1, false, ratio[1], &b);
    const struct pooled_variance v = pooled_variance(&p, &q);
    double noise = 0;
    const double user = naive_variance(a.user, b.user, USERS, &noise);
    const double item = naive_variance(a.item, b.item, ITEMS, &noise);
    const double row = naive_variance(a.row, b.row, ROWS, &noise);
    ck_assert_double_gt(user + item - row, 1.2 * fmax(user, item));
    // 600 rows in 1024 buckets have a variance of their own; users and items have not.
    ck_assert_double_eq_tol(v.both / (user + item - row), 1, .1);
    ck_assert_double_eq_tol(v.freedom * noise / (v.both * v.both), 1, .01);
    double squares = 0;
    for (int u = 0; u < USERS; u++) squares += pow(a.user[u] - b.user[u], 2);
    ck_assert_double_eq_tol(v.unit[EVIDENCE_USER] / squares, 1, 1e-4); // sketches are floats
}
END_TEST

// d sqrt(x) = dx / (2 sqrt(x))
START_TEST(a_root_moves_half_as_much) {
    struct naive a;
    const struct pooled p = two_trials(0, false, 0, &a), root = two_trials(0, true, 0, &a);
    ck_assert_double_eq_tol(root.value * root.value, p.value, 1e-12);
    const double expected = pooled_variance(&p, NULL).both / (4 * p.value);
    ck_assert_double_eq_tol(pooled_variance(&root, NULL).both / expected, 1, 1e-9);
    end();
}
END_TEST

// The quantiles of Student's distribution at .975.
START_TEST(student_and_normal_agree) {
    const double t[] = {3.1824, 2.5706, 2.2281, 2.0423, 1.9840}, freedom[] = {3, 5, 10, 30, 100};
    for (int k = 0; k < 5; k++) {
        ck_assert_double_eq_tol(pooled_student(1.959964, freedom[k]) / t[k], 1, .012);
        ck_assert_double_eq_tol(
            pooled_normal(pooled_student(-2.5, freedom[k]), freedom[k]), -2.5, 1e-9);
    }
    ck_assert(pooled_student(2, INFINITY) == 2 && pooled_normal(2, INFINITY) == 2);
}
END_TEST

START_TEST(nothing_to_pool_has_no_value) {
    struct evidence *ev = made_evidence(&arena), *none = made_evidence(&arena);
    made_evidence_add(ev, 1, 1, 1, 2, 1);
    const struct evidence *const both[] = {ev, none};
    ck_assert(isnan(pool(both, 2, false).value) && isnan(pool(both, 0, false).value));
    const struct pooled one = pool(both, 1, false);
    ck_assert(one.value == 2);
    // One row alone tells nothing of a difference, and it is not called one.
    struct evidence *other = made_evidence(&arena);
    made_evidence_add(other, 1, 1, 1, 3, 1);
    const struct evidence *const others[] = {other};
    const struct pooled models[] = {one, pool(others, 1, false), {.value = NAN}};
    const struct differences d = differ(models, 3, true, 0);
    ck_assert(d.n_best == 2 && d.best == 0 && isnan(d.detectable));
    ck_assert(isnan(d.rows[1].base.p) && d.rows[1].base.value == 1 && isnan(d.rows[1].base.low));
    ck_assert(isnan(d.rows[2].value) && !d.rows[2].may_be_best && isnan(d.rows[2].best.value));
    end();
}
END_TEST

static const struct losses small = {100, 80, 2000, 4, .3, .2, 1, 1, 0, NULL};

static void draw(struct pooled *models, const struct losses *of, const double *shift) {
    struct made_losses m = made_losses(of, 3);
    m.of.shift = shift;
    made_losses_draw(&m, 4);
    made_losses_pool(&m, 5, models, &arena);
    made_losses_done(&m);
}

START_TEST(equal_models_are_ties) {
    struct pooled models[5];
    draw(models, &small, (const double[]){0, 2, 2, 2});
    models[4] = models[0]; // the best, twice
    const struct differences d = differ(models, 5, true, 4);
    ck_assert(d.best == 0 && d.n_best == 2);
    ck_assert(d.rows[0].may_be_best && d.rows[4].may_be_best && !d.rows[1].may_be_best);
    const struct difference *base = &d.rows[0].base, *best = &d.rows[4].best;
    ck_assert(base->value == 0 && base->low == 0 && base->high == 0 && base->p == 1);
    ck_assert(best->value == 0 && best->low == 0 && best->high == 0 && best->p == 1);
    ck_assert(isnan(d.rows[0].best.p) && d.rows[0].best.high == 0);
    ck_assert(d.rows[1].best.low > 0 && d.rows[1].best.p <= .05);
    end();
}
END_TEST

START_TEST(higher_is_better_is_the_mirror) {
    struct pooled models[4], negative[4];
    draw(models, &small, (const double[]){.1, .05, 0, .3});
    for (int k = 0; k < 4; k++) {
        negative[k].value = -models[k].value;
        for (int u = 0; u < EVIDENCE_UNITS; u++) negative[k].influence[u] = models[k].influence[u];
    }
    const struct differences lower = differ(models, 4, true, 0),
                             higher = differ(negative, 4, false, 0);
    ck_assert(lower.best == higher.best && lower.detectable == higher.detectable);
    for (int k = 0; k < 4; k++) {
        ck_assert_mem_eq(&lower.rows[k].base, &higher.rows[k].base, sizeof(struct difference));
        ck_assert(lower.rows[k].may_be_best == higher.rows[k].may_be_best);
        ck_assert_double_eq(lower.rows[k].best.high, higher.rows[k].best.high);
        ck_assert_double_eq(lower.rows[k].low, -higher.rows[k].high);
    }
    end();
}
END_TEST

// Neighbours in a sweep may differ by rounding alone: that widens no interval.
START_TEST(models_almost_the_same_change_nothing) {
    enum { NEAR = 3, SWEEP = 4 + NEAR * 2, N = SWEEP + 150 };
    struct pooled models[N];
    draw(models, &small, (const double[]){.1, .05, 0, .3});
    const struct differences few = differ(models, 4, true, 0);
    for (int k = 4; k < N; k++) {
        const double step = k < 4 + NEAR ? 1e-8 : 1e-6;          // of what moves the model
        const double t = k < SWEEP ? 0 : .01 * pow(1.03, k - N); // along a curve through others
        models[k].value = models[3].value + 1e-9 * k;
        for (int u = 0; u < EVIDENCE_UNITS; u++) {
            models[k].influence[u] =
                arena_alloc(&arena, EVIDENCE_BUCKETS * sizeof *models[k].influence[u]);
            for (int b = 0; b < EVIDENCE_BUCKETS; b++)
                models[k].influence[u][b] =
                    k < SWEEP
                        ? models[3].influence[u][b] * (1 + step * sin(k * 1000. + b))
                        : (1 - t - t * t) * models[3].influence[u][b] +
                              t * models[2].influence[u][b] + t * t * models[1].influence[u][b];
        }
    }
    const struct differences many = differ(models, N, true, 0);
    ck_assert_uint_eq(many.best, few.best);
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq_tol(many.rows[k].best.high, few.rows[k].best.high, .02);
    end();
}
END_TEST

// How often, of `n` simulations of equal models: any called different from the baseline, any told
// from the best, a model's own interval missing its value; and the least difference that is found.
struct rates {
    int n, base, best, own;
    double detectable;
};

static struct rates simulate(const struct losses *of, int n) {
    struct rates r = {.n = n};
    struct made_losses m = made_losses(of, 11);
    for (int s = 0; s < n; s++) {
        struct pooled models[20];
        made_losses_draw(&m, (uint64_t)s);
        made_losses_pool(&m, (uint64_t)s, models, &arena);
        const struct differences d = differ(models, of->n_models, true, 0);
        bool differs = false;
        for (size_t k = 1; k < of->n_models; k++) differs |= d.rows[k].base.p <= .05;
        r.base += differs;
        r.best += d.n_best < of->n_models;
        r.own += d.rows[1].low > 1 || d.rows[1].high < 1;
        r.detectable += d.detectable / n;
        end();
    }
    made_losses_done(&m);
    return r;
}

// 5 %, to three standard deviations of the binomial distribution.
static void about_5(int found, int n, const char *what) {
    const double room = 3 * sqrt(n * .05 * .95);
    ck_assert_msg(fabs(found - n * .05) <= room, "%s: %d of %d, not 5 %%", what, found, n);
}

static void all_about_5(const struct losses *of, int n) {
    const struct rates r = simulate(of, n);
    about_5(r.base, n, "different from the baseline");
    about_5(r.best, n, "told from the best");
    about_5(r.own, n, "interval missed");
}

// Where all noise is that of rows, users and items hold the same: not to be counted twice.
START_TEST(rows_count_once) {
    all_about_5(&(struct losses){300, 300, 800, 2, 0, 0, 1, 0, 0, NULL}, 300);
}
END_TEST

START_TEST(many_models_are_one_family) {
    all_about_5(&(struct losses){150, 200, 800, 12, .5, .5, 1, 1, .5, NULL}, 100);
}
END_TEST

START_TEST(few_users_are_few) {
    all_about_5(&(struct losses){10, 100, 400, 3, 1, 0, .3, 0, 0, NULL}, 150);
}
END_TEST

// Two or three users are hardly anything to tell models by.
START_TEST(two_users_are_two) {
    for (size_t users = 2; users <= 3; users++) {
        const struct losses of = {users, 50, users * 50, 3, 1, 0, .3, 0, 0, NULL};
        const struct rates r = simulate(&of, 100);
        ck_assert_msg(r.base <= 12 && r.best <= 12 && r.own <= 12, "%zu users: %d, %d, %d of 100",
            users, r.base, r.best, r.own);
    }
}
END_TEST

START_TEST(few_items_have_most_rows) {
    all_about_5(&(struct losses){200, 300, 1000, 3, 0, 1, .3, 1.5, 0, NULL}, 150);
}
END_TEST

// Two models, apart by what is found in 80 %.
START_TEST(detectable_is_found_in_80_percent) {
    struct losses of = {150, 200, 1000, 2, .3, .3, 1, 1, 0, NULL};
    const int n = 150;
    const double shift[] = {0, simulate(&of, n).detectable};
    struct made_losses m = made_losses(&of, 11);
    m.of.shift = shift;
    int found = 0, covered = 0;
    for (int s = 0; s < n; s++) {
        struct pooled models[2];
        made_losses_draw(&m, (uint64_t)(n + s));
        made_losses_pool(&m, (uint64_t)s, models, &arena);
        const struct differences d = differ(models, 2, true, 0);
        const struct difference *best = &d.rows[1].best;
        found += !d.rows[1].may_be_best;
        covered += best->low <= shift[1] && shift[1] <= best->high;
        ck_assert((best->low > 0) == !d.rows[1].may_be_best);
        ck_assert(d.best == 0 ? (best->p <= .05) == (best->low > 0) : isnan(best->p));
        end();
    }
    made_losses_done(&m);
    ck_assert_int_ge(found, (int)(n * .8 - 3 * sqrt(n * .8 * .2)));
    ck_assert_int_le(found, (int)(n * .8 + 3 * sqrt(n * .8 * .2)));
    ck_assert_int_ge(covered, (int)(n * .95 - 3 * sqrt(n * .95 * .05)));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stats_differences");
    TCase *c = tcase_create("stats_differences");
    tcase_add_test(c, pooled_variance_is_the_naive_one);
    tcase_add_test(c, a_root_moves_half_as_much);
    tcase_add_test(c, student_and_normal_agree);
    tcase_add_test(c, nothing_to_pool_has_no_value);
    tcase_add_test(c, equal_models_are_ties);
    tcase_add_test(c, higher_is_better_is_the_mirror);
    tcase_add_test(c, models_almost_the_same_change_nothing);
    tcase_add_test(c, rows_count_once);
    tcase_add_test(c, many_models_are_one_family);
    tcase_add_test(c, few_users_are_few);
    tcase_add_test(c, two_users_are_two);
    tcase_add_test(c, few_items_have_most_rows);
    tcase_add_test(c, detectable_is_found_in_80_percent);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
