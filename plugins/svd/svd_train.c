#include "svd_train.h"

#include <math.h>
#include <stdlib.h>

enum {
    PAIRS_A_PIECE = 4096,
    MAX_CLIMB = 3,                 // times that l2 is halved, or doubled
    MAX_TRAININGS = 3 + MAX_CLIMB, // the first l2, the wrong way, the right way, all ratings
};

static const double TARGET_SD = 1.1;     // of standardised ratings: about what stars have
static const double HOPELESS = 1.01;     // an RMSE that far over the best's is given up
static const double WORTHWHILE = 0.9995; // an RMSE that far under the best's is an improvement

void svd_train_standardise(rk_model *m, const rk_data *d) {
    const uint64_t n = d->by_user.start[d->n_users];
    const float *value = d->by_user.value;
    double sum = 0, squares = 0;
    for (uint64_t e = 0; e < n; e++) sum += value[e];
    m->center = sum / (double)n;
    for (uint64_t e = 0; e < n; e++) squares += (value[e] - m->center) * (value[e] - m->center);
    m->unit = sqrt(squares / (double)n) / TARGET_SD;
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

// Epoch `e` (from 0) with its step size; *rmse of the training ratings on the data's scale.
static rk_status run_epoch(rk_model *m, const struct svd_blocks *b, int e, double *rmse) {
    const rk_params *p = m->params;
    const double rate = p->learning_rate * pow(p->decay, e);
    const struct svd_steps steps = {.rate = (float)rate,
        .bias_rate = (float)(rate * p->bias_rate),
        .bias_l2 = (float)p->bias_l2};
    double sse;
    const rk_status status = svd_sgd_epoch(&m->factors, b, m->host, steps, (uint32_t)e, &sse);
    if (status != RK_OK) return status;
    const double error = sqrt(sse / (double)b->n);
    *rmse = error * m->unit;
    if (error < 100 * TARGET_SD) return RK_OK;
    return m->host->fail(m->host, RK_E_NUMERIC,
        "diverged in epoch %d (train RMSE %g): lower learning_rate, now %g, or init_sd, now %g",
        e + 1, *rmse, p->learning_rate, p->init_sd);
}

// What the validation slice says of one l2.
struct choice {
    double l2;
    double *curve; // [epochs]; owned; RMSE after each epoch
    int n_curve;
    double rmse;  // the least of them
    int n_epochs; // that lead there
};

// One more epoch scored. False: no better for `patience` epochs, or too far behind the rival.
static bool choice_add(struct choice *c, const rk_params *p, double rmse, double rival) {
    c->curve[c->n_curve++] = rmse;
    if (rmse < c->rmse) {
        c->rmse = rmse;
        c->n_epochs = c->n_curve;
    }
    return c->n_curve < p->min_epochs ||
           (c->n_curve < c->n_epochs + p->patience && rmse < HOPELESS * rival);
}

// Trains from new for n_epochs, or with `c` until the validation slice has seen enough; `rival` is
// the RMSE to beat.
static rk_status train(rk_model *m, const rk_data *d, const struct svd_blocks *b, double l2,
    int n_epochs, struct choice *c, double rival) {
    const rk_params *p = m->params;
    const rk_host *host = m->host;
    const uint32_t n = (uint32_t)n_epochs, total = c ? n * MAX_TRAININGS : m->n_done + n;
    svd_factors_done(&m->factors);
    if (!svd_factors_init(&m->factors, d->n_users, d->n_items, (size_t)p->rank)) return RK_E_MEMORY;
    svd_factors_penalise(&m->factors, b, l2, p->l2_falloff);
    rk_status status = svd_factors_draw(&m->factors, b, host, (size_t)p->rank, p->init_sd);
    for (int e = 0; e < n_epochs && status == RK_OK; e++) {
        double rmse;
        status = run_epoch(m, b, e, &rmse);
        if (status != RK_OK) return status;
        if (!c) host->record(host, "train rmse", e + 1, rmse);
        if (!host->progress(host, ++m->n_done, total, rmse)) return RK_CANCELLED;
        if (!c) continue;
        status = score(m, d, &rmse);
        if (status == RK_OK && !choice_add(c, p, rmse, rival)) break;
    }
    if (status != RK_OK || svd_factors_sane(&m->factors)) return status;
    return host->fail(host, RK_E_NUMERIC, "factors grew without bound: lower learning_rate, now %g",
        p->learning_rate);
}

static rk_status try_l2(rk_model *m, const rk_data *d, const struct svd_blocks *b, double l2,
    struct choice *c, double rival) {
    c->l2 = l2;
    c->n_curve = 0;
    c->rmse = INFINITY;
    c->n_epochs = 1;
    const rk_status status = train(m, d, b, l2, m->params->epochs, c, rival);
    if (status == RK_OK) m->host->record(m->host, "validation rmse by l2", l2, c->rmse);
    return status;
}

// Multiplies best->l2 by `ratio` for as long as that helps.
static rk_status climb(rk_model *m, const rk_data *d, const struct svd_blocks *b, double ratio,
    struct choice *best, struct choice *other) {
    for (int k = 0; k < MAX_CLIMB; k++) {
        const rk_status status = try_l2(m, d, b, best->l2 * ratio, other, best->rmse);
        if (status != RK_OK) return status;
        if (!(other->rmse < WORTHWHILE * best->rmse)) break;
        const struct choice better = *other;
        *other = *best;
        *best = better;
    }
    return RK_OK;
}

static rk_status search(rk_model *m, const rk_data *d, const struct svd_blocks *b,
    struct choice *best, struct choice *other) {
    const rk_params *p = m->params;
    rk_status status = try_l2(m, d, b, p->l2, best, INFINITY);
    if (status == RK_OK && p->l2_search) status = climb(m, d, b, 0.5, best, other);
    if (status == RK_OK && p->l2_search && best->l2 == p->l2)
        status = climb(m, d, b, 2, best, other);
    return status;
}

rk_status svd_train_choose(rk_model *m, const rk_data *d, double *l2, int *n_epochs) {
    const size_t n = (size_t)m->params->epochs;
    struct choice best = {.curve = malloc(n * sizeof(double))};
    struct choice other = {.curve = malloc(n * sizeof(double))};
    struct svd_blocks blocks = {0};
    rk_status status = RK_E_MEMORY;
    if (!best.curve || !other.curve) goto done;
    status = svd_blocks_init(&blocks, m->host, d, false, m->center, m->unit);
    if (status == RK_OK) status = search(m, d, &blocks, &best, &other);
    if (status != RK_OK) goto done;
    for (int e = 0; e < best.n_curve; e++)
        m->host->record(m->host, "validation rmse", e + 1, best.curve[e]);
    *l2 = best.l2;
    *n_epochs = best.n_epochs;
done:
    svd_blocks_done(&blocks);
    free(best.curve);
    free(other.curve);
    return status;
}

rk_status svd_train_all(rk_model *m, const rk_data *d, double l2, int n_epochs) {
    struct svd_blocks blocks;
    rk_status status = svd_blocks_init(&blocks, m->host, d, true, m->center, m->unit);
    if (status != RK_OK) return status;
    status = train(m, d, &blocks, l2, n_epochs, NULL, INFINITY);
    svd_blocks_done(&blocks);
    return status;
}
