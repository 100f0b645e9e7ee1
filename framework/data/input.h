// input.h - bytes from where the user keeps them: a folder, an archive (zip, tar, 7z; compressed or
// not), one file (plain, or compressed by gzip, zstd, xz, bzip2). Archives are streamed; nothing is
// unpacked to disk, and no path in an archive is used for anything but its name.
#ifndef RECKON_DATA_INPUT_H
#define RECKON_DATA_INPUT_H

#include <stdint.h>

#include "core/error.h"

// The files in a folder (not below it) or archive; of a single file, itself under its own name.
struct members {
    struct member {
        char *path;    // owned: as the archive names it: "ml-1m/ratings.dat"
        uint64_t size; // bytes once unpacked; 0: not known
    } * at;            // [n]; owned
    size_t n, room;
    bool archive; // not a folder or a file: members are as they are
};
bool members_list(struct members *m, const char *path, struct error *e);
void members_done(struct members *m);

// The member whose name without folders is `name`, in the fewest folders; outside archives it may
// be compressed, as `name`.gz. NULL if there is none.
const struct member *members_find(const struct members *m, const char *name);

// The path of another member of an archive that members_find() might as well have given, in as few
// folders; NULL if there is none.
const char *members_rival(const struct members *m, const char *name);

struct input;

// Opens a member by its whole path in the folder or archive; NULL: the only one there is.
struct input *input_open(const char *path, const char *member, struct error *e);
void input_close(struct input *in);

// For messages: "ml-1m.zip/ml-1m/ratings.dat".
const char *input_name(const struct input *in);

// Up to `n` bytes; *got is 0 at the end alone.
bool input_read(struct input *in, void *to, size_t n, size_t *got, struct error *e);

// "ml-1m" of "/data/ml-1m.zip", for naming a data set; the caller's to free, NULL without memory.
char *input_stem(const char *path);

#endif
