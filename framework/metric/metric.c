#include "metric/metric.h"

REGISTRY(metric)

const char *const slice_name[SLICE_N] = {
    "all", "warm", "cold_user", "cold_item", "cold_both", "train"};
