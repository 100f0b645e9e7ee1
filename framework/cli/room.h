// room.h - whether a run fits into the machine's memory, by what its models took before.
#ifndef RECKON_CLI_ROOM_H
#define RECKON_CLI_ROOM_H

#include "trial/runner.h"

// Warns of models that are foreseen to take more than a trial may have on that data set, and of
// `plan->jobs` trials at a time that take more than the machine has; with the way out. They are run
// all the same: a foreseen figure is an upper estimate, and a trial that does run out of memory
// fails by itself. `store` may be NULL.
void room_check_data(const struct plan *plan, struct store *store, const struct data_summary *data);

// The same of a forecast, which counts the data and the folds, too.
void room_check_forecast(const struct runner_forecast *forecast);

#endif
