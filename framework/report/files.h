// files.h - the files of a results folder that are not tables.
#ifndef RECKON_REPORT_FILES_H
#define RECKON_REPORT_FILES_H

#include <stdio.h>

#include "trial/record.h"

// Long forms with the columns data, model, trial, seed, repeat, fold first; seed and repeat count
// from 1, as folds do. Numbers are the shortest text that reads back as the same double; a number
// that is not defined is empty.
void files_write_scores(const struct results *r, FILE *out);   // slice, metric, value
void files_write_costs(const struct results *r, FILE *out);    // of models whose trial ended well
void files_write_curves(const struct results *r, FILE *out);   // series, x, y
void files_write_failures(const struct results *r, FILE *out); // cause
// A line for each parameter that was searched and holds in what was chosen: parameter, value, then
// of the whole choice is_default, inner, inner_default, candidates, failed, effort.
void files_write_tuning(const struct results *r, FILE *out);
bool files_has_curves(const struct results *r);
bool files_has_tuning(const struct results *r);

// What the numbers rest on: hashes of data and plugins, versions, seed, instruction set, BLAS core.
// No times and no names of machines or folders, so that equal runs write equal bytes.
bool files_write_provenance(const struct results *r, FILE *out, struct error *e);

#endif
