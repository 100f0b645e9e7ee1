// ratings_own.h - what the fast parser hands to the simple reader; for ratings*.c alone.
#ifndef RECKON_DATA_RATINGS_OWN_H
#define RECKON_DATA_RATINGS_OWN_H

#include "data/builder_own.h"
#include "data/ratings.h"

// A row that the fast parser did not take.
struct odd_row {
    uint32_t row;            // its place among the block's rows
    uint32_t offset, length; // its line in the block's text
};

// Parsed rows of one block of text. Rows that are odd hold nothing yet.
struct block {
    const char *text; // [length]; borrowed; whole lines
    size_t length;
    uint32_t n, n_lines;
    uint32_t *user, *item, *fold; // [room]; owned
    float *rating;
    int64_t *time;
    size_t room;
    struct odd_row *odd; // [n_odd]; owned
    size_t n_odd, odd_room;
    struct chunk_gap *gaps; // [n_gaps]; owned: blank lines
    size_t n_gaps, gaps_room;
    bool failed; // memory ran out
};

// Parses `b->text`; ids join the catalogue of sides that are open. From any thread.
void block_parse(struct block *b, const struct ratings_layout *layout, struct ids ids[2],
    float rating_min, float rating_max);
void block_done(struct block *b);

#endif
