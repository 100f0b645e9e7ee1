// store_gc: what is no longer needed goes.
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trial/store_own.h"
#include "trial/store_read.h"

static bool clear_tables(struct store *s, struct store_cleared *out, struct error *e) {
    if (!store_do(s, e,
            "DELETE FROM runs WHERE run < (SELECT max(run) FROM runs WHERE state = 'done')", ""))
        return false;
    out->runs = (size_t)sqlite3_changes(s->db);
    if (!store_do(s, e, "DELETE FROM trials WHERE trial NOT IN (SELECT trial FROM places)", ""))
        return false;
    out->trials = (size_t)sqlite3_changes(s->db);
    return true;
}

// Whether a file of the folder of predictions belongs to a stored trial; what is half written, or
// of a trial that is gone, does not. -1: the store cannot be read.
static int belongs(struct store *s, const char *name, struct error *e) {
    char path[512];
    snprintf(path, sizeof path, "predictions/%s", name);
    sqlite3_stmt *q = store_query(s, e,
        "SELECT 1 FROM trials WHERE key = substr(?1, 13, 32) AND predictions = ?1", "t", path);
    const int step = q ? store_step(s, q, e) : -1;
    if (step > 0) sqlite3_reset(q);
    return step;
}

static bool clear_files(struct store *s, struct store_cleared *out, struct error *e) {
    char path[4096 + 300];
    snprintf(path, sizeof path, "%s/predictions", s->folder);
    DIR *folder = opendir(path);
    if (!folder) return true;
    int step = 0;
    for (const struct dirent *d; step >= 0 && (d = readdir(folder));) {
        struct stat st;
        snprintf(path, sizeof path, "%s/predictions/%s", s->folder, d->d_name);
        if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) continue;
        step = belongs(s, d->d_name, e);
        if (step != 0 || unlink(path) != 0) continue;
        out->files++;
        out->bytes += (uint64_t)st.st_size;
    }
    closedir(folder);
    return step >= 0;
}

static uint64_t size_of(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

// Into the file itself, so that its size is what it holds.
static bool checkpoint(struct store *s, struct error *e) {
    return store_script(s, "PRAGMA wal_checkpoint(TRUNCATE)", e);
}

bool store_gc(struct store *s, struct store_cleared *out, struct error *e) {
    *out = (struct store_cleared){0};
    if (!store_flush(s, e) || !checkpoint(s, e)) return false;
    const uint64_t before = size_of(s->path);
    if (!store_change(s, e)) return false;
    if (!clear_tables(s, out, e)) return store_take_back(s);
    if (!store_flush(s, e) || !clear_files(s, out, e) || !store_script(s, "VACUUM", e) ||
        !checkpoint(s, e))
        return false;
    const uint64_t after = size_of(s->path);
    out->bytes += before > after ? before - after : 0;
    return true;
}
