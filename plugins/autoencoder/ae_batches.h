// ae_batches.h - an epoch's rows cut into batches, each seen by rows and by columns.
//
// A cell is an input of a row of the batch, a rating or a feature. Sums over a row go through its
// entries; sums over a column go through its cells, which lie together, rows in the batch's order.
// So both are done without atomics, in an order that no thread has a say in.
#ifndef AUTOENCODER_AE_BATCHES_H
#define AUTOENCODER_AE_BATCHES_H

#include "ae_rows.h"

struct ae_batches {
    const struct ae_rows *rows; // borrowed
    uint32_t n_batches;
    uint32_t *order;  // [rows that have ratings]; owned; this epoch's
    uint32_t *column; // [n_batches x (columns + 1)]; owned; where in its batch each begins
    uint32_t *cell;   // [ratings, then features]; owned; the cell of an entry in its batch
    uint32_t most_rows, most_cells; // of one batch, in any epoch
};

// Batches of about `size` rows, or more where they would have few ratings to a column, so that
// steps on all parameters cost in proportion to ratings. RK_E_MEMORY or RK_OK.
rk_status ae_batches_init(struct ae_batches *b, const struct ae_rows *rows, uint32_t size);
void ae_batches_done(struct ae_batches *b);

// What there may be of batches of n_rows rows and n_inputs inputs, without data: rows and cells of
// the largest, and what all take.
struct ae_batches_most {
    uint64_t rows, cells, bytes;
};
struct ae_batches_most ae_batches_most(
    const rk_shape *shape, bool of_users, uint64_t n_inputs, uint64_t n_entries, uint64_t size);

// Another order, from `stream` alone.
rk_status ae_batches_shuffle(struct ae_batches *b, const rk_host *host, uint64_t stream);

// Batch k has the rows order[first(k)] .. order[first(k + 1) - 1].
static inline uint32_t ae_batches_first(const struct ae_batches *b, uint32_t k) {
    return (uint32_t)((uint64_t)b->rows->n_filled * k / b->n_batches);
}

// The first cells of batch k's columns.
static inline const uint32_t *ae_batches_columns(const struct ae_batches *b, uint32_t k) {
    return b->column + (size_t)k * (b->rows->ratings.n_cols + b->rows->n_features + 1);
}

#endif
