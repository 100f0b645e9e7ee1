#include "hybrid_inputs.h"

#include <stdlib.h>
#include <string.h>

// Takes out the columns of `group` that fewer than `share` of the rows with any of them have.
static rk_status leave_rare_out(struct side *s, const struct side_group *group, double share) {
    rk_csr *rows = &s->rows;
    uint64_t *start = (uint64_t *)(uintptr_t)rows->start;
    uint32_t *col = (uint32_t *)(uintptr_t)rows->col;
    float *value = (float *)(uintptr_t)rows->value;
    uint32_t *count = calloc((size_t)rows->n_cols + 1, sizeof *count), n_tagged = 0;
    if (!count) return RK_E_MEMORY;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        bool tagged = false;
        for (uint64_t e = start[r]; e < start[r + 1]; e++) {
            count[col[e]]++;
            tagged |= col[e] >= group->first && col[e] - group->first < group->n;
        }
        n_tagged += tagged;
    }
    uint32_t n_cols = 0; // count becomes the new column + 1, or 0
    for (uint32_t c = 0; c < rows->n_cols; c++) {
        const bool in = c >= group->first && c - group->first < group->n;
        const bool rare = in && count[c] < share * n_tagged;
        count[c] = rare ? 0 : ++n_cols;
    }
    uint64_t to = 0, from = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        for (; from < start[r + 1]; from++) {
            if (count[col[from]] == 0) continue;
            value[to] = value[from];
            col[to++] = count[col[from]] - 1;
        }
        start[r + 1] = to;
    }
    rows->n_cols = n_cols;
    free(count);
    return RK_OK;
}

rk_status hybrid_features_init(
    struct side side[HYBRID_SIDES], const rk_data *data, const rk_params *p) {
    static const char *const none[] = {NULL};
    const char *items[4] = {NULL};
    size_t n = 0;
    if (p->genres) items[n++] = "genre";
    if (p->years) items[n++] = "year";
    if (p->tags) items[n++] = "tag"; // last, so that no group begins behind a column taken out
    rk_status status =
        side_init(&side[HYBRID_USER], data, SIDE_USERS, p->demographics ? NULL : none);
    if (status == RK_OK) status = side_init(&side[HYBRID_ITEM], data, SIDE_ITEMS, items);
    for (uint32_t g = 0; g < side[HYBRID_ITEM].n_groups && status == RK_OK; g++) {
        const struct side_group *group = &side[HYBRID_ITEM].group[g];
        if (strcmp(group->name, "tag") == 0)
            status = leave_rare_out(&side[HYBRID_ITEM], group, p->tag_share);
    }
    if (status != RK_OK) return status;
    side_normalise(&side[HYBRID_USER]);
    side_normalise(&side[HYBRID_ITEM]);
    return RK_OK;
}

uint64_t hybrid_features_bytes(
    const rk_params *p, const rk_shape *shape, uint64_t n_columns[HYBRID_SIDES]) {
    const bool any = p->genres || p->years || p->tags;
    n_columns[HYBRID_USER] = p->demographics ? side_most_columns(SIDE_USERS, shape) : 0;
    n_columns[HYBRID_ITEM] = any ? side_most_columns(SIDE_ITEMS, shape) : 0;
    return side_bytes(SIDE_USERS, shape) + side_bytes(SIDE_ITEMS, shape) +
           (n_columns[HYBRID_ITEM] + 1) * sizeof(uint32_t);
}

void hybrid_features_done(struct side side[HYBRID_SIDES]) {
    for (int s = 0; s < HYBRID_SIDES; s++) side_done(&side[s]);
}
