// bmf_joint.h - bmf's sampler against its own model: J. Geweke, "Getting it right: joint
// distribution tests of posterior simulators", JASA 99, 2004.
//
// Parameters and ratings are drawn from the prior, over and over, by code that has nothing in
// common with the sampler; and by a chain that alternates the sampler's sweep with new ratings
// given the parameters. Both have the same joint distribution if, and all but only if, the sweep
// leaves the posterior as it is. Compared are the means of functions of the state, by z scores.
//
// The hyperpriors are Gamma(k/2, k/2) with k = JOINT_PRIOR rather than 1, so that the numbers have
// moments; the formulas are the same.
#ifndef SUPPORT_BMF_JOINT_H
#define SUPPORT_BMF_JOINT_H

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bmf/bmf_gibbs.h"
#include "core/random.h"
#include "model/host.h"

enum {
    JOINT_USERS = 7,
    JOINT_ITEMS = 6, // the last ones of both have no ratings
    JOINT_GENRES = 3,
    JOINT_RANK = 2,
    JOINT_PRIOR = 12,
    JOINT_LEVELS = 4,
    JOINT_DAYS = 3,
    JOINT_MOST = JOINT_USERS * JOINT_ITEMS,
    JOINT_MOST_STATS = 96,
    JOINT_BATCHES = 200
};

struct joint_kind {
    const char *name;
    bool genres, rated[2], probit, days, noise;
};

struct joint {
    struct joint_kind kind;
    struct host host;
    rk_data data;
    rk_pairs valid;
    rk_features genre;
    int64_t time[JOINT_MOST];
    struct bmf_calendar calendar;
    uint64_t start[2][JOINT_USERS + 1], genre_start[JOINT_ITEMS + 1];
    uint32_t col[2][JOINT_MOST], other[JOINT_MOST], genre_col[2 * JOINT_ITEMS];
    float value[2][JOINT_MOST], genre_value[2 * JOINT_ITEMS];
    struct bmf_chain chain;
    uint64_t stream; // of the test's own random numbers, and those at hand
    float normal[256];
    size_t n_normals;
    const char *name[JOINT_MOST_STATS];
    uint32_t n_stats;
};

// Means of functions of the state, and their errors.
struct joint_means {
    double mean[JOINT_MOST_STATS], error[JOINT_MOST_STATS];
};

// ---- The data ----------------------------------------------------------------------------------

static bool joint_is_rated(uint32_t u, uint32_t i) {
    return u + 1 < JOINT_USERS && i + 1 < JOINT_ITEMS && (u * 5 + i * 3) % 7 < 4;
}

static inline void joint_ratings(struct joint *j) {
    static const uint32_t n_rows[2] = {JOINT_USERS, JOINT_ITEMS};
    for (int side = 0; side < 2; side++) {
        uint64_t n = 0;
        for (uint32_t r = 0; r < n_rows[side]; r++) {
            for (uint32_t c = 0; c < n_rows[!side]; c++)
                if (side ? joint_is_rated(c, r) : joint_is_rated(r, c)) {
                    j->col[side][n] = c;
                    j->value[side][n] = (float)(n % JOINT_LEVELS);
                    n++;
                }
            j->start[side][r + 1] = n;
        }
    }
    // Where the rating of an item's entry is among those by user.
    for (uint32_t i = 0; i < JOINT_ITEMS; i++)
        for (uint64_t e = j->start[1][i]; e < j->start[1][i + 1]; e++)
            for (uint64_t k = j->start[0][j->col[1][e]]; k < j->start[0][j->col[1][e] + 1]; k++)
                if (j->col[0][k] == i) j->other[e] = (uint32_t)k;
    for (uint64_t e = 0; e < j->start[1][JOINT_ITEMS]; e++)
        j->value[1][e] = j->value[0][j->other[e]];
}

// Of each rating, among JOINT_DAYS.
static inline void joint_times(struct joint *j) {
    for (uint32_t u = 0; u < JOINT_USERS; u++)
        for (uint64_t e = j->start[0][u]; e < j->start[0][u + 1]; e++)
            j->time[e] = 86400 * (int64_t)((u + 2 * j->col[0][e]) % JOINT_DAYS);
}

static inline void joint_genres(struct joint *j) {
    static const char *const names[] = {"a", "b", "c"};
    uint64_t n = 0;
    for (uint32_t i = 0; i < JOINT_ITEMS; i++) {
        for (uint32_t g = 0; g < JOINT_GENRES; g++)
            if (g == i % JOINT_GENRES || (i == 2 && g == 1)) {
                j->genre_col[n] = g;
                j->genre_value[n++] = 1;
            }
        j->genre_start[i + 1] = n;
    }
    j->genre = (rk_features){.name = "genre",
        .kind = RK_FEATURE_BINARY,
        .values = {JOINT_ITEMS, JOINT_GENRES, j->genre_start, j->genre_col, j->genre_value},
        .col_names = names};
}

// False: the chain could not be started.
static inline bool joint_init(struct joint *j, const struct joint_kind *kind, uint64_t seed) {
    *j = (struct joint){.kind = *kind, .stream = seed << 32};
    host_init(&j->host, NULL, seed);
    joint_ratings(j);
    joint_genres(j);
    j->valid.size = sizeof j->valid;
    j->data = (rk_data){.size = sizeof j->data,
        .n_users = JOINT_USERS,
        .n_items = JOINT_ITEMS,
        .by_user = {JOINT_USERS, JOINT_ITEMS, j->start[0], j->col[0], j->value[0]},
        .by_item = {JOINT_ITEMS, JOINT_USERS, j->start[1], j->col[1], j->value[1]},
        .rating_max = JOINT_LEVELS,
        .n_item_features = kind->genres,
        .features_stride = sizeof j->genre,
        .item_features = &j->genre,
        .valid = &j->valid};
    if (kind->days) {
        joint_times(j);
        j->data.time = j->time;
        if (bmf_calendar_init(&j->calendar, &j->data) != RK_OK) return false;
    }
    const struct standard standard = {0, 1};
    const struct bmf_knowledge knows = {.side = {false, kind->genres},
        .rated = {kind->rated[0], kind->rated[1]},
        .noise = {kind->noise, kind->noise},
        .calendar = kind->days ? &j->calendar : NULL};
    if (bmf_chain_init(&j->chain, &j->host.api, &j->data, &standard, JOINT_RANK, &knows) != RK_OK)
        return false;
    j->chain.prior = JOINT_PRIOR;
    return !kind->probit || bmf_latent_start(&j->chain, &j->data) == RK_OK;
}

static inline void joint_done(struct joint *j) {
    bmf_chain_done(&j->chain);
    bmf_calendar_done(&j->calendar);
}

// ---- From the prior ----------------------------------------------------------------------------

static double joint_normal(struct joint *j) {
    if (j->n_normals == 0) {
        j->n_normals = sizeof j->normal / sizeof *j->normal;
        random_normal(77, j->stream++, j->normal, j->n_normals);
    }
    return j->normal[--j->n_normals];
}

static const float JOINT_LEVEL = 0.3f;

// Gamma(k/2, k/2): the mean of k squared normal numbers.
static double joint_gamma(struct joint *j) {
    double sum = 0;
    for (int k = 0; k < JOINT_PRIOR; k++) {
        const double z = joint_normal(j);
        sum += z * z;
    }
    return sum / JOINT_PRIOR;
}

// gamma of the rows with ratings, a being as likely at each point of bmf_noise.c's grid.
static inline void joint_quiet(struct joint *j, int side) {
    struct bmf_chain *c = &j->chain;
    const double k = floor(64 * gsl_cdf_ugaussian_P(joint_normal(j))), a = 0.5 * exp2(k / 8);
    c->quiet_shape[side] = a;
    for (uint32_t r = 0; r + 1 < c->block[side].n; r++)
        c->quiet[side][r] =
            (float)gsl_cdf_gamma_Pinv(gsl_cdf_ugaussian_P(joint_normal(j)), a, 1 / a);
}

// The precision of a rating's noise.
static inline double joint_precision(const struct joint *j, uint32_t u, uint32_t i) {
    const struct bmf_chain *c = &j->chain;
    return (double)c->precision * (c->quiet[0] ? c->quiet[0][u] : 1) *
           (c->quiet[1] ? c->quiet[1][i] : 1);
}

// lambda and mu of n groups, and their numbers.
static inline void joint_hyper(struct joint *j, float *mean, float *precision) {
    for (size_t k = 0; k <= JOINT_RANK; k++) {
        precision[k] = (float)joint_gamma(j);
        mean[k] = (float)(joint_normal(j) / sqrt(precision[k]));
    }
}

static inline void joint_rows(
    struct joint *j, const float *mean, const float *precision, float *x, size_t n) {
    for (size_t r = 0; r < n; r++)
        for (size_t k = 0; k <= JOINT_RANK; k++)
            x[r * j->chain.ld + k] = (float)(mean[k] + joint_normal(j) / sqrt(precision[k]));
}

// factor and bias = own + sum over features of x w, by definition.
static inline void joint_sum(struct joint *j, int side) {
    struct bmf_block *b = &j->chain.block[side];
    const size_t ld = j->chain.ld;
    if (b->base) memset(b->base, 0, b->n * ld * sizeof *b->base);
    for (uint32_t l = 0; l < b->features.n; l++)
        for (uint64_t e = b->features.start[l]; e < b->features.start[l + 1]; e++)
            for (size_t k = 0; k <= JOINT_RANK; k++)
                b->base[b->features.row[e] * ld + k] +=
                    b->features.value[e] * b->weight[l * ld + k];
    for (size_t r = 0; r < b->n; r++)
        for (size_t k = 0; k <= JOINT_RANK; k++) {
            const float x = b->own[r * ld + k] + (b->base ? b->base[r * ld + k] : 0);
            *(k < JOINT_RANK ? b->factor + r * j->chain.stride + k : b->bias + r) = x;
        }
}

// Of entry e of those by user.
static double joint_f(const struct joint *j, uint32_t u, uint64_t e) {
    const struct bmf_block *user = &j->chain.block[0], *item = &j->chain.block[1];
    const uint32_t i = j->col[0][e];
    double sum = (double)j->chain.level + user->bias[u] + item->bias[i];
    for (size_t k = 0; k < JOINT_RANK; k++)
        sum +=
            (double)user->factor[u * j->chain.stride + k] * item->factor[i * j->chain.stride + k];
    if (!j->kind.days) return sum;
    const struct bmf_block *day = &j->chain.block[BMF_DAY];
    const uint32_t d = (u + 2 * i) % JOINT_DAYS;
    for (size_t k = 0; k < JOINT_RANK; k++)
        sum += ((double)user->factor[u * j->chain.stride + k] +
                   item->factor[i * j->chain.stride + k]) *
               day->factor[d * j->chain.stride + k];
    return sum + day->bias[d];
}

// Ratings given all else. The level's prior is flat, and there is no drawing from it; but nothing
// changes if level and ratings move together, so that the level can be brought back here, and all
// that does not depend on it has the distribution that it has with this level.
static inline bool joint_rate(struct joint *j) {
    struct bmf_chain *c = &j->chain;
    float *to = c->block[0].target;
    c->level = j->kind.probit ? 0 : JOINT_LEVEL;
    for (uint32_t u = 0; u < JOINT_USERS; u++)
        for (uint64_t e = j->start[0][u]; e < j->start[0][u + 1]; e++)
            to[e] = (float)(joint_f(j, u, e) +
                            joint_normal(j) / sqrt(joint_precision(j, u, j->col[0][e])));
    for (uint64_t e = 0; e < j->start[1][JOINT_ITEMS]; e++) c->block[1].target[e] = to[j->other[e]];
    if (j->kind.days && bmf_days_targets(c) != RK_OK) return false;
    if (!j->kind.probit) return true;
    struct bmf_probit *p = &c->probit;
    memset(p->count, 0, sizeof p->count);
    for (uint64_t e = 0; e < p->n; e++) {
        p->level[e] = 0;
        for (uint32_t l = 0; l + 1 < p->n_levels; l++) p->level[e] += to[e] > p->cut[l];
        p->count[p->level[e]]++;
    }
    return true;
}

static int joint_ascending(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static inline bool joint_from_prior(struct joint *j) {
    struct bmf_chain *c = &j->chain;
    for (int side = 0; side < c->n_sides; side++) {
        struct bmf_block *b = &c->block[side];
        joint_hyper(j, b->mean, b->precision);
        joint_rows(j, b->mean, b->precision, b->own, b->n);
        for (uint32_t g = 0; g < b->features.n_groups; g++) {
            const struct bmf_group *group = b->features.group + g;
            float *mean = b->mean + (1 + g) * c->ld, *precision = b->precision + (1 + g) * c->ld;
            joint_hyper(j, mean, precision);
            joint_rows(j, mean, precision, b->weight + group->first * c->ld, group->n);
        }
        joint_sum(j, side);
        if (j->kind.noise && side < 2) joint_quiet(j, side);
    }
    c->precision = j->kind.probit ? 1 : (float)joint_gamma(j);
    if (j->kind.probit) {
        const uint32_t n = c->probit.n_levels - 1;
        for (uint32_t l = 0; l < n; l++) c->probit.cut[l] = (float)(3 * joint_normal(j));
        qsort(c->probit.cut, n, sizeof *c->probit.cut, joint_ascending);
    }
    return joint_rate(j);
}

// ---- Functions of the state --------------------------------------------------------------------

static void joint_stat(struct joint *j, double *at, uint32_t *n, const char *name, double x) {
    j->name[*n] = name;
    at[(*n)++] = x;
}

static inline void joint_side_stats(struct joint *j, int side, double *at, uint32_t *n) {
    static const char *const names[BMF_SIDES][12] = {
        {"user: log lambda", "user: mu", "user: mu^2", "user: own", "user: own^2",
            "user: own - mu squared", "cold user: own^2", "cold user: row^2",
            "user's feature: log lambda", "user's feature: mu^2", "user's feature: w^2",
            "user's feature: w own"},
        {"item: log lambda", "item: mu", "item: mu^2", "item: own", "item: own^2",
            "item: own - mu squared", "cold item: own^2", "cold item: row^2",
            "item's feature: log lambda", "item's feature: mu^2", "item's feature: w^2",
            "item's feature: w own"},
        {"day: log lambda", "day: mu", "day: mu^2", "day: own", "day: own^2",
            "day: own - mu squared", "cold day: own^2", "cold day: row^2"}};
    const struct bmf_block *b = &j->chain.block[side];
    const size_t ld = j->chain.ld;
    for (size_t k = 0; k <= JOINT_RANK; k += JOINT_RANK) { // of a factor, and of the bias
        const double mu = b->mean[k], own = b->own[k], cold = b->own[(b->n - 1) * ld + k];
        const double row =
            k < JOINT_RANK ? b->factor[(b->n - 1) * j->chain.stride + k] : b->bias[b->n - 1];
        joint_stat(j, at, n, names[side][0], log(b->precision[k]));
        joint_stat(j, at, n, names[side][1], mu);
        joint_stat(j, at, n, names[side][2], mu * mu);
        joint_stat(j, at, n, names[side][3], own);
        joint_stat(j, at, n, names[side][4], own * own);
        joint_stat(j, at, n, names[side][5], (own - mu) * (own - mu) * b->precision[k]);
        joint_stat(j, at, n, names[side][6], cold * cold);
        joint_stat(j, at, n, names[side][7], row * row);
        for (uint32_t g = 0; g < b->features.n_groups; g++) {
            const size_t first = b->features.group[g].first;
            const double w = b->weight[first * ld + k];
            joint_stat(j, at, n, names[side][8], log(b->precision[(1 + g) * ld + k]));
            joint_stat(j, at, n, names[side][9],
                b->mean[(1 + g) * ld + k] * (double)b->mean[(1 + g) * ld + k]);
            joint_stat(j, at, n, names[side][10], w * w);
            joint_stat(j, at, n, names[side][11], w * own);
        }
    }
}

static inline uint32_t joint_stats(struct joint *j, double *at) {
    const struct bmf_chain *c = &j->chain;
    uint32_t n = 0;
    const double f = joint_f(j, 0, 0), y = c->block[0].target[0];
    for (int side = 0; side < c->n_sides; side++) joint_side_stats(j, side, at, &n);
    for (int side = 0; side < 2 && j->kind.noise; side++) {
        const double gamma = c->quiet[side][0], a = c->quiet_shape[side];
        joint_stat(j, at, &n, side ? "item: log a" : "user: log a", log(a));
        joint_stat(j, at, &n, side ? "item: gamma" : "user: gamma", gamma);
        joint_stat(j, at, &n, side ? "item: a log gamma" : "user: a log gamma", a * log(gamma));
    }
    joint_stat(j, at, &n, "log(1 + f^2)", log1p(f * f)); // f^2 itself has a long tail
    joint_stat(
        j, at, &n, "alpha (y - f)^2", joint_precision(j, 0, j->col[0][0]) * (y - f) * (y - f));
    joint_stat(j, at, &n, "tanh y of two", tanh(y) * tanh(c->block[0].target[1]));
    if (!j->kind.probit) {
        joint_stat(j, at, &n, "alpha", c->precision);
        joint_stat(j, at, &n, "log alpha", log(c->precision));
    } else {
        joint_stat(j, at, &n, "first cutpoint", c->probit.cut[0]);
        joint_stat(j, at, &n, "last cutpoint", c->probit.cut[JOINT_LEVELS - 2]);
        joint_stat(j, at, &n, "cutpoint^2", c->probit.cut[1] * (double)c->probit.cut[1]);
        joint_stat(j, at, &n, "level", c->probit.level[0]);
        joint_stat(j, at, &n, "level tanh f", c->probit.level[0] * tanh(f));
        joint_stat(j, at, &n, "level^2", c->probit.level[1] * (double)c->probit.level[1]);
    }
    return n;
}

// ---- Both ways ---------------------------------------------------------------------------------

// Means over n states, errors by the means of batches; each batch of sweeps starts from the prior,
// so that they are independent however slowly the chain moves. False: a sweep failed.
static inline bool joint_run(struct joint *j, bool sweeps, size_t n, struct joint_means *m) {
    static double batch[JOINT_BATCHES][JOINT_MOST_STATS];
    memset(batch, 0, sizeof batch);
    const size_t each = n / JOINT_BATCHES;
    for (size_t k = 0; k < each * JOINT_BATCHES; k++) {
        double at[JOINT_MOST_STATS];
        struct bmf_draw draw;
        if ((!sweeps || k % each == 0) && !joint_from_prior(j)) return false;
        if (sweeps) {
            // Two: of what a sweep leaves out of step, new ratings alone would see nothing.
            if (bmf_chain_sweep(&j->chain) != RK_OK) return false;
            if (bmf_chain_sweep(&j->chain) != RK_OK) return false;
            if (bmf_chain_draw(&j->chain, &draw) != RK_OK) return false;
            if (!joint_rate(j)) return false;
        }
        j->n_stats = joint_stats(j, at);
        for (uint32_t s = 0; s < j->n_stats; s++) batch[k / each][s] += at[s] / (double)each;
    }
    for (uint32_t s = 0; s < j->n_stats; s++) {
        double sum = 0, squares = 0;
        for (int b = 0; b < JOINT_BATCHES; b++) sum += batch[b][s] / JOINT_BATCHES;
        for (int b = 0; b < JOINT_BATCHES; b++) squares += pow(batch[b][s] - sum, 2);
        m->mean[s] = sum;
        m->error[s] = sqrt(squares / (JOINT_BATCHES - 1) / JOINT_BATCHES);
    }
    return true;
}

// The largest |z|, and which function has it. NAN: a sweep failed.
static inline double joint_compare(
    struct joint *j, size_t n_prior, size_t n_sweeps, const char **which, FILE *table) {
    struct joint_means prior, chain;
    if (!joint_run(j, false, n_prior, &prior) || !joint_run(j, true, n_sweeps, &chain)) return NAN;
    double most = 0;
    for (uint32_t s = 0; s < j->n_stats; s++) {
        const double z = (chain.mean[s] - prior.mean[s]) / hypot(prior.error[s], chain.error[s]);
        if (table)
            fprintf(table, "%-10s %-28s %9.4f +- %6.4f %9.4f +- %6.4f %6.1f\n", j->kind.name,
                j->name[s], prior.mean[s], prior.error[s], chain.mean[s], chain.error[s], z);
        if (!(fabs(z) <= most)) {
            most = fabs(z);
            *which = j->name[s];
        }
    }
    return most;
}

#endif
