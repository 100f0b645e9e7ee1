#include "metric/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add(
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
    a->ok = a->ok && add(a->out, a->slice, labelled, value, a->e);
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

// Fills in and clips one answer. False: it is infinite.
static bool settle(
    const struct score_job *job, uint32_t user, uint32_t item, float answer, float *settled) {
    if (isinf(answer)) return false;
    float value = fill_in(job, user, item, answer);
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
    r->tie = malloc(some * sizeof *r->tie);
    if (r->users && r->items && r->truth && r->answer && r->raw && r->item_mean && r->tie)
        return true;
    return error_memory(e, some * 32, "the rows of a slice");
}

static void room_done(struct room *r) {
    free(r->users);
    free(r->items);
    free(r->truth);
    free(r->answer);
    free(r->raw);
    free(r->item_mean);
    free(r->tie);
}

static bool score_slice(const struct score_job *job, enum slice slice, const float *answers,
    const float *filled, const struct room *r, struct scores *out, struct error *e) {
    const struct test *t = job->test;
    size_t n = 0, own = 0;
    for (size_t k = 0; k < t->n; k++) {
        if (!in_slice(t->cold[k], slice)) continue;
        r->users[n] = t->users[k];
        r->items[n] = t->items[k];
        r->truth[n] = t->truth[k];
        r->answer[n] = filled[k];
        r->raw[n] = fill_in(job, t->users[k], t->items[k], answers[k]);
        r->item_mean[n] = job->fallback->item_mean[t->items[k]];
        r->tie[n] = t->tie[k];
        own += !isnan(answers[k]);
        n++;
    }
    if (!add(out, slice, "rows", (double)n, e)) return false;
    if (n == 0) return true;
    if (!add(out, slice, "answered", (double)own / (double)n, e)) return false;
    const struct metric_rows rows = {
        n, r->users, r->items, r->truth, r->answer, r->raw, r->item_mean, r->tie, job->seed};
    return score_metrics(job, slice, &rows, out, e);
}

// Without cold rows, the warm ones are all of them: out->at[first ..] again.
static bool copy_as_warm(struct scores *out, size_t first, struct error *e) {
    const size_t end = out->n;
    for (size_t k = first; k < end; k++) {
        const struct score s = out->at[k]; // a copy: the array may move
        if (!add(out, SLICE_WARM, s.name, s.value, e)) return false;
    }
    return true;
}

static bool has_cold(const struct test *t) {
    for (size_t k = 0; k < t->n; k++)
        if (t->cold[k]) return true;
    return false;
}

static bool score_test(const struct score_job *job, const float *answers, float *filled,
    struct scores *out, struct error *e) {
    const struct test *t = job->test;
    struct room room = {0};
    float *own = NULL;
    bool ok = room_init(&room, t->n, e);
    if (ok && !filled) {
        filled = own = malloc((t->n ? t->n : 1) * sizeof *own);
        ok = own != NULL;
        if (!ok) error_memory(e, t->n * sizeof *own, "answers");
    }
    for (size_t k = 0; ok && k < t->n; k++)
        ok = settle(job, t->users[k], t->items[k], answers[k], &filled[k]) ||
             infinite("test", k, t->users[k], t->items[k], e);
    const size_t first = out->n;
    ok = ok && score_slice(job, SLICE_ALL, answers, filled, &room, out, e);
    const bool cold = ok && has_cold(t);
    if (ok && !cold) ok = copy_as_warm(out, first, e);
    for (int slice = cold ? SLICE_WARM : SLICE_COLD_USER; ok && slice < SLICE_TRAIN; slice++)
        ok = score_slice(job, (enum slice)slice, answers, filled, &room, out, e);
    room_done(&room);
    free(own);
    return ok;
}

static bool score_train(
    const struct score_job *job, const float *answers, struct scores *out, struct error *e) {
    const rk_csr *m = &job->train->by_user;
    const size_t n = m->start[m->n_rows];
    size_t own = 0;
    uint32_t *users = malloc((n ? n : 1) * sizeof *users);
    float *filled = malloc((n ? n : 1) * sizeof *filled);
    bool ok = users && filled;
    if (!ok) error_memory(e, n * 8, "training rows");
    for (uint32_t u = 0; ok && u < m->n_rows; u++)
        for (uint64_t k = m->start[u]; ok && k < m->start[u + 1]; k++) {
            users[k] = u;
            own += !isnan(answers[k]);
            ok = settle(job, u, m->col[k], answers[k], &filled[k]) ||
                 infinite("training", k, u, m->col[k], e);
        }
    ok = ok && add(out, SLICE_TRAIN, "rows", (double)n, e);
    if (ok && n) {
        const struct metric_rows rows = {
            n, users, m->col, m->value, filled, NULL, NULL, NULL, job->seed};
        ok = add(out, SLICE_TRAIN, "answered", (double)own / (double)n, e) &&
             score_metrics(job, SLICE_TRAIN, &rows, out, e);
    }
    free(users);
    free(filled);
    return ok;
}

bool score_all(const struct score_job *job, const float *answers, const float *train_answers,
    float *filled, struct scores *out, struct error *e) {
    if (!score_test(job, answers, filled, out, e)) return false;
    return !train_answers || score_train(job, train_answers, out, e);
}
