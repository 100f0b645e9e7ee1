// Asked to stop at any step, a model stops soon, says so, and can be destroyed; and it has steps to
// stop at for whatever may be asked of it.
#include <stdlib.h>
#include <string.h>

#include "check/checks.h"
#include "check/variants.h"
#include "model/model.h"

enum {
    TRIED = 12,          // calls of progress, and pieces, at which a fit is asked to stop
    TRIED_VARIANT = 4,   // the same, by other choices than the default's
    TRIED_SANITIZED = 2, // the same with sanitizers, where a fit takes ten times as long
    SOON = 4             // calls of progress and parallel_for that may still come
};

// What is told of the times, none of which is judged.
struct times {
    size_t n;       // of stops
    double slowest; // seconds from being asked to the end of the fit
    const char *where;
    uint64_t at, of;
    // Of the fit that nobody stops: seconds of the longest way between two of its steps.
    double longest;
    uint64_t longest_step, n_steps;
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

static void begin(
    struct run *r, const struct subject *s, const struct planted *data, const struct variant *v) {
    run_init(r, s, data);
    if (v) variant_apply(r, v);
}

static void cancel_at(struct run *r, bool at_piece, uint64_t at, uint64_t of, struct times *t) {
    const char *where = at_piece ? "piece" : "call of progress";
    if (at_piece)
        r->guard.cancel_piece = at;
    else
        r->guard.cancel_progress = at;
    if (run_create(r) != RK_OK) run_fail(r, "create failed");
    const rk_status status = run_fit(r);
    const double took = guard_seconds() - r->guard.cancelled_at;
    // What create() ran through is not a fit to be cancelled.
    if (!host_is_cancelled(&r->guard.host)) return;
    judge(r, status, where, at, of);
    if (t->n++ == 0 || took > t->slowest) {
        t->slowest = took;
        t->where = where;
        t->at = at;
        t->of = of;
    }
}

// Up to `tried` of 1 .. n, first and last among them.
static uint64_t pick(uint64_t n, uint64_t k, uint64_t tried) {
    return n <= tried ? k + 1 : 1 + k * (n - 1) / (tried - 1);
}

// The fit as it is when nobody stops it, and then stopped.
static bool cancel_each(const struct subject *s, const struct planted *data,
    const struct variant *v, uint64_t tried, struct times *t) {
    struct run r;
    begin(&r, s, data, v);
    if (!v) {
        run_must_fit(&r);
    } else if (run_create(&r) != RK_OK || run_fit(&r) != RK_OK) {
        run_done(&r);
        return false; // this choice does not go with the data
    }
    guard_step(&r.guard);
    if (!v) {
        t->longest = r.guard.longest;
        t->longest_step = r.guard.longest_step;
        t->n_steps = r.guard.n_steps;
    }
    const uint64_t n[2] = {r.guard.n_progress, atomic_load(&r.guard.n_pieces)};
    run_done(&r);
    for (int piece = 0; piece < 2; piece++)
        for (uint64_t k = 0; k < n[piece] && k < tried; k++) {
            begin(&r, s, data, v);
            cancel_at(&r, piece, pick(n[piece], k, tried), n[piece], t);
            run_done(&r);
        }
    return n[0] || n[1];
}

// ---- More of it has more steps -----------------------------------------------------------------

// A resource that can be asked for in the thousands must have steps in proportion: LESS and MORE of
// it, without a validation slice to stop early by.
enum { LESS = 2, MORE = 8, THOUSANDS = 1000 };

static uint64_t steps_of(struct run *r, const struct variant *v, float *out) {
    const struct subject *s = r->subject;
    const struct planted *data = r->data;
    begin(r, s, data, v);
    uint64_t steps = 0;
    if (run_create(r) == RK_OK && run_fit(r) == RK_OK) {
        steps = r->guard.n_progress + atomic_load(&r->guard.n_pieces);
        run_must_predict(r, data->ask, out);
    }
    run_destroy(r);
    return steps;
}

static void judge_resource(const struct subject *s, const struct planted *data, uint32_t k) {
    const struct schema_param *p = &s->schema.params[k];
    const double less = p->min > LESS ? p->min : LESS, more = less * MORE / LESS;
    if (p->role != RK_RESOURCE || p->type == RK_TYPE_INTS || p->max < THOUSANDS || more > p->max)
        return;
    const size_t n = data->ask->n;
    float *a = run_alloc(n, sizeof *a), *b = run_alloc(n, sizeof *b);
    struct run r = {.subject = s, .data = data};
    const struct variant few = variant_of(s, k, (struct param_value){.number = less}, LESS);
    const struct variant many = variant_of(s, k, (struct param_value){.number = more}, LESS);
    const uint64_t before = steps_of(&r, &few, a), after = steps_of(&r, &many, b);
    if (before && after && after <= before && memcmp(a, b, n * sizeof *a) != 0)
        run_fail(&r,
            "fits with %s of %g and of %g give other answers, but have %llu and %llu steps to be "
            "stopped at; expected are more for more",
            p->name, less, more, (unsigned long long)before, (unsigned long long)after);
    free(a);
    free(b);
}

void check_cancel(const struct subject *s) {
    struct planted data, small, no_valid;
    struct times t = {0};
    run_data(&data, PLANTED_FULL, s);
    if (!cancel_each(s, &data, NULL, TRIED, &t))
        child_skip("its fit calls neither progress nor parallel_for: there is no step to stop at");
    size_t n;
    const struct variant *all = variants_choices(s, &n);
    run_data(&small, PLANTED_SMALL, s);
    const uint64_t tried = child_is_sanitized() ? TRIED_SANITIZED : TRIED_VARIANT;
    for (size_t k = 0; k < n; k++) cancel_each(s, &small, &all[k], tried, &t);
    run_data(&no_valid, PLANTED_NO_VALID, s);
    for (uint32_t k = 0; k < s->schema.n_params; k++) judge_resource(s, &no_valid, k);
    if (t.n)
        child_note(
            "stopped %.3f ms after being asked at the slowest of %zu places, %s %llu of %llu; "
            "the longest way from one step to the next took %.3f ms, to step %llu of %llu",
            1e3 * t.slowest, t.n, t.where, (unsigned long long)t.at, (unsigned long long)t.of,
            1e3 * t.longest, (unsigned long long)t.longest_step, (unsigned long long)t.n_steps);
}
