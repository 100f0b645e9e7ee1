#include "metric/summary.h"

#include <math.h>
#include <stdlib.h>

// By repeat, fold and value: sums come out alike in whatever order the trials ended.
static int compare_values(const void *left, const void *right) {
    const struct summary_value *a = left, *b = right;
    if (a->repeat != b->repeat) return a->repeat < b->repeat ? -1 : 1;
    if (a->fold != b->fold) return a->fold < b->fold ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

// Averages over seeds, in place. Gives the number of folds.
static size_t average_seeds(struct summary_value *at, size_t n) {
    size_t folds = 0;
    for (size_t k = 0; k < n;) {
        const struct summary_value first = at[k];
        double sum = 0;
        size_t seeds = 0;
        for (; k < n && at[k].repeat == first.repeat && at[k].fold == first.fold; k++, seeds++)
            sum += at[k].value;
        at[folds++] = (struct summary_value){first.repeat, first.fold, sum / (double)seeds};
    }
    return folds;
}

struct summary summary_over_folds(struct summary_value *at, size_t n) {
    size_t kept = 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(at[k].value)) at[kept++] = at[k];
    if (kept) qsort(at, kept, sizeof *at, compare_values);
    struct summary s = {NAN, NAN, average_seeds(at, kept)};
    if (s.n == 0) return s;
    double sum = 0, squares = 0;
    for (size_t k = 0; k < s.n; k++) sum += at[k].value;
    s.mean = sum / (double)s.n;
    for (size_t k = 0; k < s.n; k++) squares += (at[k].value - s.mean) * (at[k].value - s.mean);
    if (s.n > 1) s.sd = sqrt(squares / (double)(s.n - 1));
    return s;
}
