#include "core/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot_write(const char *path, struct error *e) {
    return error_set(e, "%s: cannot be written: %s", path, strerror(errno));
}

// Where links lead to; a file that isn't there yet is taken as it is named.
static bool find_path(struct replace *r, const char *path, struct error *e) {
    char found[PATH_MAX];
    if (realpath(path, found)) path = found;
    const int n = snprintf(r->path, sizeof r->path, "%s", path);
    return n < (int)sizeof r->path || error_set(e, "%s: the path is too long", path);
}

// As others would make a file: mkstemp() gives it to its owner alone.
static bool open_aside(struct replace *r, struct error *e) {
    snprintf(r->aside, sizeof r->aside, "%s.XXXXXX", r->path);
    const int fd = mkostemp(r->aside, O_CLOEXEC);
    if (fd < 0) return cannot_write(r->path, e);
    const mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) == 0 && (r->file = fdopen(fd, "w"))) return true;
    cannot_write(r->path, e);
    close(fd);
    unlink(r->aside);
    return false;
}

bool replace_begin(struct replace *r, const char *path, struct error *e) {
    *r = (struct replace){0};
    if (!find_path(r, path, e)) return false;
    struct stat s;
    if (stat(r->path, &s) != 0 || S_ISREG(s.st_mode)) return open_aside(r, e);
    r->file = fopen(r->path, "we");
    return r->file || cannot_write(r->path, e);
}

// A name is on disk once its folder is. Some file systems can't say so.
static void sync_folder(const char *path) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    const int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

bool replace_commit(struct replace *r, struct error *e) {
    FILE *file = r->file;
    bool ok = fflush(file) == 0 && !ferror(file);
    if (ok && *r->aside) ok = fsync(fileno(file)) == 0;
    if (!ok) cannot_write(r->path, e);
    r->file = NULL;
    if (fclose(file) != 0 && ok) ok = cannot_write(r->path, e);
    if (!*r->aside) return ok;
    if (ok && rename(r->aside, r->path) != 0) ok = cannot_write(r->path, e);
    if (ok)
        sync_folder(r->path);
    else
        unlink(r->aside);
    return ok;
}

void replace_abandon(struct replace *r) {
    if (!r->file) return;
    fclose(r->file);
    if (*r->aside) unlink(r->aside);
    r->file = NULL;
}
