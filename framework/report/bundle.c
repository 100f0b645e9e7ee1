#include "report/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/replace.h"
#include "report/bundle_own.h"

static int by_name(const void *a, const void *b) {
    const struct bundle_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

bool bundle_is_name(const char *name) {
    size_t n = 0;
    bool begins = true;
    for (const char *c = name; *c; c++, n++) {
        if (*c == '/' ? begins : begins && *c == '.') return false;
        if (*c != '/' && !isalnum((unsigned char)*c) && !strchr("._-+", *c)) return false;
        begins = *c == '/';
    }
    return n > 0 && !begins && n <= BUNDLE_MOST_NAME;
}

const struct bundle_file *bundle_find(const struct bundle *b, const char *name) {
    for (size_t k = 0; k < b->n; k++)
        if (strcmp(b->files[k].name, name) == 0) return &b->files[k];
    return NULL;
}

// ---- Writing -----------------------------------------------------------------------------------

static bool measure(struct bundle_file *f, struct error *e) {
    if (!bundle_is_name(f->name))
        return error_set(e, "%s: has a name that no file of a bundle can have", f->name);
    if (!f->path) {
        hash_bytes(f->bytes, f->size, f->hash);
        return true;
    }
    struct stat s;
    if (stat(f->path, &s) != 0) return error_set(e, "%s: %s", f->path, strerror(errno));
    f->size = (uint64_t)s.st_size;
    return hash_file(f->path, f->hash, e);
}

// As text, the caller's to free; NULL: out of memory.
static char *make_manifest(const struct bundle *b) {
    json_t *root = json_object(), *files = json_object();
    bool ok = true;
    for (size_t k = 0; k < b->n; k++) {
        json_t *one =
            json_pack("{s:s, s:I}", "hash", b->files[k].hash, "size", (json_int_t)b->files[k].size);
        ok &= json_object_set_new(files, b->files[k].name, one) == 0;
    }
    ok &= json_object_set_new(root, "bundle", json_integer(BUNDLE_VERSION)) == 0;
    ok &= json_object_set_new(root, "name", json_string(b->name)) == 0;
    ok &= json_object_set_new(root, "version", json_string(b->version)) == 0;
    ok &= json_object_set_new(root, "plan_hash", json_string(b->plan_hash)) == 0;
    ok &= json_object_set_new(root, "files", files) == 0;
    char *text = ok ? json_dumps(root, JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;
    json_decref(root);
    return text;
}

struct writing {
    struct archive *archive;
    const struct bundle *bundle;
    const char *path; // of the archive
    struct error *e;
};

static bool fail(const struct writing *w) {
    const char *why = archive_error_string(w->archive);
    return error_set(w->e, "%s: cannot be written: %s", w->path, why ? why : "out of memory");
}

static bool put_bytes(const struct writing *w, const void *bytes, size_t n) {
    return n == 0 || archive_write_data(w->archive, bytes, n) == (la_ssize_t)n || fail(w);
}

// What has changed since it was measured is noticed: a file that has grown or shrunk.
static bool put_file(const struct writing *w, const struct bundle_file *f) {
    static char bytes[65536];
    FILE *in = fopen(f->path, "rbe");
    if (!in) return error_set(w->e, "%s: %s", f->path, strerror(errno));
    uint64_t sum = 0;
    bool ok = true;
    for (size_t n; ok && (n = fread(bytes, 1, sizeof bytes, in)) > 0; sum += n)
        ok = put_bytes(w, bytes, n);
    if (ok && (ferror(in) || sum != f->size))
        ok = error_set(w->e, "%s: cannot be read, or is being changed", f->path);
    fclose(in);
    return ok;
}

static bool put_entry(const struct writing *w, const struct bundle_file *f) {
    struct archive_entry *entry = archive_entry_new();
    struct arena a = {0};
    if (!entry) return error_memory(w->e, f->size, "an archive");
    archive_entry_set_pathname(entry, arena_printf(&a, "%s/%s", w->bundle->name, f->name));
    archive_entry_set_size(entry, (la_int64_t)f->size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    bool ok = archive_write_header(w->archive, entry) == ARCHIVE_OK || fail(w);
    ok = ok && (f->path ? put_file(w, f) : put_bytes(w, f->bytes, f->size));
    archive_entry_free(entry);
    arena_done(&a);
    return ok;
}

static bool put_all(const struct writing *w, FILE *out) {
    struct bundle_file manifest = {.name = BUNDLE_MANIFEST, .bytes = make_manifest(w->bundle)};
    if (!manifest.bytes) return error_memory(w->e, w->bundle->n, "a manifest");
    manifest.size = strlen(manifest.bytes);
    struct archive *a = w->archive;
    bool ok = archive_write_set_format_pax_restricted(a) == ARCHIVE_OK &&
              archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
              archive_write_set_filter_option(a, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
              archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
              archive_write_open_FILE(a, out) == ARCHIVE_OK;
    if (!ok) fail(w);
    ok = ok && put_entry(w, &manifest);
    for (size_t k = 0; ok && k < w->bundle->n; k++) ok = put_entry(w, &w->bundle->files[k]);
    if (ok && archive_write_close(a) != ARCHIVE_OK) ok = fail(w);
    free(manifest.bytes);
    return ok;
}

bool bundle_write(struct bundle *b, const char *archive, struct error *e) {
    qsort(b->files, b->n, sizeof *b->files, by_name);
    for (size_t k = 0; k < b->n; k++) {
        if (!measure(&b->files[k], e)) return false;
        if (k && strcmp(b->files[k].name, b->files[k - 1].name) == 0)
            return error_set(e, "%s: two files of a bundle have that name", b->files[k].name);
    }
    struct replace r = {0};
    if (!replace_begin(&r, archive, e)) return false;
    const struct writing w = {archive_write_new(), b, archive, e};
    bool ok = w.archive || error_memory(e, b->n, "an archive");
    ok = ok && put_all(&w, r.file);
    if (w.archive) archive_write_free(w.archive);
    ok = ok && replace_commit(&r, e);
    if (!ok) replace_abandon(&r);
    return ok;
}
