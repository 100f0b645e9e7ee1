// host.h - the services of rk_host for one model, in the process that runs it.
#ifndef RECKON_MODEL_HOST_H
#define RECKON_MODEL_HOST_H

#include <stdatomic.h>

#include "core/pool.h"
#include "reckon.h"

struct host {
    rk_host api;       // api.self points back here
    struct pool *pool; // borrowed; NULL: one thread
    uint64_t key;      // of random numbers: random_key(seed, RANDOM_TRIAL, ...)
    const char *label; // for log lines; borrowed
    // Optional; called in the thread of the plugin that called, on_log by several at once.
    bool (*on_progress)(void *arg, uint32_t done, uint32_t total, double objective);
    void (*on_record)(void *arg, const char *series, double x, double y);
    void (*on_log)(void *arg, rk_log_level level, const char *line); // NULL: to the log
    void *arg;
    // The plugin's own message. The first one counts; of those from one parallel_for, that of the
    // lowest piece, so that it does not depend on threads.
    char failure[1024];
    atomic_int failed;     // status of the call that failed last
    uint64_t failure_loop; // internal from here on
    size_t failure_piece;
    uint64_t loop;
    atomic_flag lock;
    atomic_bool cancelled;
};

// The struct must stay where it is, as api.self points to it.
void host_init(struct host *h, struct pool *pool, uint64_t key);

// From any thread or a signal handler: progress gives false and parallel_for RK_CANCELLED from now
// on. The same once on_progress gave false.
void host_cancel(struct host *h);
bool host_is_cancelled(const struct host *h);

rk_status host_failed_with(const struct host *h);

// Forgets an earlier message, before another call into the plugin.
void host_clear_failure(struct host *h);

// Reads the message, from any thread.
void host_copy_failure(struct host *h, char out[1024]);

#endif
