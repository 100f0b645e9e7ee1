#include "trial/runner.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/random.h"
#include "trial/running.h"

struct run {
    const struct plan *plan;
    const struct runner_events *events; // never NULL
    struct results *results;
    struct running *slots; // [plan->jobs]; owned
    size_t total;          // trials of models that are foreseen
    size_t ended;
    bool stopping; // no further trial starts
    // What trials run on now.
    uint32_t at_data;
    const struct dataset *data;
    const struct stage_fold *fold;
    bool score_train;
};

// ---- Signals -----------------------------------------------------------------------------------

static volatile int signals_seen; // read across fork by apart_run()
static volatile sig_atomic_t last_signal;

static void on_signal(int number) {
    signals_seen++;
    last_signal = number;
}

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
enum { N_CAUGHT = sizeof caught / sizeof *caught };

// A SIGHUP that was ignored from the start (nohup) stays so.
static void catch_signals(struct sigaction old[N_CAUGHT]) {
    const struct sigaction action = {.sa_handler = on_signal};
    signals_seen = 0;
    last_signal = 0;
    for (int k = 0; k < N_CAUGHT; k++) sigaction(caught[k], &action, &old[k]);
    if (old[2].sa_handler == SIG_IGN) signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

// ---- Records -----------------------------------------------------------------------------------

// Room for all trials of a fold, so that records do not move while they run.
static struct trial_record *add_records(struct results *r, size_t n, struct error *e) {
    struct trial_record *records = realloc(r->records, (r->n + n) * sizeof *records);
    if (!records) {
        error_memory(e, (r->n + n) * sizeof *records, "records");
        return NULL;
    }
    r->records = records;
    memset(records + r->n, 0, n * sizeof *records);
    r->n += n;
    return records + r->n - n;
}

static void tick(struct run *run, const struct trial_record *ended, const char *doing) {
    const struct runner_view view = {.done = run->ended,
        .total = run->total,
        .failed = run->results->n_failed,
        .doing = doing,
        .ended = ended};
    if (run->events->tick) run->events->tick(run->events->arg, run->results, &view);
}

static void fail_record(struct run *run, struct trial_record *t, const char *cause) {
    t->failed = true;
    t->cause = arena_text(&run->results->arena, cause);
}

static struct score_job score_job(const struct run *run) {
    return (struct score_job){.test = &run->fold->test,
        .train = &run->fold->train.data,
        .fallback = &run->fold->fallback,
        .metrics = run->plan->metrics,
        .n_metrics = run->plan->n_metrics,
        .clip = run->plan->clip,
        .seed = run->plan->seed};
}

static bool score_record(struct run *run, struct trial_record *t, const float *answers,
    const float *train_answers, struct error *e) {
    const struct test *test = &run->fold->test;
    float *filled = malloc((test->n + 1) * sizeof *filled);
    if (!filled) return error_memory(e, test->n * sizeof *filled, "answers");
    const struct score_job job = score_job(run);
    bool ok = score_all(&job, answers, train_answers, filled, &t->scores, e);
    const struct key none = {""};
    if (ok && run->plan->predictions && run->events->predictions)
        ok = run->events->predictions(
            run->events->arg, run->results, t, &none, run->data, test, answers, filled, e);
    free(filled);
    return ok;
}

// The rows of the harness's own: the fallback's answers, and what is reachable on synthetic data.
static bool score_own(struct run *run, struct trial_record *t, struct error *e) {
    const struct test *test = &run->fold->test;
    const rk_data *train = &run->fold->train.data;
    const uint64_t n_train = run->score_train ? train->by_user.start[train->n_users] : 0;
    float *answers = malloc((test->n + n_train + 1) * sizeof *answers);
    if (!answers) return error_memory(e, (test->n + n_train) * sizeof *answers, "answers");
    const float *train_answers = NULL;
    if (t->model == MODEL_REACHABLE) {
        memcpy(answers, test->reachable, test->n * sizeof *answers);
    } else {
        for (size_t k = 0; k < test->n; k++)
            answers[k] = fallback_answer(&run->fold->fallback, test->users[k], test->items[k]);
        for (uint32_t u = 0; n_train && u < train->n_users; u++)
            for (uint64_t k = train->by_user.start[u]; k < train->by_user.start[u + 1]; k++)
                answers[test->n + k] =
                    fallback_answer(&run->fold->fallback, u, train->by_user.col[k]);
        if (n_train) train_answers = answers + test->n;
    }
    const bool ok = score_record(run, t, answers, train_answers, e);
    free(answers);
    return ok;
}

// ---- Trials ------------------------------------------------------------------------------------

static bool begin_trial(
    struct run *run, struct running *slot, struct trial_record *t, struct error *e);

static void end_trial(struct run *run, struct running *r) {
    struct trial_record *t = r->record;
    bool again;
    if (!running_end(r, run->results, &again)) {
        running_release(r, NULL);
        struct error e = {0};
        if (!again || !begin_trial(run, r, t, &e)) t->number = 0;
        return;
    }
    const float *answers = NULL;
    struct error e = {0};
    if (!t->failed) {
        const size_t n_test = run->fold->test.n;
        answers = running_answers(r, &e);
        for (size_t k = 0; answers && k < r->n_answers; k++)
            if (isinf(answers[k])) {
                error_set(&e, "predict answered an infinity");
                break;
            }
        if (!e.text[0] &&
            !score_record(run, t, answers, run->score_train ? answers + n_test : NULL, &e) &&
            !e.text[0])
            error_set(&e, "could not be scored");
        if (e.text[0]) fail_record(run, t, e.text);
    }
    running_release(r, answers);
    run->ended++;
    if (t->failed) {
        run->results->n_failed++;
        log_warning("%s, %s, fold %u failed: %s", run->data->name, record_label(run->results, t),
            t->fold, t->cause);
        if (run->plan->fail_fast) run->stopping = true;
    }
    tick(run, t, "");
}

// "user.gender" is there if the users have a feature of that name; tags count as "item.tag".
static bool has_feature(const rk_data *d, const char *name) {
    const bool of_users = strncmp(name, "user.", 5) == 0;
    const uint32_t n = of_users ? d->n_user_features : d->n_item_features;
    const rk_features *first = of_users ? d->user_features : d->item_features;
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *f = RK_NTH(first, d->features_stride, k);
        if (strcmp(f->name, name + 5) == 0) return true;
    }
    return false;
}

static bool lacks_feature(struct run *run, struct trial_record *t) {
    const struct schema *s = run->plan->models[t->model].schema;
    for (uint32_t k = 0; k < s->n_requires; k++)
        if (!has_feature(&run->fold->train.data, s->requires_features[k])) {
            fail_record(run, t,
                arena_printf(&run->results->arena, "%s needs the feature %s, which %s lacks", s->id,
                    s->requires_features[k], run->data->name));
            return true;
        }
    return false;
}

static uint64_t trial_key(const struct run *run, const struct trial_record *t) {
    const uint64_t of_fold = (uint64_t)t->repeat << 32 | t->fold;
    return random_mix(random_key(run->plan->seed, RANDOM_TRIAL, t->seed), of_fold);
}

static bool begin_trial(
    struct run *run, struct running *slot, struct trial_record *t, struct error *e) {
    const uint32_t threads = run->plan->threads / run->plan->jobs;
    const struct running_start start = {.plan = run->plan,
        .model = &run->plan->models[t->model],
        .values = run->plan->models[t->model].values,
        .fold = run->fold,
        .key = trial_key(run, t),
        .threads = threads ? threads : 1,
        .score_train = run->score_train};
    return running_begin(slot, &start, t, e);
}

static void tell_doing(struct run *run) {
    char doing[160] = "";
    for (uint32_t j = 0; j < run->plan->jobs; j++) {
        const struct running *r = &run->slots[j];
        if (!r->record) continue;
        const size_t n = strlen(doing);
        if (n + 40 > sizeof doing) break;
        snprintf(doing + n, sizeof doing - n, "%s%s fold %u", n ? ", " : "",
            record_label(run->results, r->record), r->record->fold);
        const size_t m = strlen(doing);
        if (r->total) snprintf(doing + m, sizeof doing - m, " %u/%u", r->done, r->total);
    }
    tick(run, NULL, doing);
}

// Waits a tenth of a second at most for what the slots have to say.
static void hear_slots(struct run *run) {
    const uint32_t jobs = run->plan->jobs;
    struct pollfd polled[2 * jobs];
    for (uint32_t j = 0; j < jobs; j++) {
        const struct running *r = &run->slots[j];
        polled[2 * j] = (struct pollfd){.fd = r->record ? r->socket : -1, .events = POLLIN};
        polled[2 * j + 1] =
            (struct pollfd){.fd = r->record ? r->worker.control : -1, .events = POLLIN};
    }
    if (poll(polled, 2 * jobs, 100) <= 0) return;
    for (uint32_t j = 0; j < jobs; j++) {
        if (polled[2 * j].revents) running_hear(&run->slots[j], run->results);
        if (polled[2 * j + 1].revents) end_trial(run, &run->slots[j]);
    }
}

static void stop_trial(struct running *r) {
    if (r->record) r->record->number = 0; // it never was
    running_kill(r);
}

// The second signal ends the trials that still run.
static void heed_signals(struct run *run) {
    if (signals_seen == 0) return;
    if (!run->stopping)
        log_line(RK_LOG_WARNING, "stopping: trials that run are finished and saved; the same "
                                 "signal again stops at once");
    run->stopping = run->results->interrupted = true;
    for (uint32_t j = 0; signals_seen > 1 && j < run->plan->jobs; j++) stop_trial(&run->slots[j]);
}

static size_t count_busy(const struct run *run) {
    size_t busy = 0;
    for (uint32_t j = 0; j < run->plan->jobs; j++) busy += run->slots[j].record != NULL;
    return busy;
}

// A trial that was never begun leaves no record.
static void drop_unrun(struct results *r) {
    size_t kept = 0;
    for (size_t k = 0; k < r->n; k++)
        if (r->records[k].number) r->records[kept++] = r->records[k];
    r->n = kept;
}

static bool run_trials(struct run *run, struct trial_record *first, size_t n, struct error *e) {
    size_t next = 0;
    bool ok = true;
    while (ok) {
        heed_signals(run);
        for (uint32_t j = 0; j < run->plan->jobs && next < n && !run->stopping && ok; j++) {
            if (run->slots[j].record) continue;
            struct trial_record *t = &first[next++];
            if (lacks_feature(run, t)) {
                run->ended++;
                run->results->n_failed++;
                log_warning("%s", t->cause);
                tick(run, t, "");
                j--;
                continue;
            }
            ok = begin_trial(run, &run->slots[j], t, e);
            if (!ok) t->number = 0;
        }
        if (count_busy(run) == 0 && (next == n || run->stopping)) break;
        if (ok) hear_slots(run);
        for (uint32_t j = 0; j < run->plan->jobs; j++)
            running_watch(&run->slots[j], &run->plan->limits);
        tell_doing(run);
    }
    for (; next < n; next++) first[next].number = 0;
    return ok;
}

// ---- Folds and data sets -----------------------------------------------------------------------

static bool on_train(const struct plan *plan) {
    for (size_t k = 0; k < plan->n_metrics; k++)
        if (plan->metrics[k].metric->on_train) return true;
    return false;
}

static bool run_fold(struct run *run, uint32_t repeat, uint32_t fold, struct error *e) {
    const size_t own = 1 + (run->fold->test.reachable != NULL);
    const size_t n = own + run->plan->n_models * run->plan->n_seeds;
    struct trial_record *records = add_records(run->results, n, e);
    if (!records) return false;
    size_t at = 0;
    const struct trial_record common = {.data = run->at_data, .repeat = repeat, .fold = fold};
    for (size_t k = 0; k < own; k++, at++) {
        records[at] = common;
        records[at].model = k == 0 ? MODEL_FALLBACK : MODEL_REACHABLE;
    }
    for (size_t model = 0; model < run->plan->n_models; model++)
        for (uint32_t seed = 0; seed < run->plan->n_seeds; seed++, at++) {
            records[at] = common;
            records[at].model = (int)model;
            records[at].seed = seed;
        }
    for (size_t k = 0; k < n; k++)
        records[k].number = (uint32_t)(records - run->results->records + (ptrdiff_t)k) + 1;
    for (size_t k = 0; k < own; k++) {
        if (!score_own(run, &records[k], e)) {
            for (size_t unrun = k; unrun < n; unrun++) records[unrun].number = 0;
            return false;
        }
        tick(run, &records[k], "");
    }
    return run_trials(run, records + own, n - own, e);
}

static bool run_folds(
    struct run *run, uint32_t n_repeats, const uint32_t *folds, uint32_t n_folds, struct error *e) {
    const struct plan *plan = run->plan;
    bool sliced = false;
    for (size_t k = 0; k < plan->n_models; k++)
        sliced |= (plan->models[k].schema->flags & RK_WANTS_VALID) && plan->validation > 0;
    for (uint32_t repeat = 0; repeat < n_repeats; repeat++)
        for (uint32_t k = 0; k < n_folds && !run->stopping; k++) {
            char doing[64];
            snprintf(doing, sizeof doing, "building fold %u", folds[k]);
            tick(run, NULL, doing);
            const struct fold_plan fold = {.data = run->data,
                .source = &plan->data[run->at_data],
                .split = plan->split,
                .seed = plan->seed,
                .repeat = repeat,
                .fold = folds[k],
                .validation = plan->validation};
            struct stage_fold stage;
            if (!stage_fold_open(&stage, &fold, sliced, plan->threads, &signals_seen, e))
                return false;
            run->fold = &stage;
            const bool ok = run_fold(run, repeat, folds[k], e);
            for (uint32_t j = 0; !ok && j < plan->jobs; j++) stop_trial(&run->slots[j]);
            run->fold = NULL;
            stage_fold_done(&stage);
            if (!ok) return false;
        }
    return true;
}

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
        .has_reachable = d->reachable != NULL};
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

// Trials of models foreseen on a data set; 0 if only the data will tell.
static size_t foresee(const struct plan *plan, const struct dataset *d) {
    uint32_t n_repeats = 0, *folds = NULL, n_folds = 0;
    const struct split_spec *split = &plan->split;
    if (!split->method->plan(split->settings, d, &n_repeats, &folds, &n_folds, NULL)) return 0;
    free(folds);
    return (size_t)n_repeats * n_folds * plan->n_models * plan->n_seeds;
}

static bool run_data(struct run *run, struct error *e) {
    const struct plan *plan = run->plan;
    struct dataset data = {0};
    tick(run, NULL, "reading the data");
    if (!stage_data(&plan->data[run->at_data], plan->threads, &signals_seen, &data, e))
        return false;
    data.name = distinct_name(run, data.name);
    run->data = &data;
    summarise(run, &data);
    run->total += foresee(plan, &data) - foresee(plan, NULL);
    uint32_t n_repeats = 0, *folds = NULL, n_folds = 0;
    const struct split_spec *split = &plan->split;
    const bool ok = (split->method->plan(split->settings, &data, &n_repeats, &folds, &n_folds, e) ||
                        error_prefix(e, "split")) &&
                    run_folds(run, n_repeats, folds, n_folds, e);
    free(folds);
    run->data = NULL;
    dataset_done(&data);
    return ok;
}

bool runner_run(const struct plan *plan, struct store *store, const struct runner_events *events,
    struct results *out, int *signal_seen, struct error *e) {
    (void)store;
    static const struct runner_events none;
    *out = (struct results){.plan = plan};
    struct run run = {.plan = plan,
        .events = events ? events : &none,
        .results = out,
        .slots = calloc(plan->jobs, sizeof *run.slots),
        .total = plan->n_data * foresee(plan, NULL),
        .score_train = on_train(plan)};
    out->data = arena_alloc(&out->arena, plan->n_data * sizeof *out->data);
    if (!run.slots || !out->data) {
        free(run.slots);
        return error_memory(e, plan->jobs * sizeof *run.slots, "the run");
    }
    struct sigaction old[N_CAUGHT];
    catch_signals(old);
    bool ok = true;
    for (; ok && !run.stopping && run.at_data < plan->n_data; run.at_data++) ok = run_data(&run, e);
    for (uint32_t j = 0; j < plan->jobs; j++) running_kill(&run.slots[j]);
    free(run.slots);
    drop_unrun(out);
    out->interrupted |= !ok || signals_seen;
    if (signals_seen) ok = true; // what was stopped on request is no failure
    if (signal_seen) *signal_seen = last_signal;
    for (int k = 0; k < N_CAUGHT; k++) sigaction(caught[k], &old[k], NULL);
    return ok;
}
