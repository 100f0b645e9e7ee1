#include "common/standard.h"

#include <math.h>

static const double TARGET_SD = 1.1;

struct standard standard_of(const rk_data *data) {
    const uint64_t n = data->by_user.start[data->n_users];
    const float *value = data->by_user.value;
    double sum = 0, squares = 0;
    for (uint64_t e = 0; e < n; e++) sum += value[e];
    const double center = sum / (double)n;
    for (uint64_t e = 0; e < n; e++) squares += (value[e] - center) * (value[e] - center);
    return (struct standard){.center = center, .unit = sqrt(squares / (double)n) / TARGET_SD};
}
