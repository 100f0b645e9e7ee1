// Tells which of these it reaches, as a row's cause: a file in $HOME, the file $PEEK_DATA, port
// $PEEK_PORT of this machine, and processes other than its own and its worker's.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reckon.h"

struct rk_model {
    const rk_host *host;
};

static int can_open(const char *path) {
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static int can_connect(void) {
    const char *port = getenv("PEEK_PORT");
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!port || fd < 0) return 0;
    const struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int failed = connect(fd, (const struct sockaddr *)&there, sizeof there);
    close(fd);
    return !failed;
}

static int sees_others(void) {
    int n = 0;
    DIR *d = opendir("/proc");
    for (const struct dirent *entry; d && (entry = readdir(d));)
        n += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
    if (d) closedir(d);
    return n > 2;
}

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    (void)params;
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    free(m);
}

static rk_status fit(rk_model *m, const rk_data *train) {
    (void)train;
    char file[4096];
    snprintf(file, sizeof file, "%s/secret", getenv("HOME") ? getenv("HOME") : "");
    return m->host->fail(m->host, RK_E_DATA, "home %d, data %d, network %d, processes %d",
        can_open(file), can_open(getenv("PEEK_DATA")), can_connect(), sees_others());
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    (void)m;
    for (size_t k = 0; k < pairs->n; k++) out[k] = 3;
    return RK_OK;
}

RK_PLUGIN(.id = "peeks", .summary = "Looks for files, network and processes", .version = "1.0.0",
    .create = create, .destroy = destroy, .fit = fit, .predict = predict)
