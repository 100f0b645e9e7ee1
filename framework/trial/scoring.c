// Answers become scores.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/pool.h"
#include "metric/conventions.h"
#include "model/host.h"
#include "trial/ranking.h"
#include "trial/runner_own.h"
#include "trial/signals.h"

static bool has_spread(const struct schema *schema) {
    for (uint32_t k = 0; k < schema->n_extensions; k++)
        if (strcmp(schema->extensions[k], RK_EXT_SPREAD) == 0) return true;
    return false;
}

// What metrics need, whoever answers.
static struct asked needs(const struct metric_spec *metrics, size_t n) {
    struct asked out = {0};
    for (size_t k = 0; k < n; k++) {
        const struct metric *m = metrics[k].metric;
        out.train |= m->on_train;
        out.spread |= (m->needs & METRIC_NEEDS_SPREAD) != 0;
        out.ranks |= (m->needs & METRIC_NEEDS_RANKS) != 0;
    }
    return out;
}

struct asked scoring_asks(const struct plan *plan, const struct task *task) {
    if (task->record->model == MODEL_REACHABLE || (task->model && task->model->given))
        return (struct asked){0};
    const bool inner = task->record->inner > 0;
    if (inner && !task->metric) return (struct asked){0};
    struct asked out = needs(inner ? task->metric : plan->metrics, inner ? 1 : plan->n_metrics);
    out.train &= !inner;
    out.spread &= task->model && has_spread(task->model->schema);
    return out;
}

static bool tell_predictions(struct run *run, const struct task *task, const float *answers,
    const float *filled, struct error *e) {
    return run->events->predictions(run->events->arg, run->results, task->record, &task->key,
        run->data, &task->stage->fold.test, answers, filled, e);
}

// `kept` NULL: of an inner fold, whose trials are but compared with each other.
static bool score(struct run *run, struct task *task, const struct answers *answers, float *filled,
    struct evidence *kept, struct error *e) {
    const struct stage_fold *fold = &task->stage->fold;
    const struct plan *plan = run->plan;
    const struct score_job job = {.test = &fold->test,
        .train = &fold->train.data,
        .fallback = &fold->fallback,
        .metrics = task->metric ? task->metric : plan->metrics,
        .n_metrics = task->metric ? 1 : plan->n_metrics,
        .only_all = task->metric != NULL,
        .clip = plan->clip,
        .seed = plan->seed,
        .data = run->data,
        .evidence = kept,
        .breakdown = kept ? &task->record->breakdown : NULL};
    return score_all(&job, answers, filled, &task->record->scores, e);
}

// Until the blends of the fold are made.
static bool keep_answers(struct trial_record *t, const float *answers, size_t n, struct error *e) {
    t->answers = malloc((n + 1) * sizeof *t->answers);
    if (!t->answers) return error_memory(e, n * sizeof *t->answers, "the answers of a member");
    memcpy(t->answers, answers, n * sizeof *answers);
    t->n_answers = n;
    return true;
}

bool scoring_task(
    struct run *run, struct task *task, const struct answers *answers, struct error *e) {
    const size_t n = task->stage->fold.test.n;
    struct trial_record *t = task->record;
    if (t->inner && !task->metric) return keep_answers(t, answers->rating, n, e);
    const bool keep = run->plan->predictions && !task->metric && run->events->predictions;
    float *filled = keep ? malloc((n + 1) * sizeof *filled) : NULL;
    struct evidence *evidence = task->metric ? NULL : calloc(1, sizeof *evidence);
    bool ok = (filled || !keep) && (evidence || task->metric);
    if (!ok) error_memory(e, n * sizeof *filled + sizeof *evidence, "answers");
    ok = ok && score(run, task, answers, filled, evidence, e);
    if (ok && task->keep) ok = keep_answers(t, answers->rating, n, e);
    if (ok && keep) ok = tell_predictions(run, task, answers->rating, filled, e);
    if (ok) {
        t->evidence = evidence;
    } else {
        if (evidence) evidence_done(evidence);
        free(evidence);
        breakdown_done(&t->breakdown);
    }
    free(filled);
    return ok;
}

// What the fallback answers to all training rows.
static void answer_train(const struct stage_fold *fold, float *answers) {
    const rk_csr *rows = &fold->train.data.by_user;
    for (uint32_t u = 0; u < rows->n_rows; u++)
        for (uint64_t k = rows->start[u]; k < rows->start[u + 1]; k++)
            answers[k] = fallback_answer(&fold->fallback, u, rows->col[k]);
}

// ---- The fallback's places in the catalogue ----------------------------------------------------

static bool answer_fallback(void *arg, const rk_pairs *pairs, float *out, struct error *e) {
    (void)e;
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = fallback_answer(arg, pairs->users[k], pairs->items[k]);
    return true;
}

static bool go_on(void *arg, uint32_t done, uint32_t total, double objective) {
    (void)done;
    (void)total;
    (void)objective;
    runner_tick(arg, NULL, "ranking by the fallback");
    return !signals_seen;
}

// Trials may run beside it. False without a message: it is stopped on request.
static bool rank_fallback(
    struct run *run, const struct stage_fold *fold, uint32_t *rank, struct error *e) {
    const struct test *test = &fold->test;
    struct image pairs = {0};
    struct host host;
    struct fallback *fallback = (struct fallback *)(uintptr_t)&fold->fallback;
    if (!image_map(&pairs, fold->pairs, e)) return false;
    struct pool *pool = pool_new(run->plan->threads, e);
    bool ok = pool != NULL;
    if (ok) {
        host_init(&host, pool, 0);
        host.on_progress = go_on;
        host.arg = run;
        const rk_pairs asked = {.size = sizeof asked,
            .n = test->n,
            .users = test->users,
            .items = test->items,
            .time = NULL};
        const struct ranking r = {.pairs = &asked,
            .train = &fold->train.data,
            .fallback = fallback,
            .user_tie = image_find(&pairs, "user_tie", NULL),
            .item_tie = image_find(&pairs, "item_tie", NULL),
            .answer = answer_fallback,
            .arg = fallback};
        ok = ranking_make(&r, &host.api, rank, e);
    }
    pool_free(pool);
    image_done(&pairs);
    return ok;
}

bool scoring_own(struct run *run, struct task *task, struct error *e) {
    const struct stage_fold *fold = &task->stage->fold;
    const struct test *test = &fold->test;
    const rk_csr *rows = &fold->train.data.by_user;
    const struct asked asked = scoring_asks(run->plan, task);
    const struct asked_room room = {asked, test->n, rows->start[rows->n_rows]};
    const size_t n = asked_words(&room);
    float *answers = malloc((n + 1) * sizeof *answers);
    if (!answers) return error_memory(e, n * sizeof *answers, "answers");
    if (task->record->model == MODEL_REACHABLE) {
        memcpy(answers, test->reachable, test->n * sizeof *answers);
    } else {
        for (size_t k = 0; k < test->n; k++)
            answers[k] = fallback_answer(&fold->fallback, test->users[k], test->items[k]);
        if (asked.train) answer_train(fold, answers + test->n);
    }
    const struct answers all = asked_at(&room, answers);
    bool ok = !all.rank || rank_fallback(run, fold, (uint32_t *)(uintptr_t)all.rank, e);
    ok = ok && scoring_task(run, task, &all, e);
    free(answers);
    return ok;
}

bool scoring_given(struct run *run, struct task *task, struct given *given, struct error *e) {
    const struct stage_fold *fold = &task->stage->fold;
    struct trial_record *t = task->record;
    struct error none = {0};
    float *answers = malloc((fold->test.n + 1) * sizeof *answers);
    if (!answers) return error_memory(e, fold->test.n * sizeof *answers, "answers");
    bool ok = true;
    if (given_answer(given, t->repeat, t->fold, &fold->test, answers, &none))
        ok = scoring_task(run, task, &(struct answers){.rating = answers}, e) &&
             conventions_score(&fold->test, &fold->train.data, answers, &t->scores, e);
    else
        runner_fail(task, FAILURE_REFUSED, none.text);
    free(answers);
    return ok;
}
