#include "kmeans_shrink.h"

#include <math.h>

double shrink_value(size_t at) {
    return pow(2, (double)at / 2 - 2);
}

void shrink_add(double error[SHRINK_GRID], const struct cell *c) {
    if (!(c->n > 0)) return;
    double s = shrink_value(0);
    for (size_t k = 0; k < SHRINK_GRID; k++, s *= sqrt(2)) {
        const double whole = c->n + s, rest = whole - 1;
        const double t2 = c->sum * c->sum;
        error[k] += (whole * whole * c->squares - 2 * whole * t2 + c->n * t2) / (rest * rest);
    }
}

double shrink_best(const double error[SHRINK_GRID]) {
    size_t best = SHRINK_GRID - 1;
    for (size_t k = SHRINK_GRID - 1; k-- > 0;)
        if (error[k] < error[best]) best = k;
    return shrink_value(best);
}
