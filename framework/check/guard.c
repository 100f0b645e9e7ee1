#include "check/guard.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "check/memory.h"

static _Thread_local enum guard_call current;
static _Thread_local char thread_mark; // its address tells threads apart

static struct guard *guard_of(const rk_host *api) {
    return api->self;
}

static void violate(struct guard *g, const char *fmt, ...) RK_PRINTF(2, 3);
static void violate(struct guard *g, const char *fmt, ...) {
    while (atomic_flag_test_and_set(&g->lock)) {
    }
    va_list args;
    va_start(args, fmt);
    if (!g->violation[0]) vsnprintf(g->violation, sizeof g->violation, fmt, args);
    va_end(args);
    atomic_flag_clear(&g->lock);
}

double guard_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void guard_step(struct guard *g) {
    const double now = guard_seconds();
    g->n_steps++;
    if (g->n_steps > 1 && now - g->step_at > g->longest) {
        g->longest = now - g->step_at;
        g->longest_step = g->n_steps;
    }
    g->step_at = now;
}

static void cancel(struct guard *g) {
    g->cancelled_at = guard_seconds();
    host_cancel(&g->host);
}

// The services marked [owner].
static void judge_owner(struct guard *g, const char *service) {
    if (current == GUARD_BODY)
        violate(g, "calls %s in a body of parallel_for, where several threads may be", service);
    else if (current == GUARD_SHARED)
        violate(g, "calls %s in predict or save, where several threads may be", service);
    else if (current == GUARD_OUTSIDE || g->owner != &thread_mark)
        violate(g, "calls %s in a thread that is not the one which the harness called in", service);
}

// The services marked [shared].
static void judge_shared(struct guard *g, const char *service) {
    if (current == GUARD_OUTSIDE) violate(g, "calls %s in a thread of its own", service);
}

static void guard_log(const rk_host *api, rk_log_level level, const char *fmt, ...) RK_PRINTF(3, 4);
static void guard_log(const rk_host *api, rk_log_level level, const char *fmt, ...) {
    struct guard *g = guard_of(api);
    const bool before = memory_enter(false);
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    judge_shared(g, "log");
    if (level < RK_LOG_DEBUG || level > RK_LOG_WARNING)
        violate(g, "logs with the unknown level %d", level);
    g->plain.log(&g->plain, level, "%s", line);
    memory_enter(before);
}

static rk_status guard_fail(const rk_host *api, rk_status status, const char *fmt, ...)
    RK_PRINTF(3, 4);
static rk_status guard_fail(const rk_host *api, rk_status status, const char *fmt, ...) {
    struct guard *g = guard_of(api);
    const bool before = memory_enter(false);
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    judge_shared(g, "fail");
    g->plain.fail(&g->plain, status, "%s", line);
    memory_enter(before);
    return status;
}

static bool guard_progress(const rk_host *api, uint32_t done, uint32_t total, double objective) {
    struct guard *g = guard_of(api);
    const bool before = memory_enter(false);
    judge_owner(g, "progress");
    if (done > total) violate(g, "calls progress with %u done of %u", done, total);
    if (host_is_cancelled(&g->host)) atomic_fetch_add(&g->n_after, 1);
    if (++g->n_progress == g->cancel_progress) cancel(g);
    if (!g->host.pool) guard_step(g);
    if (g->on_progress) g->on_progress(g);
    const bool go_on = g->plain.progress(&g->plain, done, total, objective);
    memory_enter(before);
    return go_on;
}

static void guard_record(const rk_host *api, const char *series, double x, double y) {
    struct guard *g = guard_of(api);
    const bool before = memory_enter(false);
    judge_owner(g, "record");
    if (!series || !*series) violate(g, "calls record without the name of a series");
    g->plain.record(&g->plain, series, x, y);
    memory_enter(before);
}

static void guard_uniform(const rk_host *api, uint64_t stream, float *out, size_t n) {
    struct guard *g = guard_of(api);
    judge_shared(g, "uniform");
    g->plain.uniform(&g->plain, stream, out, n);
}

static void guard_normal(const rk_host *api, uint64_t stream, float *out, size_t n) {
    struct guard *g = guard_of(api);
    judge_shared(g, "normal");
    g->plain.normal(&g->plain, stream, out, n);
}

static void guard_shuffle(const rk_host *api, uint64_t stream, uint32_t *at, size_t n) {
    struct guard *g = guard_of(api);
    judge_shared(g, "shuffle");
    g->plain.shuffle(&g->plain, stream, at, n);
}

struct loop {
    struct guard *guard;
    rk_body *body;
    void *arg;
};

static rk_status guard_body(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct loop *loop = arg;
    struct guard *g = loop->guard;
    if (!g->host.pool) guard_step(g);
    if (atomic_fetch_add(&g->n_pieces, 1) + 1 == g->cancel_piece) {
        cancel(g);
        return RK_CANCELLED;
    }
    const enum guard_call call = current;
    const bool before = memory_enter(true);
    current = GUARD_BODY;
    const rk_status status = loop->body(loop->arg, worker, begin, end);
    current = call;
    memory_enter(before);
    return status;
}

static rk_status run_in_line(struct loop *loop, size_t n, size_t grain) {
    rk_status status = RK_OK;
    for (size_t begin = 0, end; status == RK_OK && begin < n; begin = end) {
        end = grain && n - begin > grain ? begin + grain : grain ? n : begin + 1;
        status = guard_body(loop, 0, begin, end);
    }
    return status;
}

static rk_status guard_parallel_for(
    const rk_host *api, size_t n, size_t grain, rk_body *body, void *arg) {
    struct guard *g = guard_of(api);
    const bool before = memory_enter(false);
    judge_owner(g, "parallel_for");
    if (host_is_cancelled(&g->host)) atomic_fetch_add(&g->n_after, 1);
    g->n_loops++;
    struct loop loop = {g, body, arg};
    const rk_status status = g->in_line
                                 ? run_in_line(&loop, n, grain)
                                 : g->plain.parallel_for(&g->plain, n, grain, guard_body, &loop);
    memory_enter(before);
    return status;
}

static void drop_log(void *arg, rk_log_level level, const char *line) {
    (void)arg, (void)level, (void)line;
}

void guard_init(struct guard *g, struct pool *pool, uint64_t key) {
    *g = (struct guard){.lock = ATOMIC_FLAG_INIT};
    host_init(&g->host, pool, key);
    g->host.on_log = drop_log;
    g->plain = g->host.api;
    rk_host *api = &g->host.api;
    api->size += 64; // as a later minor version would be
    api->log = guard_log;
    api->fail = guard_fail;
    api->progress = guard_progress;
    api->record = guard_record;
    api->uniform = guard_uniform;
    api->normal = guard_normal;
    api->shuffle = guard_shuffle;
    api->parallel_for = guard_parallel_for;
}

enum guard_call guard_enter(struct guard *g, enum guard_call call) {
    const enum guard_call before = current;
    if (call == GUARD_OWNER) g->owner = &thread_mark;
    current = call;
    memory_enter(true);
    return before;
}

void guard_leave(struct guard *g, enum guard_call before) {
    if (current == GUARD_OWNER) g->owner = NULL;
    current = before;
    memory_enter(before != GUARD_OUTSIDE);
}
