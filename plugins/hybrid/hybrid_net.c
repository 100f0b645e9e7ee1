#include "hybrid_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"
#include "common/linalg.h"
#include "common/product.h"
#include "hybrid_streams.h"

enum { ROWS_AT_ONCE = 48, ANSWERS_AT_ONCE = 48 }; // multiples of the 6 rows of product.c's tiles

static const double MARGIN = 1.0 / 16; // of the sigmoid's range beyond the scale's, over its width

struct hybrid_shape hybrid_shape_of(const rk_params *p) {
    struct hybrid_shape s = {.factors = (size_t)p->factors,
        .stride = linalg_pad((size_t)p->factors + 1),
        .n_layers = p->layers.n,
        .activation = p->activation ? DENSE_GELU : DENSE_RELU};
    for (size_t l = 0; l < s.n_layers; l++) s.hidden[l] = (size_t)p->layers.at[l];
    s.first = s.hidden[0];
    s.width = s.stride + s.first;
    return s;
}

struct hybrid_link hybrid_link_of(
    enum hybrid_output o, const rk_data *d, const struct standard *s, double mean) {
    struct hybrid_link l = {.output = s->unit > 0 ? o : HYBRID_LINEAR, .mean = (float)mean};
    if (l.output == HYBRID_LINEAR) return l;
    const double width = ((double)d->rating_max - d->rating_min) / s->unit;
    const double low = (d->rating_min - s->center) / s->unit - MARGIN * width;
    const double range = width * (1 + 2 * MARGIN);
    double at = (mean - low) / range;
    at = at < 0.01 ? 0.01 : at > 0.99 ? 0.99 : at;
    l.low = (float)low;
    l.range = (float)range;
    l.at_0 = (float)log(at / (1 - at));
    l.scale = (float)(1 / (range * at * (1 - at)));
    return l;
}

float hybrid_link_at(const struct hybrid_link *l, float v, float *slope) {
    if (l->output == HYBRID_LINEAR) {
        *slope = 1;
        return l->mean + v;
    }
    const float z = l->at_0 + l->scale * v;
    float s;
    dense_activate(DENSE_SIGMOID, &z, &s, 1);
    *slope = l->range * l->scale * s * (1 - s);
    return l->low + l->range * s;
}

// ---- Parameters --------------------------------------------------------------------------------

size_t hybrid_net_dense(const struct hybrid_shape *s) {
    size_t n = 2 * s->factors * s->first + s->first;
    for (size_t l = 1; l < s->n_layers; l++) n += s->hidden[l - 1] * s->hidden[l] + s->hidden[l];
    return s->n_layers ? n + s->hidden[s->n_layers - 1] + 1 : 0;
}

static void lay_out(struct hybrid_net *net) {
    const struct hybrid_shape *s = &net->shape;
    float *at = net->dense;
    for (int side = 0; side < HYBRID_SIDES; side++) {
        net->first[side] = at;
        at += s->factors * s->first;
    }
    net->first_bias = at;
    at += s->first;
    for (size_t l = 1; l <= s->n_layers; l++) {
        const bool last = l == s->n_layers;
        const size_t n_in = s->hidden[l - 1], n_out = last ? 1 : s->hidden[l];
        net->layer[l] = (struct dense){(uint32_t)n_in, (uint32_t)n_out,
            last ? DENSE_LINEAR : s->activation, at, at + n_in * n_out};
        at += n_in * n_out + n_out;
    }
}

static bool allocate(struct hybrid_net *net) {
    const struct hybrid_shape *s = &net->shape;
    bool ok = true;
    for (int side = 0; side < HYBRID_SIDES; side++) {
        net->own[side] = linalg_new(net->in.n[side], s->stride);
        net->feature[side] = linalg_new(net->in.features[side]->n_cols, s->width);
        ok = ok && net->own[side] && net->feature[side];
    }
    net->n_dense = hybrid_net_dense(s);
    net->dense = linalg_new(net->n_dense, 1);
    if (net->in.implicit) net->implicit = linalg_new(net->in.n[HYBRID_ITEM], s->stride);
    return ok && net->dense && (net->implicit || !net->in.implicit);
}

static void draw(const rk_host *host, uint64_t stream, float *out, size_t n, double sd) {
    host->normal(host, stream, out, n);
    for (size_t k = 0; k < n; k++) out[k] *= (float)sd;
}

static void start_rows(struct hybrid_net *net, const rk_host *host, double sd, uint32_t member) {
    const struct hybrid_shape *s = &net->shape;
    for (int side = 0; side < HYBRID_SIDES; side++) {
        const uint64_t stream = hybrid_stream(HYBRID_OWN_STREAM + (uint64_t)side, member, 0);
        for (uint32_t r = 0; r < net->in.n[side]; r++) {
            float *row = net->own[side] + (size_t)r * s->stride;
            draw(host, stream + r, row, s->factors, sd);
            row[s->factors] = net->in.bias[side][r];
        }
    }
    // Features and rated items start at 0: users' and items' own factors break the symmetry.
}

// He et al., "Delving deep into rectifiers", ICCV 2015: variance 2 / inputs. The output starts at
// 0, so that the net starts as its factors and biases.
static void start_layers(struct hybrid_net *net, const rk_host *host, uint32_t member) {
    const struct hybrid_shape *s = &net->shape;
    if (s->n_layers == 0) return;
    draw(host, hybrid_stream(HYBRID_LAYER_STREAM, member, 0), net->dense, 2 * s->factors * s->first,
        sqrt(1.0 / (double)s->factors));
    for (size_t l = 1; l < s->n_layers; l++)
        draw(host, hybrid_stream(HYBRID_LAYER_STREAM, member, l), net->layer[l].weight,
            s->hidden[l - 1] * s->hidden[l], sqrt(2.0 / (double)s->hidden[l - 1]));
}

rk_status hybrid_net_init(struct hybrid_net *net, const rk_host *host,
    const struct hybrid_shape *shape, const struct hybrid_inputs *in, double sd, uint32_t member) {
    *net = (struct hybrid_net){.shape = *shape, .in = *in};
    if (!allocate(net)) {
        hybrid_net_done(net);
        return RK_E_MEMORY;
    }
    lay_out(net);
    start_rows(net, host, sd, member);
    start_layers(net, host, member);
    return RK_OK;
}

uint64_t hybrid_net_answer_bytes(const struct hybrid_shape *s) {
    return linalg_bytes(hybrid_net_dense(s), 1);
}

uint64_t hybrid_net_learn_bytes(const struct hybrid_shape *s, const uint32_t n[HYBRID_SIDES],
    const uint64_t n_columns[HYBRID_SIDES], bool implicit) {
    uint64_t bytes = implicit ? linalg_bytes(n[HYBRID_ITEM], s->stride) : 0;
    for (int side = 0; side < HYBRID_SIDES; side++)
        bytes += linalg_bytes(n[side], s->stride) + linalg_bytes(n_columns[side], s->width);
    return bytes;
}

void hybrid_net_settle(struct hybrid_net *net) {
    for (int side = 0; side < HYBRID_SIDES; side++) {
        linalg_free(net->own[side]);
        linalg_free(net->feature[side]);
        net->own[side] = net->feature[side] = NULL;
    }
    linalg_free(net->implicit);
    net->implicit = NULL;
    net->in = (struct hybrid_inputs){
        .n = {net->in.n[HYBRID_USER], net->in.n[HYBRID_ITEM]}, .mean = net->in.mean};
}

void hybrid_net_done(struct hybrid_net *net) {
    hybrid_net_settle(net);
    linalg_free(net->dense);
    *net = (struct hybrid_net){0};
}

static void link_fields(struct hybrid_link *l, struct state *s) {
    uint32_t output = (uint32_t)l->output;
    STATE_NUMBER(s, output);
    state_judge(s, output <= HYBRID_SIGMOID, "another output");
    if (s->loading) l->output = output == HYBRID_SIGMOID ? HYBRID_SIGMOID : HYBRID_LINEAR;
    STATE_NUMBER(s, l->low);
    STATE_NUMBER(s, l->range);
    STATE_NUMBER(s, l->at_0);
    STATE_NUMBER(s, l->scale);
    STATE_NUMBER(s, l->mean);
}

void hybrid_net_fields(struct hybrid_net *net, struct state *s, const rk_params *p) {
    if (s->loading) {
        net->shape = hybrid_shape_of(p);
        net->n_dense = hybrid_net_dense(&net->shape);
    }
    state_same(s, net->shape.width, "factors or layers of another size");
    for (int side = 0; side < HYBRID_SIDES; side++) STATE_NUMBER(s, net->in.n[side]);
    link_fields(&net->link, s);
    STATE_ARRAY(s, net->dense, net->n_dense);
    if (s->loading && s->status == RK_OK) lay_out(net);
}

// ---- Rows --------------------------------------------------------------------------------------

KERNEL_CLONES
static void add_rows(float *restrict out, const float *restrict table, size_t stride, size_t n,
    const uint32_t *col, const float *value, float scale, size_t n_rows) {
    for (size_t e = 0; e < n_rows; e++) {
        const float *row = table + (size_t)col[e] * stride;
        const float v = value ? value[e] : scale;
        for (size_t f = 0; f < n; f++) out[f] += v * row[f];
    }
}

void hybrid_row(const struct hybrid_net *net, int side, uint32_t r, bool dropped, float *out) {
    const struct hybrid_shape *s = &net->shape;
    const rk_csr *f = net->in.features[side], *rated = net->in.implicit;
    memset(out, 0, s->width * sizeof *out);
    if (!dropped) memcpy(out, net->own[side] + (size_t)r * s->stride, s->stride * sizeof *out);
    if (f->n_cols > 0)
        add_rows(out, net->feature[side], s->width, s->width, f->col + f->start[r],
            f->value + f->start[r], 0, f->start[r + 1] - f->start[r]);
    if (side == HYBRID_USER && rated && !dropped) {
        const uint64_t n = rated->start[r + 1] - rated->start[r];
        add_rows(out, net->implicit, s->stride, s->stride, rated->col + rated->start[r], NULL,
            hybrid_implicit_scale(n), n);
    }
}

void hybrid_rows_first(const struct hybrid_net *net, int side, float *rows, size_t n) {
    const struct hybrid_shape *s = &net->shape;
    if (s->n_layers == 0) return;
    // The products replace what they begin with, and it differs from row to row.
    float part[ROWS_AT_ONCE * 64];
    for (size_t j = 0; j < s->first; j += 64) {
        const size_t n_cols = s->first - j < 64 ? s->first - j : 64;
        for (size_t r = 0; r < n; r += ROWS_AT_ONCE) {
            const size_t n_rows = n - r < ROWS_AT_ONCE ? n - r : ROWS_AT_ONCE;
            const struct product p = {.m = n_rows,
                .n = n_cols,
                .depth = s->factors,
                .a = rows + r * s->width,
                .a_row = s->width,
                .a_col = 1,
                .b = net->first[side] + j,
                .b_row = s->first,
                .c = part,
                .c_row = 64};
            product_run(&p);
            for (size_t k = 0; k < n_rows; k++) {
                float *out = rows + (r + k) * s->width + s->stride + j;
                for (size_t c = 0; c < n_cols; c++) out[c] += part[k * 64 + c];
            }
        }
    }
}

// ---- Predictions -------------------------------------------------------------------------------

struct filling {
    const struct hybrid_net *net;
    float *rows;
    int side;
};

static rk_status fill_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct filling *f = arg;
    const size_t width = f->net->shape.width;
    for (size_t r = begin; r < end; r++)
        hybrid_row(f->net, f->side, (uint32_t)r, false, f->rows + r * width);
    hybrid_rows_first(f->net, f->side, f->rows + begin * width, end - begin);
    return RK_OK;
}

rk_status hybrid_rows_init(
    struct hybrid_rows *rows, const struct hybrid_net *net, const rk_host *host) {
    *rows = (struct hybrid_rows){0};
    rk_status status = RK_OK;
    for (int side = 0; side < HYBRID_SIDES && status == RK_OK; side++) {
        rows->row[side] = linalg_new(net->in.n[side], net->shape.width);
        if (!rows->row[side]) status = RK_E_MEMORY;
        struct filling f = {net, rows->row[side], side};
        if (status == RK_OK)
            status = host->parallel_for(host, net->in.n[side], ROWS_AT_ONCE, fill_piece, &f);
    }
    if (status != RK_OK) hybrid_rows_done(rows);
    return status;
}

uint64_t hybrid_rows_bytes(const struct hybrid_shape *s, const uint32_t n[HYBRID_SIDES]) {
    return linalg_bytes(n[HYBRID_USER], s->width) + linalg_bytes(n[HYBRID_ITEM], s->width);
}

void hybrid_rows_done(struct hybrid_rows *rows) {
    for (int side = 0; side < HYBRID_SIDES; side++) linalg_free(rows->row[side]);
    *rows = (struct hybrid_rows){0};
}

void hybrid_rows_fields(struct hybrid_rows *rows, struct state *s, const struct hybrid_net *net) {
    for (int side = 0; side < HYBRID_SIDES; side++)
        STATE_ARRAY(s, rows->row[side], net->in.n[side] * net->shape.width);
}

// Room for the outputs of a layer, of ANSWERS_AT_ONCE pairs.
struct layer_room {
    float *x, *y; // [pairs at once][the widest layer]
};

// What the layers say of n pairs, by their outputs: into room->x.
static void run_layers(const struct hybrid_net *net, const struct hybrid_rows *rows,
    const uint32_t *users, const uint32_t *items, size_t n, struct layer_room *room) {
    const struct hybrid_shape *s = &net->shape;
    for (size_t k = 0; k < n; k++) {
        const float *p = rows->row[HYBRID_USER] + users[k] * s->width + s->stride,
                    *q = rows->row[HYBRID_ITEM] + items[k] * s->width + s->stride;
        float *x = room->x + k * s->first;
        for (size_t j = 0; j < s->first; j++) x[j] = p[j] + q[j] + net->first_bias[j];
    }
    dense_activate(s->activation, room->x, room->x, n * s->first);
    for (size_t l = 1; l <= s->n_layers; l++) {
        dense_forward_rows(&net->layer[l], room->x, n, room->y, room->y);
        float *const other = room->x;
        room->x = room->y;
        room->y = other;
    }
}

static void answer_some(const struct hybrid_net *net, const struct hybrid_rows *rows,
    const uint32_t *users, const uint32_t *items, size_t n, struct layer_room *room, float *out) {
    const struct hybrid_shape *s = &net->shape;
    if (s->n_layers > 0) run_layers(net, rows, users, items, n, room);
    for (size_t k = 0; k < n; k++) {
        const float *p = rows->row[HYBRID_USER] + users[k] * s->width,
                    *q = rows->row[HYBRID_ITEM] + items[k] * s->width;
        float v = linalg_dot(p, q, s->factors) + p[s->factors] + q[s->factors], slope;
        if (s->n_layers > 0) v += room->x[k];
        out[k] = hybrid_link_at(&net->link, v, &slope);
    }
}

rk_status hybrid_answers(const struct hybrid_net *net, const struct hybrid_rows *rows,
    const rk_pairs *pairs, float *out) {
    const struct hybrid_shape *s = &net->shape;
    const size_t most = pairs->n < ANSWERS_AT_ONCE ? pairs->n : ANSWERS_AT_ONCE;
    size_t widest = 1;
    for (size_t l = 0; l < s->n_layers; l++)
        if (s->hidden[l] > widest) widest = s->hidden[l];
    float *both = malloc((2 * most * widest + 1) * sizeof *both);
    if (!both) return RK_E_MEMORY;
    struct layer_room room = {.x = both, .y = both + most * widest};
    for (size_t k = 0; k < pairs->n; k += most) {
        const size_t n = pairs->n - k < most ? pairs->n - k : most;
        answer_some(net, rows, pairs->users + k, pairs->items + k, n, &room, out + k);
    }
    free(both);
    return RK_OK;
}
