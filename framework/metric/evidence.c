#include "metric/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"

// ---- Room --------------------------------------------------------------------------------------

bool evidence_metric_init(struct evidence_metric *m, struct error *e) {
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        m->part_in[u] = calloc(EVIDENCE_BUCKETS, sizeof(float));
        m->weight_in[u] = calloc(EVIDENCE_BUCKETS, sizeof(float));
        if (!m->part_in[u] || !m->weight_in[u])
            return error_memory(e, EVIDENCE_BUCKETS * sizeof(float), "evidence");
    }
    return true;
}

bool evidence_users_init(struct evidence *ev, uint32_t n_users, struct error *e) {
    ev->n_users = n_users;
    ev->user = calloc((size_t)n_users + 1, sizeof *ev->user);
    ev->rows = calloc((size_t)n_users + 1, sizeof *ev->rows);
    ev->square = calloc((size_t)n_users + 1, sizeof *ev->square);
    return (ev->user && ev->rows && ev->square) ||
           error_memory(e, (size_t)n_users * 12, "evidence by user");
}

void evidence_done(struct evidence *ev) {
    for (size_t m = 0; ev->metrics && m < ev->n_metrics; m++)
        for (int u = 0; u < EVIDENCE_UNITS; u++) {
            free(ev->metrics[m].part_in[u]);
            free(ev->metrics[m].weight_in[u]);
        }
    free(ev->metrics);
    free(ev->user);
    free(ev->rows);
    free(ev->square);
    *ev = (struct evidence){0};
}

// ---- Sums of a metric --------------------------------------------------------------------------

static uint64_t pair_hash(const struct evidence_job *job, size_t k) {
    return random_mix(
        job->data->user_hash[job->rows->users[k]], job->data->item_hash[job->rows->items[k]]);
}

static uint64_t unit_hash(const struct evidence_job *job, enum evidence_unit unit, size_t k) {
    if (unit == EVIDENCE_ROW) return random_mix(EVIDENCE_ROW, pair_hash(job, k));
    return random_mix(unit, unit == EVIDENCE_USER ? job->data->user_hash[job->rows->users[k]]
                                                  : job->data->item_hash[job->rows->items[k]]);
}

// Buckets of one unit, in double until all rows are in.
struct sketch {
    double part[EVIDENCE_BUCKETS], weight[EVIDENCE_BUCKETS];
};

static void sum_unit(struct sketch *s, const struct evidence_job *job, enum evidence_unit unit,
    const double *part, const double *weight) {
    *s = (struct sketch){0};
    for (size_t k = 0; k < job->rows->n; k++) {
        if (weight[k] == 0 && part[k] == 0) continue;
        const uint64_t h = unit_hash(job, unit, k);
        const size_t bucket = h % EVIDENCE_BUCKETS;
        const double sign = h >> 63 ? 1 : -1;
        s->part[bucket] += sign * part[k];
        s->weight[bucket] += sign * weight[k];
    }
}

static bool sum_metric(struct evidence_metric *m, const struct evidence_job *job, bool of_users,
    const double *part, const double *weight, struct error *e) {
    for (size_t k = 0; k < job->rows->n; k++) { // in the order of the rows, as metrics sum
        m->part += part[k];
        m->weight += weight[k];
    }
    if (m->weight == 0) return true;
    if (!evidence_metric_init(m, e)) return false;
    struct sketch *s = malloc(sizeof *s);
    if (!s) return error_memory(e, sizeof *s, "evidence");
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        if (of_users && u != EVIDENCE_USER) continue;
        sum_unit(s, job, (enum evidence_unit)u, part, weight);
        for (int b = 0; b < EVIDENCE_BUCKETS; b++) {
            m->part_in[u][b] = (float)s->part[b];
            m->weight_in[u][b] = (float)s->weight[b];
        }
    }
    free(s);
    return true;
}

static bool sum_metrics(struct evidence *ev, const struct evidence_job *job, struct error *e) {
    const size_t n = job->rows->n, some = n ? n : 1;
    double *part = malloc(some * sizeof *part), *weight = malloc(some * sizeof *weight);
    ev->metrics = calloc(job->n_metrics + 1, sizeof *ev->metrics);
    bool ok = (part && weight && ev->metrics) || error_memory(e, some * 16, "evidence");
    if (ok) ev->n_metrics = job->n_metrics;
    for (size_t m = 0; ok && m < job->n_metrics; m++) {
        const struct metric_spec *spec = &job->metrics[m];
        struct error why = {0};
        if (!spec->metric->rows) continue;
        if (spec->metric->rows(spec->settings, job->rows, part, weight, &why))
            ok = sum_metric(&ev->metrics[m], job, spec->metric->of_users, part, weight, e);
        else if (why.text[0])
            ok = error_set(e, "%s", why.text);
    }
    free(part);
    free(weight);
    return ok;
}

// ---- Users, and the rows as such ---------------------------------------------------------------

// Sums of one user's rows.
struct user_sum {
    double square;
    uint32_t rows;
};

static bool sum_users(struct evidence *ev, const struct evidence_job *job, struct error *e) {
    const struct metric_rows *rows = job->rows;
    struct user_sum *sum = calloc((size_t)job->data->n_users + 1, sizeof *sum);
    uint32_t n = 0;
    if (!sum) return error_memory(e, job->data->n_users * sizeof *sum, "evidence by user");
    for (size_t k = 0; k < rows->n; k++) {
        const double error = (double)rows->answer[k] - (double)rows->truth[k];
        n += sum[rows->users[k]].rows++ == 0;
        sum[rows->users[k]].square += error * error;
    }
    const bool ok = evidence_users_init(ev, n, e);
    n = 0;
    for (uint32_t u = 0; ok && u < job->data->n_users; u++) {
        if (sum[u].rows == 0) continue;
        ev->user[n] = u;
        ev->rows[n] = (float)sum[u].rows;
        ev->square[n++] = (float)sum[u].square;
    }
    free(sum);
    return ok;
}

static uint64_t hash_rows(const struct evidence_job *job) {
    uint64_t sum = 0; // whose terms may come in any order
    for (size_t k = 0; k < job->rows->n; k++) {
        uint32_t rating;
        memcpy(&rating, &job->rows->truth[k], sizeof rating);
        sum += random_mix(pair_hash(job, k), rating);
    }
    return sum;
}

// Rows and ratings whose time is not known are neither later nor earlier.
static bool share_later(struct evidence *ev, const struct evidence_job *job, struct error *e) {
    const rk_csr *by_user = &job->train->by_user;
    size_t n = 0;
    ev->later = NAN;
    if (!job->time || !job->train->time || job->rows->n == 0) return true;
    int64_t *last = malloc(((size_t)by_user->n_rows + 1) * sizeof *last);
    if (!last) return error_memory(e, by_user->n_rows * sizeof *last, "times of users");
    for (uint32_t u = 0; u < by_user->n_rows; u++) {
        last[u] = RK_NO_TIME;
        for (uint64_t k = by_user->start[u]; k < by_user->start[u + 1]; k++)
            if (job->train->time[k] > last[u]) last[u] = job->train->time[k];
    }
    for (size_t k = 0; k < job->rows->n; k++)
        n += job->time[k] != RK_NO_TIME && last[job->rows->users[k]] > job->time[k];
    ev->later = (double)n / (double)job->rows->n;
    free(last);
    return true;
}

bool evidence_make(struct evidence *ev, const struct evidence_job *job, struct error *e) {
    *ev = (struct evidence){.rows_hash = hash_rows(job),
        .n_rows = job->rows->n,
        .n_train = job->train->by_user.start[job->train->by_user.n_rows]};
    if (sum_metrics(ev, job, e) && sum_users(ev, job, e) && share_later(ev, job, e)) return true;
    evidence_done(ev);
    return false;
}
