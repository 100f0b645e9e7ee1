// ratings.h - the hot path: files of ratings into a builder.
//
// Lines are read in blocks, and blocks are parsed side by side. The fast parser takes the rows that
// are as they should be, with numbers for ids; it leaves every other row to the simple reader,
// which alone knows flaws. So the two give the same rows, which a fuzzer holds them to.
#ifndef RECKON_DATA_RATINGS_H
#define RECKON_DATA_RATINGS_H

#include "data/lines.h"

struct ratings_layout {
    const char *delimiter; // borrowed
    bool quoted;
    int user, item, rating, time, fold; // columns from 0; -1: absent
    bool zero_time_unknown;
    bool perhaps_header; // what is wrong with the first line may be that it names the columns
    bool simple;         // every row by the simple reader, for tests
    size_t block_bytes;  // text that is parsed at once; 0: as is fast
};

// Fold numbers from a file of their own, one for each data row.
struct fold_lines {
    const char *path; // borrowed; NULL: none
    uint8_t *narrow;  // [n]; owned; if all are below 256
    uint32_t *wide;   // [n]; owned; or as they are
    size_t n;
};
bool fold_lines_read(struct fold_lines *f, const char *path, struct error *e);
void fold_lines_done(struct fold_lines *f); // accepts a zeroed struct

// Reads what is left of `lines` (after a header, if there is one). `first_row` data rows have been
// read from other files before; gives the number after. Flaws go through the builder.
bool ratings_read(struct builder *b, const struct ratings_layout *layout, struct lines *lines,
    const struct fold_lines *folds, uint64_t *n_rows, struct error *e);

// Calls `each` for the user and item of every row, which must be in its place; "file:line" is
// `place`.
bool ratings_pairs(const struct ratings_layout *layout, struct lines *lines,
    bool (*each)(void *arg, const char *user, const char *item, const char *place, struct error *e),
    void *arg, struct error *e);

// After the last file: complains if there are more or fewer fold numbers than rows.
bool fold_lines_check(const struct fold_lines *f, uint64_t n_rows, struct error *e);

#endif
