#include "ae_batches.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RATINGS_A_COLUMN = 2;

static uint64_t cells_of(const struct ae_rows *x, uint32_t r) {
    uint64_t n = x->ratings.start[r + 1] - x->ratings.start[r];
    if (x->n_features) n += x->features.start[r + 1] - x->features.start[r];
    return n;
}

// A bound on the cells of a batch of n_rows, in any order: as many of the longest row, or all.
static uint64_t most_cells(const struct ae_rows *x, uint32_t n_rows) {
    uint64_t longest = 0, all = 0;
    for (uint32_t k = 0; k < x->n_filled; k++) {
        const uint64_t n = cells_of(x, x->filled[k]);
        if (n > longest) longest = n;
        all += n;
    }
    return longest < all / n_rows ? longest * n_rows : all;
}

rk_status ae_batches_init(struct ae_batches *b, const struct ae_rows *x, uint32_t size) {
    const uint64_t n = x->ratings.start[x->ratings.n_rows];
    const uint64_t n_features = x->n_features ? x->features.start[x->features.n_rows] : 0;
    const double least = RATINGS_A_COLUMN * x->ratings.n_cols / x->mean_count;
    const double rows = size > least ? size : least;
    const double n_batches = rows < x->n_filled ? x->n_filled / rows : 1;
    *b = (struct ae_batches){.rows = x, .n_batches = (uint32_t)(n_batches + 0.5)};
    b->most_rows = x->n_filled / b->n_batches + 1;
    const uint64_t most = most_cells(x, b->most_rows);
    if (most > UINT32_MAX) return RK_E_MEMORY;
    b->most_cells = (uint32_t)most;
    b->order = malloc(x->n_filled * sizeof *b->order);
    b->column = malloc((size_t)b->n_batches * ae_rows_inputs(x) * sizeof *b->column);
    b->cell = malloc((n + n_features) * sizeof *b->cell);
    if (b->order && b->column && b->cell) return RK_OK;
    ae_batches_done(b);
    return RK_E_MEMORY;
}

struct ae_batches_most ae_batches_most(
    const rk_shape *shape, bool of_users, uint64_t n_inputs, uint64_t n_entries, uint64_t size) {
    const struct ae_batches *b = NULL;
    const uint64_t n_rows = of_users ? shape->n_users : shape->n_items;
    const double n_cols = of_users ? shape->n_items : shape->n_users, n = (double)shape->n_ratings;
    const double rows = fmax((double)size, RATINGS_A_COLUMN * n_cols * (double)n_rows / n);
    const double filling = fmin((double)n_rows / (double)size, n / (RATINGS_A_COLUMN * n_cols));
    const uint64_t n_batches = 1 + (uint64_t)filling;
    struct ae_batches_most most = {.cells = shape->n_ratings + n_entries};
    most.rows = (uint64_t)fmin((double)n_rows, 1.5 * rows) + 1; // their number is rounded
    most.bytes = n_rows * sizeof *b->order + n_batches * n_inputs * sizeof *b->column +
                 most.cells * sizeof *b->cell;
    return most;
}

void ae_batches_done(struct ae_batches *b) {
    free(b->order);
    free(b->column);
    free(b->cell);
    *b = (struct ae_batches){0};
}

// Calls for each cell of batch k, rows in order: counts columns, or places cells.
static void each_cell(const struct ae_batches *b, uint32_t k, uint32_t *next, bool place) {
    const struct ae_rows *x = b->rows;
    const uint64_t n = x->ratings.start[x->ratings.n_rows];
    for (uint32_t s = ae_batches_first(b, k); s < ae_batches_first(b, k + 1); s++) {
        const uint32_t r = b->order[s];
        for (uint64_t e = x->ratings.start[r]; e < x->ratings.start[r + 1]; e++) {
            const uint32_t at = next[x->ratings.col[e]]++;
            if (place) b->cell[e] = at;
        }
        if (!x->n_features) continue;
        for (uint64_t e = x->features.start[r]; e < x->features.start[r + 1]; e++) {
            const uint32_t at = next[x->ratings.n_cols + x->features.col[e]]++;
            if (place) b->cell[n + e] = at;
        }
    }
}

// A counting sort; `column` ends as the first cell of each, shifted back into place.
static rk_status sort_batch(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct ae_batches *b = arg;
    const uint32_t n = b->rows->ratings.n_cols + b->rows->n_features;
    for (size_t k = begin; k < end; k++) {
        uint32_t *first = b->column + k * (n + 1), sum = 0;
        memset(first, 0, (n + 1) * sizeof *first);
        each_cell(b, (uint32_t)k, first, false);
        for (uint32_t c = 0; c < n; c++) {
            const uint32_t count = first[c];
            first[c] = sum;
            sum += count;
        }
        each_cell(b, (uint32_t)k, first, true);
        memmove(first + 1, first, n * sizeof *first);
        first[0] = 0;
    }
    return RK_OK;
}

rk_status ae_batches_shuffle(struct ae_batches *b, const rk_host *host, uint64_t stream) {
    memcpy(b->order, b->rows->filled, b->rows->n_filled * sizeof *b->order);
    host->shuffle(host, stream, b->order, b->rows->n_filled);
    return host->parallel_for(host, b->n_batches, 1, sort_batch, b);
}
