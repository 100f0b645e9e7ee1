#include "stats/differences.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdlib.h>

#include "stats/critical.h"

// The models that take part, numbered anew.
struct family {
    const struct differences_job *job;
    size_t n;
    size_t *place;                // [n]: in the job
    const struct pooled **models; // [n]
    struct critical critical;     // owned
    double q_pairs, q_base;
    double *p;         // [n]: of "none is better than this one"
    size_t best, base; // SIZE_MAX: none
    double error;      // 1 - level
};

// How much worse i is than j; positive: worse.
static double worse(const struct family *f, size_t i, size_t j) {
    const double d = f->models[i]->value - f->models[j]->value;
    return f->job->lower_is_better ? d : 0 - d;
}

static double se(const struct family *f, size_t i, size_t j) {
    return f->critical.se[i * f->n + j];
}

static double freedom(const struct family *f, size_t i, size_t j) {
    return f->critical.freedom[i * f->n + j];
}

// Without any noise there is nothing to judge a difference by: then 0, too.
static double statistic(const struct family *f, size_t i, size_t j) {
    return se(f, i, j) > 0 ? pooled_normal(worse(f, i, j) / se(f, i, j), freedom(f, i, j)) : 0;
}

// Half of the interval of a pair.
static double half(const struct family *f, double q, size_t i, size_t j) {
    if (se(f, i, j) > 0) return pooled_student(q, freedom(f, i, j)) * se(f, i, j);
    return worse(f, i, j) == 0 ? 0 : INFINITY;
}

// The models that have a value; their best and the baseline.
static bool choose(
    struct family *f, const struct differences_job *job, struct arena *a, struct error *e) {
    *f = (struct family){.job = job, .best = SIZE_MAX, .base = SIZE_MAX};
    f->error = 1 - job->level + 1e-9; // p is a multiple of 1 / (draws + 1)
    f->place = arena_alloc(a, job->n * sizeof *f->place);
    f->models = arena_alloc(a, job->n * sizeof *f->models);
    f->p = arena_alloc(a, job->n * sizeof *f->p);
    if (!f->place || !f->models || !f->p)
        return error_memory(e, job->n * 24, "differences of models");
    for (size_t k = 0; k < job->n; k++) {
        if (isnan(job->models[k].value)) continue;
        f->place[f->n] = k;
        f->models[f->n] = &job->models[k];
        if (k == job->baseline) f->base = f->n;
        if (f->best == SIZE_MAX || worse(f, f->n, f->best) < 0) f->best = f->n;
        f->n++;
    }
    return true;
}

static bool judge(struct family *f, struct error *e) {
    struct critical *c = &f->critical;
    if (!critical_make(c, f->models, f->n, f->base, f->job->seed, e)) return false;
    f->q_pairs = critical_value(c, c->pairs, f->job->level);
    f->q_base = critical_value(c, c->base, f->job->level);
    for (size_t i = 0; i < f->n; i++) {
        double largest = 0;
        for (size_t j = 0; j < f->n; j++) largest = fmax(largest, statistic(f, i, j));
        f->p[i] = critical_p(c, c->pairs, largest);
    }
    return true;
}

static double or_nan(double x) {
    return isfinite(x) ? x : NAN;
}

// To the best that there is: at least as much worse as than any other, at most as than that which
// may be the best.
static struct difference to_best(const struct family *f, size_t i) {
    struct difference d = {worse(f, i, f->best), 0, 0, i == f->best ? NAN : f->p[i]};
    for (size_t k = 0; k < f->n; k++) {
        const double room = half(f, f->q_pairs, i, k);
        if (f->p[i] <= f->error) d.low = fmax(d.low, worse(f, i, k) - room);
        if (f->p[k] > f->error) d.high = fmax(d.high, worse(f, i, k) + room);
    }
    d.high = or_nan(d.high);
    return d;
}

static struct difference to_base(const struct family *f, size_t i) {
    const double value = worse(f, i, f->base), room = half(f, f->q_base, i, f->base);
    const double p = critical_p(&f->critical, f->critical.base, fabs(statistic(f, i, f->base)));
    return (struct difference){
        value, or_nan(value - room), or_nan(value + room), isfinite(room) ? p : NAN};
}

static const struct difference none = {NAN, NAN, NAN, NAN};

static void fill_row(struct differences_row *row, const struct family *f, size_t i) {
    const double z = gsl_cdf_ugaussian_Pinv((1 + f->job->level) / 2);
    const struct pooled_variance v = pooled_variance(f->models[i], NULL);
    const double own = pooled_student(z, v.freedom) * sqrt(v.both);
    row->value = f->models[i]->value;
    row->low = row->value - own;
    row->high = row->value + own;
    row->may_be_best = f->p[i] > f->error;
    row->best = to_best(f, i);
    if (f->base != SIZE_MAX) row->base = to_base(f, i);
}

static bool detectable(const struct family *f, double *found, struct arena *a, struct error *e) {
    double *each = arena_alloc(a, f->n * sizeof *each);
    if (!each) return error_memory(e, f->n * sizeof *each, "differences of models");
    const double power = gsl_cdf_ugaussian_Pinv(.8);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        if (se(f, i, f->best) > 0)
            each[n++] = half(f, f->q_pairs, i, f->best) + power * se(f, i, f->best);
    if (n == 0) return true;
    gsl_sort(each, 1, n);
    *found = (each[(n - 1) / 2] + each[n / 2]) / 2;
    return true;
}

bool differences_make(
    struct differences *d, const struct differences_job *job, struct arena *a, struct error *e) {
    *d = (struct differences){.best = SIZE_MAX, .detectable = NAN};
    d->rows = arena_alloc(a, job->n * sizeof *d->rows);
    if (!d->rows) return error_memory(e, job->n * sizeof *d->rows, "differences of models");
    for (size_t k = 0; k < job->n; k++)
        d->rows[k] = (struct differences_row){NAN, NAN, NAN, false, none, none};

    struct family f;
    if (!choose(&f, job, a, e)) return false;
    if (f.n == 0) return true;
    bool ok = false;
    if (!judge(&f, e) || !detectable(&f, &d->detectable, a, e)) goto done;
    for (size_t i = 0; i < f.n; i++) {
        struct differences_row *row = &d->rows[f.place[i]];
        fill_row(row, &f, i);
        d->n_best += row->may_be_best;
    }
    d->best = f.place[f.best];
    ok = true;
done:
    critical_done(&f.critical);
    return ok;
}
