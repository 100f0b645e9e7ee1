// sources.h - a data set, and a split, as a command's arguments name them.
#ifndef RECKON_CLI_SOURCES_H
#define RECKON_CLI_SOURCES_H

#include "cli/options.h"
#include "experiment/experiment.h"

// `data` [n]: a data set and its keys (experiment/sources.h), or an experiment FILE.cfg and its
// key=value, whose one data set and whose split are meant. `split` (NULL: none) takes the place of
// the experiment's. Fills in x->plan.data[0], split and seed. Of `a` only options are used.
// Mistakes go to stderr, and give false.
bool sources_open(const struct arguments *a, const char *const *data, size_t n, const char *split,
    struct experiment *x);

extern const struct option option_split; // into a->split

#endif
