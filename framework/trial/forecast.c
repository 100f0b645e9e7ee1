// What a run would do: one that takes from the store alone, follows searches as far as it has their
// trials, counts what is left, and asks for the memory of that.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trial/need.h"
#include "trial/runner_own.h"

struct forecast {
    struct run run;
    struct foreseen *found; // [n_models]; owned: trials that the store has, of the data set at hand
    bool *unknown;          // [n_models]; owned: how long its trials take
    bool *to_run;           // [n_models]; owned: some trial of it is
    struct need *needs;     // [n_models]; owned: the largest of all data sets
    struct needs asking;
    bool left, known; // some trial is to be run; of some it is known how long it takes
    uint64_t largest; // growth of a model
    double seconds;   // by one job, of the data set at hand
    const struct runner_events *told; // NULL: nobody
    struct runner_forecast *out;
};

static void count(void *arg, const struct results *r, const struct runner_view *view) {
    (void)r;
    struct forecast *f = arg;
    const struct trial_record *t = view->ended;
    if (!t || t->model < 0) return;
    if (t->inner && t->candidate == CANDIDATE_NONE)
        f->found[t->model].refits++;
    else if (t->inner)
        f->found[t->model].inner++;
    else
        f->found[t->model].outer++;
}

static size_t left_of(size_t foreseen, size_t found) {
    return foreseen > found ? foreseen - found : 0;
}

// An inner fold has that much less to train on (those of blends are taken for whole); a halving
// spends no more than whole fits of its budget.
static double inner_fits(const struct forecast *f, size_t model, size_t left) {
    const struct tuning *t = f->run.plan->models[model].tuning;
    if (!t || left == 0) return 0;
    const double whole = (double)t->trials * t->folds, length = (double)f->run.lengths[model];
    const double share = length > whole ? whole / length : 1;
    return (double)left * share * (1 - 1.0 / t->folds);
}

static bool add_model(struct forecast *f, size_t model, struct error *e) {
    const struct plan_model *m = &f->run.plan->models[model];
    const struct foreseen *all = &f->run.foreseen[model], *found = &f->found[model];
    const size_t outer = left_of(all->outer, found->outer);
    const size_t inner = left_of(all->inner, found->inner);
    const size_t refits = left_of(all->refits, found->refits);
    const size_t within = found->inner + inner + found->refits + refits;
    f->out->inner += within;
    f->out->trials += found->outer + outer + within;
    if (outer + inner + refits == 0 || m->given || m->blend) return true;
    f->left = true;
    struct need need;
    const struct data_summary *data = &f->run.results->data[f->run.at_data];
    if (!need_of(&f->asking, f->run.plan, model, f->run.store, data->name, &data->shape, &need, e))
        return false;
    if (need.bytes > f->largest) f->largest = need.bytes;
    if (need.bytes >= f->needs[model].bytes) f->needs[model] = need;
    f->to_run[model] = true;
    if (need.store.n == 0) {
        f->unknown[model] = true;
        return true;
    }
    f->known = true;
    const double fits = (double)(outer + refits) + inner_fits(f, model, inner);
    f->seconds += fits * need.store.seconds;
    return true;
}

// Searches that end by the clock go on side by side in each fold.
static double clock_seconds(const struct forecast *f) {
    const struct plan *plan = f->run.plan;
    double longest = 0;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct tuning *t = plan->models[k].tuning;
        if (!t || t->seconds <= 0) continue;
        const double seconds = t->seconds * (double)f->run.foreseen[k].outer / plan->n_seeds;
        if (seconds > longest) longest = seconds;
    }
    return longest;
}

// The images of an outer fold and of its inner ones are about as large as the data's, by their
// share of the ratings, and there twice where a model wants a validation slice.
static uint64_t image_bytes(const struct forecast *f) {
    const struct plan *plan = f->run.plan;
    double folds = 1, most = 0;
    bool sliced = false;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct tuning *t = plan->models[k].tuning;
        sliced |= (plan->models[k].schema->flags & RK_WANTS_VALID) && plan->validation > 0;
        if (t && t->folds > most) most = t->folds;
        const struct blend_spec *b = plan->models[k].blend;
        if (b && b->how == BLEND_FITTED && b->folds > most) most = b->folds;
    }
    if (most > 0) folds += most - 1; // each has all ratings but one part of `most`
    return (uint64_t)((double)f->run.data_bytes * (1 + folds * (sliced ? 2 : 1)));
}

static bool add_data(struct forecast *f, struct error *e) {
    const size_t n_models = f->run.plan->n_models;
    memset(f->found, 0, n_models * sizeof *f->found);
    f->seconds = 0;
    if (!runner_data(&f->run, e)) return false;
    for (size_t k = 0; k < n_models; k++)
        if (!add_model(f, k, e)) return false;
    f->out->seconds += f->seconds / f->run.n_slots + clock_seconds(f);
    const uint64_t bytes = image_bytes(f);
    if (bytes > f->out->memory) f->out->memory = bytes;
    return true;
}

static void tell_data(void *arg, const struct results *r, uint32_t at) {
    const struct forecast *f = arg;
    if (f->told && f->told->data) f->told->data(f->told->arg, r, at);
}

bool runner_forecast(const struct plan *plan, struct store *store,
    const struct runner_events *events, struct runner_forecast *out, struct error *e) {
    struct results results = {.plan = plan};
    const size_t n = plan->n_models;
    struct forecast f = {.out = out,
        .told = events,
        .found = calloc(n + 1, sizeof *f.found),
        .unknown = calloc(n + 1, sizeof *f.unknown),
        .to_run = calloc(n + 1, sizeof *f.to_run),
        .needs = calloc(n + 1, sizeof *f.needs)};
    const struct runner_events own = {.arg = &f, .tick = count, .data = tell_data};
    f.run = (struct run){
        .plan = plan, .dry = true, .store = store, .events = &own, .results = &results};
    *out = (struct runner_forecast){0};
    const bool room = f.found && f.unknown && f.to_run && f.needs;
    bool ok = room ? runner_begin(&f.run, e) : error_memory(e, n, "a forecast");
    for (; ok && f.run.at_data < plan->n_data; f.run.at_data++) ok = add_data(&f, e);
    if (ok && f.run.broken.text[0]) ok = error_set(e, "%s", f.run.broken.text);
    out->cached = f.run.view.cached;
    if (f.left && !f.known) out->seconds = NAN;
    out->memory += f.run.n_slots * f.largest;
    for (size_t k = 0; room && k < n; k++) {
        out->unknown += f.unknown[k];
        out->stored += f.to_run[k] && f.needs[k].by == NEED_STORED;
        out->said += f.to_run[k] && f.needs[k].by == NEED_PLUGIN;
        out->untold += f.to_run[k] && f.needs[k].by == NEED_UNKNOWN;
    }
    needs_done(&f.asking);
    runner_end(&f.run);
    results_done(&results);
    free(f.found);
    free(f.unknown);
    free(f.to_run);
    free(f.needs);
    return ok;
}
