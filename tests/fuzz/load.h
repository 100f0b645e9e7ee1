// load.h - loads a data set of a fuzzer's making, and looks at all that came of it.
#ifndef RECKON_TESTS_FUZZ_LOAD_H
#define RECKON_TESTS_FUZZ_LOAD_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "data/dataset.h"
#include "data/source.h"
#include "experiment/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A folder of this process in memory.
static const char *load_folder(void) {
    static char folder[64];
    if (!*folder) {
        snprintf(folder, sizeof folder, "/dev/shm/reckon-fuzz-%d", (int)getpid());
        mkdir(folder, 0700);
        log_set_verbosity(LOG_QUIET);
    }
    return folder;
}

static void load_write(const char *name, const uint8_t *data, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", load_folder(), name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    close(fd);
}

static void look_at_rows(const rk_csr *m, float low, float high) {
    for (uint32_t r = 0; r < m->n_rows; r++)
        for (uint64_t e = m->start[r]; e < m->start[r + 1]; e++) {
            if (m->col[e] >= m->n_cols) abort();
            if (e > m->start[r] && m->col[e] <= m->col[e - 1]) abort();
            if (!(m->value[e] >= low && m->value[e] <= high)) abort();
        }
}

static void look_at(const struct dataset *d) {
    if (d->by_user.start[d->n_users] != d->n_ratings) abort();
    if (d->by_item.start[d->n_items] != d->n_ratings) abort();
    look_at_rows(&d->by_user, d->rating_min, d->rating_max);
    look_at_rows(&d->by_item, d->rating_min, d->rating_max);
    for (uint32_t u = 0; u < d->n_users; u++)
        if (dataset_find_user(d, texts_packed_get(&d->users, u)) != u) abort();
    for (uint32_t i = 0; i < d->n_items; i++)
        if (dataset_find_item(d, texts_packed_get(&d->items, i)) != i) abort();
    for (size_t t = 0; t < d->tags.n; t++)
        if (d->tags.item[t] >= d->n_items || d->tags.tag[t] >= d->tags.names.n) abort();
}

// A field of a format's settings, by its name.
__attribute__((unused)) static void *load_field(
    const struct data_format *format, void *settings, const char *name) {
    for (size_t k = 0; k < format->settings.n; k++)
        if (strcmp(format->settings.at[k].name, name) == 0)
            return (char *)settings + format->settings.at[k].offset;
    abort();
}

__attribute__((unused)) static void *load_settings(const struct data_format *format) {
    char *settings = calloc(1, format->settings.size);
    for (size_t k = 0; k < format->settings.n; k++)
        bind_default(&format->settings.at[k], settings + format->settings.at[k].offset);
    return settings;
}

// Either an error with a message, or a data set that holds together.
__attribute__((unused)) static void load(
    const struct data_format *format, const void *settings, bool skip) {
    struct error e = {0};
    const struct data_spec spec = {.format = format,
        .settings = settings,
        .common = {.flaws = skip ? FLAW_SKIP : FLAW_ERROR, .min_count = 1},
        .filter = {.sample = 1}};
    const int fd = image_create("fuzz", &e);
    if (data_load(&spec, 1, fd, &e)) {
        struct dataset d = {0};
        if (!dataset_map(&d, fd, &e)) abort();
        look_at(&d);
        dataset_done(&d);
    } else if (!*e.text) {
        abort();
    }
    close(fd);
}

#endif
