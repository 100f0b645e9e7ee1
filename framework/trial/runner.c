#include "trial/runner.h"

#include <stdlib.h>
#include <string.h>

#include "trial/blending.h"
#include "trial/fold_work.h"
#include "trial/need.h"
#include "trial/nested.h"
#include "trial/sandbox.h"
#include "trial/signals.h"

// ---- Data sets ---------------------------------------------------------------------------------

static void summarise(struct run *run, const struct dataset *d) {
    struct data_summary *s = &run->results->data[run->at_data];
    struct arena *a = &run->results->arena;
    *s = (struct data_summary){.name = arena_text(a, d->name),
        .hash = arena_text(a, d->hash),
        .n_ratings = d->n_ratings,
        .n_users = d->n_users,
        .n_items = d->n_items,
        .rating_min = d->rating_min,
        .rating_max = d->rating_max,
        .has_reachable = d->reachable != NULL,
        .shape = need_shape(d)};
    memcpy(s->count, d->count, sizeof s->count);
}

static bool is_taken(const struct run *run, const char *name) {
    for (uint32_t k = 0; k < run->at_data; k++)
        if (strcmp(run->results->data[k].name, name) == 0) return true;
    return false;
}

// Rows of two data sets must not be taken for those of one: the second "ml" of a run is "ml (2)".
static const char *distinct_name(struct run *run, const char *name) {
    const char *out = name;
    for (unsigned number = 2; is_taken(run, out); number++)
        out = arena_printf(&run->results->arena, "%s (%u)", name, number);
    return out;
}

// Which folds a data set has; without it (NULL), 0 repeats if only the data will tell.
struct folds {
    uint32_t n_repeats, n;
    uint32_t *at; // [n]; owned
};

static bool list_folds(
    const struct plan *plan, const struct dataset *d, struct folds *out, struct error *e) {
    const struct split_spec *split = &plan->split;
    *out = (struct folds){0};
    return split->method->plan(split->settings, d, &out->n_repeats, &out->at, &out->n, e) ||
           error_prefix(e, "split");
}

// Trials foreseen on a data set whose first unit is `unit`; run->foreseen gets those of each model.
static size_t foresee(struct run *run, const struct dataset *d, size_t unit) {
    const struct plan *plan = run->plan;
    struct folds folds;
    memset(run->foreseen, 0, plan->n_models * sizeof *run->foreseen);
    if (list_folds(plan, d, &folds, NULL))
        for (size_t k = 0; k < (size_t)folds.n_repeats * folds.n; k++)
            fold_work_foresee(run, &unit, run->foreseen);
    free(folds.at);
    size_t n = 0;
    for (size_t k = 0; k < plan->n_models; k++)
        n += run->foreseen[k].outer + run->foreseen[k].inner + run->foreseen[k].refits;
    return n;
}

static bool foresee_data(struct run *run, struct error *e) {
    run->view.total -= foresee(run, NULL, 0);
    run->view.total += foresee(run, run->data, run->unit);
    return !run->store || run->dry || store_foresee(run->store, run->view.total, e);
}

// Before any trial, so that nothing has been run when a file turns out to be wrong.
static bool read_given(struct run *run, const struct folds *folds, struct error *e) {
    const struct given_folds of = {folds->at, folds->n, folds->n_repeats};
    for (size_t k = 0; k < run->plan->n_models; k++) {
        const struct given_spec *spec = run->plan->models[k].given;
        if (!spec || run->dry) continue;
        runner_tick(run, NULL, "reading predictions");
        if (!given_read(&run->given[k], spec, run->data, &of, e)) return false;
        run->given[k].partly = run->plan->shard.count > 1;
    }
    return true;
}

static void end_given(struct run *run, bool tell) {
    for (size_t k = 0; k < run->plan->n_models; k++) {
        if (tell && run->given[k].spec) given_tell(&run->given[k], run->plan->models[k].label);
        given_done(&run->given[k]);
    }
}

static bool run_folds(struct run *run, struct error *e) {
    struct folds folds;
    bool ok = list_folds(run->plan, run->data, &folds, e) && read_given(run, &folds, e);
    for (uint32_t repeat = 0; repeat < folds.n_repeats; repeat++)
        for (uint32_t k = 0; ok && k < folds.n && !run->stopping; k++)
            ok = fold_work_run(run, repeat, folds.at[k], e);
    end_given(run, ok && !run->stopping);
    free(folds.at);
    return ok;
}

static bool begin_data(struct run *run, struct arena *keys, struct error *e) {
    const struct data_summary *summary = &run->results->data[run->at_data];
    if (!run->store) return true;
    return (run->dry || store_data(run->store, run->at_data, summary, e)) &&
           key_base_init(&run->base, run->plan, run->at_data, run->data->hash, keys, e);
}

static bool metrics_fit(const struct plan *plan, const struct dataset *d, struct error *e) {
    for (size_t k = 0; k < plan->n_metrics; k++) {
        const struct metric_spec *m = &plan->metrics[k];
        if (m->metric->fits && !m->metric->fits(m->settings, d->rating_min, d->rating_max, e))
            return error_prefix(e, "%s, metric \"%s\"", d->name, m->label);
    }
    return true;
}

bool runner_data(struct run *run, struct error *e) {
    const struct plan *plan = run->plan;
    struct dataset data = {0};
    struct arena keys = {0};
    runner_tick(run, NULL, "reading the data");
    if (!stage_data(&plan->data[run->at_data], plan->threads, &signals_seen, &data, e))
        return false;
    data.name = distinct_name(run, data.name);
    run->data = &data;
    run->data_bytes = data.image.size;
    summarise(run, &data);
    bool ok = metrics_fit(plan, &data, e) && begin_data(run, &keys, e) && foresee_data(run, e);
    if (ok && run->events->data) run->events->data(run->events->arg, run->results, run->at_data);
    ok = ok && run_folds(run, e);
    run->data = NULL;
    arena_done(&keys);
    dataset_done(&data);
    return ok;
}

// ---- The run -----------------------------------------------------------------------------------

bool runner_begin(struct run *run, struct error *e) {
    const struct plan *plan = run->plan;
    uint32_t n_params = 1;
    for (size_t k = 0; k < plan->n_models; k++)
        if (plan->models[k].schema->n_params > n_params)
            n_params = plan->models[k].schema->n_params;
    run->n_slots = plan->jobs < plan->threads ? plan->jobs : plan->threads;
    run->slots = calloc(run->n_slots, sizeof *run->slots);
    run->running = calloc(run->n_slots, sizeof *run->running);
    run->lengths = calloc(plan->n_models + 1, sizeof *run->lengths);
    run->groups = calloc(plan->n_models + 1, sizeof *run->groups);
    run->here = calloc((plan->n_models + 1) * plan->n_seeds, sizeof *run->here);
    run->results->data =
        arena_alloc(&run->results->arena, (plan->n_data + 1) * sizeof *run->results->data);
    run->foreseen = calloc(plan->n_models + 1, sizeof *run->foreseen);
    run->given = calloc(plan->n_models + 1, sizeof *run->given);
    bool ok = run->slots && run->running && run->lengths && run->groups && run->here &&
              run->foreseen && run->given && run->results->data;
    if (ok) blend_groups(plan, run->groups);
    for (size_t k = 0; ok && k < plan->n_models; k++) {
        const struct plan_model *m = &plan->models[k];
        if (m->tuning) run->lengths[k] = tuning_length(m->tuning, m->values) * m->tuning->folds;
    }
    for (uint32_t j = 0; ok && j < run->n_slots; j++) {
        run->slots[j].scratch.plan = plan;
        run->slots[j].values = calloc(n_params, sizeof *run->slots[j].values);
        ok = run->slots[j].values != NULL;
    }
    if (!ok) return error_memory(e, run->n_slots * sizeof *run->slots, "the run");
    run->view.total = plan->n_data * foresee(run, NULL, 0);
    return true;
}

void runner_end(struct run *run) {
    for (uint32_t j = 0; run->slots && j < run->n_slots; j++) {
        running_kill(&run->slots[j].running);
        arena_done(&run->slots[j].scratch.arena);
        free(run->slots[j].values);
    }
    free(run->slots);
    free(run->running);
    free(run->lengths);
    free(run->groups);
    free(run->here);
    free(run->foreseen);
    free(run->given);
}

// A trial that was never run leaves no record, and nor does one that no table has a place for.
static void drop_unshown(struct results *r) {
    size_t kept = 0;
    for (size_t k = 0; k < r->n; k++) {
        struct trial_record *t = &r->records[k];
        if (t->number && !record_is_hidden(r, t))
            r->records[kept++] = *t;
        else
            record_done(t);
    }
    r->n = kept;
}

bool runner_run(const struct plan *plan, struct store *store, const struct runner_events *events,
    struct results *out, int *signal_seen, struct error *e) {
    static const struct runner_events none;
    *out = (struct results){.plan = plan};
    results_platform(out);
    struct run run = {
        .plan = plan, .store = store, .events = events ? events : &none, .results = out};
    struct signals signals;
    signals_catch(&signals);
    bool ok = (!plan->sandbox || sandbox_check(e)) && runner_begin(&run, e);
    for (; ok && !run.stopping && run.at_data < plan->n_data; run.at_data++)
        ok = runner_data(&run, e);
    runner_end(&run);
    drop_unshown(out);
    out->interrupted |= !ok || signals_seen;
    if (signals_seen) ok = true; // what was stopped on request is no failure
    if (run.broken.text[0]) ok = error_set(e, "%s", run.broken.text);
    out->interrupted |= !ok;
    if (signal_seen) *signal_seen = signals_last();
    signals_restore(&signals);
    return ok;
}

// ---- A search without an outer fold ------------------------------------------------------------

static bool tune_next(void *arg, struct slot *slot, struct task *task) {
    return nested_next(arg, slot, task);
}

static bool tune_ended(void *arg, const struct task *task, bool dropped, struct error *e) {
    return nested_ended(arg, task, dropped, e);
}

static bool tune(struct run *run, uint32_t model, struct arena *a, const struct tuned **chosen,
    struct error *e) {
    const struct plan *plan = run->plan;
    const struct fold_plan all = {.data = run->data,
        .source = plan->data,
        .split = plan->split,
        .seed = plan->seed,
        .validation = plan->validation};
    struct stages inner = {0};
    enum failure failure;
    const char *cause;
    struct nested *nested = nested_begin(run, &all, &inner, model, 1, e);
    const struct source source = {.arg = nested, .next = tune_next, .ended = tune_ended};
    bool ok = nested && (nested_over(nested) || schedule_run(run, &source, e));
    if (ok && !run->stopping) {
        *chosen = nested_chosen(nested, a, &failure, &cause);
        if (!*chosen)
            ok = error_set(
                e, "%s: no candidate has a score; the first: %s", plan->models[model].label, cause);
    }
    nested_end(nested);
    stages_done(&inner);
    return ok;
}

bool runner_tune(const struct plan *plan, uint32_t model, const struct dataset *data,
    const struct runner_events *events, struct arena *a, const struct tuned **chosen,
    int *signal_seen, struct error *e) {
    static const struct runner_events none;
    struct results results = {.plan = plan};
    struct run run = {
        .plan = plan, .events = events ? events : &none, .results = &results, .data = data};
    struct signals signals;
    *chosen = NULL;
    signals_catch(&signals);
    bool ok = runner_begin(&run, e);
    if (ok) {
        summarise(&run, data);
        run.view.total = run.lengths[model];
        ok = tune(&run, model, a, chosen, e);
    }
    runner_end(&run);
    *signal_seen = signals_last();
    if (*signal_seen) ok = true; // what was stopped on request is no failure
    signals_restore(&signals);
    results_done(&results);
    return ok;
}
