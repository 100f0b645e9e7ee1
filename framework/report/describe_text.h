// describe_text.h - a data set on one or two screens of a terminal.
#ifndef RECKON_REPORT_DESCRIBE_TEXT_H
#define RECKON_REPORT_DESCRIBE_TEXT_H

#include <stdio.h>

#include "describe/describe.h"

struct describe_style {
    bool colour;
    bool ascii;     // nothing but ASCII: # for bars, ? for letters that it lacks
    bool slices;    // the roll-ups too
    unsigned width; // columns; 0: 100
};
bool describe_text_write(
    const struct describe *d, const struct describe_style *style, FILE *out, struct error *e);

#endif
