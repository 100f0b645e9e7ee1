// searching.h - what all methods share: the book of candidates, in the order in which they were
// made. A method embeds `struct search` as its first member.
#ifndef RECKON_SEARCH_SEARCHING_H
#define RECKON_SEARCH_SEARCHING_H

#include "search/search.h"

struct search {
    // Puts the next batch together by search_add() and search_again(); none: it is over. All
    // candidates of the batch before were told.
    void (*propose)(struct search *s);
    void (*done)(struct search *s); // frees what the method itself holds; NULL: nothing

    struct search_job job; // by value; its space is borrowed
    uint32_t capacity;     // candidates that the book has room for
    uint32_t n;            // made so far
    double *at;            // [capacity][space->n]; owned; row 0 is the default's, NANs and all
    double *score;         // [capacity]; owned; INFINITY: failed, or not told
    bool *told;            // [capacity]; owned

    struct search_candidate *made;  // [capacity]; owned; at the effort of its last asking, of which
                                    // the score is
    struct search_candidate *batch; // [capacity]; owned
    size_t n_batch;
    uint32_t *slots; // [n_slots] a hash table of numbers + 1; 0: free; owned
    uint32_t n_slots;
};

// Takes the memory for `capacity` candidates, and puts the default in the book as number 0. `s` is
// from calloc(), and is freed by search_end() whether or not this succeeds.
bool search_init(struct search *s, const struct search_job *job, uint32_t capacity,
    void (*propose)(struct search *), void (*done)(struct search *), struct error *e);

const double *search_row(const struct search *s, uint32_t number);

// Puts a new candidate in the book and in the batch; false: it was made before, or there is no
// room.
bool search_add(struct search *s, const double *at, double effort);

// Whether a point is in the book.
bool search_knows(const struct search *s, const double *at);

// Puts one that is in the book in the batch, too.
void search_again(struct search *s, uint32_t number, double effort);

// Candidates of a batch, for methods that learn nothing from one to the next.
uint32_t search_batch(const struct search_job *job);

// What holds for every method: trials in 1 .. SEARCH_TRIALS_MAX, and something to search.
bool search_sound(const struct search_job *job, struct error *e);

#endif
