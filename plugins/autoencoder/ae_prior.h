// ae_prior.h - biases drawn towards what features tell of them, instead of towards 0.
//
//     b_r = x_r.beta + e_r,  e_r ~ N(0, s);   beta ~ N(0, s / RIDGE)
//
// So a row without ratings, or with few, has the bias that its features lead to expect. beta is the
// ridge regression of the rows' mean residuals m_r, each weighted by its precision n / (n + noise /
// s); then s and the damping noise / s are estimated from what remains.
#ifndef AUTOENCODER_AE_PRIOR_H
#define AUTOENCODER_AE_PRIOR_H

#include "common/effects.h"
#include "reckon.h"

// Changes the biases and the damping of `side`, whose features are the rows of `features`, and the
// biases of the other side with them. RK_E_MEMORY or RK_OK.
rk_status ae_prior_apply(
    struct effects *x, const struct ratings *r, int side, const rk_csr *features);

#endif
