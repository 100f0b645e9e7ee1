// drawing.h - judges SVG as charts write it: well-formed, inside its box, no text over another.
#ifndef RECKON_TESTS_DRAWING_H
#define RECKON_TESTS_DRAWING_H

#include <stddef.h>

// What is wrong with the first <svg> ... </svg> of `text`, in a buffer of its own; NULL: nothing.
// *end (may be NULL): behind it; *n_texts, *n_marks (may be NULL): how many it has.
const char *drawing_fault(const char *text, const char **end, size_t *n_texts, size_t *n_marks);

#endif
