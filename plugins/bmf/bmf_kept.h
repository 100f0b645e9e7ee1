// bmf_kept.h - the draws that answers are averaged over, packed in 16 bits a number.
//
// Of each row of a side, all kept draws lie together: 16 draws are a block, and in a block two
// factors a draw are neighbours, so that a dot product of integers gives one sum a draw without
// adding across lanes. A number x of a draw is round(x / scale), where the scale is the draw's own
// and the largest number of the side is `most`: small enough that the sum over a row's factors
// fits into 32 bits. Such sums are exact, hence the same on every CPU; what follows is done in
// lanes of fixed order.
//
//     Gaussian     mean = 1/n sum over draws of f,  sd^2 = 1/n sum of (f - mean)^2 + n_u n_i 1/n
//                  sum of 1/precision, where n_u, n_i are means of 1/quiet of user and item
//     probit       with E[r | f] = v_0 + sum over levels of (v_l+1 - v_l) Phi(f - c_l): mean = 1/n
//                  sum of E[r | f], sd^2 = 1/n sum of (E[r | f] - mean)^2 + 1/n sum of Var[r | f]
//
// E and Var are read off tables, one for each draw (bmf_kept_tables.c): off by less than 1e-4.
#ifndef BMF_KEPT_H
#define BMF_KEPT_H

#include <stdbool.h>

#include "bmf_draw.h"
#include "common/state.h"
#include "reckon.h"

enum {
    BMF_KEPT_BLOCK = 16, // draws; room is for whole blocks
    BMF_KEPT_MOST = 1024,
    BMF_KEPT_MOST_RANK = 4096,
    BMF_KEPT_MOST_LEVELS = 64,
    BMF_KEPT_CELLS = 32 // of a table, for a step of 1 in f
};

#define BMF_NO_DAY UINT32_MAX

struct bmf_kept_side {
    uint32_t n;      // rows
    int16_t *factor; // [n][blocks][halves][BMF_KEPT_BLOCK][2]
    int16_t *bias;   // [n][blocks][BMF_KEPT_BLOCK]
    float *middle;   // [n]; the bias's mean over draws
    float *scale;    // [blocks x BMF_KEPT_BLOCK]; of a draw's biases
    float *noise;    // [n]; the row's factor of the noise's variance: its mean over draws
};

struct bmf_kept {
    struct bmf_shape shape;
    uint32_t n_sweeps; // after burn-in
    uint32_t n_wanted; // draws to keep
    uint32_t n;        // kept so far
    uint32_t n_blocks; // of draws
    uint32_t n_halves; // pairs of factors
    struct bmf_kept_side side[BMF_SIDES];
    float *level;      // [blocks x BMF_KEPT_BLOCK], and so the next ones, 0 beyond n
    float *noise;      // variance
    float *scale[2];   // of factors of items; of users and days
    uint32_t n_levels; // 0: Gaussian
    float *value;      // [n_levels]
    float *cut;        // [n_wanted][n_levels - 1]
    uint32_t n_cells;  // of a draw's table; 0: not made yet
    float *low;        // [blocks x BMF_KEPT_BLOCK]; f of a table's first cell
    float *answer;     // [blocks x BMF_KEPT_BLOCK][n_cells]; E[r | f]
    float *variance;   // likewise; Var[r | f]
};

// Bytes that a kept model of this shape takes, with `keep` draws. (With probit, beside its tables.)
size_t bmf_kept_bytes(const struct bmf_shape *shape, uint32_t keep);

// Room for at most `keep` draws of the n_sweeps that follow burn-in. Probit: values[n_levels] are
// the levels of ratings, standardised, ascending; else NULL and 0. RK_E_MEMORY; or RK_E_PARAM where
// keep is not in 1 .. BMF_KEPT_MOST, or the rank or the levels are too many. After a failure,
// bmf_kept_done() may be called, and need not.
rk_status bmf_kept_init(struct bmf_kept *k, const struct bmf_shape *shape, uint32_t n_sweeps,
    uint32_t keep, const float *values, uint32_t n_levels);
void bmf_kept_done(struct bmf_kept *k);

// Whether the draw of sweep 0 .. n_sweeps - 1 is one to keep: they are evenly spaced, and the last
// one is among them.
bool bmf_kept_wants(const struct bmf_kept *k, uint32_t sweep);

// Keeps a draw. RK_E_NUMERIC: it has numbers that are not finite.
rk_status bmf_kept_add(struct bmf_kept *k, const rk_host *host, const struct bmf_draw *draw);

// After the last one: what answers need beside the draws. At least one was kept.
rk_status bmf_kept_finish(struct bmf_kept *k);

// mean[j], and unless NULL sd[j], of pair j, standardised. day: [n], BMF_NO_DAY for none; NULL:
// none at all. A pair's answer does not depend on the others, nor on whether sd is asked for.
// Quick where pairs of one user, and day, follow each other. RK_E_MEMORY.
rk_status bmf_kept_predict(
    const struct bmf_kept *k, const rk_pairs *pairs, const uint32_t *day, float *mean, float *sd);

// The fields for reckon.state/1. Loading takes an empty *k; `shape` is what the model is known to
// have, and bytes of another one are refused.
void bmf_kept_fields(struct bmf_kept *k, struct state *s, const struct bmf_shape *shape);

// ---- Of bmf_kept*.c alone ----------------------------------------------------------------------

rk_status bmf_kept_room(struct bmf_kept *k); // zeroed, by the counts that are set
bool bmf_kept_tables(struct bmf_kept *k);    // false: no memory

// The largest packed factor: n_halves pairs of products fit into 32 bits; with days, too, where
// users' and days' factors are added.
static inline int bmf_kept_most(uint32_t n_halves, bool shared) {
    int most = 32767;
    while (2.0 * n_halves * most * most > 2147483647.0) most -= 1 + most / 64;
    return shared ? most / 2 : most;
}

#endif
