// hybrid_slots.h - the users, or items, of one batch, each once.
//
// A slot is one user or item as some of the batch's ratings see it: with what is its own, or, where
// that was dropped, by its features alone. Slots are numbered as they first come.
#ifndef HYBRID_SLOTS_H
#define HYBRID_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hybrid_slots {
    uint32_t n;
    uint32_t *key;     // [rows]; owned: 2 id + dropped
    uint32_t *of_row;  // [rows]; owned: the slot of each rating
    uint32_t *start;   // [rows + 1]; owned: slot s has the ratings row[start[s]] ..
    uint32_t *row;     // [rows]; owned: ascending within a slot
    uint32_t *mark;    // [2 ids]; owned: 0 between batches
    uint32_t n_kept;   // slots with what is their own
    uint32_t *kept;    // [rows]; owned: those
    uint32_t *kept_id; // [rows]; owned: and whose they are
};

// For batches of up to n_rows ratings of n_ids users or items. False: no memory.
bool hybrid_slots_init(struct hybrid_slots *s, size_t n_rows, uint32_t n_ids);
uint64_t hybrid_slots_bytes(uint64_t n_rows, uint64_t n_ids);
void hybrid_slots_done(struct hybrid_slots *s);

// id, at: the ratings of the batch are of id[at[k]], k < n; dropped where chance[k] < share[id];
// share NULL: nowhere.
void hybrid_slots_fill(struct hybrid_slots *s, const uint32_t *id, const uint32_t *at, size_t n,
    const float *chance, const float *share);

#endif
