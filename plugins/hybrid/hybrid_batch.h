// hybrid_batch.h - one mini-batch: its loss, and the gradient for every parameter of the net.
//
//     loss = 1/2 sum over the batch of (r - r^)^2, standardised
//
// Users and items come as slots (hybrid_slots.h): what the first layer makes of a user's factors
// and features is worked out once a slot, not once a rating. In parallel: slots forwards; ratings
// forwards and backwards; slots backwards; the parameters' gradients by their columns. Each sum is
// over ratings, slots or features in ascending order, whatever threads there are.
#ifndef HYBRID_BATCH_H
#define HYBRID_BATCH_H

#include "hybrid_net.h"
#include "hybrid_slots.h"

struct hybrid_ratings {
    const uint32_t *user, *item;
    const float *value; // standardised
};

// Shares that are left out at random in training, anew each time; the rest is scaled up.
struct hybrid_dropout {
    double factors;                 // of each user's and item's factors, in each batch
    double layers;                  // of each hidden layer's outputs, for each rating
    const float *ids[HYBRID_SIDES]; // [users, items], of ratings: own factors and bias; or NULL
};

// Gradients: those of users and items for the kept slots in their order, the others whole.
struct hybrid_gradient {
    float *own[HYBRID_SIDES];     // [kept slots x stride]; owned
    float *feature[HYBRID_SIDES]; // [features x width]; owned
    float *implicit;              // [items x stride]; owned; NULL without that term
    float *dense;                 // [n_dense]; owned
};

struct hybrid_batch {
    const struct hybrid_net *net; // borrowed
    const rk_host *host;          // borrowed
    struct hybrid_dropout dropout;
    size_t room; // ratings
    struct hybrid_slots slots[HYBRID_SIDES];
    float *vector[HYBRID_SIDES];      // [slots x width]; owned
    float *mask[HYBRID_SIDES];        // [slots x factors]; owned; NULL without dropout of factors
    float *delta[HYBRID_SIDES];       // [slots x width]; owned: dL/dvector
    float *z[HYBRID_MAX_LAYERS];      // [room x hidden[l]]; owned: before the activation
    float *y[HYBRID_MAX_LAYERS];      // likewise: after it, and after dropout
    float *dz[HYBRID_MAX_LAYERS + 1]; // likewise: dL/dz; the last [room]: of the output
    float *layer_mask;                // [room x sum of hidden]; owned; NULL without dropout
    float *transposed[HYBRID_MAX_LAYERS + 1]; // weights of layers 1 ..; owned
    float *first_transposed[HYBRID_SIDES];    // likewise
    float *chance;                            // [2 room]; owned
    double *loss;                             // [pieces of ratings]; owned
    struct hybrid_gradient gradient;
};

// For up to `room` ratings. RK_E_MEMORY or RK_OK.
rk_status hybrid_batch_init(struct hybrid_batch *b, const struct hybrid_net *net,
    const rk_host *host, const struct hybrid_dropout *dropout, size_t room);
void hybrid_batch_done(struct hybrid_batch *b);
uint64_t hybrid_batch_bytes(const struct hybrid_shape *s, const uint32_t n[HYBRID_SIDES],
    const uint64_t n_columns[HYBRID_SIDES], bool implicit, uint64_t room);

// Fills in b->gradient and b->slots for the ratings at[0 .. n); adds to *loss. What is dropped is
// drawn by member and `turn`, a number that no other batch of the training has.
rk_status hybrid_batch_run(struct hybrid_batch *b, const struct hybrid_ratings *ratings,
    const uint32_t *at, size_t n, uint32_t member, uint64_t turn, double *loss);

#endif
