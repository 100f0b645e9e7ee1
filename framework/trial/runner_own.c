#include "trial/runner_own.h"

#include <stdio.h>
#include <time.h>

#include "core/log.h"
#include "trial/signals.h"

double runner_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static size_t list_running(struct run *run) {
    const double now = runner_clock();
    size_t n = 0;
    for (uint32_t j = 0; j < run->n_slots; j++) {
        const struct running *r = &run->slots[j].running;
        if (!r->record) continue;
        run->running[n++] = (struct runner_running){.record = r->record,
            .done = r->done,
            .total = r->total,
            .objective = r->objective,
            .seconds = now - r->began};
    }
    return n;
}

void runner_tick(struct run *run, const struct trial_record *ended, const char *doing) {
    if (!run->events->tick) return;
    struct runner_view view = run->view;
    view.doing = doing;
    view.ended = ended;
    view.running = run->running;
    view.n_running = list_running(run);
    if (view.total < view.done) view.total = view.done;
    run->events->tick(run->events->arg, run->results, &view);
}

void runner_count(struct run *run, struct trial_record *t) {
    run->view.done++;
    run->view.cached += t->cached;
    run->view.failed += t->failed;
    if (run->dry) {
        runner_tick(run, t, "");
        return;
    }
    if (t->failed && t->inner && t->candidate == CANDIDATE_NONE) {
        log_debug("%s, %s, fold %u, inner fold %u failed: %s", run->data->name,
            record_label(run->results, t), t->fold, t->inner, t->cause);
    } else if (t->failed && t->inner) {
        log_debug("%s, %s, fold %u, inner fold %u, candidate %u failed: %s", run->data->name,
            record_label(run->results, t), t->fold, t->inner, t->candidate, t->cause);
    } else if (t->failed) {
        run->results->n_failed += !record_is_hidden(run->results, t);
        log_warning("%s, %s, fold %u failed: %s", run->data->name, record_label(run->results, t),
            t->fold, t->cause);
        if (run->plan->fail_fast) run->stopping = true;
    }
    runner_tick(run, t, "");
}

void runner_stop(struct run *run) {
    run->stopping = true;
    if (run->stopped > 0) return;
    run->stopped = runner_clock();
    for (uint32_t j = 0; j < run->n_slots; j++)
        if (run->slots[j].running.record) running_cancel(&run->slots[j].running);
}

void runner_fail(struct task *task, enum failure failure, const char *cause) {
    task->record->failed = true;
    task->record->failure = failure;
    task->record->cause = arena_text(&task->texts->arena, cause);
}

struct stage *runner_inner(const struct run *run, const struct fold_plan *outer, struct stages *all,
    uint32_t inner, uint32_t n_inner, double share) {
    const struct plan *plan = run->plan;
    struct fold_plan at = *outer;
    at.inner = inner;
    at.n_inner = n_inner;
    at.share = share;
    bool sliced = false;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct plan_model *m = &plan->models[k];
        sliced |= (m->tuning || m->is_member) && (m->schema->flags & RK_WANTS_VALID);
    }
    return stages_get(all, &at, sliced && plan->validation > 0);
}

bool runner_open(struct run *run, struct stage *stage, bool *stopped, struct error *e) {
    *stopped = false;
    if (stage->open) return true;
    char doing[96];
    const struct fold_plan *p = &stage->plan;
    if (p->inner)
        snprintf(doing, sizeof doing, "building inner fold %u of fold %u", p->inner, p->fold);
    else
        snprintf(doing, sizeof doing, "building fold %u", p->fold);
    runner_tick(run, NULL, doing);
    if (stage_open(stage, run->plan->threads, &signals_seen, e)) return true;
    *stopped = signals_seen > 0;
    return false;
}
