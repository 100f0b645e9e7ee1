// builder.h - rows in, one finished data set out. Readers push; the builder applies the policies.
#ifndef RECKON_DATA_BUILDER_H
#define RECKON_DATA_BUILDER_H

#include "core/pool.h"
#include "data/dataset.h"

struct builder;

// What to do with a flawed row: an error that ends the reading and names file:line and the text
// found, or set it aside, count it, and show the first few of each kind.
enum flaw_policy { FLAW_ERROR, FLAW_SKIP };
enum duplicate_policy { DUPLICATE_LAST, DUPLICATE_ERROR };

// Settings that every data format shares.
struct data_common {
    const char *name;  // for the tables; NULL: from the source's name
    int flaws;         // enum flaw_policy
    int duplicates;    // enum duplicate_policy
    int64_t min_count; // of tags, per training fold
};

// `n_threads` may be used. All memory is released by builder_free(), which accepts NULL.
struct builder *builder_new(const struct data_common *policy, uint32_t n_threads, struct error *e);
void builder_free(struct builder *b);

// (The rest of this interface belongs to data/: adding ids, rating rows in blocks, features,
// titles, tags, links, fold numbers, counts, the scale; see builder_*.h beside it.)

// Sorts ids, drops duplicates by policy, builds both matrices and all else in place in the image
// `fd`. Once; the builder holds nothing afterwards.
bool builder_finish(struct builder *b, int fd, struct error *e);

#endif
