// Blends of rows whose trials have ended: answers become weighted means, within this process.
#include "trial/blending.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trial/simplex.h"

_Static_assert((int)SIMPLEX_MOST >= (int)BLEND_MOST, "weights of all members");

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

static uint32_t n_inner(const struct blending *b) {
    return b->blend->how == BLEND_FITTED ? b->blend->folds : 0;
}

static const struct refit *refit_of(const struct blending *b, size_t k, uint32_t inner) {
    return refits_find(&b->w->refits, b->blend->members[k], b->seed, inner, n_inner(b));
}

// A member for which no values were found has no trials on inner folds.
static bool is_ready(const struct blending *b) {
    for (size_t k = 0; k < b->blend->n; k++) {
        const struct entry *member = &b->w->entries[b->blend->members[k]];
        if (!member->over[b->seed]) return false;
        for (uint32_t inner = 1; member->values && inner <= n_inner(b); inner++)
            if (!refit_of(b, k, inner)->over) return false;
    }
    return true;
}

// The first trial that failed, of the outer fold before those of inner ones; NULL: none.
static const struct trial_record *failed_of(const struct blending *b) {
    for (size_t k = 0; k < b->blend->n; k++)
        if (member_of(b, k)->failed) return member_of(b, k);
    for (size_t k = 0; k < b->blend->n; k++)
        for (uint32_t inner = 1; inner <= n_inner(b); inner++)
            if (refit_of(b, k, inner)->record.failed) return &refit_of(b, k, inner)->record;
    return NULL;
}

static void over(struct blending *b) {
    b->entry->over[b->seed] = true;
    runner_count(b->w->run, b->task.record);
}

// Nothing to be found again: what made the member fail may be gone then.
static void fail(struct blending *b, const struct trial_record *member) {
    struct run *run = b->w->run;
    struct trial_record *t = b->task.record;
    struct arena *a = &run->results->arena;
    const char *where = member->inner ? arena_printf(a, " on inner fold %u", member->inner) : "";
    t->failed = true;
    t->failure = member->failure;
    t->limits = member->limits;
    t->cause = arena_printf(
        a, "its member %s failed%s: %s", record_label(run->results, member), where, member->cause);
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

static bool check_count(
    const struct blending *b, const struct trial_record *t, size_t n, struct error *e) {
    return t->n_answers == n || error_set(e,
                                    "%s has %zu answers to %zu test rows; run it again, with "
                                    "--fresh",
                                    record_label(b->w->run->results, t), t->n_answers, n);
}

static double answer_of(const struct trial_record *t, const struct stage_fold *fold, size_t row) {
    const float answer = t->answers[row];
    return isnan(answer) ? (double)fallback_answer(
                               &fold->fallback, fold->test.users[row], fold->test.items[row])
                         : (double)answer;
}

// ---- Weights -----------------------------------------------------------------------------------

static struct stage *inner_stage(const struct blending *b, uint32_t inner) {
    struct fold_work *w = b->w;
    return runner_inner(w->run, &w->outer.plan, &w->inner, inner, n_inner(b), 0);
}

// products [n][n] += those of the members' errors on the test rows of one inner fold.
static bool add_products(
    const struct blending *b, uint32_t inner, double *products, struct error *e) {
    const struct stage_fold *fold = &inner_stage(b, inner)->fold;
    const size_t n = b->blend->n;
    const struct trial_record *members[BLEND_MOST];
    double error[BLEND_MOST];
    for (size_t k = 0; k < n; k++) {
        members[k] = &refit_of(b, k, inner)->record;
        if (!check_count(b, members[k], fold->test.n, e)) return false;
    }
    for (size_t row = 0; row < fold->test.n; row++) {
        for (size_t k = 0; k < n; k++)
            error[k] = answer_of(members[k], fold, row) - (double)fold->test.truth[row];
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++) products[i * n + j] += error[i] * error[j];
    }
    return true;
}

// In the order of inner folds and of their rows, whatever the order in which trials ended.
static bool fit_weights(struct blending *b, struct error *e) {
    const size_t n = b->blend->n;
    double products[BLEND_MOST * BLEND_MOST] = {0};
    for (uint32_t inner = 1; inner <= n_inner(b); inner++)
        if (!add_products(b, inner, products, e)) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) products[i * n + j] = products[j * n + i];
    simplex_least_squares(n, products, b->weights);
    return true;
}

static bool weigh(struct blending *b, struct error *e) {
    const struct blend_spec *blend = b->blend;
    if (blend->how == BLEND_FITTED) return fit_weights(b, e);
    for (size_t k = 0; k < blend->n; k++)
        b->weights[k] = blend->how == BLEND_GIVEN ? blend->weights[k] : 1 / (double)blend->n;
    return true;
}

// ---- Answers -----------------------------------------------------------------------------------

// Sums in the members' order.
static bool mix(const struct blending *b, float *answers, struct error *e) {
    const struct stage_fold *fold = &b->w->outer.fold;
    for (size_t k = 0; k < b->blend->n; k++)
        if (!check_count(b, member_of(b, k), fold->test.n, e)) return false;
    for (size_t row = 0; row < fold->test.n; row++) {
        double sum = 0;
        for (size_t k = 0; k < b->blend->n; k++)
            sum += b->weights[k] * answer_of(member_of(b, k), fold, row);
        answers[row] = (float)sum;
    }
    return true;
}

// What it cost is what was fitted for it.
static void add_cost(struct trial_cost *sum, const struct trial_cost *one) {
    sum->fit_seconds += one->fit_seconds;
    sum->predict_seconds += one->predict_seconds;
    if (one->memory > sum->memory) sum->memory = one->memory;
}

static void add_costs(struct blending *b) {
    struct trial_cost *sum = &b->task.record->cost;
    for (size_t k = 0; k < b->blend->n; k++) {
        add_cost(sum, &member_of(b, k)->cost);
        for (uint32_t inner = 1; inner <= n_inner(b); inner++)
            add_cost(sum, &refit_of(b, k, inner)->record.cost);
    }
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
    add_costs(b);
    const bool ok = weigh(b, e) && mix(b, answers, e) && tell_weights(b, e) &&
                    scoring_task(b->w->run, &b->task, &(struct answers){.rating = answers}, e);
    free(answers);
    return ok;
}

// The folds whose labels are needed. False, with *stopped: on request.
static bool open_folds(struct blending *b, bool *stopped, struct error *e) {
    struct run *run = b->w->run;
    bool ok = runner_open(run, &b->w->outer, stopped, e);
    for (uint32_t inner = 1; ok && inner <= n_inner(b); inner++)
        ok = runner_open(run, inner_stage(b, inner), stopped, e);
    if (*stopped) *e = (struct error){0};
    return ok;
}

static bool make(struct blending *b, struct error *e) {
    struct run *run = b->w->run;
    struct error why = {0};
    bool stopped = false;
    const struct trial_record *failed = failed_of(b);
    if (failed) {
        fail(b, failed);
        return true;
    }
    if (!find_keys(b)) return true; // the run stops
    b->task.members = b->keys;
    if (kept_find(run, &b->task)) {
        kept_place(run, &b->task);
    } else {
        if (run->stopping || run->dry) return true;
        if (!open_folds(b, &stopped, e)) return stopped;
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
