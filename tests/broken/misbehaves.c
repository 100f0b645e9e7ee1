// Does what no model should, where the experiment says: each combination must become a failed row
// with its cause, and the run must go on.
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
    DRAW
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
    return RK_OK;
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
    "odd_status", "infinity", "nan", "print", "leave", "look", "tell", "draw", NULL};
static const char *const wheres[] = {"create", "fit", "predict", NULL};
static const rk_param schema[] = {
    RK_CHOICE(how, EXIT, hows, "what it does"),
    RK_CHOICE(where, IN_FIT, wheres, "in which function"),
};
RK_PLUGIN(.id = "misbehaves", .summary = "Does what no model should", .version = "1.0.0",
    RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit, .predict = predict)
