// Looks for labels where none may be: in its own memory and descriptors, and in those of every
// other process that it can reach. Four values in a row, each `known` (that training rows have),
// must be found: else it can't look. Four of `planted`, that only test rows have, must not be.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reckon.h"

struct rk_params {
    double known, planted;
};
struct rk_model {
    const rk_host *host;
    const rk_params *params;
    size_t n_known, n_planted, n_opened;
    char where[256]; // a planted label was found
};

enum { ROW = 4, WINDOW = 1 << 20 };
static unsigned char window[WINDOW];

// The values are never in memory side by side but where they were found: each is compared alone.
static size_t count_rows(const unsigned char *at, size_t n, float value) {
    size_t found = 0;
    for (size_t k = 0; k + ROW * sizeof value <= n; k += sizeof value) {
        int same = 0;
        while (
            same < ROW && memcmp(at + k + (size_t)same * sizeof value, &value, sizeof value) == 0)
            same++;
        found += same == ROW;
    }
    return found;
}

static void search(rk_model *m, const unsigned char *at, size_t n, const char *what) {
    m->n_known += count_rows(at, n, (float)m->params->known);
    const size_t planted = count_rows(at, n, (float)m->params->planted);
    if (planted && !m->n_planted) snprintf(m->where, sizeof m->where, "%s", what);
    m->n_planted += planted;
}

// Bytes [from, end) of a descriptor; the buffer itself is left out of its own memory.
static void search_range(rk_model *m, int fd, size_t from, size_t end, const char *what) {
    while (from < end) {
        const size_t want = end - from < WINDOW ? end - from : WINDOW;
        const ssize_t got = pread(fd, window, want, (off_t)from);
        if (got <= 0) break;
        search(m, window, (size_t)got, what);
        from += (size_t)got;
    }
    memset(window, 0, sizeof window);
}

static void search_file(rk_model *m, const char *path) {
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    struct stat s;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0) {
        m->n_opened++;
        search_range(m, fd, 0, (size_t)s.st_size, path);
    }
    close(fd);
}

// Everything mapped by a process, by its /proc/PID/mem.
static void search_memory(rk_model *m, const char *pid) {
    char path[300], line[512];
    snprintf(path, sizeof path, "/proc/%s/maps", pid);
    FILE *maps = fopen(path, "re");
    snprintf(path, sizeof path, "/proc/%s/mem", pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (maps && fd >= 0 && fgets(line, sizeof line, maps)) {
        size_t from, end;
        char access[8];
        if (sscanf(line, "%zx-%zx %7s", &from, &end, access) != 3 || access[0] != 'r') continue;
        if ((size_t)window >= from && (size_t)window < end) end = (size_t)window;
        search_range(m, fd, from, end, path);
    }
    if (fd >= 0) close(fd);
    if (maps) fclose(maps);
}

static void search_folder(rk_model *m, const char *pid, const char *folder) {
    char path[300], file[600];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, folder);
    DIR *d = opendir(path);
    for (const struct dirent *entry; d && (entry = readdir(d));) {
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        search_file(m, file);
    }
    if (d) closedir(d);
}

// Some address in the process that can be read: 1, if another process's memory was.
static void search_by_call(rk_model *m, pid_t pid) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    while (maps && fgets(line, sizeof line, maps)) {
        size_t from, end;
        if (sscanf(line, "%zx-%zx rw", &from, &end) != 2) continue;
        const struct iovec own = {window, WINDOW};
        const struct iovec theirs = {(void *)from, end - from < WINDOW ? end - from : WINDOW};
        const ssize_t got = process_vm_readv(pid, &own, 1, &theirs, 1, 0);
        if (got > 0) search(m, window, (size_t)got, "process_vm_readv");
    }
    if (maps) fclose(maps);
    if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0) return;
    waitpid(pid, NULL, 0);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    snprintf(m->where, sizeof m->where, "ptrace of %d", (int)pid);
    m->n_planted++;
}

static pid_t parent_of(pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    int parent = 0;
    FILE *f = fopen(path, "re");
    if (f && fscanf(f, "%*d %*s %*c %d", &parent) != 1) parent = 0;
    if (f) fclose(f);
    return parent;
}

static bool is_kin(pid_t process, pid_t harness) {
    for (int step = 0; step < 8 && process > 1; step++, process = parent_of(process))
        if (process == harness) return true;
    return false;
}

// Its own memory and descriptors, its worker's, the harness's, and those of their other children.
static void search_all(rk_model *m) {
    search_memory(m, "self");
    search_folder(m, "self", "fd");
    const pid_t harness = parent_of(getppid());
    DIR *d = opendir("/proc");
    for (const struct dirent *entry; d && (entry = readdir(d));) {
        const pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
        if (process <= 1 || process == getpid() || !is_kin(process, harness)) continue;
        search_memory(m, entry->d_name);
        search_folder(m, entry->d_name, "fd");
        search_folder(m, entry->d_name, "map_files");
        if (process == harness) search_by_call(m, process);
    }
    if (d) closedir(d);
}

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
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

static rk_status report(rk_model *m, const char *when) {
    if (m->n_known == 0)
        return m->host->fail(m->host, RK_E_DATA, "it can't look: no known label in %s", when);
    if (m->n_planted)
        return m->host->fail(m->host, RK_E_DATA, "found a planted label in %s: %s", when, m->where);
    return RK_OK;
}

static rk_status fit(rk_model *m, const rk_data *train) {
    (void)train;
    search_all(m);
    return report(m, "fit");
}

static rk_status predict(const rk_model *fitted, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++) out[k] = 3;
    rk_model *m = (rk_model *)(uintptr_t)fitted;
    search_all(m);
    return report(m, "predict");
}

static const rk_param schema[] = {
    RK_REAL(known, 2.5, 0, 5, RK_LINEAR, "what many ratings of the training rows are"),
    RK_REAL(planted, 3.5, 0, 5, RK_LINEAR, "what those of the test rows are"),
};
RK_PLUGIN(.id = "hunts", .summary = "Looks for test labels everywhere", .version = "1.0.0",
    RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit, .predict = predict)
