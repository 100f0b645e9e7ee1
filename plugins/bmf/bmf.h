// bmf.h - the model, and how it is fitted.
#ifndef BMF_H
#define BMF_H

#include "bmf_days.h"
#include "bmf_kept.h"
#include "common/standard.h"

struct rk_params {
    int rank;
    int sweeps;
    int keep;
    int features;
    int rated;
    int noise;
    int likelihood;
    int date;
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    struct standard standard;
    struct bmf_kept kept;         // owned
    struct bmf_calendar calendar; // owned; without days it has none
};

enum { BMF_FEATURES_NEVER, BMF_FEATURES_ITEMS, BMF_FEATURES_ALL };
enum { BMF_NOISE_ONE, BMF_NOISE_USERS, BMF_NOISE_BOTH };
enum { BMF_GAUSSIAN, BMF_PROBIT };
enum { BMF_DATE_NEVER, BMF_DATE_DAY };
enum { BMF_RATED_NEVER, BMF_RATED_USERS, BMF_RATED_BOTH };

// Runs the chain, and keeps draws of it.
rk_status bmf_fit(rk_model *m, const rk_data *data);

// What that takes at most, for reckon.memory/1.
uint64_t bmf_bytes(const rk_params *p, const rk_shape *shape);

#endif
