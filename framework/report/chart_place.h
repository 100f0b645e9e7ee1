// chart_place.h - labels beside points, none of them over another or over a mark.
#ifndef RECKON_REPORT_CHART_PLACE_H
#define RECKON_REPORT_CHART_PLACE_H

#include <stdbool.h>

#include "core/arena.h"

struct box {
    double left, right, top, bottom;
};
struct places {
    struct box space; // all labels lie in it
    struct box *at;   // [n]: what is taken
    size_t n, room;
};

// For up to `room` boxes. False: out of memory.
bool places_begin(struct places *p, struct box space, size_t room, struct arena *a);
void places_take(struct places *p, struct box taken);

// A label's place around a point with a mark of radius `r`: the nearest that is free, which is
// taken. `far`: so far away that it wants a line to its mark.
struct place {
    double x, y;           // of text: its start, its base line
    double line_x, line_y; // where a line from the mark meets it
    bool far;
};
bool places_find(struct places *p, double x, double y, double r, double width, struct place *found);

// Moves `y` [n], ascending, apart to at least `gap` between neighbours, within low..high, as little
// as may be. False: there is not the room.
bool places_apart(double *y, size_t n, double gap, double low, double high);

#endif
