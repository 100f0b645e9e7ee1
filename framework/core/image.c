#include "core/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SECTIONS = 96, ALIGN = 64, NAME_SIZE = 24, SEAL_TRIES = 25 };

// Address space set aside while writing: sections never move. Pages exist only where written.
static const size_t reserve = (size_t)64 << 30;
static const char magic[8] = "RKIMAGE1";

struct section {
    char name[NAME_SIZE];
    uint64_t offset, bytes;
};
struct header {
    char magic[8];
    uint64_t n_sections;
    struct section section[MAX_SECTIONS];
};

int image_create(const char *name, struct error *e) {
    const int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) error_set(e, "no memory file for %s: %s", name, strerror(errno));
    return fd;
}

static bool set_size(struct image *im, size_t size, struct error *e) {
    if (size > im->mapped)
        return error_set(e, "an image of %zu bytes is past the bound of %zu", size, im->mapped);
    if (ftruncate(im->fd, (off_t)size) != 0)
        return error_set(e, "no room for an image of %zu bytes: %s", size, strerror(errno));
    im->size = size;
    return true;
}

bool image_begin(struct image *im, int fd, struct error *e) {
    *im = (struct image){.fd = fd, .mapped = reserve, .writable = true};
    if (!set_size(im, sizeof(struct header), e)) return false;
    void *base = mmap(NULL, reserve, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED) {
        *im = (struct image){0};
        return error_set(e,
            "no %zu GiB of addresses (not of memory) for an image: %s; \"ulimit -v unlimited\" "
            "lifts "
            "a limit on them",
            reserve >> 30, strerror(errno));
    }
    im->base = base;
    memcpy(((struct header *)base)->magic, magic, sizeof magic);
    return true;
}

void *image_add(struct image *im, const char *name, size_t bytes, struct error *e) {
    struct header *h = (struct header *)im->base;
    if (h->n_sections == MAX_SECTIONS || strlen(name) >= NAME_SIZE) {
        error_set(e, "no room for section %s in an image of %d", name, MAX_SECTIONS);
        return NULL;
    }
    const size_t offset = (im->size + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes > reserve || !set_size(im, offset + bytes, e)) return NULL;
    struct section *s = &h->section[h->n_sections++];
    strcpy(s->name, name);
    s->offset = offset;
    s->bytes = bytes;
    return im->base + offset;
}

void image_shrink_last(struct image *im, size_t bytes) {
    struct header *h = (struct header *)im->base;
    struct section *s = &h->section[h->n_sections - 1];
    if (bytes < s->bytes && set_size(im, s->offset + bytes, NULL)) s->bytes = bytes;
}

// The kernel answers EBUSY while anything holds a page of the file for the moment, which it does of
// its own accord when memory is put in order.
static bool add_seals(int fd, int seals) {
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    for (int again = 0; again < SEAL_TRIES; again++) {
        if (fcntl(fd, F_ADD_SEALS, seals) == 0) return true;
        if (errno != EBUSY) return false;
        nanosleep(&pause, NULL);
    }
    return false;
}

bool image_seal(int fd, struct error *e) {
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (fcntl(fd, F_GET_SEALS) == seals || add_seals(fd, seals)) return true;
    return error_set(e, "cannot seal an image: %s", strerror(errno));
}

static bool sections_fit(const struct header *h, size_t size) {
    if (h->n_sections > MAX_SECTIONS) return false;
    for (uint64_t k = 0; k < h->n_sections; k++) {
        const struct section *s = &h->section[k];
        if (s->offset > size || s->bytes > size - s->offset) return false;
        if (!memchr(s->name, '\0', NAME_SIZE)) return false;
    }
    return true;
}

bool image_map(struct image *im, int fd, struct error *e) {
    *im = (struct image){.fd = fd};
    struct stat st;
    if (fstat(fd, &st) != 0) return error_set(e, "cannot map an image: %s", strerror(errno));
    const size_t size = (size_t)st.st_size;
    if (size < sizeof(struct header)) return error_set(e, "an image was cut off");
    void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) return error_set(e, "cannot map an image: %s", strerror(errno));
    im->base = base;
    im->mapped = im->size = size;
    if (memcmp(((struct header *)base)->magic, magic, sizeof magic) != 0) {
        image_done(im);
        return error_set(e, "not an image");
    }
    if (!sections_fit(base, size)) {
        image_done(im);
        return error_set(
            e, "an image was cut off: it is %zu bytes, and its sections are more", size);
    }
    return true;
}

const void *image_find(const struct image *im, const char *name, size_t *bytes) {
    const struct header *h = (const struct header *)im->base;
    for (uint64_t k = 0; k < h->n_sections; k++)
        if (strcmp(h->section[k].name, name) == 0) {
            if (bytes) *bytes = h->section[k].bytes;
            return im->base + h->section[k].offset;
        }
    if (bytes) *bytes = 0;
    return NULL;
}

void image_done(struct image *im) {
    if (im->base) munmap(im->base, im->mapped);
    *im = (struct image){0};
}
