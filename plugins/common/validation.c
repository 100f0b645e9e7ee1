#include "common/validation.h"

#include <math.h>
#include <stdlib.h>

enum { PAIRS_A_PIECE = 1024 };

struct scoring {
    const rk_data *data;
    validation_answers *answers;
    const void *model;
    double *partial; // [pieces]; owned: squared errors
};

static rk_status score_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct scoring *s = arg;
    const rk_data *d = s->data;
    const rk_pairs *v = d->valid;
    const rk_pairs piece = {.size = sizeof piece,
        .n = end - begin,
        .users = v->users + begin,
        .items = v->items + begin,
        .time = v->time ? v->time + begin : NULL};
    float out[PAIRS_A_PIECE];
    const rk_status status = s->answers(s->model, &piece, out);
    if (status != RK_OK) return status;
    double sum = 0;
    for (size_t k = begin; k < end; k++) {
        const float x = fminf(fmaxf(out[k - begin], d->rating_min), d->rating_max);
        const double error = (double)x - d->valid_ratings[k];
        sum += error * error;
    }
    s->partial[begin / PAIRS_A_PIECE] = sum;
    return RK_OK;
}

rk_status validation_rmse(const rk_host *host, const rk_data *data, validation_answers *answers,
    const void *model, double *rmse) {
    const size_t n = data->valid->n, n_pieces = (n + PAIRS_A_PIECE - 1) / PAIRS_A_PIECE;
    struct scoring s = {.data = data, .answers = answers, .model = model};
    s.partial = calloc(n_pieces, sizeof *s.partial);
    if (!s.partial) return RK_E_MEMORY;
    const rk_status status = host->parallel_for(host, n, PAIRS_A_PIECE, score_piece, &s);
    double sum = 0;
    for (size_t k = 0; k < n_pieces; k++) sum += s.partial[k];
    *rmse = sqrt(sum / (double)n);
    free(s.partial);
    return status;
}

uint64_t validation_bytes(const rk_shape *shape) {
    return (shape->n_valid / PAIRS_A_PIECE + 1) * sizeof(double);
}

bool validation_is_better(double rmse, double other, size_t n) {
    const double share = 0.0003 + 0.03 / sqrt((double)n);
    return rmse < (1 - share) * other;
}

struct stopping stopping_start(int least, int patience) {
    return (struct stopping){.least = least, .patience = patience, .rmse = INFINITY};
}

bool stopping_after(struct stopping *s, double rmse) {
    s->epoch++;
    if (rmse < s->rmse) {
        s->rmse = rmse;
        s->best = s->epoch;
    }
    return s->epoch >= s->least && s->epoch >= s->best + s->patience;
}
