// image.h - a flat, sealed memory file of named arrays, which processes share by mapping it.
//
// A writer adds sections in place (each 64-byte aligned), then seals; readers map it read-only and
// look sections up. Data sets, training folds and test pairs travel between processes like this.
#ifndef RECKON_CORE_IMAGE_H
#define RECKON_CORE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct image {
    int fd;              // borrowed
    unsigned char *base; // mapped; NULL: not mapped
    size_t mapped;       // bytes of address space
    size_t size;         // bytes of the file so far
    bool writable;
};

// An empty anonymous file (memfd), close-on-exec, named for /proc. Usable across fork: a child may
// fill in what its parent created. -1 and an error if there is none to be had.
int image_create(const char *name, struct error *e);

// Begins to write into the empty file `fd`, which stays the caller's to close.
bool image_begin(struct image *im, int fd, struct error *e);

// Room for `bytes`, zeroed, under `name` (at most 23 characters, unique). Stays where it is while
// the image is mapped for writing, whatever is added later. NULL and an error if there is no room.
void *image_add(struct image *im, const char *name, size_t bytes, struct error *e);

// Cuts the last-added section down to `bytes`.
void image_shrink_last(struct image *im, size_t bytes);

// Seals the file: no process can write, grow or shrink it any more. It must not be mapped writable;
// it may have been sealed before.
bool image_seal(int fd, struct error *e);

// Maps a finished image read-only. `fd` is borrowed and can be closed at once.
bool image_map(struct image *im, int fd, struct error *e);

// A section's array and its bytes (NULL allowed); NULL if there is no section of that name.
const void *image_find(const struct image *im, const char *name, size_t *bytes);

// Unmaps, after writing or reading. Accepts a zeroed struct.
void image_done(struct image *im);

#endif
