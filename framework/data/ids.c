#include "data/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { N_WORDS = IDS_DIRECT / 64 };

bool ids_init(struct ids *ids, struct error *e) {
    *ids = (struct ids){0};
    void *bits = mmap(NULL, N_WORDS * sizeof *ids->bit, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bits == MAP_FAILED) return error_memory(e, N_WORDS * sizeof *ids->bit, "ids");
    ids->bit = bits;
    return true;
}

void ids_done(struct ids *ids) {
    if (ids->bit) munmap((void *)ids->bit, N_WORDS * sizeof *ids->bit);
    words_done(&ids->text);
    free(ids->before);
    free(ids->order);
    free(ids->rank);
    free(ids->moved);
    *ids = (struct ids){0};
}

size_t ids_direct(const char *text, size_t length, uint32_t *key) {
    uint32_t number = 0;
    size_t n = 0;
    while (n < length && n < 9 && (unsigned)(text[n] - '0') < 10)
        number = 10 * number + (uint32_t)(text[n++] - '0');
    if (n == 0 || (text[0] == '0' && n > 1) || number >= IDS_DIRECT) return 0;
    *key = number;
    return n;
}

void ids_add_new(struct ids *ids, uint32_t number) {
    atomic_fetch_or_explicit(
        &ids->bit[number / 64], (uint64_t)1 << number % 64, memory_order_relaxed);
    uint32_t n = atomic_load_explicit(&ids->n_words, memory_order_relaxed);
    while (n <= number / 64 && !atomic_compare_exchange_weak_explicit(&ids->n_words, &n,
                                   number / 64 + 1, memory_order_relaxed, memory_order_relaxed)) {
    }
}

uint32_t ids_add(struct ids *ids, const char *text, size_t length, struct error *e) {
    uint32_t key;
    if (length > 0 && ids_direct(text, length, &key) == length) {
        ids_add_direct(ids, key);
        return key;
    }
    const uint32_t k = words_add(&ids->text, text, length, e);
    return k == WORDS_NONE ? IDS_NONE : IDS_DIRECT + k;
}

uint32_t ids_find(const struct ids *ids, const char *text, size_t length) {
    uint32_t key;
    if (length > 0 && ids_direct(text, length, &key) == length)
        return ids_has_direct(ids, key) ? key : IDS_NONE;
    const uint32_t k = words_find(&ids->text, text, length);
    return k == WORDS_NONE ? IDS_NONE : IDS_DIRECT + k;
}

static uint64_t bits_at(const struct ids *ids, uint32_t word) {
    return atomic_load_explicit(&ids->bit[word], memory_order_relaxed);
}

bool ids_rank(struct ids *ids, struct error *e) {
    ids->n_before = atomic_load_explicit(&ids->n_words, memory_order_relaxed);
    const size_t n = (size_t)ids->n_before + 1;
    ids->before = malloc(n * sizeof *ids->before);
    ids->rank = malloc((ids->text.n + (size_t)1) * sizeof *ids->rank);
    if (!ids->before || !ids->rank)
        return error_memory(e, (n + ids->text.n) * sizeof *ids->rank, "ids");
    ids->n_direct = 0;
    for (uint32_t k = 0; k < ids->n_before; k++) {
        ids->before[k] = ids->n_direct;
        ids->n_direct += (uint32_t)__builtin_popcountll(bits_at(ids, k));
    }
    ids->order = words_sort(&ids->text, e);
    if (!ids->order) return false;
    for (uint32_t k = 0; k < ids->text.n; k++) ids->rank[ids->order[k]] = ids->n_direct + k;
    ids->n = ids->n_direct + ids->text.n;
    return true;
}

bool ids_keep(struct ids *ids, const bool *keep, struct error *e) {
    ids->moved = malloc((ids->n + (size_t)1) * sizeof *ids->moved);
    if (!ids->moved) return error_memory(e, ids->n * sizeof *ids->moved, "ids");
    uint32_t n = 0;
    for (uint32_t k = 0; k < ids->n; k++) ids->moved[k] = keep[k] ? n++ : IDS_NONE;
    return true;
}

static bool is_left(const struct ids *ids, uint32_t rank) {
    return !ids->moved || ids->moved[rank] != IDS_NONE;
}

void ids_each(
    const struct ids *ids, void (*each)(void *arg, const char *id, size_t length), void *arg) {
    uint32_t rank = 0;
    for (uint32_t word = 0; word < ids->n_before; word++)
        for (uint64_t bits = bits_at(ids, word); bits; bits &= bits - 1, rank++) {
            if (!is_left(ids, rank)) continue;
            char text[16];
            const int n =
                snprintf(text, sizeof text, "%u", 64 * word + (uint32_t)__builtin_ctzll(bits));
            each(arg, text, (size_t)n);
        }
    for (uint32_t k = 0; k < ids->text.n; k++, rank++)
        if (is_left(ids, rank))
            each(
                arg, words_get(&ids->text, ids->order[k]), words_length(&ids->text, ids->order[k]));
}

uint32_t ids_count(const struct ids *ids) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < ids->n; k++) n += is_left(ids, k);
    return n;
}
