// text.h - bytes that are meant to be text: encodings, case, and showing them in messages.
#ifndef RECKON_DATA_TEXT_H
#define RECKON_DATA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

// Well-formed UTF-8 (RFC 3629).
bool text_is_utf8(const char *text, size_t length);

// The bytes as UTF-8, each taken for a character of ISO 8859-1. `out` has room for 2 * length;
// gives the length.
size_t text_from_latin1(const char *text, size_t length, char *out);

// Lower case, in place and in equal length, of Latin, Greek and Cyrillic letters in UTF-8; the same
// on every machine, whatever its locale.
void text_lower(char *text, size_t length);

// Without blanks (space, tab, CR, LF) at both ends: moves *text, gives the new length.
size_t text_trim(const char **text, size_t length);

// For messages: quoted, bytes that don't print as \xhh, cut with "..." to TEXT_SHOWN bytes in all.
enum { TEXT_SHOWN = 100 };
const char *text_show(const char *text, size_t length, char out[TEXT_SHOWN]);

#endif
