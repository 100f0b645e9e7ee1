// svg.h - the few SVG elements that charts are made of: texts that are measured and cut, marks that
// differ by shape, numbers that are the same bytes everywhere.
#ifndef RECKON_REPORT_SVG_H
#define RECKON_REPORT_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/arena.h"

enum {
    SVG_FONT = 14,  // size of all texts, in units of the drawing
    SVG_SHAPES = 8, // marks that are told apart by shape
    SVG_LINE = 18   // from one line of text to the next
};

// At most two decimals, without zeros behind them; never "-0".
void svg_number(FILE *out, double value);

// The width of clean UTF-8 at SVG_FONT. By the widths of DejaVu Sans, the widest of the usual
// fonts, so that what fits by it fits.
double svg_width(const char *text);
double svg_width_strong(const char *text);

// The text itself, or its beginning and an ellipsis, no wider than `room`; `text` is clean.
const char *svg_fit(struct arena *a, const char *text, double room);

void svg_escape(FILE *out, const char *text);

// A text with its base line at y; anchor 's', 'm' or 'e': x is its start, middle or end. `style`:
// classes ("t" plain, "t m" muted, "t b" strong). `whole`, if it is another text, is the tooltip.
void svg_text(FILE *out, double x, double y, char anchor, const char *style, const char *text,
    const char *whole);
// The same, reading upwards from (x, y), where it starts.
void svg_text_up(
    FILE *out, double x, double y, const char *style, const char *text, const char *whole);

void svg_line(FILE *out, const char *style, double x1, double y1, double x2, double y2);
void svg_box(FILE *out, const char *style, double x, double y, double width, double height);

// A mark of shape `kind` modulo SVG_SHAPES around (x, y), about 2 r wide. `tip`: its tooltip,
// clean; NULL: none.
void svg_mark(FILE *out, size_t kind, double x, double y, double r, const char *tip);

#endif
