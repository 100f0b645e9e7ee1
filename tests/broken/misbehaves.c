// Does what no model should, where the experiment says: each combination must become a failed row
// with its cause, and the run must go on.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reckon.h"

enum {
    EXIT,
    EXIT_NOW,
    ABORT,
    SEGFAULT,
    STACK,
    FAIL,
    ODD_STATUS,
    INFINITY_OUT,
    NAN_OUT,
    PRINT,
    LEAVE,
    LOOK,
    TELL,
    DRAW,
    READ_NULL,
    DIVIDE,
    TRAP,
    WRITE_CONST,
    LOOP,
    DEAF,
    HOARD,
    SHARE,
    FLOOD,
    BINARY,
    CLOSE,
    ESCAPE,
    KILL_WORKER,
    KILL_SELF,
    KILL_GROUP,
    THREAD_STACK,
    THREAD_NULL,
    RECORD,
    PATIENT,
    NICE,
    RIGHTS,
    ESCAPE_PATIENT,
    ASK,
    STARVE,
    WARN,
    CHILD
};
enum { IN_CREATE, IN_FIT, IN_PREDICT };

struct rk_params {
    int how, where;
};
struct rk_model {
    const rk_host *host;
    const rk_params *params;
};

// Not a tail call: each level needs its array after the deeper ones.
static int overflow(int depth) {
    volatile char room[4096];
    room[depth % 4096] = (char)depth;
    return depth < 0 ? 0 : overflow(depth + 1) + room[depth % 4096];
}

// As a mistake would: the compiler does not see what is read.
static int *volatile nowhere;
__attribute__((no_sanitize("undefined"))) static int read_nowhere(void) {
    return *nowhere;
}

static volatile int nothing;
__attribute__((no_sanitize("undefined"))) static int divide_by_nothing(volatile int n) {
    return n / nothing;
}

static volatile bool for_ever = true;
static int loop(void) {
    unsigned n = 0;
    while (for_ever) n++;
    return n != 0;
}

static rk_status hoard(const rk_host *host) {
    const size_t n = 64 << 20;
    for (int k = 0; k < 1600; k++) {
        volatile char *much = malloc(n);
        if (!much) return RK_E_MEMORY;
        for (size_t at = 0; at < n; at += 4096) much[at] = 1;
        poll(NULL, 0, 20); // the machine is others' too
    }
    return host->fail(host, RK_E_DATA, "100 GB were there");
}

// Memory that no limit of private memory counts.
static int share(void) {
    const size_t n = (size_t)100 << 30;
    volatile char *much =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (much == MAP_FAILED) return 0;
    for (size_t k = 0; k < n; k += 4096) {
        much[k] = 1;
        if (k % (16 << 20) == 0) poll(NULL, 0, 20); // the machine is others' too
    }
    return much[0];
}

static void flood(void) {
    static char page[1 << 16];
    memset(page, 7, sizeof page);
    for (int k = 0; k < 1 << 15; k++)
        if (write(STDOUT_FILENO, page, sizeof page) < 0) break;
    for (int k = 0; k < 1 << 16; k++) printf("line %d\n", k);
    for (int k = 0; k < 100; k++) putchar(k);
}

// A grandchild in a session of its own, whose parent has ended.
static pid_t escape(void) {
    int ends[2];
    if (pipe(ends) != 0) return 0;
    if (fork() == 0) {
        setsid();
        const pid_t grandchild = fork();
        if (grandchild == 0) {
            prctl(PR_SET_PDEATHSIG, 0);
            signal(SIGTERM, SIG_IGN);
            sleep(600);
        }
        if (write(ends[1], &grandchild, sizeof grandchild) < 0) _exit(1);
        _exit(0);
    }
    pid_t grandchild = 0;
    return read(ends[0], &grandchild, sizeof grandchild) < 0 ? 0 : grandchild;
}

static pid_t parent_of(pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    int parent = 0;
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%*d %*s %*c %d", &parent) != 1) parent = 0;
    if (f) fclose(f);
    return parent;
}

static rk_status kill_group(const rk_host *host) {
    const pid_t harness = parent_of(getppid());
    const int refused[] = {kill(harness, SIGTERM), kill(-getpgid(harness), SIGTERM)};
    return host->fail(
        host, RK_E_DATA, "signals to the harness gave %d and %d", refused[0], refused[1]);
}

// Takes what the harness sends a trial that has fitted, and makes the room for answers smaller.
static int cut_answers(int fd) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(4 * sizeof(int))];
    } control = {0};
    char bytes[64];
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof control.room};
    int fds[2];
    if (recvmsg(fd, &message, 0) <= 0 || !CMSG_FIRSTHDR(&message)) return 77;
    memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fds);
    return ftruncate(fds[1], 0);
}

// Says again and again that it has fitted, and reads no answer.
static rk_status ask(const rk_host *host) {
    const struct {
        uint32_t kind;
        double seconds __attribute__((packed));
    } packet = {10 /* MESSAGE_FITTED */, NAN};
    int n = 0, kind = 0, cut = 77;
    for (int fd = 3; fd < 64 && n == 0; fd++) {
        socklen_t size = sizeof kind;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) != 0) continue;
        while (n < 3000 && send(fd, &packet, sizeof packet, 0) == (ssize_t)sizeof packet) n++;
        if (n > 0) cut = cut_answers(fd);
    }
    return host->fail(host, RK_E_DATA, "asked %d times, and cutting gave %d", n, cut);
}

// Limits of the processes above it, and a call by its other number.
static rk_status starve(const rk_host *host) {
    const struct rlimit none = {0};
    const pid_t harness = parent_of(getppid());
    const int refused[] = {
        prlimit(harness, RLIMIT_CORE, &none, NULL), prlimit(getppid(), RLIMIT_CORE, &none, NULL)};
    const bool other = syscall(0x40000000 | SYS_getpid) < 0 && errno == EPERM;
    return host->fail(host, RK_E_DATA, "limits gave %d and %d, %d", refused[0], refused[1], other);
}

// A line of /proc/self/status.
static unsigned long long right(const char *name) {
    char line[256];
    unsigned long long set = 77;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0) set = strtoull(strchr(line, ':') + 1, NULL, 16);
    if (f) fclose(f);
    return set;
}

static rk_status in_thread(void *arg, uint32_t worker, size_t begin, size_t end) {
    const int how = *(const int *)arg;
    (void)begin, (void)end;
    if (worker == 0) { // the others have a turn
        poll(NULL, 0, 50);
        return RK_OK;
    }
    return how == THREAD_STACK ? overflow(0) == 7 : read_nowhere();
}

static rk_status misbehave_more(const rk_host *host, const rk_params *p) {
    switch (p->how) {
    case READ_NULL:
        return read_nowhere();
    case DIVIDE:
        return divide_by_nothing(1);
    case TRAP:
        __builtin_trap();
    case DEAF: {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        return loop();
    }
    case LOOP:
        return loop();
    case HOARD:
        return hoard(host);
    case SHARE:
        return share();
    case FLOOD:
        flood();
        return host->fail(host, RK_E_DATA, "flooded");
    case BINARY:
        for (int k = 0; k < 256; k++) putchar(k);
        putchar('\n');
        host->log(host, RK_LOG_INFO, "%d bytes were printed", 256);
        _exit(5);
    case CLOSE:
        for (int fd = 0; fd < 1024; fd++) close(fd);
        break;
    case ESCAPE:
        return host->fail(host, RK_E_DATA, "left %d behind", (int)escape());
    case ESCAPE_PATIENT: {
        const uint32_t left = (uint32_t)escape();
        while (host->progress(host, left, left + 1, 0)) poll(NULL, 0, 5);
        return RK_CANCELLED;
    }
    case KILL_WORKER:
        return host->fail(
            host, RK_E_DATA, "the signal to the worker gave %d", kill(getppid(), SIGKILL));
    case KILL_SELF:
        raise(SIGKILL);
        break;
    case KILL_GROUP:
        return kill_group(host);
    case THREAD_STACK:
    case THREAD_NULL: {
        int how = p->how;
        host->parallel_for(host, 8, 1, in_thread, &how);
        break;
    }
    case PATIENT: // until it is asked to stop
        while (host->progress(host, 1, 2, 0)) poll(NULL, 0, 5);
        return RK_CANCELLED;
    case NICE:
        return host->fail(host, RK_E_DATA, "niceness %d", getpriority(PRIO_PROCESS, 0));
    case RIGHTS:
        return host->fail(host, RK_E_DATA, "rights %llx, %llx, %llx, %llx, %llx; none new: %llx",
            right("CapInh"), right("CapPrm"), right("CapEff"), right("CapAmb"),
            geteuid() == 0 ? right("CapBnd") : 0, right("NoNewPrivs"));
    case ASK:
        return ask(host);
    case STARVE:
        return starve(host);
    case CHILD: // a crash of its own
        if (fork() == 0) abort();
        wait(NULL);
        _exit(6);
    case WARN:
        for (int k = 0; k < 1000; k++) host->log(host, RK_LOG_WARNING, "step %d", k);
        return host->fail(host, RK_E_DATA, "warned");
    case RECORD:
        for (;;) host->record(host, "loss", 1, 1);
    default:
        break;
    }
    return RK_OK;
}

static rk_status misbehave(const rk_host *host, const rk_params *p, int where) {
    if (p->where != where) return RK_OK;
    switch (p->how) {
    case EXIT:
        exit(0);
    case EXIT_NOW:
        _exit(3);
    case ABORT:
        abort();
    case SEGFAULT:
        raise(SIGSEGV);
        break;
    case STACK:
        return overflow(0) ? RK_OK : RK_OK;
    case FAIL:
        return host->fail(host, RK_E_DATA, "only %d of 7 moons are full", where);
    case ODD_STATUS:
        return 77;
    case PRINT:
        printf("\x1b[31mnot for you\x01\n");
        fflush(stdout);
        _exit(4);
    case LEAVE: {
        const pid_t left = fork();
        if (left == 0) {
            sleep(600);
            _exit(0);
        }
        return host->fail(host, RK_E_DATA, "left %d behind", (int)left);
    }
    case LOOK: {
        int n = 0;
        for (int fd = 0; fd < 1024; fd++) n += fcntl(fd, F_GETFD) >= 0;
        if (n > 4) return host->fail(host, RK_E_DATA, "%d descriptors are open", n);
        break; // standard ones and the trial's socket
    }
    case DRAW: {
        float x;
        host->uniform(host, 7, &x, 1);
        return host->fail(host, RK_E_DATA, "drew %.9f", (double)x);
    }
    default:
        break;
    }
    return misbehave_more(host, p);
}

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    const rk_status status = misbehave(host, params, IN_CREATE);
    if (status != RK_OK) return status;
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    free(m);
}

static rk_status fit(rk_model *m, const rk_data *train) {
    if (m->params->how == LOOK) { // the ratings are the other trials' too
        void *page = (void *)((uintptr_t)train->by_user.value & ~(uintptr_t)4095);
        if (mprotect(page, 1, PROT_READ | PROT_WRITE) == 0)
            return m->host->fail(m->host, RK_E_DATA, "ratings can be written");
    }
    if (m->params->how == WRITE_CONST) *(float *)(uintptr_t)train->by_user.value = 5;
    return misbehave(m->host, m->params, IN_FIT);
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = 3;
    if (pairs->n && m->params->how == TELL) {
        poll(NULL, 0, (int)(pairs->users[0] % 100)); // pieces fail in another order than they begin
        return m->host->fail(m->host, RK_E_DATA, "user %u", pairs->users[0]);
    }
    if (pairs->n && m->params->how == INFINITY_OUT) out[pairs->n - 1] = INFINITY;
    if (m->params->how == NAN_OUT)
        for (size_t k = 0; k < pairs->n; k++) out[k] = NAN;
    return misbehave(m->host, m->params, IN_PREDICT);
}

static const char *const hows[] = {"exit", "exit_now", "abort", "segfault", "stack", "fail",
    "odd_status", "infinity", "nan", "print", "leave", "look", "tell", "draw", "read_null",
    "divide", "trap", "write_const", "loop", "deaf", "hoard", "share", "flood", "binary", "close",
    "escape", "kill_worker", "kill_self", "kill_group", "thread_stack", "thread_null", "record",
    "patient", "nice", "rights", "escape_patient", "ask", "starve", "warn", "child", NULL};
static const char *const wheres[] = {"create", "fit", "predict", NULL};
static const rk_param schema[] = {
    RK_CHOICE(how, EXIT, hows, "what it does"),
    RK_CHOICE(where, IN_FIT, wheres, "in which function"),
};
RK_PLUGIN(.id = "misbehaves", .summary = "Does what no model should", .version = "1.0.0",
    RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit, .predict = predict)
