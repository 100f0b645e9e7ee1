#include "trial/guard.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "trial/output.h"

// ---- Worker ------------------------------------------------------------------------------------

void guard_worker(void) {
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, GUARD_CANCEL);
    sigaddset(&own, GUARD_WHERE);
    sigprocmask(SIG_BLOCK, &own, NULL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

// ---- Limits ------------------------------------------------------------------------------------

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { BOUNDS_MEMORY = 0 }; // a sanitizer's shadow is larger than any limit
#else
enum { BOUNDS_MEMORY = 1 };
#endif

// Private writable memory of this process, mapped or not yet touched: what RLIMIT_DATA bounds.
static uint64_t data_bytes(void) {
    FILE *f = fopen("/proc/self/status", "re");
    if (!f) return 0;
    char line[256];
    unsigned long long kib = 0;
    while (!kib && fgets(line, sizeof line, f))
        if (strncmp(line, "VmData:", 7) == 0) kib = strtoull(line + 7, NULL, 10);
    fclose(f);
    return kib * 1024;
}

static void bound(double bytes, bool final) {
    struct rlimit limit;
    if (!BOUNDS_MEMORY || getrlimit(RLIMIT_DATA, &limit) != 0) return;
    const rlim_t most = bytes < 1e18 ? (rlim_t)bytes : RLIM_INFINITY;
    if (most < limit.rlim_max) limit.rlim_cur = most;
    if (final) limit.rlim_max = limit.rlim_cur;
    setrlimit(RLIMIT_DATA, &limit);
}

void guard_trial(int nice, double mib) {
    if (nice) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + nice);
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_max > OUTPUT_MOST) {
        limit.rlim_cur = limit.rlim_max = OUTPUT_MOST;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    limit = (struct rlimit){0};
    setrlimit(RLIMIT_CORE, &limit);
    bound((double)data_bytes() + mib * (1 << 20), false);
}

void guard_memory(double mib, uint32_t threads) {
    struct rlimit stack;
    double stacks = 0;
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
        stacks = (double)stack.rlim_cur * threads;
    bound((double)data_bytes() + stacks + mib * (1 << 20), true);
}

// ---- Cancelling --------------------------------------------------------------------------------

static _Atomic(struct host *) heeding;

static void on_cancel(int number) {
    (void)number;
    struct host *host = atomic_load(&heeding);
    if (host) host_cancel(host);
}

void guard_heed_cancel(struct host *host) {
    atomic_store(&heeding, host);
    const struct sigaction action = {.sa_handler = on_cancel, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigaction(GUARD_CANCEL, &action, NULL);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, GUARD_CANCEL);
    sigprocmask(SIG_UNBLOCK, &own, NULL);
}
