// side.h - side information: what is known of items, or users, beside their ratings, as one matrix.
//
// Columns are the features of the wanted groups, one group after the other. A one-hot or binary
// feature is 1 as it stands, a count c is 1 + log c, and a real one is 1 in one of several bins:
// "year" by five calendar years, any other by up to ten bins of equal numbers of rows. Columns that
// no row has are left out.
#ifndef RECKON_PLUGINS_COMMON_SIDE_H
#define RECKON_PLUGINS_COMMON_SIDE_H

#include <stdbool.h>

#include "reckon.h"

struct side_group {
    const char *name; // borrowed from the data: "genre"
    uint32_t first;   // its columns: first .. first + n - 1
    uint32_t n;
};

struct side {
    rk_csr rows;              // row = item or user; owned; an empty row: nothing is known
    struct side_group *group; // [n_groups]; owned
    uint32_t n_groups;        // that the data has, of those wanted
};

enum side_of { SIDE_USERS, SIDE_ITEMS };

// names: NULL-terminated, in the order in which their groups come; names that the data lacks are
// passed over. NULL: every group there is. RK_E_MEMORY or RK_OK; without any group, rows are empty.
rk_status side_init(struct side *s, const rk_data *data, enum side_of of, const char *const *names);
void side_done(struct side *s);

// That side_init() takes at most meanwhile, whatever groups are wanted.
uint64_t side_bytes(enum side_of of, const rk_shape *shape);
// Columns that it has at most.
uint64_t side_most_columns(enum side_of of, const rk_shape *shape);

// Scales each row to length 1 (so that a row of n ones has 1 / sqrt n).
void side_normalise(struct side *s);

#endif
