// A hybrid of factorization and a net that knows genres, tags, years and demographics:
//
//     p~_u = p_u + v_u sum w_d + |N(u)|^-1/2 sum over j in N(u) of y_j   (d: features of the user)
//     q~_i = q_i + v_i sum w_f                                           (f: features of the item)
//     r^   = link(mu + b~_u + b~_i + p~_u.q~_i + net(p~_u, q~_i, features of u and i))
//     loss = 1/2 sum over a batch of (r - r^)^2
//
// p, q, w, y have k factors and a bias each, summed alike into b~; v = n^-1/2 for n features (each
// row of features has length 1); N(u): what u rated in training. The net has dense hidden layers
// with ReLU or GELU and one linear output. The link is the identity, or a sigmoid over the rating
// scale, widened by a sixteenth of it at both ends. X. He et al., "Neural collaborative filtering",
// WWW 2017; H.-T. Cheng et al., "Wide & deep learning for recommender systems", DLRS 2016; the dot
// product is kept beside the net because nets hardly learn it: S. Rendle, W. Krichene, L. Zhang,
// J. Anderson, "Neural collaborative filtering vs. matrix factorization revisited", RecSys 2020.
// The implicit term: Y. Koren, "Factorization meets the neighborhood", KDD 2008.
//
// Here: ratings are standardised; biases start as damped means. Mini-batches by Adam with decoupled
// weight decay (common/adam.h), lazy for users and items. Factors and hidden outputs are dropped at
// random in training. Whole users and items with features are, too, own factors and bias, so that
// the features learn to answer for those that have no ratings.
//
// The validation slice says when to stop, and, with features = auto, whether features help at all;
// then all ratings are learned from in the way found best, by `members` nets whose answers are
// averaged. Without a slice: `epochs` epochs, with features.
//
// Check value: RMSE .8121 on ml-latest-small, .8909 on ml-100k (u1..u5), means of five folds; .8380
// on ml-1m, fold 1.
#include "hybrid.h"

#include <stdlib.h>
#include <string.h>

#include "common/extensions.h"
#include "hybrid_inputs.h"
#include "hybrid_train.h"

enum { ANSWERS_AT_ONCE = 960 };

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    if (params->layers.n > HYBRID_MAX_LAYERS)
        return host->fail(
            host, RK_E_PARAM, "at most %d layers, not %zu", HYBRID_MAX_LAYERS, params->layers.n);
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    for (uint32_t k = 0; k < m->n_members; k++) hybrid_member_done(&m->member[k]);
    free(m->member);
    hybrid_features_done(m->side);
    for (int side = 0; side < HYBRID_SIDES; side++) free((void *)(uintptr_t)m->none[side].start);
    free(m);
}

static rk_status fit(rk_model *m, const rk_data *d) {
    const rk_params *p = m->params;
    rk_status status = hybrid_features_init(m->side, d, p);
    if (status != RK_OK) return status;
    for (int side = 0; side < HYBRID_SIDES; side++) {
        const uint32_t n = side == HYBRID_USER ? d->n_users : d->n_items;
        m->none[side] = (rk_csr){.n_rows = n, .start = calloc((size_t)n + 1, sizeof(uint64_t))};
        if (!m->none[side].start) return RK_E_MEMORY;
    }
    m->standard = standard_of(d);
    const bool any = m->side[HYBRID_USER].rows.n_cols + m->side[HYBRID_ITEM].rows.n_cols > 0;
    if (!any && p->features == HYBRID_ALWAYS)
        m->host->log(m->host, RK_LOG_WARNING,
            "features = always, and there is none of those that are wanted: without features");
    struct hybrid_training t = {
        .features = any && p->features != HYBRID_NEVER, .n_epochs = p->epochs};
    if (d->valid->n > 0) status = hybrid_choose(m, d, &t);
    return status == RK_OK ? hybrid_train_all(m, d, &t) : status;
}

// Means over the members for at most ANSWERS_AT_ONCE pairs.
static rk_status answer_some(const rk_model *m, const rk_pairs *pairs, float *out) {
    float x[ANSWERS_AT_ONCE];
    double sum[ANSWERS_AT_ONCE] = {0};
    for (uint32_t j = 0; j < m->n_members; j++) {
        const rk_status status = hybrid_member_predict(&m->member[j], pairs, x);
        if (status != RK_OK) return status;
        for (size_t k = 0; k < pairs->n; k++) sum[k] += x[k];
    }
    for (size_t k = 0; k < pairs->n; k++) out[k] = (float)(sum[k] / m->n_members);
    return RK_OK;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k += ANSWERS_AT_ONCE) {
        const size_t left = pairs->n - k;
        const rk_pairs some = {.size = sizeof some,
            .n = left < ANSWERS_AT_ONCE ? left : ANSWERS_AT_ONCE,
            .users = pairs->users + k,
            .items = pairs->items + k};
        const rk_status status = answer_some(m, &some, out + k);
        if (status != RK_OK) return status;
    }
    return RK_OK;
}

static void fields(struct state *s, rk_model *m) {
    const uint32_t n = (uint32_t)m->params->members;
    state_same(s, n, "another number of members");
    if (s->loading && s->status == RK_OK) {
        m->member = calloc(n, sizeof *m->member);
        if (m->member)
            m->n_members = n;
        else
            s->status = RK_E_MEMORY;
    }
    for (uint32_t k = 0; k < n && s->status == RK_OK; k++) {
        const struct hybrid_net *net = &m->member[k].net, *first = &m->member[0].net;
        hybrid_member_fields(&m->member[k], s, m->params);
        state_judge(s,
            net->in.n[HYBRID_USER] == first->in.n[HYBRID_USER] &&
                net->in.n[HYBRID_ITEM] == first->in.n[HYBRID_ITEM],
            "members of other sizes");
    }
}

static uint64_t bytes(const rk_params *p, const rk_shape *shape) {
    uint64_t n_columns[HYBRID_SIDES];
    const uint64_t features = hybrid_features_bytes(p, shape, n_columns);
    if (p->features == HYBRID_NEVER) n_columns[HYBRID_USER] = n_columns[HYBRID_ITEM] = 0;
    const uint64_t none = ((uint64_t)shape->n_users + shape->n_items + 2) * sizeof(uint64_t);
    return sizeof(rk_model) + features + none + hybrid_train_bytes(p, shape, n_columns);
}

EXTENSIONS("hybrid", 1, fields, bytes)

static const char *const activations[] = {"relu", "gelu", NULL};
static const char *const outputs[] = {"linear", "sigmoid", NULL};
static const char *const when[] = {"auto", "always", "never", NULL};

static const rk_param schema[] = {
    RK_INT(factors, 64, 1, 512, RK_LOG, "factors of each user, item and feature"),
    RK_INTS(layers, "128, 64", 1, HYBRID_MOST_HIDDEN, "sizes of the hidden layers"),
    RK_CHOICE(activation, 0, activations, "of hidden layers"),
    RK_CHOICE(output, 0, outputs, "as it comes, or within the rating scale, a little widened"),
    RK_BOOL(genres, true, "items' genres are features"),
    RK_BOOL(tags, true, "items' tags are features"),
    RK_BOOL(years, true, "items' years are features, five years each"),
    RK_BOOL(demographics, true, "what is known of users: gender, age, ..."),
    RK_REAL(tag_share, 0.01, 0, 1, RK_LINEAR,
        "tags on fewer than this share of the tagged items are left out"),
    RK_CHOICE(features, 0, when, "auto: where the validation slice says that they help"),
    RK_BOOL(implicit, true, "users are also known by which items they rated in training"),
    RK_INT(members, 2, 1, 64, RK_RESOURCE, "nets averaged, each from its own random start"),
    RK_INT(epochs, 30, 1, 10000, RK_RESOURCE,
        "passes over the ratings; fewer if the validation slice says so"),
    RK_INT(min_epochs, 4, 1, 10000, RK_LOG, "epochs before the validation slice may stop it"),
    RK_INT(
        patience, 3, 1, 10000, RK_LOG, "epochs without a better validation RMSE before it stops"),
    RK_INT(batch, 1024, 1, 65536, RK_LOG, "ratings a step"),
    RK_REAL(learning_rate, 0.003, 1e-6, 0.1, RK_LOG, "Adam's step in the first epoch"),
    RK_REAL(decay, 0.9, 0.1, 1, RK_LINEAR, "each epoch's step over the one before"),
    RK_REAL(weight_decay, 0.5, 0, 10, RK_LINEAR, "decoupled decay of embeddings"),
    RK_REAL(layer_decay, 1, 0, 10, RK_LINEAR, "decoupled decay of layers"),
    RK_REAL(dropout, 0.4, 0, 0.9, RK_LINEAR, "share of factors left out at random"),
    RK_REAL(layer_dropout, 0.1, 0, 0.9, RK_LINEAR, "share of hidden outputs left out at random"),
    RK_REAL(id_dropout, 3, 0, 1000, RK_LINEAR,
        "ratings at which users and items with features are known by those alone half of the time"),
    RK_REAL(init_sd, 0.05, 1e-6, 1, RK_LOG, "standard deviation of the first factors"),
};

static const char *const uses[] = {"item.genre", "item.tag", "item.year", "user.gender", "user.age",
    "user.occupation", "user.zip", NULL};

RK_PLUGIN(.id = "hybrid", .summary = "Factors and a net over them, genres, tags and years",
    .version = "1.0.0", .flags = RK_WANTS_VALID | RK_COLD_USERS | RK_COLD_ITEMS, RK_PARAMS(schema),
    .uses_features = uses, .create = create, .destroy = destroy, .fit = fit, .predict = predict,
    .extension = extension)
