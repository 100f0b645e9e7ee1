// What a plugin keeps its hands off.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check/checks.h"
#include "check/filter.h"

// ---- Read-only ---------------------------------------------------------------------------------

static const struct planted *protected_data;

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    const unsigned char *at = info->si_addr;
    const struct planted *p = protected_data;
    if (at >= p->region && at < p->region + p->size)
        child_fail_text("writes to data, pairs or parameters, which are const");
    signal(number, SIG_DFL);
    raise(number);
}

void check_read_only(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    float *out = run_alloc(data.ask->n, sizeof *out);
    run_init(&r, s, &data);
    if (s->schema.n_params) {
        r.params = planted_room(&data, s->plugin->params_size);
        if (!r.params) child_skip("no room for its parameters");
        schema_bind(s->plugin, s->brief, r.params);
    }
    if (!planted_protect(&data)) child_skip("memory cannot be protected: %s", strerror(errno));
    protected_data = &data;
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &act, NULL);
    sigaction(SIGBUS, &act, NULL);
    run_must_fit(&r);
    run_must_predict(&r, data.ask, out);
    run_destroy(&r);
}

// ---- The host ----------------------------------------------------------------------------------

void check_host_calls(const struct subject *s) {
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        struct planted data;
        struct run r;
        run_data(&data, PLANTED_FULL, s);
        run_init(&r, s, &data);
        run_threads(&r, threads);
        float *out = run_alloc(data.ask->n, sizeof *out);
        run_must_fit(&r);
        run_must_predict(&r, data.ask, out);
        run_judge_host(&r);
        run_done(&r);
        planted_done(&data);
    }
}

// ---- The system --------------------------------------------------------------------------------

void check_system_calls(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    float *out = run_alloc(data.ask->n, sizeof *out);
    filter_start();
    run_must_fit(&r);
    run_must_predict(&r, data.ask, out);
    run_destroy(&r);
}

static size_t count_files(void) {
    DIR *d = opendir("/proc/self/fd");
    if (!d) child_skip("/proc/self/fd cannot be read: %s", strerror(errno));
    size_t n = 0;
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

void check_quiet(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    float *out = run_alloc(data.ask->n, sizeof *out);
    const size_t files = count_files();
    run_must_fit(&r);
    run_must_predict(&r, data.ask, out);
    run_destroy(&r);
    if (child_printed(STDOUT_FILENO))
        run_fail(&r, "prints %zu bytes to the standard output; host->log takes messages",
            child_printed(STDOUT_FILENO));
    if (child_printed(STDERR_FILENO))
        run_fail(&r, "prints %zu bytes to the standard error; host->log takes messages",
            child_printed(STDERR_FILENO));
    if (count_files() > files) run_fail(&r, "leaves %zu files open", count_files() - files);
}
