#include "hybrid_train.h"

#include <math.h>
#include <stdlib.h>

#include "common/adam.h"
#include "common/effects.h"
#include "common/ratings.h"
#include "common/validation.h"
#include "hybrid_batch.h"
#include "hybrid_streams.h"

enum { RUN = 8 }; // ratings of one user that stay together in an epoch's order

static const double MOST_DROPPED = 0.9; // of an item's, or user's, ratings

// ---- Ratings -----------------------------------------------------------------------------------

// What is learned from, and in which order.
struct samples {
    struct ratings ratings;
    struct effects effects;
    size_t n;
    uint32_t *user, *item; // [n]; user owned, item borrowed
    float *value;          // [n]; owned; standardised
    uint32_t *order;       // [n]; owned
    uint32_t *mixed;       // [n]; owned: user by user, each one's in random order
    uint32_t *run;         // [n_runs]; owned: where in `mixed` each run begins
    size_t n_runs;
    float *bias[HYBRID_SIDES];  // owned: standardised
    float *share[HYBRID_SIDES]; // [users, items]; owned: of ratings where features must do
};

// A user or item of n ratings is known by its features alone in about as many of them as it takes
// for the features to count as much as `worth` ratings.
static float share_of(double worth, uint64_t n) {
    return worth > 0 ? (float)fmin(worth / (worth + (double)n), MOST_DROPPED) : 0;
}

static rk_status samples_init(
    struct samples *s, const rk_model *m, const rk_data *d, bool with_valid) {
    *s = (struct samples){0};
    if (!with_valid)
        s->ratings = ratings_of(d);
    else if (!ratings_init_with_valid(&s->ratings, d))
        return RK_E_MEMORY;
    const rk_csr *r = &s->ratings.by_user;
    s->n = r->start[r->n_rows];
    s->user = malloc(s->n * sizeof *s->user);
    s->value = malloc(s->n * sizeof *s->value);
    s->order = malloc(s->n * sizeof *s->order);
    s->mixed = malloc(s->n * sizeof *s->mixed);
    s->run = malloc(s->n * sizeof *s->run);
    s->item = (uint32_t *)(uintptr_t)r->col;
    if (!s->user || !s->value || !s->order || !s->mixed || !s->run) return RK_E_MEMORY;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++) {
            s->user[e] = u;
            s->value[e] = standard_apply(&m->standard, r->value[e]);
        }
    }
    const rk_status status = effects_init(&s->effects, m->host, &s->ratings);
    const float unit = m->standard.unit > 0 ? (float)m->standard.unit : 1;
    for (int side = 0; side < HYBRID_SIDES && status == RK_OK; side++) {
        const uint32_t n = side == HYBRID_USER ? d->n_users : d->n_items;
        s->bias[side] = s->effects.bias[side == HYBRID_USER ? EFFECTS_USER : EFFECTS_ITEM];
        for (uint32_t k = 0; k < n; k++) s->bias[side][k] /= unit;
        const rk_csr *rows = side == HYBRID_USER ? &s->ratings.by_user : &s->ratings.by_item;
        s->share[side] = malloc(n * sizeof(float));
        if (!s->share[side]) return RK_E_MEMORY;
        for (uint32_t k = 0; k < n; k++)
            s->share[side][k] =
                share_of(m->params->id_dropout, rows->start[k + 1] - rows->start[k]);
    }
    return status;
}

static void samples_done(struct samples *s) {
    effects_done(&s->effects);
    for (int side = 0; side < HYBRID_SIDES; side++) free(s->share[side]);
    ratings_done(&s->ratings);
    free(s->user);
    free(s->value);
    free(s->order);
    free(s->mixed);
    free(s->run);
}

// Each user's ratings in random order, cut into runs, and the runs in random order: so that a batch
// has fewer users, and what they rated is summed up less often.
static void mix(struct samples *s, const rk_host *host, uint32_t member, uint32_t epoch) {
    const uint64_t *start = s->ratings.by_user.start;
    const uint32_t n_users = s->ratings.by_user.n_rows;
    const uint64_t stream = hybrid_stream(HYBRID_ORDER_STREAM, member, (uint64_t)epoch << 32);
    s->n_runs = 0;
    for (uint32_t u = 0; u < n_users; u++) {
        const uint64_t n = start[u + 1] - start[u];
        uint32_t *own = s->mixed + start[u];
        for (uint64_t k = 0; k < n; k++) own[k] = (uint32_t)(start[u] + k);
        host->shuffle(host, stream + u + 1, own, n);
        for (uint64_t k = 0; k < n; k += RUN) s->run[s->n_runs++] = (uint32_t)(start[u] + k);
    }
    host->shuffle(host, stream, s->run, s->n_runs);
    size_t to = 0;
    for (size_t k = 0; k < s->n_runs; k++) {
        const uint32_t first = s->run[k], user = s->user[first];
        const uint64_t end = first + RUN < start[user + 1] ? first + RUN : start[user + 1];
        for (uint64_t e = first; e < end; e++) s->order[to++] = s->mixed[e];
    }
}

// ---- One training ------------------------------------------------------------------------------

struct trainer {
    rk_model *m;
    const rk_data *data;
    struct samples *samples;
    struct hybrid_member *member;
    struct hybrid_batch batch;
    struct adam own[HYBRID_SIDES], feature[HYBRID_SIDES], implicit, dense;
    uint32_t number; // of the member
    uint64_t turn;
};

static rk_status trainer_init(struct trainer *t, rk_model *m, const rk_data *d, struct samples *s,
    bool features, uint32_t number, struct hybrid_member *member) {
    const rk_params *p = m->params;
    const struct hybrid_shape shape = hybrid_shape_of(p);
    struct hybrid_inputs in = {.n = {d->n_users, d->n_items},
        .implicit = p->implicit ? &s->ratings.by_user : NULL,
        .bias = {s->bias[HYBRID_USER], s->bias[HYBRID_ITEM]},
        .mean = standard_apply(&m->standard, (float)s->effects.mean)};
    for (int side = 0; side < HYBRID_SIDES; side++)
        in.features[side] = features ? &m->side[side].rows : &m->none[side];
    *t = (struct trainer){.m = m, .data = d, .samples = s, .member = member, .number = number};
    *member = (struct hybrid_member){.standard = m->standard};
    rk_status status = hybrid_net_init(&member->net, m->host, &shape, &in, p->init_sd, number);
    if (status != RK_OK) return status;
    struct hybrid_net *net = &member->net;
    net->link = hybrid_link_of((enum hybrid_output)p->output, d, &m->standard, in.mean);
    struct hybrid_dropout dropout = {.factors = p->dropout, .layers = p->layer_dropout};
    for (int side = 0; side < HYBRID_SIDES; side++)
        if (in.features[side]->n_cols > 0) dropout.ids[side] = s->share[side];
    const size_t room = (size_t)p->batch < s->n ? (size_t)p->batch : s->n;
    status = hybrid_batch_init(&t->batch, net, m->host, &dropout, room);
    if (status != RK_OK) return status;
    bool ok = adam_init(&t->dense, net->n_dense, 0);
    for (int side = 0; side < HYBRID_SIDES; side++) {
        ok = ok && adam_init(&t->own[side], in.n[side] * shape.stride, shape.stride) &&
             adam_init(&t->feature[side], in.features[side]->n_cols * shape.width, 0);
    }
    if (in.implicit) ok = ok && adam_init(&t->implicit, d->n_items * shape.stride, 0);
    return ok ? RK_OK : RK_E_MEMORY;
}

static void trainer_done(struct trainer *t) {
    hybrid_batch_done(&t->batch);
    for (int side = 0; side < HYBRID_SIDES; side++) {
        adam_done(&t->own[side]);
        adam_done(&t->feature[side]);
    }
    adam_done(&t->implicit);
    adam_done(&t->dense);
}

static rk_status take_steps(struct trainer *t, double rate) {
    const rk_params *p = t->m->params;
    const rk_host *host = t->m->host;
    struct hybrid_net *net = &t->member->net;
    const struct hybrid_gradient *g = &t->batch.gradient;
    const struct adam_rule rule = {
        .rate = rate, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .decay = p->weight_decay};
    struct adam_rule of_layers = rule;
    of_layers.decay = p->layer_decay;
    rk_status status = RK_OK;
    for (int side = 0; side < HYBRID_SIDES && status == RK_OK; side++) {
        const struct hybrid_slots *slots = &t->batch.slots[side];
        status = adam_step_rows(&t->own[side], host, &rule, net->own[side], slots->kept_id,
            slots->n_kept, g->own[side]);
        if (status == RK_OK && t->feature[side].n > 0)
            status =
                adam_step(&t->feature[side], host, &rule, net->feature[side], g->feature[side]);
    }
    if (status == RK_OK && net->implicit)
        status = adam_step(&t->implicit, host, &rule, net->implicit, g->implicit);
    if (status == RK_OK && net->n_dense > 0)
        status = adam_step(&t->dense, host, &of_layers, net->dense, g->dense);
    return status;
}

static rk_status diverged(const rk_model *m, int n_epochs) {
    return m->host->fail(m->host, RK_E_NUMERIC, "diverged in epoch %d: lower learning_rate, now %g",
        n_epochs, m->params->learning_rate);
}

// Epoch `e`, from 0; *rmse that of the training ratings, each before its step, on the data's scale.
static rk_status run_epoch(struct trainer *t, int e, uint32_t total, double *rmse) {
    const rk_model *m = t->m;
    const rk_params *p = m->params;
    const struct samples *s = t->samples;
    const struct hybrid_ratings ratings = {s->user, s->item, s->value};
    const double rate = p->learning_rate * pow(p->decay, e);
    double loss = 0;
    mix(t->samples, m->host, t->number, (uint32_t)e);
    for (size_t first = 0; first < s->n; first += t->batch.room) {
        const size_t n = s->n - first < t->batch.room ? s->n - first : t->batch.room;
        rk_status status =
            hybrid_batch_run(&t->batch, &ratings, s->order + first, n, t->number, t->turn++, &loss);
        if (status == RK_OK) status = take_steps(t, rate);
        if (status != RK_OK) return status;
    }
    if (!isfinite(loss)) return diverged(m, e + 1);
    *rmse = sqrt(2 * loss / (double)s->n) * m->standard.unit;
    return m->host->progress(m->host, ++t->m->n_done, total, *rmse) ? RK_OK : RK_CANCELLED;
}

// ---- Trainings ---------------------------------------------------------------------------------

static rk_status score(struct trainer *t, double *rmse) {
    const rk_host *host = t->m->host;
    hybrid_rows_done(&t->member->rows);
    rk_status status = hybrid_rows_init(&t->member->rows, &t->member->net, host);
    if (status != RK_OK) return status;
    return validation_rmse(host, t->data, hybrid_member_predict, t->member, rmse);
}

// Validation RMSE after each epoch.
struct curve {
    int n;
    double *at; // [epochs]; owned
};

// Epochs running, up to the last, in which `c` was worse than `rival` by more than chance.
static int behind_for(const struct curve *c, const struct curve *rival, size_t n) {
    int epochs = 0;
    while (epochs < c->n) {
        const int e = c->n - 1 - epochs, of_rival = e < rival->n ? e : rival->n - 1;
        if (!validation_is_better(rival->at[of_rival], c->at[e], n)) break;
        epochs++;
    }
    return epochs;
}

// Trains until the validation slice says stop, or `rival`, if not NULL, has been ahead for so long.
static rk_status try(rk_model *m, const rk_data *d, struct samples *s, const struct curve *rival,
    struct curve *own, struct hybrid_training *training) {
    const rk_params *p = m->params;
    struct hybrid_member member;
    struct trainer t;
    struct stopping stop = stopping_start(p->min_epochs, p->patience);
    rk_status status = trainer_init(&t, m, d, s, training->features, 0, &member);
    const uint32_t total = (uint32_t)p->epochs * (2 + (uint32_t)p->members);
    for (int e = 0; e < p->epochs && status == RK_OK; e++) {
        double train, rmse;
        status = run_epoch(&t, e, total, &train);
        if (status == RK_OK) status = score(&t, &rmse);
        if (status != RK_OK) break;
        m->host->record(m->host,
            training->features ? "validation rmse, features" : "validation rmse", e + 1, rmse);
        m->host->log(m->host, RK_LOG_DEBUG, "epoch %d: train %.4f valid %.4f", e + 1, train, rmse);
        own->at[own->n++] = rmse;
        if (stopping_after(&stop, rmse)) break;
        if (rival && own->n >= p->min_epochs && behind_for(own, rival, d->valid->n) >= p->patience)
            break;
    }
    training->n_epochs = stop.best > 0 ? stop.best : p->epochs;
    training->rmse = stop.rmse;
    trainer_done(&t);
    hybrid_member_done(&member);
    return status;
}

rk_status hybrid_choose(rk_model *m, const rk_data *d, struct hybrid_training *t) {
    const bool both = m->params->features == HYBRID_AUTO && t->features;
    const size_t room = (size_t)m->params->epochs * sizeof(double);
    struct curve first = {.at = malloc(room)}, second = {.at = malloc(room)};
    struct hybrid_training without = {.features = false};
    struct samples s;
    rk_status status = samples_init(&s, m, d, false);
    if (status == RK_OK && (!first.at || !second.at)) status = RK_E_MEMORY;
    if (status == RK_OK) status = try(m, d, &s, NULL, &first, t);
    if (status == RK_OK && both) {
        status = try(m, d, &s, &first, &second, &without);
        if (status == RK_OK && !validation_is_better(t->rmse, without.rmse, d->valid->n))
            *t = without;
    }
    if (status == RK_OK)
        m->host->log(m->host, RK_LOG_DEBUG, "validation: %s features, %d epochs: RMSE %g",
            t->features ? "with" : "without", t->n_epochs, t->rmse);
    samples_done(&s);
    free(first.at);
    free(second.at);
    return status;
}

// Standardised answers cannot need more.
static bool all_sane(const float *x, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (!(fabsf(x[k]) < 1e6f)) return false;
    return true;
}

static bool is_sane(const struct hybrid_member *m) {
    const struct hybrid_net *net = &m->net;
    bool ok = all_sane(net->dense, net->n_dense);
    for (int side = 0; side < HYBRID_SIDES; side++)
        ok = ok && all_sane(m->rows.row[side], net->in.n[side] * net->shape.width);
    return ok;
}

rk_status hybrid_train_all(rk_model *m, const rk_data *d, const struct hybrid_training *training) {
    const uint32_t n_members = (uint32_t)m->params->members,
                   total = m->n_done + n_members * (uint32_t)training->n_epochs;
    struct samples s;
    rk_status status = samples_init(&s, m, d, true);
    m->member = calloc(n_members, sizeof *m->member);
    if (status == RK_OK && !m->member) status = RK_E_MEMORY;
    for (uint32_t k = 0; k < n_members && status == RK_OK; k++) {
        struct trainer t;
        m->n_members = k + 1;
        status = trainer_init(&t, m, d, &s, training->features, k, &m->member[k]);
        for (int e = 0; e < training->n_epochs && status == RK_OK; e++) {
            double rmse;
            status = run_epoch(&t, e, total, &rmse);
            if (status == RK_OK && k == 0) m->host->record(m->host, "train rmse", e + 1, rmse);
        }
        if (status == RK_OK)
            status = hybrid_rows_init(&m->member[k].rows, &m->member[k].net, m->host);
        if (status == RK_OK && !is_sane(&m->member[k])) // an epoch's loss is before its last step
            status = diverged(m, training->n_epochs);
        trainer_done(&t);
        hybrid_net_settle(&m->member[k].net);
    }
    samples_done(&s);
    return status;
}

static uint64_t samples_bytes(const rk_shape *shape) {
    const struct samples *s = NULL;
    return ratings_bytes_with_valid(shape) + effects_bytes(shape) +
           shape->n_ratings * (sizeof *s->user + sizeof *s->value + sizeof *s->order +
                                  sizeof *s->mixed + sizeof *s->run) +
           ((uint64_t)shape->n_users + shape->n_items) * sizeof(float);
}

uint64_t hybrid_train_bytes(
    const rk_params *p, const rk_shape *shape, const uint64_t n_columns[HYBRID_SIDES]) {
    const struct hybrid_shape s = hybrid_shape_of(p);
    const uint32_t n[HYBRID_SIDES] = {shape->n_users, shape->n_items};
    const uint64_t room =
        (uint64_t)p->batch < shape->n_ratings ? (uint64_t)p->batch : shape->n_ratings;
    uint64_t learning = hybrid_net_learn_bytes(&s, n, n_columns, p->implicit) +
                        hybrid_batch_bytes(&s, n, n_columns, p->implicit, room) +
                        adam_bytes(hybrid_net_dense(&s), 0);
    for (int side = 0; side < HYBRID_SIDES; side++)
        learning +=
            adam_bytes(n[side] * s.stride, s.stride) + adam_bytes(n_columns[side] * s.width, 0);
    if (p->implicit) learning += adam_bytes(shape->n_items * s.stride, 0);
    const uint64_t a_member =
        sizeof(struct hybrid_member) + hybrid_net_answer_bytes(&s) + hybrid_rows_bytes(&s, n);
    const uint64_t choosing =
        shape->n_valid ? 2 * (uint64_t)p->epochs * sizeof(double) + validation_bytes(shape) : 0;
    return samples_bytes(shape) + learning + (uint64_t)p->members * a_member + choosing;
}

void hybrid_member_done(struct hybrid_member *member) {
    hybrid_net_done(&member->net);
    hybrid_rows_done(&member->rows);
}

void hybrid_member_fields(struct hybrid_member *member, struct state *s, const rk_params *p) {
    STATE_NUMBER(s, member->standard.center);
    STATE_NUMBER(s, member->standard.unit);
    hybrid_net_fields(&member->net, s, p);
    hybrid_rows_fields(&member->rows, s, &member->net);
}

rk_status hybrid_member_predict(const void *model, const rk_pairs *pairs, float *out) {
    const struct hybrid_member *m = model;
    const rk_status status = hybrid_answers(&m->net, &m->rows, pairs, out);
    if (status != RK_OK) return status;
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = (float)(m->standard.center + m->standard.unit * (double)out[k]);
    return RK_OK;
}
