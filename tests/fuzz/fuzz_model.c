// Saved models, of which a reader believes nothing but its own checks: the checksum is made right
// first, as whoever writes a file on purpose would.
#include "load.h"

#include "../support/saved_world.h"

// In place; what is no image stays as it is.
static void seal_again(uint8_t *bytes, size_t size) {
    char path[128];
    struct image im;
    struct error e;
    size_t room;
    unsigned char sum[SAVED_CHECKSUM];
    load_write("m.rkm", bytes, size);
    snprintf(path, sizeof path, "%s/m.rkm", load_folder());
    const int fd = open(path, O_RDONLY);
    if (fd < 0) abort();
    if (image_map(&im, fd, &e)) {
        const unsigned char *check = image_find(&im, "check", &room);
        if (check && room == sizeof sum && saved_checksum(&im, sum))
            memcpy(bytes + (check - im.base), sum, sizeof sum);
        image_done(&im);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[128];
    struct saved s;
    struct error e = {0};
    uint8_t *copy = malloc(size + 1);
    if (!copy) abort();
    memcpy(copy, data, size);
    seal_again(copy, size);
    load_write("m.rkm", copy, size);
    free(copy);
    snprintf(path, sizeof path, "%s/m.rkm", load_folder());
    if (saved_open(&s, path, &e)) {
        if (isinf(saved_look(&s))) abort();
        saved_done(&s);
    } else if (!*e.text) {
        abort();
    }
    return 0;
}
