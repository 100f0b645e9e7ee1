#include "ae_train.h"

#include <math.h>

#include "ae_step.h"
#include "common/linalg.h"
#include "common/validation.h"

static const double USUAL_RATINGS = 1e5; // for which lambda is given
static const double USUAL_WIDTH = 100, WIDTH_GROWTH = 0.4;

// One way to train.
struct plan {
    bool features;
    int epochs;  // at most, or the best
    double rmse; // on the validation slice
};

// One layer of about 100 units at 100 000 ratings and 250 at a million, in whole vectors.
static struct ae_shape usual_shape(uint64_t n_ratings, enum dense_activation activation) {
    const double n = (double)n_ratings;
    const double units = USUAL_WIDTH * pow(n / USUAL_RATINGS, WIDTH_GROWTH);
    const double vecs = ceil(units / VEC_LANES),
                 most = (double)(uint32_t)(AE_MOST_WIDTH / VEC_LANES);
    const uint32_t width = VEC_LANES * (uint32_t)(vecs < most ? vecs : most);
    return (struct ae_shape){.n_layers = 1, .width = {width}, .activation = activation};
}

struct training {
    rk_model *m;
    struct ae_fitted *f;  // what is trained
    struct ae_rows rows;  // owned
    const rk_data *score; // NULL, or has the slice that stops a training
    uint32_t done, total; // epochs, for progress
};

static double lambda_of(const rk_params *p, const struct ae_rows *x) {
    const double n = (double)x->ratings.start[x->ratings.n_rows];
    return p->lambda * pow(n / USUAL_RATINGS, p->lambda_growth);
}

// Scores the member after an epoch; *stop: no more.
static rk_status judge(
    struct training *t, struct ae_member *member, struct stopping *s, bool *stop) {
    const rk_host *host = t->m->host;
    double rmse;
    rk_status status = ae_net_encode(&member->net, host, &t->rows, member->hidden);
    if (status == RK_OK) status = validation_rmse(host, t->score, ae_fitted_answer, t->f, &rmse);
    if (status != RK_OK) return status;
    host->record(host, t->rows.n_features ? "validation rmse, features" : "validation rmse",
        s->epoch + 1, rmse);
    *stop = stopping_after(s, rmse);
    return RK_OK;
}

static rk_status run_epoch(
    struct training *t, struct ae_step *s, struct ae_batches *b, bool first) {
    const rk_host *host = t->m->host;
    double sum = 0, squares;
    rk_status status = ae_batches_shuffle(b, host, s->stream | (uint64_t)15 << 52 | s->epoch);
    for (uint32_t k = 0; k < b->n_batches && status == RK_OK; k++) {
        status = ae_step_batch(s, k, &squares);
        sum += squares;
    }
    if (status != RK_OK) return status;
    const double n = (double)t->rows.ratings.start[t->rows.ratings.n_rows];
    const double rmse = t->f->level.unit * sqrt(sum / n);
    if (!t->score && first) host->record(host, "train rmse", s->epoch + 1, rmse);
    if (!isfinite(rmse)) return RK_E_NUMERIC;
    return host->progress(host, ++t->done, t->total, rmse) ? RK_OK : RK_CANCELLED;
}

// The running mean of the weights over epochs, which is what answers: it has less of the noise of
// single steps. Of the first few epochs it is the plain mean.
static rk_status average(
    const struct training *t, struct ae_net *mean, const struct ae_net *now, uint32_t epoch) {
    const double plain = 1.0 / (epoch + 1), share = 1 - t->m->params->averaging;
    return ae_net_approach(mean, t->m->host, now, plain > share ? plain : share);
}

static rk_status run_epochs(struct training *t, struct ae_member *member, struct ae_net *net,
    uint32_t number, struct plan *plan, struct ae_batches *b) {
    const rk_params *p = t->m->params;
    const struct ae_rule rule = {.rate = p->learning_rate,
        .lambda = lambda_of(p, &t->rows),
        .mask = p->mask,
        .mask_half = p->mask_half,
        .hidden_weight = p->hidden_weight,
        .dropout = p->dropout};
    struct ae_step s = {.host = t->m->host,
        .net = net,
        .batches = b,
        .rule = &rule,
        .stream = (uint64_t)(2 * number + 1) << 56};
    struct stopping stopping = stopping_start(p->min_epochs, p->patience);
    rk_status status = ae_step_init(&s);
    bool stop = false;
    for (int e = 0; e < plan->epochs && status == RK_OK && !stop; e++) {
        s.epoch = (uint32_t)e;
        status = run_epoch(t, &s, b, number == 0);
        if (status == RK_OK) status = average(t, &member->net, net, s.epoch);
        if (status == RK_OK && t->score) status = judge(t, member, &stopping, &stop);
    }
    ae_step_done(&s);
    if (!t->score) return status;
    plan->epochs = stopping.best > 0 ? stopping.best : plan->epochs;
    plan->rmse = stopping.rmse;
    return status;
}

// Trains one member from its start; plan->epochs and rmse become what is best, if scored.
static rk_status train_member(struct training *t, uint32_t number, struct plan *plan) {
    const rk_model *m = t->m;
    struct ae_member *member = &t->f->member[number];
    struct ae_batches b = {0};
    struct ae_net net = {0}; // at work
    rk_status status = RK_E_MEMORY;
    const struct ae_shape shape =
        m->shape.n_layers > 0
            ? m->shape
            : usual_shape(t->rows.ratings.start[t->rows.ratings.n_rows], m->shape.activation);
    const uint32_t n_in = ae_rows_inputs(&t->rows), n_out = t->rows.ratings.n_cols;
    const uint64_t stream = (uint64_t)(2 * number) << 56;
    const double range = m->params->init_range;
    if (!ae_net_init(&member->net, &shape, n_in, n_out, m->host, stream, range) ||
        !ae_net_init(&net, &shape, n_in, n_out, m->host, stream, range))
        goto done;
    const size_t ld = net.n_vecs[ae_net_last(&net)] * VEC_LANES;
    member->hidden = (vec *)(void *)linalg_new(t->rows.ratings.n_rows, ld);
    if (!member->hidden) goto done;
    status = ae_batches_init(&b, &t->rows, (uint32_t)m->params->batch);
    if (status != RK_OK) goto done;
    t->f->n_members = number + 1;
    status = run_epochs(t, member, &net, number, plan, &b);
    if (status == RK_OK && !ae_net_finite(&member->net)) status = RK_E_NUMERIC;
    if (status == RK_OK && !t->score)
        status = ae_net_encode(&member->net, m->host, &t->rows, member->hidden);
done:
    ae_batches_done(&b);
    ae_net_done(&net);
    return status;
}

// What is known of `r`, with or without features, made ready for nets.
static rk_status training_init(
    struct training *t, const rk_data *data, const struct ratings *r, bool features) {
    const rk_params *p = t->m->params;
    rk_status status = ae_rows_init(&t->rows, data, r, p->rows == AE_USERS, features);
    if (status != RK_OK) return status;
    status = ae_fitted_init(t->f, t->m->host, data, r, &t->rows, (enum ae_normalise)p->normalise);
    if (status == RK_OK) ae_rows_aim(&t->rows, &t->f->level, p->feature_weight);
    return status;
}

static rk_status explain(const rk_model *m, rk_status status) {
    if (status != RK_E_NUMERIC) return status;
    return m->host->fail(
        m->host, status, "diverged: lower learning_rate, now %g", m->params->learning_rate);
}

// Trains without the slice, and scores on it: plan->epochs and rmse become what is best.
static rk_status train_and_score(
    rk_model *m, const rk_data *data, struct plan *plan, uint32_t *done) {
    struct ae_fitted fitted = {0};
    const struct ratings r = ratings_of(data);
    struct training t = {.m = m, .f = &fitted, .score = data, .done = *done};
    t.total = (uint32_t)((2 + m->params->members) * m->params->epochs);
    rk_status status = training_init(&t, data, &r, plan->features);
    if (status == RK_OK && fitted.level.unit > 0) status = train_member(&t, 0, plan);
    *done = t.done;
    ae_rows_done(&t.rows);
    ae_fitted_done(&fitted);
    return explain(m, status);
}

static bool has_features(const rk_model *m, const rk_data *data) {
    return (m->params->rows == AE_USERS ? data->n_user_features : data->n_item_features) > 0;
}

// Decides on the slice what is to be decided.
static rk_status choose(rk_model *m, const rk_data *data, struct plan *plan, uint32_t *done) {
    const enum ae_features features = (enum ae_features)m->params->features;
    struct plan with = *plan;
    plan->features = false;
    with.features = features != AE_NEVER && has_features(m, data);
    rk_status status = RK_OK;
    if (features != AE_ALWAYS || !with.features) status = train_and_score(m, data, plan, done);
    if (status != RK_OK || !with.features) return status;
    status = train_and_score(m, data, &with, done);
    if (status != RK_OK) return status;
    if (features == AE_ALWAYS || validation_is_better(with.rmse, plan->rmse, data->valid->n))
        *plan = with;
    m->host->log(m->host, RK_LOG_DEBUG, "validation: %s features, %d epochs: RMSE %g",
        plan->features ? "with" : "without", plan->epochs, plan->rmse);
    return RK_OK;
}

rk_status ae_train(rk_model *m, const rk_data *data) {
    const rk_params *p = m->params;
    struct plan plan = {.features = p->features != AE_NEVER, .epochs = p->epochs};
    struct training t = {.m = m, .f = &m->fitted};
    struct ratings all;
    rk_status status = RK_OK;
    if (data->valid->n > 0) status = choose(m, data, &plan, &t.done);
    if (status != RK_OK) return status;
    if (!ratings_init_with_valid(&all, data)) return RK_E_MEMORY;
    t.total = t.done + (uint32_t)(plan.epochs * p->members);
    status = training_init(&t, data, &all, plan.features);
    if (status == RK_OK && p->features == AE_ALWAYS && t.rows.n_features == 0)
        m->host->log(m->host, RK_LOG_WARNING, "features = always, and %s: without features",
            p->rows == AE_USERS ? "nothing is known of users" : "no item has a genre or a year");
    for (uint32_t k = 0; status == RK_OK && t.f->level.unit > 0 && k < (uint32_t)p->members; k++)
        status = explain(m, train_member(&t, k, &plan));
    ae_rows_done(&t.rows);
    ratings_done(&all);
    return status;
}

static struct ae_shape shape_of(const rk_params *p, uint64_t n_ratings) {
    struct ae_shape s = usual_shape(n_ratings, (enum dense_activation)p->activation);
    if (p->hidden.n == 0 || p->hidden.n > AE_MOST_LAYERS) return s;
    s.n_layers = (uint32_t)p->hidden.n;
    for (size_t k = 0; k < p->hidden.n; k++) s.width[k] = (uint32_t)p->hidden.at[k];
    return s;
}

uint64_t ae_train_bytes(const rk_params *p, const rk_shape *shape) {
    const bool of_users = p->rows == AE_USERS;
    const enum side_of side = of_users ? SIDE_USERS : SIDE_ITEMS;
    const uint64_t n_rows = of_users ? shape->n_users : shape->n_items;
    const uint64_t n_cols = of_users ? shape->n_items : shape->n_users;
    const bool with = p->features != AE_NEVER;
    const uint64_t n_features = with ? side_most_columns(side, shape) : 0;
    const uint64_t n_entries = with ? (of_users ? shape->user_entries : shape->item_entries) : 0;
    const uint64_t n_in = n_cols + n_features + 1;
    const struct ae_shape s = shape_of(p, shape->n_ratings);
    const struct ae_batches_most most =
        ae_batches_most(shape, of_users, n_in, n_entries, (uint64_t)p->batch);

    const uint64_t rows = side_bytes(side, shape) + shape->n_ratings * sizeof(float) + // target
                          n_rows * sizeof(uint32_t);                                   // filled
    const uint64_t level =
        2 * effects_bytes(shape) + (3 * n_rows + 4 * n_features) * sizeof(double);
    uint64_t hidden = 0, widest = 0;
    for (uint32_t k = 0; k < s.n_layers; k++) {
        hidden = linalg_bytes(n_rows, vec_count(s.width[k]) * VEC_LANES);
        if (hidden > widest) widest = hidden;
    }
    const uint64_t encoding = s.n_layers > 1 ? 2 * widest : 0;
    return ratings_bytes_with_valid(shape) + rows + level + (n_rows + n_cols) * sizeof(bool) +
           (uint64_t)p->members * (ae_net_bytes(&s, n_in, n_cols) + hidden) +
           ae_net_bytes(&s, n_in, n_cols) + most.bytes + ae_step_bytes(&s, n_in, n_cols, &most) +
           encoding + (shape->n_valid ? validation_bytes(shape) : 0);
}
