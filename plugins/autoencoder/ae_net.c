#include "ae_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ae_kernel.h"
#include "common/kernel.h"
#include "common/linalg.h"

enum { ENCODED_A_PIECE = 16, ENCODED_AT_ONCE = 256, WEIGHTS_A_PIECE = 65536 };

static vec *vecs_new(size_t n_rows, size_t n_vecs) {
    return (vec *)(void *)linalg_new(n_rows, n_vecs * VEC_LANES);
}

static void draw(const rk_host *host, uint64_t stream, double range, float *w, size_t n) {
    host->uniform(host, stream, w, n);
    for (size_t k = 0; k < n; k++) w[k] = (float)(range * (2 * (double)w[k] - 1));
}

// Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010;
// four times that for a sigmoid, whose slope is a quarter.
static double middle_range(const struct ae_shape *s, uint32_t k) {
    const double range = sqrt(6.0 / ((double)s->width[k] + s->width[k + 1]));
    return s->activation == DENSE_SIGMOID ? 4 * range : range;
}

static bool middle_init(struct ae_net *n, uint32_t k, const rk_host *host, uint64_t stream) {
    const size_t n_in = n->n_vecs[k] * VEC_LANES, n_out = n->n_vecs[k + 1] * VEC_LANES;
    struct dense *d = &n->mid[k];
    *d = (struct dense){.n_in = (uint32_t)n_in,
        .n_out = (uint32_t)n_out,
        .activation = DENSE_LINEAR,
        .weight = linalg_new(n_in, n_out),
        .bias = linalg_new(1, n_out)};
    if (!d->weight || !d->bias) return false;
    const double range = middle_range(&n->shape, k);
    for (uint32_t i = 0; i < n->shape.width[k]; i++)
        draw(host, stream + i, range, d->weight + i * n_out, n->shape.width[k + 1]);
    return true;
}

bool ae_net_init(struct ae_net *n, const struct ae_shape *shape, uint32_t n_in, uint32_t n_out,
    const rk_host *host, uint64_t stream, double range) {
    *n = (struct ae_net){.shape = *shape, .n_in = n_in, .n_out = n_out};
    for (uint32_t k = 0; k < shape->n_layers; k++) n->n_vecs[k] = vec_count(shape->width[k]);
    const size_t first = n->n_vecs[0], last = n->n_vecs[ae_net_last(n)];
    n->in = vecs_new(n_in, first);
    n->out = vecs_new(n_out, last);
    n->out_bias = linalg_new(1, n_out);
    bool ok = n->in && n->out && n->out_bias;
    for (uint32_t k = 0; ok && k + 1 < shape->n_layers; k++)
        ok = middle_init(n, k, host, stream + ((k + 2ull) << 40));
    if (!ok) {
        ae_net_done(n);
        return false;
    }
    for (uint32_t c = 0; c + 1 < n_in; c++)
        draw(host, stream + c, range, (float *)(n->in + c * first), shape->width[0]);
    for (uint32_t c = 0; c < n_out; c++)
        draw(host, stream + (1ull << 40) + c, range, (float *)(n->out + c * last),
            shape->width[ae_net_last(n)]);
    return true;
}

static uint64_t units(const struct ae_shape *s, size_t layer) {
    return vec_count(s->width[layer]) * VEC_LANES;
}

uint64_t ae_net_bytes(const struct ae_shape *shape, uint64_t n_in, uint64_t n_out) {
    uint64_t bytes = linalg_bytes(n_in, units(shape, 0)) +
                     linalg_bytes(n_out, units(shape, shape->n_layers - 1)) +
                     linalg_bytes(1, n_out);
    for (uint32_t k = 0; k + 1 < shape->n_layers; k++)
        bytes += linalg_bytes(units(shape, k), units(shape, k + 1)) +
                 linalg_bytes(1, units(shape, k + 1));
    return bytes;
}

void ae_net_done(struct ae_net *n) {
    linalg_free((float *)n->in);
    linalg_free((float *)n->out);
    linalg_free(n->out_bias);
    for (int k = 0; k < AE_MOST_LAYERS; k++) {
        linalg_free(n->mid[k].weight);
        linalg_free(n->mid[k].bias);
    }
    *n = (struct ae_net){0};
}

void ae_net_fields(struct ae_net *n, struct state *s, uint32_t n_out) {
    if (s->loading) *n = (struct ae_net){.shape = {.n_layers = 1}, .n_out = n_out};
    const size_t last = ae_net_last(n);
    STATE_NUMBER(s, n->shape.width[last]);
    state_judge(s, n->shape.width[last] - 1 < AE_MOST_WIDTH, "a layer of another width");
    if (s->loading) n->n_vecs[last] = s->status == RK_OK ? vec_count(n->shape.width[last]) : 0;
    STATE_ARRAY(s, n->out, n_out * n->n_vecs[last]);
    STATE_ARRAY(s, n->out_bias, n_out);
}

void ae_net_activate(
    const struct ae_net *n, size_t layer, const float *z, float *y, size_t n_rows) {
    const size_t ld = n->n_vecs[layer] * VEC_LANES, width = n->shape.width[layer];
    dense_activate(n->shape.activation, z, y, n_rows * ld);
    if (width == ld) return;
    for (size_t r = 0; r < n_rows; r++) memset(y + r * ld + width, 0, (ld - width) * sizeof *y);
}

struct encoding {
    const struct ae_net *net;
    const struct ae_rows *rows;
    vec *hidden;
};

static void encode_known(const struct ae_net *n, const struct ae_rows *x, uint32_t r, vec *z) {
    const size_t n_vecs = n->n_vecs[0];
    const uint64_t first = x->ratings.start[r], last = x->ratings.start[r + 1];
    const float scale = (float)ae_rows_scale(x, last - first);
    float a[ENCODED_AT_ONCE];
    memcpy(z, n->in + (n->n_in - 1) * n_vecs, n_vecs * sizeof *z);
    for (uint64_t e = first; e < last; e += ENCODED_AT_ONCE) {
        const size_t count = last - e < ENCODED_AT_ONCE ? last - e : ENCODED_AT_ONCE;
        for (size_t k = 0; k < count; k++) a[k] = scale * x->target[e + k];
        ae_gather(z, n->in, n_vecs, x->ratings.col + e, a, count);
    }
    if (!x->n_features) return;
    const uint64_t f = x->features.start[r];
    ae_gather(z, n->in + x->ratings.n_cols * n_vecs, n_vecs, x->features.col + f,
        x->features.value + f, x->features.start[r + 1] - f);
}

static rk_status encode_known_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct encoding *j = arg;
    const size_t n_vecs = j->net->n_vecs[0];
    for (size_t r = begin; r < end; r++)
        encode_known(j->net, j->rows, (uint32_t)r, j->hidden + r * n_vecs);
    float *z = (float *)(j->hidden + begin * n_vecs);
    ae_net_activate(j->net, 0, z, z, end - begin);
    return RK_OK;
}

rk_status ae_net_encode(
    const struct ae_net *n, const rk_host *host, const struct ae_rows *x, vec *hidden) {
    const uint32_t n_rows = x->ratings.n_rows;
    struct encoding j = {.net = n, .rows = x, .hidden = hidden};
    vec *from = NULL, *to = NULL;
    rk_status status = RK_E_MEMORY;
    for (uint32_t k = 0; k < n->shape.n_layers; k++) {
        const bool is_last = k == ae_net_last(n);
        to = is_last ? hidden : vecs_new(n_rows, n->n_vecs[k]);
        if (!to) break;
        if (k == 0) {
            j.hidden = to;
            status = host->parallel_for(host, n_rows, ENCODED_A_PIECE, encode_known_piece, &j);
        } else {
            float *y = (float *)to;
            status = dense_forward(&n->mid[k - 1], host, (const float *)from, n_rows, y, y);
            if (status == RK_OK) ae_net_activate(n, k, y, y, n_rows);
        }
        linalg_free((float *)from);
        from = is_last ? NULL : to;
        if (status != RK_OK) break;
        status = is_last ? RK_OK : RK_E_MEMORY; // until the next layer has its room
    }
    linalg_free((float *)from);
    return status;
}

struct approach {
    float *to;
    const float *from;
    float share;
};

KERNEL_CLONES
static void approach(float *restrict to, const float *restrict from, float share, size_t n) {
    for (size_t k = 0; k < n; k++) to[k] += share * (from[k] - to[k]);
}

static rk_status approach_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct approach *a = arg;
    approach(a->to + begin, a->from + begin, a->share, end - begin);
    return RK_OK;
}

rk_status ae_net_approach(
    struct ae_net *to, const rk_host *host, const struct ae_net *from, double share) {
    const size_t last = ae_net_last(to);
    const float part = (float)share;
    struct approach a[3 + 2 * AE_MOST_LAYERS] = {{(float *)to->in, (const float *)from->in, part},
        {(float *)to->out, (const float *)from->out, part}, {to->out_bias, from->out_bias, part}};
    size_t n[3 + 2 * AE_MOST_LAYERS] = {
        to->n_in * to->n_vecs[0] * VEC_LANES, to->n_out * to->n_vecs[last] * VEC_LANES, to->n_out};
    size_t count = 3;
    for (size_t k = 0; k < last; k++) {
        n[count] = (size_t)to->mid[k].n_in * to->mid[k].n_out;
        a[count++] = (struct approach){to->mid[k].weight, from->mid[k].weight, part};
        n[count] = to->mid[k].n_out;
        a[count++] = (struct approach){to->mid[k].bias, from->mid[k].bias, part};
    }
    rk_status status = RK_OK;
    for (size_t k = 0; k < count && status == RK_OK; k++)
        status = host->parallel_for(host, n[k], WEIGHTS_A_PIECE, approach_piece, &a[k]);
    return status;
}

static bool all_finite(const float *w, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (!isfinite(w[k])) return false;
    return true;
}

bool ae_net_finite(const struct ae_net *n) {
    bool ok = all_finite((const float *)n->in, n->n_in * n->n_vecs[0] * VEC_LANES) &&
              all_finite((const float *)n->out, n->n_out * n->n_vecs[ae_net_last(n)] * VEC_LANES) &&
              all_finite(n->out_bias, n->n_out);
    for (uint32_t k = 0; ok && k + 1 < n->shape.n_layers; k++)
        ok = all_finite(n->mid[k].weight, (size_t)n->mid[k].n_in * n->mid[k].n_out) &&
             all_finite(n->mid[k].bias, n->mid[k].n_out);
    return ok;
}
