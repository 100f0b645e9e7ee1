// Adam against the algorithm written out in double precision.
#include <check.h>
#include <math.h>

#include "common/adam.c"
#include "model/host.h"

enum { N = 12, ROW = 3, STEPS = 5 };

static const struct adam_rule rule = {
    .rate = 0.01, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-6, .l2 = 0.1, .decay = 0.05};

static float gradient_at(int step, int k) {
    return (float)sin(1 + step * 7 + k * 3);
}

struct plain {
    double w[N], m[N], v[N];
    int t[N];
};

static void plain_step(struct plain *p, int step, int k) {
    const double g = (double)gradient_at(step, k) + rule.l2 * p->w[k];
    p->t[k]++;
    p->m[k] = rule.beta1 * p->m[k] + (1 - rule.beta1) * g;
    p->v[k] = rule.beta2 * p->v[k] + (1 - rule.beta2) * g * g;
    const double m = p->m[k] / (1 - pow(rule.beta1, p->t[k])),
                 v = p->v[k] / (1 - pow(rule.beta2, p->t[k]));
    p->w[k] -= rule.rate * m / (sqrt(v) + rule.epsilon) + rule.rate * rule.decay * p->w[k];
}

static void start(float *w, struct plain *p) {
    *p = (struct plain){0};
    for (int k = 0; k < N; k++) p->w[k] = w[k] = (float)cos(k);
}

START_TEST(whole) {
    struct host host;
    struct adam a;
    struct plain p;
    float w[N], g[N];
    host_init(&host, NULL, 1);
    start(w, &p);
    ck_assert(adam_init(&a, N, 0));
    for (int s = 0; s < STEPS; s++) {
        for (int k = 0; k < N; k++) {
            g[k] = gradient_at(s, k);
            plain_step(&p, s, k);
        }
        ck_assert_int_eq(adam_step(&a, &host.api, &rule, w, g), RK_OK);
    }
    for (int k = 0; k < N; k++) ck_assert_double_eq_tol(w[k], p.w[k], 1e-6);
    adam_done(&a);
}
END_TEST

START_TEST(by_rows) {
    struct host host;
    struct adam a;
    struct plain p;
    float w[N], g[N];
    host_init(&host, NULL, 1);
    start(w, &p);
    ck_assert(adam_init(&a, N, ROW));
    for (int s = 0; s < STEPS; s++) {
        const uint32_t at[2] = {3, (uint32_t)s % 2}; // row 2 never, row 3 always
        for (int r = 0; r < 2; r++)
            for (int k = 0; k < ROW; k++) {
                const int of = (int)at[r] * ROW + k;
                g[r * ROW + k] = gradient_at(s, of);
                plain_step(&p, s, of);
            }
        ck_assert_int_eq(adam_step_rows(&a, &host.api, &rule, w, at, 2, g), RK_OK);
    }
    for (int k = 0; k < N; k++) ck_assert_double_eq_tol(w[k], p.w[k], 1e-6);
    for (int k = 2 * ROW; k < 3 * ROW; k++) ck_assert_float_eq(w[k], (float)cos(k));
    adam_done(&a);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("adam");
    TCase *c = tcase_create("adam");
    tcase_add_test(c, whole);
    tcase_add_test(c, by_rows);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
