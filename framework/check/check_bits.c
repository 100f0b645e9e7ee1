// Same inputs, same bits: whatever the threads, the batches and the company.
#include <stdlib.h>
#include <string.h>

#include "check/checks.h"
#include "check/variants.h"
#include "core/random.h"

void check_repeat(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    const float *first = run_life(s, &data, 1, RUN_SEED);
    const float *second = run_life(s, &data, 1, RUN_SEED);
    run_init(&r, s, &data);
    run_same(&r, data.ask, first, second, "the same model a second time");
}

// ---- Threads -----------------------------------------------------------------------------------

// Answers by the variant (NULL: defaults). False if it refuses the variant on one thread.
static bool answer_as(struct run *r, const struct variant *v, uint32_t threads, float *out) {
    const struct subject *s = r->subject;
    const struct planted *data = r->data;
    run_init(r, s, data);
    if (v) variant_apply(r, v);
    if (threads > 1) run_threads(r, threads);
    if (threads == 1 && v && (run_create(r) != RK_OK || run_fit(r) != RK_OK)) return false;
    if (!r->self) run_must_fit(r);
    run_must_predict(r, data->ask, out);
    return true;
}

static bool compare_threads(
    const struct subject *s, const struct planted *data, const struct variant *v) {
    float *one = run_alloc(data->ask->n, sizeof *one), *more = run_alloc(data->ask->n, sizeof *one);
    struct run r = {.subject = s, .data = data};
    const bool fits = answer_as(&r, v, 1, one);
    run_done(&r);
    for (uint32_t threads = 2; fits && threads <= 8; threads += 6) {
        r = (struct run){.subject = s, .data = data};
        answer_as(&r, v, threads, more);
        run_same(&r, data->ask, one, more,
            threads == 2 ? "fitted on 2 threads instead of 1" : "fitted on 8 threads instead of 1");
        run_done(&r);
    }
    free(one);
    free(more);
    return fits;
}

void check_threads(const struct subject *s) {
    struct planted data;
    run_data(&data, PLANTED_FULL, s);
    compare_threads(s, &data, NULL);
    size_t n, compared = 0;
    const struct variant *all = variants_choices(s, &n);
    for (size_t k = 0; k < n; k++) compared += compare_threads(s, &data, &all[k]);
    if (n) child_note("by default, and by %zu of %zu other choices", compared, n);
}

// ---- Batches -----------------------------------------------------------------------------------

// The pairs at the places `order`, as a batch of their own.
struct batch {
    rk_pairs pairs;
    uint32_t *users, *items; // owned by the process
    int64_t *time;
    float *out;
};

static struct batch batch_new(size_t room) {
    struct batch b = {.pairs = {.size = sizeof b.pairs}};
    b.users = run_alloc(room, sizeof *b.users);
    b.items = run_alloc(room, sizeof *b.items);
    b.time = run_alloc(room, sizeof *b.time);
    b.out = run_alloc(room, sizeof *b.out);
    b.pairs.users = b.users;
    b.pairs.items = b.items;
    return b;
}

static void batch_fill(struct batch *b, const rk_pairs *from, const uint32_t *order, size_t n) {
    b->pairs.n = n;
    b->pairs.time = from->time ? b->time : NULL;
    for (size_t k = 0; k < n; k++) {
        b->users[k] = from->users[order[k]];
        b->items[k] = from->items[order[k]];
        if (from->time) b->time[k] = from->time[order[k]];
    }
}

// Asks for the pairs in that order, `size` at a time; answers in the pairs' own order.
static void ask_in_batches(const struct run *r, const rk_pairs *pairs, const uint32_t *order,
    size_t size, struct batch *b, float *out) {
    for (size_t at = 0; at < pairs->n; at += size) {
        const size_t n = pairs->n - at < size ? pairs->n - at : size;
        batch_fill(b, pairs, order + at, n);
        run_must_predict(r, &b->pairs, b->out);
        for (size_t k = 0; k < n; k++) out[order[at + k]] = b->out[k];
    }
}

void check_batches(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_must_fit(&r);
    const rk_pairs *ask = data.ask;
    struct batch b = batch_new(ask->n);
    float *whole = run_alloc(ask->n, sizeof *whole), *other = run_alloc(ask->n, sizeof *other);
    uint32_t *order = run_alloc(ask->n, sizeof *order);
    for (size_t k = 0; k < ask->n; k++) order[k] = (uint32_t)k;
    run_must_predict(&r, ask, whole);
    run_must_predict(&r, ask, other);
    run_same(&r, ask, whole, other, "predict(the same pairs again)");
    const rk_pairs none = {.size = sizeof none};
    run_must_predict(&r, &none, other);

    static const size_t sizes[] = {1, 3, 64};
    static const char *const split[] = {
        "predict(pair by pair)", "predict(3 pairs at a time)", "predict(64 pairs at a time)"};
    for (int k = 0; k < 3; k++) {
        ask_in_batches(&r, ask, order, sizes[k], &b, other);
        run_same(&r, ask, whole, other, split[k]);
    }
    random_shuffle(RUN_SEED, 1, order, ask->n);
    ask_in_batches(&r, ask, order, ask->n, &b, other);
    run_same(&r, ask, whole, other, "predict(all pairs shuffled)");
    ask_in_batches(&r, ask, order, 3, &b, other);
    run_same(&r, ask, whole, other, "predict(3 pairs shuffled)");
    run_done(&r);
}

// ---- At once -----------------------------------------------------------------------------------

enum { CALLERS = 4, ROUNDS = 32 };

struct crowd {
    const struct run *run;
    const rk_pairs *pairs;
    float *out[CALLERS];
    const float *alone;
};

static rk_status ask_in_crowd(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct crowd *c = arg;
    for (size_t k = begin; k < end; k++) {
        run_must_predict(c->run, c->pairs, c->out[worker]);
        run_same(c->run, c->pairs, c->alone, c->out[worker], "predict, 4 threads at once");
    }
    return RK_OK;
}

static struct pool *new_pool(uint32_t threads) {
    struct error e = {0};
    struct pool *pool = pool_new(threads, &e);
    if (!pool) child_skip("%s", e.text);
    return pool;
}

void check_at_once(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_must_fit(&r);
    struct crowd c = {.run = &r, .pairs = data.ask};
    float *alone = run_alloc(data.ask->n, sizeof *alone);
    run_must_predict(&r, data.ask, alone);
    c.alone = alone;
    for (int k = 0; k < CALLERS; k++) c.out[k] = run_alloc(data.ask->n, sizeof **c.out);
    struct pool *pool = new_pool(CALLERS);
    pool_run(pool, ROUNDS, 1, ask_in_crowd, &c);
    pool_free(pool);
    run_done(&r);
}

// ---- Two models --------------------------------------------------------------------------------

// Two lives in turn: no step of one may change the other.
static void live_in_turn(const struct subject *s, const struct planted data[2], float *out[2]) {
    struct run r[2];
    for (int k = 0; k < 2; k++) run_init(&r[k], s, &data[k]);
    for (int k = 0; k < 2; k++)
        if (run_create(&r[k]) != RK_OK) run_fail(&r[k], "create failed beside another model");
    for (int k = 0; k < 2; k++)
        if (run_fit(&r[k]) != RK_OK) run_fail(&r[k], "fit failed beside another model");
    for (int k = 0; k < 2; k++) run_must_predict(&r[k], data[k].ask, out[k]);
    run_done(&r[1]);
    run_must_predict(&r[0], data[0].ask, out[0]);
    run_done(&r[0]);
}

struct pair_of_lives {
    const struct subject *subject;
    const struct planted *data; // [2]
    float *out[2];
};

static rk_status live_at_once(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct pair_of_lives *p = arg;
    (void)worker;
    for (size_t k = begin; k < end; k++) p->out[k] = run_life(p->subject, &p->data[k], 0, RUN_SEED);
    return RK_OK;
}

void check_two_models(const struct subject *s) {
    struct planted data[2];
    struct run r;
    float *alone[2], *out[2];
    for (int k = 0; k < 2; k++) {
        run_data(&data[k], k ? PLANTED_OTHER : PLANTED_FULL, s);
        alone[k] = run_life(s, &data[k], 1, RUN_SEED);
        out[k] = run_alloc(data[k].ask->n, sizeof **out);
    }
    live_in_turn(s, data, out);
    for (int k = 0; k < 2; k++) {
        run_init(&r, s, &data[k]);
        run_same(&r, data[k].ask, alone[k], out[k], "beside another model, call by call in turn");
    }
    struct pair_of_lives p = {.subject = s, .data = data};
    struct pool *pool = new_pool(2);
    pool_run(pool, 2, 1, live_at_once, &p);
    pool_free(pool);
    for (int k = 0; k < 2; k++) {
        run_init(&r, s, &data[k]);
        run_same(&r, data[k].ask, alone[k], p.out[k], "beside another model in another thread");
    }
}

void check_seeds(const struct subject *s) {
    static const uint64_t seeds[] = {0, 1, 7, UINT64_MAX};
    struct planted data;
    run_data(&data, PLANTED_FULL, s);
    for (size_t k = 0; k < sizeof seeds / sizeof *seeds; k++) {
        struct run r;
        run_init(&r, s, &data);
        run_seed(&r, seeds[k]);
        run_sane(&r, data.ask, run_life(s, &data, 1, seeds[k]));
    }
}

void check_grown(const struct subject *s) {
    struct planted data, larger;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_data(&larger, PLANTED_GROWN, s);
    run_init(&r, s, &larger);
    run_same(&r, data.ask, run_life(s, &data, 1, RUN_SEED), run_life(s, &larger, 1, RUN_SEED),
        "rk_data, rk_pairs and rk_features with 64 more bytes each");
}
