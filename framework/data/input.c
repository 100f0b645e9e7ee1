#include "data/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "data/grow.h"
#include "data/text.h"

enum { BLOCK = 1 << 16, MAX_MEMBERS = 1 << 16 };

struct input {
    char *name;              // owned
    int fd;                  // of a plain file, else -1
    struct archive *archive; // owned; or NULL
};

enum kind { FOLDER, PLAIN, PACKED };

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// By the first bytes, as names are not to be relied on.
static bool looks_packed(const unsigned char *head, size_t n) {
    static const struct {
        const char *bytes;
        size_t n, at;
    } magic[] = {{"PK\003\004", 4, 0}, {"PK\005\006", 4, 0}, {"\x1f\x8b", 2, 0}, {"BZh", 3, 0},
        {"\xfd"
         "7zXZ",
            5, 0},
        {"\x28\xb5\x2f\xfd", 4, 0}, {"7z\xbc\xaf\x27\x1c", 6, 0}, {"ustar", 5, 257}};
    for (size_t k = 0; k < sizeof magic / sizeof *magic; k++)
        if (n >= magic[k].at + magic[k].n &&
            memcmp(head + magic[k].at, magic[k].bytes, magic[k].n) == 0)
            return true;
    return false;
}

static bool open_path(const char *path, int *fd, enum kind *kind, struct error *e) {
    *kind = PLAIN;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0) return error_set(e, "cannot open %s: %s", path, strerror(errno));
    struct stat st;
    unsigned char head[512];
    ssize_t n = 0;
    const char *wrong = NULL;
    if (fstat(*fd, &st) != 0)
        wrong = strerror(errno);
    else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        wrong = "it is neither a file nor a folder";
    else if (S_ISREG(st.st_mode) && (n = pread(*fd, head, sizeof head, 0)) < 0)
        wrong = strerror(errno);
    else if (S_ISREG(st.st_mode) && st.st_size == 0)
        wrong = "it is empty";
    if (!wrong) {
        *kind = S_ISDIR(st.st_mode) ? FOLDER : looks_packed(head, (size_t)n) ? PACKED : PLAIN;
        return true;
    }
    error_set(e, "cannot read %s: %s", path, wrong);
    close(*fd);
    *fd = -1;
    return false;
}

static bool archive_wrong(struct archive *a, const char *path, struct error *e) {
    const char *why = archive_error_string(a);
    return error_set(e, "%s: the archive is cut off or damaged: %s", path, why ? why : "unknown");
}

// ---- gzip --------------------------------------------------------------------------------------

// libarchive 3.6 does not look at the checksum that ends a gzip file; zlib does. What is inside
// (one file, or a tar) is libarchive's again.
struct unzipped {
    gzFile file;
    unsigned char buffer[BLOCK];
};

static la_ssize_t unzipped_read(struct archive *a, void *arg, const void **out) {
    struct unzipped *u = arg;
    const int n = gzread(u->file, u->buffer, BLOCK);
    int code = Z_OK;
    const char *why = gzerror(u->file, &code);
    *out = u->buffer;
    if (n >= 0 && code >= 0) return n;
    if (code == Z_BUF_ERROR && n > 0) return n; // the end is missing: told when it is reached
    archive_set_error(a, EIO, "%s", code == Z_ERRNO ? strerror(errno) : why);
    return -1;
}

static int unzipped_close(struct archive *a, void *arg) {
    (void)a;
    struct unzipped *u = arg;
    gzclose(u->file);
    free(u);
    return ARCHIVE_OK;
}

static bool is_gzip(const char *path) {
    unsigned char head[2] = {0};
    FILE *f = fopen(path, "rbe");
    if (!f) return false;
    const bool yes = fread(head, 1, 2, f) == 2 && head[0] == 0x1f && head[1] == 0x8b;
    fclose(f);
    return yes;
}

static int open_gzip(struct archive *a, const char *path) {
    struct unzipped *u = malloc(sizeof *u);
    if (u) u->file = gzopen(path, "rbe");
    if (u && u->file) return archive_read_open(a, u, NULL, unzipped_read, unzipped_close);
    archive_set_error(a, errno, "%s", strerror(errno));
    free(u);
    return ARCHIVE_FATAL;
}

static struct archive *archive_at(const char *path, struct error *e) {
    struct archive *a = archive_read_new();
    if (!a) {
        error_memory(e, BLOCK, "an archive");
        return NULL;
    }
    archive_read_support_filter_all(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_7zip(a);
    archive_read_support_format_raw(a);
    const int opened =
        is_gzip(path) ? open_gzip(a, path) : archive_read_open_filename(a, path, BLOCK);
    if (opened == ARCHIVE_OK) return a;
    archive_wrong(a, path, e);
    archive_read_free(a);
    return NULL;
}

// The next header; *more is false at the end.
static bool archive_next(struct archive *a, struct archive_entry **entry, const char *path,
    bool *more, struct error *e) {
    const int r = archive_read_next_header(a, entry);
    *more = r != ARCHIVE_EOF;
    return r == ARCHIVE_OK || r == ARCHIVE_WARN || r == ARCHIVE_EOF || archive_wrong(a, path, e);
}

// ---- Members -----------------------------------------------------------------------------------

static bool members_add(struct members *m, const char *path, uint64_t size, struct error *e) {
    if (m->n == MAX_MEMBERS) return error_set(e, "more than %d files", MAX_MEMBERS);
    if (!grow_to(&m->at, &m->room, m->n + 1, sizeof *m->at, "a list of files", e)) return false;
    char *copy = strdup(path);
    if (!copy) return error_memory(e, strlen(path), "a list of files");
    m->at[m->n++] = (struct member){copy, size};
    return true;
}

void members_done(struct members *m) {
    for (size_t k = 0; k < m->n; k++) free(m->at[k].path);
    free(m->at);
    *m = (struct members){0};
}

static int compare_members(const void *a, const void *b) {
    return strcmp(((const struct member *)a)->path, ((const struct member *)b)->path);
}

static bool list_folder(struct members *m, const char *path, int fd, struct error *e) {
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return error_set(e, "cannot read %s: %s", path, strerror(errno));
    }
    bool ok = true;
    for (const struct dirent *d; ok && (d = readdir(dir));) {
        struct stat st;
        if (fstatat(dirfd(dir), d->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            ok = members_add(m, d->d_name, (uint64_t)st.st_size, e);
    }
    closedir(dir);
    if (m->n) qsort(m->at, m->n, sizeof *m->at, compare_members);
    return ok;
}

// What macOS adds to archives is no member.
static bool is_noise(const char *path) {
    return strncmp(path, "__MACOSX/", 9) == 0 || strncmp(base_name(path), "._", 2) == 0;
}

static bool list_archive(struct members *m, const char *path, struct error *e) {
    struct archive *a = archive_at(path, e);
    if (!a) return false;
    struct archive_entry *entry;
    bool ok, more;
    while ((ok = archive_next(a, &entry, path, &more, e)) && more) {
        const bool single = archive_format(a) == ARCHIVE_FORMAT_RAW;
        m->archive = !single;
        const char *name = single ? base_name(path) : archive_entry_pathname(entry);
        const bool file = single || archive_entry_filetype(entry) == AE_IFREG;
        if (!name || !file || is_noise(name)) continue;
        const int64_t size = archive_entry_size(entry);
        if (!(ok = members_add(m, name, size > 0 ? (uint64_t)size : 0, e)) || single) break;
    }
    archive_read_free(a);
    return ok;
}

bool members_list(struct members *m, const char *path, struct error *e) {
    *m = (struct members){0};
    int fd;
    enum kind kind;
    if (!open_path(path, &fd, &kind, e)) return false;
    bool ok;
    if (kind == FOLDER) {
        ok = list_folder(m, path, fd, e);
    } else if (kind == PACKED) {
        close(fd);
        ok = list_archive(m, path, e);
    } else {
        struct stat st = {0};
        fstat(fd, &st);
        close(fd);
        ok = members_add(m, base_name(path), (uint64_t)st.st_size, e);
    }
    if (!ok) members_done(m);
    return ok;
}

static size_t count_slashes(const char *path) {
    size_t n = 0;
    for (; *path; path++) n += *path == '/';
    return n;
}

static bool is_name(const struct members *m, const char *path, const char *name) {
    static const char *const endings[] = {"", ".gz", ".zst", ".xz", ".bz2"};
    const char *base = base_name(path);
    const size_t n = strlen(name), n_endings = m->archive ? 1 : sizeof endings / sizeof *endings;
    if (strncmp(base, name, n) != 0) return false;
    for (size_t k = 0; k < n_endings; k++)
        if (strcmp(base + n, endings[k]) == 0) return true;
    return false;
}

const struct member *members_find(const struct members *m, const char *name) {
    const struct member *best = NULL;
    for (size_t k = 0; k < m->n; k++)
        if (is_name(m, m->at[k].path, name) &&
            (!best || count_slashes(m->at[k].path) < count_slashes(best->path)))
            best = &m->at[k];
    return best;
}

const char *members_rival(const struct members *m, const char *name) {
    const struct member *best = members_find(m, name);
    for (size_t k = 0; m->archive && best && k < m->n; k++)
        if (&m->at[k] != best && is_name(m, m->at[k].path, name) &&
            count_slashes(m->at[k].path) == count_slashes(best->path))
            return m->at[k].path;
    return NULL;
}

// ---- Reading -----------------------------------------------------------------------------------

static struct input *input_new(const char *path, const char *member, int fd, struct error *e) {
    struct input *in = calloc(1, sizeof *in);
    if (in) in->fd = fd;
    if (in && asprintf(&in->name, member ? "%s/%s" : "%s", path, member) < 0) in->name = NULL;
    if (in && in->name) return in;
    free(in);
    if (fd >= 0) close(fd);
    error_memory(e, sizeof *in, "a file");
    return NULL;
}

// The file may be compressed in its turn.
static struct input *open_in_folder(const char *path, const char *member, struct error *e) {
    char *whole;
    if (asprintf(&whole, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", member) < 0) {
        error_memory(e, strlen(path), "a path");
        return NULL;
    }
    struct input *in = input_open(whole, NULL, e);
    free(whole);
    return in;
}

// Goes to the member, or to the only one there is.
static bool seek_member(struct archive *a, const char *path, const char *member, struct error *e) {
    struct archive_entry *entry;
    bool more;
    while (archive_next(a, &entry, path, &more, e)) {
        if (!more) return error_set(e, "%s: there is no %s in it", path, member ? member : "file");
        if (archive_format(a) == ARCHIVE_FORMAT_RAW) return true;
        const char *name = archive_entry_pathname(entry);
        if (!name || archive_entry_filetype(entry) != AE_IFREG || is_noise(name)) continue;
        if (!member || strcmp(name, member) == 0) return true;
    }
    return false;
}

// An archive that is to be read as one file must hold one.
static bool check_single(const char *path, struct error *e) {
    struct members m;
    if (!members_list(&m, path, e)) return false;
    const bool ok = m.n == 1;
    if (m.n == 0) error_set(e, "%s: there is no file in it", path);
    if (m.n > 1)
        error_set(e, "%s: there are %zu files in it (%s, %s, ...), where one is expected", path,
            m.n, m.at[0].path, m.at[1].path);
    members_done(&m);
    return ok;
}

struct input *input_open(const char *path, const char *member, struct error *e) {
    int fd;
    enum kind kind;
    if (!open_path(path, &fd, &kind, e)) return NULL;
    if (kind == PLAIN) return input_new(path, NULL, fd, e);
    close(fd);
    if (kind == FOLDER && member) return open_in_folder(path, member, e);
    if (kind == FOLDER) {
        error_set(e, "%s is a folder, where a file is expected", path);
        return NULL;
    }
    if (!member && !check_single(path, e)) return NULL;
    struct input *in = input_new(path, member, -1, e);
    if (!in) return NULL;
    in->archive = archive_at(path, e);
    if (in->archive && seek_member(in->archive, path, member, e)) return in;
    input_close(in);
    return NULL;
}

void input_close(struct input *in) {
    if (!in) return;
    if (in->archive) archive_read_free(in->archive);
    if (in->fd >= 0) close(in->fd);
    free(in->name);
    free(in);
}

const char *input_name(const struct input *in) {
    return in->name;
}

bool input_read(struct input *in, void *to, size_t n, size_t *got, struct error *e) {
    ssize_t r;
    do {
        r = in->archive ? archive_read_data(in->archive, to, n) : read(in->fd, to, n);
    } while (r < 0 && (in->archive ? r == ARCHIVE_RETRY : errno == EINTR));
    *got = r < 0 ? 0 : (size_t)r;
    if (r >= 0) return true;
    if (in->archive) return archive_wrong(in->archive, in->name, e);
    return error_set(e, "cannot read %s: %s", in->name, strerror(errno));
}

char *input_stem(const char *path) {
    static const char *const endings[] = {".gz", ".zst", ".xz", ".bz2", ".zip", ".tgz", ".tar",
        ".7z", ".csv", ".tsv", ".dat", ".txt", NULL};
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    char *whole = strndup(path, n);
    if (!whole) return NULL;
    char *stem = strdup(base_name(whole));
    free(whole);
    for (bool again = stem != NULL; again;) {
        again = false;
        for (size_t k = 0; endings[k]; k++) {
            const size_t length = strlen(stem), end = strlen(endings[k]);
            if (length <= end || strcmp(stem + length - end, endings[k]) != 0) continue;
            stem[length - end] = '\0';
            again = true;
        }
    }
    return stem;
}
