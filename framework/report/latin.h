// latin.h - letters of other alphabets in Latin ones, for formats whose fonts have no others.
#ifndef RECKON_REPORT_LATIN_H
#define RECKON_REPORT_LATIN_H

#include <stdint.h>

// "zh" for U+0436; Greek and Cyrillic, after the tables of BGN/PCGN, and dashes, quotes and spaces
// that ASCII has of its own. "": a character that is not seen. NULL: none of these.
const char *latin_letters(uint32_t c);

#endif
