// ae_fitted.h - what answers for a pair: the level, and the nets' hidden units and output weights.
#ifndef AUTOENCODER_AE_FITTED_H
#define AUTOENCODER_AE_FITTED_H

#include "ae_net.h"

enum { AE_MOST_MEMBERS = 32 };

struct ae_member {
    struct ae_net net; // owned
    vec *hidden;       // [rows x vectors of the last layer]; owned
};

struct ae_fitted {
    bool of_users; // a row is a user, a column an item
    uint32_t n_users, n_items;
    struct ae_level level;                    // owned
    bool *known;                              // [columns]; owned; whether it has ratings
    bool *told;                               // [rows]; owned; whether it has ratings or features
    uint32_t n_members;                       // 0: answers are the level's
    struct ae_member member[AE_MOST_MEMBERS]; // their answers are averaged
};

// The level and what is known; no members. RK_E_MEMORY, RK_CANCELLED, or RK_OK.
rk_status ae_fitted_init(struct ae_fitted *f, const rk_host *host, const rk_data *data,
    const struct ratings *r, const struct ae_rows *rows, enum ae_normalise normalise);
void ae_fitted_done(struct ae_fitted *f);

// n_members: those that there are, unless all ratings are equal.
void ae_fitted_fields(struct ae_fitted *f, struct state *s, bool of_users, uint32_t n_members);

// out[k]: the rating of pair k. A validation_answers of a struct ae_fitted.
rk_status ae_fitted_answer(const void *fitted, const rk_pairs *pairs, float *out);

#endif
