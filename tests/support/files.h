// files.h - files, archives and loaded data sets for tests, in a folder of their own.
#ifndef RECKON_TESTS_SUPPORT_FILES_H
#define RECKON_TESTS_SUPPORT_FILES_H

#include "data/source.h"

// A new empty folder; "" when it cannot be. files_done() removes it and what is in it.
const char *files_init(void);
void files_done(void);

// Path of `name` in the folder; valid for the next 64 calls.
const char *files_path(const char *name);

// Writes the bytes, and gives the path.
const char *files_write(const char *name, const char *text);
const char *files_write_bytes(const char *name, const void *bytes, size_t n);

// An archive by the ending of its name (.zip, .tar, .tar.gz, .7z), or one compressed file (.gz,
// .zst, .xz, .bz2), of NULL-ended pairs of a member's name and its text.
const char *files_pack(const char *name, const char *const *pairs);

// A real set of $RECKON_DATA, or of ../shared/data beside the source; NULL: there is none.
const char *files_real(const char *name);

// A format's settings by their names, at their defaults at first.
struct load {
    struct data_spec spec;
    union {
        unsigned char bytes[1024];
        max_align_t align;
    } settings;
    struct path path[8];
    double real[2];
    size_t n_paths;
};
void load_init(struct load *l, const char *format);
void load_path(struct load *l, const char *name, const char *path);     // into PATH; adds to PATHS
void load_column(struct load *l, const char *name, const char *column); // "user", or "3"
void load_text(struct load *l, const char *name, const char *text);
void load_bool(struct load *l, const char *name, bool value);
void load_scale(struct load *l, double min, double max);

// Reads and maps; false with the message.
bool load_run(struct load *l, struct dataset *out, uint32_t n_threads, struct error *e);

#endif
