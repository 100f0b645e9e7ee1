#include "metric/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool scores_add(
    struct scores *s, enum slice slice, const char *name, double value, struct error *e) {
    if (s->n == s->room) {
        const size_t room = s->room ? 2 * s->room : 64;
        struct score *at = realloc(s->at, room * sizeof *at);
        if (!at) return error_memory(e, room * sizeof *at, "scores");
        s->at = at;
        s->room = room;
    }
    struct score *new = &s->at[s->n];
    *new = (struct score){.slice = slice, .value = value};
    if ((size_t)snprintf(new->name, sizeof new->name, "%s", name) >= sizeof new->name)
        return error_set(e,
            "the score name \"%s\" is longer than %zu bytes; give the metric a label", name,
            sizeof new->name - 1);
    s->n++;
    return true;
}

void scores_done(struct scores *s) {
    free(s->at);
    *s = (struct scores){0};
}

double scores_get(const struct scores *s, enum slice slice, const char *name) {
    for (size_t k = 0; k < s->n; k++)
        if (s->at[k].slice == slice && strcmp(s->at[k].name, name) == 0) return s->at[k].value;
    return NAN;
}

// Where a metric's numbers go: into `out` under the metric's label.
struct sink_arg {
    struct scores *out;
    enum slice slice;
    const struct metric_spec *spec;
    bool ok;
    struct error *e;
};

static void sink_score(void *arg, const char *name, double value) {
    struct sink_arg *a = arg;
    const size_t id = strlen(a->spec->metric->id);
    char labelled[256];
    snprintf(labelled, sizeof labelled, "%s%s", a->spec->label, name + id);
    a->ok = a->ok && scores_add(a->out, a->slice, labelled, value, a->e);
}

static bool score_metrics(const struct score_job *job, enum slice slice,
    const struct metric_rows *rows, struct scores *out, struct error *e) {
    for (size_t m = 0; m < job->n_metrics; m++) {
        const struct metric_spec *spec = &job->metrics[m];
        if (slice == SLICE_TRAIN && !spec->metric->on_train) continue;
        struct sink_arg arg = {out, slice, spec, true, e};
        if (!spec->metric->score(spec->settings, rows, sink_score, &arg, e)) return false;
        if (!arg.ok) return false;
    }
    return true;
}

static float fill_in(const struct score_job *job, uint32_t user, uint32_t item, float answer) {
    return isnan(answer) ? fallback_answer(job->fallback, user, item) : answer;
}

// Fills in one answer, and clips it. False: it is infinite.
static bool settle(const struct score_job *job, uint32_t user, uint32_t item, float answer,
    float *raw, float *settled) {
    if (isinf(answer)) return false;
    float value = fill_in(job, user, item, answer);
    *raw = value;
    if (job->clip && value < job->train->rating_min) value = job->train->rating_min;
    if (job->clip && value > job->train->rating_max) value = job->train->rating_max;
    *settled = value;
    return true;
}

static bool infinite(const char *which, size_t k, uint32_t user, uint32_t item, struct error *e) {
    return error_set(e,
        "the model answers infinity for %s row %zu (user number %u, item number %u); a finite "
        "number or NAN, for no opinion, is expected",
        which, k, user, item);
}

static bool in_slice(uint8_t cold, enum slice slice) {
    switch (slice) {
    case SLICE_ALL:
        return true;
    case SLICE_WARM:
        return cold == 0;
    case SLICE_COLD_USER:
        return cold == TEST_COLD_USER;
    case SLICE_COLD_ITEM:
        return cold == TEST_COLD_ITEM;
    case SLICE_COLD_BOTH:
        return cold == (TEST_COLD_USER | TEST_COLD_ITEM);
    default:
        return false;
    }
}

// Room for the rows of one slice at a time.
struct room {
    uint32_t *users, *items;                 // [n]; owned
    float *truth, *answer, *raw, *item_mean; // [n]; owned
    float *sd;                               // [n]; owned
    struct metric_place *place;              // [n]; owned
    uint64_t *tie;                           // [n]; owned
};

static bool room_init(struct room *r, size_t n, struct error *e) {
    const size_t some = n ? n : 1;
    r->users = malloc(some * sizeof *r->users);
    r->items = malloc(some * sizeof *r->items);
    r->truth = malloc(some * sizeof *r->truth);
    r->answer = malloc(some * sizeof *r->answer);
    r->raw = malloc(some * sizeof *r->raw);
    r->item_mean = malloc(some * sizeof *r->item_mean);
    r->sd = malloc(some * sizeof *r->sd);
    r->place = malloc(some * sizeof *r->place);
    r->tie = malloc(some * sizeof *r->tie);
    if (r->users && r->items && r->truth && r->answer && r->raw && r->item_mean && r->sd &&
        r->place && r->tie)
        return true;
    return error_memory(e, some * 44, "the rows of a slice");
}

static void room_done(struct room *r) {
    free(r->users);
    free(r->items);
    free(r->truth);
    free(r->answer);
    free(r->raw);
    free(r->item_mean);
    free(r->sd);
    free(r->place);
    free(r->tie);
}

static bool keep(const struct score_job *job, const struct metric_rows *rows, struct error *e) {
    const struct evidence_job all = {.data = job->data,
        .train = job->train,
        .rows = rows,
        .time = job->test->time,
        .metrics = job->metrics,
        .n_metrics = job->n_metrics};
    if (job->evidence && !evidence_make(job->evidence, &all, e)) return false;
    return !job->breakdown || breakdown_make(job->breakdown, job->data, job->train, rows, e);
}

static uint32_t count_candidates(const rk_data *train, uint32_t user) {
    const uint64_t *start = train->by_user.start;
    return train->n_items - (uint32_t)(start[user + 1] - start[user]);
}

static bool score_slice(const struct score_job *job, enum slice slice,
    const struct answers *answers, const float *filled, const struct metric_rows *training,
    const struct room *r, struct scores *out, struct error *e) {
    const struct test *t = job->test;
    size_t n = 0, own = 0;
    for (size_t k = 0; k < t->n; k++) {
        if (!in_slice(t->cold[k], slice)) continue;
        r->users[n] = t->users[k];
        r->items[n] = t->items[k];
        r->truth[n] = t->truth[k];
        r->answer[n] = filled[k];
        r->raw[n] = fill_in(job, t->users[k], t->items[k], answers->rating[k]);
        if (answers->sd) r->sd[n] = answers->sd[k];
        if (answers->rank)
            r->place[n] =
                (struct metric_place){answers->rank[k], count_candidates(job->train, t->users[k])};
        r->item_mean[n] = job->fallback->item_mean[t->items[k]];
        r->tie[n] = t->tie[k];
        own += !isnan(answers->rating[k]);
        n++;
    }
    if (!scores_add(out, slice, "rows", (double)n, e)) return false;
    if (n == 0) return true;
    if (!scores_add(out, slice, "answered", (double)own / (double)n, e)) return false;
    const struct metric_rows rows = {.n = n,
        .users = r->users,
        .items = r->items,
        .truth = r->truth,
        .answer = r->answer,
        .raw = r->raw,
        .sd = answers->sd ? r->sd : NULL,
        .place = answers->rank ? r->place : NULL,
        .item_mean = r->item_mean,
        .tie = r->tie,
        .seed = job->seed,
        .scale_min = job->train->rating_min,
        .scale_max = job->train->rating_max,
        .training = training};
    return score_metrics(job, slice, &rows, out, e) && (slice != SLICE_ALL || keep(job, &rows, e));
}

// Without cold rows, the warm ones are all of them: out->at[first ..] again.
static bool copy_as_warm(struct scores *out, size_t first, struct error *e) {
    const size_t end = out->n;
    for (size_t k = first; k < end; k++) {
        const struct score s = out->at[k]; // a copy: the array may move
        if (!scores_add(out, SLICE_WARM, s.name, s.value, e)) return false;
    }
    return true;
}

static bool has_cold(const struct test *t) {
    for (size_t k = 0; k < t->n; k++)
        if (t->cold[k]) return true;
    return false;
}

static bool score_test(const struct score_job *job, const struct answers *answers,
    const float *filled, const struct metric_rows *training, struct scores *out, struct error *e) {
    struct room room = {0};
    bool ok = room_init(&room, job->test->n, e);
    const size_t first = out->n;
    ok = ok && score_slice(job, SLICE_ALL, answers, filled, training, &room, out, e);
    if (!ok || job->only_all) goto done;
    const bool cold = has_cold(job->test);
    if (!cold) ok = copy_as_warm(out, first, e);
    for (int slice = cold ? SLICE_WARM : SLICE_COLD_USER; ok && slice < SLICE_TRAIN; slice++)
        ok = score_slice(job, (enum slice)slice, answers, filled, training, &room, out, e);
done:
    room_done(&room);
    return ok;
}

static bool settle_test(
    const struct score_job *job, const float *answers, float *filled, struct error *e) {
    const struct test *t = job->test;
    float raw;
    for (size_t k = 0; k < t->n; k++)
        if (!settle(job, t->users[k], t->items[k], answers[k], &raw, &filled[k]))
            return infinite("test", k, t->users[k], t->items[k], e);
    return true;
}

// The training rows, settled.
struct trained {
    uint32_t *users;    // [rows.n]; owned
    float *raw, *value; // [rows.n]; owned
    struct metric_rows rows;
    size_t own; // rows that the model answered itself
};

static bool trained_init(
    struct trained *t, const struct score_job *job, const float *answers, struct error *e) {
    const rk_csr *m = &job->train->by_user;
    const size_t n = m->start[m->n_rows], some = n ? n : 1;
    t->users = malloc(some * sizeof *t->users);
    t->raw = malloc(some * sizeof *t->raw);
    t->value = malloc(some * sizeof *t->value);
    if (!t->users || !t->raw || !t->value) return error_memory(e, some * 12, "training rows");
    for (uint32_t u = 0; u < m->n_rows; u++)
        for (uint64_t k = m->start[u]; k < m->start[u + 1]; k++) {
            t->users[k] = u;
            t->own += !isnan(answers[k]);
            if (!settle(job, u, m->col[k], answers[k], &t->raw[k], &t->value[k]))
                return infinite("training", k, u, m->col[k], e);
        }
    t->rows = (struct metric_rows){.n = n,
        .users = t->users,
        .items = m->col,
        .truth = m->value,
        .answer = t->value,
        .raw = t->raw,
        .seed = job->seed,
        .scale_min = job->train->rating_min,
        .scale_max = job->train->rating_max};
    return true;
}

static void trained_done(struct trained *t) {
    free(t->users);
    free(t->raw);
    free(t->value);
}

static bool score_train(
    const struct score_job *job, const struct trained *t, struct scores *out, struct error *e) {
    const size_t n = t->rows.n;
    if (!scores_add(out, SLICE_TRAIN, "rows", (double)n, e)) return false;
    if (n == 0) return true;
    return scores_add(out, SLICE_TRAIN, "answered", (double)t->own / (double)n, e) &&
           score_metrics(job, SLICE_TRAIN, &t->rows, out, e);
}

bool score_all(const struct score_job *job, const struct answers *answers, float *filled,
    struct scores *out, struct error *e) {
    const size_t n = job->test->n;
    struct trained t = {0};
    if (job->evidence) *job->evidence = (struct evidence){0};
    if (job->breakdown) *job->breakdown = (struct breakdown){0};
    float *own = filled ? NULL : malloc((n ? n : 1) * sizeof *own);
    if (!filled && !own) return error_memory(e, n * sizeof *own, "answers");
    float *settled = filled ? filled : own;
    bool ok = settle_test(job, answers->rating, settled, e) &&
              (!answers->train || trained_init(&t, job, answers->train, e));
    const struct metric_rows *training = answers->train ? &t.rows : NULL;
    ok = ok && score_test(job, answers, settled, training, out, e);
    if (ok && answers->train) ok = score_train(job, &t, out, e);
    if (!ok && job->evidence) evidence_done(job->evidence);
    if (!ok && job->breakdown) breakdown_done(job->breakdown);
    trained_done(&t);
    free(own);
    return ok;
}
