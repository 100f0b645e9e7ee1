// How a trial ended, and what its record says of it.
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "trial/apart.h"
#include "trial/job.h"
#include "trial/output.h"
#include "trial/running_parts.h"
#include "trial/symbols.h"

enum { MOST_AGAIN = 2 }; // times that a trial which was killed from outside is begun again

static void fail(
    struct running *r, struct results *results, enum failure failure, const char *cause) {
    struct trial_record *t = r->record;
    t->failed = true;
    t->failure = failure;
    t->cause = arena_text(&results->arena, cause);
    t->log = output_text(r->output, &results->arena);
}

// ", in als_solve (als.c:120)", or "".
static void describe_place(const struct running *r, char *out, size_t size) {
    char name[512];
    out[0] = '\0';
    if (r->has_place && symbols_describe(r->plugin, r->place, name, sizeof name))
        snprintf(out, size, ", in %s", name);
}

static void fail_limit(struct running *r, struct results *results) {
    char place[600], limit[128], cause[1024];
    if (r->over == OVER_SECONDS)
        snprintf(limit, sizeof limit, "limits.seconds = %.15g", r->limits.seconds);
    else if (r->limits.mib > 0)
        snprintf(limit, sizeof limit, "limits.mib = %.15g", r->limits.mib);
    else
        snprintf(limit, sizeof limit, "limits.mib, here %.0f by default,", floor(r->share));
    describe_place(r, place, sizeof place);
    snprintf(cause, sizeof cause, "%s was exceeded in %s%s", limit, r->phase, place);
    fail(r, results, FAILURE_LIMIT, cause);
}

// The plugin's own word. That memory ran out may be the limit's doing.
static void fail_refused(struct running *r, struct results *results) {
    char line[256], cause[3072], limit[128] = "";
    apart_first_line(r->output, line, sizeof line);
    if (r->out_of_memory && r->limits.mib > 0)
        snprintf(
            limit, sizeof limit, "; limits.mib = %.15g bounds what it may take", r->limits.mib);
    else if (r->out_of_memory)
        snprintf(limit, sizeof limit, "; it may take %.0f MiB here, as limits.mib is not set",
            floor(r->share));
    snprintf(cause, sizeof cause, "%s%s%s%s", r->failure.text, limit,
        line[0] ? "; it printed: " : "", line);
    fail(r, results, r->out_of_memory ? FAILURE_LIMIT : FAILURE_REFUSED, cause);
}

static void fail_crashed(struct running *r, struct results *results, int status) {
    if (r->crash) status = r->crash; // as a wait status it is that signal's
    char end[128], place[600], line[256], cause[2048];
    apart_describe_end(status, end, sizeof end);
    if (WIFEXITED(status) && WEXITSTATUS(status) == JOB_CUT_OFF)
        snprintf(end, sizeof end, "its socket to the harness closed");
    describe_place(r, place, sizeof place);
    apart_first_line(r->output, line, sizeof line);
    snprintf(cause, sizeof cause, "%s in %s with %s%s%s%s",
        WIFSIGNALED(status) ? "crashed" : "ended the process", r->phase, end, place,
        line[0] ? "; it printed: " : "", line);
    fail(r, results, FAILURE_CRASHED, cause);
}

// As if it had never begun.
static void forget(struct trial_record *t) {
    free(t->curve);
    t->curve = NULL;
    t->n_curve = 0;
    t->cost = (struct trial_cost){0};
}

// Killed by neither the harness nor a limit. False: it is to be begun again.
static bool lose(struct running *r, struct results *results, const char *what) {
    struct trial_record *t = r->record;
    if (t->attempts < MOST_AGAIN) {
        t->attempts++;
        forget(t);
        return false;
    }
    char cause[256];
    snprintf(cause, sizeof cause,
        "%s in %s, %d times: by the plugin itself, by a user, or as the machine's memory ran out",
        what, r->phase, MOST_AGAIN + 1);
    fail(r, results, FAILURE_LOST, cause);
    return true;
}

bool running_end(struct running *r, struct results *results, bool *again) {
    *again = false;
    static unsigned char buffer[CHANNEL_BYTES];
    struct bytes packet;
    int fds[CHANNEL_FDS], status = 0;
    const bool told = channel_receive(r->worker.control, buffer, &packet, fds) &&
                      bytes_get_u32(&packet) == MESSAGE_ENDED;
    if (told) status = (int)bytes_get_u32(&packet);
    // Nothing writes answers or messages once they are looked at: the worker has ended all that the
    // trial started, or all of it is ended here.
    if (!told) worker_stop(&r->worker);
    running_hear_rest(r, results); // sent before the end
    if (r->finished) return true;
    if (r->cancelled > 0) {
        forget(r->record);
        return false;
    }
    if (r->over != OVER_NOTHING) {
        fail_limit(r, results);
    } else if (r->failure.text[0]) {
        fail_refused(r, results);
    } else if (r->crash) {
        fail_crashed(r, results, status);
    } else if (!told) {
        *again = !lose(r, results, "its worker process was killed");
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        *again = !lose(r, results, "it was killed");
    } else {
        fail_crashed(r, results, status);
    }
    return !*again;
}
