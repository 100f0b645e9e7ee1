#include "trial/running.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "trial/guard.h"
#include "trial/job.h"
#include "trial/limits.h"
#include "trial/output.h"
#include "trial/running_parts.h"

// Points of all curves of a trial, its warnings that are told, and messages read in one turn.
enum { MOST_POINTS = 1 << 16, MOST_WARNINGS = 100, HEARD_AT_ONCE = 32 };

double running_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void running_signal(struct running *r, int number) {
    if (r->process >= 0) pidfd_send_signal(r->process, number, NULL, 0);
    if (number == SIGKILL && r->killed == 0) r->killed = running_now();
}

static void close_all(struct running *r) {
    const int fds[] = {r->socket, r->output, r->answers, r->process};
    for (size_t k = 0; k < sizeof fds / sizeof *fds; k++)
        if (fds[k] >= 0) close(fds[k]);
    r->socket = r->output = r->answers = r->process = -1;
}

// Room for the answers, of a size that can't be changed under the harness.
static bool make_answers(struct running *r, struct error *e) {
    r->answers = image_create("answers", e);
    if (r->answers < 0) return false;
    const size_t n = asked_words(&r->room);
    if (ftruncate(r->answers, (off_t)((n + 1) * sizeof(float))) != 0)
        return error_set(e, "no room for %zu answers: %s", n, strerror(errno));
    if (fcntl(r->answers, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) != 0)
        return error_set(e, "cannot seal the room for answers: %s", strerror(errno));
    return true;
}

// Whether the trial is sent all training rows with the pairs.
static bool needs_full(const struct asked *asked) {
    return asked->train || asked->ranks;
}

static bool send_job(struct running *r, const struct running_start *start, struct error *e) {
    const struct schema *schema = start->model->schema;
    struct job job = {.task = start->task,
        .path = schema->path,
        .label = start->model->label,
        .key = start->key,
        .threads = start->threads,
        .nice = start->plan->nice,
        .mib = start->plan->limits.mib > 0 ? start->plan->limits.mib : r->share,
        .asked = start->asked,
        .values = calloc(schema->n_params + 1, sizeof *job.values),
        .n_values = schema->n_params};
    if (!job.values) return error_memory(e, sizeof *job.values, "parameters");
    memcpy(job.values, start->values, schema->n_params * sizeof *job.values);
    struct bytes packet = {0};
    bytes_put_u32(&packet, MESSAGE_TRIAL);
    job_put(&job, &packet);
    free(job.values);
    int ends[2];
    if (!channel_pair(ends, e)) return false;
    r->socket = ends[0];
    const bool wants_slice = (schema->flags & RK_WANTS_VALID) && start->fold->sliced >= 0;
    const int fold = wants_slice ? start->fold->sliced : start->fold->full;
    const int fds[] = {
        ends[1], r->output, start->task == JOB_LOAD ? start->state : fold, start->state};
    const bool sent =
        channel_send(r->worker.control, &packet, fds, start->task == JOB_SAVE ? 4 : 3);
    close(ends[1]);
    return sent || error_set(e, "a worker has ended before its trial");
}

// A worker that died idle (killed from outside) is replaced once.
static bool hand_over(struct running *r, const struct running_start *start, struct error *e) {
    if (send_job(r, start, e)) return true;
    if (r->socket >= 0) close(r->socket);
    r->socket = -1;
    worker_stop(&r->worker);
    return worker_start(&r->worker, start->plan, e) && send_job(r, start, e);
}

bool running_begin(struct running *r, const struct running_start *start,
    struct trial_record *record, struct error *e) {
    if (!r->worker.pid && !worker_start(&r->worker, start->plan, e)) return false;
    const struct worker worker = r->worker;
    const rk_csr *rows = &start->fold->train.data.by_user;
    const double now = running_now();
    *r = (struct running){.worker = worker,
        .record = record,
        .fold = start->fold,
        .task = start->task,
        .asked = start->asked,
        .plugin = start->model->schema->path,
        .socket = -1,
        .answers = -1,
        .process = -1,
        .objective = NAN,
        .began = now,
        .looked = now,
        .share = limits_share(start->plan->jobs),
        .limits = start->plan->limits,
        .room = {.asked = start->asked,
            .n_test = start->fold->test.n,
            .n_train = needs_full(&start->asked) ? rows->start[rows->n_rows] : 0},
        .phase = "load"};
    r->output = memfd_create("output", MFD_CLOEXEC);
    if (r->output >= 0 && make_answers(r, e) && hand_over(r, start, e)) return true;
    close_all(r);
    r->record = NULL;
    return false;
}

// NULL: there is none. In the packet's buffer.
static const char *take_text(struct bytes *packet) {
    char *text = (char *)(uintptr_t)bytes_get_text(packet);
    if (text) output_clean(text);
    return text;
}

// Whatever a plugin makes of it, a number that tables and logs can have.
static double take_seconds(struct bytes *packet) {
    const double seconds = bytes_get_f64(packet);
    return seconds >= 0 && seconds < 1e9 ? seconds : 0;
}

static void add_curve_point(struct running *r, struct bytes *packet, struct arena *a) {
    struct trial_record *t = r->record;
    const char *text = take_text(packet);
    const double x = bytes_get_f64(packet), y = bytes_get_f64(packet);
    if (packet->failed || !text) return;
    if (t->n_curve == MOST_POINTS) {
        running_signal(r, SIGKILL);
        error_set(&r->failure, "recorded more than %d points", MOST_POINTS);
        return;
    }
    char series[128];
    snprintf(series, sizeof series, "%s", text);
    output_clean(series);                       // a character may have been cut
    if ((t->n_curve & (t->n_curve - 1)) == 0) { // twice the room at each power of two
        const size_t room = t->n_curve ? 2 * t->n_curve : 1;
        struct curve_point *more = realloc(t->curve, room * sizeof *more);
        if (!more) return;
        t->curve = more;
    }
    struct curve_point *curve = t->curve;
    // Mostly one of the last few names again.
    const char *known = NULL;
    for (size_t k = t->n_curve; k > 0 && k + 8 > t->n_curve && !known; k--)
        if (strcmp(curve[k - 1].series, series) == 0) known = curve[k - 1].series;
    curve[t->n_curve++] =
        (struct curve_point){.series = known ? known : arena_text(a, series), .x = x, .y = y};
}

// Once: a plugin that asks on and on, and does not read, would have the harness wait for room.
static void send_pairs(struct running *r) {
    if (r->sent) return;
    r->sent = true;
    struct bytes packet = {0};
    bytes_put_u32(&packet, MESSAGE_PAIRS);
    const int fds[] = {r->fold->pairs, r->answers, r->fold->full};
    channel_send(r->socket, &packet, fds,
        needs_full(&r->asked) ? 3 : 2); // if the trial is gone, the worker will say so
}

// What a model says is detail, unless it warns; from then on that it warns without end, too.
static void take_line(struct running *r, struct bytes *packet, struct results *results) {
    const uint32_t told = bytes_get_u32(packet);
    const char *text = take_text(packet), *label = record_label(results, r->record);
    rk_log_level level = RK_LOG_DEBUG;
    if (!text) return;
    output_add(r->output, text);
    if (told >= RK_LOG_WARNING && r->warnings < MOST_WARNINGS) level = RK_LOG_WARNING;
    log_line(level, "%s fold %u: %s", label, r->record->fold, text);
    if (level == RK_LOG_WARNING && ++r->warnings == MOST_WARNINGS)
        log_warning("%s fold %u: gave %d warnings; those that follow are left out", label,
            r->record->fold, MOST_WARNINGS);
}

static void take_message(struct running *r, struct bytes *packet, struct results *results) {
    const uint32_t kind = bytes_get_u32(packet);
    const char *text;
    switch (kind) {
    case MESSAGE_PHASE:
        text = take_text(packet);
        if (text) snprintf(r->phase, sizeof r->phase, "%s", text);
        if (!r->resident) r->resident = bytes_get_u64(packet);
        break;
    case MESSAGE_PLATFORM:
        text = take_text(packet);
        if (text && !results->blas_core) results->blas_core = arena_text(&results->arena, text);
        text = take_text(packet);
        if (text && !results->isa) results->isa = arena_text(&results->arena, text);
        break;
    case MESSAGE_PROGRESS:
        r->done = bytes_get_u32(packet);
        r->total = bytes_get_u32(packet);
        r->objective = bytes_get_f64(packet);
        break;
    case MESSAGE_CURVE:
        add_curve_point(r, packet, &results->arena);
        break;
    case MESSAGE_LOG:
        take_line(r, packet, results);
        break;
    case MESSAGE_FITTED:
        r->record->cost.fit_seconds = take_seconds(packet);
        if (r->task != JOB_SAVE) send_pairs(r);
        break;
    case MESSAGE_DONE:
        r->record->cost.predict_seconds = take_seconds(packet);
        r->record->cost.memory = bytes_get_u64(packet);
        r->finished = true;
        break;
    case MESSAGE_FAILED:
        text = take_text(packet);
        error_set(&r->failure, "%s", text && text[0] ? text : "failed without a message");
        r->out_of_memory = bytes_get_u32(packet) != 0;
        break;
    case MESSAGE_PLACE: {
        const int signal_number = (int)bytes_get_u32(packet);
        r->has_place = bytes_get_u32(packet) != 0;
        r->place = bytes_get_u64(packet);
        if (signal_number) {
            r->crash = signal_number;
            r->crash_told = running_now();
        }
        break;
    }
    default:
        break;
    }
}

static void hear_one(struct running *r, struct results *results) {
    static unsigned char buffer[CHANNEL_BYTES];
    struct bytes packet;
    int fds[CHANNEL_FDS];
    const bool heard = channel_receive(r->socket, buffer, &packet, fds);
    // The first message is from before the plugin was loaded; no later descriptor is trusted.
    if (heard && r->process < 0 && strcmp(r->phase, "load") == 0 && fds[0] >= 0) {
        r->process = fds[0];
        fds[0] = -1;
        if (r->cancelled > 0) running_signal(r, GUARD_CANCEL);
    }
    for (int k = 0; k < CHANNEL_FDS; k++)
        if (fds[k] >= 0) close(fds[k]);
    if (heard) {
        take_message(r, &packet, results);
        return;
    }
    close(r->socket);
    r->socket = -1;
}

// Without waiting: a process that left the worker's group may hold the other end open for ever.
static bool is_readable(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

void running_hear(struct running *r, struct results *results) {
    int n = 0;
    do {
        hear_one(r, results);
    } while (++n < HEARD_AT_ONCE && r->socket >= 0 && is_readable(r->socket));
}

void running_hear_rest(struct running *r, struct results *results) {
    while (r->socket >= 0 && is_readable(r->socket)) hear_one(r, results);
}

const float *running_answers(const struct running *r, struct error *e) {
    const size_t n = asked_words(&r->room);
    const float *answers =
        mmap(NULL, (n + 1) * sizeof(float), PROT_READ, MAP_SHARED, r->answers, 0);
    if (answers != MAP_FAILED) return answers;
    error_set(e, "cannot map %zu answers: %s", n, strerror(errno));
    return NULL;
}

void running_release(struct running *r, const float *answers) {
    if (answers) munmap((void *)(uintptr_t)answers, (asked_words(&r->room) + 1) * sizeof(float));
    close_all(r);
    r->record = NULL;
}

void running_kill(struct running *r) {
    worker_stop(&r->worker);
    if (r->record) running_release(r, NULL);
}
