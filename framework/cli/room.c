#include "cli/room.h"

#include <stdlib.h>

#include "core/log.h"
#include "model/machine.h"
#include "report/wording.h"
#include "trial/limits.h"
#include "trial/need.h"

enum { MOST_TOLD = 5 }; // rows that are named, before those that follow are counted

static int larger_first(const void *a, const void *b) {
    const struct need *x = a, *y = b;
    return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static double mib(uint64_t bytes) {
    return (double)bytes / (1 << 20);
}

static const char *wording_mib(struct arena *a, double value) {
    return wording_bytes(a, value * (1 << 20));
}

// What lets a row run that is foreseen to take that much.
static const char *way_out(const struct plan *plan, double needed, struct arena *a) {
    static const char less[] = "parameters that take less (a smaller rank, fewer kept samples)";
    if (plan->limits.mib > 0) return arena_printf(a, "raise limits.mib, or choose %s", less);
    uint32_t jobs = plan->jobs;
    while (jobs > 0 && needed > limits_share(jobs)) jobs--;
    if (jobs == 0) return arena_printf(a, "choose %s", less);
    return arena_printf(a, "lower jobs to %u, or choose %s", jobs, less);
}

static void warn_row(const struct plan *plan, const struct plan_model *model,
    const struct need *need, const char *data) {
    struct arena a = {0};
    const double allowed = limits_of(plan).mib;
    const char *by = plan->limits.mib > 0
                         ? arena_printf(&a, "limits.mib = %g allows", plan->limits.mib)
                     : plan->jobs == 1 ? "a trial may have"
                                       : arena_printf(&a, "each of %u jobs may have", plan->jobs);
    log_warning("%s is foreseen to take %s of memory on %s (%s), more than the %s that %s; its "
                "trials are likely to fail: %s",
        model->label, wording_bytes(&a, (double)need->bytes), data,
        need->by == NEED_PLUGIN ? "by its plugin" : "by earlier trials", wording_mib(&a, allowed),
        by, way_out(plan, mib(need->bytes), &a));
    arena_done(&a);
}

static bool warn_rows(const struct plan *plan, const struct need *needs, const char *data) {
    const double allowed = limits_of(plan).mib;
    size_t n = 0;
    for (size_t k = 0; k < plan->n_models; k++)
        if (mib(needs[k].bytes) > allowed && n++ < MOST_TOLD)
            warn_row(plan, &plan->models[k], &needs[k], data);
    if (n > MOST_TOLD)
        log_warning("%zu more rows are foreseen to take more memory on %s than a trial may have",
            n - MOST_TOLD, data);
    return n > 0;
}

// Of trials that each have what they may: where limits.mib allows more than the machine has.
static void warn_sum(const struct plan *plan, struct need *needs, const char *data) {
    struct machine m;
    struct arena a = {0};
    uint64_t sum = 0;
    machine_read(&m);
    qsort(needs, plan->n_models, sizeof *needs, larger_first);
    for (size_t k = 0; k < (size_t)plan->n_models * plan->n_seeds && k < plan->jobs; k++)
        sum += needs[k / plan->n_seeds].bytes;
    if (m.memory && sum > m.memory)
        log_warning("%u trials at a time are foreseen to take %s of memory on %s, and this machine "
                    "has %s; expect trials to fail, or lower jobs",
            plan->jobs, wording_bytes(&a, (double)sum), data, wording_bytes(&a, (double)m.memory));
    arena_done(&a);
}

void room_check_data(
    const struct plan *plan, struct store *store, const struct data_summary *data) {
    struct need *needs = calloc(plan->n_models + 1, sizeof *needs);
    struct needs asking = {0};
    struct error e = {0};
    bool ok = needs;
    for (size_t k = 0; ok && k < plan->n_models; k++)
        ok = need_of(&asking, plan, k, store, data->name, &data->shape, &needs[k], &e);
    needs_done(&asking);
    if (ok && !warn_rows(plan, needs, data->name)) warn_sum(plan, needs, data->name);
    free(needs);
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
