#include "report/chart_place.h"

#include <math.h>

#include "report/svg.h"

bool places_begin(struct places *p, struct box space, size_t room, struct arena *a) {
    *p = (struct places){.space = space, .room = room};
    p->at = arena_alloc(a, (room + 1) * sizeof *p->at);
    return p->at != NULL;
}

void places_take(struct places *p, struct box taken) {
    if (p->n < p->room) p->at[p->n++] = taken;
}

static bool is_free(const struct places *p, struct box b) {
    if (b.left < p->space.left || b.right > p->space.right || b.top < p->space.top ||
        b.bottom > p->space.bottom)
        return false;
    for (size_t k = 0; k < p->n; k++)
        if (b.left < p->at[k].right && b.right > p->at[k].left && b.top < p->at[k].bottom &&
            b.bottom > p->at[k].top)
            return false;
    return true;
}

// Directions in the order in which they read well: right, left, above, below, then aslant.
static const double directions[][2] = {
    {1, 0}, {-1, 0}, {0, -1}, {0, 1}, {1, -1}, {1, 1}, {-1, -1}, {-1, 1}};

bool places_find(
    struct places *p, double x, double y, double r, double width, struct place *found) {
    static const double ascent = 12, descent = 4, rings[] = {4, 14, 26, 40, 56};
    for (size_t ring = 0; ring < sizeof rings / sizeof *rings; ring++)
        for (size_t d = 0; d < sizeof directions / sizeof *directions; d++) {
            const double reach = r + rings[ring], dx = directions[d][0], dy = directions[d][1];
            const double left = dx > 0 ? x + reach : dx < 0 ? x - reach - width : x - width / 2;
            const double middle = y + dy * (dx != 0 ? reach * .8 : reach + (ascent + descent) / 2);
            const struct box b = {left - 2, left + width + 2, middle - (ascent + descent) / 2,
                middle + (ascent + descent) / 2};
            if (!is_free(p, b)) continue;
            places_take(p, b);
            *found = (struct place){.x = left,
                .y = b.bottom - descent,
                .line_x = dx > 0   ? left
                          : dx < 0 ? left + width
                                   : x,
                .line_y = dx != 0  ? middle
                          : dy < 0 ? b.bottom
                                   : b.top,
                .far = ring > 0};
            return true;
        }
    return false;
}

bool places_apart(double *y, size_t n, double gap, double low, double high) {
    if (n == 0) return true;
    if ((double)(n - 1) * gap > high - low) return false;
    for (size_t k = 0; k < n; k++) // down as far as the ones above push
        y[k] = fmax(y[k], k ? y[k - 1] + gap : low);
    double most = high;
    for (size_t k = n; k-- > 0; most = y[k] - gap) y[k] = fmin(y[k], most);
    return true;
}
