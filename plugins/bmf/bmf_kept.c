#include "bmf_kept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, ROWS_A_PIECE = 512, MOST_BIAS = 32767 };

static const float FAR = 100, MOST_NUMBER = 1e6f; // cutpoints, and all numbers, lie within +-

// ---- Room --------------------------------------------------------------------------------------

static uint32_t rows_of(const struct bmf_shape *shape, int side) {
    return side == BMF_USER ? shape->n_users : side == BMF_ITEM ? shape->n_items : shape->n_days;
}

static size_t draws_of(const struct bmf_kept *k) {
    return (size_t)k->n_blocks * BMF_KEPT_BLOCK;
}

static void set_counts(struct bmf_kept *k, const struct bmf_shape *shape, uint32_t n_wanted) {
    k->shape = *shape;
    k->n_wanted = n_wanted;
    k->n_blocks = (n_wanted + BMF_KEPT_BLOCK - 1) / BMF_KEPT_BLOCK;
    k->n_halves = (shape->rank + 1) / 2;
    for (int s = 0; s < BMF_SIDES; s++) k->side[s].n = rows_of(shape, s);
}

size_t bmf_kept_bytes(const struct bmf_shape *shape, uint32_t keep) {
    struct bmf_kept k = {0};
    set_counts(&k, shape, keep);
    const size_t draws = draws_of(&k),
                 rows = (size_t)shape->n_users + shape->n_items + shape->n_days;
    return rows * (draws * (k.n_halves * 2 + 1) * sizeof(int16_t) + sizeof(float)) +
           (BMF_SIDES + 4) * draws * sizeof(float);
}

// Zeroed, whole cache lines, never NULL for want of bytes.
static void *room(bool *ok, size_t n, size_t size) {
    const size_t bytes = (n * size + LINE) / LINE * LINE;
    if (size && n > (SIZE_MAX - LINE) / size) *ok = false;
    void *at = *ok ? aligned_alloc(LINE, bytes) : NULL;
    if (at) return memset(at, 0, bytes);
    *ok = false;
    return NULL;
}

static bool take_room(struct bmf_kept *k) {
    const size_t draws = draws_of(k);
    bool ok = true;
    for (int s = 0; s < BMF_SIDES; s++) {
        struct bmf_kept_side *side = k->side + s;
        side->factor = room(&ok, (size_t)side->n * draws, k->n_halves * 2 * sizeof(int16_t));
        side->bias = room(&ok, (size_t)side->n * draws, sizeof(int16_t));
        side->middle = room(&ok, side->n, sizeof(float));
        side->scale = room(&ok, draws, sizeof(float));
        side->noise = room(&ok, side->n, sizeof(float));
    }
    k->level = room(&ok, draws, sizeof(float));
    k->noise = room(&ok, draws, sizeof(float));
    for (int s = 0; s < 2; s++) k->scale[s] = room(&ok, draws, sizeof(float));
    k->value = room(&ok, k->n_levels, sizeof(float));
    k->cut = room(&ok, draws * (k->n_levels ? k->n_levels - 1 : 0), sizeof(float));
    return ok;
}

static bool counts_can_be(uint32_t n_wanted, uint32_t rank, uint32_t n_levels) {
    return n_wanted >= 1 && n_wanted <= BMF_KEPT_MOST && rank <= BMF_KEPT_MOST_RANK &&
           n_levels <= BMF_KEPT_MOST_LEVELS && n_levels != 1;
}

rk_status bmf_kept_init(struct bmf_kept *k, const struct bmf_shape *shape, uint32_t n_sweeps,
    uint32_t keep, const float *values, uint32_t n_levels) {
    const uint32_t n_wanted = keep < n_sweeps ? keep : n_sweeps;
    *k = (struct bmf_kept){.n_sweeps = n_sweeps, .n_levels = n_levels};
    if (!counts_can_be(n_wanted, shape->rank, n_levels)) return RK_E_PARAM;
    set_counts(k, shape, n_wanted);
    if (!take_room(k)) {
        bmf_kept_done(k);
        return RK_E_MEMORY;
    }
    for (uint32_t l = 0; l < n_levels; l++) k->value[l] = values[l];
    return RK_OK;
}

void bmf_kept_done(struct bmf_kept *k) {
    for (int s = 0; s < BMF_SIDES; s++) {
        free(k->side[s].factor);
        free(k->side[s].bias);
        free(k->side[s].middle);
        free(k->side[s].scale);
        free(k->side[s].noise);
    }
    free(k->level);
    free(k->noise);
    free(k->scale[0]);
    free(k->scale[1]);
    free(k->value);
    free(k->cut);
    free(k->low);
    free(k->answer);
    free(k->variance);
    *k = (struct bmf_kept){0};
}

// ---- A draw ------------------------------------------------------------------------------------

bool bmf_kept_wants(const struct bmf_kept *k, uint32_t sweep) {
    const uint64_t n = k->n_wanted, of = k->n_sweeps, at = sweep;
    return at < of && (at + 1) * n / of > at * n / of;
}

// The largest |x|, or NAN if one is not finite, or beyond reason.
static float largest(const float *x, size_t n_rows, size_t n, size_t stride) {
    float most = 0, sum = 0;
    for (size_t r = 0; r < n_rows; r++)
        for (size_t c = 0; c < n; c++) {
            const float size = fabsf(x[r * stride + c]);
            most = size > most ? size : most;
            sum += 0 * size; // 0, but for what is not finite
        }
    return sum == 0 && most < MOST_NUMBER ? most : NAN;
}

struct packing {
    struct bmf_kept *k;
    const struct bmf_draw *draw;
    int side;
    float per_bias, per_factor; // 1 / scale, or 0 if all is 0
};

static int16_t packed(float x, float per) {
    return (int16_t)lrintf(x * per);
}

static rk_status pack_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct packing *p = arg;
    const struct bmf_kept *k = p->k;
    const struct bmf_kept_side *side = k->side + p->side;
    const size_t draws = draws_of(k), rank = k->shape.rank;
    const size_t block = k->n / BMF_KEPT_BLOCK, lane = k->n % BMF_KEPT_BLOCK;
    for (size_t r = begin; r < end; r++) {
        const float *x = p->draw->factor[p->side] + r * p->draw->stride;
        int16_t *to = side->factor + (r * k->n_blocks + block) * k->n_halves * 2 * BMF_KEPT_BLOCK;
        for (size_t f = 0; f < rank; f++)
            to[(f / 2 * BMF_KEPT_BLOCK + lane) * 2 + f % 2] = packed(x[f], p->per_factor);
        side->bias[r * draws + k->n] = packed(p->draw->bias[p->side][r], p->per_bias);
    }
    return RK_OK;
}

static float per(float scale) {
    return scale > 0 ? 1 / scale : 0;
}

// 0 from 0, and from what is too small to matter.
static float scale_of(float largest_one, int most) {
    const float scale = largest_one / (float)most;
    return scale > 1e-30f ? scale : 0;
}

static bool finite_head(const struct bmf_kept *k, const struct bmf_draw *d) {
    bool ok = fabsf(d->level) < MOST_NUMBER && d->precision > 0 && isfinite(1 / d->precision);
    for (uint32_t l = 0; l + 1 < k->n_levels; l++)
        ok = ok && fabsf(d->cut[l]) < FAR && (l == 0 || d->cut[l] >= d->cut[l - 1]);
    return ok;
}

// The mean of 1 / quiet, with this draw's.
static void add_noise(struct bmf_kept *k, const struct bmf_draw *d) {
    for (int s = 0; s < BMF_SIDES; s++)
        for (size_t r = 0; r < k->side[s].n; r++) {
            const float now = d->quiet[s] ? 1 / d->quiet[s][r] : 1;
            k->side[s].noise[r] += (now - k->side[s].noise[r]) / (float)(k->n + 1);
        }
}

rk_status bmf_kept_add(struct bmf_kept *k, const rk_host *host, const struct bmf_draw *d) {
    const size_t at = k->n, rank = k->shape.rank;
    const int most = bmf_kept_most(k->n_halves, false),
              most_shared = bmf_kept_most(k->n_halves, k->shape.n_days > 0);
    if (at >= k->n_wanted || !finite_head(k, d)) return RK_E_NUMERIC;
    float factors[BMF_SIDES];
    for (int s = 0; s < BMF_SIDES; s++) {
        const float bias = largest(d->bias[s], k->side[s].n, 1, 1);
        factors[s] = largest(d->factor[s], k->side[s].n, rank, d->stride);
        if (!isfinite(bias) || !isfinite(factors[s])) return RK_E_NUMERIC;
        k->side[s].scale[at] = scale_of(bias, MOST_BIAS);
    }
    k->scale[0][at] = scale_of(factors[BMF_ITEM], most);
    k->scale[1][at] = scale_of(fmaxf(factors[BMF_USER], factors[BMF_DAY]), most_shared);
    rk_status status = RK_OK;
    for (int s = 0; s < BMF_SIDES && status == RK_OK; s++) {
        struct packing p = {
            k, d, s, per(k->side[s].scale[at]), per(k->scale[s == BMF_ITEM ? 0 : 1][at])};
        status = host->parallel_for(host, k->side[s].n, ROWS_A_PIECE, pack_rows, &p);
    }
    k->level[at] = d->level;
    k->noise[at] = 1 / d->precision;
    add_noise(k, d);
    for (uint32_t l = 0; l + 1 < k->n_levels; l++) k->cut[at * (k->n_levels - 1) + l] = d->cut[l];
    if (status == RK_OK) k->n++;
    return status;
}

// ---- The end -----------------------------------------------------------------------------------

static void set_middles(struct bmf_kept *k) {
    const size_t draws = draws_of(k);
    for (int s = 0; s < BMF_SIDES; s++)
        for (size_t r = 0; r < k->side[s].n; r++) {
            const int16_t *bias = k->side[s].bias + r * draws;
            double sum = 0;
            for (size_t d = 0; d < k->n; d++) sum += (double)k->side[s].scale[d] * bias[d];
            k->side[s].middle[r] = (float)(sum / k->n);
        }
}

rk_status bmf_kept_finish(struct bmf_kept *k) {
    if (k->n == 0) return RK_E_PARAM;
    set_middles(k);
    return bmf_kept_tables(k) ? RK_OK : RK_E_MEMORY;
}

// ---- As bytes ----------------------------------------------------------------------------------

static bool all_within(const float *x, size_t n, float least, float most) {
    bool ok = true;
    for (size_t k = 0; k < n; k++) ok = ok && x[k] >= least && x[k] <= most;
    return ok;
}

static bool all_packed(const int16_t *x, size_t n, int most) {
    bool ok = true;
    for (size_t k = 0; k < n; k++) ok = ok && x[k] <= most && x[k] >= -most;
    return ok;
}

static void side_fields(struct bmf_kept *k, struct state *s, int side) {
    struct bmf_kept_side *rows = k->side + side;
    const size_t draws = draws_of(k), n = (size_t)rows->n * draws;
    const int most = bmf_kept_most(k->n_halves, side != BMF_ITEM && k->shape.n_days > 0);
    STATE_ARRAY(s, rows->factor, n * k->n_halves * 2);
    STATE_ARRAY(s, rows->bias, n);
    STATE_ARRAY(s, rows->scale, draws);
    STATE_ARRAY(s, rows->noise, rows->n);
    if (s->status != RK_OK || !s->loading) return;
    state_judge(s, all_packed(rows->factor, n * k->n_halves * 2, most), "factors beyond range");
    state_judge(s, all_packed(rows->bias, n, MOST_BIAS), "biases beyond range");
    state_judge(s, all_within(rows->scale, draws, 0, MOST_NUMBER), "a scale is none");
    state_judge(s, all_within(rows->noise, rows->n, 0, 1e30f), "noise that is none");
}

static bool cuts_can_be(const struct bmf_kept *k) {
    const size_t n = k->n_levels - 1;
    bool ok = true;
    for (size_t d = 0; d < k->n; d++)
        for (size_t l = 1; l < n; l++) ok = ok && k->cut[d * n + l] >= k->cut[d * n + l - 1];
    return ok && all_within(k->cut, k->n * n, -FAR, FAR) &&
           all_within(k->value, k->n_levels, -MOST_NUMBER, MOST_NUMBER);
}

static void level_fields(struct bmf_kept *k, struct state *s) {
    if (k->n_levels == 0) return;
    STATE_ARRAY(s, k->value, k->n_levels);
    STATE_ARRAY(s, k->cut, draws_of(k) * (k->n_levels - 1));
    if (s->status == RK_OK) state_judge(s, cuts_can_be(k), "cutpoints or levels that are none");
}

static void load_rest(struct bmf_kept *k, struct state *s) {
    if (s->status != RK_OK) return;
    bool ok = true;
    for (int side = 0; side < BMF_SIDES; side++)
        k->side[side].middle = room(&ok, k->side[side].n, sizeof(float));
    s->status = ok ? bmf_kept_finish(k) : RK_E_MEMORY;
}

void bmf_kept_fields(struct bmf_kept *k, struct state *s, const struct bmf_shape *shape) {
    state_same(s, shape->n_users, "another number of users");
    state_same(s, shape->n_items, "another number of items");
    state_same(s, shape->rank, "another rank");
    STATE_NUMBER(s, k->n_wanted);
    STATE_NUMBER(s, k->n);
    STATE_NUMBER(s, k->n_levels);
    state_judge(s,
        counts_can_be(k->n_wanted, shape->rank, k->n_levels) && k->n >= 1 && k->n <= k->n_wanted,
        "as many draws or levels cannot be");
    if (s->status != RK_OK) return;
    if (s->loading) set_counts(k, shape, k->n_wanted);
    const size_t draws = draws_of(k);
    STATE_ARRAY(s, k->level, draws);
    STATE_ARRAY(s, k->noise, draws);
    for (int side = 0; side < 2; side++) STATE_ARRAY(s, k->scale[side], draws);
    if (s->status == RK_OK)
        state_judge(s,
            all_within(k->level, draws, -MOST_NUMBER, MOST_NUMBER) &&
                all_within(k->noise, draws, 0, 1e30f) &&
                all_within(k->scale[0], draws, 0, MOST_NUMBER) &&
                all_within(k->scale[1], draws, 0, MOST_NUMBER),
            "a draw is not of finite numbers");
    for (int side = 0; side < BMF_SIDES && s->status == RK_OK; side++) side_fields(k, s, side);
    if (s->status == RK_OK) level_fields(k, s);
    if (s->loading) load_rest(k, s);
}
