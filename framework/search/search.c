#include "search/search.h"

#include <assert.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "search/searching.h"
#include "search/space.h"

REGISTRY(search_method)

bool search_sound(const struct search_job *job, struct error *e) {
    if (job->space->n == 0)
        return error_set(e, "nothing is searched: give a parameter a list or a range");
    if (job->trials < 1 || job->trials > SEARCH_TRIALS_MAX)
        return error_set(
            e, "trials = %u: must be from 1 to %d", (unsigned)job->trials, SEARCH_TRIALS_MAX);
    return true;
}

uint32_t search_batch(const struct search_job *job) {
    return job->batch ? job->batch : 256;
}

const double *search_row(const struct search *s, uint32_t number) {
    return s->at + (size_t)number * s->job.space->n;
}

static bool same_point(const double *a, const double *b, size_t n) {
    bool same = true;
    for (size_t d = 0; d < n && same; d++) same = a[d] == b[d] || (isnan(a[d]) && isnan(b[d]));
    return same;
}

// The slot of a point, or the free one where it belongs. All NANs are alike, and both zeros.
static uint32_t *find_slot(const struct search *s, const double *at) {
    const size_t n = s->job.space->n;
    uint64_t hash = 0;
    for (size_t d = 0; d < n; d++) {
        uint64_t bits = UINT64_MAX;
        const double x = at[d] + 0.0;
        if (!isnan(x)) memcpy(&bits, &x, sizeof bits);
        hash = random_mix(hash, bits);
    }
    for (uint32_t k = (uint32_t)hash & (s->n_slots - 1);; k = (k + 1) & (s->n_slots - 1)) {
        if (!s->slots[k]) return &s->slots[k];
        const double *row = search_row(s, s->slots[k] - 1);
        if (same_point(row, at, n)) return &s->slots[k];
    }
}

bool search_knows(const struct search *s, const double *at) {
    return *find_slot(s, at) != 0;
}

void search_again(struct search *s, uint32_t number, double effort) {
    assert(number < s->n && s->n_batch < s->capacity);
    s->score[number] = INFINITY;
    s->told[number] = false;
    s->made[number].effort = effort;
    s->batch[s->n_batch++] = s->made[number];
}

// Writes a candidate in the book; false: it is there.
static bool enter(struct search *s, const double *at) {
    if (s->n == s->capacity) return false;
    uint32_t *slot = find_slot(s, at);
    if (*slot) return false;
    double *row = s->at + (size_t)s->n * s->job.space->n;
    memcpy(row, at, s->job.space->n * sizeof *at);
    s->made[s->n] = (struct search_candidate){.number = s->n, .at = s->n ? row : NULL};
    *slot = ++s->n;
    return true;
}

bool search_add(struct search *s, const double *at, double effort) {
    if (!enter(s, at)) return false;
    search_again(s, s->n - 1, effort);
    return true;
}

bool search_init(struct search *s, const struct search_job *job, uint32_t capacity,
    void (*propose)(struct search *), void (*done)(struct search *), struct error *e) {
    const size_t n = job->space->n;
    *s = (struct search){.propose = propose, .done = done, .job = *job, .capacity = capacity};
    s->n_slots = 2;
    while (s->n_slots < 2 * capacity) s->n_slots *= 2;
    s->at = calloc(capacity, n * sizeof *s->at);
    s->score = calloc(capacity, sizeof *s->score);
    s->made = calloc(capacity, sizeof *s->made);
    s->told = calloc(capacity, sizeof *s->told);
    s->batch = calloc(capacity, sizeof *s->batch);
    s->slots = calloc(s->n_slots, sizeof *s->slots);
    double *def = calloc(n, sizeof *def);
    if (!s->at || !s->score || !s->made || !s->told || !s->batch || !s->slots || !def) {
        free(def);
        return error_memory(e, capacity * (n + 4) * sizeof(double), "the search's candidates");
    }
    space_default(job->space, def);
    enter(s, def);
    free(def);
    return true;
}

uint32_t search_count(const struct search_method *method, const struct search_job *job) {
    struct space_walk w = {0};
    const size_t n_dims = job->space->n;
    uint32_t n = 0;
    bool has_default = false;
    double *def = calloc(n_dims, sizeof *def);
    if (!def || !space_walk_init(&w, job->space, method->has_steps, NULL)) {
        free(def);
        return job->trials;
    }
    space_default(job->space, def);
    while (n < job->trials && space_walk_next(&w)) {
        n++;
        has_default = has_default || same_point(w.at, def, n_dims);
    }
    free(def);
    space_walk_done(&w);
    return n + (n < job->trials && !has_default);
}

struct search *search_begin(
    const struct search_method *method, const struct search_job *job, struct error *e) {
    gsl_set_error_handler_off(); // it would abort where there is no memory
    return method->begin(job, e);
}

size_t search_ask(struct search *s, const struct search_candidate **batch) {
    for (size_t k = 0; k < s->n_batch; k++) assert(s->told[s->batch[k].number]);
    s->n_batch = 0;
    s->propose(s);
    *batch = s->batch;
    return s->n_batch;
}

void search_tell(struct search *s, uint32_t number, double score) {
    assert(number < s->n && !s->told[number]);
    s->score[number] = isfinite(score) ? score : INFINITY;
    s->told[number] = true;
}

const struct search_candidate *search_best(const struct search *s, double *score) {
    const struct search_candidate *best = NULL;
    for (uint32_t k = 0; k < s->n; k++) {
        if (!s->told[k] || s->made[k].effort < 1) continue;
        if (s->score[k] < (best ? s->score[best->number] : INFINITY)) best = &s->made[k];
    }
    if (best) *score = s->score[best->number];
    return best;
}

void search_end(struct search *s) {
    if (!s) return;
    if (s->done) s->done(s);
    free(s->at);
    free(s->score);
    free(s->made);
    free(s->told);
    free(s->batch);
    free(s->slots);
    free(s);
}
