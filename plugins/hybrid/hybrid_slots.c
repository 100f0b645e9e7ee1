#include "hybrid_slots.h"

#include <stdlib.h>

bool hybrid_slots_init(struct hybrid_slots *s, size_t n_rows, uint32_t n_ids) {
    *s = (struct hybrid_slots){.key = malloc(n_rows * sizeof(uint32_t)),
        .of_row = malloc(n_rows * sizeof(uint32_t)),
        .start = malloc((n_rows + 2) * sizeof(uint32_t)),
        .row = malloc(n_rows * sizeof(uint32_t)),
        .mark = calloc(2 * (size_t)n_ids, sizeof(uint32_t)),
        .kept = malloc(n_rows * sizeof(uint32_t)),
        .kept_id = malloc(n_rows * sizeof(uint32_t))};
    return s->key && s->of_row && s->start && s->row && s->mark && s->kept && s->kept_id;
}

uint64_t hybrid_slots_bytes(uint64_t n_rows, uint64_t n_ids) {
    return (6 * n_rows + 2 + 2 * n_ids) * sizeof(uint32_t);
}

void hybrid_slots_done(struct hybrid_slots *s) {
    free(s->key);
    free(s->of_row);
    free(s->start);
    free(s->row);
    free(s->mark);
    free(s->kept);
    free(s->kept_id);
    *s = (struct hybrid_slots){0};
}

void hybrid_slots_fill(struct hybrid_slots *s, const uint32_t *id, const uint32_t *at, size_t n,
    const float *chance, const float *share) {
    s->n = s->n_kept = 0;
    s->start[0] = s->start[1] = 0;
    for (size_t k = 0; k < n; k++) {
        const uint32_t key = 2 * id[at[k]] + (share && chance[k] < share[id[at[k]]]);
        if (s->mark[key] == 0) {
            s->key[s->n] = key;
            s->start[s->n + 2] = 0;
            s->mark[key] = ++s->n;
        }
        s->of_row[k] = s->mark[key] - 1;
        s->start[s->of_row[k] + 2]++;
    }
    for (uint32_t j = 0; j < s->n; j++) {
        s->start[j + 2] += s->start[j + 1];
        s->mark[s->key[j]] = 0;
        if (s->key[j] % 2) continue;
        s->kept[s->n_kept] = j;
        s->kept_id[s->n_kept++] = s->key[j] / 2;
    }
    for (size_t k = 0; k < n; k++) s->row[s->start[s->of_row[k] + 1]++] = (uint32_t)k;
}
