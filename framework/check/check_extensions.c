// "reckon.state/1" and "reckon.spread/1".
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/checks.h"
#include "core/bytes.h"
#include "model/model.h"

static const void *extension(const struct subject *s, const char *id) {
    const void *table = s->plugin->extension ? s->plugin->extension(id) : NULL;
    if (!table) child_skip("it has no extension \"%s\"", id);
    return table;
}

// ---- State -------------------------------------------------------------------------------------

// A stream into or out of memory; `give` bounds what can be read.
struct tape {
    rk_stream stream;
    struct bytes bytes;
    size_t give;
};

static rk_status tape_write(const rk_stream *s, const void *at, size_t n) {
    struct tape *t = s->self;
    bytes_put(&t->bytes, at, n);
    return t->bytes.failed ? RK_E_IO : RK_OK;
}

static rk_status tape_read(const rk_stream *s, void *at, size_t n) {
    struct tape *t = s->self;
    if (n > t->give - t->bytes.got) return RK_E_IO;
    bytes_get(&t->bytes, at, n);
    return RK_OK;
}

static rk_status tape_refuse(const rk_stream *s, const void *at, size_t n) {
    (void)s, (void)at, (void)n;
    return RK_E_IO;
}

static void tape_init(struct tape *t) {
    *t = (struct tape){.stream = {.write = tape_write, .read = tape_read}};
    t->stream.self = t;
}

static rk_status save(const struct run *r, const rk_ext_state *state, struct tape *t) {
    struct guard *g = (struct guard *)(uintptr_t)&r->guard;
    child_doing("in save");
    const enum guard_call before = guard_enter(g, GUARD_SHARED);
    const rk_status status = state->save(r->self, &t->stream);
    guard_leave(g, before);
    return status;
}

static rk_status load(struct run *r, const rk_ext_state *state, struct tape *t, size_t give) {
    t->bytes.got = 0;
    t->give = give;
    child_doing("in load, of %zu of %zu bytes", give, t->bytes.size);
    const enum guard_call before = guard_enter(&r->guard, GUARD_OWNER);
    const rk_status status = state->load(r->self, &t->stream);
    guard_leave(&r->guard, before);
    return status;
}

// A state cut off anywhere is refused, not believed.
static void load_cut(const struct subject *s, const struct planted *data, const rk_ext_state *state,
    struct tape *t) {
    for (int k = 0; k < 16 && t->bytes.size; k++) {
        struct run r;
        run_init(&r, s, data);
        if (run_create(&r) != RK_OK) run_fail(&r, "create failed");
        const size_t give = (t->bytes.size - 1) * (size_t)k / 15;
        if (load(&r, state, t, give) == RK_OK)
            run_fail(&r,
                "load gives success, although only %zu of the %zu bytes that save wrote "
                "could be read",
                give, t->bytes.size);
        run_done(&r);
    }
}

void check_state(const struct subject *s) {
    const rk_ext_state *state = extension(s, RK_EXT_STATE);
    struct planted data;
    struct run fitted, loaded;
    struct tape t, full;
    run_data(&data, PLANTED_FULL, s);
    float *a = run_alloc(data.ask->n, sizeof *a), *b = run_alloc(data.ask->n, sizeof *b);
    run_init(&fitted, s, &data);
    run_must_fit(&fitted);
    run_must_predict(&fitted, data.ask, a);
    tape_init(&t);
    if (save(&fitted, state, &t) != RK_OK) run_fail(&fitted, "save failed");
    tape_init(&full);
    full.stream.write = tape_refuse;
    if (t.bytes.size && save(&fitted, state, &full) == RK_OK)
        run_fail(&fitted, "save gives success, although nothing could be written");
    run_predict(&fitted, data.ask, b);
    run_same(&fitted, data.ask, a, b, "after it was saved");
    run_judge_host(&fitted);
    run_done(&fitted); // and with it all that the loaded model might lean on
    run_init(&loaded, s, &data);
    if (run_create(&loaded) != RK_OK) run_fail(&loaded, "create failed");
    const rk_status status = load(&loaded, state, &t, t.bytes.size);
    if (status != RK_OK)
        run_fail(&loaded, "load failed on what save wrote: %s", model_status_text(status));
    if (t.bytes.got != t.bytes.size)
        run_fail(
            &loaded, "load reads %zu of the %zu bytes that save wrote", t.bytes.got, t.bytes.size);
    run_must_predict(&loaded, data.ask, b);
    run_same(&loaded, data.ask, a, b, "saved and loaded");
    run_judge_host(&loaded);
    run_done(&loaded);
    load_cut(s, &data, state, &t);
}

// ---- Spread ------------------------------------------------------------------------------------

static void ask_spread(const struct run *r, const rk_ext_spread *spread, const rk_pairs *pairs,
    float *mean, float *sd) {
    struct guard *g = (struct guard *)(uintptr_t)&r->guard;
    child_doing("in the predict of reckon.spread/1");
    const enum guard_call before = guard_enter(g, GUARD_SHARED);
    const rk_status status = spread->predict(r->self, pairs, mean, sd);
    guard_leave(g, before);
    if (status != RK_OK) run_fail(r, "spread failed: %s", model_status_text(status));
}

void check_spread(const struct subject *s) {
    const rk_ext_spread *spread = extension(s, RK_EXT_SPREAD);
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_must_fit(&r);
    const rk_pairs *ask = data.ask;
    float *plain = run_alloc(ask->n, sizeof *plain), *mean = run_alloc(ask->n, sizeof *mean);
    float *sd = run_alloc(ask->n, sizeof *sd), one_mean, one_sd;
    run_must_predict(&r, ask, plain);
    ask_spread(&r, spread, ask, mean, sd);
    run_same(&r, ask, plain, mean, "the mean of spread against predict");
    const float width = data.data->rating_max - data.data->rating_min;
    for (size_t k = 0; k < ask->n; k++) {
        if (!isnan(mean[k]) && !(sd[k] >= 0 && sd[k] <= 10 * width))
            run_fail(&r, "spread: pair %zu user %u item %u: deviation %.9g; expected is 0 to %g", k,
                ask->users[k], ask->items[k], (double)sd[k], (double)(10 * width));
        const rk_pairs one = {.size = sizeof one,
            .n = 1,
            .users = ask->users + k,
            .items = ask->items + k,
            .time = ask->time ? ask->time + k : NULL};
        ask_spread(&r, spread, &one, &one_mean, &one_sd);
        run_same(&r, &one, &mean[k], &one_mean, "spread(pair by pair), mean");
        run_same(&r, &one, &sd[k], &one_sd, "spread(pair by pair), deviation");
    }
    run_judge_host(&r);
    run_done(&r);
}
