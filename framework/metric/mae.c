// MAE = sum over rows |answer - truth| / n: one weight for each rating, never per user.
#include <math.h>

#include "metric/accuracy.h"

static bool score_mae(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    (void)e;
    sink(arg, "mae", accuracy_mean(settings, rows, fabs));
    return true;
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
    .score = score_mae,
};
