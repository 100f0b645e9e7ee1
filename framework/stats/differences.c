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
    double *q;                    // [n]: critical value with each as the control
    double *own;                  // [n]: p of "this one is the best": that of its largest statistic
    double *se;                   // [n]: scratch
    size_t best;                  // SIZE_MAX: none
};

// How much worse i is than j; positive: worse.
static double worse(const struct family *f, size_t i, size_t j) {
    const double d = f->models[i]->value - f->models[j]->value;
    return f->job->lower_is_better ? d : 0 - d;
}

static double se(const struct family *f, size_t i, size_t j) {
    return f->critical.se[i * f->n + j];
}

// Without any noise there is nothing to judge a difference by: then 0, too.
static double statistic(const struct family *f, size_t i, size_t j) {
    return se(f, i, j) > 0 ? worse(f, i, j) / se(f, i, j) : 0;
}

// Half of the interval of a pair in the family of `control`.
static double half(const struct family *f, size_t control, size_t i) {
    if (se(f, control, i) > 0) return f->q[control] * se(f, control, i);
    return worse(f, control, i) == 0 ? 0 : INFINITY;
}

static bool family_make(
    struct family *f, const struct differences_job *job, struct arena *a, struct error *e) {
    *f = (struct family){.job = job, .best = SIZE_MAX};
    f->place = arena_alloc(a, job->n * sizeof *f->place);
    f->models = arena_alloc(a, job->n * sizeof *f->models);
    double *numbers = arena_alloc(a, 3 * job->n * sizeof *numbers);
    if (!f->place || !f->models || !numbers)
        return error_memory(e, job->n * 40, "differences of models");
    f->q = numbers, f->own = numbers + job->n, f->se = numbers + 2 * job->n;
    for (size_t k = 0; k < job->n; k++) {
        if (isnan(job->models[k].value)) continue;
        f->place[f->n] = k;
        f->models[f->n] = &job->models[k];
        if (f->best == SIZE_MAX || worse(f, f->n, f->best) < 0) f->best = f->n;
        f->n++;
    }
    return f->n == 0 || critical_make(&f->critical, f->models, f->n, job->seed, e);
}

// Each model as the control of its own family.
static void judge(struct family *f) {
    for (size_t i = 0; i < f->n; i++) {
        double largest = 0;
        for (size_t j = 0; j < f->n; j++) largest = fmax(largest, statistic(f, i, j));
        f->q[i] = critical_value(&f->critical, i, f->job->level);
        f->own[i] = critical_p(&f->critical, i, largest);
    }
}

static double or_nan(double x) {
    return isfinite(x) ? x : NAN;
}

// The hull of the intervals to all that may be the best: with probability `level` the true best is
// among them, and its own family's intervals hold.
static struct difference to_best(const struct family *f, size_t i) {
    const double error = 1 - f->job->level + 1e-9;
    struct difference d = {worse(f, i, f->best), INFINITY, 0, f->own[i]};
    for (size_t k = 0; k < f->n; k++) {
        if (k == i || f->own[k] <= error) continue;
        d.low = fmin(d.low, worse(f, i, k) - half(f, k, i));
        d.high = fmax(d.high, worse(f, i, k) + half(f, k, i));
    }
    if (f->own[i] > error || d.low < 0) d.low = 0;
    if (i == f->best) d.p = NAN;
    d.high = or_nan(d.high);
    return d;
}

static struct difference to_base(const struct family *f, size_t i, size_t base) {
    const double value = worse(f, i, base), room = half(f, base, i);
    const double p = critical_p(&f->critical, base, fabs(statistic(f, i, base)));
    return (struct difference){
        value, or_nan(value - room), or_nan(value + room), isfinite(room) ? p : NAN};
}

static const struct difference none = {NAN, NAN, NAN, NAN};

static void fill_row(
    struct differences_row *row, const struct family *f, size_t i, size_t base, double z) {
    const double own = z * sqrt(pooled_variance(f->models[i], NULL).both);
    row->value = f->models[i]->value;
    row->low = row->value - own;
    row->high = row->value + own;
    row->best = to_best(f, i);
    row->may_be_best = f->own[i] > 1 - f->job->level + 1e-9;
    if (base != SIZE_MAX) row->base = to_base(f, i, base);
}

// Power of the comparison with the best model by its own family's critical value.
static double detectable(const struct family *f) {
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        if (i != f->best && se(f, i, f->best) > 0) f->se[n++] = se(f, i, f->best);
    if (n == 0) return NAN;
    gsl_sort(f->se, 1, n);
    const double median = (f->se[(n - 1) / 2] + f->se[n / 2]) / 2;
    return (f->q[f->best] + gsl_cdf_ugaussian_Pinv(.8)) * median;
}

bool differences_make(
    struct differences *d, const struct differences_job *job, struct arena *a, struct error *e) {
    *d = (struct differences){.best = SIZE_MAX, .detectable = NAN};
    struct family f = {0};
    bool ok = false;
    d->rows = arena_alloc(a, job->n * sizeof *d->rows);
    if (!d->rows) return error_memory(e, job->n * sizeof *d->rows, "differences of models");
    for (size_t k = 0; k < job->n; k++)
        d->rows[k] = (struct differences_row){NAN, NAN, NAN, false, none, none};
    if (!family_make(&f, job, a, e)) goto done;
    ok = true;
    if (f.n == 0) goto done;
    judge(&f);
    size_t base = SIZE_MAX;
    for (size_t i = 0; i < f.n; i++)
        if (f.place[i] == job->baseline) base = i;
    const double z = gsl_cdf_ugaussian_Pinv((1 + job->level) / 2);
    for (size_t i = 0; i < f.n; i++) {
        struct differences_row *row = &d->rows[f.place[i]];
        fill_row(row, &f, i, base, z);
        d->n_best += row->may_be_best;
    }
    d->best = f.place[f.best];
    d->detectable = detectable(&f);
done:
    critical_done(&f.critical);
    return ok;
}
