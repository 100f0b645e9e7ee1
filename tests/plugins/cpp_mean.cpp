// Item means in C++, against the same header: C++11 to C++20. No exception leaves a function.
#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

#include "reckon.h"

struct rk_params {
    double shrinkage;
};

struct rk_model {
    explicit rk_model(const rk_params *p) : params(p) {
    }
    const rk_params *params; // borrowed
    std::vector<float> mean; // [n_items]
};

namespace {

rk_status create(const rk_host *, const rk_params *params, rk_model **out) {
    rk_model *m = new (std::nothrow) rk_model(params);
    if (!m) return RK_E_MEMORY;
    *out = m;
    return RK_OK;
}

void destroy(rk_model *m) {
    delete m;
}

rk_status fit(rk_model *m, const rk_data *train) try {
    const rk_csr &r = train->by_item;
    const uint64_t n = r.start[r.n_rows];
    double mu = 0;
    for (uint64_t e = 0; e < n; e++) mu += static_cast<double>(r.value[e]);
    mu /= static_cast<double>(n);
    m->mean.resize(r.n_rows);
    for (uint32_t i = 0; i < r.n_rows; i++) {
        double sum = m->params->shrinkage * mu;
        for (uint64_t e = r.start[i]; e < r.start[i + 1]; e++)
            sum += static_cast<double>(r.value[e]);
        const double count =
            m->params->shrinkage + static_cast<double>(r.start[i + 1] - r.start[i]);
        m->mean[i] = static_cast<float>(sum / count);
    }
    return RK_OK;
} catch (const std::bad_alloc &) {
    return RK_E_MEMORY;
}

rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    std::transform(
        pairs->items, pairs->items + pairs->n, out, [m](uint32_t item) { return m->mean[item]; });
    return RK_OK;
}

rk_plugin describe(const rk_param *schema, uint32_t n) {
    rk_plugin p = rk_plugin();
    p.size = sizeof p;
    p.abi_major = RK_ABI_MAJOR;
    p.abi_minor = RK_ABI_MINOR;
    p.id = "cpp_mean";
    p.summary = "Item means, drawn towards the global mean";
    p.version = "1.0.0";
    p.params = schema;
    p.n_params = n;
    p.param_stride = sizeof *schema;
    p.params_size = sizeof(rk_params);
    p.create = create;
    p.destroy = destroy;
    p.fit = fit;
    p.predict = predict;
    return p;
}

} // namespace

const rk_plugin *rk_plugin_entry(void) {
    static const rk_param schema[] = {
        {"shrinkage", "ratings at the global mean that every item starts with", RK_TYPE_REAL,
            static_cast<uint32_t>(offsetof(rk_params, shrinkage)), 25, 0.001, 1e6, nullptr, nullptr,
            RK_LOG},
    };
    static const rk_plugin plugin = describe(schema, 1);
    return &plugin;
}
