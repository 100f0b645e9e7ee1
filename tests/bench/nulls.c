// nulls [SIMULATIONS] - how often the comparison of models errs, on losses made for it.
//
// Each line is a kind of losses (support/made_losses.h), in percent of the simulations. First all
// models are equal: `baseline` is how often any is called different from the baseline, `best` how
// often any is told from the best, `own` how often a model's own interval misses its value; these
// should be 5 (two standard deviations of 2000 simulations are 1.0). `variance` is the stated
// variance of a difference over the true one, 100. Then the first model is the best, the second
// worse by what is said to be found with 80 %, the others by half as much more each: `power` is how
// often the second is told from the first, `missed` how often any interval to the best misses the
// truth, at most 5. (Where models are alike, the second is of the other kind than the first, and so
// less like it than most: found less often.)
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/differences.h"
#include "support/made_losses.h"

struct regime {
    const char *name;
    struct losses losses;
};
static const struct regime regimes[] = {
    {"rows alone", {500, 700, 10000, 5, 0, 0, 1, 0, 0, NULL}},
    {"users", {500, 700, 10000, 5, 1, 0, .3, 0, 0, NULL}},
    {"items", {500, 700, 10000, 5, 0, 1, .3, 0, 0, NULL}},
    {"users and items", {500, 700, 10000, 5, .5, .5, 1, 0, 0, NULL}},
    {"rows alone, long tail", {500, 700, 10000, 5, 0, 0, 1, 1, 0, NULL}},
    {"all, long tail", {500, 700, 10000, 5, .2, .2, 1, 1, 0, NULL}},
    {"users, long tail", {500, 700, 10000, 5, 1, 0, .3, 1, 0, NULL}},
    {"items, long tail", {500, 700, 10000, 5, 0, 1, .3, 1, 0, NULL}},
    {"all, long tail, 2 models", {500, 700, 10000, 2, .2, .2, 1, 1, 0, NULL}},
    {"all, long tail, 20 models", {500, 700, 10000, 20, .2, .2, 1, 1, 0, NULL}},
    {"all, long tail, alike", {500, 700, 10000, 20, .2, .2, 1, 1, .9, NULL}},
    {"all, longer tail", {500, 700, 10000, 5, .2, .2, 1, 1.5, 0, NULL}},
    {"items, longer tail", {500, 700, 10000, 5, 0, 1, .3, 1.5, 0, NULL}},
    {"all, 40 users", {40, 700, 4000, 5, .3, .2, 1, 0, 0, NULL}},
    {"users, 20 users", {20, 700, 4000, 5, 1, 0, .3, 0, 0, NULL}},
    {"users, 10 users", {10, 700, 3000, 5, 1, 0, .3, 0, 0, NULL}},
    {"as ml-100k", {943, 1682, 100000, 5, .1, .1, 1, 1, 0, NULL}},
};
enum { MODELS_MOST = 20 };

struct rates {
    double baseline, best, own, variance, square, power, missed, detectable;
};

static void compare(struct differences *d, const struct made_losses *m, uint64_t seed,
    struct pooled *models, struct arena *a) {
    struct error e = {0};
    made_losses_pool(m, seed, models, a);
    const struct differences_job job = {models, m->of.n_models, true, 0, .95, seed};
    if (!differences_make(d, &job, a, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
}

static void one_null(struct made_losses *m, uint64_t seed, struct rates *r) {
    struct arena a = {0};
    struct pooled models[MODELS_MOST];
    struct differences d;
    made_losses_draw(m, seed);
    compare(&d, m, seed, models, &a);
    bool differs = false;
    for (size_t k = 1; k < m->of.n_models; k++) differs |= d.rows[k].base.p <= .05;
    r->baseline += differs;
    r->best += d.n_best < m->of.n_models;
    r->own += d.rows[0].low > 1 || d.rows[0].high < 1;
    r->variance += pooled_variance(&models[0], &models[1]).both;
    r->square += d.rows[1].base.value * d.rows[1].base.value;
    r->detectable += d.detectable;
    arena_done(&a);
}

// The first model is the best by `apart`; those from the third on are still worse.
static void one_planted(struct made_losses *m, uint64_t seed, double apart, struct rates *r) {
    struct arena a = {0};
    struct pooled models[MODELS_MOST];
    struct differences d;
    double shift[MODELS_MOST] = {0};
    for (size_t k = 1; k < m->of.n_models; k++) shift[k] = apart * (1 + .5 * (double)(k - 1));
    m->of.shift = shift;
    made_losses_draw(m, seed);
    compare(&d, m, seed, models, &a);
    bool missed = false;
    for (size_t k = 0; k < m->of.n_models; k++)
        missed |= shift[k] < d.rows[k].best.low || shift[k] > d.rows[k].best.high;
    r->missed += missed;
    r->power += d.rows[0].may_be_best && !d.rows[1].may_be_best;
    arena_done(&a);
}

int main(int argc, char **argv) {
    const int n = argc > 1 ? atoi(argv[1]) : 2000;
    printf("%-26s %8s %8s %8s %8s %8s %8s\n", "", "baseline", "best", "own", "variance", "power",
        "missed");
    for (size_t k = 0; k < sizeof regimes / sizeof *regimes; k++) {
        struct rates r = {0};
        struct made_losses m = made_losses(&regimes[k].losses, k);
        for (int s = 0; s < n; s++) one_null(&m, (uint64_t)s, &r);
        for (int s = 0; s < n; s++) one_planted(&m, (uint64_t)(n + s), r.detectable / n, &r);
        made_losses_done(&m);
        printf("%-26s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f\n", regimes[k].name, 100 * r.baseline / n,
            100 * r.best / n, 100 * r.own / n, 100 * r.variance / r.square, 100 * r.power / n,
            100 * r.missed / n);
        fflush(stdout);
    }
    return 0;
}
