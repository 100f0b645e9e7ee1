#include "data/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t digits(const char *at) {
    return strspn(at, "0123456789");
}

static bool is_decimal(const char *at) {
    if (*at == '+' || *at == '-') at++;
    size_t n = digits(at);
    at += n;
    if (*at == '.') {
        const size_t fraction = digits(++at);
        n += fraction;
        at += fraction;
    }
    if (n == 0) return false;
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-') at++;
        if (digits(at) == 0) return false;
        at += digits(at);
    }
    return *at == '\0';
}

static bool is_nan(const char *at) {
    static const char *const words[] = {"nan", "na", "null", "inf", "infinity", NULL};
    if (*at == '+' || *at == '-') at++;
    for (size_t k = 0; words[k]; k++)
        if (strcasecmp(at, words[k]) == 0) return true;
    return false;
}

enum number_kind number_real(const char *text, size_t length, double *out) {
    char copy[64];
    if (length == 0 || length > 60 || memchr(text, '\0', length)) return NUMBER_BAD;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!is_decimal(copy)) return is_nan(copy) ? NUMBER_NAN : NUMBER_BAD;
    *out = strtod(copy, NULL); // the program never leaves the C locale
    return isfinite(*out) ? NUMBER_GOOD : NUMBER_NAN;
}

static enum number_kind take(const char *text, size_t length, bool cut, int64_t *out) {
    const bool negative = length > 0 && text[0] == '-';
    int64_t value = 0;
    size_t k = negative;
    for (; k < length && k < 18 && (unsigned)(text[k] - '0') < 10; k++)
        value = 10 * value + (text[k] - '0');
    if (k == length && k > negative) {
        *out = negative ? -value : value;
        return NUMBER_GOOD;
    }
    double real;
    const enum number_kind kind = number_real(text, length, &real);
    if (kind != NUMBER_GOOD) return kind;
    if (fabs(real) >= 0x1p62 || (!cut && floor(real) != real)) return NUMBER_BAD;
    *out = (int64_t)floor(real);
    return NUMBER_GOOD;
}

enum number_kind number_int(const char *text, size_t length, int64_t *out) {
    return take(text, length, true, out);
}

enum number_kind number_whole(const char *text, size_t length, int64_t *out) {
    return take(text, length, false, out);
}
