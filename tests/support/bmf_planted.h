// bmf_planted.h - ratings from bmf's own model with known variances, a chain run on them, and what
// its posterior says of the truth.
#ifndef SUPPORT_BMF_PLANTED_H
#define SUPPORT_BMF_PLANTED_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bmf/bmf_gibbs.h"
#include "bmf/bmf_kept.h"
#include "core/random.h"
#include "model/host.h"

enum { PLANTED_RANK = 3, PLANTED_LEVELS = 5 };

struct planted_size {
    uint32_t n_users, n_items;
    double share; // of the cells that are training ratings; as many again are held out, but for
                  // one in ten
    bool probit;  // ratings are levels 1 .. 5
    double unit, center; // of the scale; else 1, 0
};

struct planted {
    struct planted_size size;
    struct host host;
    rk_data data;
    rk_pairs valid, test;
    uint64_t *start[2];
    uint32_t *col[2], *test_user, *test_item;
    float *value[2], *test_rating;
    struct standard standard;
    struct bmf_chain chain;
};

static const double planted_noise = 0.7, planted_bias[2] = {0.4, 0.5}, planted_factor = 0.6;

static inline double planted_cell(const struct planted *p, const float *z, uint32_t u, uint32_t i) {
    const float *user = z + (size_t)u * (PLANTED_RANK + 1),
                *item = z + (size_t)(p->size.n_users + i) * (PLANTED_RANK + 1);
    double sum = planted_bias[0] * user[0] + planted_bias[1] * item[0];
    for (int k = 1; k <= PLANTED_RANK; k++)
        sum += planted_factor * planted_factor * user[k] * item[k];
    return sum;
}

static inline float planted_rating(const struct planted *p, double f, double noise) {
    if (!p->size.probit)
        return (float)(p->size.center + p->size.unit * (f + planted_noise * noise));
    static const double cut[PLANTED_LEVELS - 1] = {-1.8, -0.9, 0.1, 1.3};
    int level = 1;
    for (int l = 0; l < PLANTED_LEVELS - 1; l++) level += f + noise > cut[l];
    return (float)level;
}

static inline void planted_transpose(struct planted *p) {
    const uint32_t n_users = p->size.n_users, n_items = p->size.n_items;
    const uint64_t n = p->start[0][n_users];
    for (uint64_t e = 0; e < n; e++) p->start[1][p->col[0][e] + 1]++;
    for (uint32_t i = 0; i < n_items; i++) p->start[1][i + 1] += p->start[1][i];
    uint64_t *next = malloc(n_items * sizeof *next);
    memcpy(next, p->start[1], n_items * sizeof *next);
    for (uint32_t u = 0; u < n_users; u++)
        for (uint64_t e = p->start[0][u]; e < p->start[0][u + 1]; e++) {
            const uint64_t to = next[p->col[0][e]]++;
            p->col[1][to] = u;
            p->value[1][to] = p->value[0][e];
        }
    free(next);
}

// Room is taken without asking: tests run where there is some.
static inline void planted_init(struct planted *p, const struct planted_size *size, uint64_t seed) {
    const uint32_t n_users = size->n_users, n_items = size->n_items;
    const size_t cells = (size_t)n_users * n_items,
                 numbers = (size_t)(n_users + n_items) * (PLANTED_RANK + 1);
    *p = (struct planted){.size = *size};
    if (p->size.unit == 0) p->size.unit = 1;
    host_init(&p->host, NULL, seed);
    for (int side = 0; side < 2; side++) {
        p->start[side] = calloc((side ? n_items : n_users) + 1, sizeof *p->start[side]);
        p->col[side] = malloc(cells * sizeof *p->col[side]);
        p->value[side] = malloc(cells * sizeof *p->value[side]);
    }
    p->test_user = malloc(cells * sizeof *p->test_user);
    p->test_item = malloc(cells * sizeof *p->test_item);
    p->test_rating = malloc(cells * sizeof *p->test_rating);
    float *z = malloc(numbers * sizeof *z), *noise = malloc(n_items * sizeof *noise),
          *chance = malloc(n_items * sizeof *chance);
    random_normal(seed, 1, z, numbers);
    uint64_t n = 0;
    for (uint32_t u = 0; u < n_users; u++) {
        random_normal(seed, 100 + 2 * (uint64_t)u, noise, n_items);
        random_uniform(seed, 101 + 2 * (uint64_t)u, chance, n_items);
        for (uint32_t i = 0; i < n_items; i++) {
            const float r = planted_rating(p, planted_cell(p, z, u, i), noise[i]);
            if (chance[i] < size->share) {
                p->col[0][n] = i;
                p->value[0][n++] = r;
            } else if (chance[i] < 1.9 * size->share) {
                p->test_user[p->test.n] = u;
                p->test_item[p->test.n] = i;
                p->test_rating[p->test.n++] = r;
            }
        }
        p->start[0][u + 1] = n;
    }
    free(z);
    free(noise);
    free(chance);
    planted_transpose(p);
    p->valid.size = p->test.size = sizeof p->test;
    p->test.users = p->test_user;
    p->test.items = p->test_item;
    p->data = (rk_data){.size = sizeof p->data,
        .n_users = n_users,
        .n_items = n_items,
        .by_user = {n_users, n_items, p->start[0], p->col[0], p->value[0]},
        .by_item = {n_items, n_users, p->start[1], p->col[1], p->value[1]},
        .rating_min = -1000,
        .rating_max = 1000,
        .valid = &p->valid};
    p->standard = standard_of(&p->data);
}

static inline void planted_done(struct planted *p) {
    for (int side = 0; side < 2; side++) {
        free(p->start[side]);
        free(p->col[side]);
        free(p->value[side]);
    }
    free(p->test_user);
    free(p->test_item);
    free(p->test_rating);
    bmf_chain_done(&p->chain);
}

// Starts the chain.
static inline bool planted_start(struct planted *p, size_t rank) {
    const struct bmf_knowledge nothing = {.side = {false}};
    return bmf_chain_init(&p->chain, &p->host.api, &p->data, &p->standard, rank, &nothing) ==
               RK_OK &&
           (!p->size.probit || bmf_latent_start(&p->chain, &p->data) == RK_OK);
}

// Answers to the test pairs, on the data's scale, from n_kept draws after as many sweeps before.
static inline bool planted_answer(struct planted *p, uint32_t n_kept, float *mean, float *sd) {
    const struct bmf_shape shape = {p->size.n_users, p->size.n_items, 0, (uint32_t)p->chain.rank};
    const struct bmf_probit *probit = &p->chain.probit;
    struct bmf_kept kept;
    float value[BMF_PROBIT_LEVELS];
    for (uint32_t l = 0; l < probit->n_levels; l++)
        value[l] = standard_apply(&p->standard, probit->value[l]);
    bool ok = bmf_kept_init(&kept, &shape, n_kept, n_kept, value, probit->n_levels) == RK_OK;
    for (uint32_t s = 0; ok && s < 2 * n_kept; s++) {
        struct bmf_draw draw;
        ok = bmf_chain_sweep(&p->chain) == RK_OK;
        if (ok && s >= n_kept)
            ok = bmf_chain_draw(&p->chain, &draw) == RK_OK &&
                 bmf_kept_add(&kept, &p->host.api, &draw) == RK_OK;
    }
    ok = ok && bmf_kept_finish(&kept) == RK_OK &&
         bmf_kept_predict(&kept, &p->test, NULL, mean, sd) == RK_OK;
    for (size_t k = 0; ok && k < p->test.n; k++) {
        mean[k] = (float)(p->standard.center + p->standard.unit * mean[k]);
        sd[k] *= (float)p->standard.unit;
    }
    bmf_kept_done(&kept);
    return ok;
}

// ---- Variances ---------------------------------------------------------------------------------

enum planted_variance {
    PLANTED_NOISE,
    PLANTED_USERS,
    PLANTED_ITEMS,
    PLANTED_TASTE,
    PLANTED_VARIANCES
};

// In the units of what was planted: of noise, biases, and p.q.
static inline void planted_variances(const struct planted *p, double at[PLANTED_VARIANCES]) {
    const struct bmf_chain *c = &p->chain;
    const double unit = p->standard.unit / p->size.unit;
    at[PLANTED_NOISE] = unit * unit / c->precision;
    at[PLANTED_TASTE] = 0;
    for (int side = 0; side < 2; side++)
        at[PLANTED_USERS + side] = unit * unit / c->block[side].precision[c->rank];
    for (size_t k = 0; k < c->rank; k++)
        at[PLANTED_TASTE] +=
            unit * unit / ((double)c->block[0].precision[k] * c->block[1].precision[k]);
}

static inline void planted_truth(double at[PLANTED_VARIANCES]) {
    at[PLANTED_NOISE] = planted_noise * planted_noise;
    at[PLANTED_USERS] = planted_bias[0] * planted_bias[0];
    at[PLANTED_ITEMS] = planted_bias[1] * planted_bias[1];
    at[PLANTED_TASTE] = PLANTED_RANK * pow(planted_factor, 4);
}

// Whether 90 % intervals of n sweeps, after n / 2 more, have the truth in them: adds to covered[].
static inline bool planted_intervals(
    struct planted *p, size_t n, uint32_t covered[PLANTED_VARIANCES]) {
    size_t below[PLANTED_VARIANCES] = {0};
    double truth[PLANTED_VARIANCES];
    planted_truth(truth);
    for (size_t s = 0; s < n + n / 2; s++) {
        double now[PLANTED_VARIANCES];
        if (bmf_chain_sweep(&p->chain) != RK_OK) return false;
        planted_variances(p, now);
        for (int v = 0; s >= n / 2 && v < PLANTED_VARIANCES; v++) below[v] += now[v] < truth[v];
    }
    for (int v = 0; v < PLANTED_VARIANCES; v++) {
        const double rank = (double)below[v] / (double)n;
        covered[v] += rank > 0.05 && rank < 0.95;
    }
    return true;
}

#endif
