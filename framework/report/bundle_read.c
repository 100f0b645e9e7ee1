// A bundle as it is read: from whom, nobody knows.
#include <archive.h>
#include <archive_entry.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/bundle.h"
#include "report/bundle_own.h"

struct reading {
    struct bundle *bundle;
    struct archive *archive;
    const char *path; // of the archive
    bool (*wants)(const char *name);
    bool *seen; // [bundle->n]; owned
    struct error *e;
};

static bool damaged(const struct reading *r, const char *what) {
    return error_set(r->e,
        "%s: is no bundle of reckon, or damaged (%s); ask for it again, or see it by tar -tzf",
        r->path, what);
}

// ---- The manifest ------------------------------------------------------------------------------

static int by_name(const void *a, const void *b) {
    const struct bundle_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static bool is_hash(const char *text) {
    return strlen(text) == HASH_SIZE - 1 && strspn(text, "0123456789abcdef") == HASH_SIZE - 1;
}

static bool take_files(struct reading *r, const json_t *files) {
    struct bundle *b = r->bundle;
    const size_t n = json_object_size(files);
    uint64_t all = 0;
    const char *name;
    json_t *one;
    if (n > BUNDLE_MOST_FILES) return damaged(r, "too many files");
    b->files = calloc(n + 1, sizeof *b->files);
    r->seen = calloc(n + 1, sizeof *r->seen);
    if (!b->files || !r->seen) return error_memory(r->e, n * sizeof *b->files, "a bundle");
    json_object_foreach((json_t *)files, name, one) {
        const char *hash = json_string_value(json_object_get(one, "hash"));
        const json_int_t size = json_integer_value(json_object_get(one, "size"));
        if (!bundle_is_name(name) || !hash || !is_hash(hash) || size < 0)
            return damaged(r, "its manifest");
        struct bundle_file *f = &b->files[b->n++];
        *f = (struct bundle_file){.name = arena_text(&b->arena, name), .size = (uint64_t)size};
        memcpy(f->hash, hash, HASH_SIZE);
        if (f->size > BUNDLE_MOST_ALL || (all += f->size) > BUNDLE_MOST_ALL ||
            (r->wants(f->name) && f->size > BUNDLE_MOST_BYTES))
            return damaged(r, "it would be too large");
    }
    qsort(b->files, b->n, sizeof *b->files, by_name);
    return true;
}

static bool take_manifest(struct reading *r, const char *text, size_t n) {
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    struct bundle *b = r->bundle;
    const char *version = json_string_value(json_object_get(root, "version"));
    const char *hash = json_string_value(json_object_get(root, "plan_hash"));
    const char *name = json_string_value(json_object_get(root, "name"));
    const json_int_t form = json_integer_value(json_object_get(root, "bundle"));
    bool ok = true;
    if (form > BUNDLE_VERSION)
        ok = error_set(r->e, "%s: is a bundle of a newer reckon", r->path);
    else if (form < 1 || !version || !hash || !name || strcmp(name, b->name) != 0)
        ok = damaged(r, "its manifest");
    if (ok) {
        b->version = arena_text(&b->arena, version);
        b->plan_hash = arena_text(&b->arena, hash);
        ok = take_files(r, json_object_get(root, "files"));
    }
    json_decref(root);
    return ok;
}

// ---- Files -------------------------------------------------------------------------------------

// The bytes of the present entry, `size` of them and no more; `into` NULL: they are but hashed.
static bool take_bytes(const struct reading *r, uint64_t size, char *into, char hash[HASH_SIZE]) {
    static char block[65536];
    struct hash h;
    if (!hash_begin(&h, r->e)) return false;
    uint64_t sum = 0;
    la_ssize_t n;
    while ((n = archive_read_data(r->archive, block, sizeof block)) > 0) {
        if (sum + (uint64_t)n > size) break;
        hash_add(&h, block, (size_t)n);
        if (into) memcpy(into + sum, block, (size_t)n);
        sum += (uint64_t)n;
    }
    hash_end(&h, hash);
    return n == 0 && sum == size;
}

// The entry's name under the bundle's folder, which the first entry tells; NULL: it has none.
static const char *name_of(struct reading *r, struct archive_entry *entry) {
    const char *path = archive_entry_pathname(entry);
    if (!path || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
        archive_entry_symlink(entry) || !archive_entry_size_is_set(entry) ||
        archive_entry_size(entry) < 0 || !bundle_is_name(path))
        return NULL;
    const char *slash = strchr(path, '/');
    if (!slash) return NULL;
    const size_t n = (size_t)(slash - path);
    if (!r->bundle->name) r->bundle->name = arena_printf(&r->bundle->arena, "%.*s", (int)n, path);
    if (strlen(r->bundle->name) != n || strncmp(path, r->bundle->name, n) != 0) return NULL;
    return slash + 1;
}

static bool take_first(struct reading *r, struct archive_entry *entry) {
    const char *name = name_of(r, entry);
    char hash[HASH_SIZE];
    if (!name || strcmp(name, BUNDLE_MANIFEST) != 0) return damaged(r, "it has no manifest");
    const uint64_t n = (uint64_t)archive_entry_size(entry);
    char *text = n <= BUNDLE_MOST_MANIFEST ? malloc(n + 1) : NULL;
    if (!text) return damaged(r, "its manifest is too large");
    const bool ok =
        take_bytes(r, n, text, hash) ? take_manifest(r, text, n) : damaged(r, "its manifest");
    free(text);
    return ok;
}

static bool take_entry(struct reading *r, struct archive_entry *entry) {
    const char *name = name_of(r, entry);
    struct bundle *b = r->bundle;
    const struct bundle_file key = {.name = name};
    struct bundle_file *f =
        name && b->n ? bsearch(&key, b->files, b->n, sizeof *b->files, by_name) : NULL;
    if (!f || r->seen[f - b->files] || f->size != (uint64_t)archive_entry_size(entry))
        return damaged(r, "it holds what is not in its manifest");
    r->seen[f - b->files] = true;
    char hash[HASH_SIZE];
    if (r->wants(f->name)) {
        f->bytes = malloc(f->size + 1);
        if (!f->bytes) return error_memory(r->e, f->size, f->name);
        f->bytes[f->size] = '\0';
    }
    if (!take_bytes(r, f->size, f->bytes, hash) || strcmp(hash, f->hash) != 0)
        return damaged(r, arena_printf(&b->arena, "%s is not what its hash says", f->name));
    return true;
}

static bool take_all(struct reading *r) {
    struct archive_entry *entry;
    int got = archive_read_next_header(r->archive, &entry);
    if (got != ARCHIVE_OK || !take_first(r, entry))
        return *r->e->text ? false : damaged(r, "it is no tar.gz");
    while ((got = archive_read_next_header(r->archive, &entry)) == ARCHIVE_OK)
        if (!take_entry(r, entry)) return false;
    if (got != ARCHIVE_EOF) return damaged(r, "it breaks off");
    for (size_t k = 0; k < r->bundle->n; k++)
        if (!r->seen[k])
            return damaged(
                r, arena_printf(&r->bundle->arena, "%s is missing", r->bundle->files[k].name));
    return true;
}

bool bundle_read(
    struct bundle *b, const char *archive, bool (*wants)(const char *name), struct error *e) {
    *b = (struct bundle){0};
    struct error own = {0};
    struct reading r = {
        .bundle = b, .archive = archive_read_new(), .path = archive, .wants = wants, .e = &own};
    bool ok = r.archive || error_memory(&own, sizeof r, "an archive");
    if (ok && (archive_read_support_filter_gzip(r.archive) != ARCHIVE_OK ||
                  archive_read_support_format_tar(r.archive) != ARCHIVE_OK ||
                  archive_read_open_filename(r.archive, archive, 65536) != ARCHIVE_OK)) {
        const char *why = archive_error_string(r.archive);
        ok = error_set(&own,
            "%s: cannot be read: %s; a file that `reckon bundle RUN` made is expected", archive,
            why ? why : "it is no tar.gz");
    }
    ok = ok && take_all(&r);
    if (r.archive) archive_read_free(r.archive);
    free(r.seen);
    if (!ok) error_set(e, "%s", own.text);
    if (!ok) bundle_done(b);
    return ok;
}

void bundle_done(struct bundle *b) {
    for (size_t k = 0; k < b->n; k++) free(b->files[k].bytes);
    free(b->files);
    arena_done(&b->arena);
    *b = (struct bundle){0};
}
