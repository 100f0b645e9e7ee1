#include "trial/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/loader.h"
#include "trial/crash.h"
#include "trial/guard.h"
#include "trial/job.h"
#include "trial/limits.h"
#include "trial/output.h"
#include "trial/sandbox.h"

enum { CONTROL_FD = 3 };

static const char *program = "/proc/self/exe";

void worker_set_program(const char *path) {
    program = path;
}

// ---- In the harness ----------------------------------------------------------------------------

const char *worker_program(void) {
    return program;
}

// Workers that run. Whatever else has another session than the harness was left behind by one that
// was killed: this process inherits it.
static struct {
    pid_t *pid; // [n]
    size_t n;
} live;

static void add_live(pid_t pid) {
    pid_t *more = realloc(live.pid, (live.n + 1) * sizeof *more);
    if (!more) return; // it may be ended with one that is killed; its trial is begun again
    live.pid = more;
    live.pid[live.n++] = pid;
}

static void remove_live(pid_t pid) {
    for (size_t k = 0; k < live.n; k++)
        if (live.pid[k] == pid) live.pid[k--] = live.pid[--live.n];
}

static bool is_live(pid_t pid) {
    for (size_t k = 0; k < live.n; k++)
        if (live.pid[k] == pid) return true;
    return false;
}

// Opens the list of this process's children; NULL where the kernel has none.
static FILE *open_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    return fopen(path, "re");
}

static size_t kill_strays(void) {
    FILE *f = open_children();
    if (!f) return 0;
    size_t n = 0;
    const pid_t session = getsid(0);
    int child;
    while (fscanf(f, "%d", &child) == 1) {
        if (getsid(child) == session || is_live(child)) continue;
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
        n++;
    }
    fclose(f);
    return n;
}

// A session of its own: Ctrl-C reaches the harness alone, which decides what ends, and no plugin
// can join the harness's group, or reach its terminal.
static int spawn(struct worker *w, int control, char **command) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, control, CONTROL_FD);
    const int failed = posix_spawnp(&w->pid, command[0], &actions, &attributes, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

bool worker_start(struct worker *w, const struct plan *plan, struct error *e) {
    *w = (struct worker){0};
    int ends[2];
    if (!channel_pair(ends, e)) return false;
    // dup2 onto itself would keep close-on-exec, so the end goes past CONTROL_FD first.
    const int theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, CONTROL_FD + 1);
    const int cause = errno;
    close(ends[1]);
    if (theirs < 0) {
        close(ends[0]);
        return error_set(e, "no socket for a worker: %s", strerror(cause));
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct arena a = {0};
    char path[4096], option[] = "--worker";
    snprintf(path, sizeof path, "%s", program);
    char *plain[] = {path, option, NULL};
    char **command = plan && plan->sandbox ? sandbox_command(program, plan, &a) : plain;
    const int failed = command ? spawn(w, theirs, command) : ENOMEM;
    arena_done(&a);
    close(theirs);
    if (failed) {
        close(ends[0]);
        w->pid = 0;
        return error_set(e, "cannot start a worker (%s --worker): %s", program, strerror(failed));
    }
    w->control = ends[0];
    add_live(w->pid);
    return true;
}

void worker_kill(const struct worker *w) {
    if (w->pid) kill(-w->pid, SIGKILL); // the group: its trial, and what that started
}

void worker_stop(struct worker *w) {
    if (!w->pid) return;
    close(w->control);
    worker_kill(w);
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR) continue;
    remove_live(w->pid);
    while (kill_strays() > 0)
        continue; // those that left the group, and then what those had started
    *w = (struct worker){0};
}

// ---- In the worker -----------------------------------------------------------------------------

// Leaves the forked process with the trial socket, its output and the training fold alone.
static void become_trial(pid_t worker, int output) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != worker) _exit(1); // which ended before that was said
    close(CONTROL_FD);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close(output);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    if (nothing > STDERR_FILENO) close(nothing);
}

static void run_in_child(pid_t worker, struct bytes *packet, int *fds) {
    const uint32_t kind = bytes_get_u32(packet);
    become_trial(worker, fds[1]);
    if (kind == MESSAGE_SCHEMA) {
        const char *path = bytes_get_text(packet);
        guard_trial(0, limits_share(1), OUTPUT_MOST);
        job_run_schema(path ? path : "", fds[0]);
    }
    if (kind == MESSAGE_MEMORY) {
        const char *path = bytes_get_text(packet);
        guard_trial(0, limits_share(1), OUTPUT_MOST);
        job_run_memory(path ? path : "", fds[0]);
    }
    static struct arena arena;
    static struct job job;
    if (kind != MESSAGE_TRIAL || !job_get(&job, packet, &arena)) _exit(1);
    job_run_trial(&job, fds[0], fds[2], fds[3]);
}

// Kills the children of this process: a subreaper inherits what a trial started and left behind.
static void kill_children(void) {
    FILE *f = open_children();
    if (!f) return;
    int child;
    while (fscanf(f, "%d", &child) == 1) kill(child, SIGKILL);
    fclose(f);
}

// Until none is left: those that a killed one had started come to light after it.
static void end_descendants(void) {
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0 || errno == EINTR) {
        if (ended > 0) continue;
        kill_children();
        waitpid(-1, NULL, 0);
    }
}

// Waits for the child, ends what it left behind and tells the harness. False: the harness is gone.
static bool report_end(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    end_descendants();
    struct bytes packet = {0};
    bytes_put_u32(&packet, MESSAGE_ENDED);
    bytes_put_u32(&packet, (uint32_t)status);
    return channel_send(CONTROL_FD, &packet, NULL, 0);
}

int worker_main(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGPIPE, SIG_IGN);
    close_range(CONTROL_FD + 1, ~0U, 0); // what the harness's own parent left open
    guard_worker();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    crash_prepare();
    loader_prepare_blas();
    const pid_t worker = getpid();
    static unsigned char buffer[CHANNEL_BYTES];
    struct bytes packet;
    int fds[CHANNEL_FDS];
    while (channel_receive(CONTROL_FD, buffer, &packet, fds)) {
        const pid_t child = fork();
        if (child == 0) run_in_child(worker, &packet, fds);
        for (int k = 0; k < CHANNEL_FDS; k++)
            if (fds[k] >= 0) close(fds[k]);
        if (child < 0 || !report_end(child)) return 1;
    }
    return 0;
}
