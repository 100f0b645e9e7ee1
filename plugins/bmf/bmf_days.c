#include "bmf_days.h"

#include <stdlib.h>
#include <string.h>

#include "bmf_gibbs.h"

static const int64_t SECONDS = 86400;

// ---- The calendar ------------------------------------------------------------------------------

static int64_t number_of(int64_t time) {
    if (time == RK_NO_TIME) return INT64_MIN;
    return time / SECONDS - (time % SECONDS < 0);
}

static int ascending(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t time_of(const rk_pairs *pairs, size_t k) {
    return pairs->time ? pairs->time[k] : RK_NO_TIME;
}

rk_status bmf_calendar_init(struct bmf_calendar *cal, const rk_data *data) {
    const uint64_t n_train = data->by_user.start[data->n_users], n = n_train + data->valid->n;
    int64_t *all = malloc((n ? n : 1) * sizeof *all);
    *cal = (struct bmf_calendar){0};
    if (!all) return RK_E_MEMORY;
    for (uint64_t e = 0; e < n_train; e++) all[e] = number_of(data->time[e]);
    for (size_t k = 0; k < data->valid->n; k++)
        all[n_train + k] = number_of(time_of(data->valid, k));
    qsort(all, n, sizeof *all, ascending);
    uint64_t distinct = 0;
    for (uint64_t e = 0; e < n; e++)
        if (distinct == 0 || all[e] != all[distinct - 1]) all[distinct++] = all[e];
    const rk_status status = distinct > BMF_MOST_DAYS ? RK_E_DATA : RK_OK;
    if (status == RK_OK && (cal->number = malloc((distinct + 1) * sizeof *all))) {
        cal->n = (uint32_t)distinct;
        memcpy(cal->number, all, distinct * sizeof *all);
    }
    free(all);
    return status == RK_OK && !cal->number ? RK_E_MEMORY : status;
}

void bmf_calendar_done(struct bmf_calendar *cal) {
    free(cal->number);
    *cal = (struct bmf_calendar){0};
}

uint32_t bmf_calendar_row(const struct bmf_calendar *cal, int64_t time) {
    const int64_t number = number_of(time);
    uint32_t low = 0, high = cal->n; // number[low - 1] < it <= number[high]
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (cal->number[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < cal->n && cal->number[low] == number ? low : cal->n;
}

uint32_t *bmf_calendar_of(const struct bmf_calendar *cal, const rk_pairs *pairs) {
    uint32_t *row = malloc((pairs->n ? pairs->n : 1) * sizeof *row);
    for (size_t k = 0; row && k < pairs->n; k++) row[k] = bmf_calendar_row(cal, time_of(pairs, k));
    return row;
}

void bmf_calendar_fields(struct bmf_calendar *cal, struct state *s, uint32_t n_rows) {
    state_judge(s, n_rows > 1 && n_rows <= BMF_MOST_DAYS + 1, "as many days cannot be");
    if (s->status != RK_OK) return;
    STATE_ARRAY(s, cal->number, n_rows - 1);
    if (s->status != RK_OK || !s->loading) return;
    bool ok = true;
    for (uint32_t d = 1; d < n_rows - 1; d++) ok = ok && cal->number[d] > cal->number[d - 1];
    state_judge(s, ok, "days that do not ascend");
    cal->n = n_rows - 1;
}

// ---- Ratings by days ---------------------------------------------------------------------------

void bmf_days_done(struct bmf_days *d) {
    free(d->of[BMF_USER]);
    free(d->of[BMF_ITEM]);
    free(d->start);
    free(d->user);
    free(d->item);
    *d = (struct bmf_days){0};
}

// The place of a pair among the ratings by user; the number of ratings if it has none.
static uint64_t place_of(const rk_csr *rows, uint32_t user, uint32_t item) {
    uint64_t low = rows->start[user], high = rows->start[user + 1];
    const uint64_t end = high;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (rows->col[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && rows->col[low] == item ? low : rows->start[rows->n_rows];
}

// Days of c->ratings by users, which are the fold's and maybe the slice's.
static void set_by_users(struct bmf_chain *c, const rk_data *data) {
    const struct bmf_calendar *cal = c->knows.calendar;
    const rk_csr *all = &c->ratings.by_user, *train = &data->by_user;
    const uint64_t n = all->start[all->n_rows];
    uint32_t *of = c->days.of[BMF_USER];
    for (uint64_t e = 0; e < n; e++) of[e] = cal->n;
    for (uint32_t u = 0; u < all->n_rows; u++) {
        uint64_t t = train->start[u];
        for (uint64_t e = all->start[u]; e < all->start[u + 1] && t < train->start[u + 1]; e++)
            if (all->col[e] == train->col[t]) of[e] = bmf_calendar_row(cal, data->time[t++]);
    }
    if (!c->ratings.owned) return;
    for (size_t k = 0; k < data->valid->n; k++) {
        const uint64_t e = place_of(all, data->valid->users[k], data->valid->items[k]);
        if (e < n) of[e] = bmf_calendar_row(cal, time_of(data->valid, k));
    }
}

// And by items. Entries of both ascend by their columns.
static bool set_by_items(struct bmf_chain *c) {
    const rk_csr *users = &c->ratings.by_user, *items = &c->ratings.by_item;
    uint64_t *next = malloc(((size_t)users->n_rows + 1) * sizeof *next);
    if (!next) return false;
    memcpy(next, users->start, users->n_rows * sizeof *next);
    for (uint64_t e = 0; e < items->start[items->n_rows]; e++)
        c->days.of[BMF_ITEM][e] = c->days.of[BMF_USER][next[items->col[e]]++];
    free(next);
    return true;
}

static void set_lists(struct bmf_chain *c, uint64_t n, uint32_t n_rows) {
    struct bmf_days *d = &c->days;
    const rk_csr *users = &c->ratings.by_user;
    for (uint64_t e = 0; e < n; e++) d->start[d->of[BMF_USER][e] + 2]++;
    for (uint32_t r = 0; r < n_rows; r++) d->start[r + 2] += d->start[r + 1];
    for (uint32_t u = 0; u < users->n_rows; u++)
        for (uint64_t e = users->start[u]; e < users->start[u + 1]; e++) {
            const uint64_t to = d->start[d->of[BMF_USER][e] + 1]++;
            d->user[to] = u;
            d->item[to] = users->col[e];
        }
}

rk_status bmf_days_targets(struct bmf_chain *c) {
    const struct bmf_block *users = &c->block[BMF_USER], *days = &c->block[BMF_DAY];
    uint64_t *next = malloc(((size_t)days->n + 1) * sizeof *next);
    if (!next) return RK_E_MEMORY;
    memcpy(next, days->start, days->n * sizeof *next);
    for (uint64_t e = 0; e < users->start[users->n]; e++)
        days->target[next[users->third[e]]++] = users->target[e];
    free(next);
    return RK_OK;
}

rk_status bmf_days_take(struct bmf_chain *c, const rk_data *data) {
    struct bmf_days *d = &c->days;
    struct bmf_block *days = &c->block[BMF_DAY];
    const rk_csr *users = &c->ratings.by_user;
    const uint64_t n = users->start[users->n_rows];
    bmf_days_done(d);
    free(days->target);
    for (int side = 0; side < 2; side++) d->of[side] = malloc((n + 1) * sizeof *d->of[side]);
    d->start = calloc((size_t)days->n + 2, sizeof *d->start);
    d->user = malloc((n + 1) * sizeof *d->user);
    d->item = malloc((n + 1) * sizeof *d->item);
    days->target = malloc((n + 1) * sizeof *days->target);
    if (!d->of[0] || !d->of[1] || !d->start || !d->user || !d->item || !days->target)
        return RK_E_MEMORY;
    set_by_users(c, data);
    if (!set_by_items(c)) return RK_E_MEMORY;
    set_lists(c, n, days->n);
    days->start = d->start;
    days->col = d->item;
    days->third = d->user;
    for (int side = 0; side < 2; side++) c->block[side].third = d->of[side];
    return bmf_days_targets(c);
}
