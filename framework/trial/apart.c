#include "trial/apart.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void apart_describe_end(int wait_status, char *out, size_t size) {
    if (WIFSIGNALED(wait_status)) {
        const int number = WTERMSIG(wait_status);
        const char *name = sigabbrev_np(number);
        snprintf(out, size, "SIG%s (%s)", name ? name : "?", strsignal(number));
    } else {
        snprintf(out, size, "exit status %d", WEXITSTATUS(wait_status));
    }
}

void apart_first_line(int output, char *line, size_t size) {
    const ssize_t n = pread(output, line, size - 1, 0);
    line[n > 0 ? n : 0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f) *c = '?';
}

static void be_child(bool (*body)(void *arg, struct error *e), void *arg, int out) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    static struct error e; // not on the stack: bodies may need all of it
    const bool ok = body(arg, &e);
    const size_t n = ok ? 0 : strlen(e.text) + 1;
    if (n && write(out, e.text, n) != (ssize_t)n) _exit(2);
    _exit(ok ? 0 : 1);
}

// Reads what the child writes until it closes its end.
static void read_message(int in, pid_t child, const volatile int *stop, struct error *e) {
    size_t n = 0;
    for (;;) {
        struct pollfd p = {.fd = in, .events = POLLIN};
        const int ready = poll(&p, 1, 100);
        if (stop && *stop) kill(child, SIGKILL);
        if (ready <= 0) continue;
        const ssize_t got = read(in, e->text + n, sizeof e->text - 1 - n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        n += (size_t)got;
    }
    e->text[n] = '\0';
}

bool apart_run(const char *what, bool (*body)(void *arg, struct error *e), void *arg,
    const volatile int *stop, struct error *e) {
    struct error none;
    if (!e) e = &none;
    int ends[2];
    if (pipe(ends) != 0) return error_set(e, "%s: no pipe: %s", what, strerror(errno));
    const pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return error_set(e, "%s: no process: %s", what, strerror(errno));
    }
    if (child == 0) {
        close(ends[0]);
        be_child(body, arg, ends[1]);
    }
    close(ends[1]);
    struct error said = {0};
    read_message(ends[0], child, stop, &said);
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (stop && *stop) return error_set(e, "%s: stopped on request", what);
    if (said.text[0]) return error_set(e, "%s", said.text);
    char end[128];
    apart_describe_end(status, end, sizeof end);
    return error_set(e, "%s ended with %s%s", what, end,
        WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
            ? "; most likely memory ran out: use a smaller `filter.sample`, or a larger machine"
            : "; this is a fault of reckon's own, please report it");
}
