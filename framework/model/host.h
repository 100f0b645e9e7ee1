// host.h - the services of rk_host for one model, in the process that runs it.
#ifndef RECKON_MODEL_HOST_H
#define RECKON_MODEL_HOST_H

#include "core/pool.h"
#include "reckon.h"

struct host {
    rk_host api;       // api.self points back here
    struct pool *pool; // borrowed; NULL: one thread
    uint64_t key;      // of random numbers: random_key(seed, RANDOM_TRIAL, ...)
    const char *label; // for log lines; borrowed
    // Optional; called in the thread of the plugin that called.
    bool (*on_progress)(void *arg, uint32_t done, uint32_t total, double objective);
    void (*on_record)(void *arg, const char *series, double x, double y);
    void (*on_log)(void *arg, rk_log_level level, const char *line); // NULL: to the log
    void *arg;
    char failure[1024]; // the plugin's own message; the first one counts
};

void host_init(struct host *h, struct pool *pool, uint64_t key);

#endif
