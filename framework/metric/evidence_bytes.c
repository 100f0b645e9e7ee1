// evidence_bytes: evidence as bytes and back.
//
// "RKE1", the length of what was compressed (8 bytes, the lowest first), and that, by zlib: numbers
// one after another as evidence.h has them, the lowest byte first; arrays as all their lowest
// bytes, then all their second ones and so on, which compress better; users as steps from the one
// before. A metric that can't be compared has no arrays.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "metric/evidence.h"

static const char MAGIC[4] = {'R', 'K', 'E', '1'};
enum { HEAD = 12, LEVEL = 1 };

static const size_t ARRAY = sizeof(float) * EVIDENCE_BUCKETS;
enum { FIXED = 4 * 8 + 2 * 4, METRIC = 2 * 8, USER = 3 * 4 }; // bytes, arrays of buckets left out

// ---- Writing -----------------------------------------------------------------------------------

static unsigned char *put(unsigned char *at, uint64_t value, int bytes) {
    for (int k = 0; k < bytes; k++) *at++ = (unsigned char)(value >> 8 * k);
    return at;
}

static unsigned char *put_real(unsigned char *at, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return put(at, bits, 8);
}

// Of n numbers of 32 bits.
static unsigned char *put_array(unsigned char *at, const void *numbers, size_t n) {
    const unsigned char *from = numbers;
    for (size_t k = 0; k < n; k++, from += 4) {
        uint32_t bits;
        memcpy(&bits, from, 4);
        for (size_t b = 0; b < 4; b++) at[b * n + k] = (unsigned char)(bits >> 8 * b);
    }
    return at + 4 * n;
}

static unsigned char *put_users(unsigned char *at, const struct evidence *ev) {
    const size_t n = ev->n_users;
    for (size_t k = 0; k < n; k++) {
        const uint32_t step = ev->user[k] - (k ? ev->user[k - 1] : 0);
        for (size_t b = 0; b < 4; b++) at[b * n + k] = (unsigned char)(step >> 8 * b);
    }
    return put_array(put_array(at + 4 * n, ev->rows, n), ev->square, n);
}

static size_t length_of(const struct evidence *ev) {
    size_t n = FIXED + (size_t)USER * ev->n_users;
    for (size_t m = 0; m < ev->n_metrics; m++)
        n += METRIC + (ev->metrics[m].weight != 0 ? 2 * EVIDENCE_UNITS * ARRAY : 0);
    return n;
}

static void put_all(unsigned char *at, const struct evidence *ev) {
    at = put(at, ev->rows_hash, 8);
    at = put(at, ev->n_rows, 8);
    at = put(at, ev->n_train, 8);
    at = put_real(at, ev->later);
    at = put(at, ev->n_metrics, 4);
    at = put(at, ev->n_users, 4);
    for (size_t m = 0; m < ev->n_metrics; m++) {
        const struct evidence_metric *metric = &ev->metrics[m];
        at = put_real(put_real(at, metric->part), metric->weight);
        for (int u = 0; metric->weight != 0 && u < EVIDENCE_UNITS; u++) {
            at = put_array(at, metric->part_in[u], EVIDENCE_BUCKETS);
            at = put_array(at, metric->weight_in[u], EVIDENCE_BUCKETS);
        }
    }
    put_users(at, ev);
}

bool evidence_pack(const struct evidence *ev, void **bytes, size_t *n, struct error *e) {
    const size_t length = length_of(ev);
    uLongf packed = compressBound(length);
    unsigned char *plain = malloc(length), *out = malloc(HEAD + packed);
    bool ok = plain && out;
    if (ok) {
        put_all(plain, ev);
        memcpy(out, MAGIC, sizeof MAGIC);
        put(out + sizeof MAGIC, length, 8);
        ok = compress2(out + HEAD, &packed, plain, length, LEVEL) == Z_OK;
    }
    free(plain);
    if (!ok) {
        free(out);
        return error_memory(e, 2 * length, "evidence as bytes");
    }
    *bytes = out;
    *n = HEAD + packed;
    return true;
}

// ---- Reading -----------------------------------------------------------------------------------

struct reading {
    const unsigned char *at, *end;
    struct error *e;
};

static bool damaged(struct error *e, const char *what) {
    return error_set(e, "the evidence is damaged (%s); run the trial again, with --fresh", what);
}

// `bytes` are there.
static uint64_t get(struct reading *r, int bytes) {
    uint64_t value = 0;
    for (int k = 0; k < bytes; k++) value |= (uint64_t)*r->at++ << 8 * k;
    return value;
}

static double get_real(struct reading *r) {
    const uint64_t bits = get(r, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool has(const struct reading *r, size_t bytes) {
    return (size_t)(r->end - r->at) >= bytes || damaged(r->e, "it is too short");
}

static void get_array(struct reading *r, uint32_t *out, size_t n) {
    for (size_t k = 0; k < n; k++) {
        out[k] = 0;
        for (size_t b = 0; b < 4; b++) out[k] |= (uint32_t)r->at[b * n + k] << 8 * b;
    }
    r->at += 4 * n;
}

static bool get_floats(struct reading *r, float *out, size_t n, float least) {
    for (size_t k = 0; k < n; k++) {
        uint32_t bits = 0;
        for (size_t b = 0; b < 4; b++) bits |= (uint32_t)r->at[b * n + k] << 8 * b;
        memcpy(&out[k], &bits, sizeof bits);
        if (!isfinite(out[k]) || out[k] < least) return damaged(r->e, "a sum is out of range");
    }
    r->at += 4 * n;
    return true;
}

static bool get_metric(struct reading *r, struct evidence_metric *m) {
    if (!has(r, METRIC)) return false;
    m->part = get_real(r);
    m->weight = get_real(r);
    if (!isfinite(m->part) || !isfinite(m->weight) || m->weight < 0)
        return damaged(r->e, "a sum is out of range");
    if (m->weight == 0) return true;
    if (!has(r, 2 * EVIDENCE_UNITS * ARRAY) || !evidence_metric_init(m, r->e)) return false;
    for (int u = 0; u < EVIDENCE_UNITS; u++)
        if (!get_floats(r, m->part_in[u], EVIDENCE_BUCKETS, -INFINITY) ||
            !get_floats(r, m->weight_in[u], EVIDENCE_BUCKETS, -INFINITY))
            return false;
    return true;
}

static bool get_users(struct reading *r, struct evidence *ev, uint32_t n) {
    uint64_t user = 0;
    if (!has(r, (size_t)USER * n) || !evidence_users_init(ev, n, r->e)) return false;
    get_array(r, ev->user, n);
    for (size_t k = 0; k < n; k++) {
        user += ev->user[k];
        if (user >= UINT32_MAX || (k && ev->user[k] == 0))
            return damaged(r->e, "its users are not in order");
        ev->user[k] = (uint32_t)user;
    }
    return get_floats(r, ev->rows, n, 1) && get_floats(r, ev->square, n, 0);
}

static bool get_all(struct reading *r, struct evidence *ev) {
    if (!has(r, FIXED)) return false;
    ev->rows_hash = get(r, 8);
    ev->n_rows = get(r, 8);
    ev->n_train = get(r, 8);
    ev->later = get_real(r);
    if (!isnan(ev->later) && !(ev->later >= 0 && ev->later <= 1))
        return damaged(r->e, "a share is out of range");
    const size_t n_metrics = get(r, 4);
    const uint32_t n_users = (uint32_t)get(r, 4);
    if (!has(r, n_metrics * METRIC)) return false;
    ev->metrics = calloc(n_metrics + 1, sizeof *ev->metrics);
    if (!ev->metrics) return error_memory(r->e, n_metrics * sizeof *ev->metrics, "evidence");
    ev->n_metrics = n_metrics;
    for (size_t m = 0; m < n_metrics; m++)
        if (!get_metric(r, &ev->metrics[m])) return false;
    return get_users(r, ev, n_users) && (r->at == r->end || damaged(r->e, "it is too long"));
}

// No stream of zlib's becomes more than 1032 times as long.
static unsigned char *uncompressed(
    const unsigned char *bytes, size_t n, size_t *length, struct error *e) {
    struct reading head = {.at = bytes + sizeof MAGIC};
    if (n < HEAD || memcmp(bytes, MAGIC, sizeof MAGIC) != 0) {
        damaged(e, "it has no head");
        return NULL;
    }
    const uint64_t told = get(&head, 8);
    if (told < FIXED || told / 1032 > n) {
        damaged(e, "its length is out of range");
        return NULL;
    }
    unsigned char *plain = malloc(told);
    uLongf got = told, used = n - HEAD;
    if (!plain) {
        error_memory(e, told, "evidence");
    } else if (uncompress2(plain, &got, bytes + HEAD, &used) != Z_OK || got != told ||
               used != n - HEAD) {
        damaged(e, "it can't be unpacked");
        free(plain);
        plain = NULL;
    }
    *length = told;
    return plain;
}

bool evidence_unpack(struct evidence *ev, const void *bytes, size_t n, struct error *e) {
    size_t length;
    *ev = (struct evidence){0};
    unsigned char *plain = uncompressed(bytes, n, &length, e);
    if (!plain) return false;
    struct reading r = {plain, plain + length, e};
    const bool ok = get_all(&r, ev);
    free(plain);
    if (!ok) evidence_done(ev);
    return ok;
}
