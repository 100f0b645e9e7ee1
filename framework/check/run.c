#include "check/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "model/model.h"

void *run_alloc(size_t n, size_t size) {
    void *at = calloc(n ? n : 1, size);
    if (!at) child_skip("out of memory in the check itself");
    return at;
}

const void *run_extension(const struct subject *s, const char *id) {
    const void *table = s->plugin->extension ? s->plugin->extension(id) : NULL;
    if (!table) child_skip("it has no extension \"%s\"", id);
    return table;
}

void run_data(struct planted *p, enum planted_kind kind, const struct subject *s) {
    struct error e = {0};
    if (!planted_build(p, kind, s->plugin, &e)) child_skip("%s", e.text);
}

void run_init(struct run *r, const struct subject *s, const struct planted *data) {
    *r = (struct run){.subject = s,
        .data = data,
        .values = s->brief,
        .values_text = s->brief_text,
        .threads = 1,
        .seed = RUN_SEED};
    guard_init(&r->guard, NULL, random_key(r->seed, RANDOM_TRIAL, 0));
}

void run_seed(struct run *r, uint64_t seed) {
    r->seed = seed;
    r->guard.host.key = random_key(seed, RANDOM_TRIAL, 0);
}

void run_threads(struct run *r, uint32_t threads) {
    struct error e = {0};
    r->pool = pool_new(threads, &e);
    if (!r->pool) child_skip("%s", e.text);
    r->threads = threads;
    guard_init(&r->guard, r->pool, random_key(r->seed, RANDOM_TRIAL, 0));
}

void run_done(struct run *r) {
    run_destroy(r);
    pool_free(r->pool);
    free(r->params);
    *r = (struct run){0};
}

static void describe(const struct run *r, char out[400]) {
    snprintf(out, 400, "parameters: %s; seed %llu; %u thread%s; %s", r->values_text,
        (unsigned long long)r->seed, r->threads, r->threads == 1 ? "" : "s", r->data->name);
}

void run_fail(const struct run *r, const char *fmt, ...) {
    char text[900], life[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    describe(r, life);
    child_fail("%s [%s]", text, life);
}

static void doing(const struct run *r, const char *call) {
    char life[400];
    describe(r, life);
    child_doing("in %s [%s]", call, life);
}

rk_status run_create(struct run *r) {
    const rk_plugin *p = r->subject->plugin;
    if (p->n_params && !r->params) {
        r->params = run_alloc(1, p->params_size);
        schema_bind(p, r->values, r->params);
    }
    doing(r, "create");
    rk_model *self = NULL;
    const enum guard_call before = guard_enter(&r->guard, GUARD_OWNER);
    const rk_status status = p->create(&r->guard.host.api, r->params, &self);
    guard_leave(&r->guard, before);
    if (status == RK_OK && !self) run_fail(r, "create gave success without setting *out");
    if (status == RK_OK) r->self = self;
    return status;
}

rk_status run_fit(struct run *r) {
    doing(r, "fit");
    const enum guard_call before = guard_enter(&r->guard, GUARD_OWNER);
    guard_step(&r->guard);
    const rk_status status = r->subject->plugin->fit(r->self, r->data->data);
    guard_leave(&r->guard, before);
    return status;
}

rk_status run_predict(const struct run *r, const rk_pairs *pairs, float *out) {
    doing(r, "predict");
    struct guard *g = (struct guard *)(uintptr_t)&r->guard; // counts go on in a model that rests
    const enum guard_call before = guard_enter(g, GUARD_SHARED);
    const rk_status status = r->subject->plugin->predict(r->self, pairs, out);
    guard_leave(g, before);
    return status;
}

void run_destroy(struct run *r) {
    if (!r->self) return;
    doing(r, "destroy");
    const enum guard_call before = guard_enter(&r->guard, GUARD_OWNER);
    r->subject->plugin->destroy(r->self);
    guard_leave(&r->guard, before);
    r->self = NULL;
}

static void must(const struct run *r, const char *call, rk_status status) {
    if (status == RK_OK) return;
    const char *own = r->guard.host.failure;
    run_fail(r, "%s failed: %s (%d)%s%s", call, model_status_text(status), status,
        own[0] ? ": " : "", own);
}

void run_must_fit(struct run *r) {
    must(r, "create", run_create(r));
    must(r, "fit", run_fit(r));
}

void run_must_predict(const struct run *r, const rk_pairs *pairs, float *out) {
    must(r, "predict", run_predict(r, pairs, out));
}

void run_same(
    const struct run *r, const rk_pairs *pairs, const float *a, const float *b, const char *what) {
    for (size_t k = 0; k < pairs->n; k++)
        if (memcmp(&a[k], &b[k], sizeof *a) != 0 && !(isnan(a[k]) && isnan(b[k])))
            run_fail(r, "%s: pair %zu user %u item %u: %.9g against %.9g", what, k, pairs->users[k],
                pairs->items[k], (double)b[k], (double)a[k]);
}

void run_sane(const struct run *r, const rk_pairs *pairs, const float *out) {
    const rk_data *d = r->data->data;
    const float width = d->rating_max - d->rating_min;
    for (size_t k = 0; k < pairs->n; k++)
        if (!isnan(out[k]) && !(out[k] >= d->rating_min - width && out[k] <= d->rating_max + width))
            run_fail(r, "predict: pair %zu user %u item %u: %.9g, far outside the scale %g to %g",
                k, pairs->users[k], pairs->items[k], (double)out[k], (double)d->rating_min,
                (double)d->rating_max);
}

void run_judge_host(const struct run *r) {
    if (r->guard.violation[0]) run_fail(r, "%s", r->guard.violation);
}

float *run_life(
    const struct subject *s, const struct planted *data, uint32_t threads, uint64_t seed) {
    struct run r;
    run_init(&r, s, data);
    run_seed(&r, seed);
    if (threads > 1) run_threads(&r, threads);
    r.guard.in_line = threads == 0;
    run_must_fit(&r);
    float *out = run_alloc(data->ask->n, sizeof *out);
    run_must_predict(&r, data->ask, out);
    run_done(&r);
    return out;
}
