// score.h - one trial's answers become numbers: filled in, clipped, sliced, scored.
#ifndef RECKON_METRIC_SCORE_H
#define RECKON_METRIC_SCORE_H

#include "metric/answers.h"
#include "metric/breakdown.h"
#include "metric/evidence.h"
#include "metric/fallback.h"
#include "metric/metric.h"

struct score {
    enum slice slice;
    char name[96]; // "rmse", "top5.share", "rows", "answered"; a metric's label stands for its id
    double value;
};

struct scores {
    struct score *at; // [n]; owned
    size_t n, room;
};

struct score_job {
    const struct test *test;
    const rk_data *train;
    const struct fallback *fallback;
    const struct metric_spec *metrics; // [n_metrics]
    size_t n_metrics;
    bool clip; // to train->rating_min .. rating_max
    uint64_t seed;
    bool only_all;              // rows of no slice but the whole: for trials that are but compared
    const struct dataset *data; // whose users and items `test` has; needed for what follows
    // What is kept for comparisons and charts, of all test rows; NULL: not wanted.
    struct evidence *evidence;   // for evidence_done(), unless it fails
    struct breakdown *breakdown; // for breakdown_done(), unless it fails
};

// Emits for each slice "rows", "answered" (share answered by the model itself), and
// each metric; for SLICE_TRAIN the metrics that are `on_train`. Empty slices emit "rows" = 0 alone.
// `filled`, if not NULL, [test->n], gets the answers as they were scored. An infinite answer is an
// error. `out` is added to.
bool score_all(const struct score_job *job, const struct answers *answers, float *filled,
    struct scores *out, struct error *e);
void scores_done(struct scores *s);
// One more; a name that is too long is an error.
bool scores_add(
    struct scores *s, enum slice slice, const char *name, double value, struct error *e);
double scores_get(const struct scores *s, enum slice slice, const char *name); // NAN: not there

#endif
