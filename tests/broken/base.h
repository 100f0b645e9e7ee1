// base.h - a plugin that is right, for files here to be wrong in one thing. ID, the file's name, is
// set by the build.
#ifndef RECKON_TESTS_BROKEN_BASE_H
#define RECKON_TESTS_BROKEN_BASE_H

#include <stdlib.h>

#include "reckon.h"

struct rk_model {
    int unused;
};

static inline rk_status base_create(const rk_host *host, const rk_params *params, rk_model **out) {
    (void)host, (void)params;
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    *out = m;
    return RK_OK;
}
static inline void base_destroy(rk_model *m) {
    free(m);
}
static inline rk_status base_fit(rk_model *m, const rk_data *train) {
    (void)m, (void)train;
    return RK_OK;
}
static inline rk_status base_predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    (void)m;
    for (size_t k = 0; k < pairs->n; k++) out[k] = 3;
    return RK_OK;
}

#define BASE_HEAD .size = sizeof(rk_plugin), .abi_major = RK_ABI_MAJOR, .abi_minor = RK_ABI_MINOR
#define BASE_TEXTS .id = ID, .summary = "Wrong in one thing", .version = "1.0.0"
#define BASE_FUNCTIONS \
    .create = base_create, .destroy = base_destroy, .fit = base_fit, .predict = base_predict

// Writes the entry for the rk_plugin with these fields.
#define BASE_ENTRY(...) \
    const rk_plugin *rk_plugin_entry(void) { \
        static const rk_plugin plugin = {__VA_ARGS__}; \
        return &plugin; \
    }

#endif
