#include "cli/pace.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

double pace_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool pace_init(struct pace *p, const struct plan *plan) {
    *p = (struct pace){.plan = plan, .kinds = calloc(2 * plan->n_models + 1, sizeof *p->kinds)};
    if (!p->kinds) return false;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct tuning *t = plan->models[k].tuning;
        p->kinds[2 * k].per_unit = plan->n_seeds;
        p->kinds[2 * k + 1].per_unit = t ? (double)plan->n_seeds * t->trials * t->folds : 0;
    }
    return true;
}

void pace_done(struct pace *p) {
    free(p->kinds);
    p->kinds = NULL;
}

static struct pace_kind *kind_of(const struct pace *p, const struct trial_record *t) {
    if (!p->kinds || t->model < 0 || (size_t)t->model >= p->plan->n_models) return NULL;
    return &p->kinds[2 * t->model + (t->inner > 0)];
}

static void take_ended(struct pace *p, const struct trial_record *t) {
    struct pace_kind *kind = kind_of(p, t);
    if (!kind) return;
    const double seconds = t->cost.fit_seconds + t->cost.predict_seconds;
    kind->ended++;
    if (seconds > 0) {
        kind->seconds += seconds;
        kind->n_known++;
    }
    if (t->cached) return;
    p->n_ran++;
    p->spent += seconds;
}

void pace_watch(struct pace *p, const struct runner_view *view) {
    const bool runs =
        view->n_running > 0 || (view->ended && view->ended->model >= 0 && !view->ended->cached);
    if (p->began == 0 && runs) p->began = pace_now();
    if (view->ended) take_ended(p, view->ended);
}

double pace_rate(const struct pace *p) {
    const double passed = p->began > 0 ? pace_now() - p->began : 0;
    return p->n_ran > 0 && passed > 0 ? (double)p->n_ran / passed : NAN;
}

// What a trial of the kind takes: as those of it, else as those of the model, else as any.
static double mean_of(const struct pace *p, size_t k) {
    const struct pace_kind *kind = &p->kinds[k], *other = &p->kinds[k ^ 1];
    if (kind->n_known) return kind->seconds / (double)kind->n_known;
    if (other->n_known) return other->seconds / (double)other->n_known;
    double seconds = 0;
    size_t n = 0;
    for (size_t j = 0; j < 2 * p->plan->n_models; j++) {
        seconds += p->kinds[j].seconds;
        n += p->kinds[j].n_known;
    }
    return n ? seconds / (double)n : NAN;
}

// How many trials of the kind are left, before all kinds are brought to the total that is known.
static double left_of(const struct pace_kind *kind, double units) {
    const double left = kind->per_unit * units - (double)kind->ended;
    return left > 0 ? left : 0;
}

double pace_left(const struct pace *p, const struct runner_view *view) {
    if (!p->kinds || p->began == 0 || view->done >= view->total) return NAN;
    const size_t n = 2 * p->plan->n_models;
    double per_unit = 0, left = 0, work = 0, running = 0, to_go = 0;
    for (size_t k = 0; k < n; k++) per_unit += p->kinds[k].per_unit;
    const double units = (double)view->total / per_unit;
    for (size_t k = 0; k < n; k++) left += left_of(&p->kinds[k], units);
    for (size_t k = 0; k < n && left > 0; k++)
        work += left_of(&p->kinds[k], units) / left * (double)(view->total - view->done) *
                mean_of(p, k);
    if (!isfinite(work) || left <= 0) return NAN;
    for (size_t k = 0; k < view->n_running; k++) {
        const struct trial_record *t = view->running[k].record;
        const double mean = kind_of(p, t) ? mean_of(p, (size_t)(kind_of(p, t) - p->kinds)) : 0;
        running += view->running[k].seconds;
        to_go += fmin(view->running[k].seconds, mean);
    }
    // Reading, building folds, starting processes: as much beside the trials as so far.
    const double jobs = fmin((double)p->plan->jobs, (double)(view->total - view->done));
    const double passed = pace_now() - p->began;
    const double told = (p->spent + running) / (double)p->plan->jobs;
    const double stretch = told > 0 && p->n_ran > 0 ? fmax(1, passed / told) : 1;
    return fmax(0, work - to_go) / jobs * stretch;
}
