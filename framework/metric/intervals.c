// intervals: what the spread of a model's predictions is worth.
//
// A prediction with mean m and standard deviation s (struct answers) stands for the normal
// distribution N(m, s^2) of the rating, before clipping. Its loss at the rating y is the continuous
// ranked probability score, in ratings,
//     CRPS = (y - m) (2 Phi(z) - 1) + s (2 phi(z) - 1 / sqrt(pi)),  z = (y - m) / s,
// and |y - m| at s = 0 (Gneiting & Raftery, Strictly proper scoring rules, prediction, and
// estimation, 2007, equation 21 with the sign turned). The rule is strictly proper: whoever states
// another distribution than is believed in scores worse on average, so that models can be ranked by
// it. Coverage alone can't rank: intervals about the mean of all ratings cover what they say, and
// tell nothing. A prediction without a deviation is a point: its loss is the absolute error, so
// that silence on hard rows, which the fallback then answers, gains nothing.
//
// Coverages are the shares of ratings with |y - m| <= z s, of rows that have a deviation.
#include <math.h>

#include "metric/metric.h"

// (1 + p) / 2 quantiles of the standard normal distribution, p = 0.5 and 0.9.
static const double Z50 = 0.67448975019608174, Z90 = 1.6448536269514722;
static const double ROOT_OF_2 = 1.4142135623730951, ROOT_OF_PI = 1.7724538509055161;

static bool is_known(const struct metric_rows *rows, size_t k) {
    return rows->sd && !isnan(rows->sd[k]);
}

static bool any_known(const struct metric_rows *rows) {
    for (size_t k = 0; k < rows->n; k++)
        if (is_known(rows, k)) return true;
    return false;
}

static double error_of(const struct metric_rows *rows, size_t k) {
    return (double)rows->truth[k] - (double)rows->raw[k];
}

static double crps(const struct metric_rows *rows, size_t k) {
    const double error = error_of(rows, k), s = is_known(rows, k) ? (double)rows->sd[k] : 0;
    if (!(s > 0)) return fabs(error);
    const double z = error / s, twice_density = 2 * exp(-0.5 * z * z) / (ROOT_OF_2 * ROOT_OF_PI);
    return error * erf(z / ROOT_OF_2) + s * (twice_density - 1 / ROOT_OF_PI);
}

static const struct metric_part interval_parts[] = {
    {.name = "cover50",
        .title = "in 50 %",
        .doc = "share of test ratings inside the central 50 % interval, mean +- 0.674 sd before "
               "clipping, of rows with a deviation; good: 47 to 53 %",
        .decimals = 4,
        .is_share = true},
    {.name = "cover90",
        .title = "in 90 %",
        .doc = "likewise inside the central 90 % interval, mean +- 1.645 sd; good: 88 to 92 %",
        .decimals = 4,
        .is_share = true},
    {.name = "width90",
        .title = "width of 90 %",
        .doc = "mean width of the central 90 % intervals, in ratings",
        .decimals = 3},
    {.name = "known",
        .title = "rows with a deviation",
        .doc = "share of test ratings whose prediction has a deviation",
        .decimals = 4,
        .is_share = true},
};

static bool score_intervals(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    (void)settings, (void)e;
    double loss = 0, width = 0, known = 0, inside50 = 0, inside90 = 0;
    if (!any_known(rows)) {
        sink(arg, "intervals", NAN);
        return true;
    }
    for (size_t k = 0; k < rows->n; k++) { // in the order of the rows
        loss += crps(rows, k);
        if (!is_known(rows, k)) continue;
        const double s = (double)rows->sd[k], away = fabs(error_of(rows, k));
        known++;
        width += 2 * Z90 * s;
        inside50 += away <= Z50 * s;
        inside90 += away <= Z90 * s;
    }
    sink(arg, "intervals", loss / (double)rows->n);
    sink(arg, "intervals.cover50", inside50 / known);
    sink(arg, "intervals.cover90", inside90 / known);
    sink(arg, "intervals.width90", width / known);
    sink(arg, "intervals.known", known / (double)rows->n);
    return true;
}

static bool rows_of_intervals(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    (void)settings, (void)e;
    if (!any_known(rows)) return false;
    for (size_t k = 0; k < rows->n; k++) {
        part[k] = crps(rows, k);
        weight[k] = 1;
    }
    return true;
}

REGISTRY_ADD(metric, intervals) = {
    .id = "intervals",
    .title = "CRPS",
    .doc = "Of models that give a standard deviation with each prediction (reckon.spread/1; others "
           "have no such score): mean continuous ranked probability score of the normal "
           "distribution with that mean and deviation, in ratings, before clipping. It is a proper "
           "score: it rewards intervals that are narrow and still hold what they say, and is the "
           "absolute error where there is no deviation. Beside it stand the shares of test ratings "
           "inside the central 50 % and 90 % intervals. Ratings are discrete: one interval holds a "
           "whole number of rating values, so that the coverage at one mean can't be exact; over "
           "many rows, whose means lie anywhere between the values, it is, but for the ends of the "
           "scale and for values that users like more than their neighbours, as whole stars.",
    .parts = interval_parts,
    .n_parts = sizeof interval_parts / sizeof *interval_parts,
    .n_columns = 2,
    .decimals = 4,
    .lower_is_better = true,
    .needs = METRIC_NEEDS_SPREAD,
    .rows = rows_of_intervals,
    .score = score_intervals,
};
