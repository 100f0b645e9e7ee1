// store_open: the file, its lock, and what it lies on.
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "trial/store_own.h"

// Milliseconds; bytes for names beside the folder's; tries of a hundredth of a second.
enum { READER_PATIENCE = 10000, ROOM = 64, MOST_LOOKS = 500 };

// ---- File systems ------------------------------------------------------------------------------

static long ask_file_system(const char *folder) {
    struct statfs s;
    return statfs(folder, &s) == 0 ? (long)s.f_type : 0;
}

long (*store_file_system)(const char *folder) = ask_file_system;

bool store_is_remote(long file_system) {
    static const unsigned long kinds[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, 0xFE534D42u /* SMB2 */,
        0xFF534D42u /* CIFS */, FUSE_SUPER_MAGIC, V9FS_MAGIC, AFS_SUPER_MAGIC, CEPH_SUPER_MAGIC,
        CODA_SUPER_MAGIC, 0x0BD00BD0u /* Lustre */, 0x01161970u /* GFS2 */, OCFS2_SUPER_MAGIC,
        0x47504653u /* GPFS */, 0x19830326u /* BeeGFS */};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if ((uint32_t)file_system == (uint32_t)kinds[k]) return true;
    return false;
}

// ---- The lock ----------------------------------------------------------------------------------

static void lock_path(const struct store *s, char out[4096 + ROOM]) {
    snprintf(out, 4096 + ROOM, "%s/reckon.lock", s->folder);
}

static bool refuse_second(const struct store *s, int fd, struct error *e) {
    char who[256] = "";
    const ssize_t n = pread(fd, who, sizeof who - 1, 0);
    who[n < 0 ? 0 : strcspn(who, "\n")] = '\0';
    for (char *c = who; *c; c++)
        if ((unsigned char)*c < ' ') *c = '?';
    return error_set(e,
        "%s: %s is writing there; wait until it has ended, watch it with `reckon show --live`, or "
        "choose another --out",
        s->folder, who[0] ? who : "another process");
}

// Whether the locked file is still the one of that name: its last holder removes it.
static bool is_in_place(int fd, const char *path) {
    struct stat held, there;
    return fstat(fd, &held) == 0 && stat(path, &there) == 0 && held.st_ino == there.st_ino &&
           held.st_dev == there.st_dev;
}

// Who looks whether there is a writer (store_holder()) holds the lock for that moment, too, but
// shared: it is waited for. False, as errno has it: a writer has it, or it cannot be had.
static bool lock_alone(int fd) {
    const struct timespec pause = {.tv_nsec = 10000000};
    for (int k = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; k++) {
        if (errno != EWOULDBLOCK || k == MOST_LOOKS || flock(fd, LOCK_SH | LOCK_NB) != 0)
            return false;
        flock(fd, LOCK_UN);
        nanosleep(&pause, NULL);
    }
    return true;
}

static bool take_lock(struct store *s, struct error *e) {
    char path[4096 + ROOM], who[128], host[80] = "";
    lock_path(s, path);
    for (;;) {
        const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return error_set(e,
                "%s: cannot be written: %s; make its folder writable for you, or choose another "
                "--out",
                s->path, strerror(errno));
        if (!lock_alone(fd)) {
            const bool held = errno == EWOULDBLOCK;
            if (held)
                refuse_second(s, fd, e);
            else
                error_set(e, "%s: cannot be locked: %s", path, strerror(errno));
            close(fd);
            return false;
        }
        s->lock = fd;
        if (is_in_place(fd, path)) break;
        close(fd);
        s->lock = -1;
    }
    gethostname(host, sizeof host - 1);
    const int n = snprintf(who, sizeof who, "process %ld on %s\n", (long)getpid(), host);
    // For people alone: a disk that is full says so with the store itself.
    if (ftruncate(s->lock, 0) == 0 && pwrite(s->lock, who, (size_t)n, 0) < 0) return true;
    return true;
}

static void release_lock(struct store *s) {
    char path[4096 + ROOM];
    if (s->lock < 0) return;
    lock_path(s, path);
    unlink(path); // while it is held: see is_in_place()
    close(s->lock);
    s->lock = -1;
}

// ---- Opening -----------------------------------------------------------------------------------

static bool sync_folder(const struct store *s, struct error *e) {
    const int fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    const int why = errno;
    if (fd >= 0) close(fd);
    return ok || error_set(e, "%s: cannot be written: %s", s->folder, strerror(why));
}

static bool open_file(struct store *s, int flags, const char *name, struct error *e) {
    if (sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) return true;
    if (!s->db) return error_memory(e, sizeof(void *), "the store");
    return store_refuse(s, "cannot be opened", e);
}

static bool set_up(struct store *s, struct error *e) {
    sqlite3_busy_timeout(s->db, READER_PATIENCE);
    return store_script(s,
        "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
        "PRAGMA trusted_schema = OFF",
        e);
}

// EXTRA is FULL, and syncs the folder when a rollback journal is deleted: one that came back after
// a power cut would take back what was committed since.
static bool set_journal(struct store *s, struct error *e) {
    const bool remote = store_is_remote(store_file_system(s->folder));
    if (remote)
        log_warning("%s: lies on a network file system; its store is kept with a rollback journal, "
                    "which is slower, and must be read and written from one machine at a time",
            s->folder);
    return store_script(s, "PRAGMA synchronous = EXTRA", e) &&
           store_script(
               s, remote ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL", e);
}

static bool open_to_write(struct store *s, struct error *e) {
    int version = 0;
    if (!take_lock(s, e) || !open_file(s, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, s->path, e) ||
        !set_up(s, e) || !store_judge(s, &version, e))
        return false;
    s->ours = true;
    return set_journal(s, e) && store_move(s, version, STORE_SCHEMA, e) &&
           (version > 0 || sync_folder(s, e));
}

static bool judge_to_read(struct store *s, struct error *e) {
    int version = 0;
    if (!store_judge(s, &version, e)) return false;
    return version == STORE_SCHEMA ||
           error_set(e, "%s: %s", s->path,
               version
                   ? "has the tables of an older reckon; `reckon run` moves them to the present "
                     "form"
                   : "holds nothing yet; `reckon run` fills it");
}

// Where not even the shared memory of WAL can be made, a file without a writer is read as it is.
static bool open_to_read(struct store *s, struct error *e) {
    char uri[3 * 4096 + ROOM] = "file:", log[4096 + ROOM];
    struct stat st;
    if (stat(s->path, &st) != 0)
        return error_set(e, "%s: %s; `reckon run` makes it", s->path, strerror(errno));
    if (open_file(s, SQLITE_OPEN_READONLY, s->path, e) && set_up(s, e) && judge_to_read(s, e))
        return true;
    snprintf(log, sizeof log, "%s-wal", s->path);
    const int why = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;
    if ((why != SQLITE_CANTOPEN && why != SQLITE_READONLY) ||
        (stat(log, &st) == 0 && st.st_size > 0))
        return false;
    sqlite3_close(s->db);
    size_t n = strlen(uri);
    for (const char *c = s->path; *c; c++)
        n += (size_t)sprintf(uri + n, strchr("%?#", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    strcpy(uri + n, "?immutable=1");
    return open_file(s, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, uri, e) && set_up(s, e) &&
           judge_to_read(s, e);
}

bool store_open(struct store **out, const char *folder, enum store_mode mode, struct error *e) {
    struct store *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s) return error_memory(e, sizeof *s, "the store");
    s->lock = -1;
    s->mode = mode;
    bool ok = snprintf(s->folder, sizeof s->folder, "%s", folder) < (int)sizeof s->folder - ROOM;
    if (ok)
        snprintf(s->path, sizeof s->path, "%.*s/reckon.db", (int)sizeof s->path - ROOM, folder);
    else
        error_set(e, "%s: the path is too long", folder);
    ok = ok && (mode == STORE_WRITE ? open_to_write(s, e) : open_to_read(s, e));
    if (ok)
        *out = s;
    else
        store_close(s);
    return ok;
}

void store_close(struct store *s) {
    if (!s) return;
    struct error e = {0};
    if (!store_flush(s, &e)) log_warning("%s", e.text);
    for (size_t k = 0; k < s->n_cached; k++) sqlite3_finalize(s->cached[k].statement);
    // A file at rest is one file, which can be read where nothing can be written. Where a reader
    // is at work it stays as it is.
    if (s->mode == STORE_WRITE && s->ours) {
        sqlite3_busy_timeout(s->db, 0);
        sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    sqlite3_close(s->db);
    release_lock(s);
    free(s);
}
