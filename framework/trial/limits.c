#include "trial/limits.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/cgroup.h"

// "max" is no bound.
static uint64_t read_bytes(const char *line) {
    return strtoull(line, NULL, 10);
}

double limits_share(uint32_t jobs) {
    static double bytes; // read once
    if (bytes <= 0) {
        bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
        const double granted = (double)cgroup_least("memory.max", read_bytes);
        if (granted > 0 && granted < bytes) bytes = granted;
    }
    return 0.9 * bytes / jobs / (1 << 20);
}

struct limits limits_of(const struct plan *plan) {
    struct limits out = plan->limits;
    if (out.mib <= 0) out.mib = limits_share(plan->jobs);
    return out;
}
