// hybrid_net.h - one net: its inputs, parameters, and what it makes of users and items.
#ifndef HYBRID_NET_H
#define HYBRID_NET_H

#include <math.h>

#include "common/dense.h"
#include "common/standard.h"
#include "common/state.h"
#include "hybrid.h"

enum { HYBRID_USER, HYBRID_ITEM, HYBRID_SIDES };
enum { HYBRID_MAX_LAYERS = 8, HYBRID_MOST_HIDDEN = 1024 };
enum hybrid_output { HYBRID_LINEAR, HYBRID_SIGMOID };

// What the net is told of users and items, all borrowed.
struct hybrid_inputs {
    uint32_t n[HYBRID_SIDES];             // users, items
    const rk_csr *features[HYBRID_SIDES]; // rows of length 1; n_cols 0: none
    const rk_csr *implicit;               // what each user rated in training; NULL: no such term
    const float *bias[HYBRID_SIDES];      // where biases start
    double mean;                          // of the ratings, on their standardised scale
};

// Sizes, in floats. A row of users, items and features begins with `factors` factors, a bias, and
// zeros up to `stride`; where a row has `width` floats, its part of the first layer's sums follows.
struct hybrid_shape {
    size_t factors, stride, width;
    size_t n_layers;                  // hidden
    size_t hidden[HYBRID_MAX_LAYERS]; // 0 beyond n_layers
    size_t first;                     // hidden[0]
    enum dense_activation activation;
};

// r = link(mean + v) of the net's sum v, standardised.
struct hybrid_link {
    enum hybrid_output output;
    float low, range;  // of the sigmoid
    float at_0, scale; // sigmoid(at_0 + scale v): the slope at v = 0 is 1
    float mean;
};

struct hybrid_net {
    struct hybrid_shape shape;
    struct hybrid_inputs in;
    struct hybrid_link link;
    float *own[HYBRID_SIDES];     // [n x stride]; owned
    float *feature[HYBRID_SIDES]; // [features x width]; owned
    float *implicit;              // [items x stride]; owned; NULL without that term
    float *dense; // [n_dense]; owned: first[0], first[1], bias, then the other layers
    size_t n_dense;
    float *first[HYBRID_SIDES];                // [factors x hidden[0]], in `dense`
    float *first_bias;                         // [hidden[0]], in `dense`
    struct dense layer[HYBRID_MAX_LAYERS + 1]; // [0] unused; the last is the output's
};

struct hybrid_shape hybrid_shape_of(const rk_params *p);
struct hybrid_link hybrid_link_of(
    enum hybrid_output o, const rk_data *d, const struct standard *s, double mean);

// Draws the first parameters of member `member`. RK_E_MEMORY or RK_OK.
rk_status hybrid_net_init(struct hybrid_net *net, const rk_host *host,
    const struct hybrid_shape *shape, const struct hybrid_inputs *in, double sd, uint32_t member);
void hybrid_net_done(struct hybrid_net *net);

// What a net takes to answer, and what it takes to learn beside that. n: users, items.
uint64_t hybrid_net_answer_bytes(const struct hybrid_shape *s);
uint64_t hybrid_net_learn_bytes(const struct hybrid_shape *s, const uint32_t n[HYBRID_SIDES],
    const uint64_t n_columns[HYBRID_SIDES], bool implicit);
// The parameters of its layers.
size_t hybrid_net_dense(const struct hybrid_shape *s);

// Gives back what a net needs to learn, and to make rows, but not to answer from them.
void hybrid_net_settle(struct hybrid_net *net);

// What a settled net answers with.
void hybrid_net_fields(struct hybrid_net *net, struct state *s, const rk_params *p);

// The factors and bias of user or item r: its own unless `dropped`, those of its features, and of
// what the user rated, unless `dropped`. out: [width], the part of the first layer's sums included.
void hybrid_row(const struct hybrid_net *net, int side, uint32_t r, bool dropped, float *out);
// Adds what the layers say of factors: rows of `width` floats.
void hybrid_rows_first(const struct hybrid_net *net, int side, float *rows, size_t n);

float hybrid_link_at(const struct hybrid_link *l, float v, float *slope);

// What each of n rated items counts in the implicit term: n^-1/2.
static inline float hybrid_implicit_scale(uint64_t n) {
    return n ? 1 / sqrtf((float)n) : 0;
}

// All rows of both sides, for predictions.
struct hybrid_rows {
    float *row[HYBRID_SIDES]; // [n x width]; owned
};
rk_status hybrid_rows_init(
    struct hybrid_rows *rows, const struct hybrid_net *net, const rk_host *host);
void hybrid_rows_done(struct hybrid_rows *rows);
uint64_t hybrid_rows_bytes(const struct hybrid_shape *s, const uint32_t n[HYBRID_SIDES]);
void hybrid_rows_fields(struct hybrid_rows *rows, struct state *s, const struct hybrid_net *net);

// Standardised predictions, out[k] of pair k, which does not depend on the others. RK_E_MEMORY or
// RK_OK.
rk_status hybrid_answers(const struct hybrid_net *net, const struct hybrid_rows *rows,
    const rk_pairs *pairs, float *out);

#endif
