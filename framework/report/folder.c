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

// The files by which a folder is known to be one of ours. The first is there only while all of a
// run's files are: it goes before they are replaced and comes after them.
static const char MARK[] = "provenance.json", STORE[] = "reckon.db";
static const char ASIDE[] = ".new.";
enum { OPEN_FILES = 16, UNIQUE = 6 };

static bool join(char out[4096], const char *parent, const char *file, struct error *e) {
    size_t n = strlen(parent);
    while (n > 0 && parent[n - 1] == '/') n--;
    if (n < 4096 && snprintf(out, 4096, "%.*s/%s", (int)n, parent, file) < 4096) return true;
    return error_set(e, "%s/%s: the path is longer than 4095 bytes", parent, file);
}

bool folder_make(const char *path, struct error *e) {
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
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
             strncmp(d->d_name, ASIDE, strlen(ASIDE)) != 0;
    closedir(folder);
    return n == 0;
}

static bool holds(const char *path, const char *file) {
    char full[4096];
    return join(full, path, file, NULL) && access(full, F_OK) == 0;
}

// Whether results may be put at `path`: nothing is there, an empty folder, or results of ours.
static bool may_use(const char *path, struct error *e) {
    struct stat s;
    if (lstat(path, &s) != 0)
        return errno == ENOENT || error_set(e, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(s.st_mode))
        return error_set(e,
            "%s: is in the way of the results and is no folder; move it, or choose "
            "another name or --out",
            path);
    if (holds(path, MARK) || holds(path, STORE) || is_empty(path)) return true;
    return error_set(e,
        "%s: holds something else than results (there is neither %s nor %s), and is not "
        "touched; move it, or choose another name or --out",
        path, MARK, STORE);
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

// Removes what a process that no longer lives was writing in the folder.
static void remove_leftovers(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return;
    const size_t n = strlen(ASIDE);
    for (const struct dirent *d; (d = readdir(folder));) {
        char aside[4096];
        if (strncmp(d->d_name, ASIDE, n) != 0 || strlen(d->d_name) != n + UNIQUE) continue;
        if (!join(aside, path, d->d_name, NULL)) continue;
        const int lock = lock_folder(aside);
        if (lock < 0) continue;
        remove_folder(aside);
        close(lock);
    }
    closedir(folder);
}

static bool make_aside(struct folder *f, struct error *e) {
    char name[sizeof ASIDE + UNIQUE];
    snprintf(name, sizeof name, "%sXXXXXX", ASIDE);
    if (!join(f->aside, f->path, name, e)) return false;
    if (mkdtemp(f->aside)) {
        f->lock = lock_folder(f->aside);
        return true;
    }
    f->aside[0] = '\0';
    return error_set(e, "%s: nothing can be written in it: %s", f->path, strerror(errno));
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
    if (!folder_make(parent, e)) return false;
    if (!join(made.path, parent, name, e) || !may_use(made.path, e)) return false;
    made.made = mkdir(made.path, 0777) == 0;
    if (!made.made && errno != EEXIST)
        return error_set(e, "%s: the folder cannot be made: %s", made.path, strerror(errno));
    remove_leftovers(made.path);
    if (!make_aside(&made, e)) {
        if (made.made) rmdir(made.path);
        return false;
    }
    *f = made;
    return true;
}

FILE *folder_open(struct folder *f, const char *file, struct error *e) {
    char path[4096], folder[4096];
    if (!join(path, f->aside, file, e)) return NULL;
    strcpy(folder, path);
    *strrchr(folder, '/') = '\0';
    if (!folder_make(folder, e)) return NULL;
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

// After a crash of the machine an entry must not be there without its bytes, nor the other way.
static bool sync_folder(const char *path, struct error *e) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
    const int why = errno;
    if (fd >= 0) close(fd);
    return ok || error_set(e, "%s: cannot be written: %s", path, strerror(why));
}

// This run may lack some: they would be those of another one.
bool folder_writes(const char *file) {
    static const char *const ours[] = {"scores.csv", "costs.csv", "curves.csv", "failures.csv",
        "tuning.csv", "experiment.cfg", MARK};
    for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
        if (strcmp(file, ours[k]) == 0) return true;
    for (size_t k = 0; k < report_format_count(); k++) {
        const char *own = report_format_nth(k)->file;
        if (own && strcmp(file, own) == 0) return true;
    }
    return strncmp(file, "table.", 6) == 0 && report_format_find(file + 6);
}

static bool remove_old(const struct folder *f) {
    char path[4096];
    if (join(path, f->path, MARK, NULL)) unlink(path);
    DIR *folder = opendir(f->path);
    if (!folder) return false;
    for (const struct dirent *d; (d = readdir(folder));)
        if (folder_writes(d->d_name) && !holds(f->aside, d->d_name) &&
            join(path, f->path, d->d_name, NULL))
            unlink(path);
    closedir(folder);
    return true;
}

static bool move(const struct folder *f, const char *file, struct error *e) {
    char from[4096], to[4096];
    if (!join(from, f->aside, file, e) || !join(to, f->path, file, e)) return false;
    return rename(from, to) == 0 || error_set(e, "%s: cannot be replaced: %s", to, strerror(errno));
}

static bool move_all(const struct folder *f, struct error *e) {
    DIR *folder = opendir(f->aside);
    bool ok = folder || error_set(e, "%s: %s", f->aside, strerror(errno));
    for (const struct dirent *d; ok && (d = readdir(folder));)
        ok = *d->d_name == '.' || strcmp(d->d_name, MARK) == 0 || move(f, d->d_name, e);
    if (folder) closedir(folder);
    return ok;
}

bool folder_commit(struct folder *f, struct error *e) {
    if (!sync_folder(f->aside, e)) return false;
    if (!remove_old(f)) return error_set(e, "%s: %s", f->path, strerror(errno));
    if (!sync_folder(f->path, e) || !move_all(f, e) || !sync_folder(f->path, e)) return false;
    if (holds(f->aside, MARK) && !move(f, MARK, e)) return false;
    f->made = false;
    folder_abandon(f);
    return sync_folder(f->path, e);
}

void folder_abandon(struct folder *f) {
    if (!f->aside[0]) return;
    remove_folder(f->aside);
    if (f->lock >= 0) close(f->lock);
    if (f->made) rmdir(f->path); // unless something has come to lie in it
    f->aside[0] = '\0';
}

// What write_one() calls.
struct writing {
    struct folder *folder;
    const struct report *report;
    struct error *e;
};

static bool write_long(
    const struct writing *w, const char *name, void (*write)(const struct results *, FILE *)) {
    FILE *out = folder_open(w->folder, name, w->e);
    if (!out) return false;
    write(w->report->results, out);
    return folder_close(w->folder, out, name, w->e);
}

static bool write_tables(const struct writing *w, const struct report_format *format) {
    char name[64];
    if (format->file)
        snprintf(name, sizeof name, "%s", format->file);
    else
        snprintf(name, sizeof name, "table.%s", format->id);
    FILE *out = folder_open(w->folder, name, w->e);
    if (!out) return false;
    const bool ok = format->write(w->report, out, w->e);
    return folder_close(w->folder, out, name, ok ? w->e : NULL) && ok;
}

bool folder_write_results(struct folder *f, const struct report *report,
    const struct report_format *const *formats, size_t n_formats, struct error *e) {
    const struct results *r = report->results;
    const struct writing w = {f, report, e};
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
