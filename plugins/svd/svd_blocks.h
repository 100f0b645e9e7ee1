// svd_blocks.h - ratings cut into B x B blocks, so that threads can work on disjoint rows.
//
// Users and items fall into B groups of about equal numbers of ratings; block (a, b) holds the
// ratings of users of group a on items of group b. Blocks with different a and different b share
// no user and no item, so the B blocks (a, (a + s) mod B) of a round s may be worked on at once,
// and the result does not depend on who works on which. B rounds visit every rating once. R.
// Gemulla, P. J. Haas, E. Nijkamp, Y. Sismanis, "Large-scale matrix factorization with distributed
// stochastic gradient descent", KDD 2011, section 4.
#ifndef SVD_BLOCKS_H
#define SVD_BLOCKS_H

#include "reckon.h"

struct svd_rating {
    uint32_t user;
    uint32_t item;
    float value;
};

enum { SVD_MAX_GROUPS = 64 };

struct svd_blocks {
    uint32_t n_groups;         // B <= SVD_MAX_GROUPS: a function of the data alone
    size_t n;                  // ratings
    uint32_t *user_count;      // [n_users]; owned; ratings of each
    uint32_t *item_count;      // [n_items]; owned
    size_t *start;             // [B * B + 1]; owned; block a * B + b begins there
    struct svd_rating *rating; // [n]; owned; block by block, shuffled within each
};

// Cuts the training ratings, and with them those set aside for validation if `with_valid`, each
// value v stored as (v - center) / unit, or as 0 if unit is 0. Its only own failure: RK_E_MEMORY.
rk_status svd_blocks_init(struct svd_blocks *, const rk_host *, const rk_data *, bool with_valid,
    double center, double unit);
void svd_blocks_done(struct svd_blocks *);

// The block that group `a` of users works on in round `s`.
static inline size_t svd_blocks_at(const struct svd_blocks *b, uint32_t a, uint32_t s) {
    return (size_t)a * b->n_groups + (a + s) % b->n_groups;
}

#endif
