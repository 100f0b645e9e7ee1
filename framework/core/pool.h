// pool.h - the threads behind rk_host.parallel_for.
#ifndef RECKON_CORE_POOL_H
#define RECKON_CORE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "reckon.h"

struct pool;

// Called in each thread that a pool starts from now on, before anything else; NULL: nothing is.
void pool_on_thread(void (*hook)(void));

// `n_threads` in all, the caller's among them (1: no thread is started). The others start with the
// first loop that has work for them; where they can't be had, as many as can do it. NULL and an
// error if memory ran out. A process that will fork must have freed its pools first.
struct pool *pool_new(uint32_t n_threads, struct error *e);
void pool_free(struct pool *p);

uint32_t pool_threads(const struct pool *p);

// As rk_host.parallel_for: pieces of `grain` indices (0 counts as 1) whatever the number of
// threads, handed out in ascending order; gives the lowest failing piece's status, and starts no
// piece after one that failed. From one thread at a time; RK_E_PARAM at once from inside a body.
// A NULL pool runs in the caller's thread.
rk_status pool_run(struct pool *p, size_t n, size_t grain, rk_body *body, void *arg);

// From any thread or a signal handler: pool_run() stops between pieces and gives RK_CANCELLED.
void pool_cancel(struct pool *p);
bool pool_is_cancelled(const struct pool *p);

// CPUs this process may use (affinity and cgroup quota counted), at least 1.
uint32_t pool_cpus(void);

// CPUs that a cgroup's cpu.max ("150000 100000", "max 100000") grants, rounded up; 0: no bound.
uint32_t pool_quota(const char *cpu_max);

#endif
