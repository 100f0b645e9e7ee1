// hash.h - XXH3-128 as 32 hex digits: of bytes in memory, of files.
#ifndef RECKON_CORE_HASH_H
#define RECKON_CORE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum { HASH_SIZE = 33 }; // digits and a NUL

void hash_bytes(const void *data, size_t n, char out[HASH_SIZE]);
bool hash_file(const char *path, char out[HASH_SIZE], struct error *e);

// In parts.
struct hash {
    void *state; // owned
};
bool hash_begin(struct hash *h, struct error *e);
void hash_add(struct hash *h, const void *data, size_t n);
void hash_end(struct hash *h, char out[HASH_SIZE]); // releases it as well

#endif
