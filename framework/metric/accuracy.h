// accuracy.h - what metrics of the error (answer - truth) have in common: settings, and the mean.
#ifndef RECKON_METRIC_ACCURACY_H
#define RECKON_METRIC_ACCURACY_H

#include "metric/metric.h"

struct accuracy {
    bool clip, width, training;
};
enum { ACCURACY_N = 3 };
extern const struct setting accuracy_table[ACCURACY_N];
#define ACCURACY_SETTINGS \
    { accuracy_table, ACCURACY_N, sizeof(struct accuracy) }

// Mean of loss(error) over the rows, in their order, as the settings have it (NULL: the defaults).
double accuracy_mean(
    const struct accuracy *settings, const struct metric_rows *rows, double (*loss)(double error));

// What each row adds to that mean, for struct metric. False: the training rows count, too.
bool accuracy_rows(const struct accuracy *settings, const struct metric_rows *rows,
    double (*loss)(double error), double *part, double *weight);

// What is unlike the usual number under these settings, or NULL; for struct metric.
const char *accuracy_caution(const void *settings);
bool accuracy_sees_training(const void *settings);

#endif
