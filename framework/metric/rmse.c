// RMSE = sqrt(sum over rows (answer - truth)^2 / n): one weight for each rating, never per user.
#include <math.h>

#include "metric/accuracy.h"

static double square(double error) {
    return error * error;
}

static bool score_rmse(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    (void)e;
    sink(arg, "rmse", sqrt(accuracy_mean(settings, rows, square)));
    return true;
}

static bool rows_of_rmse(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    (void)e;
    return accuracy_rows(settings, rows, square, part, weight);
}

REGISTRY_ADD(metric, rmse) = {
    .id = "rmse",
    .title = "RMSE",
    .doc = "Root of the mean squared error over all test ratings of a fold, one weight each. "
           "Answers are clipped to the declared scale first (`clip`); rows that the model left "
           "open are answered by the fallback and stay in.",
    .settings = ACCURACY_SETTINGS,
    .decimals = 4,
    .lower_is_better = true,
    .on_train = true,
    .caution = accuracy_caution,
    .sees_training = accuracy_sees_training,
    .rows = rows_of_rmse,
    .is_root = true,
    .score = score_rmse,
};
