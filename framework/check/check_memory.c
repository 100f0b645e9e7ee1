// Memory that is refused, and memory that is not given back.
#include <stdio.h>
#include <stdlib.h>

#include "check/checks.h"
#include "check/memory.h"
#include "model/model.h"

enum { TRIED = 250 }; // allocations that are refused, each in a life of its own

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
    char what[128];
    snprintf(what, sizeof what, "with allocation %llu of %llu%s refused", (unsigned long long)at,
        (unsigned long long)n, all ? " and all after it" : "");
    r->values_text = what; // so that a crash is described, too
    const struct memory_live before = memory_live();
    uint64_t reached;
    const rk_status status = live(r, at, all, out, &reached);
    r->values_text = "defaults";
    if (status != RK_OK && status != RK_E_MEMORY)
        run_fail(
            r, "%s: %s (%d); expected is RK_E_MEMORY", what, model_status_text(status), status);
    if (status == RK_OK) run_same(r, r->data->ask, whole, out, what);
    judge_leak(r, before, what);
}

// On several threads it depends on the moment which allocation is the one, but not whether a
// refusal is borne.
static void refuse_each(const struct subject *s, const struct planted *data, uint32_t threads) {
    struct run r;
    run_init(&r, s, data);
    if (threads > 1) run_threads(&r, threads);
    const size_t n_ask = data->ask->n;
    float *whole = run_alloc(n_ask, sizeof *whole), *out = run_alloc(n_ask, sizeof *out);
    uint64_t n;
    for (int k = 0; k < 2; k++) // the second life is without what is set up once for all
        if (live(&r, 0, false, whole, &n) != RK_OK)
            run_fail(&r, "it fails with all memory there is");
    if (n == 0) child_skip("it allocates nothing");
    const uint64_t tried = n < TRIED ? n : TRIED;
    for (uint64_t k = 0; k < tried; k++) {
        const uint64_t at = n <= TRIED ? k + 1 : 1 + k * (n - 1) / (TRIED - 1);
        refuse_one(&r, at, n, false, whole, out);
        refuse_one(&r, at, n, true, whole, out);
    }
    run_done(&r);
    free(whole);
    free(out);
}

void check_out_of_memory(const struct subject *s) {
    need_watch();
    struct planted data;
    run_data(&data, PLANTED_SMALL, s);
    refuse_each(s, &data, 1);
    refuse_each(s, &data, 3);
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

static void live_to(struct run *r, enum stage stage, float *out) {
    r->guard.cancel_progress = stage == STAGE_CANCELLED ? r->guard.n_progress + 2 : 0;
    r->guard.cancel_piece =
        stage == STAGE_CANCELLED_PIECE ? atomic_load(&r->guard.n_pieces) + 2 : 0;
    if (run_create(r) != RK_OK) run_fail(r, "create failed");
    if (stage >= STAGE_FITTED && run_fit(r) == RK_OK && stage >= STAGE_ASKED)
        run_must_predict(r, r->data->ask, out);
    run_destroy(r);
    atomic_store(&r->guard.host.cancelled, false);
}

void check_leaks(const struct subject *s) {
    static const char *const when[] = {"after create and destroy", "after fit and destroy",
        "after predict and destroy", "after a fit that was stopped by progress, and destroy",
        "after a fit that was stopped in parallel_for, and destroy"};
    need_watch();
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_SMALL, s);
    run_init(&r, s, &data);
    float *out = run_alloc(data.ask->n, sizeof *out);
    live_to(&r, STAGE_ASKED, out); // sets up what is set up once for all
    for (int stage = 0; stage < STAGES; stage++) {
        const struct memory_live before = memory_live();
        for (int twice = 0; twice < 2; twice++) live_to(&r, (enum stage)stage, out);
        judge_leak(&r, before, when[stage]);
    }
    run_done(&r);
}
