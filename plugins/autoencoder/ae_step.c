#include "ae_step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ae_kernel.h"
#include "common/linalg.h"

enum {
    ROWS_A_PIECE = 4,
    COLUMNS_A_PIECE = 16,
    ENTRIES = 64,
    MOST_VECS = AE_MOST_WIDTH / VEC_LANES
};

// ---- Room --------------------------------------------------------------------------------------

static bool units_init(struct ae_step *s) {
    const struct ae_net *n = s->net;
    const size_t rows = s->batches->most_rows;
    size_t most = 1;
    for (uint32_t k = 0; k < n->shape.n_layers; k++) {
        const size_t ld = n->n_vecs[k] * VEC_LANES;
        s->z[k] = (vec *)(void *)linalg_new(rows, ld);
        s->y[k] = (vec *)(void *)linalg_new(rows, ld);
        s->delta[k] = (vec *)(void *)linalg_new(rows, ld);
        if (!s->z[k] || !s->y[k] || !s->delta[k]) return false;
        if (k == 0) continue;
        const struct dense *d = &n->mid[k - 1];
        const size_t size = (size_t)d->n_in * d->n_out;
        if (!adam_init(&s->mid[k - 1], size, 0)) return false;
        if (!adam_init(&s->mid_bias[k - 1], d->n_out, 0)) return false;
        if (size + d->n_out > most) most = size + d->n_out;
    }
    s->mid_gradient = linalg_new(1, most);
    return s->mid_gradient;
}

rk_status ae_step_init(struct ae_step *s) {
    const struct ae_net *n = s->net;
    const size_t rows = s->batches->most_rows, cells = s->batches->most_cells;
    const size_t in = n->n_vecs[0] * VEC_LANES, out = n->n_vecs[ae_net_last(n)] * VEC_LANES;
    s->slot = malloc(cells * sizeof *s->slot);
    s->input = malloc(cells * sizeof *s->input);
    s->pull = malloc(cells * sizeof *s->pull);
    s->weight = malloc(cells * sizeof *s->weight);
    s->weight_at = malloc((rows + 1) * sizeof *s->weight_at);
    s->squares = malloc((rows / ROWS_A_PIECE + 1) * sizeof *s->squares);
    if (s->slot && s->input && s->pull && s->weight && s->weight_at && s->squares &&
        adam_init(&s->in, n->n_in * in, 0) && adam_init(&s->out, n->n_out * out, 0) &&
        adam_init(&s->out_bias, n->n_out, 0) && units_init(s))
        return RK_OK;
    ae_step_done(s);
    return RK_E_MEMORY;
}

uint64_t ae_step_bytes(const struct ae_shape *shape, uint64_t n_in, uint64_t n_out,
    const struct ae_batches_most *most) {
    const struct ae_step *s = NULL;
    const uint64_t in = vec_count(shape->width[0]) * VEC_LANES,
                   out = vec_count(shape->width[shape->n_layers - 1]) * VEC_LANES;
    uint64_t bytes =
        most->cells * (sizeof *s->slot + sizeof *s->input + sizeof *s->pull + sizeof *s->weight) +
        (most->rows + 1) * sizeof *s->weight_at +
        (most->rows / ROWS_A_PIECE + 1) * sizeof *s->squares + adam_bytes(n_in * in, 0) +
        adam_bytes(n_out * out, 0) + adam_bytes(n_out, 0) + linalg_bytes(1, 1);
    for (uint32_t k = 0; k < shape->n_layers; k++) {
        const uint64_t ld = vec_count(shape->width[k]) * VEC_LANES;
        bytes += 3 * linalg_bytes(most->rows, ld);
        if (k == 0) continue;
        const uint64_t size = vec_count(shape->width[k - 1]) * VEC_LANES * ld;
        bytes += adam_bytes(size, 0) + adam_bytes(ld, 0) + linalg_bytes(1, size + ld);
    }
    return bytes;
}

void ae_step_done(struct ae_step *s) {
    for (int k = 0; k < AE_MOST_LAYERS; k++) {
        linalg_free((float *)s->z[k]);
        linalg_free((float *)s->y[k]);
        linalg_free((float *)s->delta[k]);
        adam_done(&s->mid[k]);
        adam_done(&s->mid_bias[k]);
    }
    adam_done(&s->in);
    adam_done(&s->out);
    adam_done(&s->out_bias);
    linalg_free(s->mid_gradient);
    free(s->slot);
    free(s->input);
    free(s->pull);
    free(s->weight);
    free(s->weight_at);
    free(s->squares);
    *s = (struct ae_step){0};
}

// ---- Rows: forwards ----------------------------------------------------------------------------

// `what`: 0 for the mask, 1 + k for dropout in layer k. Epochs are below 2^20.
static uint64_t stream(const struct ae_step *s, uint32_t what, uint32_t row) {
    return s->stream | (uint64_t)what << 52 | (uint64_t)s->epoch << 32 | row;
}

// Which of a row's n ratings are hidden: their weights in the loss, negative for the hidden.
// Returns how many are seen. On average, weights are 1.
static uint64_t mask_row(const struct ae_step *s, uint32_t row, float *weight, uint64_t n) {
    const struct ae_rule *rule = s->rule;
    const double mask = rule->mask * rule->mask_half / (rule->mask_half + (double)n);
    const double hidden = rule->hidden_weight, seen = 1 - hidden;
    const double mean = mask * hidden + (1 - mask) * seen;
    if (!(mask > 0)) {
        for (uint64_t k = 0; k < n; k++) weight[k] = 1;
        return n;
    }
    uint64_t n_seen = 0;
    s->host->uniform(s->host, stream(s, 0, row), weight, n);
    for (uint64_t k = 0; k < n; k++) {
        const bool hide = weight[k] < mask;
        weight[k] = (float)(hide ? -hidden / mean : seen / mean);
        n_seen += !hide;
    }
    return n_seen;
}

// The row's cells, and z of the first layer.
static void encode_row(const struct ae_step *s, uint32_t at) {
    const struct ae_net *n = s->net;
    const struct ae_rows *x = s->batches->rows;
    const uint32_t row = s->order[at], *cell = s->batches->cell;
    const uint64_t first = x->ratings.start[row], last = x->ratings.start[row + 1];
    const size_t n_vecs = n->n_vecs[0];
    float *weight = s->weight + s->weight_at[at], a[ENTRIES];
    vec *z = s->z[0] + at * n_vecs;
    const float scale = (float)ae_rows_scale(x, mask_row(s, row, weight, last - first));
    memcpy(z, n->in + (n->n_in - 1) * n_vecs, n_vecs * sizeof *z);
    for (uint64_t e = first; e < last; e += ENTRIES) {
        const size_t count = last - e < ENTRIES ? last - e : ENTRIES;
        for (size_t k = 0; k < count; k++) {
            const bool hide = signbit(weight[e - first + k]);
            a[k] = hide ? 0 : scale * x->target[e + k];
            s->slot[cell[e + k]] = at;
            s->input[cell[e + k]] = a[k];
        }
        ae_gather(z, n->in, n_vecs, x->ratings.col + e, a, count);
    }
    if (!x->n_features) return;
    const uint64_t f = x->features.start[row], f_end = x->features.start[row + 1];
    const uint32_t *f_cell = cell + x->ratings.start[x->ratings.n_rows];
    for (uint64_t e = f; e < f_end; e++) {
        s->slot[f_cell[e]] = at;
        s->input[f_cell[e]] = x->features.value[e];
    }
    ae_gather(z, n->in + x->ratings.n_cols * n_vecs, n_vecs, x->features.col + f,
        x->features.value + f, f_end - f);
}

// Leaves out units of a row of layer `k`, or what is sent back to them: the same in both.
static void drop(const struct ae_step *s, size_t k, uint32_t at, float *row) {
    const size_t width = s->net->shape.width[k];
    const float keep = (float)(1 / (1 - s->rule->dropout));
    float chance[AE_MOST_WIDTH];
    if (!(s->rule->dropout > 0)) return;
    s->host->uniform(s->host, stream(s, 1 + (uint32_t)k, s->order[at]), chance, width);
    for (size_t j = 0; j < width; j++) row[j] *= chance[j] < s->rule->dropout ? 0 : keep;
}

// y of one layer from its z.
static void activate_rows(const struct ae_step *s, size_t k, size_t begin, size_t end) {
    const size_t n_vecs = s->net->n_vecs[k];
    ae_net_activate(s->net, k, (const float *)(s->z[k] + begin * n_vecs),
        (float *)(s->y[k] + begin * n_vecs), end - begin);
    for (size_t at = begin; at < end; at++)
        drop(s, k, (uint32_t)at, (float *)(s->y[k] + at * n_vecs));
}

static rk_status encode_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct ae_step *s = arg;
    for (size_t at = begin; at < end; at++) encode_row(s, (uint32_t)at);
    activate_rows(s, 0, begin, end);
    return RK_OK;
}

static rk_status activate_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct ae_step *s = arg;
    activate_rows(s, s->layer, begin, end);
    return RK_OK;
}

// ---- Rows: errors, and backwards ---------------------------------------------------------------

// From dloss / dy to dloss / dz, for rows of one layer.
static void slope_rows(const struct ae_step *s, size_t k, size_t begin, size_t end) {
    const size_t n_vecs = s->net->n_vecs[k], ld = n_vecs * VEC_LANES;
    float whole[AE_MOST_WIDTH]; // y before dropout
    for (size_t at = begin; at < end; at++) {
        const float *z = (const float *)(s->z[k] + at * n_vecs);
        float *delta = (float *)(s->delta[k] + at * n_vecs);
        drop(s, k, (uint32_t)at, delta);
        if (s->rule->dropout > 0) dense_activate(s->net->shape.activation, z, whole, ld);
        const float *y = s->rule->dropout > 0 ? whole : (const float *)(s->y[k] + at * n_vecs);
        dense_slope(s->net->shape.activation, z, y, delta, ld);
    }
}

// Errors of one row, what they pull at, and dloss / dy of the last layer. Returns the sum of e^2.
static double decode_row(const struct ae_step *s, uint32_t at) {
    const struct ae_net *n = s->net;
    const struct ae_rows *x = s->batches->rows;
    const uint32_t row = s->order[at], *cell = s->batches->cell;
    const uint64_t first = x->ratings.start[row], last = x->ratings.start[row + 1];
    const size_t k_last = ae_net_last(n), n_vecs = n->n_vecs[k_last];
    const float *weight = s->weight + s->weight_at[at];
    const vec *y = s->y[k_last] + at * n_vecs;
    vec *delta = s->delta[k_last] + at * n_vecs;
    double squares = 0;
    memset(delta, 0, n_vecs * sizeof *delta);
    for (uint64_t e = first; e < last; e += ENTRIES) {
        const size_t count = last - e < ENTRIES ? last - e : ENTRIES;
        const uint32_t *col = x->ratings.col + e;
        float a[ENTRIES];
        ae_dots(a, y, n->out, n_vecs, col, count);
        for (size_t k = 0; k < count; k++) {
            const float error = a[k] + n->out_bias[col[k]] - x->target[e + k];
            squares += (double)error * error;
            a[k] = fabsf(weight[e - first + k]) * error;
            s->pull[cell[e + k]] = a[k];
        }
        ae_gather(delta, n->out, n_vecs, col, a, count);
    }
    return squares;
}

static rk_status decode_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct ae_step *s = arg;
    double squares = 0;
    for (size_t at = begin; at < end; at++) squares += decode_row(s, (uint32_t)at);
    s->squares[begin / ROWS_A_PIECE] = squares;
    slope_rows(s, ae_net_last(s->net), begin, end);
    return RK_OK;
}

static rk_status slope_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct ae_step *s = arg;
    slope_rows(s, s->layer, begin, end);
    return RK_OK;
}

// ---- Columns -----------------------------------------------------------------------------------

// The constant input's weights, which are the first layer's biases.
static void step_bias(struct ae_step *s) {
    const size_t n_vecs = s->net->n_vecs[0], first = (s->net->n_in - 1) * n_vecs;
    vec g[MOST_VECS] = {0};
    for (uint32_t at = 0; at < s->n_rows; at++)
        for (size_t f = 0; f < n_vecs; f++) g[f] += s->delta[0][at * n_vecs + f];
    adam_apply(&s->in, &s->now_in_bias, (float *)s->net->in, first * VEC_LANES, (float *)g,
        n_vecs * VEC_LANES);
}

// The gradient of one row of a table: the batch's units, weighted by the column's cells.
static void step_row(struct ae_step *s, uint32_t c, const vec *units, size_t n_vecs,
    const float *weight, const struct adam *a, const struct adam_step *now, vec *table) {
    const uint32_t first = s->column[c], last = s->column[c + 1];
    vec g[MOST_VECS];
    memset(g, 0, n_vecs * sizeof *g);
    ae_gather(g, units, n_vecs, s->slot + first, weight + first, last - first);
    adam_apply(a, now, (float *)table, c * n_vecs * VEC_LANES, (float *)g, n_vecs * VEC_LANES);
}

static rk_status column_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    struct ae_step *s = arg;
    struct ae_net *n = s->net;
    const size_t k = ae_net_last(n);
    float bias[COLUMNS_A_PIECE];
    for (size_t c = begin; c < end; c++) {
        if (c + 1 == n->n_in) {
            step_bias(s);
            break;
        }
        step_row(s, (uint32_t)c, s->delta[0], n->n_vecs[0], s->input, &s->in, &s->now_in, n->in);
        if (c >= n->n_out) continue;
        step_row(s, (uint32_t)c, s->y[k], n->n_vecs[k], s->pull, &s->out, &s->now_out, n->out);
        float sum = 0;
        for (uint32_t e = s->column[c]; e < s->column[c + 1]; e++) sum += s->pull[e];
        bias[c - begin] = sum;
    }
    if (begin >= n->n_out) return RK_OK;
    adam_apply(&s->out_bias, &s->now_out_bias, n->out_bias, begin, bias,
        (end < n->n_out ? end : n->n_out) - begin);
    return RK_OK;
}

// ---- The middle, and the whole -----------------------------------------------------------------

static rk_status middle_forward(struct ae_step *s) {
    rk_status status = RK_OK;
    for (uint32_t k = 1; k < s->net->shape.n_layers && status == RK_OK; k++) {
        float *z = (float *)s->z[k];
        status = dense_forward(
            &s->net->mid[k - 1], s->host, (const float *)s->y[k - 1], s->n_rows, z, z);
        if (status != RK_OK) break;
        s->layer = k;
        status = s->host->parallel_for(s->host, s->n_rows, ROWS_A_PIECE, activate_piece, s);
    }
    return status;
}

static rk_status middle_backward(struct ae_step *s, const struct adam_rule *rule) {
    struct adam_rule of_bias = *rule;
    rk_status status = RK_OK;
    of_bias.l2 = 0;
    for (uint32_t k = s->net->shape.n_layers - 1; k > 0 && status == RK_OK; k--) {
        struct dense *d = &s->net->mid[k - 1];
        float *z = (float *)s->z[k], *bias = s->mid_gradient + (size_t)d->n_in * d->n_out;
        status = dense_backward(d, s->host, (const float *)s->y[k - 1], z, z, s->n_rows,
            (float *)s->delta[k], s->mid_gradient, bias, (float *)s->delta[k - 1]);
        if (status != RK_OK) break;
        s->layer = k - 1;
        status = s->host->parallel_for(s->host, s->n_rows, ROWS_A_PIECE, slope_piece, s);
        if (status == RK_OK)
            status = adam_step(&s->mid[k - 1], s->host, rule, d->weight, s->mid_gradient);
        if (status == RK_OK)
            status = adam_step(&s->mid_bias[k - 1], s->host, &of_bias, d->bias, bias);
    }
    return status;
}

static void begin_batch(struct ae_step *s, uint32_t k) {
    const struct ae_batches *b = s->batches;
    const uint64_t *start = b->rows->ratings.start;
    s->order = b->order + ae_batches_first(b, k);
    s->n_rows = ae_batches_first(b, k + 1) - ae_batches_first(b, k);
    s->column = ae_batches_columns(b, k);
    s->weight_at[0] = 0;
    for (uint32_t at = 0; at < s->n_rows; at++) {
        const uint32_t r = s->order[at];
        s->weight_at[at + 1] = s->weight_at[at] + (uint32_t)(start[r + 1] - start[r]);
    }
}

static void begin_adam(struct ae_step *s, const struct adam_rule *rule) {
    struct adam_rule of_bias = *rule;
    of_bias.l2 = 0;
    s->now_in = adam_begin(&s->in, rule);
    s->now_in_bias = s->now_in;
    s->now_in_bias.l2 = 0;
    s->now_out = adam_begin(&s->out, rule);
    s->now_out_bias = adam_begin(&s->out_bias, &of_bias);
}

rk_status ae_step_batch(struct ae_step *s, uint32_t k, double *squares) {
    const rk_host *host = s->host;
    begin_batch(s, k);
    const struct adam_rule rule = {.rate = s->rule->rate,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-6,
        .l2 = s->rule->lambda * s->n_rows / s->batches->rows->n_filled};
    rk_status status = host->parallel_for(host, s->n_rows, ROWS_A_PIECE, encode_piece, s);
    if (status == RK_OK) status = middle_forward(s);
    if (status == RK_OK)
        status = host->parallel_for(host, s->n_rows, ROWS_A_PIECE, decode_piece, s);
    if (status == RK_OK) status = middle_backward(s, &rule);
    if (status != RK_OK) return status;
    begin_adam(s, &rule);
    *squares = 0;
    for (uint32_t p = 0; p * ROWS_A_PIECE < s->n_rows; p++) *squares += s->squares[p];
    return host->parallel_for(host, s->net->n_in, COLUMNS_A_PIECE, column_piece, s);
}
