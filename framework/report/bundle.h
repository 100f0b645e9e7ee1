// bundle.h - a run as one archive to be sent: its experiment, results, provenance and store, and a
// manifest with a hash of each.
//
// A tar.gz of plain files under one folder, the manifest first, then by name; no times, no owners:
// the same files are the same bytes. It is read as something that a stranger sent: nothing is
// unpacked but what is asked for, into memory, and only what the manifest tells the size and hash
// of.
#ifndef RECKON_REPORT_BUNDLE_H
#define RECKON_REPORT_BUNDLE_H

#include <stdint.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/hash.h"

struct bundle_file {
    const char *name;     // "scores.csv", "predictions/1f.csv.gz": relative, of plain characters
    const char *path;     // to be written: where it is; NULL: `bytes`
    char *bytes;          // [size] and a NUL; read: owned, NULL if not asked for
    uint64_t size;        // of `bytes`; read: of the file
    char hash[HASH_SIZE]; // read
};

struct bundle {
    struct arena arena; // owned
    const char *name;   // of the run, and of the folder in the archive
    const char *version, *plan_hash;
    struct bundle_file *files; // [n]
    size_t n;
};

// Sorts the files. The archive is there whole or not at all.
bool bundle_write(struct bundle *b, const char *archive, struct error *e);

// `wants`: whether the bytes of a file are asked for. An archive that is damaged, or is none of
// ours, or holds anything but plain files of its manifest, gives one message.
bool bundle_read(
    struct bundle *b, const char *archive, bool (*wants)(const char *name), struct error *e);
void bundle_done(struct bundle *b); // of one that was read; accepts a zeroed struct

// NULL: there is none.
const struct bundle_file *bundle_find(const struct bundle *b, const char *name);

// Whether it may be the name of a file in a bundle: folders and file of letters, digits, . _ - +,
// none of which begins with a point.
bool bundle_is_name(const char *name);

#endif
