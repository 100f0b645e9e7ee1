#include "trial/job.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "model/loader.h"
#include "model/machine.h"
#include "model/model.h"
#include "split/fold.h"
#include "trial/crash.h"
#include "trial/growth.h"
#include "trial/guard.h"
#include "trial/output.h"
#include "trial/ranking.h"

enum { PREDICT_GRAIN = 4096, PROGRESS_NS = 50 * 1000 * 1000 };

void job_put_values(const struct param_value *values, uint32_t n, struct bytes *packet) {
    for (uint32_t k = 0; k < n; k++) {
        const struct param_value *v = &values[k];
        bytes_put_f64(packet, v->number);
        bytes_put_u32(packet, (uint32_t)v->n);
        if (v->n) bytes_put(packet, v->ints, v->n * sizeof *v->ints);
    }
}

void job_put(const struct job *job, struct bytes *packet) {
    bytes_put_u32(packet, (uint32_t)job->task);
    bytes_put_text(packet, job->path);
    bytes_put_text(packet, job->label);
    bytes_put_u64(packet, job->key);
    bytes_put_u32(packet, job->threads);
    bytes_put_u32(packet, (uint32_t)job->nice);
    bytes_put_f64(packet, job->mib);
    bytes_put_u32(packet, job->asked.train);
    bytes_put_u32(packet, job->asked.spread);
    bytes_put_u32(packet, job->asked.ranks);
    bytes_put_u32(packet, job->n_values);
    job_put_values(job->values, job->n_values, packet);
}

static bool value_get(struct param_value *v, struct bytes *packet, struct arena *a) {
    v->number = bytes_get_f64(packet);
    v->n = bytes_get_u32(packet);
    if (packet->failed || v->n > CHANNEL_BYTES / sizeof(int)) return false;
    int *ints = arena_alloc(a, (v->n + 1) * sizeof *ints);
    if (!ints) return false;
    bytes_get(packet, ints, v->n * sizeof *ints);
    v->ints = ints;
    return !packet->failed;
}

bool job_get_values(struct param_value *values, uint32_t n, struct bytes *packet, struct arena *a) {
    for (uint32_t k = 0; k < n; k++)
        if (!value_get(&values[k], packet, a)) return false;
    return true;
}

bool job_get(struct job *job, struct bytes *packet, struct arena *a) {
    job->task = (enum job_task)bytes_get_u32(packet);
    job->path = bytes_get_text(packet);
    job->label = bytes_get_text(packet);
    job->key = bytes_get_u64(packet);
    job->threads = bytes_get_u32(packet);
    job->nice = (int)bytes_get_u32(packet);
    job->mib = bytes_get_f64(packet);
    job->asked.train = bytes_get_u32(packet) != 0;
    job->asked.spread = bytes_get_u32(packet) != 0;
    job->asked.ranks = bytes_get_u32(packet) != 0;
    job->n_values = bytes_get_u32(packet);
    if (packet->failed || !job->path || job->n_values > CHANNEL_BYTES) return false;
    job->values = arena_alloc(a, (job->n_values + 1) * sizeof *job->values);
    if (!job->values) return false;
    return job_get_values(job->values, job->n_values, packet, a);
}

static struct bytes begin(enum message kind) {
    struct bytes packet = {0};
    bytes_put_u32(&packet, kind);
    return packet;
}

_Noreturn void job_run_schema(const char *path, int socket) {
    struct error e = {0};
    struct schema s = {0};
    const rk_plugin *plugin = loader_open(path, &e);
    struct bytes packet = begin(MESSAGE_REPLY);
    if (plugin && schema_read(&s, plugin, path, &e)) {
        bytes_put_u32(&packet, 1);
        schema_put(&s, &packet);
        bytes_put_text(&packet, loader_blas_core());
    } else {
        bytes_put_u32(&packet, 0);
        bytes_put_text(&packet, e.text);
    }
    channel_send(socket, &packet, NULL, 0);
    _exit(0);
}

// ---- The trial ---------------------------------------------------------------------------------

struct trial {
    const struct job *job;
    int socket;
    struct timespec said;    // when progress was last sent
    const struct host *host; // NULL: before there is one
};

static double seconds_since(const struct timespec *from) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) + 1e-9 * (double)(now.tv_nsec - from->tv_nsec);
}

static void say(const struct trial *t, struct bytes packet) {
    if (!channel_send(t->socket, &packet, NULL, 0)) _exit(JOB_CUT_OFF);
}

static void say_phase(const struct trial *t, const char *function, uint64_t resident) {
    struct bytes packet = begin(MESSAGE_PHASE);
    bytes_put_text(&packet, function);
    bytes_put_u64(&packet, resident);
    say(t, packet);
}

// The first message: the harness gets hold of this process.
static void say_begin(const struct trial *t) {
    const int process = pidfd_open(getpid(), 0);
    struct bytes packet = begin(MESSAGE_PHASE);
    bytes_put_text(&packet, "load");
    bytes_put_u64(&packet, 0);
    if (process < 0 || !channel_send(t->socket, &packet, &process, 1)) _exit(1);
    close(process);
}

_Noreturn static void end_failed(const struct trial *t, const struct error *e) {
    struct bytes packet = begin(MESSAGE_FAILED);
    bytes_put_text(&packet, e->text);
    bytes_put_u32(&packet, t->host && host_failed_with(t->host) == RK_E_MEMORY);
    fflush(stdout);
    say(t, packet);
    _exit(0);
}

static bool on_progress(void *arg, uint32_t done, uint32_t total, double objective) {
    struct trial *t = arg;
    if (done < total && seconds_since(&t->said) < 1e-9 * PROGRESS_NS) return true;
    clock_gettime(CLOCK_MONOTONIC, &t->said);
    struct bytes packet = begin(MESSAGE_PROGRESS);
    bytes_put_u32(&packet, done);
    bytes_put_u32(&packet, total);
    bytes_put_f64(&packet, objective);
    say(t, packet);
    return true;
}

static void on_record(void *arg, const char *series, double x, double y) {
    struct bytes packet = begin(MESSAGE_CURVE);
    bytes_put_text(&packet, series);
    bytes_put_f64(&packet, x);
    bytes_put_f64(&packet, y);
    say(arg, packet);
}

static void on_log(void *arg, rk_log_level level, const char *line) {
    struct bytes packet = begin(MESSAGE_LOG);
    bytes_put_u32(&packet, (uint32_t)level);
    bytes_put_text(&packet, line);
    say(arg, packet);
}

// Large arrays go back to the system as they are freed: else malloc keeps those of up to 32 MiB
// once one was freed, and a model takes up to twice what it holds.
static void give_back_freed(void) {
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

// ---- Answers -----------------------------------------------------------------------------------

struct answering {
    struct model *model;
    const rk_pairs *pairs; // NULL: the rows of `rows`
    const rk_csr *rows;    // by user
    const int64_t *time;   // of the rows, or NULL
    float *out;
    float *sd;          // of spread_pairs() alone
    struct flaw *flaws; // [n_threads]
};

// A thread stops at its first failing piece.
struct flaw {
    size_t first; // of the piece
    struct error error;
};

static rk_status answer_part(
    struct answering *a, const rk_pairs *part, uint32_t worker, size_t first) {
    struct flaw *flaw = &a->flaws[worker];
    flaw->first = first;
    return model_predict(a->model, part, a->out + first, &flaw->error) ? RK_OK : RK_E_NUMERIC;
}

static rk_pairs cut_pairs(const rk_pairs *p, size_t first, size_t end) {
    return (rk_pairs){.size = sizeof *p,
        .n = end - first,
        .users = p->users + first,
        .items = p->items + first,
        .time = p->time ? p->time + first : NULL};
}

static rk_status answer_pairs(void *arg, uint32_t worker, size_t first, size_t end) {
    struct answering *a = arg;
    const rk_pairs part = cut_pairs(a->pairs, first, end);
    return answer_part(a, &part, worker, first);
}

// The deviations of answers that are there.
static rk_status spread_pairs(void *arg, uint32_t worker, size_t first, size_t end) {
    struct answering *a = arg;
    struct flaw *flaw = &a->flaws[worker];
    const rk_pairs part = cut_pairs(a->pairs, first, end);
    float mean[PREDICT_GRAIN];
    flaw->first = first;
    return model_spread(a->model, &part, a->out + first, mean, a->sd + first, &flaw->error)
               ? RK_OK
               : RK_E_NUMERIC;
}

// The row of entry `e`.
static uint32_t row_of(const rk_csr *m, uint64_t e) {
    uint32_t low = 0, high = m->n_rows;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (m->start[middle] <= e)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static rk_status answer_rows(void *arg, uint32_t worker, size_t first, size_t end) {
    struct answering *a = arg;
    uint32_t users[PREDICT_GRAIN];
    uint32_t u = row_of(a->rows, first);
    for (size_t e = first; e < end; e++) {
        while (a->rows->start[u + 1] <= e) u++;
        users[e - first] = u;
    }
    const rk_pairs part = {.size = sizeof part,
        .n = end - first,
        .users = users,
        .items = a->rows->col + first,
        .time = a->time ? a->time + first : NULL};
    return answer_part(a, &part, worker, first);
}

// The message is that of the lowest piece that fails, so that it does not depend on threads.
static bool answer(struct trial *t, struct answering *a, size_t n, rk_body *body, struct error *e) {
    const uint32_t n_threads = t->job->threads;
    a->flaws = calloc(n_threads, sizeof *a->flaws);
    if (!a->flaws) return error_memory(e, n_threads * sizeof *a->flaws, "messages");
    const rk_host *host = &a->model->host->api;
    const bool ok = host->parallel_for(host, n, PREDICT_GRAIN, body, a) == RK_OK;
    const struct flaw *lowest = NULL;
    for (uint32_t k = 0; !ok && k < n_threads; k++)
        if (a->flaws[k].error.text[0] && (!lowest || a->flaws[k].first < lowest->first))
            lowest = &a->flaws[k];
    if (lowest) error_set(e, "%s", lowest->error.text);
    free(a->flaws);
    return ok;
}

// What MESSAGE_PAIRS brings, mapped.
struct questions {
    struct image image;
    rk_pairs pairs;
    struct train full; // where it is needed
    void *base;        // what is shared, see asked.h
    struct asked_room room;
};

// Whether all training rows come with the pairs.
static bool needs_full(const struct job *job) {
    return job->asked.train || job->asked.ranks;
}

// The trial's side of what is shared may be written.
static float *writable(const float *at) {
    return (float *)(uintptr_t)at;
}

static bool questions_receive(struct trial *t, struct questions *q, struct error *e) {
    static unsigned char buffer[CHANNEL_BYTES];
    struct bytes packet;
    int fds[CHANNEL_FDS];
    if (!channel_receive(t->socket, buffer, &packet, fds) ||
        bytes_get_u32(&packet) != MESSAGE_PAIRS)
        _exit(JOB_CUT_OFF);
    if (!image_map(&q->image, fds[0], e)) return false;
    if (needs_full(t->job) && !train_map(&q->full, fds[2], e)) return false;
    size_t bytes;
    q->pairs = (rk_pairs){.size = sizeof q->pairs, .users = image_find(&q->image, "users", &bytes)};
    q->pairs.n = bytes / sizeof(uint32_t);
    q->pairs.items = image_find(&q->image, "items", NULL);
    q->pairs.time = image_find(&q->image, "time", NULL);
    const rk_csr *rows = &q->full.data.by_user;
    q->room = (struct asked_room){.asked = t->job->asked,
        .n_test = q->pairs.n,
        .n_train = needs_full(t->job) ? rows->start[rows->n_rows] : 0};
    const size_t bytes_shared = (asked_words(&q->room) + 1) * sizeof(float);
    q->base = mmap(NULL, bytes_shared, PROT_READ | PROT_WRITE, MAP_SHARED, fds[1], 0);
    if (q->base == MAP_FAILED) return error_set(e, "cannot map the room for answers");
    for (int k = 0; k < 3; k++)
        if (fds[k] >= 0) close(fds[k]);
    growth_page_in(q->image.base, q->image.size);
    if (needs_full(t->job)) growth_page_in(q->full.image.base, q->full.image.size);
    memset(q->base, 0, bytes_shared);
    return true;
}

// `seconds`: that the answers took.
static void end_done(
    struct trial *t, struct model *m, double seconds, const struct growth *memory) {
    say_phase(t, "destroy", 0);
    model_done(m);
    struct bytes packet = begin(MESSAGE_DONE);
    bytes_put_f64(&packet, seconds);
    bytes_put_u64(&packet, memory->peak);
    say(t, packet);
}

static void answer_all(
    struct trial *t, struct model *m, struct questions *q, struct growth *memory) {
    struct error e = {0};
    say_phase(t, "predict", 0);
    const struct answers out = asked_at(&q->room, q->base);
    struct answering a = {.model = m, .pairs = &q->pairs, .out = writable(out.rating)};
    struct timespec from;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (!answer(t, &a, q->pairs.n, answer_pairs, &e)) end_failed(t, &e);
    const double seconds = seconds_since(&from);
    a.sd = writable(out.sd);
    if (out.sd) say_phase(t, "spread", 0);
    if (out.sd && !answer(t, &a, q->pairs.n, spread_pairs, &e)) end_failed(t, &e);
    if (out.train) {
        const rk_data *full = &q->full.data;
        a = (struct answering){
            .model = m, .rows = &full->by_user, .time = full->time, .out = writable(out.train)};
        if (!answer(t, &a, q->room.n_train, answer_rows, &e)) end_failed(t, &e);
    }
    if (out.rank) {
        say_phase(t, "rank", 0);
        uint32_t *rank = (uint32_t *)(uintptr_t)out.rank;
        if (!ranking_by_model(m, &q->image, &q->pairs, &q->full.data, rank, &e)) end_failed(t, &e);
    }
    growth_note(memory);
    end_done(t, m, seconds, memory);
}

static const rk_plugin *open_plugin(struct trial *t, struct error *e) {
    const struct job *job = t->job;
    const rk_plugin *plugin = loader_open(job->path, e);
    if (!plugin) return NULL;
    if (plugin->n_params != job->n_values) {
        error_set(e, "%s changed during the run: it has %u parameters now, %u before", job->path,
            plugin->n_params, job->n_values);
        return NULL;
    }
    crash_plugin(plugin);
    struct bytes packet = begin(MESSAGE_PLATFORM);
    bytes_put_text(&packet, loader_blas_core());
    bytes_put_text(&packet, machine_isa());
    say(t, packet);
    return plugin;
}

// Tells what it took. `fd`: the saved state of a model that is loaded instead.
static void learn(struct trial *t, struct model *m, const rk_data *train, int fd) {
    struct error e = {0};
    struct timespec from;
    clock_gettime(CLOCK_MONOTONIC, &from);
    say_phase(t, t->job->task == JOB_LOAD ? "load state" : "fit", 0);
    const bool ok =
        t->job->task == JOB_LOAD ? model_load(m, fd, &e) : model_fit(m, train, NULL, &e);
    if (!ok) end_failed(t, &e);
    struct bytes packet = begin(MESSAGE_FITTED);
    bytes_put_f64(&packet, seconds_since(&from));
    say(t, packet);
}

static void save(struct trial *t, struct model *m, int fd, struct growth *memory) {
    struct error e = {0};
    say_phase(t, "save", 0);
    if (!model_save(m, fd, &e)) end_failed(t, &e);
    growth_note(memory);
    end_done(t, m, 0, memory);
}

_Noreturn void job_run_trial(const struct job *job, int socket, int first_fd, int second_fd) {
    static struct trial t;
    static struct train train;
    static struct host host;
    struct error e = {0};
    t.job = job;
    t.socket = socket;
    say_begin(&t);
    setvbuf(stdout, NULL, _IOLBF, 0); // what was printed before a crash is kept
    crash_watch(socket);
    give_back_freed();
    guard_trial(job->nice, job->mib, job->task == JOB_SAVE ? job->mib * (1 << 20) : OUTPUT_MOST);
    if (job->task != JOB_LOAD) {
        if (!train_map(&train, first_fd, &e)) end_failed(&t, &e);
        close(first_fd);
    }
    pool_on_thread(crash_thread);
    struct pool *pool = pool_new(job->threads, &e);
    if (!pool) end_failed(&t, &e);
    const rk_plugin *plugin = open_plugin(&t, &e);
    if (!plugin) end_failed(&t, &e);

    host_init(&host, pool, job->key);
    host.label = job->label;
    host.on_progress = on_progress;
    host.on_record = on_record;
    host.on_log = on_log;
    host.arg = &t;
    t.host = &host;
    guard_heed_cancel(&host);
    struct growth memory = {0};
    growth_page_in(train.image.base, train.image.size);
    growth_begin(&memory);
    struct model model = {0};
    say_phase(&t, "create", memory.from);
    guard_memory(job->mib, job->threads);
    if (!model_create(&model, plugin, job->values, &host, &e)) end_failed(&t, &e);
    learn(&t, &model, &train.data, first_fd);
    if (job->task == JOB_SAVE) {
        save(&t, &model, second_fd, &memory);
        _exit(0);
    }
    growth_pause(&memory);
    static struct questions questions;
    if (!questions_receive(&t, &questions, &e)) end_failed(&t, &e);
    growth_begin(&memory);
    answer_all(&t, &model, &questions, &memory);
    _exit(0);
}
