// Limits of a running trial, and asking it to stop.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trial/guard.h"
#include "trial/running_parts.h"

// Seconds: for a trial to stop when asked to, for its process to say where it is or to end after it
// told of a crash, and for its worker to say that it has ended.
static const double stop_grace = 1, place_grace = 0.5, crash_grace = 5, worker_grace = 5;

// The process as the harness knows it, even where it is another one's namespace; 0: gone.
static long process_number(const struct running *r) {
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", r->process);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    long number = 0;
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "Pid:", 4) == 0) number = strtol(line + 4, NULL, 10);
    fclose(f);
    return number > 0 ? number : 0;
}

// Resident bytes of the trial's process; 0 if they can't be read.
static double resident_bytes(const struct running *r) {
    const long number = process_number(r);
    if (!number) return 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/statm", number);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    unsigned long long pages = 0;
    if (fscanf(f, "%*u %llu", &pages) != 1) pages = 0;
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

// What the harness maps into the trial after its start is none of its growth.
static double handed_bytes(const struct running *r) {
    const double pairs = 16.0 * (double)r->fold->test.n;
    return pairs + (double)r->fold->train.image.size +
           (double)asked_words(&r->room) * sizeof(float);
}

// Ten times a second at most. Private memory is bounded in the trial itself; this finds what is
// shared, as memory files are.
static bool is_past_memory(struct running *r, const struct limits *limits, double now) {
    if (r->process < 0 || r->resident == 0 || now - r->looked < 0.1) return false;
    r->looked = now;
    const double mib = limits->mib > 0 ? limits->mib : r->share;
    return resident_bytes(r) > (double)r->resident + handed_bytes(r) + mib * (1 << 20);
}

static void end_over(struct running *r, enum over over, const struct limits *limits, double now) {
    r->over = over;
    r->limits = *limits;
    r->over_since = now;
    r->has_place = false;
    running_signal(r, GUARD_WHERE);
    if (over == OVER_SECONDS) running_signal(r, GUARD_CANCEL);
}

static bool has_had_its_time(const struct running *r, double now) {
    const double since = now - r->over_since;
    if (r->over == OVER_MIB) return r->has_place || since > place_grace;
    return r->over == OVER_SECONDS && since > stop_grace;
}

void running_watch(struct running *r, const struct limits *limits) {
    if (!r->record) return;
    const double now = running_now();
    r->limits = *limits;
    if (r->killed > 0) { // its worker ought to say so
        if (now - r->killed > worker_grace) worker_kill(&r->worker);
    } else if (r->crash) {
        if (now - r->crash_told > crash_grace) running_signal(r, SIGKILL);
    } else if (r->over != OVER_NOTHING) {
        if (has_had_its_time(r, now)) running_signal(r, SIGKILL);
    } else if (limits->seconds > 0 && now - r->began > limits->seconds) {
        end_over(r, OVER_SECONDS, limits, now);
    } else if (is_past_memory(r, limits, now)) {
        end_over(r, OVER_MIB, limits, now);
    }
}

void running_cancel(struct running *r) {
    if (!r->record || r->cancelled > 0) return;
    r->cancelled = running_now();
    running_signal(r, GUARD_CANCEL);
}
