#include "hybrid_batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"
#include "common/linalg.h"
#include "common/product.h"
#include "hybrid_streams.h"

enum { ROWS_A_PIECE = 48, INPUTS_A_PIECE = 24, COLUMNS_A_PIECE = 16 };

// ---- Room --------------------------------------------------------------------------------------

static bool init_side(struct hybrid_batch *b, int side) {
    const struct hybrid_shape *s = &b->net->shape;
    const size_t n = b->room;
    b->vector[side] = linalg_new(n, s->width);
    b->delta[side] = linalg_new(n, s->width);
    b->mask[side] = b->dropout.factors > 0 ? linalg_new(n, s->factors) : NULL;
    b->first_transposed[side] = linalg_new(s->first, s->factors);
    b->gradient.own[side] = linalg_new(n, s->stride);
    b->gradient.feature[side] = linalg_new(b->net->in.features[side]->n_cols, s->width);
    return hybrid_slots_init(&b->slots[side], n, b->net->in.n[side]) && b->vector[side] &&
           b->delta[side] && (b->mask[side] || !(b->dropout.factors > 0)) &&
           b->first_transposed[side] && b->gradient.own[side] && b->gradient.feature[side];
}

static bool init_layers(struct hybrid_batch *b) {
    const struct hybrid_shape *s = &b->net->shape;
    size_t hidden = 0;
    bool ok = true;
    for (size_t l = 0; l < s->n_layers; l++) {
        b->z[l] = linalg_new(b->room, s->hidden[l]);
        b->y[l] = linalg_new(b->room, s->hidden[l]);
        b->dz[l] = linalg_new(b->room, s->hidden[l]);
        const struct dense *next = &b->net->layer[l + 1];
        b->transposed[l + 1] = linalg_new(next->n_in, next->n_out);
        hidden += s->hidden[l];
        ok = ok && b->z[l] && b->y[l] && b->dz[l] && b->transposed[l + 1];
    }
    b->dz[s->n_layers] = linalg_new(b->room, 1);
    if (b->dropout.layers > 0) b->layer_mask = linalg_new(b->room, hidden);
    return ok && b->dz[s->n_layers] && (b->layer_mask || !(b->dropout.layers > 0));
}

rk_status hybrid_batch_init(struct hybrid_batch *b, const struct hybrid_net *net,
    const rk_host *host, const struct hybrid_dropout *dropout, size_t room) {
    *b = (struct hybrid_batch){.net = net, .host = host, .dropout = *dropout, .room = room};
    bool ok = init_layers(b);
    for (int side = 0; side < HYBRID_SIDES; side++) ok = ok && init_side(b, side);
    b->chance = malloc(2 * room * sizeof *b->chance);
    b->loss = malloc((room / ROWS_A_PIECE + 1) * sizeof *b->loss);
    b->gradient.dense = linalg_new(net->n_dense, 1);
    if (net->in.implicit)
        b->gradient.implicit = linalg_new(net->in.n[HYBRID_ITEM], net->shape.stride);
    if (ok && b->chance && b->loss && b->gradient.dense &&
        (b->gradient.implicit || !net->in.implicit))
        return RK_OK;
    hybrid_batch_done(b);
    return RK_E_MEMORY;
}

// With all that may be dropped.
uint64_t hybrid_batch_bytes(const struct hybrid_shape *s, const uint32_t n[HYBRID_SIDES],
    const uint64_t n_columns[HYBRID_SIDES], bool implicit, uint64_t room) {
    uint64_t bytes = 2 * room * sizeof(float) + (room / ROWS_A_PIECE + 1) * sizeof(double) +
                     linalg_bytes(hybrid_net_dense(s), 1) + linalg_bytes(room, 1);
    size_t hidden = 0;
    for (size_t l = 0; l < s->n_layers; l++) {
        const size_t n_out = l + 1 < s->n_layers ? s->hidden[l + 1] : 1;
        bytes += 3 * linalg_bytes(room, s->hidden[l]) + linalg_bytes(s->hidden[l], n_out);
        hidden += s->hidden[l];
    }
    bytes += linalg_bytes(room, hidden);
    if (implicit) bytes += linalg_bytes(n[HYBRID_ITEM], s->stride);
    for (int side = 0; side < HYBRID_SIDES; side++)
        bytes += 2 * linalg_bytes(room, s->width) + linalg_bytes(room, s->factors) +
                 linalg_bytes(s->first, s->factors) + linalg_bytes(room, s->stride) +
                 linalg_bytes(n_columns[side], s->width) + hybrid_slots_bytes(room, n[side]);
    return bytes;
}

void hybrid_batch_done(struct hybrid_batch *b) {
    for (int side = 0; side < HYBRID_SIDES; side++) {
        hybrid_slots_done(&b->slots[side]);
        linalg_free(b->vector[side]);
        linalg_free(b->mask[side]);
        linalg_free(b->delta[side]);
        linalg_free(b->first_transposed[side]);
        linalg_free(b->gradient.own[side]);
        linalg_free(b->gradient.feature[side]);
    }
    for (size_t l = 0; l < HYBRID_MAX_LAYERS; l++) {
        linalg_free(b->z[l]);
        linalg_free(b->y[l]);
        linalg_free(b->dz[l]);
        linalg_free(b->transposed[l + 1]);
    }
    linalg_free(b->dz[HYBRID_MAX_LAYERS]);
    linalg_free(b->layer_mask);
    free(b->chance);
    free(b->loss);
    linalg_free(b->gradient.dense);
    linalg_free(b->gradient.implicit);
    *b = (struct hybrid_batch){0};
}

// ---- Dropout -----------------------------------------------------------------------------------

enum { MASKS_AT_ONCE = 64, MASKS_EACH = 3 }; // a uniform number has 24 random bits

// out[k]: 0 if byte k of the numbers' bits is below `limit`, else `kept`.
KERNEL_CLONES
static void fill_mask(const float *u, uint32_t limit, float kept, float *out) {
    for (size_t k = 0; k < MASKS_AT_ONCE; k++) {
        const uint32_t bits = (uint32_t)(int32_t)(u[k] * 0x1p24f);
        out[k] = (bits & 255) < limit ? 0 : kept;
        out[MASKS_AT_ONCE + k] = (bits >> 8 & 255) < limit ? 0 : kept;
        out[2 * MASKS_AT_ONCE + k] = bits >> 16 < limit ? 0 : kept;
    }
}

// out[k]: 0 with chance `share`, to 1/256 of it, else what makes up for that.
static void draw_mask(const rk_host *host, uint64_t stream, double share, float *out, size_t n) {
    enum { ALL = MASKS_AT_ONCE * MASKS_EACH };
    const uint32_t limit = (uint32_t)(share * 256 + 0.5);
    const float kept = 256.0f / (float)(256 - limit);
    float u[MASKS_AT_ONCE], rest[ALL];
    for (; n > 0; stream++) {
        host->uniform(host, stream, u, MASKS_AT_ONCE);
        const size_t count = n < ALL ? n : ALL;
        fill_mask(u, limit, kept, n < ALL ? rest : out);
        if (n < ALL) memcpy(out, rest, n * sizeof *out);
        out += count;
        n -= count;
    }
}

KERNEL_CLONES
static void multiply(float *restrict x, const float *restrict mask, size_t n) {
    for (size_t k = 0; k < n; k++) x[k] *= mask[k];
}

// ---- One batch ---------------------------------------------------------------------------------

struct work {
    struct hybrid_batch *b;
    const struct hybrid_ratings *ratings;
    const uint32_t *at;
    size_t n;
    uint64_t stream; // of this batch: bits below are of its rows
    int side;
};

// Slots of both sides.
static rk_status find_slots(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    struct hybrid_batch *b = w->b;
    for (size_t side = begin; side < end; side++) {
        float *chance = b->chance + side * b->room;
        b->host->uniform(b->host, (HYBRID_ID_STREAM + side) << 56 | w->stream, chance, w->n);
        hybrid_slots_fill(&b->slots[side],
            side == HYBRID_USER ? w->ratings->user : w->ratings->item, w->at, w->n, chance,
            b->dropout.ids[side]);
    }
    return RK_OK;
}

static rk_status slots_forward(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    const struct hybrid_slots *slots = &b->slots[w->side];
    float *vectors = b->vector[w->side];
    for (size_t k = begin; k < end; k++) {
        float *out = vectors + k * s->width;
        hybrid_row(b->net, w->side, slots->key[k] / 2, slots->key[k] % 2, out);
        if (!b->mask[w->side]) continue;
        float *mask = b->mask[w->side] + k * s->factors;
        const uint64_t purpose = HYBRID_SLOT_DROPOUT_STREAM + (uint64_t)w->side;
        draw_mask(
            b->host, purpose << 56 | (w->stream + (k << 4)), b->dropout.factors, mask, s->factors);
        multiply(out, mask, s->factors);
    }
    hybrid_rows_first(b->net, w->side, vectors + begin * s->width, end - begin);
    return RK_OK;
}

// The layers' outputs for ratings begin .. end - 1.
static void layers_forward(const struct work *w, size_t begin, size_t end) {
    struct hybrid_batch *b = w->b;
    const struct hybrid_net *net = b->net;
    const struct hybrid_shape *s = &net->shape;
    size_t hidden = 0; // of the layers before, for the whole room
    for (size_t r = begin; r < end; r++) {
        const float *p = b->vector[HYBRID_USER] + b->slots[HYBRID_USER].of_row[r] * s->width,
                    *q = b->vector[HYBRID_ITEM] + b->slots[HYBRID_ITEM].of_row[r] * s->width;
        float *z = b->z[0] + r * s->first;
        for (size_t j = 0; j < s->first; j++)
            z[j] = p[s->stride + j] + q[s->stride + j] + net->first_bias[j];
    }
    for (size_t l = 0; l < s->n_layers; l++) {
        const size_t n = s->hidden[l], first = begin * n, count = (end - begin) * n;
        if (l == 0)
            dense_activate(s->activation, b->z[0] + first, b->y[0] + first, count);
        else
            dense_forward_rows(&net->layer[l], b->y[l - 1] + begin * s->hidden[l - 1], end - begin,
                b->z[l] + first, b->y[l] + first);
        if (!b->layer_mask) continue;
        float *mask = b->layer_mask + hidden + first;
        draw_mask(b->host,
            (uint64_t)HYBRID_ROW_DROPOUT_STREAM << 56 |
                (w->stream + (begin / ROWS_A_PIECE << 12) + (l << 9)),
            b->dropout.layers, mask, count);
        multiply(b->y[l] + first, mask, count);
        hidden += b->room * n;
    }
}

// dL/dz of each layer from that of the output.
static void layers_backward(const struct work *w, size_t begin, size_t end) {
    struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    size_t hidden = 0;
    for (size_t l = 0; l < s->n_layers; l++) hidden += b->room * s->hidden[l];
    for (size_t l = s->n_layers; l-- > 0;) {
        const size_t n = s->hidden[l], first = begin * n, count = (end - begin) * n;
        const struct dense *next = &b->net->layer[l + 1];
        float *dz = b->dz[l] + first;
        hidden -= b->room * n;
        dense_back_rows(
            next, b->transposed[l + 1], b->dz[l + 1] + begin * next->n_out, end - begin, dz);
        if (b->layer_mask) multiply(dz, b->layer_mask + hidden + first, count);
        dense_slope(s->activation, b->z[l] + first, b->y[l] + first, dz, count);
    }
}

static rk_status rows_both_ways(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    float out[ROWS_A_PIECE] = {0}, *slope = b->dz[s->n_layers] + begin;
    double loss = 0;
    if (s->n_layers > 0) {
        layers_forward(w, begin, end);
        const size_t last = s->n_layers;
        dense_forward_rows(&b->net->layer[last], b->y[last - 1] + begin * s->hidden[last - 1],
            end - begin, out, out);
    }
    for (size_t r = begin; r < end; r++) {
        const float *p = b->vector[HYBRID_USER] + b->slots[HYBRID_USER].of_row[r] * s->width,
                    *q = b->vector[HYBRID_ITEM] + b->slots[HYBRID_ITEM].of_row[r] * s->width;
        const float v = linalg_dot(p, q, s->factors) + p[s->factors] + q[s->factors];
        const float error = hybrid_link_at(&b->net->link, v + out[r - begin], &slope[r - begin]) -
                            w->ratings->value[w->at[r]];
        slope[r - begin] *= error;
        loss += (double)error * error / 2;
    }
    if (s->n_layers > 0) layers_backward(w, begin, end);
    b->loss[begin / ROWS_A_PIECE] = loss;
    return RK_OK;
}

KERNEL_CLONES
static void add(float *restrict to, const float *restrict from, size_t n) {
    for (size_t k = 0; k < n; k++) to[k] += from[k];
}

// dL/dvector: of factors by the dot product and by the first layer, of the bias, and of the first
// layer's sums.
static rk_status slots_backward(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    const struct hybrid_slots *slots = &b->slots[w->side], *others = &b->slots[!w->side];
    float *delta = b->delta[w->side];
    const float *output = b->dz[s->n_layers];
    for (size_t k = begin; k < end; k++) {
        float *d = delta + k * s->width;
        memset(d, 0, s->width * sizeof *d);
        for (uint32_t e = slots->start[k]; e < slots->start[k + 1]; e++) {
            const uint32_t r = slots->row[e];
            if (s->n_layers > 0) add(d + s->stride, b->dz[0] + r * s->first, s->first);
        }
    }
    if (s->n_layers > 0) {
        const struct product p = {.m = end - begin,
            .n = s->factors,
            .depth = s->first,
            .a = delta + begin * s->width + s->stride,
            .a_row = s->width,
            .a_col = 1,
            .b = b->first_transposed[w->side],
            .b_row = s->factors,
            .c = delta + begin * s->width,
            .c_row = s->width};
        product_run(&p);
    }
    for (size_t k = begin; k < end; k++) {
        float *d = delta + k * s->width;
        for (uint32_t e = slots->start[k]; e < slots->start[k + 1]; e++) {
            const uint32_t r = slots->row[e];
            linalg_axpy(
                d, output[r], b->vector[!w->side] + others->of_row[r] * s->width, s->factors);
            d[s->factors] += output[r];
        }
        if (b->mask[w->side]) multiply(d, b->mask[w->side] + k * s->factors, s->factors);
    }
    return RK_OK;
}

// ---- Gradients of parameters -------------------------------------------------------------------

// Rows of users or items, of the kept slots begin .. end - 1.
static rk_status own_gradient(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    const struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    for (size_t k = begin; k < end; k++)
        memcpy(b->gradient.own[w->side] + k * s->stride,
            b->delta[w->side] + b->slots[w->side].kept[k] * s->width, s->stride * sizeof(float));
    return RK_OK;
}

KERNEL_CLONES
static void scatter(float *restrict to, size_t to_stride, const float *restrict from,
    const uint32_t *col, const float *value, float scale, size_t n_rows, size_t n) {
    if (n == COLUMNS_A_PIECE) {
        float x[COLUMNS_A_PIECE];
        memcpy(x, from, sizeof x);
        for (size_t e = 0; e < n_rows; e++) {
            const float v = value ? value[e] : scale;
            float *row = to + (size_t)col[e] * to_stride;
            for (size_t c = 0; c < COLUMNS_A_PIECE; c++) row[c] += v * x[c];
        }
    } else {
        for (size_t e = 0; e < n_rows; e++)
            for (size_t c = 0; c < n; c++)
                to[(size_t)col[e] * to_stride + c] += (value ? value[e] : scale) * from[c];
    }
}

// Columns begin .. end - 1 of the features' rows.
static rk_status feature_gradient(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    const struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    const struct hybrid_slots *slots = &b->slots[w->side];
    const rk_csr *f = b->net->in.features[w->side];
    float *to = b->gradient.feature[w->side];
    for (uint32_t k = 0; k < f->n_cols; k++)
        memset(to + k * s->width + begin, 0, (end - begin) * sizeof *to);
    for (uint32_t k = 0; k < slots->n; k++) {
        const uint64_t first = f->start[slots->key[k] / 2];
        scatter(to + begin, s->width, b->delta[w->side] + k * s->width + begin, f->col + first,
            f->value + first, 0, f->start[slots->key[k] / 2 + 1] - first, end - begin);
    }
    return RK_OK;
}

// Columns begin .. end - 1 of what each rated item says.
static rk_status implicit_gradient(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    const struct hybrid_batch *b = w->b;
    const struct hybrid_shape *s = &b->net->shape;
    const struct hybrid_slots *slots = &b->slots[HYBRID_USER];
    const rk_csr *rated = b->net->in.implicit;
    float *to = b->gradient.implicit;
    for (uint32_t i = 0; i < rated->n_cols; i++)
        memset(to + i * s->stride + begin, 0, (end - begin) * sizeof *to);
    for (uint32_t k = 0; k < slots->n_kept; k++) {
        const uint64_t first = rated->start[slots->kept_id[k]],
                       n = rated->start[slots->kept_id[k] + 1] - first;
        scatter(to + begin, s->stride, b->delta[HYBRID_USER] + slots->kept[k] * s->width + begin,
            rated->col + first, NULL, hybrid_implicit_scale(n), n, end - begin);
    }
    return RK_OK;
}

// Rows begin .. end - 1 of the first layer's weights for one side's factors; with the first row,
// the layer's bias.
static rk_status first_gradient(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    const struct hybrid_batch *b = w->b;
    const struct hybrid_net *net = b->net;
    const struct hybrid_shape *s = &net->shape;
    float *to = b->gradient.dense + (net->first[w->side] - net->dense);
    const struct product p = {.m = end - begin,
        .n = s->first,
        .depth = b->slots[w->side].n,
        .a = b->vector[w->side] + begin,
        .a_row = 1,
        .a_col = s->width,
        .b = b->delta[w->side] + s->stride,
        .b_row = s->width,
        .c = to + begin * s->first,
        .c_row = s->first};
    product_run(&p);
    if (begin > 0 || w->side != HYBRID_USER) return RK_OK;
    const struct dense bias = {.n_in = 0, .n_out = (uint32_t)s->first};
    dense_bias_gradient(&bias, b->dz[0], w->n, b->gradient.dense + (net->first_bias - net->dense));
    return RK_OK;
}

// Rows begin .. end - 1 of layer `side`'s weights.
static rk_status layer_gradient(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct work *w = arg;
    const struct hybrid_batch *b = w->b;
    const size_t l = (size_t)w->side;
    const struct dense *layer = &b->net->layer[l];
    float *to = b->gradient.dense + (layer->weight - b->net->dense);
    dense_weight_gradient(layer, b->y[l - 1], b->dz[l], w->n, begin, end, to);
    if (begin == 0)
        dense_bias_gradient(
            layer, b->dz[l], w->n, b->gradient.dense + (layer->bias - b->net->dense));
    return RK_OK;
}

static rk_status all_gradients(struct work *w) {
    const struct hybrid_batch *b = w->b;
    const struct hybrid_net *net = b->net;
    const struct hybrid_shape *s = &net->shape;
    const rk_host *host = b->host;
    rk_status status = RK_OK;
    for (int side = 0; side < HYBRID_SIDES && status == RK_OK; side++) {
        w->side = side;
        status = host->parallel_for(host, b->slots[side].n_kept, ROWS_A_PIECE, own_gradient, w);
        if (status == RK_OK && s->n_layers > 0)
            status = host->parallel_for(host, s->factors, INPUTS_A_PIECE, first_gradient, w);
        if (status == RK_OK && net->in.features[side]->n_cols > 0)
            status = host->parallel_for(host, s->width, COLUMNS_A_PIECE, feature_gradient, w);
    }
    if (status == RK_OK && net->in.implicit)
        status = host->parallel_for(host, s->stride, COLUMNS_A_PIECE, implicit_gradient, w);
    for (size_t l = 1; l <= s->n_layers && status == RK_OK; l++) {
        w->side = (int)l;
        status = host->parallel_for(host, s->hidden[l - 1], INPUTS_A_PIECE, layer_gradient, w);
    }
    return status;
}

static void transpose_all(struct hybrid_batch *b) {
    const struct hybrid_shape *s = &b->net->shape;
    for (size_t l = 1; l <= s->n_layers; l++) dense_transpose(&b->net->layer[l], b->transposed[l]);
    for (int side = 0; side < HYBRID_SIDES; side++) {
        const struct dense first = {.n_in = (uint32_t)s->factors,
            .n_out = (uint32_t)s->first,
            .weight = b->net->first[side]};
        dense_transpose(&first, b->first_transposed[side]);
    }
}

rk_status hybrid_batch_run(struct hybrid_batch *b, const struct hybrid_ratings *ratings,
    const uint32_t *at, size_t n, uint32_t member, uint64_t turn, double *loss) {
    const rk_host *host = b->host;
    struct work w = {b, ratings, at, n, hybrid_stream(0, member, turn << 24), 0};
    transpose_all(b);
    rk_status status = host->parallel_for(host, HYBRID_SIDES, 1, find_slots, &w);
    for (w.side = 0; w.side < HYBRID_SIDES && status == RK_OK; w.side++)
        status = host->parallel_for(host, b->slots[w.side].n, ROWS_A_PIECE, slots_forward, &w);
    if (status == RK_OK) status = host->parallel_for(host, n, ROWS_A_PIECE, rows_both_ways, &w);
    for (w.side = 0; w.side < HYBRID_SIDES && status == RK_OK; w.side++)
        status = host->parallel_for(host, b->slots[w.side].n, ROWS_A_PIECE, slots_backward, &w);
    if (status == RK_OK) status = all_gradients(&w);
    for (size_t k = 0; k * ROWS_A_PIECE < n && status == RK_OK; k++) *loss += b->loss[k];
    return status;
}
