// blend.h - rows whose answers are weighted means of other rows' answers.
//
// answer = sum over members of weight x answer, of answers before clipping, those that a member has
// left open filled in by the fallback. No training rows are answered, no ranks and no deviations
// given. With fitted weights (stacking: D. Wolpert, "Stacked generalization", Neural Networks 5,
// 1992; weights of at least 0 as in L. Breiman, "Stacked regressions", Machine Learning 24, 1996)
// each member is fitted again on inner folds of the outer training fold, and weights w >= 0 of sum
// 1 minimise the squared error of the mean on all inner test rows together. No outer test label is
// seen before the answers are scored.
#ifndef RECKON_TRIAL_BLEND_H
#define RECKON_TRIAL_BLEND_H

#include <stddef.h>
#include <stdint.h>

enum blend_weights { BLEND_EQUAL, BLEND_GIVEN, BLEND_FITTED };

enum { BLEND_MOST = 12 }; // members

// One entry of the experiment; all of it is borrowed from its arena.
struct blend_spec {
    const uint32_t
        *members; // [n]: rows of plan->models, ascending, distinct, no blends; at least 2
    size_t n;
    enum blend_weights how;
    const double *weights; // [n], BLEND_GIVEN: finite, of sum 1 (scaled to that when read), in the
                           // order of `members`
    uint32_t folds;        // BLEND_FITTED: inner folds, at least 2
};

// The weights that a trial came to stand in its curve, which the store keeps: points of this series
// at x = 1, 2, ... for the members in their order (no labels, which may change), whatever way they
// were found.
#define BLEND_SERIES "weight"
struct trial_record;
double blend_weight(const struct trial_record *t, size_t member /* from 0 */); // NAN: none

#endif
