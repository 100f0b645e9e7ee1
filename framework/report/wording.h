// wording.h - numbers and labels as text, alike in all formats.
#ifndef RECKON_REPORT_WORDING_H
#define RECKON_REPORT_WORDING_H

#include <stdio.h>

#include "core/arena.h"

// A label made harmless: invalid UTF-8 becomes U+FFFD, control characters (newline, escape) become
// spaces, and characters that turn the direction of text around are left out.
const char *wording_clean(struct arena *a, const char *text);

// Columns that valid UTF-8 takes on a terminal; text cut to so many, an ellipsis being the last.
size_t wording_width(const char *text);
const char *wording_cut(struct arena *a, const char *text, size_t width);

// Decodes one character of UTF-8 into *c and gives its bytes; 0: not valid UTF-8.
size_t wording_decode(const char *text, uint32_t *c);

// Writes text by words, in lines of at most `width` columns (0: one line), two blanks before all
// but the first; without a newline at the end.
void wording_wrap(struct arena *a, FILE *out, const char *text, size_t width);

// "100 836", in groups of three. Never NULL, as the others here.
const char *wording_count(struct arena *a, uint64_t n);

// "0.8720"; "" for NAN. A share is in percent: "98.2 %".
const char *wording_fixed(struct arena *a, double value, int decimals);
const char *wording_percent(struct arena *a, double share);

// As wording_fixed(), with as many decimals more as show two digits: "0.0021", "0.000045".
const char *wording_small(struct arena *a, double value, int decimals);

// A probability of a test: "<0.001", "0.013", "0.42"; "" for NAN.
const char *wording_p(struct arena *a, double p);

// "als", "als and svd", "als, svd and 3 more".
const char *wording_list(struct arena *a, const char *const *names, size_t n, size_t most);

// ".0031": a deviation, without the zero before its point; NULL for NAN.
const char *wording_deviation(struct arena *a, double sd, int decimals);

// "0.82 s", "3 min 20 s"; "12.3 MiB"
const char *wording_seconds(struct arena *a, double seconds);
const char *wording_bytes(struct arena *a, double bytes);

// The shortest of %.15g to %.17g that reads back as the same number; "" for NAN.
void wording_exact(char out[32], double value);

// The shortest of %.6g to %.9g that reads back as the same float; "" for NAN.
void wording_exact_float(char out[32], float value);

// Text of a Markdown page: characters that could begin markup are escaped, so that it is shown as
// it is.
void wording_md(FILE *out, const char *text);

// One field of a CSV file (RFC 4180), quoted when it must be. Text that a spreadsheet would run as
// a formula (core/formula.h) gets an apostrophe before it.
void wording_csv(FILE *out, const char *text);

#endif
