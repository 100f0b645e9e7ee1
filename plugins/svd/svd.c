// Matrix factorization by stochastic gradient descent, known as "SVD" since the Netflix prize. With
// `implicit` it is SVD++; with features, items are known by their genres and year, too:
//
//     r^(u,i,t) = mu + b_u(t) + b_i(t) + v_i.wb + (p_u + z_u).(q_i + sum over f of v_if w_f)
//     z_u       = |N(u)|^-1/2 sum over j in N(u) of y_j          with `implicit`; else 0
//     b_u(t)    = b_u + a_u sign(t - t_u) |t - t_u|^0.4          with `time_bias`; else b_u
//     b_i(t)    = b_i + b_i,bin(t)                               likewise
//     loss      = sum over ratings of  e^2 + l_u |p_u|^2 + l_i |q_i|^2 + l_b (b_u^2 + b_i^2)
//                     + l_yi |y_i|^2 + l_w sum over f in v_i of (|w_f|^2 + wb_f^2)
//                 + l_t (sum of a_u^2 + sum of b_i,bin^2)
//     step        e = r - r^;  b += h_b (e - l_b b);  p_u += h (e (q_i + ..) - l_u p_u); others
//     alike
//
// N(u): the items that u rated in training. v_i: the item's genres and the five years that it is
// from, as a row of length 1; an item without ratings is answered from it. t_u: the mean time of
// u's ratings; bins are of 30 days.
//
// S. Funk, "Netflix update: try this at home", 2006; Y. Koren, R. Bell, C. Volinsky, "Matrix
// factorization techniques for recommender systems", IEEE Computer 42(8), 2009; Y. Koren,
// "Factorization meets the neighborhood", KDD 2008 (SVD++); Y. Koren, "Collaborative filtering with
// temporal dynamics", KDD 2009 (time); T. Chen et al., "SVDFeature", JMLR 13, 2012 (features).
//
// Here: ratings are standardised before training, so that one set of defaults serves every scale.
// A row of n ratings has l = l2 (100 / n)^falloff: between a penalty for each rating (falloff 0)
// and one for each row (falloff 1; the Gaussian prior), as which l_y = implicit_l2 100 / n stands.
// Factors start near zero, where directions grow in the order of what they explain. What all
// ratings share has smaller steps, as each rating moves it. Their order, and threads: svd_sgd.h.
//
// The validation slice says when to stop, and whether features are used: if training with them
// lowers its RMSE by more than chance. With `tune`, l2 is also halved or doubled for as long as
// that does, and then the learning rate doubled if the best number of epochs is the last. All
// ratings are learned from in the way found best. Without a slice, the parameters are taken as they
// are, for `epochs` epochs, and features only if they are to be used always.
//
// Check values: RMSE by `reckon run experiments/ml-latest-small.cfg --only svd KEY=VALUE ...`, keys
// under models.svd; means of five folds, of ml-1m fold 1 (split.only=[1]):
//
//                                      ml-latest-small   ml-100k   ml-1m
//     features=never                             .8393     .9035   .8400
//     implicit=true features=never               .8339     .8963   .8352
//     implicit=true                              .8164     .8907   .8321
#include <stdlib.h>

#include "common/extensions.h"
#include "svd_train.h"

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    svd_factors_done(&m->factors);
    side_done(&m->side);
    free(m);
}

static const char *const groups[] = {"genre", "year", NULL};

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_params *p = m->params;
    struct svd_training t = {.features = p->features == SVD_FEATURES_ALWAYS,
        .l2 = p->l2,
        .rate = p->learning_rate,
        .n_epochs = p->epochs};
    m->standard = standard_of(d);
    if (p->features != SVD_FEATURES_NEVER) {
        const rk_status status = side_init(&m->side, d, SIDE_ITEMS, groups);
        if (status != RK_OK) return status;
        side_normalise(&m->side);
    }
    if (t.features && m->side.rows.n_cols == 0)
        m->host->log(m->host, RK_LOG_WARNING,
            "features = always, and no item has a genre or a year: without features");
    if (d->valid->n > 0) {
        const rk_status status = svd_train_choose(m, d, &t);
        if (status != RK_OK) return status;
    }
    return svd_train_all(m, d, &t);
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    svd_train_predict(m, pairs, out);
    return RK_OK;
}

static void fields(struct state *s, rk_model *m) {
    STATE_NUMBER(s, m->standard.center);
    STATE_NUMBER(s, m->standard.unit);
    svd_factors_fields(&m->factors, s, (size_t)m->params->rank);
}

static uint64_t bytes(const rk_params *p, const rk_shape *shape) {
    const bool features = p->features == SVD_FEATURES_ALWAYS ||
                          (p->features == SVD_FEATURES_AUTO && shape->n_valid > 0);
    const bool side = p->features != SVD_FEATURES_NEVER;
    return sizeof(rk_model) + (side ? side_bytes(SIDE_ITEMS, shape) : 0) +
           svd_train_bytes(p, shape, features) +
           (shape->n_valid ? svd_train_choose_bytes(p, shape) : 0);
}

EXTENSIONS("svd", 1, fields, bytes)

static const char *const uses[] = {"item.genre", "item.year", NULL};
static const char *const use[] = {"auto", "always", "never", NULL};
static const rk_param schema[] = {
    RK_INT(rank, 128, 1, 1024, RK_LOG, "factors of each user and item"),
    RK_INT(epochs, 50, 1, 10000, RK_RESOURCE,
        "passes over the ratings; fewer if the validation slice says so"),
    RK_INT(min_epochs, 20, 1, 10000, RK_LOG, "epochs before the validation slice may stop it"),
    RK_INT(
        patience, 6, 1, 10000, RK_LOG, "epochs without a better validation RMSE before it stops"),
    RK_BOOL(tune, true, "try other l2, and learning rates, on the validation slice"),
    RK_BOOL(implicit, false, "SVD++: which items a user rated says something of their own"),
    RK_BOOL(time_bias, false, "biases of items by 30 days, and of users by a drift"),
    RK_CHOICE(features, SVD_FEATURES_AUTO, use,
        "genres and year of items; auto: if they lower the RMSE on the validation slice"),
    RK_REAL(learning_rate, 0.02, 1e-6, 1, RK_LOG, "step of the first epoch"),
    RK_REAL(decay, 0.95, 0.1, 1, RK_LINEAR, "each epoch's step over the one before"),
    RK_REAL(bias_rate, 0.3, 0, 1, RK_LINEAR, "step of biases over that of factors"),
    RK_REAL(implicit_rate, 0.3, 0, 1, RK_LINEAR, "step of implicit factors over that of the rest"),
    RK_REAL(
        feature_rate, 0.03, 0, 1, RK_LINEAR, "step of what belongs to features over the rest's"),
    RK_REAL(
        l2, 0.065, 1e-6, 10, RK_LOG, "penalty on the factors of a row of 100 ratings, a rating"),
    RK_REAL(l2_falloff, 0.25, 0, 1, RK_LINEAR,
        "how that falls with a row's ratings: 0 not at all, 1 in proportion"),
    RK_REAL(bias_l2, 0.02, 1e-6, 10, RK_LOG, "penalty on biases, a rating"),
    RK_REAL(implicit_l2, 2, 1e-6, 100, RK_LOG,
        "penalty on implicit factors of an item with 100 ratings, a rating"),
    RK_REAL(feature_l2, 0.01, 1e-6, 10, RK_LOG, "penalty on what belongs to features, a rating"),
    RK_REAL(time_l2, 80, 1e-6, 1000, RK_LOG, "penalty on each bias in time, in ratings"),
    RK_REAL(init_sd, 0.005, 1e-6, 1, RK_LOG, "standard deviation of the first factors"),
};
RK_PLUGIN(.id = "svd", .summary = "Biased matrix factorization by stochastic gradient descent",
    .version = "2.0.0", .flags = RK_WANTS_VALID | RK_COLD_ITEMS, .uses_features = uses,
    RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit, .predict = predict,
    .extension = extension)
