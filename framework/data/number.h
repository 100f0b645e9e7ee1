// number.h - decimal numbers as data files write them, whatever the locale.
#ifndef RECKON_DATA_NUMBER_H
#define RECKON_DATA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_kind {
    NUMBER_GOOD,
    NUMBER_BAD, // no number
    NUMBER_NAN  // "nan", "inf" and the like, or beyond what a double holds
};

// [+-]digits[.digits][e[+-]digits], all of the text, correctly rounded; at most 60 bytes.
enum number_kind number_real(const char *text, size_t length, double *out);

// A whole number, or one with a fraction, which is cut off.
enum number_kind number_int(const char *text, size_t length, int64_t *out);

// A whole number alone: 2, 2.0 or 2e0, but not 2.5.
enum number_kind number_whole(const char *text, size_t length, int64_t *out);

#endif
