#include "report/svg.h"

#include <math.h>
#include <string.h>

void svg_number(FILE *out, double value) {
    char text[64];
    snprintf(text, sizeof text, "%.2f", value);
    size_t n = strlen(text);
    while (text[n - 1] == '0') n--;
    if (text[n - 1] == '.') n--;
    text[n] = '\0';
    fputs(strcmp(text, "-0") == 0 ? "0" : text, out);
}

// Thousandths of the font's size, of the characters from space to tilde: DejaVu Sans.
static const short width_of[95] = {318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318,
    361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695,
    635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615,
    352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592,
    592, 525, 636, 337, 636, 838};

// Bytes of the character at `text`, and its width in thousandths. Characters beyond ASCII are taken
// by their blocks: marks that combine and joiners add nothing, East Asian ones and pictures are
// wide, all others as the widest of the usual letters.
static size_t character(const char *text, int *width) {
    const unsigned char *b = (const unsigned char *)text;
    if (b[0] < 0x80) {
        *width = b[0] < 32 || b[0] > 126 ? 600 : width_of[b[0] - 32];
        return 1;
    }
    size_t n = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    unsigned c = b[0] & (0x7Fu >> n);
    for (size_t k = 1; k < n; k++) {
        if ((b[k] & 0xC0) != 0x80) { // not clean: as one unknown character
            *width = 1030;
            return 1;
        }
        c = c << 6 | (b[k] & 0x3Fu);
    }
    const bool none =
        (c >= 0x300 && c < 0x370) || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c < 0xFE10);
    *width = none         ? 0
             : c == 0xB7  ? 318
             : c < 0x250  ? 700
             : c < 0x1100 ? 1000
             : c < 0x2E80 ? 1040
                          : 1400;
    return n;
}

double svg_width(const char *text) {
    long sum = 0;
    while (*text) {
        int width;
        text += character(text, &width);
        sum += width;
    }
    return (double)sum * SVG_FONT / 1000;
}

// DejaVu Sans Bold is a tenth wider, some letters a quarter.
double svg_width_strong(const char *text) {
    return 1.16 * svg_width(text);
}

const char *svg_fit(struct arena *a, const char *text, double room) {
    if (svg_width(text) <= room) return text;
    static const char dots[] = "\xE2\x80\xA6";
    double used = svg_width(dots);
    size_t at = 0;
    for (size_t n; text[at]; at += n) {
        int width;
        n = character(text + at, &width);
        used += width * (double)SVG_FONT / 1000;
        if (used > room) break;
    }
    while (at > 0 && text[at - 1] == ' ') at--;
    return arena_printf(a, "%.*s%s", (int)at, text, dots);
}

void svg_escape(FILE *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

static void attribute(FILE *out, const char *name, double value) {
    fprintf(out, " %s=\"", name);
    svg_number(out, value);
    fputc('"', out);
}

static void content(FILE *out, const char *text, const char *whole) {
    fputc('>', out);
    if (whole && strcmp(whole, text) != 0) {
        fputs("<title>", out);
        svg_escape(out, whole);
        fputs("</title>", out);
    }
    svg_escape(out, text);
    fputs("</text>\n", out);
}

void svg_text(FILE *out, double x, double y, char anchor, const char *style, const char *text,
    const char *whole) {
    fprintf(out, "<text class=\"%s\"", style);
    attribute(out, "x", x);
    attribute(out, "y", y);
    // The halo's own order is an attribute, as checkers of style know no such property.
    if (strstr(style, " h")) fputs(" paint-order=\"stroke\"", out);
    if (anchor != 's') fprintf(out, " text-anchor=\"%s\"", anchor == 'm' ? "middle" : "end");
    content(out, text, whole);
}

void svg_text_up(
    FILE *out, double x, double y, const char *style, const char *text, const char *whole) {
    fprintf(out, "<text class=\"%s\" transform=\"translate(", style);
    svg_number(out, x);
    fputc(' ', out);
    svg_number(out, y);
    fputs(") rotate(-90)\"", out);
    content(out, text, whole);
}

void svg_line(FILE *out, const char *style, double x1, double y1, double x2, double y2) {
    fprintf(out, "<line class=\"%s\"", style);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    fputs("/>\n", out);
}

void svg_box(FILE *out, const char *style, double x, double y, double width, double height) {
    fprintf(out, "<rect class=\"%s\"", style);
    attribute(out, "x", x);
    attribute(out, "y", y);
    attribute(out, "width", width);
    attribute(out, "height", height);
    fputs("/>\n", out);
}

// Corners of marks, in units of r; a zero pair ends one early.
static const struct {
    size_t n;
    double at[12][2];
} corners[SVG_SHAPES] = {
    {0, {{0}}},                                                // a circle
    {4, {{-.85, -.85}, {.85, -.85}, {.85, .85}, {-.85, .85}}}, // a square
    {3, {{0, -1.15}, {1.1, .8}, {-1.1, .8}}},
    {4, {{0, -1.25}, {1.25, 0}, {0, 1.25}, {-1.25, 0}}}, // a diamond
    {3, {{0, 1.15}, {1.1, -.8}, {-1.1, -.8}}},
    {12, {{-.4, -1.2}, {.4, -1.2}, {.4, -.4}, {1.2, -.4}, {1.2, .4}, {.4, .4}, {.4, 1.2},
             {-.4, 1.2}, {-.4, .4}, {-1.2, .4}, {-1.2, -.4}, {-.4, -.4}}}, // a cross
    {4, {{-1.2, -.5}, {1.2, -.5}, {1.2, .5}, {-1.2, .5}}},                 // lying
    {4, {{-.5, -1.2}, {.5, -1.2}, {.5, 1.2}, {-.5, 1.2}}},                 // standing
};

void svg_mark(FILE *out, size_t kind, double x, double y, double r, const char *tip) {
    kind %= SVG_SHAPES;
    const size_t n = corners[kind].n;
    if (n == 0) {
        fputs("<circle", out);
        attribute(out, "cx", x);
        attribute(out, "cy", y);
        attribute(out, "r", r);
    } else {
        fputs("<polygon points=\"", out);
        for (size_t k = 0; k < n; k++) {
            if (k) fputc(' ', out);
            svg_number(out, x + r * corners[kind].at[k][0]);
            fputc(',', out);
            svg_number(out, y + r * corners[kind].at[k][1]);
        }
        fputc('"', out);
    }
    if (!tip) {
        fputs("/>\n", out);
        return;
    }
    fputs("><title>", out);
    svg_escape(out, tip);
    fprintf(out, "</title></%s>\n", n == 0 ? "circle" : "polygon");
}
