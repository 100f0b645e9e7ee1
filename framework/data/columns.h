// columns.h - columns of a delimited file, by name or number.
#ifndef RECKON_DATA_COLUMNS_H
#define RECKON_DATA_COLUMNS_H

#include "core/setting.h"
#include "data/lines.h"

// The header row of a file, copied; or none.
struct header {
    char **name; // [n]; owned
    size_t n;
};
bool header_take(struct header *h, const struct splitter *s, struct error *e);
void header_done(struct header *h); // accepts a zeroed struct

// The column's index from 0, -1 for an absent one. `what` names the setting in the message. Without
// a header (n = 0) columns go by number alone, and how many there are is not known.
bool header_find(const struct header *h, const struct column *column, const char *what,
    const char *file, int *out, struct error *e);

// A column as text: "fold", or "4" for a number.
struct column column_from_text(const char *text);

#endif
