// store_answers: what members of blends answered, so that blends can be made without them.
//
// "RKA1", the number of answers (8 bytes, the lowest first), and these, by zlib: floats bit for
// bit, as all their lowest bytes, then all their second ones and so on, which compress better.
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "trial/store_own.h"

static const char MAGIC[4] = {'R', 'K', 'A', '1'};
enum { HEAD = 12, LEVEL = 1 };

static void put_count(unsigned char *at, uint64_t n) {
    for (int k = 0; k < 8; k++) at[k] = (unsigned char)(n >> 8 * k);
}

static uint64_t get_count(const unsigned char *at) {
    uint64_t n = 0;
    for (int k = 0; k < 8; k++) n |= (uint64_t)at[k] << 8 * k;
    return n;
}

static void spread(unsigned char *planes, const float *answers, size_t n) {
    for (size_t k = 0; k < n; k++) {
        uint32_t bits;
        memcpy(&bits, &answers[k], sizeof bits);
        for (size_t b = 0; b < 4; b++) planes[b * n + k] = (unsigned char)(bits >> 8 * b);
    }
}

static void gather(float *answers, const unsigned char *planes, size_t n) {
    for (size_t k = 0; k < n; k++) {
        uint32_t bits = 0;
        for (size_t b = 0; b < 4; b++) bits |= (uint32_t)planes[b * n + k] << 8 * b;
        memcpy(&answers[k], &bits, sizeof bits);
    }
}

static bool pack(const float *answers, size_t n, unsigned char **out, size_t *bytes) {
    uLongf packed = compressBound(4 * n);
    unsigned char *planes = malloc(4 * n + 1);
    *out = malloc(HEAD + packed);
    bool ok = planes && *out;
    if (ok) {
        spread(planes, answers, n);
        memcpy(*out, MAGIC, sizeof MAGIC);
        put_count(*out + sizeof MAGIC, n);
        ok = compress2(*out + HEAD, &packed, planes, 4 * n, LEVEL) == Z_OK;
        *bytes = HEAD + packed;
    }
    free(planes);
    return ok;
}

// zlib packs no more than 1032 to 1, so that a count is not believed beyond that.
static bool unpack(const unsigned char *bytes, size_t size, float **answers, size_t *n) {
    if (size < HEAD || memcmp(bytes, MAGIC, sizeof MAGIC) != 0) return false;
    const uint64_t count = get_count(bytes + sizeof MAGIC);
    if (count > (size - HEAD + 1) * 1032) return false;
    uLongf length = 4 * count;
    unsigned char *planes = malloc(length + 1);
    *answers = malloc(length + 1);
    const bool ok = planes && *answers &&
                    uncompress(planes, &length, bytes + HEAD, size - HEAD) == Z_OK &&
                    length == 4 * count;
    if (ok) gather(*answers, planes, count);
    *n = count;
    free(planes);
    return ok;
}

bool store_put_answers(
    struct store *s, int64_t trial, const struct trial_record *t, struct error *e) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (!store_do(s, e, "DELETE FROM answers WHERE trial = ?1", "i", trial)) return false;
    if (!t->answers) return true;
    const bool ok = pack(t->answers, t->n_answers, &bytes, &size)
                        ? store_do(s, e, "INSERT INTO answers VALUES (?1, ?2)", "ib", trial,
                              (const void *)bytes, size)
                        : error_memory(e, 8 * t->n_answers, "answers as bytes");
    free(bytes);
    return ok;
}

bool store_answers(
    struct store *s, const struct key *key, struct trial_record *out, struct error *e) {
    sqlite3_stmt *q = store_query(s, e,
        "SELECT bytes FROM trials t JOIN answers USING (trial) WHERE t.key = ?1", "t", key->hex);
    const int step = q ? store_step(s, q, e) : -1;
    if (step <= 0) return step == 0;
    float *answers = NULL;
    const bool ok = unpack(
        sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0), &answers, &out->n_answers);
    sqlite3_reset(q);
    if (!ok) {
        free(answers);
        return error_set(e,
            "%s: the answers of trial %s are damaged; run the trial again, with --fresh", s->path,
            key->hex);
    }
    free(out->answers);
    out->answers = answers;
    return true;
}
