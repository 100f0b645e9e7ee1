// chart_scale.h - from numbers to places along an axis, with round ticks.
#ifndef RECKON_REPORT_CHART_SCALE_H
#define RECKON_REPORT_CHART_SCALE_H

#include "core/arena.h"
#include "report/chart.h"

enum { SCALE_TICKS = 16 };

// What numbers an axis has to show. {NAN, NAN}: none yet.
struct extent {
    double low, high;
};
#define EXTENT_NONE \
    (struct extent) { \
        NAN, NAN \
    }

struct scale {
    double low, high; // numbers at the ends
    double from, to;  // where these lie in the drawing
    bool is_log;
    const char *unit; // struct chart_axis
    double tick[SCALE_TICKS];
    size_t n_ticks;
    int decimals;       // that tell the ticks apart
    int value_decimals; // of scale_value(); 0: two more
};

// Whether the number can be drawn: finite, within 1e280, and positive on a logarithmic axis.
bool scale_takes(const struct chart_axis *axis, double value);
void extent_add(struct extent *x, const struct chart_axis *axis, double value);

// `most`: ticks that there is room for. `zero`: the axis begins (or ends) at 0. The ends lie a
// little beyond the numbers. Numbers that are all the same, or none at all, have ends all the same.
void scale_make(struct scale *s, const struct chart_axis *axis, struct extent x, bool zero,
    double from, double to, size_t most);
double scale_at(const struct scale *s, double value);

// A tick's label; and a number with two more figures than ticks have, with its unit.
const char *scale_tick(const struct scale *s, double value, struct arena *a);
const char *scale_value(const struct scale *s, double value, struct arena *a);
// The same without zeros behind the point.
const char *scale_short(const struct scale *s, double value, struct arena *a);

#endif
