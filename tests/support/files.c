#include "support/files.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/image.h"
#include "data/columns.h"

static char folder[256];

const char *files_init(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/reckon-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder)) folder[0] = '\0';
    return folder;
}

void files_done(void) {
    DIR *dir = folder[0] ? opendir(folder) : NULL;
    for (const struct dirent *d; dir && (d = readdir(dir));)
        if (d->d_name[0] != '.') unlinkat(dirfd(dir), d->d_name, 0);
    if (dir) closedir(dir);
    if (folder[0]) rmdir(folder);
    folder[0] = '\0';
}

const char *files_path(const char *name) {
    static char path[64][512];
    static unsigned turn;
    char *here = path[turn++ % 64];
    snprintf(here, sizeof path[0], "%s/%s", folder, name);
    return here;
}

const char *files_write_bytes(const char *name, const void *bytes, size_t n) {
    const char *path = files_path(name);
    FILE *f = fopen(path, "wb");
    if (!f) return "";
    const bool ok = fwrite(bytes, 1, n, f) == n;
    return fclose(f) == 0 && ok ? path : "";
}

const char *files_write(const char *name, const char *text) {
    return files_write_bytes(name, text, strlen(text));
}

static bool ends_with(const char *name, const char *end) {
    const size_t n = strlen(name), k = strlen(end);
    return n >= k && strcmp(name + n - k, end) == 0;
}

static bool choose_form(struct archive *a, const char *name) {
    const bool tar = strstr(name, ".tar") != NULL;
    if (ends_with(name, ".zip")) return archive_write_set_format_zip(a) == ARCHIVE_OK;
    if (ends_with(name, ".7z")) return archive_write_set_format_7zip(a) == ARCHIVE_OK;
    if (ends_with(name, ".gz")) archive_write_add_filter_gzip(a);
    if (ends_with(name, ".zst")) archive_write_add_filter_zstd(a);
    if (ends_with(name, ".xz")) archive_write_add_filter_xz(a);
    if (ends_with(name, ".bz2")) archive_write_add_filter_bzip2(a);
    return (tar ? archive_write_set_format_ustar(a) : archive_write_set_format_raw(a)) ==
           ARCHIVE_OK;
}

const char *files_pack(const char *name, const char *const *pairs) {
    const char *path = files_path(name);
    struct archive *a = archive_write_new();
    bool ok = a && choose_form(a, name) && archive_write_open_filename(a, path) == ARCHIVE_OK;
    for (; ok && *pairs; pairs += 2) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, pairs[0]);
        archive_entry_set_size(entry, (int64_t)strlen(pairs[1]));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        ok = archive_write_header(a, entry) == ARCHIVE_OK &&
             archive_write_data(a, pairs[1], strlen(pairs[1])) == (la_ssize_t)strlen(pairs[1]);
        archive_entry_free(entry);
    }
    ok = ok && archive_write_close(a) == ARCHIVE_OK;
    archive_write_free(a);
    return ok ? path : "";
}

const char *files_real(const char *name) {
    static char path[1024];
    const char *data = getenv("RECKON_DATA"), *source = getenv("RECKON_SOURCE");
    snprintf(path, sizeof path, "%s/%s", data ? data : "", name);
    if (data && access(path, R_OK) == 0) return path;
    snprintf(path, sizeof path, "%s/../shared/data/%s", source ? source : ".", name);
    return access(path, R_OK) == 0 ? path : NULL;
}

// ---- Settings ----------------------------------------------------------------------------------

static void *field(struct load *l, const char *name) {
    const struct settings *s = &l->spec.format->settings;
    for (size_t k = 0; k < s->n; k++)
        if (strcmp(s->at[k].name, name) == 0) return l->settings.bytes + s->at[k].offset;
    fprintf(stderr, "no setting %s\n", name);
    abort();
}

void load_init(struct load *l, const char *format) {
    *l = (struct load){.spec = {.format = data_format_find(format),
                           .common = {.min_count = 1},
                           .filter = {.sample = 1}}};
    l->spec.settings = l->settings.bytes;
    const struct settings *s = &l->spec.format->settings;
    for (size_t k = 0; k < s->n; k++) {
        void *at = l->settings.bytes + s->at[k].offset;
        if (s->at[k].type == SETTING_TEXT) *(const char **)at = s->at[k].def_text;
        if (s->at[k].type == SETTING_BOOL) *(bool *)at = s->at[k].def != 0;
    }
}

void load_path(struct load *l, const char *name, const char *path) {
    void *at = field(l, name);
    l->path[l->n_paths] = (struct path){path, path};
    const struct settings *s = &l->spec.format->settings;
    for (size_t k = 0; k < s->n; k++) {
        if (strcmp(s->at[k].name, name) != 0) continue;
        if (s->at[k].type == SETTING_PATH) {
            *(struct path *)at = l->path[l->n_paths];
        } else {
            struct paths *list = at;
            if (list->n == 0) list->at = &l->path[l->n_paths];
            list->n++; // paths of one list are given one after the other
        }
    }
    l->n_paths++;
}

void load_column(struct load *l, const char *name, const char *column) {
    *(struct column *)field(l, name) = column_from_text(column);
}

void load_text(struct load *l, const char *name, const char *text) {
    *(const char **)field(l, name) = text;
}

void load_bool(struct load *l, const char *name, bool value) {
    *(bool *)field(l, name) = value;
}

void load_scale(struct load *l, double min, double max) {
    l->real[0] = min;
    l->real[1] = max;
    *(struct reals *)field(l, "scale") = (struct reals){l->real, 2};
}

bool load_run(struct load *l, struct dataset *out, uint32_t n_threads, struct error *e) {
    *e = (struct error){0};
    const int fd = image_create("test", e);
    const bool ok = fd >= 0 && data_load(&l->spec, n_threads, fd, e) && dataset_map(out, fd, e);
    if (fd >= 0) close(fd);
    return ok;
}
