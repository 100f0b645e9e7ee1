// bmf - Bayesian matrix factorization by Gibbs sampling.
//
//     r(u,i) = center + unit (level + b_u + b_i + p_u . q_i) + noise
//     [p_u b_u] = own part + sum over u's features l of x_ul w_l;   [q_i b_i] likewise
//
// Ratings of some users, and of some items, are noisier than others'. Everything has a prior, whose
// mean and precision are drawn, too (bmf_gibbs.h): there is nothing to tune. An answer is the mean
// over draws, with a deviation of its own (bmf_kept.h).
//
// R. Salakhutdinov, A. Mnih: Bayesian probabilistic matrix factorization using Markov chain Monte
// Carlo (ICML 2008). C. Freudenthaler, L. Schmidt-Thieme, S. Rendle: Bayesian factorization
// machines (NIPS workshop 2011): features, and a mean and precision of each of their groups. S.
// Rendle, L. Zhang, Y. Koren: On the difficulty of evaluating baselines (arXiv:1905.01395, 2019):
// how good it is. T. Ohtsuki: myFM, whose hyperpriors these are.
//
// With date=day, the day of the rating has a bias and factors, too: b_d + p_u . t_d + q_i . t_d is
// added. Days that training has not are drawn from what days have in common.
//
// With likelihood probit, the sum is of a latent number, and ratings are its levels (bmf_probit.h).
//
// Features of an item are its genres and the five years that it is from; of a user, which items he
// rated in training (1 / sqrt n each of the n), and who he is. A row without ratings is drawn from
// what its features say, and what is rated with it is taken from some row that has ratings.
//
// The chain begins without the validation slice, which shows how well it does ("validation rmse");
// then the slice's ratings join, and of the sweeps that follow draws are kept.
//
// Check values: RMSE by `reckon run experiments/ml-latest-small.cfg --only bmf KEY=VALUE ...`, keys
// under models.bmf; means of five folds, of ml-1m fold 1 (split.only=[1]):
//
//                                      ml-latest-small   ml-100k   ml-1m
//     features=never rated=never                 .8258     .8916   .8349
//     by default                                 .7936     .8725   .8246
#include <stdlib.h>
#include <string.h>

#include "bmf.h"

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    bmf_kept_done(&m->kept);
    bmf_calendar_done(&m->calendar);
    free(m);
}

static rk_status spread(const rk_model *m, const rk_pairs *pairs, float *mean, float *sd) {
    uint32_t *day = m->calendar.n > 0 ? bmf_calendar_of(&m->calendar, pairs) : NULL;
    if (m->calendar.n > 0 && !day) return RK_E_MEMORY;
    const rk_status status = bmf_kept_predict(&m->kept, pairs, day, mean, sd);
    free(day);
    for (size_t k = 0; status == RK_OK && k < pairs->n; k++) {
        mean[k] = (float)(m->standard.center + m->standard.unit * mean[k]);
        if (sd) sd[k] = (float)(m->standard.unit * sd[k]);
    }
    return status;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    return spread(m, pairs, out, NULL);
}

static void fields(struct state *s, rk_model *m) {
    STATE_NUMBER(s, m->standard.center);
    STATE_NUMBER(s, m->standard.unit);
    struct bmf_shape shape = m->kept.shape;
    STATE_NUMBER(s, shape.n_users);
    STATE_NUMBER(s, shape.n_items);
    STATE_NUMBER(s, shape.n_days);
    shape.rank = (uint32_t)m->params->rank;
    state_judge(s, shape.n_days == 0 || m->params->date == BMF_DATE_DAY, "days, and date=never");
    if (s->status == RK_OK && shape.n_days > 0) bmf_calendar_fields(&m->calendar, s, shape.n_days);
    if (s->status == RK_OK) bmf_kept_fields(&m->kept, s, &shape);
}

STATE_TABLE("bmf", 2, fields)

static const void *extension(const char *id) {
    static const rk_ext_spread spread_table = {.predict = spread};
    static const rk_ext_memory memory_table = {.bytes = bmf_bytes};
    if (strcmp(id, RK_EXT_SPREAD) == 0) return &spread_table;
    if (strcmp(id, RK_EXT_MEMORY) == 0) return &memory_table;
    return strcmp(id, RK_EXT_STATE) == 0 ? &state_table : NULL;
}

static const char *const uses[] = {
    "item.genre", "item.year", "user.gender", "user.age", "user.occupation", "user.zip", NULL};
static const char *const features[] = {"never", "items", "all", NULL};
static const char *const rated[] = {"never", "users", "both", NULL};
static const char *const noise[] = {"one", "users", "both", NULL};
static const char *const dates[] = {"never", "day", NULL};
static const char *const likelihoods[] = {"gaussian", "probit", NULL};
static const rk_param schema[] = {
    RK_INT(rank, 16, 1, 512, RK_LOG, "factors of each user and item"),
    RK_INT(sweeps, 300, 1, 100000, RK_RESOURCE,
        "draws of all unknowns; the first quarter is not kept"),
    RK_INT(keep, 128, 1, 1024, RK_LOG, "draws kept at most, evenly spaced, to answer from"),
    RK_CHOICE(features, BMF_FEATURES_ALL, features,
        "items: genres and years; all: and what is known of users"),
    RK_CHOICE(rated, BMF_RATED_BOTH, rated,
        "which items a user rated says something of users; both: and of items, by whom"),
    RK_CHOICE(noise, BMF_NOISE_BOTH, noise,
        "one level of it; one for each user; both: and one for each item; probit: one"),
    RK_CHOICE(likelihood, BMF_GAUSSIAN, likelihoods,
        "probit: ratings are levels, 64 at most, cut from a latent number"),
    RK_CHOICE(date, BMF_DATE_NEVER, dates,
        "day: of each day (UTC) of ratings a bias and factors, which meet users' and items'"),
};
RK_PLUGIN(.id = "bmf", .summary = "Bayesian matrix factorization by Gibbs sampling",
    .version = "1.0.0", .flags = RK_WANTS_VALID | RK_COLD_ITEMS | RK_COLD_USERS,
    .uses_features = uses, RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = bmf_fit,
    .predict = predict, .extension = extension)
