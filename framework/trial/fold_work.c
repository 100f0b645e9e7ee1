#include "trial/fold_work.h"

#include <stdlib.h>
#include <string.h>

#include "trial/blending.h"
#include "trial/nested.h"

// ---- Shards ------------------------------------------------------------------------------------

// Whether the unit is this machine's; the next call is of the next one.
static bool is_here(const struct shard *s, size_t *unit) {
    const size_t number = (*unit)++;
    return s->count <= 1 || number % s->count == s->index;
}

// A tuned row has one unit, all its seeds; others have one for each seed. A blend and all that are
// joined to it have one together, which is counted where their first row stands.
static bool is_unit(const struct run *run, size_t model, uint32_t seed) {
    const struct plan *plan = run->plan;
    const size_t first = run->groups[model];
    if (first != model) return false;
    bool joined = plan->models[model].tuning != NULL;
    for (size_t k = 0; k < plan->n_models; k++) joined |= k != model && run->groups[k] == first;
    return seed == 0 || !joined;
}

// Fills in run->here for the fold whose first unit that is.
static void share_out(const struct run *run, size_t *unit) {
    const struct plan *plan = run->plan;
    bool *here = run->here;
    for (size_t k = 0; k < plan->n_models; k++)
        for (uint32_t seed = 0; seed < plan->n_seeds; seed++) {
            bool *at = &here[k * plan->n_seeds + seed];
            if (is_unit(run, k, seed))
                *at = is_here(&plan->shard, unit);
            else
                *at = run->groups[k] != k ? here[run->groups[k] * plan->n_seeds] : at[-1];
        }
}

void fold_work_foresee(const struct run *run, size_t *unit, struct foreseen *out) {
    const struct plan *plan = run->plan;
    share_out(run, unit);
    for (size_t k = 0; k < plan->n_models; k++)
        for (uint32_t seed = 0; seed < plan->n_seeds; seed++) {
            if (!run->here[k * plan->n_seeds + seed]) continue;
            out[k].outer++;
            if (seed == 0 && plan->models[k].tuning) out[k].inner += run->lengths[k];
        }
    refits_foresee(run, out);
}

// ---- Records -----------------------------------------------------------------------------------

// Room for all trials of a fold, so that records do not move while they run.
static bool add_records(struct fold_work *w, size_t n, struct error *e) {
    struct results *r = w->run->results;
    struct trial_record *records = realloc(r->records, (r->n + n) * sizeof *records);
    if (!records) return error_memory(e, (r->n + n) * sizeof *records, "records");
    r->records = records;
    memset(records + r->n, 0, n * sizeof *records);
    w->records = records + r->n;
    w->n = n;
    r->n += n;
    return true;
}

static void place_entry(struct fold_work *w, size_t model, struct trial_record *records) {
    struct run *run = w->run;
    const struct plan *plan = run->plan;
    struct entry *entry = &w->entries[model];
    *entry = (struct entry){.model = &plan->models[model], .records = records};
    entry->over = w->over + (records - w->records);
    if (!entry->model->tuning && !entry->model->given && !entry->model->blend)
        entry->values = entry->model->values;
    for (uint32_t seed = 0; seed < plan->n_seeds; seed++) {
        records[seed].model = (int)model;
        records[seed].seed = seed;
        if (run->here[model * plan->n_seeds + seed]) continue;
        records[seed].number = 0;
        run->results->elsewhere += !entry->model->is_hidden;
    }
}

// Numbers count the whole plan, other shards' trials too.
static bool place_records(struct fold_work *w, struct error *e) {
    struct run *run = w->run;
    const struct plan *plan = run->plan;
    const size_t own = 1 + (run->data->reachable != NULL);
    if (!add_records(w, own + plan->n_models * plan->n_seeds, e)) return false;
    w->over = calloc(w->n, sizeof *w->over);
    w->entries = calloc(plan->n_models + 1, sizeof *w->entries);
    if (!w->over || !w->entries) return error_memory(e, w->n * sizeof *w->entries, "a fold");
    share_out(run, &run->unit);
    const size_t before = (size_t)(w->records - run->results->records);
    for (size_t k = 0; k < w->n; k++)
        w->records[k] = (struct trial_record){.number = (uint32_t)(before + k) + 1,
            .data = run->at_data,
            .repeat = w->outer.plan.repeat,
            .fold = w->outer.plan.fold,
            .model = k == 0 ? MODEL_FALLBACK : MODEL_REACHABLE};
    for (size_t model = 0; model < plan->n_models; model++)
        place_entry(w, model, w->records + own + model * plan->n_seeds);
    return true;
}

// ---- Rows of the harness's own -----------------------------------------------------------------

static bool run_own(struct fold_work *w, struct trial_record *t, struct error *e) {
    struct run *run = w->run;
    struct task task = {.record = t, .stage = &w->outer, .texts = run->results};
    bool stopped = false;
    if (kept_find(run, &task)) {
        kept_place(run, &task);
    } else {
        if (run->stopping || run->dry) return true;
        if (!runner_open(run, &w->outer, &stopped, e)) return stopped;
        if (!scoring_own(run, &task, e)) return false;
        kept_put(run, &task);
    }
    w->over[t - w->records] = true;
    runner_tick(run, t, "");
    return true;
}

// ---- Rows of files -----------------------------------------------------------------------------

static bool run_given(struct fold_work *w, struct trial_record *t, struct error *e) {
    struct run *run = w->run;
    const struct plan_model *model = &run->plan->models[t->model];
    struct task task = {.model = model,
        .values = model->values,
        .record = t,
        .stage = &w->outer,
        .texts = run->results,
        .keep = model->is_member};
    bool stopped = false;
    if (kept_find(run, &task)) {
        kept_place(run, &task);
        run->given[t->model].partly = true;
    } else {
        if (run->stopping || run->dry) return true;
        if (!runner_open(run, &w->outer, &stopped, e)) return stopped;
        if (!scoring_given(run, &task, &run->given[t->model], e)) return false;
        kept_put(run, &task);
    }
    w->over[t - w->records] = true;
    runner_count(run, t);
    return true;
}

static bool run_all_given(struct fold_work *w, struct error *e) {
    for (size_t k = 0; k < w->n; k++) {
        struct trial_record *t = &w->records[k];
        if (t->model < 0 || !w->run->plan->models[t->model].given || t->number == 0) continue;
        if (!run_given(w, t, e)) return false;
    }
    return true;
}

// ---- Models ------------------------------------------------------------------------------------

static bool next_of(struct fold_work *w, struct entry *entry, struct task *task) {
    const uint32_t n_seeds = w->run->plan->n_seeds;
    while (entry->next < n_seeds && entry->records[entry->next].number == 0) entry->next++;
    if (!entry->values || entry->next == n_seeds) return false;
    task->model = entry->model;
    task->values = entry->values;
    task->stage = &w->outer;
    task->record = &entry->records[entry->next++];
    task->keep = entry->model->is_member;
    return true;
}

// Searches first, which go in steps and take longest; then what they chose; rows by fixed values,
// and what blends need on inner folds, fill the gaps.
static bool next(void *arg, struct slot *slot, struct task *task) {
    struct fold_work *w = arg;
    const size_t n = w->run->plan->n_models;
    for (size_t k = 0; k < n; k++)
        if (w->entries[k].nested && nested_next(w->entries[k].nested, slot, task)) return true;
    for (int tuned = 1; tuned >= 0; tuned--)
        for (size_t k = 0; k < n; k++) {
            struct entry *entry = &w->entries[k];
            if ((entry->model->tuning != NULL) == tuned && next_of(w, entry, task)) return true;
        }
    return refits_next(w, slot, task);
}

// The search is over: its trials on the outer fold can begin, or have failed.
static void choose(struct fold_work *w, struct entry *entry) {
    struct run *run = w->run;
    enum failure failure;
    const char *cause;
    const struct tuned *tuned =
        nested_chosen(entry->nested, &run->results->arena, &failure, &cause);
    entry->values = tuned ? tuned->values : NULL;
    for (uint32_t seed = 0; seed < run->plan->n_seeds; seed++) {
        struct trial_record *t = &entry->records[seed];
        t->tuned = tuned;
        if (tuned) continue;
        t->failed = true;
        t->failure = failure;
        t->cause =
            arena_printf(&run->results->arena, "no candidate has a score; the first: %s", cause);
        kept_unchosen(run, &(struct task){.model = entry->model,
                               .values = entry->model->values,
                               .stage = &w->outer,
                               .record = t,
                               .texts = run->results});
        w->over[t - w->records] = true;
        runner_count(run, t);
    }
    if (!tuned) refits_unchosen(w, (uint32_t)(entry - w->entries));
    nested_end(entry->nested);
    entry->nested = NULL;
}

static struct entry *entry_of(struct fold_work *w, const struct nested *nested) {
    for (size_t k = 0; k < w->run->plan->n_models; k++)
        if (w->entries[k].nested == nested) return &w->entries[k];
    return NULL;
}

static bool ended(void *arg, const struct task *task, bool dropped, struct error *e) {
    struct fold_work *w = arg;
    if (task->of == &w->refits) {
        refits_ended(w, task, dropped);
        if (dropped) return true;
    } else if (task->of) {
        struct entry *entry = entry_of(w, task->of);
        if (!nested_ended(entry->nested, task, dropped, e)) return false;
        if (!nested_over(entry->nested)) return true;
        choose(w, entry);
    } else if (dropped) {
        return true;
    } else {
        w->over[task->record - w->records] = true;
    }
    return blends_make(w, e);
}

static bool begin_searches(struct fold_work *w, struct error *e) {
    for (size_t k = 0; k < w->run->plan->n_models; k++) {
        struct entry *entry = &w->entries[k];
        if (!entry->model->tuning || entry->records[0].number == 0) continue;
        entry->nested = nested_begin(
            w->run, &w->outer.plan, &w->inner, (uint32_t)k, entry->records[0].number, e);
        if (!entry->nested) return false;
        if (nested_over(entry->nested)) choose(w, entry);
    }
    return true;
}

// ---- The fold ----------------------------------------------------------------------------------

static void drop_answers(struct trial_record *t) {
    free(t->answers);
    t->answers = NULL;
    t->n_answers = 0;
}

static void end_work(struct fold_work *w) {
    for (size_t k = 0; w->entries && k < w->run->plan->n_models; k++)
        nested_end(w->entries[k].nested);
    for (size_t k = 0; k < w->n; k++) drop_answers(&w->records[k]);
    for (size_t k = 0; k < w->n; k++)
        if (!w->over || !w->over[k]) w->records[k].number = 0; // it never was
    refits_end(&w->refits);
    stages_done(&w->inner);
    stage_close(&w->outer);
    free(w->entries);
    free(w->over);
}

bool fold_work_run(struct run *run, uint32_t repeat, uint32_t fold, struct error *e) {
    const struct plan *plan = run->plan;
    struct fold_work w = {.run = run};
    w.outer.plan = (struct fold_plan){.data = run->data,
        .source = &plan->data[run->at_data],
        .split = plan->split,
        .seed = plan->seed,
        .repeat = repeat,
        .fold = fold,
        .validation = plan->validation};
    for (size_t k = 0; k < plan->n_models; k++)
        w.outer.sliced |= (plan->models[k].schema->flags & RK_WANTS_VALID) && plan->validation > 0;
    const struct source source = {.arg = &w, .next = next, .ended = ended};
    bool ok = place_records(&w, e);
    for (size_t k = 0; ok && k < w.n && w.records[k].model < 0; k++)
        ok = run_own(&w, &w.records[k], e);
    ok = ok && refits_begin(&w, e) && run_all_given(&w, e) && begin_searches(&w, e) &&
         blends_make(&w, e) && schedule_run(run, &source, e);
    end_work(&w);
    kept_flush(run);
    return ok;
}
