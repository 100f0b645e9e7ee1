// made_losses.h - losses of models with known effects of users, items and rows, pooled: what tests
// of statistics are tried on.
#ifndef RECKON_TESTS_MADE_LOSSES_H
#define RECKON_TESTS_MADE_LOSSES_H

#include "stats/pooled.h"

// A row's loss under model m is 1 + shift[m] + user * N + item * N + row * N, with normals of the
// user, of the item and of the row, drawn for each model; `alike`: the share of their variance that
// every second model has in common.
struct losses {
    size_t n_users, n_items, n_rows, n_models;
    double user, item, row; // standard deviations
    double tail;            // unit k has rows in proportion to 1 / (k + 10)^tail; 0: all alike
    double alike;
    const double *shift; // [n_models]; NULL: none
};

struct made_losses {
    struct losses of;
    uint32_t *user, *item; // [n_rows]; owned: which rows there are; no pair twice
    double *loss;          // [n_rows * n_models]; owned
    float *effect;         // owned: scratch
};
struct made_losses made_losses(const struct losses *of, uint64_t seed);
void made_losses_done(struct made_losses *m);

// Draws all effects anew.
void made_losses_draw(struct made_losses *m, uint64_t seed);

// Models' losses with a weight of 1 a row, hashed under `seed`. models [n_models]; in the arena.
void made_losses_pool(
    const struct made_losses *m, uint64_t seed, struct pooled *models, struct arena *a);

// Of one trial with one metric: its sketches, in the arena; and a row put into them.
struct evidence *made_evidence(struct arena *a);
void made_evidence_add(
    struct evidence *ev, uint64_t seed, uint32_t user, uint32_t item, double part, double weight);

#endif
