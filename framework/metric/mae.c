// MAE = sum over rows |answer - truth| / n: one weight for each rating, never per user.
#include <math.h>

#include "metric/accuracy.h"

static bool score_mae(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    (void)e;
    sink(arg, "mae", accuracy_mean(settings, rows, fabs));
    return true;
}

static bool rows_of_mae(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    (void)e;
    return accuracy_rows(settings, rows, fabs, part, weight);
}

REGISTRY_ADD(metric, mae) = {
    .id = "mae",
    .title = "MAE",
    .doc = "Mean absolute error over all test ratings of a fold, one weight each; clipped and "
           "filled in as for rmse.",
    .settings = ACCURACY_SETTINGS,
    .decimals = 4,
    .lower_is_better = true,
    .on_train = true,
    .caution = accuracy_caution,
    .sees_training = accuracy_sees_training,
    .rows = rows_of_mae,
    .score = score_mae,
};
