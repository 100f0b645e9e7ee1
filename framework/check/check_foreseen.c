// "reckon.memory/1": what models are foreseen to take, against what they take.
#include <math.h>
#include <stdlib.h>

#include "check/checks.h"
#include "check/memory.h"
#include "check/variants.h"
#include "model/model.h"

// What is foreseen may be so many times what is taken, and then SPARE more: on little data, scratch
// and tables weigh more than what grows.
enum { MOST_TIMES = 4, SPARE = 1 << 20 };

static void add_features(
    const rk_data *d, bool users, uint32_t n, uint32_t *columns, uint64_t *entries) {
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *f =
            RK_NTH(users ? d->user_features : d->item_features, d->features_stride, k);
        *columns += f->values.n_cols;
        *entries += f->values.start[f->values.n_rows];
    }
}

static rk_shape shape_of(const struct run *r) {
    const rk_data *d = r->data->data;
    rk_shape shape = {.size = sizeof shape,
        .n_users = d->n_users,
        .n_items = d->n_items,
        .n_threads = r->threads,
        .n_valid = d->valid->n,
        .n_ratings = d->by_user.start[d->n_users] + d->valid->n};
    if (d->time) shape.n_times = shape.n_ratings;
    add_features(d, true, d->n_user_features, &shape.user_columns, &shape.user_entries);
    add_features(d, false, d->n_item_features, &shape.item_columns, &shape.item_entries);
    return shape;
}

static uint64_t foresee(struct run *r, const rk_ext_memory *memory, const rk_shape *shape) {
    const rk_plugin *p = r->subject->plugin;
    if (p->n_params && !r->params) {
        r->params = run_alloc(1, p->params_size);
        schema_bind(p, r->values, r->params);
    }
    child_doing("in the bytes of reckon.memory/1");
    const uint64_t bytes = memory->bytes(r->params, shape);
    if (memory->bytes(r->params, shape) != bytes)
        run_fail(r, "bytes gives two answers to one question");
    return bytes;
}

// More of anything takes no less.
static void judge_growth(struct run *r, const rk_ext_memory *memory, const rk_shape *shape) {
    rk_shape more[9];
    for (int k = 0; k < 9; k++) more[k] = *shape;
    more[0].n_ratings *= 1000;
    more[1].n_users *= 1000;
    more[2].n_items *= 1000;
    more[3].n_threads *= 8;
    more[4].n_valid = shape->n_ratings;
    more[5].user_entries = more[5].user_entries * 1000 + 1000;
    more[6].item_entries = more[6].item_entries * 1000 + 1000;
    more[7].user_columns = more[7].user_columns * 1000 + 1000;
    more[8].item_columns = more[8].item_columns * 1000 + 1000;
    static const char *const what[] = {"ratings", "users", "items", "threads", "rows in the slice",
        "entries of user features", "entries of item features", "columns of user features",
        "columns of item features"};
    const uint64_t bytes = foresee(r, memory, shape);
    for (int k = 0; k < 9; k++)
        if (foresee(r, memory, &more[k]) < bytes)
            run_fail(r, "bytes foresees %llu, and with more %s but %llu", (unsigned long long)bytes,
                what[k], (unsigned long long)foresee(r, memory, &more[k]));
}

// One life against what was foreseen of it; a variant may be refused.
static double judge_life(struct run *r, const rk_ext_memory *memory, bool by_choice) {
    const rk_shape shape = shape_of(r);
    const uint64_t foreseen = foresee(r, memory, &shape), before = memory_live().bytes;
    judge_growth(r, memory, &shape);
    float *out = run_alloc(r->data->ask->n, sizeof *out);
    memory_peak();
    const bool ok = run_create(r) == RK_OK && run_fit(r) == RK_OK;
    if (!ok && !by_choice) run_fail(r, "create or fit failed");
    if (ok) run_must_predict(r, r->data->ask, out);
    const uint64_t peak = memory_peak() - before;
    run_destroy(r);
    free(out);
    if (peak > foreseen)
        run_fail(r, "it took %llu bytes, and foresaw %llu", (unsigned long long)peak,
            (unsigned long long)foreseen);
    if (ok && foreseen > MOST_TIMES * peak + SPARE)
        run_fail(r,
            "it took %llu bytes, and foresaw %llu; at most %d times as much and %d more "
            "are of use",
            (unsigned long long)peak, (unsigned long long)foreseen, MOST_TIMES, SPARE);
    return ok && peak ? (double)foreseen / (double)peak : NAN;
}

static double judge(const struct subject *s, const struct planted *data,
    const rk_ext_memory *memory, const struct variant *v, uint32_t threads) {
    struct run r;
    run_init(&r, s, data);
    if (v) variant_apply(&r, v);
    if (threads > 1) run_threads(&r, threads);
    const double times = judge_life(&r, memory, v != NULL);
    run_done(&r);
    return times;
}

void check_foreseen(const struct subject *s) {
    const rk_ext_memory *memory = run_extension(s, RK_EXT_MEMORY);
    if (!memory_can_watch()) child_skip("this build's malloc cannot be watched (sanitizer)");
    memory_watch();
    static const enum planted_kind kinds[] = {
        PLANTED_FULL, PLANTED_OTHER, PLANTED_NO_VALID, PLANTED_NO_TIMES, PLANTED_ONE_RATING};
    double times = NAN;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct planted data;
        run_data(&data, kinds[k], s);
        const double one = judge(s, &data, memory, NULL, k == 0 ? 8 : 1);
        if (k == 0) times = one;
        size_t n = 0;
        const struct variant *all = k == 0 ? variants_choices(s, &n) : NULL;
        for (size_t v = 0; v < n; v++) judge(s, &data, memory, &all[v], 1);
    }
    if (!isnan(times)) child_note("foreseen is %.2f times what is taken", times);
}
