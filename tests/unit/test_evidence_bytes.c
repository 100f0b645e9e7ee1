// Evidence as bytes: back again as it was, and refused where it is damaged.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/made_evidence.h"

static void pack(const struct evidence *ev, void **bytes, size_t *n) {
    struct error e = {0};
    ck_assert_msg(evidence_pack(ev, bytes, n, &e), "%s", e.text);
}

static void same_after_packing(const struct evidence *ev) {
    struct evidence got;
    struct error e = {0};
    void *bytes;
    size_t n;
    pack(ev, &bytes, &n);
    ck_assert_msg(evidence_unpack(&got, bytes, n, &e), "%s", e.text);
    same_evidence(ev, &got);
    evidence_done(&got);
    free(bytes);
}

START_TEST(what_is_packed_comes_back) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct evidence ev = made_evidence(seed);
        same_after_packing(&ev);
        evidence_done(&ev);
    }
    same_after_packing(&(struct evidence){.later = NAN});
}
END_TEST

enum { HEAD = 12, PLAIN = 40 + 16 + 6 * 4096 + 16 + 3 * 12 }; // bytes of made_evidence()

static bool refused(const void *bytes, size_t n) {
    struct evidence ev;
    struct error e = {0};
    if (evidence_unpack(&ev, bytes, n, &e)) {
        evidence_done(&ev);
        return false;
    }
    ck_assert_ptr_nonnull(strstr(e.text, "damaged"));
    ck_assert(!ev.metrics && !ev.user);
    return true;
}

START_TEST(cut_and_changed_bytes_are_refused) {
    struct evidence ev = made_evidence(1);
    unsigned char *bytes;
    size_t n, n_harmless = 0;
    pack(&ev, (void **)&bytes, &n);
    for (size_t cut = 0; cut < n; cut += cut < 64 || cut + 64 > n ? 1 : 97) {
        unsigned char *part = malloc(cut ? cut : 1); // so that a look beyond its end is noticed
        ck_assert_ptr_nonnull(part);
        memcpy(part, bytes, cut);
        ck_assert_msg(refused(part, cut), "%zu bytes of %zu", cut, n);
        free(part);
    }
    for (size_t k = 0; k < n; k += k < 64 ? 1 : 61) {
        bytes[k] ^= 0x10;
        if (!refused(bytes, n)) { // a code that zlib does not use
            struct evidence got;
            n_harmless++;
            ck_assert(evidence_unpack(&got, bytes, n, NULL));
            same_evidence(&ev, &got);
            evidence_done(&got);
        }
        bytes[k] ^= 0x10;
    }
    unsigned char *more = calloc(1, n + 1);
    ck_assert_ptr_nonnull(more);
    memcpy(more, bytes, n);
    ck_assert(refused(more, n + 1));
    free(more);
    ck_assert_uint_lt(n_harmless, 5);
    ck_assert(!refused(bytes, n));
    free(bytes);
    evidence_done(&ev);
}
END_TEST

// Packed anew, so that all but the content is right.
static bool refused_plain(const unsigned char *plain, size_t length) {
    uLongf n = compressBound(length);
    unsigned char *bytes = malloc(HEAD + n);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, "RKE1", 4);
    for (int k = 0; k < 8; k++) bytes[4 + k] = (unsigned char)(length >> 8 * k);
    ck_assert_int_eq(compress2(bytes + HEAD, &n, plain, length, 1), Z_OK);
    const bool bad = refused(bytes, HEAD + n);
    free(bytes);
    return bad;
}

// Of made_evidence(1).
static unsigned char *unpacked(void) {
    struct evidence ev = made_evidence(1);
    unsigned char *bytes, *plain = calloc(1, PLAIN + 1);
    size_t n;
    uLongf length = PLAIN;
    pack(&ev, (void **)&bytes, &n);
    ck_assert_ptr_nonnull(plain);
    ck_assert_int_eq(uncompress(plain, &length, bytes + HEAD, n - HEAD), Z_OK);
    ck_assert_uint_eq(length, PLAIN);
    free(bytes);
    evidence_done(&ev);
    return plain;
}

static const uint64_t nan_bits = 0x7ff8000000000000u;

// Writes `bytes` of `value` at a place, and puts the former ones back.
static bool refused_with(unsigned char *plain, size_t at, uint64_t value, int bytes) {
    unsigned char kept[8];
    memcpy(kept, plain + at, (size_t)bytes);
    for (int k = 0; k < bytes; k++) plain[at + (size_t)k] = (unsigned char)(value >> 8 * k);
    const bool bad = refused_plain(plain, PLAIN);
    memcpy(plain + at, kept, (size_t)bytes);
    return bad;
}

START_TEST(content_that_cannot_be_is_refused) {
    enum { LATER = 24, METRICS = 32, USER_COUNT = 36, PART = 40, WEIGHT = 48, SKETCH = 56 };
    enum { LAST_USERS = PLAIN - 36, LAST_ROWS = PLAIN - 24, LAST_SQUARES = PLAIN - 12 };
    unsigned char *plain = unpacked();
    ck_assert(!refused_plain(plain, PLAIN));
    ck_assert(refused_with(plain, LATER, 0x4000000000000000u, 8));  // 2
    ck_assert(refused_with(plain, LATER, 0xbff0000000000000u, 8));  // -1
    ck_assert(!refused_with(plain, LATER, 0x3fe0000000000000u, 8)); // a half
    ck_assert(refused_with(plain, METRICS, UINT32_MAX, 4));
    ck_assert(refused_with(plain, METRICS, 3, 4));
    ck_assert(refused_with(plain, METRICS, 1, 4));
    ck_assert(refused_with(plain, USER_COUNT, UINT32_MAX, 4));
    ck_assert(refused_with(plain, USER_COUNT, 2, 4));
    ck_assert(refused_with(plain, USER_COUNT, 4, 4));
    ck_assert(refused_with(plain, PART, nan_bits, 8));
    ck_assert(refused_with(plain, WEIGHT, nan_bits, 8));
    ck_assert(refused_with(plain, WEIGHT, 0xbff0000000000000u, 8));
    // Arrays lie as all first bytes, all second ones ...: the sign and exponent of the last number
    // are the last two.
    for (int a = 0; a < 6; a++) {
        const size_t high = SKETCH + (size_t)a * 4096 + 4096 - 1, low = high - 1024;
        const unsigned char h = plain[high], l = plain[low];
        plain[high] = 0x7f, plain[low] = 0xc0;
        ck_assert_msg(refused_plain(plain, PLAIN), "array %d", a);
        plain[high] = h, plain[low] = l;
    }
    ck_assert(refused_with(plain, LAST_USERS + 1, 0, 1));      // the same user twice
    ck_assert(refused_with(plain, LAST_USERS + 9, 0xffff, 2)); // over 2^32
    ck_assert(refused_with(plain, LAST_ROWS + 9, 0, 3));       // no rows
    ck_assert(refused_with(plain, LAST_SQUARES + 9, 0xbf, 1)); // a negative square
    ck_assert(refused_plain(plain, PLAIN + 1) && refused_plain(plain, PLAIN - 1) &&
              refused_plain(plain, 39));
    free(plain);
}
END_TEST

// Whatever is accepted can be used.
START_TEST(random_damage_is_refused_or_harmless) {
    unsigned char *plain = unpacked();
    uint64_t bits[600];
    random_bits(3, 3, bits, 600);
    for (size_t k = 0; k < 600; k++) {
        // Every other one where the few numbers are that are no sums.
        const size_t at = k % 2 ? bits[k] % PLAIN : (PLAIN - 52 + bits[k] % 108) % PLAIN;
        plain[at] ^= (unsigned char)(bits[k] >> 56);
        refused_plain(plain, PLAIN);
        plain[at] ^= (unsigned char)(bits[k] >> 56);
    }
    ck_assert(!refused_plain(plain, PLAIN));
    free(plain);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("evidence_bytes");
    tcase_add_test(cases, what_is_packed_comes_back);
    tcase_add_test(cases, cut_and_changed_bytes_are_refused);
    tcase_add_test(cases, content_that_cannot_be_is_refused);
    tcase_add_test(cases, random_damage_is_refused_or_harmless);
    Suite *suite = suite_create("evidence_bytes");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
