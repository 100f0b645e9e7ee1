// hybrid_train.h - whole trainings: how many epochs, with features or without, and those that
// count.
#ifndef HYBRID_TRAIN_H
#define HYBRID_TRAIN_H

#include "common/side.h"
#include "hybrid_net.h"

enum { HYBRID_AUTO, HYBRID_ALWAYS, HYBRID_NEVER }; // features

// A fitted net, and all its rows.
struct hybrid_member {
    struct hybrid_net net;
    struct hybrid_rows rows;
    struct standard standard;
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    struct side side[HYBRID_SIDES];
    rk_csr none[HYBRID_SIDES]; // rows without features
    struct standard standard;
    struct hybrid_member *member; // [n_members]; owned
    uint32_t n_members;
    uint32_t n_done; // epochs so far, over all trainings
};

// One way to train.
struct hybrid_training {
    bool features;
    int n_epochs;
    double rmse; // on the validation slice, after so many epochs
};

// Learns from the training ratings, and says what the validation slice, which must not be empty,
// finds best.
rk_status hybrid_choose(rk_model *m, const rk_data *data, struct hybrid_training *t);

// Trains all members on all ratings, those of the validation slice too.
rk_status hybrid_train_all(rk_model *m, const rk_data *data, const struct hybrid_training *t);

// What these take, and the model's members with it. n_columns: of features, at most.
uint64_t hybrid_train_bytes(
    const rk_params *p, const rk_shape *shape, const uint64_t n_columns[HYBRID_SIDES]);

void hybrid_member_done(struct hybrid_member *member);
void hybrid_member_fields(struct hybrid_member *member, struct state *s, const rk_params *p);

// out[k]: not clipped.
rk_status hybrid_member_predict(const void *member, const rk_pairs *pairs, float *out);

#endif
