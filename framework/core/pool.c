#include "core/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cgroup.h"

// One call of pool_run(). Pieces are handed out in ascending order, so that when piece k fails, all
// pieces below k are done or running: nothing above k needs to start, and the lowest failure is the
// same one in every run.
struct job {
    size_t n, grain, pieces;
    rk_body *body;
    void *arg;
    atomic_size_t next;   // the piece to hand out
    atomic_size_t failed; // lowest failing piece; `pieces`: none
    rk_status status;     // of that piece; under the pool's lock
};

struct worker {
    struct pool *pool; // borrowed
    uint32_t number;   // from 1; the caller of pool_run() is 0
    pthread_t thread;
};

struct pool {
    uint32_t n_threads;
    bool started;           // it was tried
    uint32_t n_started;     // of `workers`
    struct worker *workers; // [n_threads - 1]; owned
    pthread_mutex_t lock;
    pthread_cond_t begun, ended;
    struct job job;
    uint64_t turn;    // counts jobs; under the lock, as the rest
    uint32_t working; // workers that have not finished this turn
    bool quit;
    atomic_bool cancelled;
};

// True in a thread that runs a piece: parallel loops do not nest.
static _Thread_local bool in_piece;

static void note_failure(struct pool *p, struct job *job, size_t piece, rk_status status) {
    if (p) pthread_mutex_lock(&p->lock);
    if (piece < atomic_load(&job->failed)) {
        atomic_store(&job->failed, piece);
        job->status = status;
    }
    if (p) pthread_mutex_unlock(&p->lock);
}

static void run_pieces(struct pool *p, struct job *job, uint32_t worker) {
    in_piece = true;
    while (!(p && atomic_load_explicit(&p->cancelled, memory_order_relaxed))) {
        const size_t piece = atomic_fetch_add(&job->next, 1);
        if (piece >= job->pieces || piece > atomic_load(&job->failed)) break;
        const size_t begin = piece * job->grain;
        const size_t end = job->n - begin < job->grain ? job->n : begin + job->grain;
        const rk_status status = job->body(job->arg, worker, begin, end);
        if (status != RK_OK) note_failure(p, job, piece, status);
    }
    in_piece = false;
}

static void (*on_thread)(void);

void pool_on_thread(void (*hook)(void)) {
    on_thread = hook;
}

static void *work(void *arg) {
    struct worker *w = arg;
    if (on_thread) on_thread();
    struct pool *p = w->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->turn == seen && !p->quit) pthread_cond_wait(&p->begun, &p->lock);
        if (p->quit) break;
        seen = p->turn;
        pthread_mutex_unlock(&p->lock);
        run_pieces(p, &p->job, w->number);
        pthread_mutex_lock(&p->lock);
        if (--p->working == 0) pthread_cond_signal(&p->ended);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

// Signals are the main thread's business: those of the pool have all of them blocked, but for those
// that a thread brings upon itself.
static void start_workers(struct pool *p) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    sigset_t all, before;
    sigfillset(&all);
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) sigdelset(&all, own[k]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = 0;
    while (p->n_started + 1 < p->n_threads && !failed) {
        struct worker *w = &p->workers[p->n_started];
        *w = (struct worker){.pool = p, .number = p->n_started + 1};
        failed = pthread_create(&w->thread, NULL, work, w);
        if (!failed) p->n_started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    p->started = true;
}

struct pool *pool_new(uint32_t n_threads, struct error *e) {
    if (n_threads == 0) n_threads = 1;
    struct pool *p = calloc(1, sizeof *p);
    struct worker *workers = calloc(n_threads, sizeof *workers);
    if (!p || !workers) {
        free(p);
        free(workers);
        error_memory(e, n_threads * sizeof *workers, "threads");
        return NULL;
    }
    p->n_threads = n_threads;
    p->workers = workers;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->begun, NULL);
    pthread_cond_init(&p->ended, NULL);
    return p;
}

void pool_free(struct pool *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    pthread_cond_broadcast(&p->begun);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t k = 0; k < p->n_started; k++) pthread_join(p->workers[k].thread, NULL);
    pthread_cond_destroy(&p->ended);
    pthread_cond_destroy(&p->begun);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
}

uint32_t pool_threads(const struct pool *p) {
    return p ? p->n_threads : 1;
}

static void job_init(struct job *job, size_t n, size_t grain, rk_body *body, void *arg) {
    if (grain == 0) grain = 1;
    job->n = n;
    job->grain = grain;
    job->pieces = n / grain + (n % grain != 0);
    job->body = body;
    job->arg = arg;
    job->status = RK_OK;
    atomic_init(&job->next, 0);
    atomic_init(&job->failed, job->pieces);
}

static rk_status job_status(const struct pool *p, const struct job *job) {
    if (job->status != RK_OK) return job->status;
    return pool_is_cancelled(p) ? RK_CANCELLED : RK_OK;
}

rk_status pool_run(struct pool *p, size_t n, size_t grain, rk_body *body, void *arg) {
    if (in_piece) return RK_E_PARAM;
    const bool serial = !p || p->n_threads == 1 || n <= (grain ? grain : 1);
    if (!serial && !p->started) start_workers(p);
    if (serial || p->n_started == 0) {
        struct job job;
        job_init(&job, n, grain, body, arg);
        run_pieces(p, &job, 0);
        return job_status(p, &job);
    }
    pthread_mutex_lock(&p->lock);
    job_init(&p->job, n, grain, body, arg);
    p->working = p->n_started;
    p->turn++;
    pthread_cond_broadcast(&p->begun);
    pthread_mutex_unlock(&p->lock);
    run_pieces(p, &p->job, 0);
    pthread_mutex_lock(&p->lock);
    while (p->working > 0) pthread_cond_wait(&p->ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return job_status(p, &p->job);
}

void pool_cancel(struct pool *p) {
    if (p) atomic_store(&p->cancelled, true);
}

bool pool_is_cancelled(const struct pool *p) {
    return p && atomic_load(&p->cancelled);
}

static uint32_t affinity_cpus(void) {
    for (int room = 1024; room <= 1 << 20; room *= 4) {
        cpu_set_t *set = CPU_ALLOC((size_t)room);
        if (!set) return 1;
        const size_t bytes = CPU_ALLOC_SIZE((size_t)room);
        const int failed = sched_getaffinity(0, bytes, set) != 0 ? errno : 0;
        const int n = failed ? 1 : CPU_COUNT_S(bytes, set);
        CPU_FREE(set);
        if (failed != EINVAL) return n > 0 ? (uint32_t)n : 1; // EINVAL: the kernel's set is larger
    }
    return 1;
}

uint32_t pool_quota(const char *cpu_max) {
    unsigned long long quota, period;
    if (sscanf(cpu_max, "%llu %llu", &quota, &period) != 2 || period == 0) return 0;
    const unsigned long long cpus = quota / period + (quota % period != 0);
    return cpus == 0 ? 1 : cpus > UINT32_MAX ? UINT32_MAX : (uint32_t)cpus;
}

static uint64_t read_quota(const char *line) {
    return pool_quota(line);
}

uint32_t pool_cpus(void) {
    const uint32_t cpus = affinity_cpus();
    const uint64_t quota = cgroup_least("cpu.max", read_quota);
    return quota > 0 && quota < cpus ? (uint32_t)quota : cpus;
}
