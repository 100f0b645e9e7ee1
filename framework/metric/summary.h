// summary.h - from the numbers of single folds to the number in a table.
#ifndef RECKON_METRIC_SUMMARY_H
#define RECKON_METRIC_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

// One trial's value. NAN: not defined there, or the trial failed; it is left out.
struct summary_value {
    uint32_t repeat, fold;
    double value;
};

struct summary {
    double mean; // NAN if n = 0
    double sd;   // sample deviation (n - 1) over folds; NAN if n < 2
    size_t n;    // folds that count: those with a value
};

// Trials of one fold that differ by their seed are averaged first, so that a fold has one weight
// and the deviation is that over folds (of all repeats), whatever the number of seeds. Sorts `at`.
struct summary summary_over_folds(struct summary_value *at, size_t n);

#endif
