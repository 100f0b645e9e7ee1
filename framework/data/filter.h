// filter.h - thinning a data set before it is split: filter = { min_user, min_item, sample, seed }.
#ifndef RECKON_DATA_FILTER_H
#define RECKON_DATA_FILTER_H

#include <stdint.h>

struct data_filter {
    int64_t min_user; // k-core: users with fewer ratings go, until both bounds hold; 0: no bound
    int64_t min_item;
    double sample; // share of the users kept, by a hash of the id; before the k-core; 1: all
    int64_t seed;
};

#endif
