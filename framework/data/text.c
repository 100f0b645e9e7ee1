#include "data/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Length of the well-formed character at `at`, or 0.
static size_t character(const unsigned char *at, size_t left) {
    const unsigned char c = at[0];
    if (c < 0x80) return 1;
    const size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || left < n) return 0;
    for (size_t k = 1; k < n; k++)
        if ((at[k] & 0xC0) != 0x80) return 0;
    if ((c == 0xE0 && at[1] < 0xA0) || (c == 0xED && at[1] > 0x9F) || (c == 0xF0 && at[1] < 0x90) ||
        (c == 0xF4 && at[1] > 0x8F))
        return 0;
    return n;
}

bool text_is_utf8(const char *text, size_t length) {
    for (size_t at = 0, n; at < length; at += n) {
        n = character((const unsigned char *)text + at, length - at);
        if (n == 0) return false;
    }
    return true;
}

size_t text_from_latin1(const char *text, size_t length, char *out) {
    size_t n = 0;
    for (size_t k = 0; k < length; k++) {
        const unsigned char c = (unsigned char)text[k];
        if (c >= 0x80) out[n++] = (char)(0xC0 | c >> 6);
        out[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
    }
    return n;
}

// The lower-case letter of a letter below U+0800 whose lower case is as long in UTF-8.
static uint32_t lower(uint32_t c) {
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2) ||
        (c >= 0x410 && c <= 0x42F))
        return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    const bool even = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177) ||
                      (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) ||
                      (c >= 0x4D0 && c <= 0x52F);
    const bool odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (even) return c | 1;
    if (odd) return c + (c & 1);
    return c;
}

void text_lower(char *text, size_t length) {
    for (size_t k = 0; k < length; k++) {
        const unsigned char c = (unsigned char)text[k];
        if (c >= 'A' && c <= 'Z') text[k] = (char)(c + 32);
        if (c < 0xC2 || c > 0xDF || k + 1 == length) continue;
        const unsigned char next = (unsigned char)text[k + 1];
        if ((next & 0xC0) != 0x80) continue;
        const uint32_t low = lower((uint32_t)(c & 0x1F) << 6 | (next & 0x3F));
        text[k] = (char)(0xC0 | low >> 6);
        text[++k] = (char)(0x80 | (low & 0x3F));
    }
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t text_trim(const char **text, size_t length) {
    while (length > 0 && is_blank(**text)) (*text)++, length--;
    while (length > 0 && is_blank((*text)[length - 1])) length--;
    return length;
}

const char *text_show(const char *text, size_t length, char out[TEXT_SHOWN]) {
    enum { ROOM = TEXT_SHOWN - 5 }; // "..." and quotes besides
    size_t n = 0, at = 0;
    out[n++] = '"';
    while (at < length) {
        const unsigned char c = (unsigned char)text[at];
        const size_t bytes = character((const unsigned char *)text + at, length - at);
        const bool control = c < 0x20 || c == 0x7F ||
                             (c == 0xC2 && bytes == 2 && (unsigned char)text[at + 1] < 0xA0);
        const bool escape = control || bytes == 0;
        const size_t shown = escape ? 4 : bytes;
        if (n + shown > ROOM) break;
        if (escape)
            snprintf(out + n, TEXT_SHOWN - n, "\\x%02x", c);
        else
            memcpy(out + n, text + at, bytes);
        n += shown;
        at += escape ? 1 : bytes;
    }
    strcpy(out + n, at < length ? "\"..." : "\"");
    return out;
}
