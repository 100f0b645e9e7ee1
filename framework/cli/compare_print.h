// compare_print.h - two runs side by side, on a terminal.
#ifndef RECKON_CLI_COMPARE_PRINT_H
#define RECKON_CLI_COMPARE_PRINT_H

#include "report/versus.h"

bool compare_print(const struct versus *v, FILE *out, struct error *e);

#endif
