// Trials over the slots: begins them, hears them, scores them, ends them.
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/random.h"
#include "trial/limits.h"
#include "trial/requires.h"
#include "trial/runner_own.h"
#include "trial/signals.h"

// Between looks at limits and at the clock, and how long a trial may take to stop when asked to.
static const double LOOK_SECONDS = 0.1, GRACE_SECONDS = 5;

// ---- The end of a trial ------------------------------------------------------------------------

// What an inner trial leaves is its score, which the source has taken.
static void clear_inner(struct run *run, struct slot *slot) {
    struct results *all = run->results, *own = &slot->scratch;
    if (own->blas_core && !all->blas_core) all->blas_core = arena_text(&all->arena, own->blas_core);
    if (own->isa && !all->isa) all->isa = arena_text(&all->arena, own->isa);
    arena_done(&own->arena);
    own->blas_core = all->blas_core;
    own->isa = all->isa;
    record_done(&slot->record);
    slot->record = (struct trial_record){0};
}

// Counted, told and handed back.
static bool settle(
    struct run *run, const struct source *source, struct slot *slot, struct error *e) {
    struct trial_record *t = slot->task.record;
    runner_count(run, t);
    const bool ok = source->ended(source->arg, &slot->task, false, e);
    if (t == &slot->record) clear_inner(run, slot);
    return ok;
}

static bool drop(struct run *run, const struct source *source, struct slot *slot, struct error *e) {
    struct trial_record *t = slot->task.record;
    slot->again = false;
    const bool ok = source->ended(source->arg, &slot->task, true, e);
    if (t == &slot->record) {
        clear_inner(run, slot);
    } else {
        record_done(t);
        *t = (struct trial_record){0}; // number 0: it never was
    }
    return ok;
}

static bool kill_slot(
    struct run *run, const struct source *source, struct slot *slot, struct error *e) {
    const bool busy = slot->running.record || slot->again;
    running_kill(&slot->running);
    return !busy || drop(run, source, slot, e);
}

static void score(struct run *run, struct slot *slot) {
    struct running *r = &slot->running;
    struct task *task = &slot->task;
    struct error e = {0};
    const float *answers = running_answers(r, &e);
    bool ok = answers != NULL;
    const size_t n_floats = asked_floats(&r->room);
    for (size_t k = 0; ok && k < n_floats; k++)
        if (isinf(answers[k])) ok = error_set(&e, "predict answered an infinity");
    const struct answers all = asked_at(&r->room, answers);
    if (ok && !scoring_task(run, task, &all, &e) && !e.text[0])
        error_set(&e, "could not be scored");
    running_release(r, answers);
    if (e.text[0]) runner_fail(task, FAILURE_REFUSED, e.text);
}

static bool end_slot(
    struct run *run, const struct source *source, struct slot *slot, struct error *e) {
    struct task *task = &slot->task;
    struct trial_record *t = task->record;
    bool again = false;
    if (!running_end(&slot->running, task->texts, &again)) {
        running_release(&slot->running, NULL);
        slot->again = again && !run->stopping;
        return slot->again || drop(run, source, slot, e);
    }
    if (t->failed)
        running_release(&slot->running, NULL);
    else
        score(run, slot);
    if (t->failure == FAILURE_LIMIT) t->limits = limits_of(run->plan);
    if (t->inner) { // nobody looks at those of thousands of candidates
        free(t->curve);
        t->curve = NULL;
        t->n_curve = 0;
    }
    kept_put(run, task);
    return settle(run, source, slot, e);
}

// ---- The beginning -----------------------------------------------------------------------------

static bool lacks_feature(const struct run *run, struct task *task) {
    const struct schema *s = task->model->schema;
    const char *missing = requires_missing(s, &task->stage->fold.train.data);
    if (!missing) return false;
    char cause[512];
    snprintf(cause, sizeof cause, "%s needs the feature %s, which %s lacks", s->id, missing,
        run->data->name);
    runner_fail(task, FAILURE_REFUSED, cause);
    return true;
}

static uint64_t trial_key(const struct run *run, const struct trial_record *t) {
    const uint64_t of_fold = (uint64_t)t->repeat << 32 | t->fold;
    const uint64_t key = random_mix(random_key(run->plan->seed, RANDOM_TRIAL, t->seed), of_fold);
    return t->inner ? random_mix(key, t->inner) : key;
}

static bool begin(struct run *run, struct slot *slot, struct error *e) {
    const struct task *task = &slot->task;
    slot->again = false;
    const struct running_start start = {.plan = run->plan,
        .model = task->model,
        .values = task->values,
        .fold = &task->stage->fold,
        .key = trial_key(run, task->record),
        .threads = run->plan->threads / run->n_slots,
        .asked = scoring_asks(run->plan, task)};
    return running_begin(&slot->running, &start, task->record, e);
}

// The slot's new task is found in the store, can't be, or begins.
static bool take_up(
    struct run *run, const struct source *source, struct slot *slot, struct error *e) {
    struct task *task = &slot->task;
    if (kept_find(run, task)) {
        kept_place(run, task);
        return settle(run, source, slot, e);
    }
    bool stopped = false;
    if (run->stopping || run->dry) return drop(run, source, slot, e);
    if (!runner_open(run, task->stage, &stopped, e)) {
        if (stopped) *e = (struct error){0};
        return drop(run, source, slot, stopped ? e : NULL) && stopped;
    }
    if (lacks_feature(run, task)) {
        kept_put(run, task);
        return settle(run, source, slot, e);
    }
    if (begin(run, slot, e)) return true;
    drop(run, source, slot, NULL);
    return false;
}

static bool may_start(const struct run *run) {
    return !run->stopping && !signals_seen;
}

// Idle slots get trials as long as there are any.
static bool fill_slots(struct run *run, const struct source *source, struct error *e) {
    bool ok = true, more = true;
    for (uint32_t j = 0; ok && j < run->n_slots; j++) {
        struct slot *slot = &run->slots[j];
        if (slot->again && may_start(run) && !begin(run, slot, e)) {
            drop(run, source, slot, NULL);
            return false;
        }
        while (ok && more && !slot->running.record && !slot->again && may_start(run)) {
            slot->task = (struct task){.texts = run->results};
            more = source->next(source->arg, slot, &slot->task);
            ok = !more || take_up(run, source, slot, e);
        }
    }
    return ok;
}

// ---- While trials run --------------------------------------------------------------------------

// Waits a tenth of a second at most for what the slots have to say.
static bool hear_slots(struct run *run, const struct source *source, struct error *e) {
    const uint32_t n = run->n_slots;
    struct pollfd polled[2 * n];
    for (uint32_t j = 0; j < n; j++) {
        const struct running *r = &run->slots[j].running;
        polled[2 * j] = (struct pollfd){.fd = r->record ? r->socket : -1, .events = POLLIN};
        polled[2 * j + 1] =
            (struct pollfd){.fd = r->record ? r->worker.control : -1, .events = POLLIN};
    }
    if (poll(polled, 2 * n, (int)(1000 * LOOK_SECONDS)) <= 0) return true;
    bool ok = true;
    for (uint32_t j = 0; j < n; j++) {
        struct slot *slot = &run->slots[j];
        if (polled[2 * j].revents) running_hear(&slot->running, slot->task.texts);
        if (polled[2 * j + 1].revents) ok = end_slot(run, source, slot, e) && ok;
    }
    return ok;
}

// The first signal asks trials to stop; a second one, or time, ends them.
static bool heed(struct run *run, const struct source *source, struct error *e) {
    if (signals_seen && !run->results->interrupted) {
        log_line(RK_LOG_WARNING, "stopping: trials that run are asked to stop, what has ended is "
                                 "saved; the same signal again stops at once");
        run->results->interrupted = true;
    }
    if (signals_seen || run->broken.text[0]) runner_stop(run);
    if (run->stopped <= 0) return true;
    if (signals_seen < 2 && runner_clock() - run->stopped < GRACE_SECONDS) return true;
    bool ok = true;
    for (uint32_t j = 0; j < run->n_slots; j++)
        ok = kill_slot(run, source, &run->slots[j], e) && ok;
    return ok;
}

static void look(struct run *run) {
    const double now = runner_clock();
    if (now - run->looked < LOOK_SECONDS) return;
    run->looked = now;
    for (uint32_t j = 0; j < run->n_slots; j++)
        if (run->slots[j].running.record) running_watch(&run->slots[j].running, &run->plan->limits);
    runner_tick(run, NULL, "");
}

static bool is_busy(const struct run *run) {
    for (uint32_t j = 0; j < run->n_slots; j++)
        if (run->slots[j].running.record) return true;
    return false;
}

bool schedule_run(struct run *run, const struct source *source, struct error *e) {
    bool ok = true;
    while (ok) {
        ok = heed(run, source, e) && fill_slots(run, source, e);
        if (!ok || !is_busy(run)) break;
        ok = hear_slots(run, source, e);
        look(run);
    }
    for (uint32_t j = 0; j < run->n_slots; j++) kill_slot(run, source, &run->slots[j], NULL);
    return ok;
}
