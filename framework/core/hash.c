#include "core/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static void print(XXH128_hash_t h, char out[HASH_SIZE]) {
    snprintf(out, HASH_SIZE, "%016llx%016llx", (unsigned long long)h.high64,
        (unsigned long long)h.low64);
}

void hash_bytes(const void *data, size_t n, char out[HASH_SIZE]) {
    print(XXH3_128bits(data, n), out);
}

bool hash_begin(struct hash *h, struct error *e) {
    h->state = XXH3_createState();
    if (!h->state) return error_memory(e, 576, "a hash");
    XXH3_128bits_reset(h->state);
    return true;
}

void hash_add(struct hash *h, const void *data, size_t n) {
    XXH3_128bits_update(h->state, data, n);
}

void hash_end(struct hash *h, char out[HASH_SIZE]) {
    print(XXH3_128bits_digest(h->state), out);
    XXH3_freeState(h->state);
    h->state = NULL;
}

bool hash_file(const char *path, char out[HASH_SIZE], struct error *e) {
    struct hash h;
    FILE *f = fopen(path, "rbe");
    if (!f) return error_set(e, "%s: cannot be read: %s", path, strerror(errno));
    const bool begun = hash_begin(&h, e);
    char buffer[16384];
    size_t n;
    while (begun && (n = fread(buffer, 1, sizeof buffer, f)) > 0) hash_add(&h, buffer, n);
    const bool fine = begun && !ferror(f);
    if (begun) hash_end(&h, out);
    fclose(f);
    return fine || !begun || error_set(e, "%s: cannot be read to the end", path);
}
