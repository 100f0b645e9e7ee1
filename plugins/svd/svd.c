// Biased matrix factorization by stochastic gradient descent, known as "SVD" since the Netflix
// prize:
//
//     r^(u,i) = mu + b_u + b_i + p_u.q_i
//     loss    = sum over ratings of  e^2 + l_u |p_u|^2 + l_i |q_i|^2 + l_b (b_u^2 + b_i^2)
//     step    e = r - r^;  b += h_b (e - l_b b);  p_u += h (e q_i - l_u p_u);  q_i likewise
//
// S. Funk, "Netflix update: try this at home", 2006; Y. Koren, R. Bell, C. Volinsky, "Matrix
// factorization techniques for recommender systems", IEEE Computer 42(8), 2009.
// Here: ratings are standardised before training, so that one set of defaults serves every scale.
// A row of n ratings has l = l2 (100 / n)^falloff: between a penalty for each rating (falloff 0)
// and one for each row (falloff 1; the Gaussian prior). Factors start near zero, where directions
// grow in the order of what they explain. Threads: svd_blocks.h.
// The validation slice says when to stop; all ratings are then learned from for as many epochs.
// Check value: RMSE .8391 on ml-latest-small, .9037 on ml-100k (u1..u5), means of five folds.
#include "svd_sgd.h"

#include <math.h>
#include <stdlib.h>

struct rk_params {
    int rank;
    int epochs;
    int min_epochs;
    int patience;
    double learning_rate;
    double decay;
    double bias_rate;
    double l2;
    double l2_falloff;
    double bias_l2;
    double init_sd;
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    double center;           // mean of the training ratings
    double unit;             // what one unit of the standardised ratings is in the data's
    uint32_t done;           // epochs so far, both trainings
    struct svd_factors factors;
};

enum { PAIRS_A_PIECE = 4096 };

static const double TARGET_SD = 1.1; // of standardised ratings: about what stars have

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
    free(m);
}

static void standardise(rk_model *m, const rk_csr *r) {
    const uint64_t n = r->start[r->n_rows];
    double sum = 0, squares = 0;
    for (uint64_t e = 0; e < n; e++) sum += r->value[e];
    m->center = sum / (double)n;
    for (uint64_t e = 0; e < n; e++)
        squares += (r->value[e] - m->center) * (r->value[e] - m->center);
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
    double sse = 0;
    for (size_t k = begin; k < end; k++) {
        float x;
        svd_factors_predict(
            &m->factors, d->valid->users + k, d->valid->items + k, 1, m->center, m->unit, &x);
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

// Epoch `e` (from 0) with its share of the schedule; *rmse in the data's unit.
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

// Runs up to n_epochs epochs. With `best`, scores each on the validation slice, stops when that
// has not become better for `patience` epochs, and sets *best to the best number of epochs.
static rk_status run_epochs(
    rk_model *m, const rk_data *d, const struct svd_blocks *b, int n_epochs, int *best) {
    const rk_params *p = m->params;
    const rk_host *host = m->host;
    const uint32_t total = m->done + (uint32_t)(best ? 2 * n_epochs : n_epochs);
    double least = INFINITY;
    for (int e = 0; e < n_epochs; e++) {
        double rmse;
        rk_status status = run_epoch(m, b, e, &rmse);
        if (status != RK_OK) return status;
        if (!best) host->record(host, "train rmse", e + 1, rmse);
        if (!host->progress(host, ++m->done, total, rmse)) return RK_CANCELLED;
        if (!best) continue;
        status = score(m, d, &rmse);
        if (status != RK_OK) return status;
        host->record(host, "validation rmse", e + 1, rmse);
        if (rmse < least) {
            least = rmse;
            *best = e + 1;
        }
        if (e + 1 >= p->min_epochs && e + 1 >= *best + p->patience) break;
    }
    return RK_OK;
}

// Trains on the training ratings, or, without `best`, on those of the validation slice too.
static rk_status train(rk_model *m, const rk_data *d, int n_epochs, int *best) {
    const rk_params *p = m->params;
    struct svd_factors *f = &m->factors;
    struct svd_blocks blocks;
    const double scale = m->unit > 0 ? 1 / m->unit : 0;
    rk_status status = svd_blocks_init(&blocks, m->host, d, !best, m->center, scale);
    if (status != RK_OK) return status;
    svd_factors_done(f);
    status = RK_E_MEMORY;
    if (!svd_factors_init(f, d->n_users, d->n_items, (size_t)p->rank)) goto done;
    svd_factors_penalise(f, &blocks, p->l2, p->l2_falloff);
    status = svd_factors_draw(f, &blocks, m->host, (size_t)p->rank, p->init_sd);
    if (status != RK_OK) goto done;
    status = run_epochs(m, d, &blocks, n_epochs, best);
    if (status == RK_OK && !svd_factors_sane(f))
        status = m->host->fail(m->host, RK_E_NUMERIC,
            "factors grew without bound: lower learning_rate, now %g", p->learning_rate);
done:
    svd_blocks_done(&blocks);
    return status;
}

static rk_status fit(rk_model *m, const rk_data *d) {
    int n_epochs = m->params->epochs;
    standardise(m, &d->by_user);
    if (d->valid->n > 0) {
        const rk_status status = train(m, d, n_epochs, &n_epochs);
        if (status != RK_OK) return status;
    }
    return train(m, d, n_epochs, NULL);
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    svd_factors_predict(&m->factors, pairs->users, pairs->items, pairs->n, m->center, m->unit, out);
    return RK_OK;
}

static const rk_param schema[] = {
    RK_INT(rank, 128, 1, 1024, RK_LOG, "factors of each user and item"),
    RK_INT(epochs, 50, 1, 10000, RK_RESOURCE,
        "passes over the ratings; fewer if the validation slice says so"),
    RK_INT(min_epochs, 20, 1, 10000, RK_LOG, "epochs before the validation slice may stop it"),
    RK_INT(
        patience, 6, 1, 10000, RK_LOG, "epochs without a better validation RMSE before it stops"),
    RK_REAL(learning_rate, 0.03, 1e-6, 1, RK_LOG, "step of the first epoch"),
    RK_REAL(decay, 0.94, 0.1, 1, RK_LINEAR, "each epoch's step over the one before"),
    RK_REAL(bias_rate, 0.3, 0, 1, RK_LINEAR, "step of biases over that of factors"),
    RK_REAL(
        l2, 0.065, 1e-6, 10, RK_LOG, "penalty on the factors of a row of 100 ratings, a rating"),
    RK_REAL(l2_falloff, 0.25, 0, 1, RK_LINEAR,
        "how that falls with a row's ratings: 0 not at all, 1 in proportion"),
    RK_REAL(bias_l2, 0.02, 1e-6, 10, RK_LOG, "penalty on biases, a rating"),
    RK_REAL(init_sd, 0.005, 1e-6, 1, RK_LOG, "standard deviation of the first factors"),
};
RK_PLUGIN(.id = "svd", .summary = "Biased matrix factorization by stochastic gradient descent",
    .version = "1.0.0", .flags = RK_WANTS_VALID, RK_PARAMS(schema), .create = create,
    .destroy = destroy, .fit = fit, .predict = predict)
