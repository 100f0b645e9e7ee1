#include "trial/nested.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/random.h"

struct nested {
    struct run *run;
    const struct fold_plan *outer;
    struct stages *inner;
    uint32_t model, number;
    const struct plan_model *of;
    const struct tuning *tuning;
    struct search *search; // owned
    const struct search_candidate *batch;
    size_t n_batch;
    double *scores;     // [n_batch][folds], lower is better, INFINITY: failed; owned
    size_t next, ended; // trials of the batch
    size_t before;      // trials of earlier batches
    size_t foreseen;    // of the run's total
    double until;       // of a search by seconds: when asking ends
    bool over;
    uint32_t n_candidates, n_failed;
    double effort, inner_default;
    bool default_failed; // which a halving asks again all the same
    size_t first_failed; // counted through all batches
    enum failure failure;
    char *cause; // of the first that failed; owned
};

// All entries of one plugin draw alike; what decides is the fold and the plugin's id.
static uint64_t search_key(const struct nested *n) {
    const char *id = n->of->schema->id;
    const uint64_t key = random_key(n->run->plan->seed, RANDOM_SEARCH, n->outer->repeat);
    return random_mix(random_mix(key, n->outer->fold), XXH3_64bits(id, strlen(id)));
}

static struct stage *stage_of(struct nested *n, const struct search_candidate *c, uint32_t inner) {
    const double share = n->tuning->resource == TUNING_SHARE && c->effort < 1 ? c->effort : 0;
    return runner_inner(n->run, n->outer, n->inner, inner, n->tuning->folds, share);
}

static size_t trials_of_batch(const struct nested *n) {
    return n->n_batch * n->tuning->folds;
}

// The total of the view holds this search's trials as far as they are known.
static void foresee(struct nested *n, size_t trials) {
    n->run->view.total += trials - n->foreseen;
    n->foreseen = trials;
}

static bool ask(struct nested *n, struct error *e) {
    n->before += trials_of_batch(n);
    n->next = n->ended = 0;
    const bool late = n->tuning->seconds > 0 && runner_clock() >= n->until;
    n->n_batch = late ? 0 : search_ask(n->search, &n->batch);
    if (n->n_batch == 0) {
        n->over = true;
        foresee(n, n->before);
        return true;
    }
    const size_t trials = trials_of_batch(n);
    if (n->before + trials > n->foreseen) foresee(n, n->before + trials);
    double *scores = realloc(n->scores, trials * sizeof *scores);
    if (!scores) return error_memory(e, trials * sizeof *scores, "the scores of candidates");
    n->scores = scores;
    for (size_t c = 0; c < n->n_batch; c++)
        for (uint32_t inner = 1; inner <= n->tuning->folds; inner++)
            if (!stage_of(n, &n->batch[c], inner))
                return error_memory(e, sizeof(struct stage), "an inner fold");
    return true;
}

struct nested *nested_begin(struct run *run, const struct fold_plan *outer, struct stages *inner,
    uint32_t model, uint32_t number, struct error *e) {
    struct nested *n = calloc(1, sizeof *n);
    if (!n) {
        error_memory(e, sizeof *n, "a search");
        return NULL;
    }
    const struct plan_model *of = &run->plan->models[model];
    *n = (struct nested){.run = run,
        .outer = outer,
        .inner = inner,
        .model = model,
        .number = number,
        .of = of,
        .tuning = of->tuning,
        .foreseen = run->lengths[model],
        .until = runner_clock() + of->tuning->seconds,
        .inner_default = NAN,
        .first_failed = SIZE_MAX};
    const struct search_job job = tuning_job(n->tuning, of->values, search_key(n));
    n->search = search_begin(n->tuning->method, &job, e);
    if (n->search && ask(n, e)) return n;
    nested_end(n);
    return NULL;
}

void nested_end(struct nested *n) {
    if (!n) return;
    search_end(n->search);
    free(n->scores);
    free(n->cause);
    free(n);
}

bool nested_over(const struct nested *n) {
    return n->over;
}

// ---- Trials ------------------------------------------------------------------------------------

bool nested_next(struct nested *n, struct slot *slot, struct task *task) {
    if (n->over || n->next == trials_of_batch(n)) return false;
    const size_t number = n->next++;
    const struct search_candidate *c = &n->batch[number / n->tuning->folds];
    const uint32_t inner = (uint32_t)(number % n->tuning->folds) + 1;
    slot->record = (struct trial_record){.number = n->number,
        .model = (int)n->model,
        .data = n->run->at_data,
        .repeat = n->outer->repeat,
        .fold = n->outer->fold,
        .inner = inner,
        .candidate = c->number};
    tuning_values(n->tuning, n->of->schema, n->of->values, c->at, c->effort, slot->values);
    task->model = n->of;
    task->values = slot->values;
    task->stage = stage_of(n, c, inner);
    task->metric = &n->run->plan->metrics[n->tuning->metric];
    task->record = &slot->record;
    task->texts = &slot->scratch;
    task->of = n;
    task->number = number;
    return true;
}

static double sign_of(const struct nested *n) {
    return n->run->plan->metrics[n->tuning->metric].metric->lower_is_better ? 1 : -1;
}

static void note_failure(struct nested *n, const struct task *task) {
    const size_t at = n->before + task->number;
    if (at >= n->first_failed) return;
    const struct trial_record *t = task->record;
    n->first_failed = at;
    n->failure = t->failed ? t->failure : FAILURE_REFUSED;
    free(n->cause);
    n->cause = strdup(t->failed ? t->cause : "its score is not a number");
}

// In the order of the batch, whatever the order in which trials ended.
static void tell_batch(struct nested *n) {
    const uint32_t folds = n->tuning->folds;
    for (size_t c = 0; c < n->n_batch; c++) {
        const struct search_candidate *at = &n->batch[c];
        double mean = 0;
        for (uint32_t k = 0; k < folds; k++) mean += n->scores[c * folds + k];
        mean /= folds;
        if (at->number >= n->n_candidates) n->n_candidates = at->number + 1;
        n->effort += at->effort * folds;
        if (!isfinite(mean) && !(at->number == 0 && n->default_failed)) n->n_failed++;
        if (at->number == 0) n->default_failed = !isfinite(mean);
        if (at->number == 0 && at->effort >= 1 && isfinite(mean))
            n->inner_default = sign_of(n) * mean;
        search_tell(n->search, at->number, isfinite(mean) ? mean : INFINITY);
    }
}

bool nested_ended(struct nested *n, const struct task *task, bool dropped, struct error *e) {
    if (dropped) return true;
    const struct trial_record *t = task->record;
    // What a former session spent on it is spent: a search that is gone on with has no more time.
    if (t->cached && t->cost.fit_seconds >= 0)
        n->until -= (t->cost.fit_seconds + t->cost.predict_seconds) / n->run->plan->jobs;
    const double value = t->failed ? NAN : scores_get(&t->scores, SLICE_ALL, task->metric->label);
    if (!isfinite(value)) note_failure(n, task);
    n->scores[task->number] = isfinite(value) ? sign_of(n) * value : INFINITY;
    if (++n->ended < trials_of_batch(n)) return true;
    tell_batch(n);
    return ask(n, e);
}

const struct tuned *nested_chosen(
    const struct nested *n, struct arena *a, enum failure *failure, const char **cause) {
    double score = NAN;
    const struct search_candidate *best = search_best(n->search, &score);
    *failure = best ? FAILURE_NONE : n->failure;
    *cause = best ? NULL : n->cause ? n->cause : "no time for a single candidate";
    if (!best) return NULL;
    const struct schema *schema = n->of->schema;
    struct param_value *values = arena_alloc(a, (schema->n_params + 1) * sizeof *values);
    struct tuned *tuned = arena_alloc(a, sizeof *tuned);
    if (!values || !tuned) {
        *failure = FAILURE_HARNESS;
        *cause = "out of memory";
        return NULL;
    }
    tuning_values(n->tuning, schema, n->of->values, best->at, 1, values);
    *tuned = (struct tuned){.values = values,
        .is_default = best->number == 0,
        .inner = sign_of(n) * score,
        .inner_default = n->inner_default,
        .n_candidates = n->n_candidates,
        .n_failed = n->n_failed,
        .effort = n->effort};
    return tuned;
}
