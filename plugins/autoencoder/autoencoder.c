// autoencoder - a row of ratings from the same row of ratings, through few hidden units.
//
//     t(r,c) = (rating - level(r,c)) / unit           what is left to explain; a row r is an item
//     x(r,c) = t(r,c) sqrt((mean n + 10) / (n_r + 10)) if seen, 0 if hidden or not rated
//     y_1 = f(b_1 + sum_c x(r,c) V_c + sum_f v F_f),  y_k = f(b_k + y_(k-1) W_k)
//     rating^ = level(r,c) + unit (d_c + y_last . D_c)
//
//     loss = sum over ratings  w e^2 / 2  +  lambda / 2 (|V|^2 + |F|^2 + |W|^2 + |D|^2),  by Adam
//
// S. Sedhain, A. K. Menon, S. Sanner, L. Xie: AutoRec: Autoencoders Meet Collaborative Filtering
// (WWW 2015): rows are items (I-AutoRec) or users. Several layers, and dropout: O. Kuchaiev,
// B. Ginsburg: Training Deep AutoEncoders for Collaborative Filtering (2017). With `mask`, a share
// of the inputs is hidden anew in each epoch, and w weighs what was hidden against what was seen:
// P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol: Extracting and Composing Robust Features
// with Denoising Autoencoders (ICML 2008).
//
// The level is that of damped biases, by default, whose variances are estimated (common/effects.h);
// with features, those of rows are drawn towards what features tell (ae_prior.h). A row's features
// F (genre and year, or who the user is) are inputs of value v that are never hidden and never a
// target. Short rows have more of their ratings hidden: so that features are learned to stand in
// for them, and a row is not merely repeated; where rows are long, hiding does harm. Only what is
// rated is ever looked at: a pass costs ratings x units.
//
// What answers is a running mean of the weights over epochs (B. T. Polyak, A. B. Juditsky:
// Acceleration of Stochastic Approximation by Averaging, 1992), worth .0003 to .001 of RMSE.
//
// The validation slice says how many epochs, and whether features are worth having; then all
// ratings are learned from in the way found best. Without a slice: `epochs` epochs, with features.
//
// Check value: RMSE .8420 on ml-latest-small, .9051 on ml-100k (u1..u5), means of five folds, and
// .8396 on ml-1m, fold 1, with features = never; by defaults .8124, .8954 and .8351.
#include <stdlib.h>

#include "ae_train.h"
#include "common/extensions.h"

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    const rk_ints *hidden = &params->hidden;
    if (hidden->n > AE_MOST_LAYERS)
        return host->fail(
            host, RK_E_PARAM, "hidden has %zu layers, more than %d", hidden->n, AE_MOST_LAYERS);
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    m->shape.n_layers = (uint32_t)hidden->n;
    m->shape.activation = (enum dense_activation)params->activation;
    for (size_t k = 0; k < hidden->n; k++) m->shape.width[k] = (uint32_t)hidden->at[k];
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    ae_fitted_done(&m->fitted);
    free(m);
}

static rk_status fit(rk_model *m, const rk_data *data) {
    const rk_status status = ae_train(m, data);
    if (status == RK_E_MEMORY)
        return m->host->fail(
            m->host, status, "no memory for %u users and %u items", data->n_users, data->n_items);
    return status;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    return ae_fitted_answer(&m->fitted, pairs, out);
}

static void fields(struct state *s, rk_model *m) {
    const rk_params *p = m->params;
    ae_fitted_fields(&m->fitted, s, p->rows == AE_USERS, (uint32_t)p->members);
}

static uint64_t bytes(const rk_params *params, const rk_shape *shape) {
    // Fitted to all ratings, beside what was fitted without the slice: never both.
    return sizeof(rk_model) + ae_train_bytes(params, shape);
}

EXTENSIONS("autoencoder", 1, fields, bytes)

static const char *const row_kinds[] = {"items", "users", NULL};
static const char *const activations[] = {"linear", "sigmoid", "tanh", "relu", "gelu", NULL};
static const char *const normalisations[] = {"bias", "none", "mean", "user", "item", "unit", NULL};
static const char *const feature_uses[] = {"auto", "always", "never", NULL};
static const rk_param schema[] = {
    RK_CHOICE(rows, AE_ITEMS, row_kinds, "what a sample is: an item's ratings, or a user's"),
    RK_INTS(hidden, "", 1, AE_MOST_WIDTH,
        "units of each hidden layer, from the inputs on; none: one that grows with the ratings"),
    RK_CHOICE(activation, DENSE_SIGMOID, activations, "of the hidden units"),
    RK_CHOICE(normalise, AE_BIAS, normalisations,
        "ratings as the net sees them: less biases, as they are, less the mean of all, of the "
        "user, "
        "of the item, or brought to 0..1"),
    RK_CHOICE(features, AE_AUTO, feature_uses,
        "inputs from genre and year (or who the user is); auto: if the validation slice is for it"),
    RK_REAL(feature_weight, 5, 0, 100, RK_LINEAR, "what a feature has as an input"),
    RK_REAL(mask, 0.8, 0, 0.95, RK_LINEAR,
        "share of a row's ratings hidden from it in training, if it has few"),
    RK_REAL(mask_half, 10, 1, 1e9, RK_LOG, "ratings of a row from which half that share is hidden"),
    RK_REAL(hidden_weight, 0.5, 0, 1, RK_LINEAR,
        "weight of hidden ratings in the loss, beside those seen: 0 seen alone, 1 hidden alone"),
    RK_REAL(dropout, 0.1, 0, 0.9, RK_LINEAR, "share of units left out in training"),
    RK_REAL(lambda, 12, 0, 1e5, RK_LINEAR, "penalty on weights, at 100000 ratings"),
    RK_REAL(lambda_growth, 0.4, 0, 2, RK_LINEAR, "the power of ratings that it grows with"),
    RK_REAL(learning_rate, 7e-4, 1e-6, 0.1, RK_LOG, "Adam's step"),
    RK_REAL(init_range, 0.005, 1e-6, 1, RK_LOG, "bound of the first weights"),
    RK_REAL(averaging, 0.9, 0, 0.99, RK_LINEAR,
        "share of the running mean of weights that an epoch keeps; 0: none"),
    RK_INT(batch, 256, 1, 65536, RK_LOG, "rows a step; more if they have few ratings"),
    RK_INT(epochs, 100, 1, 10000, RK_RESOURCE,
        "passes over the ratings; fewer if the validation slice says so"),
    RK_INT(min_epochs, 40, 1, 10000, RK_LOG, "epochs before the validation slice may stop it"),
    RK_INT(
        patience, 8, 1, 10000, RK_LOG, "epochs without a better validation RMSE before it stops"),
    RK_INT(members, 1, 1, AE_MOST_MEMBERS, RK_RESOURCE, "nets from different starts, averaged"),
};
static const char *const uses[] = {
    "item.genre", "item.year", "user.gender", "user.age", "user.occupation", "user.zip", NULL};
RK_PLUGIN(.id = "autoencoder", .summary = "AutoRec: an autoencoder of ratings, with features",
    .version = "1.0.0", .flags = RK_WANTS_VALID | RK_COLD_ITEMS, RK_PARAMS(schema),
    .uses_features = uses, .create = create, .destroy = destroy, .fit = fit, .predict = predict,
    .extension = extension)
