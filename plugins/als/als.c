// als - matrix factorization by alternating least squares, with biases in the solve.
//
//     r(u,i) = mu + s (b_u + b_i + p_u . q_i)
//
//     min  sum_(u,i) ((r(u,i) - mu) / s - b_u - b_i - p_u . q_i)^2
//          + lambda (sum_u n_u^c |p_u|^2 + sum_i n_i^c |q_i|^2)
//          + d_U sum_u b_u^2 + d_I sum_i b_i^2
//          + w sum_(all u,i) (B(u,i) - p_u . y_i)^2 + w a sum_i |y_i|^2
//          + w sum_(all u,i) (B(u,i) - x_u . q_i)^2 + w a sum_u |x_u|^2
//
// where B(u,i) is 1 for a rating in training and 0 elsewhere: what somebody rates says what he
// likes. The implicit-features term is that of D. Cortes: Cold-start recommendations in Collective
// Matrix Factorization (arXiv:1809.00366, 2018; cmfrec); x and y only serve to learn p and q.
//
// Y. Zhou, D. Wilkinson, R. Schreiber, R. Pan: Large-Scale Parallel Collaborative Filtering for the
// Netflix Prize (AAIM 2008): ALS-WR, which is c = 1 without biases. The power c as a setting:
// S. Rendle, W. Krichene, L. Zhang, Y. Koren: Revisiting the Performance of iALS on Item
// Recommendation Benchmarks (RecSys 2022). With the other side fixed, a user's [p_u ; b_u] is the
// solution of a linear system (als_solve.c); users and items take turns. Conjugate gradients
// instead of Cholesky: G. Takacs, I. Pilaszy, D. Tikk: Applications of the Conjugate Gradient
// Method for Implicit Feedback Collaborative Filtering (RecSys 2011).
//
// s is the standard deviation of the noise about the biases, so that lambda means the same on any
// rating scale. d_U, d_I, s and mu (the level of the average user and item) are estimated from the
// training ratings (common/effects.h). lambda, and whether the term is worth having, are chosen on
// the validation slice; then all is trained on fold and slice.
//
// Check value: ml-100k, u1 as test, rank 50, lambda 1.5: RMSE .919 (clipped) without the term,
// .898 with it, from any seed.
#include <math.h>
#include <stdlib.h>

#include "common/als_choose.h"
#include "common/als_factors.h"
#include "common/als_implicit.h"
#include "common/als_train.h"
#include "common/effects.h"
#include "common/extensions.h"
#include "common/ratings.h"
#include "reckon.h"

// A good lambda at count_power 1/2: within a fifth of the best on inner splits of the training
// folds of ml-latest-small, ml-100k and ml-1m alike.
static const double USUAL_LAMBDA = 1.5;

struct rk_params {
    int rank;
    int iterations;
    double lambda;
    double count_power;
    double user_damping;
    double item_damping;
    int implicit;
    double implicit_weight;
    double implicit_ridge;
    int solver;
    int cg_steps;
};

enum { IMPLICIT_NEVER, IMPLICIT_ALWAYS, IMPLICIT_AUTO };

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    struct als_factors f;    // owned
};

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    als_factors_done(&m->f);
    free(m);
}

// Sum of log n over the ratings of all rows, n the ratings of a rating's row.
static double log_counts(const rk_csr *rows) {
    double sum = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const double n = (double)(rows->start[r + 1] - rows->start[r]);
        if (n > 0) sum += n * log(n);
    }
    return sum;
}

// The lambda that penalises a typical rating's user and item as USUAL_LAMBDA n^(1/2) does.
static double usual_lambda(const rk_data *data, double count_power) {
    const double n = (double)data->by_user.start[data->n_users];
    const double mean = 0.5 * (log_counts(&data->by_user) + log_counts(&data->by_item)) / n;
    return USUAL_LAMBDA * exp((0.5 - count_power) * mean);
}

// Chooses lambda if that is asked for, then trains on fold and slice.
static rk_status train(rk_model *m, struct als_train *t, const rk_data *data) {
    const rk_params *p = m->params;
    const double usual = usual_lambda(data, p->count_power);
    double lambda = p->lambda > 0 ? p->lambda : usual;
    const bool choose = p->lambda <= 0 && data->valid->n > 0;
    const uint32_t choose_steps = choose ? (t->judge_implicit ? 2 : 1) * als_choose_steps() : 0;
    t->total = choose_steps + (uint32_t)p->iterations;
    rk_status status = RK_OK;
    if (choose) {
        status = als_choose_lambda(t, data, (size_t)p->rank, usual, &lambda);
        if (status != RK_OK) return status;
    }

    struct ratings all;
    if (!ratings_init_with_valid(&all, data)) return RK_E_MEMORY;
    t->solve.lambda = lambda;
    t->done = choose_steps;
    status = als_train_start(t, &all);
    if (status == RK_OK) {
        m->host->log(m->host, RK_LOG_INFO, "lambda %.3g, damping %.3g (users), %.3g (items)%s",
            lambda, t->solve.damping[ALS_USER], t->solve.damping[ALS_ITEM],
            t->solve.implicit ? ", implicit features" : "");
        status = als_train_iterate(t, &all, (uint32_t)p->iterations, true, NULL);
    }
    ratings_done(&all);
    return status;
}

static rk_status fit(rk_model *m, const rk_data *data) {
    const rk_params *p = m->params;
    struct als_implicit implicit = {.weight = p->implicit_weight, .ridge = p->implicit_ridge};
    const bool with_implicit = p->implicit != IMPLICIT_NEVER;
    struct als_train t = {.host = m->host,
        .f = &m->f,
        .judge_implicit = p->implicit == IMPLICIT_AUTO,
        .user_damping = p->user_damping,
        .item_damping = p->item_damping,
        .solve = {.solver = (enum als_solver)p->solver,
            .cg_steps = p->cg_steps,
            .count_power = p->count_power,
            .implicit = with_implicit ? &implicit : NULL}};
    rk_status status = RK_E_MEMORY;
    if (als_factors_init(&m->f, (size_t)p->rank, data->n_users, data->n_items) &&
        als_solve_init(&t.solve, m->host, &m->f) &&
        (!with_implicit || als_implicit_init(&implicit, m->host, &m->f))) {
        status = train(m, &t, data);
    }
    als_implicit_done(&implicit);
    als_solve_done(&t.solve);
    if (status == RK_E_MEMORY) {
        return m->host->fail(m->host, status, "no memory for rank %d, %u users and %u items",
            p->rank, data->n_users, data->n_items);
    }
    if (status == RK_OK && !als_factors_finite(&m->f)) {
        return m->host->fail(m->host, RK_E_NUMERIC, "factors are no longer finite numbers");
    }
    return status;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) {
        out[k] = (float)als_factors_predict(&m->f, pairs->users[k], pairs->items[k]);
    }
    return RK_OK;
}

static void fields(struct state *s, rk_model *m) {
    als_factors_fields(&m->f, s, (size_t)m->params->rank);
}

// Lambda is chosen before fold and slice become one.
static uint64_t bytes(const rk_params *p, const rk_shape *shape) {
    const size_t rank = (size_t)p->rank;
    const bool implicit = p->implicit != IMPLICIT_NEVER;
    const struct als_factors f = als_factors_shape(rank, shape->n_users, shape->n_items);
    const uint64_t whole = als_factors_bytes(&f) + als_solve_bytes(&f, shape->n_threads) +
                           (implicit ? als_implicit_bytes(&f, shape->n_threads) : 0);
    const bool choose = p->lambda <= 0 && shape->n_valid > 0;
    const uint64_t choosing = choose ? als_choose_bytes(rank, implicit, shape) : 0;
    const uint64_t learning = ratings_bytes_with_valid(shape) + effects_bytes(shape);
    return sizeof(rk_model) + whole + (choosing > learning ? choosing : learning);
}

EXTENSIONS("als", 1, fields, bytes)

static const char *const implicits[] = {"never", "always", "auto", NULL};
static const char *const solvers[] = {"cholesky", "cg", NULL};
static const rk_param schema[] = {
    RK_INT(rank, 50, 1, 512, RK_LOG, "factors of each user and item"),
    RK_INT(iterations, 15, 1, 1000, RK_RESOURCE, "times that users and items are solved"),
    RK_REAL(lambda, 0, 0, 1e4, RK_LINEAR,
        "penalty on factors, in units of the noise; 0: chosen on the validation slice"),
    RK_REAL(count_power, 0.5, 0, 1, RK_LINEAR,
        "a row of n ratings is penalised by lambda n^count_power; 1: ALS-WR"),
    RK_REAL(user_damping, 0, 0, 1e4, RK_LINEAR,
        "penalty on user biases, in ratings; 0: estimated from the ratings"),
    RK_REAL(item_damping, 0, 0, 1e4, RK_LINEAR,
        "penalty on item biases, in ratings; 0: estimated from the ratings"),
    RK_CHOICE(implicit, IMPLICIT_AUTO, implicits,
        "what was rated as a second matrix; auto: yes, unless lambda = 0 and the slice is better "
        "without"),
    RK_REAL(
        implicit_weight, 3, 0, 1e3, RK_LINEAR, "of a cell of that matrix, in units of the noise"),
    RK_REAL(implicit_ridge, 200, 1e-3, 1e6, RK_LOG, "penalty on that matrix's own factors"),
    RK_CHOICE(solver, ALS_CHOLESKY, solvers, "of each row's equations; cg ends on a Cholesky one"),
    RK_INT(cg_steps, 3, 1, 100, RK_RESOURCE, "conjugate gradient steps, with solver = cg"),
};
RK_PLUGIN(.id = "als", .summary = "Matrix factorization by alternating least squares, with biases",
    .version = "1.0.0", .flags = RK_WANTS_VALID, RK_PARAMS(schema), .create = create,
    .destroy = destroy, .fit = fit, .predict = predict, .extension = extension)
