// The first pass: totals of users and items, the values that there are, the span of time, and how
// many ratings were given in one second.
#include <stdlib.h>
#include <string.h>

#include "describe/making.h"

struct survey {
    float value[MAKING_VALUES + 1];
    uint32_t n_values;
    int64_t first, last;
    uint64_t n_untimed, n_together;
    uint32_t burst, burst_user;
};

struct surveying {
    struct making *m;
    struct survey piece[MAKING_PIECES];
    uint32_t most; // ratings of a user
};

// Into the ascending list, unless it is full.
static void note_value(struct survey *s, float value) {
    uint32_t low = 0, high = s->n_values;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (s->value[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    if ((low < s->n_values && s->value[low] == value) || s->n_values > MAKING_VALUES) return;
    memmove(s->value + low + 1, s->value + low, (s->n_values - low) * sizeof *s->value);
    s->value[low] = value;
    s->n_values++;
}

// How often each second occurs among a user's: open addressing, emptied by a stamp.
struct second {
    int64_t time;
    uint32_t stamp, n;
};
struct seconds {
    struct second *at; // [mask + 1]; owned
    uint64_t mask;
};

static uint32_t note_second(struct seconds *s, int64_t time, uint32_t stamp) {
    uint64_t k = ((uint64_t)time * 0x9E3779B97F4A7C15u) >> 20 & s->mask;
    while (s->at[k].stamp == stamp && s->at[k].time != time) k = (k + 1) & s->mask;
    if (s->at[k].stamp != stamp) s->at[k] = (struct second){time, stamp, 0};
    return ++s->at[k].n;
}

static void survey_times(
    struct survey *s, struct seconds *seconds, const int64_t *time, uint64_t n, uint32_t user) {
    for (uint64_t x = 0; x < n; x++) {
        if (time[x] == RK_NO_TIME) {
            s->n_untimed++;
            continue;
        }
        if (time[x] < s->first || s->first == RK_NO_TIME) s->first = time[x];
        if (time[x] > s->last || s->last == RK_NO_TIME) s->last = time[x];
        const uint32_t same = note_second(seconds, time[x], user + 1);
        s->n_together += same == 2 ? 2 : same > 2;
        if (same > s->burst) {
            s->burst = same;
            s->burst_user = user;
        }
    }
}

static rk_status survey_users(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct surveying *all = arg;
    struct making *m = all->m;
    struct survey *s = &all->piece[begin];
    const rk_csr *r = &m->data->by_user;
    struct seconds seconds = {.mask = 1};
    uint32_t from, to;
    (void)worker;
    (void)end;
    while (seconds.mask < 2 * (uint64_t)all->most) seconds.mask = 2 * seconds.mask + 1;
    if (m->data->time && !(seconds.at = calloc(seconds.mask + 1, sizeof *seconds.at)))
        return RK_E_MEMORY;
    *s = (struct survey){.first = RK_NO_TIME, .last = RK_NO_TIME};
    making_piece(r, begin, &from, &to);
    for (uint32_t u = from; u < to; u++) {
        struct describe_sum sum = {.n = r->start[u + 1] - r->start[u]};
        float low = 0, high = 0;
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            const double v = r->value[x];
            sum.sum += v;
            sum.square += v * v;
            if (x == r->start[u] || r->value[x] < low) low = r->value[x];
            if (x == r->start[u] || r->value[x] > high) high = r->value[x];
            note_value(s, r->value[x]);
        }
        if (m->data->time) survey_times(s, &seconds, m->data->time + r->start[u], sum.n, u);
        m->user[u] = sum;
        m->user_low[u] = low;
        m->user_high[u] = high;
    }
    free(seconds.at);
    return RK_OK;
}

static rk_status survey_items(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct making *m = arg;
    const rk_csr *r = &m->data->by_item;
    uint32_t from, to;
    (void)worker;
    (void)end;
    making_piece(r, begin, &from, &to);
    for (uint32_t i = from; i < to; i++) {
        struct describe_sum sum = {.n = r->start[i + 1] - r->start[i]};
        for (uint64_t x = r->start[i]; x < r->start[i + 1]; x++) {
            const double v = r->value[x];
            sum.sum += v;
            sum.square += v * v;
        }
        m->item[i] = sum;
    }
    return RK_OK;
}

static void merge(struct surveying *all) {
    struct making *m = all->m;
    struct describe *d = m->d;
    struct survey values = {0};
    for (size_t k = 0; k < MAKING_PIECES; k++) {
        const struct survey *s = &all->piece[k];
        const uint32_t n = s->n_values < MAKING_VALUES ? s->n_values : MAKING_VALUES;
        for (uint32_t v = 0; v < n; v++) note_value(&values, s->value[v]);
        if (s->n_values > MAKING_VALUES) values.n_values = MAKING_VALUES + 1;
        d->odd.n_untimed += s->n_untimed;
        d->odd.n_together += s->n_together;
        if (s->burst > d->odd.burst) {
            d->odd.burst = s->burst;
            d->odd.burst_user = s->burst_user;
        }
        if (s->first == RK_NO_TIME) continue;
        if (d->first == RK_NO_TIME || s->first < d->first) d->first = s->first;
        if (d->last == RK_NO_TIME || s->last > d->last) d->last = s->last;
    }
    m->n_values = values.n_values;
    memcpy(m->value, values.value, sizeof m->value);
}

bool survey_make(struct making *m, struct error *e) {
    struct surveying *all = making_take(m, 1, sizeof *all, "the survey", e);
    const uint32_t n_users = m->data->n_users, n_items = m->data->n_items;
    if (!all || !(m->user = making_keep(m, n_users, sizeof *m->user, "users", e)) ||
        !(m->item = making_keep(m, n_items, sizeof *m->item, "items", e)) ||
        !(m->user_low = making_take(m, n_users, sizeof *m->user_low, "users", e)) ||
        !(m->user_high = making_take(m, n_users, sizeof *m->user_high, "users", e)))
        return false;
    const rk_csr *r = &m->data->by_user;
    all->m = m;
    for (uint32_t u = 0; u < n_users; u++)
        if (r->start[u + 1] - r->start[u] > all->most)
            all->most = (uint32_t)(r->start[u + 1] - r->start[u]);
    if (pool_run(m->pool, MAKING_PIECES, 1, survey_users, all) != RK_OK)
        return error_memory(e, 32 * (size_t)all->most, "the seconds of a user's ratings");
    pool_run(m->pool, MAKING_PIECES, 1, survey_items, m);
    merge(all);
    return true;
}
