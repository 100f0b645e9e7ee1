// als_implicit.h - the implicit-features term: which pairs were rated, factorised beside the
// ratings by the same p and q, each with factors of its own on the other side.
//
//     w (sum_(all u,i) (B(u,i) - p_u . y_i)^2 + a sum_i |y_i|^2)
//   + w (sum_(all u,i) (B(u,i) - x_u . q_i)^2 + a sum_u |x_u|^2),
//
// where B(u,i) is 1 where there is a rating and 0 elsewhere. D. Cortes: Cold-start recommendations
// in Collective Matrix Factorization (arXiv:1809.00366, 2018; add_implicit_features in cmfrec).
// Zeros cost nothing: with p fixed, all y_i have one matrix, P'P + a I; and with y fixed, a row's
// equations for p_u gain w Y'Y, the same for all, and w times the sum of y_i over what u rated.
#ifndef RECKON_PLUGINS_COMMON_ALS_IMPLICIT_H
#define RECKON_PLUGINS_COMMON_ALS_IMPLICIT_H

#include "common/als_factors.h"
#include "common/ratings.h"
#include "reckon.h"

// Rows of up to so many ratings may be solved in as many unknowns as they have ratings.
enum { ALS_FEW = 31 };

struct als_implicit {
    double weight; // w; a squared error of 1 in B counts as w noise variances
    double ridge;  // a
    // Row r of a side: its k numbers x (users) or y (items), padding of zeros.
    float *of[2];   // [side][n x ld]; owned
    float *gram[2]; // [side][ld x ld], both triangles: X'X, Y'Y; owned
    // M' by rows, where M (w G + r I) M' = I for the other side's G and the ridge r of rows of
    // n ratings; for one side at a time.
    size_t n_roots;             // n is below
    float *root;                // [n_roots][k x ld]; owned
    bool has_root[ALS_FEW + 1]; // [n_roots]
    // Scratch.
    float *matrix;  // [n_threads][2 k, padded, squared]; owned
    float *inverse; // [k x ld]; owned
    float *partial; // [PIECES x ld x ld]; owned: Gram matrices of pieces of rows
    float *thread;  // [n_threads x ld]; owned: sums of rows
};

// Zeros, for factors of this shape; weight and ridge are the caller's to set. False: no memory.
bool als_implicit_init(struct als_implicit *im, const rk_host *host, const struct als_factors *f);
void als_implicit_done(struct als_implicit *im);
uint64_t als_implicit_bytes(const struct als_factors *f, uint32_t n_threads);

// All zeros again, with which the term has no influence on the other side's equations.
void als_implicit_start(struct als_implicit *im, const struct als_factors *f);

// y from p if `solved` is the users' side, x from q if it is the items': the exact minimum.
rk_status als_implicit_update(struct als_implicit *im, const struct als_factors *f,
    enum als_side solved, const rk_host *host, const struct ratings *r);

// The roots for solving `side` where a row of n ratings has the ridge lambda n^count_power, for
// those n that have rows enough.
rk_status als_implicit_roots(struct als_implicit *im, const struct als_factors *f,
    enum als_side side, const rk_host *host, const rk_csr *rows, double lambda, double count_power);

// sum = what the rated columns of a row have in `of` [columns x ld], added up; sum: [ld].
void als_implicit_sum(const rk_csr *rows, size_t row, const float *of, size_t ld, float *sum);

#endif
