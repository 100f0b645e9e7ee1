// chart_frame.h - what all charts have in common: the drawing and its texts, axes, legends.
#ifndef RECKON_REPORT_CHART_FRAME_H
#define RECKON_REPORT_CHART_FRAME_H

#include "report/chart_scale.h"
#include "report/svg.h"

// Charts are this wide: at the 328 pixels that a page of 360 leaves them, texts are 11 pixels high.
// Those that need more are scrolled there. CHART_SERIES: colours of the page.
enum { CHART_WIDTH = 416, CHART_ROWS = 60, CHART_SERIES = 8 };

struct frame {
    FILE *out;
    struct arena arena; // owned
    double width, height;
    double left, right, top, bottom; // of the space for data; the caller sets them
    const char *note;                // the lowest line; NULL: none
};

// Before frame_open(): texts of the chart, cleaned, in the frame's arena, and cut to what a tooltip
// may hold; and where there are no numbers, a note that says so.
const char *frame_clean(struct frame *f, const char *text);
void frame_nothing(struct frame *f, struct extent x);

// Where the data may begin, below title and legend.
double frame_top(const struct chart_head *head, double legend);
// Writes the beginning: sizes must be set by then. `note` is given room below frame->height.
void frame_open(struct frame *f, const struct chart_head *head);
void frame_close(struct frame *f); // frees the arena

// Ticks, their labels and grid lines, and the title below (beside: above on the left).
enum { FRAME_X_AXIS = 46, FRAME_X_LABEL = 22 }; // room that takes below; base line of labels
void frame_x_axis(struct frame *f, const struct scale *s, const char *title);
// Room for the labels on the left; frame_y_axis() writes the title above `top`.
double frame_y_room(struct frame *f, const struct scale *s);
void frame_y_axis(struct frame *f, const struct scale *s, const char *title);
enum { FRAME_Y_TITLE = 26 }; // room that its title takes above

// A legend of marks, in as many lines as they take. frame_legend_height(): its height.
struct frame_key {
    const char *label; // clean
    bool line, mark;
};
double frame_legend_height(struct frame *f, const struct frame_key *keys, size_t n);
void frame_legend(struct frame *f, double top, const struct frame_key *keys, size_t n);

// Classes of series k: its colour, "c3"; for lines without marks its dashes too, "c3 d3".
void frame_series(FILE *out, size_t k, bool dashes);

// Most ticks that fit side by side.
size_t frame_x_ticks(double width);
size_t frame_y_ticks(double height);

// "and 12 more, from "x" to "y"": what a chart of `n` rows does not show beyond `shown`; NULL: all.
const char *frame_left_out(
    struct frame *f, size_t n, size_t shown, const char *what, const char *first, const char *last);

#endif
