// "reckon.spread/1": how sure a model is.
#include <math.h>

#include "check/checks.h"
#include "model/model.h"

static void ask_spread(const struct run *r, const rk_ext_spread *spread, const rk_pairs *pairs,
    float *mean, float *sd) {
    struct guard *g = (struct guard *)(uintptr_t)&r->guard;
    child_doing("in the predict of reckon.spread/1");
    const enum guard_call before = guard_enter(g, GUARD_SHARED);
    const rk_status status = spread->predict(r->self, pairs, mean, sd);
    guard_leave(g, before);
    if (status != RK_OK) run_fail(r, "spread failed: %s", model_status_text(status));
}

void check_spread(const struct subject *s) {
    const rk_ext_spread *spread = run_extension(s, RK_EXT_SPREAD);
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_must_fit(&r);
    const rk_pairs *ask = data.ask;
    float *plain = run_alloc(ask->n, sizeof *plain), *mean = run_alloc(ask->n, sizeof *mean);
    float *sd = run_alloc(ask->n, sizeof *sd), one_mean, one_sd;
    run_must_predict(&r, ask, plain);
    ask_spread(&r, spread, ask, mean, sd);
    run_same(&r, ask, plain, mean, "the mean of spread against predict");
    const float width = data.data->rating_max - data.data->rating_min;
    for (size_t k = 0; k < ask->n; k++) {
        if (!isnan(mean[k]) && !(sd[k] >= 0 && sd[k] <= 10 * width))
            run_fail(&r, "spread: pair %zu user %u item %u: deviation %.9g; expected is 0 to %g", k,
                ask->users[k], ask->items[k], (double)sd[k], (double)(10 * width));
        const rk_pairs one = {.size = sizeof one,
            .n = 1,
            .users = ask->users + k,
            .items = ask->items + k,
            .time = ask->time ? ask->time + k : NULL};
        ask_spread(&r, spread, &one, &one_mean, &one_sd);
        run_same(&r, &one, &mean[k], &one_mean, "spread(pair by pair), mean");
        run_same(&r, &one, &sd[k], &one_sd, "spread(pair by pair), deviation");
    }
    run_judge_host(&r);
    run_done(&r);
}
