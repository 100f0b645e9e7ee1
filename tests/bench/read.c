// Reads a MovieLens set into both matrices and says how long it took, and the most memory that was
// anonymous or in memory files meanwhile. Usage: bench_read PATH [THREADS [FOLD_LINES]]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "data/source.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// RssAnon + RssShmem of a process, in KiB.
static long resident(pid_t pid) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    long sum = 0, value;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "RssAnon: %ld", &value) == 1 || sscanf(line, "RssShmem: %ld", &value) == 1)
            sum += value;
    if (f) fclose(f);
    return sum;
}

static int load(const char *path, uint32_t threads, const char *lines, int fd) {
    const struct data_format *format = data_format_find("movielens");
    const struct path settings = {path, path};
    const struct data_spec spec = {.format = format,
        .settings = &settings,
        .common = {.min_count = 1},
        .filter = {.sample = 1},
        .fold_lines = lines};
    struct error e = {0};
    const double start = now();
    if (!data_load(&spec, threads, fd, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    printf("seconds %.3f\n", now() - start);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    struct error e = {0};
    const int fd = image_create("bench", &e);
    const pid_t child = fork();
    if (child == 0)
        _exit((fflush(stdout), load(argv[1], argc > 2 ? (uint32_t)atoi(argv[2]) : 1,
                                   argc > 3 ? argv[3] : NULL, fd)) |
              fflush(stdout));
    long peak = 0;
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        const long now_kib = resident(child);
        if (now_kib > peak) peak = now_kib;
        usleep(500);
    }
    if (status != 0) return 1;
    struct dataset d;
    if (!dataset_map(&d, fd, &e)) return fprintf(stderr, "%s\n", e.text), 1;
    printf("ratings %llu users %u items %u titles %u tags %zu groups %u+%u times %d\n",
        (unsigned long long)d.n_ratings, d.n_users, d.n_items, d.titles.n, d.tags.n,
        d.n_user_features, d.n_item_features, d.time != NULL);
    for (uint32_t k = 0; k < d.n_user_features + d.n_item_features; k++) {
        const rk_features *f = &d.user_features[k];
        printf("  %s: %u columns, %llu values\n", f->name, f->values.n_cols,
            (unsigned long long)f->values.start[f->values.n_rows]);
    }
    printf("peak %.1f MiB, %.1f bytes a rating\nhash %s\n", (double)peak / 1024,
        (double)peak * 1024 / (double)d.n_ratings, d.hash);
    dataset_done(&d);
    return 0;
}
