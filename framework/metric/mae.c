// MAE = sum over rows |answer - truth| / n: one weight for each rating, never per user.
#include <math.h>

#include "metric/metric.h"

static bool score_mae(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    (void)settings, (void)e;
    double sum = 0; // in the order of the rows
    for (size_t k = 0; k < rows->n; k++)
        sum += fabs((double)rows->answer[k] - (double)rows->truth[k]);
    sink(arg, "mae", sum / (double)rows->n);
    return true;
}

REGISTRY_ADD(metric, mae) = {
    .id = "mae",
    .title = "MAE",
    .doc = "Mean absolute error over all test ratings of a fold, one weight each; clipped and "
           "filled in as for rmse.",
    .decimals = 4,
    .lower_is_better = true,
    .on_train = true,
    .score = score_mae,
};
