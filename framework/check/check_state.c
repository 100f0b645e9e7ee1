// "reckon.state/1": a model saved and loaded is the same model, and bytes that are none are borne.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "check/checks.h"
#include "check/memory.h"
#include "check/variants.h"
#include "core/bytes.h"
#include "model/model.h"

enum {
    THREADS = 3,  // that load has, where fit had one
    CALLERS = 4,  // that save at once
    ROUNDS = 16,  // saves of theirs, together
    CUTS = 16,    // lengths at which a state ends too soon
    HEAD = 192,   // bytes at the beginning, where lengths are, each of which is changed
    CHANGED = 64, // others, evenly spread
    SHARES = 3,   // with sanitizers, of which the data sets and variants take one each, in turn
    REFUSED = 40, // allocations of load that are refused, in turn, at most
    ROOM_MIB = 1024
};

// What is saved, and by which parameters.
struct matter {
    const struct subject *subject;
    const rk_ext_state *state;
    const struct planted *data;
    const struct variant *variant; // NULL: brief defaults
    size_t turn;                   // which share of its bytes is changed, with sanitizers
};

// ---- Streams into and out of memory ------------------------------------------------------------

// `give` bounds what can be read.
struct tape {
    rk_stream stream;
    struct bytes bytes;
    size_t give;
};

static rk_status tape_write(const rk_stream *s, const void *at, size_t n) {
    struct tape *t = s->self;
    sched_yield(); // another thread's turn, if several save at once
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

// ---- Calls -------------------------------------------------------------------------------------

// A model on its way to fit or load. Whether its parameters are taken.
static bool begin(struct run *r, const struct matter *m, uint32_t threads) {
    run_init(r, m->subject, m->data);
    if (m->variant) variant_apply(r, m->variant);
    if (threads > 1) run_threads(r, threads);
    return run_create(r) == RK_OK;
}

static rk_status save(const struct run *r, const rk_ext_state *state, struct tape *t) {
    struct guard *g = (struct guard *)(uintptr_t)&r->guard;
    child_doing("in save [parameters: %s; %s]", r->values_text, r->data->name);
    const enum guard_call before = guard_enter(g, GUARD_SHARED);
    const rk_status status = state->save(r->self, &t->stream);
    guard_leave(g, before);
    return status;
}

static void must_save(const struct run *r, const rk_ext_state *state, struct tape *t) {
    tape_init(t);
    const rk_status status = save(r, state, t);
    if (status != RK_OK) run_fail(r, "save failed: %s", model_status_text(status));
}

// `how` is what is said of the bytes, for the message should it crash.
static rk_status load(
    struct run *r, const rk_ext_state *state, struct tape *t, size_t give, const char *how) {
    t->bytes.got = 0;
    t->give = give;
    child_doing("in load, of %zu of %zu bytes%s [parameters: %s; %s]", give, t->bytes.size, how,
        r->values_text, r->data->name);
    const enum guard_call before = guard_enter(&r->guard, GUARD_OWNER);
    const rk_status status = state->load(r->self, &t->stream);
    guard_leave(&r->guard, before);
    return status;
}

// Fails unless both have the same bytes.
static void judge_bytes(
    const struct run *r, const struct tape *a, const struct tape *b, const char *what) {
    if (a->bytes.size != b->bytes.size)
        run_fail(r, "%s: %zu bytes instead of %zu", what, b->bytes.size, a->bytes.size);
    for (size_t k = 0; k < a->bytes.size; k++)
        if (a->bytes.at[k] != b->bytes.at[k])
            run_fail(r, "%s: byte %zu of %zu is another one", what, k, a->bytes.size);
}

// ---- There and back ----------------------------------------------------------------------------

// Answers with the pairs' times, and without any.
struct answers {
    float *with, *without;
};

static struct answers ask(const struct run *r) {
    const rk_pairs *pairs = r->data->ask;
    const rk_pairs timeless = {
        .size = sizeof timeless, .n = pairs->n, .users = pairs->users, .items = pairs->items};
    struct answers a = {
        .with = run_alloc(pairs->n, sizeof(float)), .without = run_alloc(pairs->n, sizeof(float))};
    run_must_predict(r, pairs, a.with);
    run_must_predict(r, &timeless, a.without);
    return a;
}

static void judge_answers(const struct run *r, struct answers before, const char *what) {
    char text[80];
    snprintf(text, sizeof text, "%s, pairs without times", what);
    const struct answers now = ask(r);
    run_same(r, r->data->ask, before.with, now.with, what);
    run_same(r, r->data->ask, before.without, now.without, text);
    free(now.with);
    free(now.without);
}

struct crowd {
    const struct run *run;
    const rk_ext_state *state;
    const struct tape *alone;
};

static rk_status save_in_crowd(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct crowd *c = arg;
    for (size_t k = begin; k < end; k++) {
        struct tape t;
        must_save(c->run, c->state, &t);
        judge_bytes(c->run, c->alone, &t, "saved by 4 threads at once");
        bytes_done(&t.bytes);
    }
    return RK_OK;
}

static void save_at_once(const struct run *r, const rk_ext_state *state, const struct tape *alone) {
    struct error e = {0};
    struct crowd c = {r, state, alone};
    struct pool *pool = pool_new(CALLERS, &e);
    if (!pool) child_skip("%s", e.text);
    pool_run(pool, ROUNDS, 1, save_in_crowd, &c);
    pool_free(pool);
}

// Saves a fitted model, and sees that saving leaves it as it is. False: it cannot be fitted so.
static bool save_fitted(const struct matter *m, struct tape *t, struct answers *a) {
    struct run r;
    struct tape again, full;
    const bool fits = begin(&r, m, 1) && run_fit(&r) == RK_OK;
    if (fits) {
        *a = ask(&r);
        must_save(&r, m->state, t);
        must_save(&r, m->state, &again);
        judge_bytes(&r, t, &again, "saved a second time");
        bytes_done(&again.bytes);
        save_at_once(&r, m->state, t);
        tape_init(&full);
        full.stream.write = tape_refuse;
        if (t->bytes.size && save(&r, m->state, &full) == RK_OK)
            run_fail(&r, "save gives success, although nothing could be written");
        judge_answers(&r, *a, "after it was saved");
        run_judge_host(&r);
    }
    run_done(&r); // and with it all that the loaded model might lean on
    return fits;
}

static void load_whole(const struct matter *m, struct tape *t, struct answers a) {
    struct run r;
    struct tape again;
    if (!begin(&r, m, THREADS)) run_fail(&r, "create failed");
    const rk_status status = load(&r, m->state, t, t->bytes.size, "");
    if (status != RK_OK)
        run_fail(&r, "load failed on what save wrote: %s", model_status_text(status));
    if (t->bytes.got != t->bytes.size)
        run_fail(
            &r, "load reads %zu of the %zu bytes that save wrote", t->bytes.got, t->bytes.size);
    judge_answers(&r, a, "saved and loaded");
    must_save(&r, m->state, &again);
    judge_bytes(&r, t, &again, "loaded and saved again");
    bytes_done(&again.bytes);
    run_judge_host(&r);
    run_done(&r);
}

// ---- Bytes that are no state -------------------------------------------------------------------

// The model after a load that was to fail: gone, and with it all that it took.
static void end_loaded(struct run *r, struct memory_live before, const char *how) {
    run_destroy(r);
    const struct memory_live now = memory_live();
    if (now.n > before.n)
        run_fail(r, "load%s, and destroy: %llu allocations are not given back, %llu bytes", how,
            (unsigned long long)(now.n - before.n), (unsigned long long)(now.bytes - before.bytes));
    run_done(r);
}

// A state cut off anywhere is refused, not believed.
static void load_cut(const struct matter *m, struct tape *t) {
    for (size_t k = 0; k < CUTS && t->bytes.size; k++) {
        struct run r;
        const struct memory_live before = memory_live();
        if (!begin(&r, m, 1)) run_fail(&r, "create failed");
        const size_t give = (t->bytes.size - 1) * k / (CUTS - 1);
        if (load(&r, m->state, t, give, "") == RK_OK)
            run_fail(&r,
                "load gives success, although only %zu of the %zu bytes that save wrote "
                "could be read",
                give, t->bytes.size);
        end_loaded(&r, before, " of a part of the bytes");
    }
}

// Room for data from here on; the old limit back if 0.
static void limit_room(rlim_t bytes) {
    static struct rlimit before;
    struct rlimit limit;
    if (child_is_sanitized()) return; // it keeps books of its own, larger than any limit
    if (bytes == 0) {
        setrlimit(RLIMIT_DATA, &before);
    } else if (getrlimit(RLIMIT_DATA, &before) == 0) {
        limit = before;
        if (limit.rlim_cur > bytes) limit.rlim_cur = bytes;
        setrlimit(RLIMIT_DATA, &limit);
    }
}

// Bytes of which one is another may be refused or believed; they are to do no harm. If all of them
// were taken in, the counts of users and items are what they were, and there is an answer.
static void load_changed(const struct matter *m, struct tape *t, size_t at, unsigned char by) {
    struct run r;
    char how[80];
    const struct memory_live before = memory_live();
    if (!begin(&r, m, 1)) run_fail(&r, "create failed");
    snprintf(how, sizeof how, ", byte %zu of them changed by %d", at, by);
    t->bytes.at[at] ^= by;
    limit_room((rlim_t)ROOM_MIB << 20);
    const rk_status status = load(&r, m->state, t, t->bytes.size, how);
    limit_room(0);
    t->bytes.at[at] ^= by;
    if (status == RK_E_MEMORY)
        run_fail(&r, "load asks for more than %d MiB for %zu bytes, byte %zu of them changed by %d",
            ROOM_MIB, t->bytes.size, at, by);
    if (status == RK_OK && t->bytes.got == t->bytes.size) {
        float *out = run_alloc(m->data->ask->n, sizeof *out);
        run_predict(&r, m->data->ask, out);
        free(out);
    }
    end_loaded(&r, before, how);
}

// With sanitizers, loading takes ten times as long, and what they look for is alike in each data
// set and variant: all bytes get their turn over three of these.
static void load_all_changed(const struct matter *m, struct tape *t) {
    const size_t n = t->bytes.size, head = n < HEAD ? n : HEAD;
    const size_t shares = child_is_sanitized() ? SHARES : 1, first = m->turn % shares;
    for (size_t k = first; k < head; k += shares) {
        load_changed(m, t, k, 0x01);
        load_changed(m, t, k, 0xff);
    }
    for (size_t k = first; k < CHANGED && n > HEAD; k += shares)
        load_changed(m, t, HEAD + (n - 1 - HEAD) * k / (CHANGED - 1), k % 2 ? 0xff : 0x01);
}

// Each allocation of load may fail.
static void load_short_of_memory(const struct matter *m, struct tape *t) {
    uint64_t n = memory_can_watch() ? REFUSED : 0;
    for (uint64_t k = 1; k <= n && k <= REFUSED; k++) {
        struct run r;
        char how[80];
        const struct memory_live before = memory_live();
        if (!begin(&r, m, 1)) run_fail(&r, "create failed");
        snprintf(how, sizeof how, " with its allocation %llu refused", (unsigned long long)k);
        memory_fail(k, false);
        const rk_status status = load(&r, m->state, t, t->bytes.size, how);
        n = memory_count();
        memory_fail(0, false);
        if (k <= n && status != RK_E_MEMORY)
            run_fail(&r, "load%s: %s (%d); expected is RK_E_MEMORY", how, model_status_text(status),
                status);
        end_loaded(&r, before, how);
    }
}

// ---- The check ---------------------------------------------------------------------------------

// Whether it could be fitted.
static bool try(const struct matter *m) {
    struct tape t;
    struct answers a;
    if (!save_fitted(m, &t, &a)) return false;
    load_whole(m, &t, a);
    load_cut(m, &t);
    load_all_changed(m, &t);
    load_short_of_memory(m, &t);
    bytes_done(&t.bytes);
    free(a.with);
    free(a.without);
    return true;
}

void check_state(const struct subject *s) {
    static const enum planted_kind kinds[] = {
        PLANTED_FULL, PLANTED_NO_FEATURES, PLANTED_NO_TIMES, PLANTED_EQUAL, PLANTED_ONE_PAIR};
    struct matter m = {.subject = s, .state = run_extension(s, RK_EXT_STATE)};
    if (memory_can_watch()) memory_watch();
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct planted data;
        run_data(&data, kinds[k], s);
        m.data = &data;
        m.turn = k;
        if (!try(&m) && k == 0) child_fail("the model that is to be saved cannot be fitted");
        planted_done(&data);
    }
    struct planted small;
    size_t n;
    const struct variant *all = variants_choices(s, &n);
    run_data(&small, PLANTED_SMALL, s);
    m.data = &small;
    for (size_t k = 0; k < n; k++) {
        m.variant = &all[k];
        m.turn = k;
        try(&m);
    }
}
