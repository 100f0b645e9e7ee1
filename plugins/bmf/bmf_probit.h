// bmf_probit.h - ordered probit: ratings as levels, cut from a latent normal number.
//
//     z ~ N(f, 1),   r = v_l  where  c_l-1 < z < c_l,   c_-1 = -inf, c_(L-1) = inf
//     c_0 < .. < c_L-2: in order, what were independent N(0, 3^2)
//
// A sweep draws the cutpoints given f, with z integrated out, and then z given both; in this order
// it is one draw of the pair (M. K. Cowles, Statistics and Computing 6, 1996; J. H. Albert, S.
// Chib, "Sequential ordinal modeling with applications to survival data", Biometrics 57, 2001:
// given z, a cutpoint could move between two neighbours among the z alone). The level of the chain
// is 0, the precision 1: cutpoints stand for both.
//
// Cutpoints, one at a time, by slice sampling (R. M. Neal, Annals of Statistics 31, 2003), which
// has no step size to tune. Their likelihood is summed over a grid of f, 1/64 apart, to both ends
// of whose cells a rating is dealt linearly: off by 64^-2/12 of its second derivative, which moves
// a cutpoint by about 1e-5. The sums are of integers, the same in any order.
#ifndef BMF_PROBIT_H
#define BMF_PROBIT_H

#include "reckon.h"

enum { BMF_PROBIT_LEVELS = 64 }; // at most

struct bmf_probit {
    uint32_t n_levels;                 // distinct ratings, 2 at least
    float value[BMF_PROBIT_LEVELS];    // those, ascending, on the data's scale
    float cut[BMF_PROBIT_LEVELS];      // [n_levels - 1]
    uint64_t count[BMF_PROBIT_LEVELS]; // ratings of each
    size_t n;                          // ratings
    uint8_t *level;                    // [n]; owned
    uint64_t *cells;                   // [threads][n_levels][cells]; owned, as are the following
    double *f, *weight;                // [n_levels][cells]; the filled ones
};

// Levels are the distinct ratings of the training fold and of its slice. RK_E_MEMORY; RK_E_DATA,
// with a message, if there are more than BMF_PROBIT_LEVELS, or only one. After a failure,
// bmf_probit_done() may be called, and need not.
rk_status bmf_probit_init(struct bmf_probit *p, const rk_host *host, const rk_data *data);
uint64_t bmf_probit_bytes(uint64_t n_ratings, uint32_t n_threads); // at most
void bmf_probit_done(struct bmf_probit *p);

// The ratings to learn from, of those; their order is that of f and z from then on. Cutpoints start
// where the shares of levels have them if f is 0. RK_E_MEMORY.
rk_status bmf_probit_rate(struct bmf_probit *p, const float *ratings, size_t n);

// Draws cutpoints, then z[n], given f[n]; f and z may be one array. `sweep` names the random
// numbers. RK_E_NUMERIC: an f is not finite.
rk_status bmf_probit_sweep(
    struct bmf_probit *p, const rk_host *host, uint32_t sweep, const float *f, float *z);

// E[r | f], on the data's scale.
double bmf_probit_mean(const struct bmf_probit *p, double f);

// x of N(0, 1) given low < x < high, by its inverse distribution function at `u` in (0, 1).
double bmf_probit_truncated(double low, double high, double u);

#endif
