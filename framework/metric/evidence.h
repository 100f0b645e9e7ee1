// evidence.h - what of a trial stays for comparisons: sums of its losses by user, by item and by
// row, small enough to be kept with every trial, so that differences can be tested later, and with
// trials of other runs on the same rows, without the predictions and without the data.
//
// A metric that can be compared is a ratio of sums over rows (struct metric, `rows`): its value is
// sum of part / sum of weight, or the root of that. The variance of a difference between two models
// under resampling of users needs the sum over users of (their part)^2; likewise of items and of
// rows. Keeping a sum for each user, item and row would be as much as the predictions. Instead each
// of the three is a sketch: unit x is added to bucket h(x) of EVIDENCE_BUCKETS with the sign s(x),
// both hashes of its external ids alone (dataset.user_hash, item_hash), so that buckets of all
// trials, models and runs belong together. Charikar, Chen, Farach-Colton, Finding frequent items in
// data streams (2002); Alon, Matias, Szegedy, The space complexity of approximating the frequency
// moments (1996), theorem 2.2: the sum of squares over buckets has the sum of squares over units as
// its expectation, with a relative deviation of at most sqrt(2 / buckets) = 4.4 %, and so half of
// that in a standard error. Sketches are linear: those of a difference are differences.
#ifndef RECKON_METRIC_EVIDENCE_H
#define RECKON_METRIC_EVIDENCE_H

#include "data/dataset.h"
#include "metric/metric.h"

enum { EVIDENCE_BUCKETS = 1024 };
enum evidence_unit { EVIDENCE_USER, EVIDENCE_ITEM, EVIDENCE_ROW, EVIDENCE_UNITS };

struct evidence_metric {
    double part, weight; // sums over all test rows; weight = 0: this metric can't be compared
    // [EVIDENCE_BUCKETS] each; owned: signed sums of part and of weight; of items and of rows 0
    // where the metric is `of_users`, so that users alone have a variance
    float *part_in[EVIDENCE_UNITS], *weight_in[EVIDENCE_UNITS];
};

struct evidence {
    uint64_t rows_hash; // of the test rows (user, item, rating) by external ids, in any order
    uint64_t n_rows;    // test rows
    uint64_t n_train;   // training rows
    double later;       // share of test rows whose user has a later rating among the training rows;
                        // NAN: the data has no times
    struct evidence_metric *metrics; // [n_metrics]; owned; as in the plan
    size_t n_metrics;
    uint32_t n_users; // those with test rows
    uint32_t *user;   // [n_users]; owned: numbers in the data set, ascending
    float *rows;      // [n_users]; owned: test rows of each
    float *square;    // [n_users]; owned: sum of squared errors of each, of answers as scored
};

// The test rows of a fold (slice "all") and their answers; the fold's training rows; the metrics.
struct evidence_job {
    const struct dataset *data; // users and items are numbered as in `rows`
    const rk_data *train;
    const struct metric_rows *rows;
    const int64_t *time; // [rows->n] of the test rows; NULL: not known
    const struct metric_spec *metrics;
    size_t n_metrics;
};
bool evidence_make(struct evidence *ev, const struct evidence_job *job, struct error *e);
void evidence_done(struct evidence *ev); // accepts a zeroed struct

// Room for the buckets of a zeroed metric, all 0; and for users. What there is when memory runs out
// is evidence_done()'s.
bool evidence_metric_init(struct evidence_metric *m, struct error *e);
bool evidence_users_init(struct evidence *ev, uint32_t n_users, struct error *e);

// To bytes for the store and back; compressed. *bytes is the caller's to free. Reading checks all
// that it reads: an error says that the evidence is damaged.
bool evidence_pack(const struct evidence *ev, void **bytes, size_t *n, struct error *e);
bool evidence_unpack(struct evidence *ev, const void *bytes, size_t n, struct error *e);

#endif
