// pooled.h - one model's metric over all test rows of a run, and how each user, item and row moves
// it.
#ifndef RECKON_STATS_POOLED_H
#define RECKON_STATS_POOLED_H

#include "core/arena.h"
#include "metric/evidence.h"

// value = P / W or sqrt(P / W), with P and W summed over all trials (folds, repeats, seeds), so
// that a test row has the same weight wherever it stands. `influence` is linear in what the trials'
// sketches hold: of P / W it is (part - (P / W) weight) / W, of its root that over 2 sqrt(P / W)
// (the delta method; Hampel, The influence curve and its role in robust estimation, 1974).
struct pooled {
    double value;                      // NAN: nothing to pool
    double *influence[EVIDENCE_UNITS]; // [EVIDENCE_BUCKETS] each; in the arena; NULL: value is NAN
};

// trials [n]: of one model, each on its fold. Where one of them can't be compared in `metric`, the
// value is NAN.
bool pooled_make(struct pooled *p, const struct evidence *const *trials, size_t n, size_t metric,
    bool is_root, struct arena *a, struct error *e);

// Of value(p) - value(q), q NULL: of value(p), when users, items, or single rows are drawn anew.
struct pooled_variance {
    double unit[EVIDENCE_UNITS]; // as the sketches have them: sums of squares over buckets
    // Under drawing users and items at once: user + item - row, but never less than the larger of
    // user and item. Cameron, Gelbach, Miller, Robust inference with multiway clustering (2011),
    // section 2, with their factor G / (G - 1) on each.
    double both;
    double freedom; // degrees of freedom of `both` (Satterthwaite 1946); INFINITY where it is 0
};
// How many units G there are in effect (a few of them may have most of the rows, or of the
// difference) is read from the buckets: of n equal normals, the sum of fourth powers over the
// square of the sum of squares is 3 / (n + 2) in the mean.
struct pooled_variance pooled_variance(const struct pooled *p, const struct pooled *q);

// The normal deviate that is as rare as `t` is under `freedom`, and back. Wallace, Bounds on normal
// approximations to Student's and the chi-square distributions (1959): to 1 % from three degrees
// on.
double pooled_normal(double t, double freedom);
double pooled_student(double z, double freedom);

#endif
