#include "trial/refits.h"

#include <stdlib.h>

#include "trial/blending.h"

// Whether an earlier blend has the same trials of that member.
static bool is_shared(const struct run *run, size_t blend, size_t member) {
    const struct plan_model *models = run->plan->models;
    const uint32_t folds = models[blend].blend->folds;
    for (size_t k = 0; k < blend; k++) {
        const struct blend_spec *b = models[k].blend;
        if (!b || b->how != BLEND_FITTED || b->folds != folds) continue;
        for (size_t m = 0; m < b->n; m++)
            if (b->members[m] == member) return true;
    }
    return false;
}

// Calls `each` for every member of a blend with fitted weights that this shard has, once for each
// number of folds.
static void each_member(const struct run *run,
    void (*each)(void *arg, size_t member, const struct blend_spec *b, size_t blend), void *arg) {
    const struct plan *plan = run->plan;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct blend_spec *b = plan->models[k].blend;
        if (!b || b->how != BLEND_FITTED || !run->here[k * plan->n_seeds]) continue;
        for (size_t m = 0; m < b->n; m++)
            if (!is_shared(run, k, b->members[m])) each(arg, b->members[m], b, k);
    }
}

struct counting {
    uint32_t n_seeds;
    struct foreseen *out; // NULL: not wanted
    size_t n;
};

static void count(void *arg, size_t member, const struct blend_spec *b, size_t blend) {
    (void)blend;
    struct counting *c = arg;
    const size_t n = (size_t)c->n_seeds * b->folds;
    c->n += n;
    if (c->out) c->out[member].refits += n;
}

void refits_foresee(const struct run *run, struct foreseen *out) {
    struct counting c = {run->plan->n_seeds, out, 0};
    each_member(run, count, &c);
}

static void list(void *arg, size_t member, const struct blend_spec *b, size_t blend) {
    struct fold_work *w = arg;
    for (uint32_t seed = 0; seed < w->run->plan->n_seeds; seed++)
        for (uint32_t inner = 1; inner <= b->folds; inner++)
            w->refits.at[w->refits.n++] = (struct refit){.model = (uint32_t)member,
                .seed = seed,
                .inner = inner,
                .n_inner = b->folds,
                .number = w->entries[blend].records[seed].number};
}

bool refits_begin(struct fold_work *w, struct error *e) {
    struct counting c = {w->run->plan->n_seeds, NULL, 0};
    each_member(w->run, count, &c);
    w->refits.at = calloc(c.n + 1, sizeof *w->refits.at);
    if (!w->refits.at) return error_memory(e, c.n * sizeof *w->refits.at, "members of blends");
    each_member(w->run, list, w);
    for (size_t k = 0; k < w->refits.n; k++) {
        const struct refit *r = &w->refits.at[k];
        if (!runner_inner(w->run, &w->outer.plan, &w->inner, r->inner, r->n_inner, 0))
            return error_memory(e, sizeof(struct stage), "an inner fold");
    }
    return true;
}

void refits_end(struct refits *r) {
    for (size_t k = 0; k < r->n; k++) record_done(&r->at[k].record);
    free(r->at);
    *r = (struct refits){0};
}

bool refits_next(struct fold_work *w, struct slot *slot, struct task *task) {
    for (size_t k = 0; k < w->refits.n; k++) {
        struct refit *r = &w->refits.at[k];
        const struct entry *entry = &w->entries[r->model];
        if (r->asked || !entry->values) continue;
        r->asked = true;
        slot->record = (struct trial_record){.number = r->number,
            .model = (int)r->model,
            .seed = r->seed,
            .data = w->run->at_data,
            .repeat = w->outer.plan.repeat,
            .fold = w->outer.plan.fold,
            .inner = r->inner,
            .candidate = CANDIDATE_NONE};
        task->model = entry->model;
        task->values = entry->values;
        task->stage = runner_inner(w->run, &w->outer.plan, &w->inner, r->inner, r->n_inner, 0);
        task->record = &slot->record;
        task->texts = &slot->scratch;
        task->of = &w->refits;
        task->number = k;
        task->keep = true;
        return true;
    }
    return false;
}

void refits_ended(struct fold_work *w, const struct task *task, bool dropped) {
    if (dropped) return;
    struct trial_record *t = task->record;
    struct refit *r = &w->refits.at[task->number];
    r->over = true;
    r->record = (struct trial_record){.model = t->model,
        .inner = t->inner,
        .failed = t->failed,
        .failure = t->failure,
        .cause = t->cause ? arena_text(&w->run->results->arena, t->cause) : NULL,
        .limits = t->limits,
        .cost = t->cost,
        .answers = t->answers,
        .n_answers = t->n_answers};
    t->answers = NULL;
    t->n_answers = 0;
}

void refits_unchosen(struct fold_work *w, uint32_t model) {
    for (size_t k = 0; k < w->refits.n; k++) {
        struct refit *r = &w->refits.at[k];
        if (r->model != model) continue;
        r->asked = true;
        w->run->view.total--;
    }
}

const struct refit *refits_find(
    const struct refits *r, uint32_t model, uint32_t seed, uint32_t inner, uint32_t n_inner) {
    for (size_t k = 0; k < r->n; k++) {
        const struct refit *one = &r->at[k];
        if (one->model == model && one->seed == seed && one->inner == inner &&
            one->n_inner == n_inner)
            return one;
    }
    return NULL;
}
