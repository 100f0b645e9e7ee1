// ae_net.h - the weights, and what a fitted net answers.
//
// Rows of units are padded to whole vectors; a padded unit is always 0, whatever its activation,
// and so are its weights.
#ifndef AUTOENCODER_AE_NET_H
#define AUTOENCODER_AE_NET_H

#include "ae_rows.h"
#include "common/dense.h"
#include "common/state.h"
#include "common/vec.h"

enum { AE_MOST_LAYERS = 8, AE_MOST_WIDTH = 2048 };

// Hidden layers, from the inputs on.
struct ae_shape {
    uint32_t n_layers;
    uint32_t width[AE_MOST_LAYERS];
    enum dense_activation activation;
};

struct ae_net {
    struct ae_shape shape;
    uint32_t n_in, n_out;             // inputs with the constant one; columns of ratings
    size_t n_vecs[AE_MOST_LAYERS];    // of a layer's row
    vec *in;                          // [n_in x n_vecs[0]]; owned; the last row is the bias
    struct dense mid[AE_MOST_LAYERS]; // [n_layers - 1]; from layer k to k + 1; arrays owned
    vec *out;                         // [n_out x n_vecs[n_layers - 1]]; owned
    float *out_bias;                  // [n_out]; owned
};

// Weights drawn from U(-range, range), and in the middle from what keeps the units' scale; biases
// of 0. Streams are `stream` + a number below 2^48. False: no memory.
bool ae_net_init(struct ae_net *n, const struct ae_shape *shape, uint32_t n_in, uint32_t n_out,
    const rk_host *host, uint64_t stream, double range);
void ae_net_done(struct ae_net *n);
uint64_t ae_net_bytes(const struct ae_shape *shape, uint64_t n_in, uint64_t n_out);

// What answers are made of the last hidden layer with. A loaded net has that layer alone.
void ae_net_fields(struct ae_net *n, struct state *s, uint32_t n_out);

static inline size_t ae_net_last(const struct ae_net *n) {
    return n->shape.n_layers - 1;
}

// Applies layer k's activation to rows of units: y = f(z), padding 0.
void ae_net_activate(const struct ae_net *n, size_t layer, const float *z, float *y, size_t n_rows);

// The last hidden layer of every row, from all that is known of it: [rows x n_vecs of that layer].
rk_status ae_net_encode(
    const struct ae_net *n, const rk_host *host, const struct ae_rows *x, vec *hidden);

// Every weight of `to` goes that share of the way to where it is in `from`, a net of equal shape.
rk_status ae_net_approach(
    struct ae_net *to, const rk_host *host, const struct ae_net *from, double share);

bool ae_net_finite(const struct ae_net *n);

#endif
