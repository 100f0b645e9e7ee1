#include "data/words.h"

#include <string.h>
#include <xxhash.h>

#include "data/grow.h"

const char *words_get(const struct words *w, uint32_t k) {
    return w->bytes + w->start[k];
}

size_t words_length(const struct words *w, uint32_t k) {
    return w->start[k + 1] - w->start[k] - 1;
}

static uint32_t find_slot(const struct words *w, const char *text, size_t length) {
    uint32_t at = (uint32_t)XXH3_64bits(text, length) & (w->n_slots - 1);
    for (; w->slot[at]; at = (at + 1) & (w->n_slots - 1)) {
        const uint32_t k = w->slot[at] - 1;
        if (words_length(w, k) == length && memcmp(words_get(w, k), text, length) == 0) break;
    }
    return at;
}

static bool more_slots(struct words *w, struct error *e) {
    const uint32_t n_slots = w->n_slots ? 2 * w->n_slots : 64;
    uint32_t *slot = calloc(n_slots, sizeof *slot);
    if (!slot) return error_memory(e, n_slots * sizeof *slot, "names");
    free(w->slot);
    w->slot = slot;
    w->n_slots = n_slots;
    for (uint32_t k = 0; k < w->n; k++)
        slot[find_slot(w, words_get(w, k), words_length(w, k))] = k + 1;
    return true;
}

uint32_t words_find(const struct words *w, const char *text, size_t length) {
    if (w->n == 0) return WORDS_NONE;
    const uint32_t found = w->slot[find_slot(w, text, length)];
    return found ? found - 1 : WORDS_NONE;
}

uint32_t words_add(struct words *w, const char *text, size_t length, struct error *e) {
    if ((uint64_t)w->n * 2 >= w->n_slots && !more_slots(w, e)) return WORDS_NONE;
    const uint32_t at = find_slot(w, text, length);
    if (w->slot[at]) return w->slot[at] - 1;
    if (w->n >= (uint32_t)1 << 30) {
        error_set(e, "more than %u different names", w->n);
        return WORDS_NONE;
    }
    const uint64_t end = w->n ? w->start[w->n] : 0;
    if (!grow_to(&w->start, &w->start_room, w->n + 2, sizeof *w->start, "names", e) ||
        !grow_to(&w->bytes, &w->bytes_room, end + length + 1, 1, "names", e))
        return WORDS_NONE;
    w->start[w->n] = end;
    memcpy(w->bytes + end, text, length);
    w->bytes[end + length] = '\0';
    w->start[++w->n] = end + length + 1;
    w->slot[at] = w->n;
    return w->n - 1;
}

void words_done(struct words *w) {
    free(w->start);
    free(w->bytes);
    free(w->slot);
    *w = (struct words){0};
}

// Digits of a number as words_compare() takes it, or 0.
static size_t count_digits(const char *text) {
    const size_t n = strspn(text, "0123456789");
    return text[n] || n > 18 || (text[0] == '0' && n > 1) ? 0 : n;
}

int words_compare(const char *a, const char *b) {
    const size_t digits_a = count_digits(a), digits_b = count_digits(b);
    if (!digits_a != !digits_b) return digits_a ? -1 : 1;
    if (digits_a != digits_b) return digits_a < digits_b ? -1 : 1;
    return strcmp(a, b);
}

static int compare_numbers(const void *a, const void *b, void *arg) {
    const struct words *w = arg;
    return words_compare(words_get(w, *(const uint32_t *)a), words_get(w, *(const uint32_t *)b));
}

uint32_t *words_sort(const struct words *w, struct error *e) {
    uint32_t *order = malloc((w->n + (size_t)1) * sizeof *order);
    if (!order) {
        error_memory(e, w->n * sizeof *order, "the order of names");
        return NULL;
    }
    for (uint32_t k = 0; k < w->n; k++) order[k] = k;
    qsort_r(order, w->n, sizeof *order, compare_numbers, (void *)(uintptr_t)w);
    return order;
}
