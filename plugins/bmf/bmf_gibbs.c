// The chain as a whole: its memory, and the order of a sweep.
#include "bmf_gibbs.h"

#include <stdlib.h>
#include <string.h>

#include "bmf_random.h"
#include "common/linalg.h"
#include "common/vec.h"

// Factors start small, with the precision that goes with it, and grow by what ratings say. From
// large ones a chain would first have to unlearn noise.
static const float FIRST_SD = 0.1f, FIRST_BIAS_PRECISION = 4;
static const double FIRST_SHAPE = 4;
enum { PANEL = 64 + 32 }; // rows of scratch beside two matrices

static const char *const item_groups[] = {"genre", "year", NULL};
static const char *const user_groups[] = {"gender", "age", "occupation", "zip", NULL};

static const rk_csr *rows_of(const struct bmf_chain *c, int side) {
    return side == BMF_USER ? &c->ratings.by_user : &c->ratings.by_item;
}

// What depends on which ratings there are. Everything else stays.
static rk_status take_ratings(struct bmf_chain *c, const rk_data *data) {
    for (int side = 0; side < 2; side++) {
        struct bmf_block *b = &c->block[side];
        const rk_csr *rows = rows_of(c, side);
        const uint64_t n = rows->start[rows->n_rows];
        free(b->target);
        b->target = malloc((n ? n : 1) * sizeof *b->target);
        if (!b->target) return RK_E_MEMORY;
        for (uint64_t e = 0; e < n; e++)
            b->target[e] = standard_apply(&c->standard, rows->value[e]);
        b->start = rows->start;
        b->col = rows->col;
        bmf_features_done(&b->features);
        if (!bmf_features_init(&b->features, c, side)) return RK_E_MEMORY;
    }
    return c->knows.calendar ? bmf_days_take(c, data) : RK_OK;
}

static bool block_new(struct bmf_chain *c, struct bmf_block *b) {
    const size_t n = bmf_unknowns(c), ld = c->ld, groups = 1 + b->features.n_groups;
    b->own = linalg_new(b->n, ld);
    b->factor = linalg_new(b->n, c->stride);
    b->bias = linalg_new(b->n, 1);
    b->mean = linalg_new(groups, ld);
    b->precision = linalg_new(groups, ld);
    if (!b->own || !b->factor || !b->bias || !b->mean || !b->precision) return false;
    for (size_t j = 0; j < groups * ld; j++) b->precision[j] = 1;
    if (b->features.n == 0) return true;
    b->base = linalg_new(b->n, ld);
    b->weight = linalg_new(b->features.n, ld);
    if (!b->base || !b->weight) return false;
    bool any_free = false;
    for (uint32_t g = 0; g < b->features.n_groups; g++)
        any_free = any_free || b->features.group[g].free;
    if (!any_free) return true;
    b->gram = linalg_new(b->n, n * ld);
    b->slope = linalg_new(b->n, ld);
    return b->gram && b->slope;
}

static void start(struct bmf_chain *c, int side) {
    struct bmf_block *b = &c->block[side];
    for (uint32_t r = 0; r < b->n; r++) {
        float *own = b->own + r * c->ld, *factor = b->factor + r * c->stride;
        c->host->normal(c->host, bmf_stream(BMF_STREAM_START + (uint32_t)side, 0, r), own, c->rank);
        for (size_t j = 0; j < c->rank; j++) factor[j] = own[j] *= FIRST_SD;
    }
}

rk_status bmf_chain_init(struct bmf_chain *c, const rk_host *host, const rk_data *data,
    const struct standard *standard, size_t rank, const struct bmf_knowledge *knows) {
    *c = (struct bmf_chain){.host = host,
        .rank = rank,
        .stride = vec_count(rank) * VEC_LANES,
        .ld = linalg_pad(rank + 2),
        .standard = *standard,
        .knows = *knows,
        .ratings = ratings_of(data),
        .n_sides = knows->calendar ? 3 : 2,
        .precision = 1,
        .prior = 1,
        .feature_scale = 1};
    c->block[BMF_USER].n = data->n_users;
    c->block[BMF_ITEM].n = data->n_items;
    if (knows->calendar) c->block[BMF_DAY].n = bmf_calendar_rows(knows->calendar);
    for (int side = 0; side < 2; side++) {
        if (!knows->noise[side]) continue;
        c->quiet_shape[side] = FIRST_SHAPE;
        c->quiet[side] = linalg_new(c->block[side].n, 1);
        if (!c->quiet[side]) return RK_E_MEMORY;
        for (uint32_t r = 0; r < c->block[side].n; r++) c->quiet[side][r] = 1;
    }
    c->scratch_size = (2 * (rank + 5) + PANEL) * c->ld;
    c->scratch = linalg_new(host->n_threads, c->scratch_size);
    if (!c->scratch) return RK_E_MEMORY;
    for (int side = 0; side < 2; side++) {
        if (!knows->side[side]) continue;
        const rk_status status =
            side_init(&c->known[side], data, side == BMF_USER ? SIDE_USERS : SIDE_ITEMS,
                side == BMF_USER ? user_groups : item_groups);
        if (status != RK_OK) return status;
        c->knows.side[side] = c->known[side].rows.n_cols > 0;
    }
    const rk_status status = take_ratings(c, data);
    if (status != RK_OK) return status;
    for (int side = 0; side < c->n_sides; side++) {
        if (!block_new(c, &c->block[side])) return RK_E_MEMORY;
        start(c, side);
        bmf_hyper_rows(c, side);
        c->block[side].precision[c->rank] = FIRST_BIAS_PRECISION;
        c->block[side].mean[c->rank] = 0;
    }
    return RK_OK;
}

rk_status bmf_chain_join(struct bmf_chain *c, const rk_data *data) {
    if (data->valid->n == 0) return RK_OK;
    struct ratings all;
    if (!ratings_init_with_valid(&all, data)) return RK_E_MEMORY;
    ratings_done(&c->ratings);
    c->ratings = all;
    rk_status status = take_ratings(c, data);
    if (status == RK_OK && c->probit.n_levels > 0) status = bmf_latent_join(c);
    if (status != RK_OK) return status;
    for (int side = 0; side < 2; side++) {
        struct bmf_block *b = &c->block[side];
        for (size_t j = 0; b->base && j < b->n * c->ld; j++) b->own[j] += b->base[j];
        bmf_features_base(c, side); // which what is rated has changed
        for (size_t j = 0; b->base && j < b->n * c->ld; j++) b->own[j] -= b->base[j];
    }
    return RK_OK;
}

void bmf_chain_done(struct bmf_chain *c) {
    bmf_days_done(&c->days);
    for (int side = 0; side < BMF_SIDES; side++) {
        struct bmf_block *b = &c->block[side];
        free(b->target);
        bmf_features_done(&b->features);
        float *const all[] = {b->own, b->base, b->factor, b->bias, b->mean, b->precision, b->weight,
            b->gram, b->slope};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) linalg_free(all[k]);
        linalg_free(c->quiet[side]);
    }
    for (int side = 0; side < 2; side++) side_done(&c->known[side]);
    bmf_probit_done(&c->probit);
    ratings_done(&c->ratings);
    linalg_free(c->scratch);
    *c = (struct bmf_chain){0};
}

rk_status bmf_chain_sweep(struct bmf_chain *c) {
    c->sweep++;
    if (c->probit.n_levels > 0) {
        const rk_status status = bmf_latent_draw(c);
        if (status != RK_OK) return status;
    }
    for (int side = 0; side < c->n_sides; side++) {
        struct bmf_errors errors;
        rk_status status = bmf_rows_draw(c, side, &errors);
        if (status != RK_OK) return status;
        if (side == BMF_ITEM) bmf_hyper_noise(c, &errors);
        if (c->quiet[side]) bmf_noise_side(c, (enum bmf_side)side);
        bmf_hyper_rows(c, side);
        if (c->block[side].features.n == 0) continue;
        bmf_features_centred(c, side);
        bmf_hyper_features(c, side);
        status = bmf_features_free(c, side);
        if (status != RK_OK) return status;
        bmf_rows_sum(c, side);
    }
    return RK_OK;
}

rk_status bmf_chain_draw(struct bmf_chain *c, struct bmf_draw *draw) {
    *draw = (struct bmf_draw){.level = c->level, .precision = c->precision, .stride = c->stride};
    if (c->probit.n_levels > 0) draw->cut = c->probit.cut;
    for (int side = 0; side < c->n_sides; side++) {
        const rk_status status = bmf_rows_cold(c, side);
        if (status != RK_OK) return status;
        if (c->quiet[side]) bmf_noise_cold(c, (enum bmf_side)side);
        draw->bias[side] = c->block[side].bias;
        draw->factor[side] = c->block[side].factor;
        draw->quiet[side] = c->quiet[side];
    }
    return RK_OK;
}
