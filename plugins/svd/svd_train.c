#include "svd_train.h"

#include <math.h>
#include <stdlib.h>

#include "common/validation.h"
#include "svd_sgd.h"

enum {
    MAX_CLIMB = 3, // times that something is halved or doubled
    MAX_TRAININGS =
        1 + 1 + 2 * MAX_CLIMB + 2, // as given, l2 the wrong way, l2, rate, features, all ratings
};

static const double DIVERGED = 100;  // RMSE of standardised ratings
static const double SURE = 1;        // standard errors of a difference
static const double HOPELESS = 1.01; // an RMSE that far over the best's is given up

// One way to train; what is searched for.
struct choice {
    struct svd_training training; // n_epochs: after which the RMSE on the validation slice is least
    double rmse;                  // that
    double *curve;                // [epochs]; owned; RMSE after each epoch
    int n_curve;
    float *answer; // [valid->n]; owned; to the slice, after n_epochs
};

// What a training works on.
struct work {
    struct svd_ratings ratings;
    struct svd_batch batch;
};

void svd_train_predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    svd_factors_predict(&m->factors, pairs, out);
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = (float)(m->standard.center + m->standard.unit * out[k]);
}

static rk_status answers(const void *model, const rk_pairs *pairs, float *out) {
    svd_train_predict(model, pairs, out);
    return RK_OK;
}

static bool work_init(struct work *w, rk_model *m, const rk_data *d, bool with_valid) {
    *w = (struct work){0};
    return svd_ratings_init(&w->ratings, d, with_valid, &m->standard);
}

static void work_done(struct work *w) {
    svd_batch_done(&w->batch);
    svd_ratings_done(&w->ratings);
}

static rk_status start(rk_model *m, struct work *w, const struct svd_training *t) {
    const rk_params *p = m->params;
    struct svd_factors *f = &m->factors;
    const bool features = t->features && m->side.rows.n_cols > 0;
    const struct svd_terms terms = {
        .implicit = p->implicit, .time = p->time_bias, .features = features ? &m->side.rows : NULL};
    svd_factors_done(f);
    svd_batch_done(&w->batch);
    if (!svd_factors_init(f, &w->ratings, (size_t)p->rank, &terms) ||
        !svd_batch_init(&w->batch, f, &w->ratings))
        return RK_E_MEMORY;
    svd_factors_penalise(f, &w->ratings, t->l2, p->l2_falloff, p->implicit_l2);
    return svd_factors_draw(f, &w->ratings, m->host, (size_t)p->rank, p->init_sd);
}

// Epoch `e`, from 0; `total` is for the progress bar, *rmse that of the training ratings on the
// data's scale. RK_E_NUMERIC: diverged.
static rk_status run_epoch(
    rk_model *m, struct work *w, double first_rate, int e, uint32_t total, double *rmse) {
    const rk_params *p = m->params;
    const struct svd_steps steps = {.rate = (float)(first_rate * pow(p->decay, e)),
        .bias_rate = (float)p->bias_rate,
        .implicit_rate = (float)p->implicit_rate,
        .feature_rate = (float)p->feature_rate,
        .bias_l2 = (float)p->bias_l2,
        .feature_l2 = (float)p->feature_l2,
        .time_l2 = (float)p->time_l2};
    double sse;
    const rk_status status =
        svd_sgd_epoch(&m->factors, &w->ratings, &w->batch, m->host, steps, (uint32_t)e, &sse);
    if (status != RK_OK) return status;
    const double error = sqrt(sse / (double)w->ratings.n);
    if (!(error < DIVERGED)) return RK_E_NUMERIC;
    *rmse = error * m->standard.unit;
    return m->host->progress(m->host, ++m->n_done, total, *rmse) ? RK_OK : RK_CANCELLED;
}

// Trains by c->training and fills in the rest of *c: after n_epochs epochs, or once it is no better
// for `patience` epochs, or too far behind `rival`, the RMSE to beat.
static rk_status try(
    rk_model *m, const rk_data *d, struct work *w, double rival, struct choice *c) {
    const rk_params *p = m->params;
    const uint32_t total = (uint32_t)p->epochs * MAX_TRAININGS;
    struct stopping stopping = stopping_start(p->min_epochs, p->patience);
    rk_status status = start(m, w, &c->training);
    c->n_curve = 0;
    while (status == RK_OK && c->n_curve < p->epochs) {
        double rmse;
        status = run_epoch(m, w, c->training.rate, c->n_curve, total, &rmse);
        if (status == RK_OK) status = svd_factors_sum(&m->factors, &w->ratings, m->host);
        if (status == RK_OK) status = validation_rmse(m->host, d, answers, m, &rmse);
        if (status != RK_OK) return status;
        c->curve[c->n_curve++] = rmse;
        const bool stops = stopping_after(&stopping, rmse);
        if (stopping.best == c->n_curve) svd_train_predict(m, d->valid, c->answer);
        if (stops) break;
        if (c->n_curve >= p->min_epochs && rmse > HOPELESS * rival) break;
    }
    c->training.n_epochs = stopping.best;
    c->rmse = stopping.rmse;
    return status;
}

// Whether a's answers to the slice are better than b's by SURE standard errors of the
// difference: the best of several trainings looks better by chance alone.
static bool is_sure(const rk_data *d, const struct choice *a, const struct choice *b) {
    const size_t n = d->valid->n;
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        const double r = d->valid_ratings[k];
        const double x = fminf(fmaxf(a->answer[k], d->rating_min), d->rating_max) - r;
        const double y = fminf(fmaxf(b->answer[k], d->rating_min), d->rating_max) - r;
        sum += y * y - x * x;
        squares += (y * y - x * x) * (y * y - x * x);
    }
    const double variance = squares - sum * sum / (double)n; // of the sum
    return sum > SURE * sqrt(fmax(variance, 0));
}

// Tries `other->training`, and makes it *best if it is clearly better. *won says so.
static rk_status challenge(rk_model *m, const rk_data *d, struct work *w, struct choice *best,
    struct choice *other, bool *won) {
    const rk_status status = try(m, d, w, best->rmse, other);
    *won = status == RK_OK && validation_is_better(other->rmse, best->rmse, d->valid->n) &&
           is_sure(d, other, best);
    if (*won) {
        const struct choice better = *other;
        *other = *best;
        *best = better;
    }
    return status == RK_E_NUMERIC ? RK_OK : status;
}

// Multiplies l2 and the learning rate of *best for as long as that helps.
static rk_status climb(rk_model *m, const rk_data *d, struct work *w, double l2_ratio,
    double rate_ratio, struct choice *best, struct choice *other) {
    bool won = true;
    for (int k = 0; k < MAX_CLIMB && won; k++) {
        other->training = best->training;
        other->training.l2 *= l2_ratio;
        other->training.rate *= rate_ratio;
        const rk_status status = challenge(m, d, w, best, other, &won);
        if (status != RK_OK) return status;
    }
    return RK_OK;
}

static rk_status tune(
    rk_model *m, const rk_data *d, struct work *w, struct choice *best, struct choice *other) {
    const rk_params *p = m->params;
    rk_status status = climb(m, d, w, 0.5, 1, best, other);
    if (status == RK_OK && best->training.l2 == p->l2) status = climb(m, d, w, 2, 1, best, other);
    if (status == RK_OK && best->training.n_epochs == p->epochs)
        status = climb(m, d, w, 1, 2, best, other);
    return status;
}

// The best training without features, and then with them: they are to add to what is tuned.
static rk_status choose(
    rk_model *m, const rk_data *d, struct work *w, struct choice *best, struct choice *other) {
    const rk_params *p = m->params;
    bool won;
    rk_status status = try(m, d, w, INFINITY, best);
    if (status == RK_OK && p->tune) status = tune(m, d, w, best, other);
    if (status != RK_OK || p->features != SVD_FEATURES_AUTO || m->side.rows.n_cols == 0)
        return status;
    other->training = best->training;
    other->training.features = true;
    return challenge(m, d, w, best, other, &won);
}

static rk_status explain(const rk_model *m, rk_status status) {
    if (status != RK_E_NUMERIC) return status;
    return m->host->fail(m->host, status,
        "diverged after %u epochs: lower learning_rate, now %g, or init_sd, now %g",
        (unsigned)m->n_done, m->params->learning_rate, m->params->init_sd);
}

rk_status svd_train_choose(rk_model *m, const rk_data *d, struct svd_training *t) {
    const size_t n = (size_t)m->params->epochs;
    struct choice best = {.training = *t}, other = {0};
    best.curve = malloc(n * sizeof *best.curve);
    other.curve = malloc(n * sizeof *other.curve);
    best.answer = malloc(d->valid->n * sizeof *best.answer);
    other.answer = malloc(d->valid->n * sizeof *other.answer);
    struct work w = {0};
    rk_status status = RK_E_MEMORY;
    if (!best.curve || !other.curve || !best.answer || !other.answer) goto done;
    if (!work_init(&w, m, d, false)) goto done;
    status = explain(m, choose(m, d, &w, &best, &other));
    if (status != RK_OK) goto done;
    for (int e = 0; e < best.n_curve; e++)
        m->host->record(m->host, "validation rmse", e + 1, best.curve[e]);
    *t = best.training;
    m->host->log(m->host, RK_LOG_DEBUG,
        "validation: %s features, l2 %g, learning rate %g, %d epochs: RMSE %g",
        t->features ? "with" : "without", t->l2, t->rate, t->n_epochs, best.rmse);
done:
    work_done(&w);
    free(best.curve);
    free(other.curve);
    free(best.answer);
    free(other.answer);
    return status;
}

uint64_t svd_train_choose_bytes(const rk_params *p, const rk_shape *shape) {
    const struct choice *c = NULL;
    return 2 * (uint64_t)p->epochs * sizeof *c->curve + 2 * shape->n_valid * sizeof *c->answer +
           validation_bytes(shape);
}

uint64_t svd_train_bytes(const rk_params *p, const rk_shape *shape, bool features) {
    const size_t rank = (size_t)p->rank;
    const uint64_t n_features = features ? side_most_columns(SIDE_ITEMS, shape) : 0;
    return svd_ratings_bytes(shape) + svd_batch_bytes(shape, rank, n_features) +
           svd_factors_bytes(shape, rank, p->implicit, p->time_bias, n_features);
}

rk_status svd_train_all(rk_model *m, const rk_data *d, const struct svd_training *t) {
    const uint32_t total = m->n_done + (uint32_t)t->n_epochs;
    struct work w = {0};
    rk_status status = work_init(&w, m, d, true) ? start(m, &w, t) : RK_E_MEMORY;
    for (int e = 0; e < t->n_epochs && status == RK_OK; e++) {
        double rmse;
        status = run_epoch(m, &w, t->rate, e, total, &rmse);
        if (status == RK_OK) m->host->record(m->host, "train rmse", e + 1, rmse);
    }
    if (status == RK_OK) status = svd_factors_sum(&m->factors, &w.ratings, m->host);
    if (status == RK_OK && !svd_factors_sane(&m->factors)) status = RK_E_NUMERIC;
    work_done(&w);
    return explain(m, status);
}
