// pairs.h - a file of pairs of a user and an item, by their external ids, perhaps with times.
#ifndef RECKON_DATA_PAIRS_H
#define RECKON_DATA_PAIRS_H

#include <stdint.h>

#include "core/error.h"

// One row; the ids are NUL-terminated and valid for the call.
struct pairs_row {
    const char *user, *item;
    int64_t time; // RK_NO_TIME: not given
};

// CSV with a header that names the columns "user" and "item", in any order, and perhaps "time" in
// seconds since 1970; others are passed over. The file may be compressed. Calls `each` row by row;
// a row that can't be read is an error that says file, line and what is expected.
bool pairs_read(const char *path,
    bool (*each)(void *arg, const struct pairs_row *row, struct error *e), void *arg,
    struct error *e);

#endif
