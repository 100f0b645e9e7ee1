#include "report/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/files.h"

// The file by which a folder is known to be one of ours.
static const char MARK[] = "provenance.json";
enum { OPEN_FILES = 16, UNIQUE = 6 };

static bool join(char out[4096], const char *parent, const char *file, struct error *e) {
    size_t n = strlen(parent);
    while (n > 0 && parent[n - 1] == '/') n--;
    if (n < 4096 && snprintf(out, 4096, "%.*s/%s", (int)n, parent, file) < 4096) return true;
    return error_set(e, "%s/%s: the path is longer than 4095 bytes", parent, file);
}

// Makes a folder and those that it lies in.
static bool make_folders(const char *path, struct error *e) {
    char part[4096];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return error_set(e, "%s: the path is longer than 4095 bytes", path);
    for (char *c = part + 1;; c++) {
        if (*c && *c != '/') continue;
        const char kept = *c;
        *c = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_set(e, "%s: the folder cannot be made: %s", part, strerror(errno));
        struct stat s;
        if (stat(part, &s) == 0 && !S_ISDIR(s.st_mode))
            return error_set(e, "%s: is no folder; move it, or choose another --out", part);
        *c = kept;
        if (!kept) return true;
    }
}

static bool is_empty(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return false;
    size_t n = 0;
    for (const struct dirent *d; (d = readdir(folder));)
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
    closedir(folder);
    return n == 0;
}

// Whether what is at `path` may be replaced: nothing, an empty folder, or results of ours.
static bool may_replace(const char *path, struct error *e) {
    struct stat s;
    if (lstat(path, &s) != 0)
        return errno == ENOENT || error_set(e, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(s.st_mode))
        return error_set(e,
            "%s: is in the way of the results and is no folder; move it, or choose "
            "another name or --out",
            path);
    char mark[4096];
    if (!join(mark, path, MARK, e)) return false;
    if (access(mark, F_OK) == 0 || is_empty(path)) return true;
    return error_set(e,
        "%s: holds something else than results (there is no %s), and is not "
        "replaced; move it, or choose another name or --out",
        path, MARK);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *place) {
    (void)s, (void)kind, (void)place;
    return remove(path);
}

static bool remove_folder(const char *path) {
    return nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS) == 0;
}

// A descriptor that holds the folder's lock, or -1: somebody else does.
static int lock_folder(const char *path) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    close(fd);
    return -1;
}

// Removes folders ".<name>.<six characters>" that no living process writes.
static void remove_leftovers(const char *parent, const char *prefix) {
    DIR *folder = opendir(parent);
    if (!folder) return;
    const size_t n = strlen(prefix);
    for (const struct dirent *d; (d = readdir(folder));) {
        char path[4096];
        if (strncmp(d->d_name, prefix, n) != 0 || strlen(d->d_name) != n + UNIQUE) continue;
        if (!join(path, parent, d->d_name, NULL)) continue;
        const int lock = lock_folder(path);
        if (lock < 0) continue;
        remove_folder(path);
        close(lock);
    }
    closedir(folder);
}

static void let_go(struct folder *f) {
    if (f->aside[0] && f->lock >= 0) close(f->lock);
    f->aside[0] = '\0';
}

bool folder_begin(struct folder *f, const char *parent, const char *name, struct error *e) {
    *f = (struct folder){0};
    struct folder made = {0};
    if (!*name || *name == '.' || strchr(name, '/'))
        return error_set(e,
            "name: \"%s\" cannot be the name of a folder of results; it must not be "
            "empty, begin with \".\" or hold \"/\"",
            name);
    if (!*parent) parent = ".";
    if (!make_folders(parent, e)) return false;
    if (!join(made.path, parent, name, e) || !may_replace(made.path, e)) return false;
    char hidden[300];
    const int prefix = snprintf(hidden, sizeof hidden, ".%.200s.", name);
    remove_leftovers(parent, hidden);
    snprintf(hidden + prefix, sizeof hidden - (size_t)prefix, "XXXXXX");
    if (!join(made.aside, parent, hidden, e)) return false;
    if (!mkdtemp(made.aside))
        return error_set(e, "%s: no folder can be made in it: %s", parent, strerror(errno));
    const mode_t mask = umask(0); // mkdtemp's 0700 becomes what mkdir would have given
    umask(mask);
    if (chmod(made.aside, 0777 & ~mask) != 0) {
        const int why = errno;
        rmdir(made.aside);
        return error_set(e, "%s: %s", made.aside, strerror(why));
    }
    made.lock = lock_folder(made.aside);
    *f = made;
    return true;
}

FILE *folder_open(struct folder *f, const char *file, struct error *e) {
    char path[4096], folder[4096];
    if (!join(path, f->aside, file, e)) return NULL;
    strcpy(folder, path);
    *strrchr(folder, '/') = '\0';
    if (!make_folders(folder, e)) return NULL;
    FILE *out = fopen(path, "we");
    if (!out) error_set(e, "%s: cannot be written: %s", path, strerror(errno));
    return out;
}

bool folder_close(struct folder *f, FILE *file, const char *name, struct error *e) {
    errno = 0;
    bool ok = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    const int why = errno;
    if (fclose(file) != 0) ok = false;
    if (ok) return true;
    const int last = why ? why : errno;
    char path[4096];
    if (join(path, f->aside, name, NULL)) unlink(path); // half a file is none
    return error_set(e, "%s/%s: cannot be written: %s", f->path, name, strerror(last));
}

void folder_remove(struct folder *f, const char *file) {
    char path[4096];
    if (f->aside[0] && join(path, f->aside, file, NULL)) remove_folder(path);
}

// After a crash of the machine a renamed folder must not be there without its entries.
static bool sync_folder(const char *path, struct error *e) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
    const int why = errno;
    if (fd >= 0) close(fd);
    return ok || error_set(e, "%s: cannot be written: %s", path, strerror(why));
}

static int sync_one(const char *path, const struct stat *s, int kind, struct FTW *place) {
    (void)s, (void)place;
    return kind == FTW_DP && !sync_folder(path, NULL) ? -1 : 0;
}

// For file systems that cannot exchange: the old folder steps aside for a moment.
static bool replace_in_two_steps(struct folder *f, struct error *e) {
    char old[4096 + 8];
    snprintf(old, sizeof old, "%s.old", f->aside);
    if (rename(f->path, old) != 0)
        return error_set(e, "%s: cannot be replaced: %s", f->path, strerror(errno));
    if (rename(f->aside, f->path) != 0) {
        const int why = errno;
        rename(old, f->path);
        return error_set(e, "%s: cannot be replaced: %s", f->path, strerror(why));
    }
    remove_folder(old);
    let_go(f);
    return true;
}

static bool put_in_place(struct folder *f, struct error *e) {
    if (!may_replace(f->path, e)) return false;
    // A plain rename replaces nothing, and an empty folder.
    if (rename(f->aside, f->path) == 0) {
        let_go(f);
        return true;
    }
    if (renameat2(AT_FDCWD, f->aside, AT_FDCWD, f->path, RENAME_EXCHANGE) == 0) {
        remove_folder(f->aside); // now the old one
        let_go(f);
        return true;
    }
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
        return replace_in_two_steps(f, e);
    return error_set(e, "%s: cannot be replaced: %s", f->path, strerror(errno));
}

bool folder_commit(struct folder *f, struct error *e) {
    if (nftw(f->aside, sync_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS) != 0)
        return error_set(e, "%s: cannot be written: %s", f->aside, strerror(errno));
    if (!put_in_place(f, e)) return false;
    char parent[4096];
    strcpy(parent, f->path);
    *strrchr(parent, '/') = '\0';
    return sync_folder(*parent ? parent : "/", e);
}

void folder_abandon(struct folder *f) {
    if (f->aside[0]) remove_folder(f->aside);
    let_go(f);
}

// What write_one() calls.
struct writing {
    struct folder *folder;
    const struct results *results;
    const struct tables *tables;
    struct error *e;
};

static bool write_long(
    const struct writing *w, const char *name, void (*write)(const struct results *, FILE *)) {
    FILE *out = folder_open(w->folder, name, w->e);
    if (!out) return false;
    write(w->results, out);
    return folder_close(w->folder, out, name, w->e);
}

static bool write_tables(const struct writing *w, const struct report_format *format) {
    char name[64];
    snprintf(name, sizeof name, "table.%s", format->id);
    FILE *out = folder_open(w->folder, name, w->e);
    if (!out) return false;
    const bool ok = format->write(w->tables, w->results, out, w->e);
    return folder_close(w->folder, out, name, ok ? w->e : NULL) && ok;
}

bool folder_write_results(struct folder *f, const struct results *r, const struct tables *t,
    const struct report_format *const *formats, size_t n_formats, struct error *e) {
    const struct writing w = {f, r, t, e};
    bool ok = write_long(&w, "scores.csv", files_write_scores) &&
              write_long(&w, "costs.csv", files_write_costs);
    if (ok && files_has_curves(r)) ok = write_long(&w, "curves.csv", files_write_curves);
    if (ok && files_has_tuning(r)) ok = write_long(&w, "tuning.csv", files_write_tuning);
    if (ok && r->n_failed) ok = write_long(&w, "failures.csv", files_write_failures);
    for (size_t k = 0; ok && k < n_formats; k++) ok = write_tables(&w, formats[k]);
    if (!ok) return false;
    FILE *out = folder_open(f, MARK, e);
    if (!out) return false;
    ok = files_write_provenance(r, out, e);
    return folder_close(f, out, MARK, ok ? e : NULL) && ok;
}
