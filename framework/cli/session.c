#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/outcome.h"
#include "core/log.h"
#include "report/files.h"
#include "trial/store_read.h"

// Reading and building folds happens in forked processes, which must leave the store alone: what
// they warn of comes through a socket, like what this one does. A warning for which it has no room
// is shown, but not kept.
enum { MOST_WARNING = 4096 };
static int warned = -1;

static void hear(const char *warning) {
    char text[MOST_WARNING];
    snprintf(text, sizeof text, "%s", warning);
    if (send(warned, text, strlen(text), MSG_NOSIGNAL) < 0) return;
}

static bool hear_warnings(struct session *s, struct error *e) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s->warnings) != 0)
        return error_set(e, "no socket is to be had for warnings: %s", strerror(errno));
    warned = s->warnings[1];
    log_set_listener(hear);
    return true;
}

// The configuration, and which part of the run this is: `reckon merge` looks for that.
static char *describe(const struct experiment *x) {
    char *text = outcome_text(x), *both = NULL;
    const struct shard *shard = &x->plan.shard;
    if (!text || shard->count < 2) return text;
    if (asprintf(&both, "%s" SESSION_SHARD "%u/%u\n", text, shard->index + 1, shard->count) < 0)
        both = NULL;
    free(text);
    return both;
}

// "38 of 60 trials are in the store already", if the run was begun before.
static void tell_begun(struct session *s) {
    struct arena arena = {0};
    const struct store_run_row *rows;
    size_t n = 0;
    if (store_runs(s->store, &arena, &rows, &n, NULL) && n > 0 && rows[n - 1].run.id == s->run) {
        const size_t done = rows[n - 1].outer + rows[n - 1].inner;
        const size_t of = rows[n - 1].run.foreseen;
        if (done && of >= done)
            log_info("going on with run %lld: %zu of %zu trials are in the store already",
                (long long)s->run, done, of);
    }
    arena_done(&arena);
}

bool session_begin(
    struct session *s, const struct experiment *x, const char *folder, struct error *e) {
    *s = (struct session){.warnings = {-1, -1}};
    if (!store_open(&s->store, folder, STORE_WRITE, e)) return false;
    char *text = describe(x);
    const struct store_run run = {.name = x->plan.name,
        .experiment = text ? text : "",
        .plan_hash = x->plan_hash,
        .version = RECKON_VERSION};
    const bool ok = store_begin_run(s->store, &run, &s->run, e) && hear_warnings(s, e);
    free(text);
    if (ok) tell_begun(s);
    return ok;
}

bool session_tend(struct session *s, struct error *e) {
    char text[MOST_WARNING];
    ssize_t n;
    while ((n = recv(s->warnings[0], text, sizeof text - 1, 0)) > 0) {
        text[n] = '\0';
        if (!store_warn(s->store, text, e)) return false;
    }
    return true;
}

bool session_end(struct session *s, const struct results *r, const char *state, struct error *e) {
    char *provenance = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&provenance, &n);
    bool ok = out || error_memory(e, n, "provenance");
    if (ok) ok = files_write_provenance(r, out, e);
    if (out) fclose(out);
    ok = ok && session_tend(s, e) && store_end_run(s->store, state, provenance, e);
    free(provenance);
    return ok;
}

void session_close(struct session *s) {
    log_set_listener(NULL);
    if (s->store) store_close(s->store);
    for (int k = 0; s->store && k < 2; k++)
        if (s->warnings[k] >= 0) close(s->warnings[k]);
    *s = (struct session){0};
}
