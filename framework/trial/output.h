// output.h - the memory file that takes what a trial prints and logs.
#ifndef RECKON_TRIAL_OUTPUT_H
#define RECKON_TRIAL_OUTPUT_H

#include "core/arena.h"

enum { OUTPUT_MOST = 64 << 20, OUTPUT_KEPT = 64 << 10 }; // bytes

// Adds a line of the log to what was printed.
void output_add(int output, const char *line);

// Makes one line of valid UTF-8 of what a process sent, in place.
void output_clean(char *text);

// What is in it, at most OUTPUT_KEPT bytes: its beginning and its end, with a line between them
// that says how much is left out. Unprintable bytes are '?'. NULL: nothing, or memory ran out.
const char *output_text(int output, struct arena *a);

#endif
