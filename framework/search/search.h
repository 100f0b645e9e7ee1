// search.h - looks for the best configuration in a space of parameters, by asking for scores.
//
// Knows nothing of models: it hands out candidates in batches and is told their scores. Which
// candidates it asks for depends on the space, the budget, the key and the scores told, on nothing
// else, so that it is the same at any number of jobs.
//
// To add a method, add one file with a REGISTRY_ADD(search_method, ...).
#ifndef RECKON_SEARCH_SEARCH_H
#define RECKON_SEARCH_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/registry.h"

enum { SEARCH_TRIALS_MAX = 1000000 };

// One parameter that is searched: a list of values, or a range of numbers.
struct search_dim {
    const char *name;
    uint32_t n;      // > 0: a list; coordinates are its indices 0 .. n - 1
    bool ordered;    // the list is of numbers that ascend or descend: neighbours are alike
    double min, max; // n == 0: a range, both ends included; coordinates are the numbers themselves
    bool whole;      // of a range: whole numbers alone
    bool log;        // of a range: equal ratios are equal steps; min > 0
    uint32_t steps;  // of a range: how many points a grid takes of it, both ends among them; 0:
                     // not said, and a grid is refused
    double def;      // coordinate of the default, which may lie outside a range; NAN: in no list
    // Holds only while dimension `when` (earlier than this one, a list) has an index k with
    // when_in[k]; else the coordinate is NAN, and the parameter keeps its default. -1: always.
    int when;
    const bool *when_in; // [n of that dimension]
};

struct search_space {
    const struct search_dim *dims; // [n]
    size_t n;
};

struct search_candidate {
    uint32_t number;  // from 0, in the order in which they were made; 0 is the default
    const double *at; // [space->n], NAN where a dimension does not hold; NULL: the default
    double effort;    // (0, 1]: share of the resource to spend on it; 1 but for halving
};

// What a search is of; borrowed until search_end().
struct search_job {
    const struct search_space *space;
    uint32_t trials; // budget, in candidates at full effort, the default included; from 1 to
                     // SEARCH_TRIALS_MAX (memory is taken for as many, and used as they are made)
    uint64_t key;    // of random numbers
    // Most candidates of a batch of grid and random, whose results do not depend on it; 0: 256. Few
    // where the search may be ended between batches.
    uint32_t batch;
    // Halving: smallest share of the resource that means something, (0, 1].
    double least_effort;
};

// One search going on.
struct search;

struct search_method {
    const char *id; // "bayes"
    const char *doc;
    bool has_effort; // it asks for effort below 1, and so needs a resource
    bool has_steps;  // of a range it takes the steps alone
    // Whether this space and budget can be searched so, or a message why not: "a grid of 60
    // configurations (rank 5 x lambda 12) is more than trials = 40; ...". For the experiment's
    // mistakes: begin() takes jobs alone that were judged well.
    bool (*judge)(const struct search_job *job, struct error *e);
    struct search *(*begin)(const struct search_job *job, struct error *e);
};
REGISTRY_DECLARE(search_method)

// How many candidates there are for a method without effort: its budget, or all points of a space
// that has no more, the default among them.
uint32_t search_count(const struct search_method *method, const struct search_job *job);

// NULL: out of memory.
struct search *search_begin(
    const struct search_method *method, const struct search_job *job, struct error *e);

// The next batch, each of which is to be told a score before the next is asked for; 0: it is over,
// by its budget or because nothing is left that was not asked. The first batch holds the default.
// No candidate repeats; halving asks again for the same ones at a higher effort, by their numbers.
// Numbers of a range are rounded to some ten thousandth of it, so that they read well. Cannot
// fail: memory was taken by search_begin(). The batch stays valid until the next call.
size_t search_ask(struct search *s, const struct search_candidate **batch);

// Lower is better; INFINITY or NAN: it failed. In any order; each candidate of a batch once.
void search_tell(struct search *s, uint32_t number, double score);

// The best of those at full effort, the earliest of equals; NULL: none has a finite score. Stays
// valid until search_end().
const struct search_candidate *search_best(const struct search *s, double *score);

void search_end(struct search *s); // accepts NULL

#endif
