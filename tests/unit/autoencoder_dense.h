// autoencoder_dense.h - what autoencoder computes, written out for every cell of every matrix in
// double precision. For the test that includes its sources.
#ifndef RECKON_TESTS_UNIT_AUTOENCODER_DENSE_H
#define RECKON_TESTS_UNIT_AUTOENCODER_DENSE_H

enum { N_USERS = 14, N_ITEMS = 11, MOST = 24, MOST_IN = 64 };

struct setting {
    const char *name;
    uint32_t n_layers, width[3];
    enum dense_activation activation;
    enum ae_normalise normalise;
    bool of_users, features;
    double lambda, mask, hidden_weight, dropout;
};

struct trial {
    const struct setting *set;
    struct ratings ratings;
    struct ae_level level;
    struct ae_rows rows;
    struct ae_batches batches;
    struct ae_net net;
    struct ae_rule rule;
    struct ae_step step;
};

static double activation(enum dense_activation f, double z) {
    switch (f) {
    case DENSE_SIGMOID:
        return 1 / (1 + exp(-z));
    case DENSE_TANH:
        return tanh(z);
    case DENSE_RELU:
        return z > 0 ? z : 0;
    case DENSE_GELU:
        return z / (1 + exp(-(1.5957691216 * z + 0.0713548163 * z * z * z)));
    default:
        return z;
    }
}

// The weights in double precision, so that small changes of them show.
struct dense_net {
    double in[MOST_IN][MOST], out[MOST_IN][MOST], out_bias[MOST_IN];
    double mid[2][MOST][MOST], mid_bias[2][MOST];
};

static void dense_net_of(const struct ae_net *n, struct dense_net *d) {
    const size_t in = n->n_vecs[0] * VEC_LANES, out = n->n_vecs[ae_net_last(n)] * VEC_LANES;
    memset(d, 0, sizeof *d);
    for (uint32_t c = 0; c < n->n_in; c++)
        for (uint32_t j = 0; j < n->shape.width[0]; j++)
            d->in[c][j] = ((const float *)n->in)[c * in + j];
    for (uint32_t c = 0; c < n->n_out; c++) {
        for (uint32_t j = 0; j < n->shape.width[ae_net_last(n)]; j++)
            d->out[c][j] = ((const float *)n->out)[c * out + j];
        d->out_bias[c] = n->out_bias[c];
    }
    for (uint32_t k = 0; k + 1 < n->shape.n_layers; k++)
        for (uint32_t j = 0; j < n->shape.width[k + 1]; j++) {
            for (uint32_t i = 0; i < n->shape.width[k]; i++)
                d->mid[k][i][j] = n->mid[k].weight[i * n->mid[k].n_out + j];
            d->mid_bias[k][j] = n->mid[k].bias[j];
        }
}

// Dropout's factors, as the streams give them.
static void factors_of(const struct trial *t, uint32_t layer, uint32_t row, double *factor) {
    const uint32_t width = t->net.shape.width[layer];
    float chance[MOST];
    t->step.host->uniform(t->step.host, stream(&t->step, 1 + layer, row), chance, width);
    for (uint32_t j = 0; j < width; j++) {
        const double p = t->rule.dropout;
        factor[j] = p > 0 ? (chance[j] < p ? 0 : 1 / (1 - p)) : 1;
    }
}

// The row's inputs as a dense vector, and its weights in the loss (0: not rated).
static void inputs_of(const struct trial *t, uint32_t row, double *input, double *weight) {
    const struct ae_rows *x = &t->rows;
    const uint64_t first = x->ratings.start[row], n = x->ratings.start[row + 1] - first;
    const double mask = t->rule.mask * t->rule.mask_half / (t->rule.mask_half + (double)n);
    const double hidden = t->rule.hidden_weight;
    float chance[N_USERS];
    uint32_t n_seen = 0;
    t->step.host->uniform(t->step.host, stream(&t->step, 0, row), chance, n);
    for (uint64_t k = 0; k < n; k++) n_seen += !(chance[k] < mask);
    for (uint64_t k = 0; k < n; k++) {
        const bool hide = chance[k] < mask;
        const uint32_t c = x->ratings.col[first + k];
        input[c] = hide ? 0 : x->target[first + k] * ae_rows_scale(x, n_seen);
        weight[c] = mask > 0
                        ? (hide ? hidden : 1 - hidden) / (mask * hidden + (1 - mask) * (1 - hidden))
                        : 1;
    }
    for (uint64_t e = 0; x->n_features && e < x->features.start[row + 1]; e++)
        if (e >= x->features.start[row])
            input[x->ratings.n_cols + x->features.col[e]] = x->features.value[e];
    input[ae_rows_inputs(x) - 1] = 1;
}

// The whole loss, with every cell of every matrix, and the squared error.
static double dense_loss(const struct trial *t, const struct dense_net *d, double *squares) {
    const struct ae_shape *shape = &t->net.shape;
    const struct ae_rows *x = &t->rows;
    double loss = 0;
    *squares = 0;
    for (uint32_t r = 0; r < x->ratings.n_rows; r++) {
        double input[MOST_IN] = {0}, weight[MOST_IN] = {0}, y[MOST] = {0}, next[MOST], factor[MOST];
        inputs_of(t, r, input, weight);
        for (uint32_t k = 0; k < shape->n_layers; k++) {
            factors_of(t, k, r, factor);
            for (uint32_t j = 0; j < shape->width[k]; j++) {
                double z = k ? d->mid_bias[k - 1][j] : 0;
                for (uint32_t c = 0; c < (k ? shape->width[k - 1] : t->net.n_in); c++)
                    z += k ? y[c] * d->mid[k - 1][c][j] : input[c] * d->in[c][j];
                next[j] = factor[j] * activation(shape->activation, z);
            }
            memcpy(y, next, sizeof y);
        }
        for (uint64_t e = x->ratings.start[r]; e < x->ratings.start[r + 1]; e++) {
            const uint32_t c = x->ratings.col[e];
            double error = d->out_bias[c] - x->target[e];
            for (uint32_t j = 0; j < shape->width[shape->n_layers - 1]; j++)
                error += y[j] * d->out[c][j];
            loss += weight[c] * error * error / 2;
            *squares += error * error;
        }
    }
    for (uint32_t j = 0; j < MOST; j++) {
        for (uint32_t c = 0; c + 1 < t->net.n_in; c++)
            loss += t->rule.lambda / 2 * d->in[c][j] * d->in[c][j];
        for (uint32_t c = 0; c < t->net.n_out; c++)
            loss += t->rule.lambda / 2 * d->out[c][j] * d->out[c][j];
        for (uint32_t i = 0; i < MOST; i++)
            for (int k = 0; k < 2; k++)
                loss += t->rule.lambda / 2 * d->mid[k][i][j] * d->mid[k][i][j];
    }
    return loss;
}

#endif
