// Memory that is refused, and memory that is not given back.
#include <stdio.h>
#include <stdlib.h>

#include "check/checks.h"
#include "check/memory.h"
#include "check/variants.h"
#include "model/model.h"

// Allocations that are refused, each in a life of its own: the first ones, and some of the others,
// evenly spread.
enum { FIRST = 80, SPREAD = 40 };

// One life with the allocation `at` refused (0: none), which may be one that is not reached. The
// status of the first call that failed; the answers, if all went well, in `out`; how many
// allocations there were.
static rk_status live(struct run *r, uint64_t at, bool all, float *out, uint64_t *n) {
    memory_fail(at, all);
    rk_status status = run_create(r);
    if (status == RK_OK) status = run_fit(r);
    if (status == RK_OK) status = run_predict(r, r->data->ask, out);
    *n = memory_count();
    run_destroy(r);
    memory_fail(0, false);
    return status;
}

static void judge_leak(const struct run *r, struct memory_live before, const char *when) {
    const struct memory_live now = memory_live();
    if (now.n > before.n)
        run_fail(r, "%s: %llu allocations are not given back, %llu bytes, the latest of %llu bytes",
            when, (unsigned long long)(now.n - before.n),
            (unsigned long long)(now.bytes - before.bytes), (unsigned long long)memory_latest());
}

static void need_watch(void) {
    if (!memory_can_watch()) child_skip("this build's malloc cannot be watched (sanitizer)");
    memory_watch();
}

// What is said of a life with the allocation `at` of `n` refused.
static void refuse_one(
    struct run *r, uint64_t at, uint64_t n, bool all, const float *whole, float *out) {
    const char *as = r->values_text;
    const bool by_default = r->values == r->subject->brief;
    char what[400];
    snprintf(what, sizeof what, "%s%swith allocation %llu of %llu%s refused", by_default ? "" : as,
        by_default ? "" : ", ", (unsigned long long)at, (unsigned long long)n,
        all ? " and all after it" : "");
    r->values_text = what; // so that a crash is described, too
    const struct memory_live before = memory_live();
    uint64_t reached;
    const rk_status status = live(r, at, all, out, &reached);
    r->values_text = as;
    if (status != RK_OK && status != RK_E_MEMORY)
        run_fail(
            r, "%s: %s (%d); expected is RK_E_MEMORY", what, model_status_text(status), status);
    if (status == RK_OK) run_same(r, r->data->ask, whole, out, what);
    judge_leak(r, before, what);
}

// How many allocations of `n` are refused, and which is the `k`-th of them.
static uint64_t n_refused(uint64_t n) {
    return n <= FIRST + SPREAD ? n : FIRST + SPREAD;
}

static uint64_t refused(uint64_t n, uint64_t k) {
    if (n <= FIRST + SPREAD || k < FIRST) return k + 1;
    return FIRST + (k - FIRST + 1) * (n - FIRST) / SPREAD;
}

// On several threads it depends on the moment which allocation is the one, but not whether a
// refusal is borne. By a variant (NULL: defaults), which may be refused as a whole. Gives the
// allocations of a life.
static uint64_t refuse_each(const struct subject *s, const struct planted *data,
    const struct variant *v, uint32_t threads) {
    struct run r;
    run_init(&r, s, data);
    if (v) variant_apply(&r, v);
    if (threads > 1) run_threads(&r, threads);
    const size_t n_ask = data->ask->n;
    float *whole = run_alloc(n_ask, sizeof *whole), *out = run_alloc(n_ask, sizeof *out);
    uint64_t n;
    rk_status status = RK_OK;
    for (int k = 0; k < 2; k++) // the second life is without what is set up once for all
        status = live(&r, 0, false, whole, &n);
    if (status != RK_OK && !v) run_fail(&r, "it fails with all memory there is");
    for (uint64_t k = 0; status == RK_OK && k < n_refused(n); k++) {
        refuse_one(&r, refused(n, k), n, false, whole, out);
        if (threads == 1) refuse_one(&r, refused(n, k), n, true, whole, out);
    }
    run_done(&r);
    free(whole);
    free(out);
    return n;
}

void check_out_of_memory(const struct subject *s) {
    need_watch();
    struct planted data;
    run_data(&data, PLANTED_SMALL, s);
    const uint64_t n = refuse_each(s, &data, NULL, 1);
    if (n == 0) child_skip("it allocates nothing");
    refuse_each(s, &data, NULL, 3);
    size_t n_variants;
    const struct variant *all = variants_choices(s, &n_variants);
    for (size_t k = 0; k < n_variants; k++) refuse_each(s, &data, &all[k], 1);
    if (n_refused(n) == n)
        child_note("each of %llu", (unsigned long long)n);
    else
        child_note(
            "the first %d of %llu, and %d of the others", FIRST, (unsigned long long)n, SPREAD);
}

// ---- Leaks -------------------------------------------------------------------------------------

enum stage {
    STAGE_CREATED,
    STAGE_FITTED,
    STAGE_ASKED,
    STAGE_CANCELLED,
    STAGE_CANCELLED_PIECE,
    STAGES
};

// A life to its stage; a variant may be refused, but for memory.
static void live_to(struct run *r, enum stage stage, float *out) {
    r->guard.cancel_progress = stage == STAGE_CANCELLED ? r->guard.n_progress + 2 : 0;
    r->guard.cancel_piece =
        stage == STAGE_CANCELLED_PIECE ? atomic_load(&r->guard.n_pieces) + 2 : 0;
    const rk_status status = run_create(r);
    if (status != RK_OK && r->values == r->subject->brief) run_fail(r, "create failed");
    if (status == RK_OK && stage >= STAGE_FITTED && run_fit(r) == RK_OK && stage >= STAGE_ASKED)
        run_must_predict(r, r->data->ask, out);
    run_destroy(r);
    atomic_store(&r->guard.host.cancelled, false);
}

static void lose_nothing(
    const struct subject *s, const struct planted *data, const struct variant *v, float *out) {
    static const char *const when[] = {"after create and destroy", "after fit and destroy",
        "after predict and destroy", "after a fit that was stopped by progress, and destroy",
        "after a fit that was stopped in parallel_for, and destroy"};
    struct run r;
    run_init(&r, s, data);
    if (v) variant_apply(&r, v);
    live_to(&r, STAGE_ASKED, out); // sets up what is set up once for all
    for (int stage = 0; stage < STAGES; stage++) {
        const struct memory_live before = memory_live();
        for (int twice = 0; twice < 2; twice++) live_to(&r, (enum stage)stage, out);
        judge_leak(&r, before, when[stage]);
    }
    run_done(&r);
}

void check_leaks(const struct subject *s) {
    need_watch();
    struct planted data;
    run_data(&data, PLANTED_SMALL, s);
    float *out = run_alloc(data.ask->n, sizeof *out);
    lose_nothing(s, &data, NULL, out);
    size_t n;
    const struct variant *all = variants_choices(s, &n);
    for (size_t k = 0; k < n; k++) lose_nothing(s, &data, &all[k], out);
}
