// Plugins that are asked what they are, and what their models will take.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trial/apart.h"
#include "trial/job.h"
#include "trial/worker.h"

static double patience = 20;

void worker_set_patience(double seconds) {
    patience = seconds;
}

// True: the reply is there to be read. False: the process has ended without one, though what it
// started may still hold the socket's other end; or (*late) it takes too long.
static bool wait_for_reply(const struct inquiry *q, bool *late) {
    struct pollfd p[] = {
        {.fd = q->socket, .events = POLLIN}, {.fd = q->worker.control, .events = POLLIN}};
    int ready;
    do { // a signal begins the wait anew
        ready = poll(p, 2, (int)(1000 * patience));
    } while (ready < 0 && errno == EINTR);
    *late = ready == 0;
    return poll(p, 1, 0) == 1; // sent before the end, which may have been seen first
}

// What is said of a plugin that gave no reply.
struct manners {
    const char *doing;  // "loading it"
    const char *should; // "a plugin must ..."
};
static const struct manners on_loading = {"loading it",
    "a plugin must do nothing before rk_plugin_entry() is called, and nothing but "
    "give its table then"};
static const struct manners on_memory = {"asking it for its memory",
    "the function bytes of " RK_EXT_MEMORY " must do nothing but reckon"};

// Reads the reply as far as u32 1, or the worker's word on how the process ended. *lost: worker or
// process was killed, which a plugin hardly does to itself.
static bool hear(struct inquiry *q, const struct manners *m, unsigned char *buffer,
    struct bytes *packet, bool *lost, struct error *e) {
    int fds[CHANNEL_FDS];
    bool late;
    if (wait_for_reply(q, &late) && channel_receive(q->socket, buffer, packet, fds) &&
        bytes_get_u32(packet) == MESSAGE_REPLY) {
        if (bytes_get_u32(packet)) return true;
        const char *text = bytes_get_text(packet);
        return error_set(e, "%s", text ? text : q->path);
    }
    if (late)
        return error_set(
            e, "%s: %s did not end within %.15g s; %s", q->path, m->doing, patience, m->should);
    char end[128] = "no status", line[256];
    *lost = true;
    if (channel_receive(q->worker.control, buffer, packet, fds) &&
        bytes_get_u32(packet) == MESSAGE_ENDED) {
        const int status = (int)bytes_get_u32(packet);
        *lost = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        apart_describe_end(status, end, sizeof end);
    }
    apart_first_line(q->output, line, sizeof line);
    return error_set(e, "%s: %s ended the process with %s%s%s; %s", q->path, m->doing, end,
        line[0] ? "; it printed: " : "", line, m->should);
}

static bool begin(
    struct inquiry *q, enum message kind, const char *path, bool *lost, struct error *e) {
    *q = (struct inquiry){.path = path, .socket = -1, .output = -1};
    int ends[2];
    if (!worker_start(&q->worker, NULL, e) || !channel_pair(ends, e)) return false;
    q->socket = ends[0];
    q->output = memfd_create("output", MFD_CLOEXEC);
    struct bytes packet = {0};
    bytes_put_u32(&packet, kind);
    bytes_put_text(&packet, path);
    const int fds[] = {ends[1], q->output};
    const bool sent = channel_send(q->worker.control, &packet, fds, 2);
    close(ends[1]);
    if (sent) return true;
    *lost = true;
    return error_set(e, "%s: the worker that was to load it has ended", path);
}

void inquiry_end(struct inquiry *q) {
    if (!q->path) return;
    worker_stop(&q->worker);
    if (q->socket >= 0) close(q->socket);
    if (q->output >= 0) close(q->output);
    *q = (struct inquiry){0};
}

// ---- What it is --------------------------------------------------------------------------------

static bool ask_schema(
    const char *path, struct schema *out, char *blas_core, bool *lost, struct error *e) {
    static unsigned char buffer[CHANNEL_BYTES];
    struct inquiry q;
    struct bytes packet;
    *lost = false;
    bool ok = begin(&q, MESSAGE_SCHEMA, path, lost, e) &&
              hear(&q, &on_loading, buffer, &packet, lost, e) && schema_get(out, &packet, e);
    if (ok) {
        const char *core = bytes_get_text(&packet);
        if (blas_core) snprintf(blas_core, 64, "%s", core ? core : "");
    }
    inquiry_end(&q);
    return ok;
}

// What was killed from outside is asked again, as trials are begun again.
bool worker_schema(const char *path, struct schema *out, char *blas_core, struct error *e) {
    bool lost = true, ok = false;
    for (int attempt = 0; attempt < 3 && lost && !ok; attempt++)
        ok = ask_schema(path, out, blas_core, &lost, e);
    return ok;
}

// ---- What its models will take -----------------------------------------------------------------

// More than any machine has: what comes of numbers that wrapped around.
static const uint64_t MOST_MEMORY = (uint64_t)1 << 56;

bool inquiry_begin(struct inquiry *q, const char *path, struct error *e) {
    bool lost;
    if (begin(q, MESSAGE_MEMORY, path, &lost, e)) return true;
    inquiry_end(q);
    return false;
}

bool inquiry_memory(struct inquiry *q, const struct param_value *values, uint32_t n_values,
    const rk_shape *shape, uint64_t *bytes, struct error *e) {
    static unsigned char buffer[CHANNEL_BYTES];
    struct bytes packet = {0};
    bool lost;
    job_put_question(values, n_values, shape, &packet);
    channel_send(q->socket, &packet, NULL, 0); // a process that has ended is heard of below
    if (!hear(q, &on_memory, buffer, &packet, &lost, e)) return false;
    *bytes = bytes_get_u64(&packet);
    return *bytes <= MOST_MEMORY ||
           error_set(e, "%s: its models take %llu bytes, it says; at most 2^56 are believed",
               q->path, (unsigned long long)*bytes);
}
