// live.h - lines at the foot of a terminal that are drawn again and again, and cleared at the end.
//
// There is one terminal, so there is one such block. Log lines stand above it.
#ifndef RECKON_CLI_LIVE_H
#define RECKON_CLI_LIVE_H

#include <stdbool.h>
#include <stddef.h>

// False where stderr is no terminal that can do that: then nothing is ever drawn.
bool live_begin(void);

// Whether a tenth of a second has passed since the last drawing.
bool live_is_due(void);

// Shows `lines` [n]: valid UTF-8 without control characters, cut at the terminal's width. Of more
// lines than the terminal has room for, the last are counted instead. The first `green` bytes of
// the first line are coloured where colour is wanted.
void live_draw(const char *const *lines, size_t n, size_t green);

void live_end(void); // clears; accepts that live_begin() gave false

#endif
