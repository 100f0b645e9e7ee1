// Asked to stop at any step, a model stops soon, says so, and can be destroyed.
#include "check/checks.h"
#include "model/model.h"

enum {
    TRIED = 24, // steps of a fit at which it is asked to stop
    SOON = 4    // calls of progress and parallel_for that may still come
};

static void judge(struct run *r, rk_status status, const char *where, uint64_t at, uint64_t of) {
    const unsigned long long after = atomic_load(&r->guard.n_after);
    if (status != RK_CANCELLED)
        run_fail(r, "asked to stop at %s %llu of %llu, fit gave %s (%d); expected is RK_CANCELLED",
            where, (unsigned long long)at, (unsigned long long)of, model_status_text(status),
            status);
    if (after > SOON)
        run_fail(r,
            "asked to stop at %s %llu of %llu, fit went on for %llu calls of progress or "
            "parallel_for; at most %d count as soon",
            where, (unsigned long long)at, (unsigned long long)of, after, SOON);
}

// Up to TRIED of 1 .. n, first and last among them.
static uint64_t pick(uint64_t n, uint64_t k) {
    return n <= TRIED ? k + 1 : 1 + k * (n - 1) / (TRIED - 1);
}

static void cancel_at(
    const struct subject *s, const struct planted *data, bool at_piece, uint64_t at, uint64_t of) {
    struct run r;
    run_init(&r, s, data);
    if (at_piece)
        r.guard.cancel_piece = at;
    else
        r.guard.cancel_progress = at;
    if (run_create(&r) != RK_OK) run_fail(&r, "create failed");
    const rk_status status = run_fit(&r);
    // What create() ran through is not a fit to be cancelled.
    if (host_is_cancelled(&r.guard.host))
        judge(&r, status, at_piece ? "piece" : "call of progress", at, of);
    run_done(&r);
}

void check_cancel(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_must_fit(&r);
    const uint64_t steps = r.guard.n_progress, pieces = atomic_load(&r.guard.n_pieces);
    run_done(&r);
    if (steps == 0 && pieces == 0)
        child_skip("its fit calls neither progress nor parallel_for: there is no step to stop at");
    for (uint64_t k = 0; k < steps && k < TRIED; k++)
        cancel_at(s, &data, false, pick(steps, k), steps);
    for (uint64_t k = 0; k < pieces && k < TRIED; k++)
        cancel_at(s, &data, true, pick(pieces, k), pieces);
}
