#include "svd_time.h"

#include <math.h>
#include <stdlib.h>

static const int64_t DAY = 86400, DAYS_A_BIN = 30;
static const double DAYS_A_YEAR = 365.25;

static int64_t bin_number(int64_t time) {
    const int64_t length = DAYS_A_BIN * DAY;
    return time / length - (time % length < 0);
}

static double years(int64_t time) {
    return (double)time / ((double)DAY * DAYS_A_YEAR);
}

static float deviation(double mean, int64_t time) {
    if (isnan(mean) || time == RK_NO_TIME) return 0;
    const double x = years(time) - mean;
    return (float)copysign(pow(fabs(x), 0.4), x);
}

static int compare_bins(const void *a, const void *b) {
    const int64_t x = ((const struct svd_bin *)a)->number, y = ((const struct svd_bin *)b)->number;
    return (x > y) - (x < y);
}

// The bin's place; SVD_NO_BIN if the item has no such bin.
static uint32_t find(const struct svd_time *t, uint32_t item, int64_t number) {
    size_t low = t->start[item], high = t->start[item + 1];
    const size_t end = high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (t->bin[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && t->bin[low].number == number ? (uint32_t)low : SVD_NO_BIN;
}

// One bin for each rating with a time; then one for each that differs.
static void collect_bins(struct svd_time *t, const struct svd_ratings *r) {
    for (size_t e = 0; e < r->n; e++)
        if (r->time[e] != RK_NO_TIME) t->start[r->rating[e].item + 1]++;
    for (uint32_t i = 0; i < r->n_items; i++) t->start[i + 1] += t->start[i];
    for (size_t e = 0; e < r->n; e++)
        if (r->time[e] != RK_NO_TIME)
            t->bin[t->start[r->rating[e].item]++] =
                (struct svd_bin){.number = bin_number(r->time[e])};
    size_t begin = 0, n = 0;
    for (uint32_t i = 0; i < r->n_items; i++) {
        const size_t end = t->start[i];
        qsort(t->bin + begin, end - begin, sizeof *t->bin, compare_bins);
        t->start[i] = n;
        for (size_t k = begin; k < end; k++) {
            if (k == begin || t->bin[k].number != t->bin[n - 1].number) t->bin[n++] = t->bin[k];
            t->bin[n - 1].n++;
        }
        begin = end;
    }
    t->start[r->n_items] = n;
}

static double mean_time(const struct svd_ratings *r, uint32_t user) {
    const size_t first = svd_ratings_at(r, user, 0), last = svd_ratings_at(r, user, SVD_PARTS);
    double sum = 0, n = 0;
    for (size_t e = first; e < last; e++) {
        if (r->time[e] == RK_NO_TIME) continue;
        sum += years(r->time[e]);
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

bool svd_time_init(struct svd_time *t, const struct svd_ratings *r) {
    *t = (struct svd_time){.there = true};
    t->start = calloc((size_t)r->n_items + 1, sizeof *t->start);
    t->bin = malloc(r->n * sizeof *t->bin);
    t->mean = malloc(r->n_users * sizeof *t->mean);
    t->drift = calloc(r->n_users, sizeof *t->drift);
    t->moment = malloc(r->n * sizeof *t->moment);
    if (!t->start || !t->bin || !t->mean || !t->drift || !t->moment) {
        svd_time_done(t);
        return false;
    }
    collect_bins(t, r);
    for (uint32_t u = 0; u < r->n_users; u++) {
        t->mean[u] = mean_time(r, u);
        for (size_t e = svd_ratings_at(r, u, 0); e < svd_ratings_at(r, u, SVD_PARTS); e++) {
            const bool known = r->time[e] != RK_NO_TIME;
            t->moment[e].dev = deviation(t->mean[u], r->time[e]);
            t->moment[e].bin =
                known ? find(t, r->rating[e].item, bin_number(r->time[e])) : SVD_NO_BIN;
        }
    }
    return true;
}

uint64_t svd_time_bytes(const rk_shape *shape) {
    const struct svd_time *t = NULL;
    return (shape->n_items + (uint64_t)1) * sizeof *t->start +
           shape->n_users * (sizeof *t->mean + sizeof *t->drift) +
           shape->n_ratings * (sizeof *t->bin + sizeof *t->moment);
}

void svd_time_done(struct svd_time *t) {
    free(t->start);
    free(t->bin);
    free(t->mean);
    free(t->drift);
    free(t->moment);
    *t = (struct svd_time){0};
}

static bool is_start(const size_t *start, uint32_t n) {
    if (start[0] != 0) return false;
    for (uint32_t i = 0; i < n; i++)
        if (start[i + 1] < start[i]) return false;
    return start[n] < SVD_NO_BIN;
}

void svd_time_fields(struct svd_time *t, struct state *s, uint32_t n_users, uint32_t n_items) {
    _Static_assert(sizeof *t->bin == 16, "bins are written as they lie, without gaps");
    state_bool(s, &t->there);
    if (!t->there) return;
    STATE_ARRAY(s, t->start, n_items + 1ull);
    const bool ok = s->status == RK_OK && is_start(t->start, n_items);
    state_judge(s, ok, "bins of time that are in no order");
    STATE_ARRAY(s, t->bin, ok ? t->start[n_items] : 0);
    STATE_ARRAY(s, t->mean, n_users);
    STATE_ARRAY(s, t->drift, n_users);
}

float svd_time_bias(const struct svd_time *t, uint32_t user, uint32_t item, int64_t time) {
    if (!t->there || time == RK_NO_TIME) return 0;
    const uint32_t bin = find(t, item, bin_number(time));
    return (bin == SVD_NO_BIN ? 0 : t->bin[bin].bias) +
           t->drift[user] * deviation(t->mean[user], time);
}
