// bmf_draw.h - one draw of all that answers are made of, in standardised ratings.
//
//     f(u,i,d) = level + bias[USER][u] + bias[ITEM][i] + bias[DAY][d]
//                + p_u.q_i + p_u.t_d + q_i.t_d
//
// where p, q and t are the rows of factor[USER], factor[ITEM] and factor[DAY]. Without days the
// terms with d are not there.
#ifndef BMF_DRAW_H
#define BMF_DRAW_H

#include <stddef.h>
#include <stdint.h>

enum bmf_side { BMF_USER, BMF_ITEM, BMF_DAY, BMF_SIDES };

struct bmf_shape {
    uint32_t n_users, n_items, n_days; // n_days 0: no dates
    uint32_t rank;
};

// Everything is borrowed: it holds until the chain's next step.
struct bmf_draw {
    float level;
    float precision;                // of the noise; 1 with cutpoints
    const float *bias[BMF_SIDES];   // [rows]: the row's bias and all linear terms of its features
    const float *factor[BMF_SIDES]; // [rows x stride]: likewise; 0 from `rank` to `stride`
    size_t stride;                  // floats from one row to the next: a multiple of VEC_LANES
    const float *quiet[BMF_SIDES];  // [rows]; factors of the precision; NULL: all 1
    const float *cut;               // ordered probit: [levels - 1], ascending; NULL: Gaussian
};

#endif
