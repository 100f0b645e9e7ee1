// ae_step.h - one step of training: the objective of a batch, its gradient, and Adam.
//
//     loss = sum over the batch's ratings of  w e^2 / 2  +  share lambda |W|^2 / 2
//
// W: all weights but biases; share: that of the rows that are in the batch. Rows first (hidden
// units, errors, what they send back), then columns (gradients and steps).
#ifndef AUTOENCODER_AE_STEP_H
#define AUTOENCODER_AE_STEP_H

#include "ae_batches.h"
#include "ae_net.h"
#include "common/adam.h"

struct ae_rule {
    double rate;
    double lambda;        // of the whole data
    double mask;          // share of a row's ratings that are hidden from it, if it has few:
    double mask_half;     // from a row of n, mask mask_half / (mask_half + n)
    double hidden_weight; // of those in the loss; 1 less that is the others'
    double dropout;       // share of units that are left out
};

struct ae_step {
    const rk_host *host;              // borrowed
    struct ae_net *net;               // borrowed; changed
    const struct ae_batches *batches; // borrowed
    const struct ae_rule *rule;       // borrowed
    uint64_t stream;                  // of masks and dropout; they use the bits below 56
    struct adam in, out, out_bias;    // owned
    struct adam mid[AE_MOST_LAYERS], mid_bias[AE_MOST_LAYERS]; // owned
    // A batch's units by layer, [rows x n_vecs]; owned. z before and y after the activation.
    vec *z[AE_MOST_LAYERS], *y[AE_MOST_LAYERS], *delta[AE_MOST_LAYERS];
    float *mid_gradient; // [of the largest middle layer, then of its bias]; owned
    // A batch's cells; owned.
    uint32_t *slot;      // which of the batch's rows
    float *input, *pull; // what the first layer sees; dloss / doutput
    float *weight;       // of each rating in the loss, row by row; owned
    uint32_t *weight_at; // [rows + 1]; owned; where each row's begin
    double *squares;     // [pieces of rows]; owned; sums of e^2, unweighted
    uint32_t epoch;
    // Of the batch at work: internal.
    const uint32_t *order, *column;
    uint32_t n_rows;
    size_t layer;
    struct adam_step now_in, now_in_bias, now_out, now_out_bias;
};

// Zero moments. The rest of the borrowed is the caller's to set before. RK_E_MEMORY or RK_OK.
rk_status ae_step_init(struct ae_step *s);
void ae_step_done(struct ae_step *s);
uint64_t ae_step_bytes(const struct ae_shape *shape, uint64_t n_in, uint64_t n_out,
    const struct ae_batches_most *most);

// One step on batch k of this epoch's order. *squares: sum of e^2 over its ratings, before it.
rk_status ae_step_batch(struct ae_step *s, uint32_t k, double *squares);

#endif
