// stats_rows < lines: the tests of stats/ on numbers of text: stats.py's way in. Each line is the
// name of a test and its numbers, a count first where there are several lists; each answer is a
// line of numbers.
//
//     wilcoxon N a.. b..              better worse p
//     friedman N_DATA N_MODELS v..    chi2 f p critical rank..
//     resampled RATIO K d..           t p low high
//     holm N p..                      p..
//     range LEVEL N                   q
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/ranks.h"
#include "stats/resampled.h"
#include "stats/signed_rank.h"

static double number(void) {
    double x;
    if (scanf("%lf", &x) != 1) exit(2);
    return x;
}

static double *numbers(size_t n) {
    double *x = malloc((n + 1) * sizeof *x);
    if (!x) abort();
    for (size_t k = 0; k < n; k++) x[k] = number();
    return x;
}

static void print(const double *x, size_t n) {
    for (size_t k = 0; k < n; k++) printf("%.17g ", x[k]);
    printf("\n");
}

static void wilcoxon(void) {
    const size_t n = (size_t)number();
    double *a = numbers(n), *b = numbers(n);
    struct signed_rank s;
    if (!signed_rank_test(&s, a, b, n)) abort();
    print((const double[]){s.better, s.worse, s.p}, 3);
    free(a);
    free(b);
}

static void friedman(void) {
    const size_t n_data = (size_t)number(), n_models = (size_t)number();
    double *values = numbers(n_data * n_models), *rank = calloc(n_models, sizeof *rank);
    struct ranks r;
    if (!rank || !ranks_test(&r, values, n_data, n_models, true, rank)) abort();
    printf("%.17g %.17g %.17g %.17g ", r.chi2, r.f, r.p, r.critical);
    print(rank, n_models);
    free(values);
    free(rank);
}

static void resampled(void) {
    const double ratio = number();
    const size_t k = (size_t)number();
    double *d = numbers(k);
    const struct resampled r = resampled_t(d, k, ratio);
    print((const double[]){r.t, r.p, r.low, r.high}, 4);
    free(d);
}

static void holm(void) {
    const size_t n = (size_t)number();
    double *p = numbers(n);
    holm_adjust(p, n);
    print(p, n);
    free(p);
}

static void range(void) {
    const double level = number(), q = ranks_studentized_range(level, (size_t)number());
    print(&q, 1);
}

int main(void) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"wilcoxon", wilcoxon}, {"friedman", friedman}, {"resampled", resampled},
        {"holm", holm}, {"range", range}};
    enum { N_TESTS = sizeof tests / sizeof *tests };
    char name[16];
    while (scanf("%15s", name) == 1) {
        size_t k = 0;
        while (k < N_TESTS && strcmp(tests[k].name, name) != 0) k++;
        if (k == N_TESTS) return 2;
        tests[k].run();
    }
    return 0;
}
