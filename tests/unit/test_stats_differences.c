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

// Two models over two trials with weights of their own; few enough users and items that no two
// share a bucket, so that the naive sums are the same. `which`: 0, 1.
static struct pooled two_trials(int which, bool is_root, double *naive, const double *ratio) {
    struct evidence *trials[] = {made_evidence(&arena), made_evidence(&arena)};
    double user[USERS] = {0}, item[ITEMS] = {0}, rows = 0, total = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        float x[4];
        const uint32_t u = r % USERS, i = (r / USERS + 2 * u) % ITEMS;
        random_uniform(5, r, x, 4);
        const double weight = 1 + (double)(r % 3);
        const double part = weight * (double)x[which] * (double)(u + i) / 20;
        made_evidence_add(trials[r % 2], 17, u, i, part, weight);
        total += weight;
        const double influence = part - *ratio * weight;
        user[u] += influence, item[i] += influence, rows += influence * influence;
    }
    naive[0] = naive[1] = 0, naive[2] = rows / (total * total);
    for (int u = 0; u < USERS; u++) naive[0] += user[u] * user[u] / (total * total);
    for (int i = 0; i < ITEMS; i++) naive[1] += item[i] * item[i] / (total * total);
    return pool((const struct evidence *const *)trials, 2, is_root);
}

START_TEST(pooled_variance_is_the_naive_one) {
    double naive[3], ratio = 0;
    ratio = two_trials(0, false, naive, &ratio).value;
    const struct pooled p = two_trials(0, false, naive, &ratio);
    const struct pooled root = two_trials(0, true, naive, &ratio);
    const struct pooled_variance v = pooled_variance(&p, NULL),
                                 of_root = pooled_variance(&root, NULL);
    ck_assert_double_eq_tol(root.value * root.value, p.value, 1e-12);
    for (int u = 0; u < 2; u++) {
        ck_assert_double_eq_tol(v.unit[u] / naive[u], 1, 1e-4); // sketches are floats
        // d sqrt(x) = dx / (2 sqrt(x))
        ck_assert_double_eq_tol(of_root.unit[u] * 4 * ratio / naive[u], 1, 1e-4);
    }
    ck_assert_double_eq_tol(v.unit[EVIDENCE_ROW] / naive[2], 1, .25); // 600 rows in 1024 buckets
    ck_assert_double_eq(
        v.both, fmax(v.unit[0] + v.unit[1] - v.unit[2], fmax(v.unit[0], v.unit[1])));
    end();
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

int main(void) {
    Suite *suite = suite_create("stats_differences");
    TCase *c = tcase_create("stats_differences");
    tcase_add_test(c, pooled_variance_is_the_naive_one);
    tcase_add_test(c, nothing_to_pool_has_no_value);
    tcase_add_test(c, equal_models_are_ties);
    tcase_add_test(c, higher_is_better_is_the_mirror);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
