// conventions.h - RMSE and MAE of the same answers, as other tools define them by default.
//
// Each tool means something else by these names: whom it weighs alike, what it does with cold rows,
// with answers beyond the scale and with rows that were not answered. tests/peers holds each of
// these against the package itself.
#ifndef RECKON_METRIC_CONVENTIONS_H
#define RECKON_METRIC_CONVENTIONS_H

#include "metric/score.h"

// Where answers are cut off.
enum convention_clip {
    CLIP_NONE,
    CLIP_SCALE, // the declared scale
    CLIP_SEEN   // the lowest and the highest rating of the training fold
};

// What becomes of a row without an answer.
enum convention_open {
    OPEN_MEAN,     // answered by the mean rating of the training fold
    OPEN_LEFT_OUT, // not looked at
    OPEN_REFUSED   // there is no number
};

struct convention {
    const char *id;    // "surprise": its scores are "surprise.rmse" and "surprise.mae"
    const char *title; // "Surprise 1.1.5"
    const char *doc;   // the definition, and where it is found
    bool per_user;     // mean over users of their RMSE (MAE); else one weight for each row
    bool drops_cold;   // rows of users or items without a training rating are left out
    enum convention_clip clip;
    enum convention_open open;
};

enum { CONVENTION_N = 4 };
extern const struct convention conventions[CONVENTION_N];

// Emits for SLICE_ALL "<id>.rmse" and "<id>.mae" of each convention. `answers`: [test->n], as
// given: neither filled in nor clipped, NAN for none. NAN: no number by that convention.
bool conventions_score(const struct test *test, const rk_data *train, const float *answers,
    struct scores *out, struct error *e);

#endif
