#include "svd_train.h"

#include <math.h>
#include <stdlib.h>

enum {
    PAIRS_A_PIECE = 4096,
    MAX_CLIMB = 3,                             // times that something is halved or doubled
    MAX_TRAININGS = 1 + 1 + 2 * MAX_CLIMB + 1, // as given, l2 the wrong way, l2, rate, all ratings
};

static const double TARGET_SD = 1.1; // of standardised ratings: about what stars have
static const double DIVERGED = 100;  // RMSE of standardised ratings
static const double HOPELESS = 1.01; // an RMSE that far over the best's is given up

void svd_train_standardise(rk_model *m, const rk_data *d) {
    const uint64_t n = d->by_user.start[d->n_users];
    const float *value = d->by_user.value;
    double sum = 0, squares = 0;
    for (uint64_t e = 0; e < n; e++) sum += value[e];
    m->center = sum / (double)n;
    for (uint64_t e = 0; e < n; e++) squares += (value[e] - m->center) * (value[e] - m->center);
    m->unit = sqrt(squares / (double)n) / TARGET_SD;
}

// The share by which a lower RMSE on n ratings must be lower to be more than chance: errors of two
// ways to train are much alike, so that this is far below the RMSE's own standard error.
static double worthwhile(size_t n) {
    return 0.0003 + 0.03 / sqrt((double)n);
}

struct scoring {
    const rk_model *model;
    const rk_data *data;
    double *partial; // [pieces]; owned
};

static rk_status score_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct scoring *s = arg;
    const rk_model *m = s->model;
    const rk_data *d = s->data;
    const rk_pairs *v = d->valid;
    double sse = 0;
    for (size_t k = begin; k < end; k++) {
        float x;
        svd_factors_predict(&m->factors, v->users + k, v->items + k, 1, m->center, m->unit, &x);
        x = fminf(fmaxf(x, d->rating_min), d->rating_max);
        sse += ((double)x - d->valid_ratings[k]) * ((double)x - d->valid_ratings[k]);
    }
    s->partial[begin / PAIRS_A_PIECE] = sse;
    return RK_OK;
}

// RMSE on the validation slice, clipped to the scale.
static rk_status score(const rk_model *m, const rk_data *d, double *rmse) {
    const size_t n = d->valid->n, n_pieces = (n + PAIRS_A_PIECE - 1) / PAIRS_A_PIECE;
    struct scoring s = {.model = m, .data = d, .partial = calloc(n_pieces, sizeof *s.partial)};
    if (!s.partial) return RK_E_MEMORY;
    const rk_status status = m->host->parallel_for(m->host, n, PAIRS_A_PIECE, score_piece, &s);
    double sse = 0;
    for (size_t k = 0; k < n_pieces; k++) sse += s.partial[k];
    *rmse = sqrt(sse / (double)n);
    free(s.partial);
    return status;
}

// One way to train; what is searched for.
struct choice {
    double l2;
    double rate;   // learning rate of the first epoch
    int n_epochs;  // after which the RMSE on the validation slice is least
    double rmse;   // that
    double *curve; // [epochs]; owned; RMSE after each epoch
    int n_curve;
};

static rk_status start(rk_model *m, const rk_data *d, const struct svd_blocks *b, double l2) {
    const rk_params *p = m->params;
    struct svd_factors *f = &m->factors;
    svd_factors_done(f);
    if (!svd_factors_init(f, d->n_users, d->n_items, (size_t)p->rank)) return RK_E_MEMORY;
    svd_factors_penalise(f, b, l2, p->l2_falloff);
    return svd_factors_draw(f, b, m->host, (size_t)p->rank, p->init_sd);
}

// Epoch `e`, from 0; `total` is for the progress bar, *rmse that of the training ratings on the
// data's scale. RK_E_NUMERIC: diverged.
static rk_status run_epoch(rk_model *m, const struct svd_blocks *b, double first_rate, int e,
    uint32_t total, double *rmse) {
    const rk_params *p = m->params;
    const double rate = first_rate * pow(p->decay, e);
    const struct svd_steps steps = {.rate = (float)rate,
        .bias_rate = (float)(rate * p->bias_rate),
        .bias_l2 = (float)p->bias_l2};
    double sse;
    const rk_status status = svd_sgd_epoch(&m->factors, b, m->host, steps, (uint32_t)e, &sse);
    if (status != RK_OK) return status;
    const double error = sqrt(sse / (double)b->n);
    if (!(error < DIVERGED)) return RK_E_NUMERIC;
    *rmse = error * m->unit;
    return m->host->progress(m->host, ++m->n_done, total, *rmse) ? RK_OK : RK_CANCELLED;
}

// Trains by c->l2 and c->rate and fills in the rest of *c: after n_epochs epochs, or once it is no
// better for `patience` epochs, or too far behind `rival`, the RMSE to beat.
static rk_status try(
    rk_model *m, const rk_data *d, const struct svd_blocks *b, double rival, struct choice *c) {
    const rk_params *p = m->params;
    const uint32_t total = (uint32_t)p->epochs * MAX_TRAININGS;
    c->n_curve = c->n_epochs = 0;
    c->rmse = INFINITY;
    rk_status status = start(m, d, b, c->l2);
    for (int e = 0; e < p->epochs && status == RK_OK; e++) {
        double rmse;
        status = run_epoch(m, b, c->rate, e, total, &rmse);
        if (status == RK_OK) status = score(m, d, &rmse);
        if (status != RK_OK) return status;
        c->curve[c->n_curve++] = rmse;
        if (rmse < c->rmse) {
            c->rmse = rmse;
            c->n_epochs = e + 1;
        }
        if (e + 1 < p->min_epochs) continue;
        if (e + 1 >= c->n_epochs + p->patience || rmse > HOPELESS * rival) break;
    }
    return status;
}

// Multiplies l2 and the learning rate of *best for as long as that helps.
static rk_status climb(rk_model *m, const rk_data *d, const struct svd_blocks *b, double l2_ratio,
    double rate_ratio, struct choice *best, struct choice *other) {
    for (int k = 0; k < MAX_CLIMB; k++) {
        other->l2 = best->l2 * l2_ratio;
        other->rate = best->rate * rate_ratio;
        const rk_status status = try(m, d, b, best->rmse, other);
        if (status == RK_E_NUMERIC) break;
        if (status != RK_OK) return status;
        if (!(other->rmse < (1 - worthwhile(d->valid->n)) * best->rmse)) break;
        const struct choice better = *other;
        *other = *best;
        *best = better;
    }
    return RK_OK;
}

static rk_status tune(rk_model *m, const rk_data *d, const struct svd_blocks *b,
    struct choice *best, struct choice *other) {
    const rk_params *p = m->params;
    rk_status status = try(m, d, b, INFINITY, best);
    if (status != RK_OK || !p->tune) return status;
    status = climb(m, d, b, 0.5, 1, best, other);
    if (status == RK_OK && best->l2 == p->l2) status = climb(m, d, b, 2, 1, best, other);
    if (status == RK_OK && best->n_epochs == p->epochs) status = climb(m, d, b, 1, 2, best, other);
    return status;
}

static rk_status explain(const rk_model *m, rk_status status) {
    if (status != RK_E_NUMERIC) return status;
    return m->host->fail(m->host, status,
        "diverged after %u epochs: lower learning_rate, now %g, or init_sd, now %g",
        (unsigned)m->n_done, m->params->learning_rate, m->params->init_sd);
}

rk_status svd_train_choose(rk_model *m, const rk_data *d, struct svd_training *t) {
    const size_t n = (size_t)m->params->epochs;
    struct choice best = {.l2 = t->l2, .rate = t->rate, .curve = malloc(n * sizeof(double))};
    struct choice other = {.curve = malloc(n * sizeof(double))};
    struct svd_blocks blocks = {0};
    rk_status status = RK_E_MEMORY;
    if (!best.curve || !other.curve) goto done;
    status = svd_blocks_init(&blocks, m->host, d, false, m->center, m->unit);
    if (status == RK_OK) status = explain(m, tune(m, d, &blocks, &best, &other));
    if (status != RK_OK) goto done;
    for (int e = 0; e < best.n_curve; e++)
        m->host->record(m->host, "validation rmse", e + 1, best.curve[e]);
    m->host->log(m->host, RK_LOG_DEBUG, "validation: l2 %g, learning rate %g, %d epochs: RMSE %g",
        best.l2, best.rate, best.n_epochs, best.rmse);
    *t = (struct svd_training){.l2 = best.l2, .rate = best.rate, .n_epochs = best.n_epochs};
done:
    svd_blocks_done(&blocks);
    free(best.curve);
    free(other.curve);
    return status;
}

rk_status svd_train_all(rk_model *m, const rk_data *d, const struct svd_training *t) {
    const uint32_t total = m->n_done + (uint32_t)t->n_epochs;
    struct svd_blocks blocks;
    rk_status status = svd_blocks_init(&blocks, m->host, d, true, m->center, m->unit);
    if (status != RK_OK) return status;
    status = start(m, d, &blocks, t->l2);
    for (int e = 0; e < t->n_epochs && status == RK_OK; e++) {
        double rmse;
        status = run_epoch(m, &blocks, t->rate, e, total, &rmse);
        if (status == RK_OK) m->host->record(m->host, "train rmse", e + 1, rmse);
    }
    if (status == RK_OK && !svd_factors_sane(&m->factors)) status = RK_E_NUMERIC;
    svd_blocks_done(&blocks);
    return explain(m, status);
}
