// score.h - what the files of `reckon score` share.
#ifndef RECKON_CLI_SCORE_H
#define RECKON_CLI_SCORE_H

#include "cli/outcome.h"

// RMSE and MAE of each file as other tools define them, with the definitions; for run_experiment().
void score_tell(const struct outcome *o, const char *format, FILE *out);

#endif
