// Blends of rows whose trials have ended: answers become weighted means, within this process.
#include "trial/blending.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void blend_groups(const struct plan *plan, size_t *groups) {
    bool moved = true;
    for (size_t k = 0; k < plan->n_models; k++) groups[k] = k;
    while (moved) {
        moved = false;
        for (size_t k = 0; k < plan->n_models; k++) {
            const struct blend_spec *blend = plan->models[k].blend;
            size_t least = groups[k];
            for (size_t m = 0; blend && m < blend->n; m++)
                if (groups[blend->members[m]] < least) least = groups[blend->members[m]];
            for (size_t m = 0; blend && m <= blend->n; m++) {
                size_t *group = &groups[m < blend->n ? blend->members[m] : k];
                moved |= *group != least;
                *group = least;
            }
        }
    }
}

double blend_weight(const struct trial_record *t, size_t member) {
    for (size_t k = 0; k < t->n_curve; k++)
        if (strcmp(t->curve[k].series, BLEND_SERIES) == 0 && t->curve[k].x == (double)member + 1)
            return t->curve[k].y;
    return NAN;
}

// ---- One blend ---------------------------------------------------------------------------------

// One blend with one seed.
struct blending {
    struct fold_work *w;
    const struct entry *entry;
    const struct blend_spec *blend;
    uint32_t seed;
    struct task task;
    struct key keys[BLEND_MOST];
    double weights[BLEND_MOST];
};

static struct trial_record *member_of(const struct blending *b, size_t k) {
    return &b->w->entries[b->blend->members[k]].records[b->seed];
}

static bool is_ready(const struct blending *b) {
    for (size_t k = 0; k < b->blend->n; k++)
        if (!b->w->entries[b->blend->members[k]].over[b->seed]) return false;
    return true;
}

static void over(struct blending *b) {
    b->entry->over[b->seed] = true;
    runner_count(b->w->run, b->task.record);
}

// Nothing to be found again: what made the member fail may be gone then.
static void fail(struct blending *b, const struct trial_record *member) {
    struct run *run = b->w->run;
    struct trial_record *t = b->task.record;
    t->failed = true;
    t->failure = member->failure;
    t->limits = member->limits;
    t->cause = arena_printf(&run->results->arena, "its member %s failed: %s",
        record_label(run->results, member), member->cause);
    kept_unchosen(run, &b->task);
    over(b);
}

// Of the trials that the members have on this fold.
static bool find_keys(struct blending *b) {
    struct run *run = b->w->run;
    for (size_t k = 0; k < b->blend->n; k++) {
        const struct entry *member = &b->w->entries[b->blend->members[k]];
        struct task task = {.model = member->model,
            .values = member->values ? member->values : member->model->values,
            .stage = &b->w->outer,
            .record = &member->records[b->seed]};
        if (!kept_key(run, &task)) return false;
        b->keys[k] = task.key;
    }
    return true;
}

static bool weigh(struct blending *b) {
    const struct blend_spec *blend = b->blend;
    for (size_t k = 0; k < blend->n; k++)
        b->weights[k] = blend->how == BLEND_GIVEN ? blend->weights[k] : 1 / (double)blend->n;
    return true;
}

// Sums in the members' order, whatever the order in which they ended.
static bool mix(const struct blending *b, float *answers, struct error *e) {
    const struct stage_fold *fold = &b->w->outer.fold;
    const struct test *test = &fold->test;
    for (size_t k = 0; k < b->blend->n; k++)
        if (member_of(b, k)->n_answers != test->n)
            return error_set(e, "%s has %zu answers to %zu test rows; run it again, with --fresh",
                record_label(b->w->run->results, member_of(b, k)), member_of(b, k)->n_answers,
                (size_t)test->n);
    for (size_t row = 0; row < test->n; row++) {
        double sum = 0;
        for (size_t k = 0; k < b->blend->n; k++) {
            float answer = member_of(b, k)->answers[row];
            if (isnan(answer))
                answer = fallback_answer(&fold->fallback, test->users[row], test->items[row]);
            sum += b->weights[k] * (double)answer;
        }
        answers[row] = (float)sum;
    }
    return true;
}

// What it cost is what its members did.
static void add_cost(struct trial_cost *sum, const struct trial_cost *one) {
    sum->fit_seconds += one->fit_seconds;
    sum->predict_seconds += one->predict_seconds;
    if (one->memory > sum->memory) sum->memory = one->memory;
}

static bool tell_weights(const struct blending *b, struct error *e) {
    struct trial_record *t = b->task.record;
    t->curve = malloc(b->blend->n * sizeof *t->curve);
    if (!t->curve) return error_memory(e, b->blend->n * sizeof *t->curve, "weights");
    t->n_curve = b->blend->n;
    for (size_t k = 0; k < t->n_curve; k++)
        t->curve[k] = (struct curve_point){BLEND_SERIES, (double)k + 1, b->weights[k]};
    return true;
}

static bool score(struct blending *b, struct error *e) {
    const size_t n = b->w->outer.fold.test.n;
    float *answers = malloc((n + 1) * sizeof *answers);
    if (!answers) return error_memory(e, n * sizeof *answers, "answers");
    for (size_t k = 0; k < b->blend->n; k++)
        add_cost(&b->task.record->cost, &member_of(b, k)->cost);
    const bool ok = weigh(b) && mix(b, answers, e) && tell_weights(b, e) &&
                    scoring_task(b->w->run, &b->task, &(struct answers){.rating = answers}, e);
    free(answers);
    return ok;
}

static bool make(struct blending *b, struct error *e) {
    struct run *run = b->w->run;
    struct error why = {0};
    bool stopped = false;
    for (size_t k = 0; k < b->blend->n; k++)
        if (member_of(b, k)->failed) {
            fail(b, member_of(b, k));
            return true;
        }
    if (!find_keys(b)) return true; // the run stops
    b->task.members = b->keys;
    if (kept_find(run, &b->task)) {
        kept_place(run, &b->task);
    } else {
        if (run->stopping || run->dry) return true;
        if (!runner_open(run, &b->w->outer, &stopped, e)) return stopped;
        if (!score(b, &why)) runner_fail(&b->task, FAILURE_REFUSED, why.text);
        kept_put(run, &b->task);
    }
    over(b);
    return true;
}

bool blends_make(struct fold_work *w, struct error *e) {
    const struct plan *plan = w->run->plan;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct entry *entry = &w->entries[k];
        for (uint32_t seed = 0; entry->model->blend && seed < plan->n_seeds; seed++) {
            struct trial_record *t = &entry->records[seed];
            struct blending b = {
                .w = w, .entry = entry, .blend = entry->model->blend, .seed = seed};
            if (t->number == 0 || entry->over[seed] || !is_ready(&b)) continue;
            b.task = (struct task){.model = entry->model,
                .values = entry->model->values,
                .stage = &w->outer,
                .record = t,
                .texts = w->run->results};
            if (!make(&b, e)) return false;
        }
    }
    return true;
}
