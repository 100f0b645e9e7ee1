// setup.h - what several commands need: an experiment from its arguments, and formats of output.
#ifndef RECKON_CLI_SETUP_H
#define RECKON_CLI_SETUP_H

#include "cli/options.h"
#include "experiment/experiment.h"

// Reads the experiment in a->rest.at[0] with the overrides after it. Mistakes go to stderr, with
// their number, and give false.
bool setup_experiment(const struct arguments *a, bool skip_data, struct experiment *x);

// Ids of the table formats that there are; gives how many.
size_t setup_formats(const char **ids, size_t room);

// May `out` be coloured: a terminal, and neither NO_COLOR nor TERM=dumb.
bool setup_colour(FILE *out);

// Columns of the terminal behind `out`; 0 if it is none.
unsigned setup_width(FILE *out);

// --format: true for one of those named (space-separated) or none given; false with a message.
bool setup_check_format(const struct arguments *a, const char *allowed);

// The folder of results, with a store, that RUN names: a folder, or one in --out or results/. In
// the arena; NULL: there is none.
const char *setup_store_folder(
    const struct arguments *a, const char *run, struct arena *arena, struct error *e);

// --log-format: from here on stderr has the form asked for. False with a message.
bool setup_log(const struct arguments *a);

#endif
