#include "report/latin.h"

#include <stddef.h>

// U+0391 to U+03C9; U+03A2 is not assigned.
static const char *const greek[] = {"A", "V", "G", "D", "E", "Z", "I", "Th", "I", "K", "L", "M",
    "N", "X", "O", "P", "R", "", "S", "T", "Y", "F", "Kh", "Ps", "O", "I", "Y", "a", "e", "i", "i",
    "y", "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s",
    "s", "t", "y", "f", "kh", "ps", "o"};
// U+0410 to U+044F
static const char *const cyrillic[] = {"A", "B", "V", "G", "D", "E", "Zh", "Z", "I", "Y", "K", "L",
    "M", "N", "O", "P", "R", "S", "T", "U", "F", "Kh", "Ts", "Ch", "Sh", "Shch", "\"", "Y", "'",
    "E", "Yu", "Ya", "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o",
    "p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "\"", "y", "'", "e", "yu", "ya"};

static const struct {
    uint32_t c;
    const char *text;
} others[] = {{0x0401, "Yo"}, {0x0404, "Ye"}, {0x0406, "I"}, {0x0407, "Yi"}, {0x0451, "yo"},
    {0x0454, "ye"}, {0x0456, "i"}, {0x0457, "yi"}, {0x0490, "G"}, {0x0491, "g"}, {0x0386, "A"},
    {0x0388, "E"}, {0x0389, "I"}, {0x038A, "I"}, {0x038C, "O"}, {0x038E, "Y"}, {0x038F, "O"},
    {0x03CC, "o"}, {0x03CD, "y"}, {0x03CE, "o"}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
    {0x2015, "-"}, {0x2212, "-"}};

// Joiners, zero widths and selectors of variants.
static int is_unseen(uint32_t c) {
    return (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF || c == 0x00AD ||
           (c >= 0xFE00 && c <= 0xFE0F);
}

const char *latin_letters(uint32_t c) {
    if (c >= 0x0391 && c <= 0x03C9 && c != 0x03A2) return greek[c - 0x0391];
    if (c >= 0x0410 && c <= 0x044F) return cyrillic[c - 0x0410];
    if ((c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000) return " ";
    if (is_unseen(c)) return "";
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (others[k].c == c) return others[k].text;
    return NULL;
}
