// knn_near.h - each row's nearest other rows: Pearson correlation of residuals over who rated both.
//
//     s_ij = n_ij / (n_ij + shrinkage) * sum_u e_ui e_uj / sqrt(sum_u e_ui^2 sum_u e_uj^2)
//
// over the n_ij raters u of both rows; e: what baselines leave of a rating (Koren 2010, sec. 2.2).
// A row is an item and its raters are users, or the other way round.
#ifndef RECKON_PLUGINS_KNN_NEAR_H
#define RECKON_PLUGINS_KNN_NEAR_H

#include "common/state.h"
#include "reckon.h"

struct knn_neighbour {
    uint32_t row;
    float weight; // s_ij^power
};

struct knn_near {
    uint64_t *start;                 // [rows + 1]; owned
    struct knn_neighbour *neighbour; // [start[rows]], by falling s, then by index; owned
    uint64_t *named_start;           // [rows + 1]; owned
    uint32_t *named;                 // [start[rows]]; places in `neighbour` that name a row; owned
    float *named_weight;             // [start[rows]]; their weights; owned
};

struct knn_settings {
    double shrinkage; // in raters of both
    double power;
    uint32_t support; // raters of both, at least
    uint32_t most;    // neighbours kept of each row, at least 1
};

struct knn_steps {
    uint32_t done, total; // as host->progress() has them
};

// Steps that knn_near_init() takes.
uint32_t knn_near_steps(uint32_t n_rows);

// Of s_ij > 0 the `most` largest of each row; of equal ones, those with the lowest indices. `rows`
// holds the residuals by row, `lines` the same by rater. While it works: rows x most neighbours,
// and for each thread 20 bytes a row. RK_E_MEMORY, RK_CANCELLED, or RK_OK.
rk_status knn_near_init(struct knn_near *near, const rk_host *host, const rk_csr *rows,
    const rk_csr *lines, const struct knn_settings *settings, struct knn_steps *steps);
void knn_near_done(struct knn_near *near);

// Where each row stands in the lists of others: named[named_start[r] .. named_start[r + 1]), in
// ascending order. For at most KNN_MOST_NAMED neighbours; of more, none of it is made, and
// named_start is NULL. RK_E_MEMORY or RK_OK.
#define KNN_MOST_NAMED UINT32_MAX
rk_status knn_near_name(struct knn_near *near, uint32_t n_rows);

// That knn_near_init() and knn_near_name() take meanwhile.
uint64_t knn_near_bytes(uint64_t n_rows, uint64_t most, uint32_t n_threads);

void knn_near_fields(struct knn_near *near, struct state *s, uint32_t n_rows);

#endif
