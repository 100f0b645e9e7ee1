#include "model/host.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/random.h"

// Where in a parallel_for this thread is; 0 outside.
static _Thread_local size_t current_piece;

static struct host *host_of(const rk_host *api) {
    return api->self;
}

static void lock(struct host *h) {
    while (atomic_flag_test_and_set_explicit(&h->lock, memory_order_acquire)) {
    }
}

static void unlock(struct host *h) {
    atomic_flag_clear_explicit(&h->lock, memory_order_release);
}

// Cuts the end off, and makes one line of what a plugin wrote.
static void print_line(char *out, size_t size, const char *fmt, va_list args) {
    if (vsnprintf(out, size, fmt, args) < 0) out[0] = '\0';
    size_t n = strlen(out);
    while (n > 0 && isspace((unsigned char)out[n - 1])) out[--n] = '\0';
    for (char *c = out; *c; c++)
        if (iscntrl((unsigned char)*c)) *c = ' ';
}

static void host_log(const rk_host *api, rk_log_level level, const char *fmt, ...) RK_PRINTF(3, 4);
static void host_log(const rk_host *api, rk_log_level level, const char *fmt, ...) {
    const struct host *h = host_of(api);
    char line[2048];
    va_list args;
    va_start(args, fmt);
    print_line(line, sizeof line, fmt, args);
    va_end(args);
    if (h->on_log)
        h->on_log(h->arg, level, line);
    else
        log_line(level, "%s%s%s", h->label ? h->label : "", h->label ? ": " : "", line);
}

static rk_status host_fail(const rk_host *api, rk_status status, const char *fmt, ...)
    RK_PRINTF(3, 4);
static rk_status host_fail(const rk_host *api, rk_status status, const char *fmt, ...) {
    struct host *h = host_of(api);
    char line[sizeof h->failure];
    va_list args;
    va_start(args, fmt);
    print_line(line, sizeof line, fmt, args);
    va_end(args);
    lock(h);
    const bool lower = h->failure_loop == h->loop && current_piece < h->failure_piece;
    if (!h->failure[0] || lower) {
        memcpy(h->failure, line, sizeof line);
        h->failure_loop = h->loop;
        h->failure_piece = current_piece;
    }
    unlock(h);
    return status;
}

static bool host_progress(const rk_host *api, uint32_t done, uint32_t total, double objective) {
    struct host *h = host_of(api);
    if (host_is_cancelled(h)) return false;
    if (h->on_progress && !h->on_progress(h->arg, done, total, objective)) host_cancel(h);
    return !host_is_cancelled(h);
}

static void host_record(const rk_host *api, const char *series, double x, double y) {
    const struct host *h = host_of(api);
    if (h->on_record) h->on_record(h->arg, series, x, y);
}

static void host_uniform(const rk_host *api, uint64_t stream, float *out, size_t n) {
    random_uniform(host_of(api)->key, stream, out, n);
}

static void host_normal(const rk_host *api, uint64_t stream, float *out, size_t n) {
    random_normal(host_of(api)->key, stream, out, n);
}

static void host_shuffle(const rk_host *api, uint64_t stream, uint32_t *at, size_t n) {
    random_shuffle(host_of(api)->key, stream, at, n);
}

struct loop {
    struct host *host;
    rk_body *body;
    void *arg;
};

static rk_status run_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct loop *loop = arg;
    if (host_is_cancelled(loop->host)) return RK_CANCELLED;
    current_piece = begin;
    const rk_status status = loop->body(loop->arg, worker, begin, end);
    current_piece = 0;
    return status;
}

static rk_status host_parallel_for(
    const rk_host *api, size_t n, size_t grain, rk_body *body, void *arg) {
    struct host *h = host_of(api);
    if (host_is_cancelled(h)) return RK_CANCELLED;
    h->loop++; // pool_run() orders this before the bodies
    struct loop loop = {h, body, arg};
    const rk_status status = pool_run(h->pool, n, grain, run_piece, &loop);
    h->loop++;
    return status;
}

void host_init(struct host *h, struct pool *pool, uint64_t key) {
    *h = (struct host){
        .api = {.size = sizeof(rk_host),
            .n_threads = pool ? pool_threads(pool) : 1,
            .self = h,
            .log = host_log,
            .fail = host_fail,
            .progress = host_progress,
            .record = host_record,
            .uniform = host_uniform,
            .normal = host_normal,
            .shuffle = host_shuffle,
            .parallel_for = host_parallel_for},
        .pool = pool,
        .key = key,
        .lock = ATOMIC_FLAG_INIT,
    };
}

void host_cancel(struct host *h) {
    atomic_store(&h->cancelled, true);
}

bool host_is_cancelled(const struct host *h) {
    return atomic_load(&h->cancelled) || (h->pool && pool_is_cancelled(h->pool));
}

rk_status host_failed_with(const struct host *h) {
    return (rk_status)atomic_load(&h->failed);
}

void host_clear_failure(struct host *h) {
    lock(h);
    h->failure[0] = '\0';
    unlock(h);
}

void host_copy_failure(struct host *h, char out[1024]) {
    lock(h);
    memcpy(out, h->failure, sizeof h->failure);
    unlock(h);
}
