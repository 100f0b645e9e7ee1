// RMSE = sqrt(sum over rows (answer - truth)^2 / n): one weight for each rating, never per user.
#include <math.h>

#include "metric/metric.h"

static bool score_rmse(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    (void)settings, (void)e;
    double sum = 0; // in the order of the rows
    for (size_t k = 0; k < rows->n; k++) {
        const double off = (double)rows->answer[k] - (double)rows->truth[k];
        sum += off * off;
    }
    sink(arg, "rmse", sqrt(sum / (double)rows->n));
    return true;
}

REGISTRY_ADD(metric, rmse) = {
    .id = "rmse",
    .title = "RMSE",
    .doc = "Root of the mean squared error over all test ratings of a fold, one weight each. "
           "Answers are clipped to the declared scale first (`clip`); rows that the model left "
           "open are answered by the fallback and stay in.",
    .decimals = 4,
    .lower_is_better = true,
    .on_train = true,
    .score = score_rmse,
};
