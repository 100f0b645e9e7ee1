// A metric, whole: copied to framework/metric/, it is in every table that asks for it.
//
// bias_error = |mean over rows of (answer - truth)|: how far a model is off on the whole. Errors of
// both signs cancel; which sign is left, bias_error.signed tells.
#include <math.h>

#include "metric/metric.h"

static bool score_bias_error(const void *settings, const struct metric_rows *rows,
    metric_sink *sink, void *arg, struct error *e) {
    (void)settings, (void)e;
    double sum = 0; // in the order of the rows
    for (size_t k = 0; k < rows->n; k++) sum += (double)rows->answer[k] - (double)rows->truth[k];
    sink(arg, "bias_error", fabs(sum / (double)rows->n));
    sink(arg, "bias_error.signed", sum / (double)rows->n);
    return true;
}

static const struct metric_part parts[] = {
    {.name = "signed",
        .title = "mean error",
        .doc = "mean of answer - truth: above 0, the model promises too much",
        .decimals = 4},
};

REGISTRY_ADD(metric, bias_error) = {
    .id = "bias_error",
    .title = "bias error",
    .doc = "Size of the mean error over all test ratings of a fold, one weight each; clipped and "
           "filled in as for rmse.",
    .parts = parts,
    .n_parts = sizeof parts / sizeof *parts,
    .decimals = 4,
    .lower_is_better = true,
    .on_train = true,
    .score = score_bias_error,
};
