#include "support/power.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 8, SECTOR = 512 };

// A change that was not synced yet.
struct change {
    sqlite3_int64 at; // of a truncation, the new size, with a NULL `bytes`
    int n;
    unsigned char *bytes; // owned
};

// One path of the disk.
struct disk_file {
    char path[512];
    unsigned char *kept; // [size]: what was synced
    size_t size;
    bool exists;            // on the disk itself
    bool gone;              // deleted, but the folder was not synced since
    struct change *changes; // [n]
    size_t n;
};

static struct disk_file files[MOST_FILES];
static size_t n_files;
static enum power_fault fault;
static size_t fault_at, step;
static bool struck;
static sqlite3_vfs *real;

struct power_file {
    sqlite3_file base;
    struct disk_file *disk; // NULL: not on the disk (temporary)
    sqlite3_file *real;     // behind this struct
};

// ---- The disk ----------------------------------------------------------------------------------

static void *checked(void *p) {
    if (!p) abort();
    return p;
}

static void forget(struct disk_file *d) {
    for (size_t k = 0; k < d->n; k++) free(d->changes[k].bytes);
    free(d->changes);
    d->changes = NULL;
    d->n = 0;
}

// What is there when the file is first seen was synced.
static struct disk_file *disk_of(const char *path) {
    for (size_t k = 0; k < n_files; k++)
        if (strcmp(files[k].path, path) == 0) return &files[k];
    if (n_files == MOST_FILES) abort();
    struct disk_file *d = &files[n_files++];
    *d = (struct disk_file){0};
    snprintf(d->path, sizeof d->path, "%s", path);
    FILE *in = fopen(path, "rb");
    if (!in) return d;
    d->exists = true;
    fseek(in, 0, SEEK_END);
    d->size = (size_t)ftell(in);
    rewind(in);
    d->kept = checked(malloc(d->size + 1));
    if (fread(d->kept, 1, d->size, in) != d->size) abort();
    fclose(in);
    return d;
}

static void add_change(struct disk_file *d, const void *bytes, int n, sqlite3_int64 at) {
    d->changes = checked(realloc(d->changes, (d->n + 1) * sizeof *d->changes));
    struct change *c = &d->changes[d->n++];
    *c = (struct change){at, n, NULL};
    if (bytes) c->bytes = memcpy(checked(malloc((size_t)n + 1)), bytes, (size_t)n);
}

static void resize(struct disk_file *d, size_t size) {
    if (size > d->size) {
        d->kept = checked(realloc(d->kept, size + 1));
        memset(d->kept + d->size, 0, size - d->size);
    }
    d->size = size;
}

static void apply(struct disk_file *d, const struct change *c, size_t from, size_t n) {
    const size_t at = (size_t)c->at + from;
    if (at + n > d->size) resize(d, at + n);
    memcpy(d->kept + at, c->bytes + from, n);
}

// What was deleted stays deleted from now on.
static void sync_names(void) {
    for (size_t k = 0; k < n_files; k++)
        if (files[k].gone) {
            files[k].exists = files[k].gone = false;
            files[k].size = 0;
        }
}

static void apply_all(struct disk_file *d) {
    if (!d->exists) sync_names(); // SQLite syncs the folder with a new file

    for (size_t k = 0; k < d->n; k++)
        if (d->changes[k].bytes)
            apply(d, &d->changes[k], 0, (size_t)d->changes[k].n);
        else
            resize(d, (size_t)d->changes[k].at);
    d->exists = true;
    d->gone = false;
    forget(d);
}

static bool is_lucky(unsigned luck, size_t what) {
    uint64_t x = (uint64_t)luck * 0x9e3779b97f4a7c15u + what * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 31) * 0x94d049bb133111ebu;
    return luck && (x >> 40 & 1);
}

static void apply_some(struct disk_file *d, unsigned luck) {
    size_t what = 0;
    for (size_t k = 0; k < d->n; k++) {
        const struct change *c = &d->changes[k];
        if (!c->bytes && is_lucky(luck, what++)) resize(d, (size_t)c->at);
        for (size_t at = 0; c->bytes && at < (size_t)c->n; at += SECTOR, what++)
            if (is_lucky(luck, what)) {
                const size_t left = (size_t)c->n - at;
                apply(d, c, at, left < SECTOR ? left : SECTOR);
                d->exists = true;
            }
    }
}

void power_restore(unsigned luck) {
    for (size_t k = 0; k < n_files; k++) {
        struct disk_file *d = &files[k];
        const size_t n = strlen(d->path);
        apply_some(d, luck);
        if (!d->exists || (n > 4 && strcmp(d->path + n - 4, "-shm") == 0)) {
            unlink(d->path);
            continue;
        }
        FILE *out = checked(fopen(d->path, "wb"));
        if (fwrite(d->kept, 1, d->size, out) != d->size || fclose(out) != 0) abort();
    }
}

// What becomes of the next step: SQLITE_OK, or its error.
static int next_step(bool is_sync) {
    const bool now = ++step == fault_at;
    if (fault == POWER_CUT && (now || struck)) {
        struck = true;
        return SQLITE_IOERR;
    }
    if (!now || (fault == POWER_SYNC && !is_sync) || (fault == POWER_FULL && is_sync))
        return SQLITE_OK;
    if (fault == POWER_NONE) return SQLITE_OK;
    struck = true;
    return fault == POWER_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
}

// ---- Files -------------------------------------------------------------------------------------

static sqlite3_file *behind(sqlite3_file *f) {
    return ((struct power_file *)f)->real;
}

static int file_close(sqlite3_file *f) {
    return behind(f)->pMethods->xClose(behind(f));
}

static int file_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at) {
    return behind(f)->pMethods->xRead(behind(f), out, n, at);
}

static int file_write(sqlite3_file *f, const void *in, int n, sqlite3_int64 at) {
    struct disk_file *d = ((struct power_file *)f)->disk;
    const int code = d ? next_step(false) : SQLITE_OK;
    if (code != SQLITE_OK) return code;
    if (d) add_change(d, in, n, at);
    return behind(f)->pMethods->xWrite(behind(f), in, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size) {
    struct disk_file *d = ((struct power_file *)f)->disk;
    const int code = d ? next_step(false) : SQLITE_OK;
    if (code != SQLITE_OK) return code == SQLITE_FULL ? SQLITE_IOERR_TRUNCATE : code;
    if (d) add_change(d, NULL, 0, size);
    return behind(f)->pMethods->xTruncate(behind(f), size);
}

// The real disk need not be waited for.
static int file_sync(sqlite3_file *f, int flags) {
    struct disk_file *d = ((struct power_file *)f)->disk;
    const int code = d ? next_step(true) : SQLITE_OK;
    (void)flags;
    if (code == SQLITE_OK && d) apply_all(d);
    return code;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *size) {
    return behind(f)->pMethods->xFileSize(behind(f), size);
}

static int file_lock(sqlite3_file *f, int level) {
    return behind(f)->pMethods->xLock(behind(f), level);
}

static int file_unlock(sqlite3_file *f, int level) {
    return behind(f)->pMethods->xUnlock(behind(f), level);
}

static int file_reserved(sqlite3_file *f, int *out) {
    return behind(f)->pMethods->xCheckReservedLock(behind(f), out);
}

static int file_control(sqlite3_file *f, int what, void *arg) {
    return behind(f)->pMethods->xFileControl(behind(f), what, arg);
}

static int file_sector(sqlite3_file *f) {
    (void)f;
    return SECTOR;
}

// None of the promises that a disk may make.
static int file_device(sqlite3_file *f) {
    (void)f;
    return 0;
}

static int file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
    return behind(f)->pMethods->xShmMap(behind(f), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return behind(f)->pMethods->xShmLock(behind(f), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *f) {
    behind(f)->pMethods->xShmBarrier(behind(f));
}

static int file_shm_unmap(sqlite3_file *f, int remove) {
    return behind(f)->pMethods->xShmUnmap(behind(f), remove);
}

static const sqlite3_io_methods methods = {.iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap};

// ---- The VFS -----------------------------------------------------------------------------------

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out) {
    struct power_file *file = (struct power_file *)f;
    (void)vfs;
    *file = (struct power_file){.real = (sqlite3_file *)(file + 1)};
    if (path) file->disk = disk_of(path);
    const int code = real->xOpen(real, path, file->real, flags, out);
    if (file->real->pMethods) file->base.pMethods = &methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    struct disk_file *d = disk_of(path);
    const int code = next_step(sync);
    (void)vfs;
    if (code != SQLITE_OK) return SQLITE_IOERR_DELETE;
    const int done = real->xDelete(real, path, 0);
    if (done != SQLITE_OK) return done;
    forget(d);
    add_change(d, NULL, 0, 0); // a new file of that name begins empty
    d->gone = d->exists;
    if (sync) sync_names();
    return SQLITE_OK;
}

static sqlite3_vfs power;

void power_begin(enum power_fault what, size_t at) {
    power_end();
    real = sqlite3_vfs_find("unix");
    power = *real;
    power.zName = "power";
    power.pNext = NULL;
    power.szOsFile = (int)sizeof(struct power_file) + real->szOsFile;
    power.xOpen = vfs_open;
    power.xDelete = vfs_delete;
    sqlite3_vfs_register(&power, 1);
    fault = what;
    fault_at = at;
    step = 0;
    struck = false;
}

bool power_struck(void) {
    return struck;
}

void power_end(void) {
    if (real) {
        sqlite3_vfs_unregister(&power);
        sqlite3_vfs_register(real, 1);
    }
    for (size_t k = 0; k < n_files; k++) {
        forget(&files[k]);
        free(files[k].kept);
    }
    n_files = 0;
}
