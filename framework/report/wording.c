#include "report/wording.h"

#include <csv.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "core/formula.h"

size_t wording_decode(const char *text, uint32_t *c) {
    const unsigned char *b = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = b[0] < 0x80             ? 1
                     : (b[0] & 0xE0) == 0xC0 ? 2
                     : (b[0] & 0xF0) == 0xE0 ? 3
                     : (b[0] & 0xF8) == 0xF0 ? 4
                                             : 0;
    if (n == 0) return 0;
    uint32_t value = n == 1 ? b[0] : b[0] & (0x7Fu >> n);
    for (size_t k = 1; k < n; k++) {
        if ((b[k] & 0xC0) != 0x80) return 0;
        value = value << 6 | (b[k] & 0x3Fu);
    }
    if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 0;
    *c = value;
    return n;
}

// Marks, embeddings, overrides and isolates of direction (Unicode 15, section 23.3).
static bool turns_text(uint32_t c) {
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

const char *wording_clean(struct arena *a, const char *text) {
    if (!text) return "";
    char *out = arena_alloc(a, 3 * strlen(text) + 1);
    if (!out) return "";
    size_t at = 0;
    while (*text) {
        uint32_t c = 0;
        const size_t n = wording_decode(text, &c);
        if (n == 0) {
            memcpy(out + at, "\xEF\xBF\xBD", 3);
            at += 3;
        } else if (is_control(c)) {
            out[at++] = ' ';
        } else if (!turns_text(c)) {
            memcpy(out + at, text, n);
            at += n;
        }
        text += n ? n : 1;
    }
    out[at] = '\0';
    return out;
}

size_t wording_width(const char *text) {
    static locale_t utf8; // made once; lives as long as the program
    if (!utf8) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    const locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    size_t width = 0;
    while (*text) {
        uint32_t c = 0;
        const size_t n = wording_decode(text, &c);
        const int columns = n ? wcwidth((wchar_t)c) : 1;
        width += columns < 0 ? 1 : (size_t)columns;
        text += n ? n : 1;
    }
    if (utf8) uselocale(before);
    return width;
}

const char *wording_cut(struct arena *a, const char *text, size_t width) {
    if (wording_width(text) <= width) return text;
    size_t used = 0, n = 0;
    for (;;) {
        uint32_t c;
        const size_t bytes = wording_decode(text + n, &c);
        const char *one = arena_printf(a, "%.*s", (int)(bytes ? bytes : 1), text + n);
        used += wording_width(one);
        if (used + 1 > width) break;
        n += bytes ? bytes : 1;
    }
    return arena_printf(a, "%.*s…", (int)n, text);
}

void wording_wrap(struct arena *a, FILE *out, const char *text, size_t width) {
    size_t used = 0;
    for (const char *word = text; *word;) {
        const size_t n = strcspn(word, " ");
        const char *one = arena_printf(a, "%.*s", (int)n, word);
        const size_t own = wording_width(one);
        if (used && width && used + 1 + own > width) {
            fputs("\n  ", out);
            used = 2;
        } else if (used) {
            fputc(' ', out);
            used++;
        }
        fputs(one, out);
        used += own;
        word += n;
        while (*word == ' ') word++;
    }
}

const char *wording_count(struct arena *a, uint64_t n) {
    char digits[24], grouped[40];
    const size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    size_t at = 0;
    for (size_t k = 0; k < length; k++) {
        if (k > 0 && (length - k) % 3 == 0) grouped[at++] = ' ';
        grouped[at++] = digits[k];
    }
    grouped[at] = '\0';
    return arena_text(a, grouped);
}

const char *wording_fixed(struct arena *a, double value, int decimals) {
    if (isnan(value)) return "";
    const char *text = arena_printf(a, "%.*f", decimals, value);
    return *text == '-' && !text[strspn(text, "-0.")] ? text + 1 : text; // no minus before zero
}

const char *wording_small(struct arena *a, double value, int decimals) {
    int digits = decimals;
    while (digits < decimals + 4 && value != 0 && fabs(value) * pow(10, digits) < 9.5) digits++;
    if (fabs(value) * pow(10, digits) < 0.5) digits = decimals; // more zeros say no more
    return wording_fixed(a, value, digits);
}

const char *wording_p(struct arena *a, double p) {
    if (isnan(p)) return "";
    if (p < 0.001) return "<0.001";
    return arena_printf(a, "%.*f", p < 0.1 ? 3 : 2, p);
}

const char *wording_list(struct arena *a, const char *const *names, size_t n, size_t most) {
    if (most < n && most + 1 == n) most = n; // "and 1 more" takes as much room as its name
    const char *text = "";
    for (size_t k = 0; k < n && k < most; k++) {
        const char *before = k == 0 ? "" : k + 1 == n ? " and " : ", ";
        text = arena_printf(a, "%s%s%s", text, before, names[k]);
    }
    return n > most ? arena_printf(a, "%s and %zu more", text, n - most) : text;
}

const char *wording_percent(struct arena *a, double share) {
    return isnan(share) ? "" : arena_printf(a, "%.1f %%", 100 * share);
}

const char *wording_deviation(struct arena *a, double sd, int decimals) {
    if (isnan(sd)) return NULL;
    const char *text = arena_printf(a, "%.*f", decimals, sd);
    return text[0] == '0' && text[1] == '.' ? text + 1 : text;
}

const char *wording_seconds(struct arena *a, double seconds) {
    if (isnan(seconds)) return "";
    if (seconds < 0.01) return "<0.01 s";
    if (seconds < 9.995) return arena_printf(a, "%.2f s", seconds);
    if (seconds < 99.95) return arena_printf(a, "%.1f s", seconds);
    if (seconds < 3600)
        return arena_printf(a, "%d min %02d s", (int)seconds / 60, (int)seconds % 60);
    const long minutes = (long)(seconds / 60);
    return arena_printf(a, "%ld h %02ld min", minutes / 60, minutes % 60);
}

const char *wording_bytes(struct arena *a, double bytes) {
    if (isnan(bytes)) return "";
    const double mib = bytes / (1024 * 1024);
    if (mib < 1024) return arena_printf(a, "%.1f MiB", mib);
    return arena_printf(a, "%.2f GiB", mib / 1024);
}

void wording_exact(char out[32], double value) {
    out[0] = '\0';
    if (isnan(value)) return;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value) return;
    }
}

void wording_exact_float(char out[32], float value) {
    out[0] = '\0';
    if (isnan(value)) return;
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(out, 32, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value) return;
    }
}

void wording_md(FILE *out, const char *text) {
    for (; *text; text++) {
        if (strchr("\\`*_{}[]<>|#~!&$", *text)) fputc('\\', out);
        fputc(*text, out);
    }
}

void wording_csv(FILE *out, const char *text) {
    char *changed = NULL;
    if (formula_is(text) && (changed = malloc(strlen(text) + 2))) {
        changed[0] = '\'';
        strcpy(changed + 1, text);
        text = changed;
    }
    const size_t n = strlen(text);
    if (strpbrk(text, ",\"\r\n") || (n && (text[0] == ' ' || text[n - 1] == ' ')))
        csv_fwrite(out, text, n);
    else
        fputs(text, out);
    free(changed);
}
