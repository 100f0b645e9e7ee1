// ae_level.h - what is taken off the ratings before the net sees them, and put back after it.
#ifndef AUTOENCODER_AE_LEVEL_H
#define AUTOENCODER_AE_LEVEL_H

#include "common/effects.h"
#include "common/ratings.h"
#include "common/state.h"
#include "reckon.h"

// What an input is: a rating less its damped biases, as it stands, less the mean of all, less the
// damped mean of its user or of its item, or brought to 0..1.
enum ae_normalise { AE_BIAS, AE_NONE, AE_MEAN, AE_USER, AE_ITEM, AE_UNIT };

struct ae_level {
    double center;          // in ratings
    double unit;            // ratings to a unit of the net; 0: all ratings are equal
    float *bias[2];         // [EFFECTS_USER, EFFECTS_ITEM][users or items]; owned; in ratings
    struct effects effects; // owned: the answer where the net has none
};

// features: of the users or of the items (of_users), for the biases' sake; without columns if none.
// RK_E_MEMORY, RK_CANCELLED, or RK_OK.
rk_status ae_level_init(struct ae_level *l, const rk_host *host, const rk_data *data,
    const struct ratings *r, bool of_users, const rk_csr *features, enum ae_normalise normalise);
void ae_level_done(struct ae_level *l);
void ae_level_fields(struct ae_level *l, struct state *s, uint32_t n_users, uint32_t n_items);

// What is taken off.
static inline double ae_level_at(const struct ae_level *l, uint32_t user, uint32_t item) {
    return l->center + l->bias[EFFECTS_USER][user] + l->bias[EFFECTS_ITEM][item];
}

#endif
