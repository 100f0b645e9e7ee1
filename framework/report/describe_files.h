// describe_files.h - a data set's description for other programs, the same bytes for the same data.
#ifndef RECKON_REPORT_DESCRIBE_FILES_H
#define RECKON_REPORT_DESCRIBE_FILES_H

#include <stdio.h>

#include "describe/describe.h"

// Long form: section,row,column,measure,value. `section` is "data", "users", "items", the title of
// classes ("rating", "month", "genre"), of two of them "genre by age", "tail of users", "tags",
// "top items", "split", "set aside", "oddities". In roll-ups, row and column are classes; "(all)"
// stands for the margin. Numbers are the shortest text that reads back as the same double.
void describe_csv_write(const struct describe *d, FILE *out);

// The same as one object with sorted keys.
bool describe_json_write(const struct describe *d, FILE *out, struct error *e);

// item, title, then a column of 0 and 1 for each class of the items' features that are classes (of
// numbers: none); columns of other features than "genre" are called "feature: class".
void describe_csv_one_hot(const struct describe *d, FILE *out);

// One self-contained page; `command` (NULL: none) is told as what made it.
void describe_page_write(const struct describe *d, const char *command, FILE *out);

#endif
