#include "kmeans_attributes.h"

#include <stdlib.h>

#include "kmeans_profiles.h"

// Two places are left: for the item's own mean, and for the clusters.
enum { MOST_ATTRIBUTES = CELLS_MOST_GROUPINGS - 2 };

// Each user's feature of the group, counted from the group's first. False: somebody has several.
static bool levels_of(const struct side *users, const struct side_group *g, uint32_t *level) {
    const rk_csr *rows = &users->rows;
    for (uint32_t u = 0; u < rows->n_rows; u++) {
        level[u] = KMEANS_NONE;
        for (uint64_t e = rows->start[u]; e < rows->start[u + 1]; e++) {
            if (rows->col[e] < g->first || rows->col[e] >= g->first + g->n) continue;
            if (level[u] != KMEANS_NONE) return false;
            level[u] = rows->col[e] - g->first;
        }
    }
    return true;
}

rk_status attributes_add(struct cells *c, const struct side *users, uint32_t **level) {
    const size_t n_users = users->rows.n_rows;
    *level = malloc((users->n_groups ? users->n_groups : 1) * n_users * sizeof **level);
    if (!*level) return RK_E_MEMORY;
    for (uint32_t k = 0; k < users->n_groups && c->n_groupings < MOST_ATTRIBUTES; k++) {
        const struct side_group *g = &users->group[k];
        uint32_t *own = *level + c->n_groupings * n_users;
        if (g->n > 0 && levels_of(users, g, own))
            c->grouping[c->n_groupings++] =
                (struct grouping){.name = g->name, .level = own, .n_levels = g->n};
    }
    return RK_OK;
}
