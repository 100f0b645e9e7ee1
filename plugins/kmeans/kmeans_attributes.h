// kmeans_attributes.h - groups of one-hot features as groupings of users.
#ifndef RECKON_PLUGINS_KMEANS_ATTRIBUTES_H
#define RECKON_PLUGINS_KMEANS_ATTRIBUTES_H

#include "common/side.h"
#include "kmeans_cells.h"

// Appends to c a grouping for each group of features of which no user has more than one, as long as
// two more have room behind them. *level: [groupings x n_users] in their order, to be freed by the
// caller after c, which is empty.
rk_status attributes_add(struct cells *c, const struct side *users, uint32_t **level);

#endif
