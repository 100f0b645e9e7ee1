// Evidence out of a store that anyone may have written. The first byte says whether what follows is
// all of it, or its content, which is compressed and given its head first.
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "metric/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok) {
    if (!ok) abort();
}

static uint8_t *seal(const uint8_t *content, size_t length, size_t *n) {
    uLongf packed = compressBound(length);
    uint8_t *bytes = malloc(12 + packed);
    must(bytes != NULL);
    memcpy(bytes, "RKE1", 4);
    for (int k = 0; k < 8; k++) bytes[4 + k] = (uint8_t)((uint64_t)length >> 8 * k);
    must(compress2(bytes + 12, &packed, content, length, 1) == Z_OK);
    *n = 12 + packed;
    return bytes;
}

// What was read is the same again when it is written.
static void check_again(const struct evidence *ev) {
    struct evidence copy;
    void *one, *other;
    size_t n, m;
    must(evidence_pack(ev, &one, &n, NULL) && evidence_unpack(&copy, one, n, NULL));
    must(evidence_pack(&copy, &other, &m, NULL) && n == m && memcmp(one, other, n) == 0);
    for (uint32_t k = 1; k < ev->n_users; k++) must(ev->user[k] > ev->user[k - 1]);
    evidence_done(&copy);
    free(one);
    free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct evidence ev;
    struct error e = {0};
    size_t n = size ? size - 1 : 0;
    const uint8_t *bytes = size ? data + 1 : data;
    uint8_t *own = size && data[0] % 2 == 0 ? seal(bytes, n, &n) : NULL;
    if (evidence_unpack(&ev, own ? own : bytes, n, &e)) {
        check_again(&ev);
        evidence_done(&ev);
    } else {
        must(*e.text);
    }
    free(own);
    return 0;
}
