// The registry of methods, the hashed deal, and the validation slice of rows.
#include "split/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"

REGISTRY(split_method)

// The deal orders entries by 48 bits of their hash: 16 choose a bucket, and the other 32, above the
// entry's number, are what is sorted within it. Equal hashes thus stay in the order of the entries,
// which is the order of the ids.
enum { BUCKET_BITS = 16, N_BUCKETS = 1 << BUCKET_BITS, INSERTION_MAX = 24 };

struct deal {
    const struct dataset *data;
    uint64_t key;
    const uint8_t *role;
    uint8_t from;
};

static void count_buckets(const struct deal *deal, uint64_t *count) {
    const rk_csr *r = &deal->data->by_user;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        const uint64_t user = random_mix(deal->key, deal->data->user_hash[u]);
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++)
            if (deal->role[x] == deal->from)
                count[random_mix(user, deal->data->item_hash[r->col[x]]) >> (64 - BUCKET_BITS)]++;
    }
}

static void fill_buckets(const struct deal *deal, uint64_t *next, uint64_t *slot) {
    const rk_csr *r = &deal->data->by_user;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        const uint64_t user = random_mix(deal->key, deal->data->user_hash[u]);
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            if (deal->role[x] != deal->from) continue;
            const uint64_t hash = random_mix(user, deal->data->item_hash[r->col[x]]);
            slot[next[hash >> (64 - BUCKET_BITS)]++] = hash << BUCKET_BITS >> 32 << 32 | x;
        }
    }
}

static int compare_slots(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_slots(uint64_t *slot, uint64_t n) {
    if (n > INSERTION_MAX) {
        qsort(slot, n, sizeof *slot, compare_slots);
        return;
    }
    for (uint64_t k = 1; k < n; k++) {
        const uint64_t moved = slot[k];
        uint64_t at = k;
        for (; at > 0 && slot[at - 1] > moved; at--) slot[at] = slot[at - 1];
        slot[at] = moved;
    }
}

bool split_rank(const struct dataset *data, uint64_t key, const uint8_t *role, uint8_t from,
    uint32_t *rank, uint64_t *n, struct error *e) {
    const struct deal deal = {data, key, role, from};
    uint64_t *slot = NULL;
    bool ok = false;
    if (data->n_ratings >= UINT32_MAX) {
        error_set(e, "%llu ratings cannot be split; at most %u can",
            (unsigned long long)data->n_ratings, UINT32_MAX - 1);
        return false;
    }
    memset(rank, 0xFF, data->n_ratings * sizeof *rank);
    uint64_t *end = calloc(N_BUCKETS, sizeof *end); // of each bucket, once they are filled
    if (!end) {
        error_memory(e, N_BUCKETS * sizeof *end, "the deal of a split");
        goto done;
    }
    count_buckets(&deal, end);
    uint64_t total = 0;
    for (int b = 0; b < N_BUCKETS; b++) {
        const uint64_t count = end[b];
        end[b] = total;
        total += count;
    }
    slot = malloc((total ? total : 1) * sizeof *slot);
    if (!slot) {
        error_memory(e, total * sizeof *slot, "the deal of a split");
        goto done;
    }
    fill_buckets(&deal, end, slot);
    for (int b = 0; b < N_BUCKETS; b++) {
        const uint64_t first = b ? end[b - 1] : 0;
        sort_slots(slot + first, end[b] - first);
    }
    for (uint64_t k = 0; k < total; k++) rank[(uint32_t)slot[k]] = (uint32_t)k;
    *n = total;
    ok = true;
done:
    free(slot);
    free(end);
    return ok;
}

uint64_t split_validation_key(const struct split_job *job) {
    const uint64_t key =
        random_key(job->seed, RANDOM_VALIDATION, (uint64_t)job->repeat << 32 | job->fold);
    return job->inner ? random_mix(key, job->inner) : key;
}

uint64_t split_share_of(double share, uint64_t n) {
    const uint64_t count = (uint64_t)floor(share * (double)n + 0.5);
    return n == 0 ? 0 : count < n ? count : n - 1;
}

bool split_validate_rows(
    const struct split_job *job, double share, uint8_t *role, struct error *e) {
    const uint64_t n_ratings = job->data->n_ratings;
    uint32_t *rank = malloc(n_ratings * sizeof *rank);
    if (!rank) return error_memory(e, n_ratings * sizeof *rank, "a validation slice");
    uint64_t n = 0;
    const bool ok =
        split_rank(job->data, split_validation_key(job), role, SPLIT_TRAIN, rank, &n, e);
    const uint64_t n_valid = split_share_of(share, n);
    for (uint64_t x = 0; ok && x < n_ratings; x++)
        if (rank[x] < n_valid) role[x] = SPLIT_VALID;
    free(rank);
    return ok;
}
