#include "cli/room.h"

#include <stdlib.h>

#include "core/log.h"
#include "model/machine.h"
#include "report/wording.h"

static int larger_first(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

static void warn_sum(const struct plan *plan, uint64_t sum) {
    struct machine m;
    struct arena a = {0};
    machine_read(&m);
    if (m.memory && sum > m.memory)
        log_warning("%u trials at a time took %s of memory before, and this machine has %s; expect "
                    "trials to fail, or lower jobs",
            plan->jobs, wording_bytes(&a, (double)sum), wording_bytes(&a, (double)m.memory));
    arena_done(&a);
}

void room_check_data(const struct plan *plan, struct store *store, const char *data) {
    uint64_t *memory = calloc(plan->n_models * plan->n_seeds + 1, sizeof *memory), sum = 0;
    struct arena a = {0};
    size_t n = 0;
    for (size_t k = 0; memory && k < plan->n_models; k++) {
        const struct plan_model *model = &plan->models[k];
        struct store_cost cost = {0};
        if (!store_cost(store, data, model, model->values, &cost, NULL) || cost.n == 0) continue;
        if (plan->limits.mib > 0 && (double)cost.memory > plan->limits.mib * 1048576)
            log_warning("%s took %s of memory on %s before, more than limits.mib = %g allows; its "
                        "trials are likely to fail",
                model->label, wording_bytes(&a, (double)cost.memory), data, plan->limits.mib);
        for (uint32_t seed = 0; seed < plan->n_seeds; seed++) memory[n++] = cost.memory;
    }
    if (n) qsort(memory, n, sizeof *memory, larger_first);
    for (size_t k = 0; k < n && k < plan->jobs; k++) sum += memory[k];
    if (n) warn_sum(plan, sum);
    free(memory);
    arena_done(&a);
}

void room_check_forecast(const struct runner_forecast *forecast) {
    struct machine m;
    struct arena a = {0};
    machine_read(&m);
    if (m.memory && forecast->memory > m.memory)
        log_warning("the run is expected to take %s of memory, and this machine has %s; lower jobs",
            wording_bytes(&a, (double)forecast->memory), wording_bytes(&a, (double)m.memory));
    arena_done(&a);
}
