// Trials that the store has, or is to have. What goes wrong with it stops the run.
#include <string.h>

#include "trial/limits.h"
#include "trial/runner_own.h"

static bool stop_broken(struct run *run, const struct error *e) {
    if (!run->broken.text[0]) run->broken = *e;
    runner_stop(run);
    return false;
}

static bool make_key(struct run *run, struct task *task, const char *unchosen, struct error *e) {
    const struct trial_record *t = task->record;
    const struct key_trial parts = {.schema = task->model ? task->model->schema : NULL,
        .model = t->model,
        .values = task->values,
        .seed = t->seed,
        .repeat = t->repeat,
        .fold = t->fold,
        .inner = t->inner,
        .n_inner = task->stage->plan.n_inner,
        .metric = task->metric,
        .share = task->stage->plan.share > 0 ? task->stage->plan.share : 1,
        .blend = task->members ? task->model->blend : NULL,
        .members = task->members,
        .unchosen = unchosen};
    struct arena scratch = {0};
    const bool ok = key_make(&task->key, &run->base, &parts, NULL, &scratch, e);
    arena_done(&scratch);
    return ok;
}

// Whether what was found stands; some failures are no answer for good.
static bool stands(const struct run *run, const struct task *task, const struct trial_record *t) {
    const struct plan *plan = run->plan;
    if (task->keep && !t->failed && !t->answers) return false;
    if (t->failed) {
        if (plan->retry_failed) return false;
        if (t->failure == FAILURE_LOST || t->failure == FAILURE_HARNESS) return false;
        const struct limits limits = limits_of(plan);
        return t->failure != FAILURE_LIMIT ||
               (t->limits.seconds == limits.seconds && t->limits.mib == limits.mib);
    }
    const struct runner_events *events = run->events;
    if (t->inner || !plan->predictions || !events->has_predictions) return true;
    return events->has_predictions(events->arg, &task->key);
}

bool kept_key(struct run *run, struct task *task) {
    struct error e = {0};
    return !run->store || make_key(run, task, NULL, &e) || stop_broken(run, &e);
}

bool kept_find(struct run *run, struct task *task) {
    if (!run->store) return false;
    struct error e = {0};
    if (!make_key(run, task, NULL, &e)) return stop_broken(run, &e);
    if (run->plan->fresh) return false;
    struct trial_record *t = task->record, found = *t;
    bool is_there = false;
    if (!store_find(run->store, &task->key, &found, &task->texts->arena, &is_there, &e))
        return stop_broken(run, &e);
    if (!is_there) return false;
    if (task->keep && !store_answers(run->store, &task->key, &found, &e)) {
        record_done(&found);
        return stop_broken(run, &e);
    }
    found.number = t->number;
    found.model = t->model;
    found.data = t->data;
    found.seed = t->seed;
    found.repeat = t->repeat;
    found.fold = t->fold;
    found.inner = t->inner;
    found.candidate = t->candidate;
    found.tuned = t->tuned;
    found.cached = true;
    if (stands(run, task, &found)) {
        *t = found;
        return true;
    }
    record_done(&found);
    return false;
}

static struct store_place place_of(const struct run *run, const struct task *task) {
    return (struct store_place){.record = task->record,
        .data = run->data->name,
        .label = record_label(run->results, task->record),
        .share = task->stage->plan.share > 0 ? task->stage->plan.share : 1,
        .winner = task->record->tuned != NULL};
}

void kept_place(struct run *run, const struct task *task) {
    if (!run->store || run->dry || run->broken.text[0]) return;
    const struct store_place place = place_of(run, task);
    const struct tuned *tuned = task->record->tuned;
    struct error e = {0};
    if (!store_place(run->store, &task->key, &place, &e) ||
        (tuned && !store_tuned(run->store, &task->key, &place, task->model->schema, tuned, &e)))
        stop_broken(run, &e);
}

void kept_put(struct run *run, const struct task *task) {
    if (!run->store || run->broken.text[0]) return;
    struct error e = {0};
    if (store_put(run->store, &task->key, task->model, task->values, task->record, &e))
        kept_place(run, task);
    else
        stop_broken(run, &e);
}

// Nothing was run by its values, so it is no answer to the key that they have.
void kept_unchosen(struct run *run, struct task *task) {
    if (!run->store || run->dry || run->broken.text[0]) return;
    struct error e = {0};
    if (make_key(run, task, task->record->cause, &e))
        kept_put(run, task);
    else
        stop_broken(run, &e);
}

void kept_flush(struct run *run) {
    struct error e = {0};
    if (run->store && !run->dry && !run->broken.text[0] && !store_flush(run->store, &e))
        stop_broken(run, &e);
}
