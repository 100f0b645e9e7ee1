// als_train.h - iterations, and the choice of lambda on the validation slice.
#ifndef RECKON_PLUGINS_COMMON_ALS_TRAIN_H
#define RECKON_PLUGINS_COMMON_ALS_TRAIN_H

#include "common/als_factors.h"
#include "common/als_solve.h"
#include "reckon.h"

struct als_train {
    const rk_host *host;    // borrowed
    struct als_factors *f;  // borrowed
    struct als_solve solve; // owned
    double user_damping;    // of biases, in ratings; 0: estimated
    double item_damping;    // likewise
    bool judge_implicit;    // whether the validation slice may do without the term
    uint32_t done, total;   // steps, for progress
    uint32_t n_recorded;    // points in the curves so far
};

// mu, unit, damping and first factors from these ratings.
rk_status als_train_start(struct als_train *t, const struct ratings *r);

// `n` iterations, users then items, each with its implicit factors if there are; the last one exact
// if `finish`. data: NULL, or has the validation slice that is scored after each.
rk_status als_train_iterate(
    struct als_train *t, const struct ratings *r, uint32_t n, bool finish, const rk_data *data);

// RMSE of t->f on the validation slice, which must not be empty, clipped to the rating scale.
rk_status als_train_valid_rmse(const struct als_train *t, const rk_data *data, double *rmse);

#endif
