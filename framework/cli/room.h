// room.h - whether a run fits into the machine's memory, by what its models took before.
#ifndef RECKON_CLI_ROOM_H
#define RECKON_CLI_ROOM_H

#include "trial/runner.h"

// Warns of models that took more than limits.mib on the data set of that name, and of `plan->jobs`
// trials at a time that took more than the machine has. Nothing is said of models that the store
// knows nothing of.
void room_check_data(const struct plan *plan, struct store *store, const char *data);

// The same of a forecast, which counts the data and the folds, too.
void room_check_forecast(const struct runner_forecast *forecast);

#endif
