// Each kernel of linalg.c, for each instruction set that this CPU has, beside its naive version.
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "common/linalg.c" // its static kernels are what is tested

struct isa {
    const char *name;
    void (*gram)(float *, const float *, size_t, size_t, size_t);
    bool (*cholesky)(float *, size_t, size_t, size_t);
    void (*back)(const float *, size_t, size_t, size_t, float *);
    void (*normal)(float *, const float *, size_t, size_t, size_t, const float *, float *);
    float (*dot)(const float *, const float *, size_t);
    void (*axpy)(float *, float, const float *, size_t);
};
#define ISA(x) \
    { #x, gram_##x, cholesky_##x, back_##x, normal_##x, dot_##x, axpy_##x }

static const struct isa isas[] = {
    ISA(plain),
#ifdef LINALG_X86
    ISA(avx2),
    ISA(avx512),
#endif
};
enum { N_ISAS = sizeof isas / sizeof *isas };

static bool cpu_has(int isa) {
#ifdef LINALG_X86
    if (isa == 1) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == 2) return __builtin_cpu_supports("avx512f");
#endif
    return isa == 0;
}

static const size_t orders[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 48, 52, 66, 130};
enum { N_ORDERS = sizeof orders / sizeof *orders, DEPTH = 37 };

static float *numbers(size_t n, size_t m, uint32_t seed) {
    float *a = linalg_new(n, m);
    ck_assert_ptr_nonnull(a);
    for (size_t e = 0; e < n * m; e++) {
        seed = seed * 1664525u + 1013904223u;
        a[e] = (float)(seed >> 8) / (float)(1 << 23) - 1;
    }
    return a;
}

static void naive_gram(double *c, const float *p, size_t depth, size_t n, size_t ld) {
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            for (size_t m = 0; m < depth; m++)
                c[i * n + j] += (double)p[m * ld + i] * p[m * ld + j];
        }
    }
}

START_TEST(gram_is_the_naive_one) {
    if (!cpu_has(_i)) return;
    for (int o = 0; o < N_ORDERS; o++) {
        const size_t n = orders[o], ld = linalg_pad(n);
        float *p = numbers(DEPTH, ld, 1), *c = linalg_new(ld, ld);
        double *expected = calloc(n * n, sizeof *expected);
        for (int twice = 0; twice < 2; twice++) { // it adds to what is there
            isas[_i].gram(c, p, DEPTH, n, ld);
            naive_gram(expected, p, DEPTH, n, ld);
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t j = i; j < n; j++) {
                ck_assert_msg(fabs(c[i * ld + j] - expected[i * n + j]) < 1e-4,
                    "%s, order %zu: C[%zu][%zu] is %g, expected %g", isas[_i].name, n, i, j,
                    c[i * ld + j], expected[i * n + j]);
            }
        }
        linalg_free(p);
        linalg_free(c);
        free(expected);
    }
}
END_TEST

START_TEST(cholesky_solves_the_bordered_system) {
    if (!cpu_has(_i)) return;
    for (int o = 0; o < N_ORDERS; o++) {
        const size_t n = orders[o], ld = linalg_pad(n + 1);
        float *p = numbers(DEPTH, ld, 2), *a = linalg_new(ld, ld), *x = linalg_new(1, ld);
        double *kept = calloc((n + 1) * (n + 1), sizeof *kept);
        isas[_i].gram(a, p, DEPTH, n + 1, ld);
        naive_gram(kept, p, DEPTH, n + 1, ld);
        for (size_t i = 0; i < n; i++) {
            a[i * ld + i] += 1;
            kept[i * (n + 1) + i] += 1;
            for (size_t j = 0; j < i; j++) a[i * ld + j] = INFINITY; // means nothing
        }
        ck_assert(isas[_i].cholesky(a, n, n + 1, ld));
        isas[_i].back(a, n, ld, n, x);
        for (size_t i = 0; i < n; i++) {
            double left = 0;
            for (size_t j = 0; j < n; j++) left += kept[i * (n + 1) + j] * x[j];
            ck_assert_msg(fabs(left - kept[i * (n + 1) + n]) < 2e-3,
                "%s, order %zu, row %zu: %g, expected %g", isas[_i].name, n, i, left,
                kept[i * (n + 1) + n]);
        }
        linalg_free(p);
        linalg_free(a);
        linalg_free(x);
        free(kept);
    }
}
END_TEST

START_TEST(cholesky_refuses_what_is_not_positive_definite) {
    if (!cpu_has(_i)) return;
    const float pivots[] = {0, -1, NAN};
    for (int k = 0; k < 3; k++) {
        for (size_t bad = 0; bad < 20; bad++) {
            float *a = linalg_new(32, 32);
            for (size_t i = 0; i < 20; i++) a[i * 32 + i] = i == bad ? pivots[k] : 1;
            ck_assert(!isas[_i].cholesky(a, 20, 21, 32));
            linalg_free(a);
        }
    }
}
END_TEST

START_TEST(normal_dot_and_axpy_are_the_naive_ones) {
    if (!cpu_has(_i)) return;
    for (int o = 0; o < N_ORDERS; o++) {
        const size_t n = orders[o], ld = linalg_pad(n);
        float *p = numbers(DEPTH, ld, 3), *v = numbers(1, ld, 4), *y = numbers(1, ld, 5), s[DEPTH];
        double *expected = calloc(n, sizeof *expected), dot = 0;
        for (size_t j = 0; j < n; j++) expected[j] = y[j];
        for (size_t m = 0; m < DEPTH; m++) {
            double inner = 0;
            for (size_t j = 0; j < n; j++) inner += (double)p[m * ld + j] * v[j];
            for (size_t j = 0; j < n; j++) expected[j] += inner * p[m * ld + j];
        }
        isas[_i].normal(y, p, DEPTH, n, ld, v, s);
        for (size_t j = 0; j < n; j++) ck_assert(fabs(y[j] - expected[j]) < 1e-3);

        for (size_t j = 0; j < n; j++) dot += (double)p[j] * v[j];
        ck_assert(fabs(isas[_i].dot(p, v, n) - dot) < 1e-4);
        for (size_t j = 0; j < n; j++) expected[j] = y[j] + 0.5 * v[j];
        isas[_i].axpy(y, 0.5f, v, n);
        for (size_t j = 0; j < n; j++) ck_assert(fabs(y[j] - expected[j]) < 1e-5);
        linalg_free(p);
        linalg_free(v);
        linalg_free(y);
        free(expected);
    }
}
END_TEST

START_TEST(too_large_a_matrix_is_no_memory) {
    ck_assert_ptr_null(linalg_new(SIZE_MAX / 8, 64));
    ck_assert_ptr_null(linalg_new(SIZE_MAX, SIZE_MAX));
    linalg_free(NULL);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("linalg");
    tcase_add_loop_test(cases, gram_is_the_naive_one, 0, N_ISAS);
    tcase_add_loop_test(cases, cholesky_solves_the_bordered_system, 0, N_ISAS);
    tcase_add_loop_test(cases, cholesky_refuses_what_is_not_positive_definite, 0, N_ISAS);
    tcase_add_loop_test(cases, normal_dot_and_axpy_are_the_naive_ones, 0, N_ISAS);
    tcase_add_test(cases, too_large_a_matrix_is_no_memory);
    Suite *suite = suite_create("linalg");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
