// How a chain is run: first without the validation slice, then with it.
#include <math.h>
#include <stdlib.h>

#include "bmf.h"
#include "bmf_gibbs.h"

enum { PAIRS_A_PIECE = 4096 };

// How large weights of features are beforehand. A group of few features says little of that, and
// with 1 those that mean nothing cost something.
static const float FEATURE_SCALE = 0.1f;

// A fit on its way.
struct fitting {
    rk_model *m;
    const rk_data *data;
    struct bmf_chain chain;
    uint32_t total; // sweeps
    double *sum;    // [valid]; of what draws answer, standardised; owned
    uint32_t n_sum; // draws in it
    uint32_t *day;  // [valid]; owned; NULL without days
    double rmse;    // of their mean; NAN if there is none
};

// What the draw says; day: NULL without days.
static float answer(
    const struct bmf_draw *d, size_t rank, uint32_t u, uint32_t i, const uint32_t *day) {
    const float *p = d->factor[BMF_USER] + u * d->stride, *q = d->factor[BMF_ITEM] + i * d->stride;
    float sum = d->level + d->bias[BMF_USER][u] + d->bias[BMF_ITEM][i];
    for (size_t j = 0; j < rank; j++) sum += p[j] * q[j];
    if (!day) return sum;
    const float *t = d->factor[BMF_DAY] + *day * d->stride;
    sum += d->bias[BMF_DAY][*day];
    for (size_t j = 0; j < rank; j++) sum += (p[j] + q[j]) * t[j];
    return sum;
}

struct scoring {
    struct fitting *f;
    const struct bmf_draw *draw;
    double *piece; // [pieces]; squared errors
};

static rk_status score_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct scoring *s = arg;
    struct fitting *f = s->f;
    const rk_data *d = f->data;
    const struct standard *unit = &f->m->standard;
    double squares = 0;
    for (size_t k = begin; k < end; k++) {
        const float a = answer(s->draw, f->chain.rank, d->valid->users[k], d->valid->items[k],
            f->day ? f->day + k : NULL);
        f->sum[k] += f->chain.probit.n_levels > 0
                         ? standard_apply(unit, (float)bmf_probit_mean(&f->chain.probit, a))
                         : a;
        const double x = unit->center + unit->unit * f->sum[k] / f->n_sum;
        const double error = fmin(fmax(x, d->rating_min), d->rating_max) - d->valid_ratings[k];
        squares += error * error;
    }
    s->piece[begin / PAIRS_A_PIECE] = squares;
    return RK_OK;
}

// RMSE on the slice of the mean of all draws so far, this one included.
static rk_status score(struct fitting *f, const struct bmf_draw *draw) {
    const size_t n = f->data->valid->n, pieces = (n + PAIRS_A_PIECE - 1) / PAIRS_A_PIECE;
    struct scoring s = {f, draw, calloc(pieces, sizeof *s.piece)};
    if (!s.piece) return RK_E_MEMORY;
    f->n_sum++;
    const rk_host *h = f->m->host;
    const rk_status status = h->parallel_for(h, n, PAIRS_A_PIECE, score_piece, &s);
    double squares = 0;
    for (size_t k = 0; k < pieces; k++) squares += s.piece[k];
    f->rmse = sqrt(squares / (double)n);
    free(s.piece);
    return status;
}

static rk_status draw_all(struct fitting *f, struct bmf_draw *draw) {
    rk_status status = bmf_chain_draw(&f->chain, draw);
    for (int side = 0; side < 2 && status == RK_OK; side++)
        status = bmf_features_guess(&f->chain, (enum bmf_side)side);
    return status;
}

static rk_status sweep(struct fitting *f) {
    const rk_host *h = f->m->host;
    const rk_status status = bmf_chain_sweep(&f->chain);
    if (status != RK_OK) return status;
    const double unit = f->m->standard.unit;
    if (unit > 0 && !f->chain.fixed_noise)
        h->record(
            h, "noise precision", f->chain.sweep, bmf_noise_precision(&f->chain) / (unit * unit));
    return h->progress(h, f->chain.sweep, f->total, f->rmse) ? RK_OK : RK_CANCELLED;
}

// The first sweeps, judged by the slice; draws count from a quarter of them on.
static rk_status run_judged(struct fitting *f, uint32_t n) {
    const rk_host *h = f->m->host;
    f->sum = calloc(f->data->valid->n, sizeof *f->sum);
    if (!f->sum) return RK_E_MEMORY;
    if (f->chain.knows.calendar &&
        !(f->day = bmf_calendar_of(f->chain.knows.calendar, f->data->valid)))
        return RK_E_MEMORY;
    rk_status status = RK_OK;
    for (uint32_t k = 0; k < n && status == RK_OK; k++) {
        struct bmf_draw draw;
        status = sweep(f);
        if (status != RK_OK || k < n / 4) continue;
        status = draw_all(f, &draw);
        if (status == RK_OK) status = score(f, &draw);
        if (status == RK_OK) h->record(h, "validation rmse", f->chain.sweep, f->rmse);
    }
    return status;
}

static rk_status run_kept(struct fitting *f, uint32_t n) {
    rk_status status = RK_OK;
    for (uint32_t k = 0; k < n && status == RK_OK; k++) {
        struct bmf_draw draw;
        status = sweep(f);
        if (status != RK_OK || !bmf_kept_wants(&f->m->kept, k)) continue;
        status = draw_all(f, &draw);
        if (status == RK_OK) status = bmf_kept_add(&f->m->kept, f->m->host, &draw);
    }
    return status;
}

// A quarter of the sweeps goes by before draws are kept, and some of those with all ratings.
static rk_status run(struct fitting *f) {
    const rk_params *p = f->m->params;
    const uint32_t before = f->total / 4, settle = f->total / 16;
    const uint32_t judged = f->data->valid->n > 0 ? before - settle : 0;
    const struct bmf_shape shape = {.n_users = f->data->n_users,
        .n_items = f->data->n_items,
        .n_days = f->chain.block[BMF_DAY].n,
        .rank = (uint32_t)p->rank};
    const uint32_t n_kept = f->total - before;
    const struct bmf_probit *probit = &f->chain.probit;
    float value[BMF_PROBIT_LEVELS];
    for (uint32_t l = 0; l < probit->n_levels; l++)
        value[l] = standard_apply(&f->m->standard, probit->value[l]);
    rk_status status = bmf_kept_init(&f->m->kept, &shape, n_kept,
        (uint32_t)p->keep < n_kept ? (uint32_t)p->keep : n_kept, value, probit->n_levels);
    if (status == RK_OK && judged > 0) status = run_judged(f, judged);
    if (status == RK_OK) status = bmf_chain_join(&f->chain, f->data);
    while (status == RK_OK && f->chain.sweep < before) status = sweep(f);
    if (status == RK_OK) status = run_kept(f, n_kept);
    return status == RK_OK ? bmf_kept_finish(&f->m->kept) : status;
}

// Which days there are, if they matter. RK_E_MEMORY; RK_E_DATA, with a message.
static rk_status find_days(rk_model *m, const rk_data *data) {
    const rk_host *h = m->host;
    if (m->params->date == BMF_DATE_NEVER) return RK_OK;
    if (!data->time) {
        h->log(h, RK_LOG_WARNING, "date=day: the data has no times; goes on without days");
        return RK_OK;
    }
    const rk_status status = bmf_calendar_init(&m->calendar, data);
    return status == RK_E_DATA
               ? h->fail(h, status, "date=day: ratings are from more than %d days; set date=never",
                     BMF_MOST_DAYS)
               : status;
}

rk_status bmf_fit(rk_model *m, const rk_data *data) {
    const rk_params *p = m->params;
    rk_status status = find_days(m, data);
    if (status == RK_E_DATA) return status;
    const bool gaussian = p->likelihood == BMF_GAUSSIAN;
    const struct bmf_knowledge knows = {
        .side = {p->features == BMF_FEATURES_ALL, p->features != BMF_FEATURES_NEVER},
        .rated = {p->rated != BMF_RATED_NEVER, p->rated == BMF_RATED_BOTH},
        .noise = {gaussian && p->noise != BMF_NOISE_ONE, gaussian && p->noise == BMF_NOISE_BOTH},
        .calendar = m->calendar.n > 0 ? &m->calendar : NULL};
    m->standard = standard_of(data);
    struct fitting f = {.m = m, .data = data, .total = (uint32_t)p->sweeps, .rmse = NAN};
    if (status == RK_OK)
        status = bmf_chain_init(&f.chain, m->host, data, &m->standard, (size_t)p->rank, &knows);
    f.chain.feature_scale = FEATURE_SCALE;
    if (status == RK_OK && p->likelihood == BMF_PROBIT) status = bmf_latent_start(&f.chain, data);
    if (status == RK_OK) status = run(&f);
    bmf_chain_done(&f.chain);
    free(f.sum);
    free(f.day);
    if (status == RK_E_MEMORY)
        return m->host->fail(m->host, status,
            "no memory for rank %d, %d kept draws, %u users and %u items", p->rank, p->keep,
            data->n_users, data->n_items);
    if (status == RK_E_NUMERIC)
        return m->host->fail(m->host, status,
            "sweep %u: a row's posterior is no longer made of finite numbers", f.chain.sweep);
    return status;
}
