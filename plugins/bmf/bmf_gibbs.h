// bmf_gibbs.h - the Gibbs sampler: sides, what they are made of, and a sweep over all of it.
//
// Unknowns of a row: its factors and, behind them, its bias: one vector of rank + 1 numbers.
//
//     row = own + sum over its features l of x_l w_l
//     own ~ N(mu_0, 1 / lambda_0),   w_l ~ N(mu_g, 1 / lambda_g)   for l in group g, each number
//     mu | lambda ~ N(0, 1 / lambda),   lambda ~ Gamma(1/2, 1/2)
//     y = level + b_u + b_i + p_u.q_i [+ b_d + p_u.t_d + q_i.t_d] + noise,   noise ~ N(0, 1 /
//     (alpha gamma_u gamma_i)), alpha ~ Gamma(1/2, 1/2),   gamma_u ~ Gamma(a, a),   gamma_i ~
//     Gamma(a', a')
//
// Given the other side, rows are independent, and each is drawn as a whole from its posterior:
// with z = [other's factors; 1] for each rating, G = sum z z', c = sum z (y - level - other's
// bias),
//
//     row ~ N(A^-1 (alpha c + lambda_0 m), A^-1),   A = alpha G + lambda_0,   m = mu_0 + x w
//
// With days d of ratings, which are a third side, z is made of the sum of both others' factors, and
// what both are without the row is taken off y: a user's is [q_i + t_d; 1] and
// y - level - b_i - b_d - q_i.t_d. Days have neither features nor gamma.
//
// (R. Salakhutdinov, A. Mnih: Bayesian probabilistic matrix factorization using MCMC, ICML 2008.)
// Without gamma, users who rate at random pass for users of strong taste in items that hardly
// anybody else rated, and alpha grows past all measure: B. Lakshminarayanan, G. Bouchard, C.
// Archambeau: Robust Bayesian matrix factorisation (AISTATS 2011).
//
// Features are drawn twice a sweep: given rows (centred: a regression of rows on features, J. Simm
// et al.: Macau, MLSP 2017), and given the rows' own parts (free: rows move along, and G says what
// ratings think of it). The first mixes where rows have many ratings, the second where few; both
// in turn: Y. Yu, X.-L. Meng: To center or not to center (JCGS 20, 2011).
#ifndef BMF_GIBBS_H
#define BMF_GIBBS_H

#include <stdbool.h>

#include "bmf_days.h"
#include "bmf_draw.h"
#include "bmf_probit.h"
#include "common/ratings.h"
#include "common/side.h"
#include "common/standard.h"

// Features of one kind, which share mu and lambda.
struct bmf_group {
    uint32_t first, n; // of the side's features
    bool free;         // drawn given the own parts, too
};

// The features of a side's rows, by columns.
struct bmf_features {
    uint32_t n;
    uint64_t *start; // [n + 1]; owned
    uint32_t *row;   // [start[n]]; owned
    float *value;    // likewise
    uint32_t n_groups;
    struct bmf_group *group; // [n_groups]; owned
};

struct bmf_block {
    uint32_t n;            // rows
    const uint64_t *start; // [n + 1]; borrowed: of the row's ratings
    const uint32_t *col;   // borrowed; the other side's row, of days the item
    const uint32_t *third; // borrowed; the rating's day, of days the user; NULL without days
    float *target;         // [ratings]; owned; standardised, in this side's order
    float *own;            // [n x ld]; owned, as are the following
    float *base;           // [n x ld]; sum of x_l w_l; NULL without features
    float *factor;         // [n x stride]; own + base
    float *bias;           // [n]; likewise
    float *mean;           // [1 + groups][ld]; mu, of own parts first
    float *precision;      // likewise; lambda
    struct bmf_features features;
    float *weight; // [features x ld]; w
    float *gram;   // [n][rank + 1][ld]; G, with features
    float *slope;  // [n x ld]; c - G row: what the row's errors say
};

// What a side is to know of its rows, beside their ratings.
struct bmf_knowledge {
    bool side[2];  // users' demographics, items' genres and years
    bool rated[2]; // which items a user rated, which users rated an item
    bool noise[2]; // whether ratings of some users, some items are noisier than others
    const struct bmf_calendar *calendar; // borrowed; NULL: days of ratings do not matter
};

struct bmf_chain {
    const rk_host *host; // borrowed
    size_t rank, stride, ld;
    struct standard standard;
    struct bmf_knowledge knows;
    struct side known[2]; // owned
    struct ratings ratings;
    struct bmf_days days;
    int n_sides; // 2, or 3 with days
    struct bmf_block block[BMF_SIDES];
    float level, precision;
    float prior;              // hyperpriors are Gamma(prior/2, prior/2); 1
    float feature_scale;      // s: for groups of features Gamma(prior/2, prior s^2/2); 1
    bool fixed_noise;         // precision stays as it is
    bool fixed_level;         // likewise
    float *quiet[BMF_SIDES];  // [rows]; owned; gamma; NULL: all 1
    double quiet_shape[2];    // a
    struct bmf_probit probit; // without levels: ratings are Gaussian
    uint32_t sweep;           // sweeps done
    float *scratch;           // [threads][scratch_size]; owned
    size_t scratch_size;
};

// Starts a chain on the training fold alone. `standard` is the data's. RK_E_MEMORY.
rk_status bmf_chain_init(struct bmf_chain *c, const rk_host *host, const rk_data *data,
    const struct standard *standard, size_t rank, const struct bmf_knowledge *knows);
void bmf_chain_done(struct bmf_chain *c);

// Goes on with the slice's ratings, too.
rk_status bmf_chain_join(struct bmf_chain *c, const rk_data *data);

// One sweep. RK_CANCELLED, RK_E_NUMERIC.
rk_status bmf_chain_sweep(struct bmf_chain *c);

// Draws rows without ratings, too, and describes all.
rk_status bmf_chain_draw(struct bmf_chain *c, struct bmf_draw *draw);

// Ratings are levels from then on, and the latent numbers what rows are drawn from. With a message,
// RK_E_DATA; RK_E_MEMORY.
rk_status bmf_latent_start(struct bmf_chain *c, const rk_data *data);
rk_status bmf_latent_join(struct bmf_chain *c); // there are other ratings

// ---- Parts of a sweep --------------------------------------------------------------------------

struct bmf_errors {
    double n, weight;    // ratings; the sum of their weights gamma_u gamma_i
    double sum, squares; // of the residuals, weighted
};

// Draws all rows of a side that have ratings. Fills *errors.
rk_status bmf_rows_draw(struct bmf_chain *c, enum bmf_side side, struct bmf_errors *errors);
rk_status bmf_rows_cold(struct bmf_chain *c, enum bmf_side side);
void bmf_rows_sum(struct bmf_chain *c, enum bmf_side side); // factor, bias = own + base

// Draws cutpoints and latent numbers, which become the targets.
rk_status bmf_latent_draw(struct bmf_chain *c);

// Draws mu and lambda of the own parts; of the groups of features.
void bmf_hyper_rows(struct bmf_chain *c, enum bmf_side side);
void bmf_hyper_features(struct bmf_chain *c, enum bmf_side side);
void bmf_hyper_noise(struct bmf_chain *c, const struct bmf_errors *errors);

// Draws gamma of a row, with the weighted squares of its errors but for gamma; all else of a side's
// gamma; and says 1 over the mean variance of the noise.
void bmf_noise_row(struct bmf_chain *c, enum bmf_side side, uint32_t row, double squares);
void bmf_noise_side(struct bmf_chain *c, enum bmf_side side);
void bmf_noise_cold(struct bmf_chain *c, enum bmf_side side); // 1/gamma is the others' mean
double bmf_noise_precision(const struct bmf_chain *c);

// Of rows without ratings nobody knows what they would have rated, or by whom they would have been.
// That it is nothing, as of no other row, would answer from far outside: after each
// bmf_chain_draw(), factor and bias get what that makes of some row with ratings, a random one.
rk_status bmf_features_guess(struct bmf_chain *c, enum bmf_side side);

void bmf_features_centred(struct bmf_chain *c, enum bmf_side side);
rk_status bmf_features_free(struct bmf_chain *c, enum bmf_side side);

// Features of a side. False: no memory.
bool bmf_features_init(struct bmf_features *f, const struct bmf_chain *c, enum bmf_side side);
void bmf_features_done(struct bmf_features *f);
void bmf_features_base(struct bmf_chain *c, enum bmf_side side); // base = x w

// Draws x of N(A^-1 b, A^-1), for the upper triangle of `a` and b in its column n; z: [n] normals.
// a: [n + 3][ld], destroyed. False: A is singular.
bool bmf_draw_vector(float *a, size_t n, size_t ld, const float *z, float *x);

// The sides that `col` and `third` of a side's ratings are rows of.
static inline enum bmf_side bmf_other(enum bmf_side side) {
    return side == BMF_ITEM ? BMF_USER : BMF_ITEM;
}

static inline enum bmf_side bmf_third(enum bmf_side side) {
    return side == BMF_DAY ? BMF_USER : BMF_DAY;
}

static inline size_t bmf_unknowns(const struct bmf_chain *c) {
    return c->rank + 1;
}

#endif
