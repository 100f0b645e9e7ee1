#include "check/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { ENDED = 93 }; // exit status of a child that gave its verdict

// What the child tells; shared with its parent.
struct report {
    atomic_int verdict;
    char text[1400];
    char doing[512];
};
static struct report *report;

bool child_is_sanitized(void) {
    return SANITIZED;
}

// ---- In the child ------------------------------------------------------------------------------

void child_doing(const char *fmt, ...) {
    static atomic_flag busy = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&busy)) return; // another thread is saying the like
    va_list args;
    va_start(args, fmt);
    vsnprintf(report->doing, sizeof report->doing, fmt, args);
    va_end(args);
    atomic_flag_clear(&busy);
}

// Ends here unless this thread is the first with a verdict: the first one ends the process.
static void claim(enum verdict verdict) {
    int none = VERDICT_NONE;
    if (atomic_compare_exchange_strong(&report->verdict, &none, (int)verdict)) return;
    for (;;) pause();
}

static _Noreturn void end_with(enum verdict verdict, const char *fmt, va_list args) {
    claim(verdict);
    vsnprintf(report->text, sizeof report->text, fmt, args);
    _exit(ENDED);
}

void child_fail(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    end_with(VERDICT_FAIL, fmt, args);
}

void child_skip(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    end_with(VERDICT_SKIP, fmt, args);
}

void child_note(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(report->text, sizeof report->text, fmt, args);
    va_end(args);
}

void child_fail_text(const char *text) {
    claim(VERDICT_FAIL);
    const char *const parts[] = {text, report->doing[0] ? ": " : "", report->doing};
    char *at = report->text, *const end = at + sizeof report->text - 1;
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        for (const char *c = parts[k]; *c && at < end; c++) *at++ = *c;
    *at = '\0';
    _exit(ENDED);
}

size_t child_printed(int fd) {
    fflush(NULL);
    struct stat st;
    return fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
}

static void set_limit(int resource, rlim_t value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return;
    if (limit.rlim_max < value) value = limit.rlim_max;
    limit.rlim_cur = value;
    setrlimit(resource, &limit);
}

static _Noreturn void live(void (*body)(void *), void *arg, int err) {
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM};
    for (size_t k = 0; !SANITIZED && k < sizeof crashes / sizeof *crashes; k++)
        signal(crashes[k], SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a group of its own does not see the terminal's Ctrl-C
    set_limit(RLIMIT_CORE, 0);
    if (!SANITIZED) set_limit(RLIMIT_AS, (rlim_t)8 << 30);
    const int out = memfd_create("stdout", 0);
    if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        child_fail("the check cannot set its output aside: %s", strerror(errno));
    close(out);
    body(arg);
    claim(VERDICT_PASS);
    _exit(ENDED);
}

// ---- In the parent -----------------------------------------------------------------------------

// The first line of what the child wrote to its standard error, for a crash that explains itself.
static void read_last_words(int err, char *out, size_t size) {
    const ssize_t n = pread(err, out, size - 1, 0);
    out[n > 0 ? n : 0] = '\0';
    char *line = strstr(out, "ERROR: "); // a sanitizer's
    if (line) memmove(out, line, strlen(line) + 1);
    out[strcspn(out, "\n")] = '\0';
}

static void explain(int status, bool late, unsigned limit, int err, struct outcome *o) {
    char how[128], words[400];
    if (late)
        snprintf(how, sizeof how, "took more than %u s", limit);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        snprintf(how, sizeof how,
            "made a refused system call with signals blocked, as pthread_create does");
    else if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "crashed: signal %d (%s)", WTERMSIG(status),
            strsignal(WTERMSIG(status)));
    else
        snprintf(how, sizeof how, "ended the process with exit status %d", WEXITSTATUS(status));
    read_last_words(err, words, sizeof words);
    o->verdict = VERDICT_FAIL;
    snprintf(o->text, sizeof o->text, "%s: %s%s%s", how,
        report->doing[0] ? report->doing : "before the first call", words[0] ? "; it wrote: " : "",
        words);
}

static long long milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool has_ended(pid_t child) {
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

// Until the child has closed its end or is gone, or time is up. False: time is up. (What the child
// has started may outlive it, and hold the end open.)
static bool wait_for_end(pid_t child, int end, unsigned limit) {
    enum { LOOK = 100 }; // milliseconds
    const long long until = milliseconds() + (long long)limit * 1000;
    for (;;) {
        const long long left = until - milliseconds();
        if (left <= 0) return false;
        struct pollfd p = {.fd = end, .events = POLLIN};
        if (poll(&p, 1, left < LOOK ? (int)left : LOOK) > 0 || has_ended(child)) return true;
    }
}

static bool run(
    void (*body)(void *), void *arg, unsigned limit, int err, struct outcome *o, struct error *e) {
    int ends[2];
    if (pipe2(ends, 0) != 0) return error_set(e, "no pipe for a check: %s", strerror(errno));
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        live(body, arg, err);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return error_set(e, "no process for a check: %s", strerror(errno));
    }
    setpgid(child, child);
    const bool late = !wait_for_end(child, ends[0], limit);
    kill(-child, SIGKILL); // and whatever it started
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    close(ends[0]);
    const enum verdict verdict = (enum verdict)atomic_load(&report->verdict);
    if (verdict == VERDICT_NONE) {
        explain(status, late, limit, err, o);
    } else {
        o->verdict = verdict;
        snprintf(o->text, sizeof o->text, "%s", report->text);
    }
    return true;
}

bool child_run(
    void (*body)(void *), void *arg, unsigned limit, struct outcome *o, struct error *e) {
    *o = (struct outcome){0};
    const int err = memfd_create("stderr", MFD_CLOEXEC);
    if (err < 0) return error_set(e, "no memory for a check's output: %s", strerror(errno));
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool fine = report != MAP_FAILED ||
                error_set(e, "no memory to share with a check: %s", strerror(errno));
    if (fine) {
        fine = run(body, arg, limit, err, o, e);
        munmap(report, sizeof *report);
    }
    close(err);
    return fine;
}
