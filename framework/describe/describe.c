#include "describe/describe.h"

#include <math.h>
#include <string.h>

#include "describe/making.h"

double describe_mean(const struct describe_sum *s) {
    return s->n ? s->sum / (double)s->n : NAN;
}

double describe_deviation(const struct describe_sum *s) {
    if (s->n == 0) return NAN;
    const double mean = describe_mean(s), variance = s->square / (double)s->n - mean * mean;
    return variance > 0 ? sqrt(variance) : 0;
}

const struct describe_classes *describe_find(const struct describe *d, const char *title) {
    for (size_t k = 0; k < d->n_classes; k++)
        if (strcmp(d->classes[k].title, title) == 0) return &d->classes[k];
    return NULL;
}

// ---- What the parts share ----------------------------------------------------------------------

static void *allocate(struct arena *a, size_t n, size_t size, const char *what, struct error *e) {
    void *at = n < SIZE_MAX / 2 / size ? arena_alloc(a, n * size + 1) : NULL;
    if (!at) error_memory(e, n * size, what);
    return at;
}

void *making_keep(struct making *m, size_t n, size_t size, const char *what, struct error *e) {
    return allocate(m->arena, n, size, what, e);
}

void *making_take(struct making *m, size_t n, size_t size, const char *what, struct error *e) {
    return allocate(&m->scratch, n, size, what, e);
}

// The first row that begins at entry `entry` or later.
static uint32_t row_at(const rk_csr *r, uint64_t entry) {
    uint32_t low = 0, high = r->n_rows;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (r->start[middle] < entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void making_piece(const rk_csr *r, size_t k, uint32_t *begin, uint32_t *end) {
    const uint64_t n = r->start[r->n_rows];
    *begin = k == 0 ? 0 : row_at(r, n / MAKING_PIECES * k);
    *end = k + 1 == MAKING_PIECES ? r->n_rows : row_at(r, n / MAKING_PIECES * (k + 1));
}

void making_add(struct describe_sum *to, const struct describe_sum *from) {
    to->n += from->n;
    to->sum += from->sum;
    to->square += from->square;
}

// ---- All of it ---------------------------------------------------------------------------------

static void make_totals(struct making *m) {
    struct describe *d = m->d;
    const struct dataset *data = m->data;
    struct describe_sum all = {0};
    for (uint32_t u = 0; u < data->n_users; u++) {
        making_add(&all, &m->user[u]);
        d->users_unrated += m->user[u].n == 0;
    }
    for (uint32_t i = 0; i < data->n_items; i++) d->items_unrated += m->item[i].n == 0;
    d->mean = describe_mean(&all);
    d->deviation = describe_deviation(&all);
    d->density = (double)data->n_ratings / ((double)data->n_users * data->n_items);
    d->users = m->user;
    d->items = m->item;
}

bool describe_make(struct describe *d, const struct describe_job *job, struct error *e) {
    *d = (struct describe){.data = job->data, .first = RK_NO_TIME, .last = RK_NO_TIME};
    struct making m = {.d = d, .job = job, .data = job->data, .arena = &d->arena};
    bool ok = false;
    if (job->data->n_ratings == 0) {
        error_set(e, "%s has no rating to describe", job->data->name);
        goto done;
    }
    m.pool = pool_new(job->n_threads ? job->n_threads : 1, e);
    if (!m.pool || !survey_make(&m, e)) goto done;
    make_totals(&m);
    if (!classes_make(&m, e) || !slices_make(&m, e) || !count_make(&m, e)) goto done;
    classes_sum(&m);
    slices_sum(&m);
    ok = spread_make(&m, e) && tags_make(&m, e) && odd_make(&m, e) && cold_make(&m, e);
done:
    pool_free(m.pool);
    arena_done(&m.scratch);
    if (!ok) describe_done(d);
    return ok;
}

void describe_done(struct describe *d) {
    arena_done(&d->arena);
    *d = (struct describe){0};
}
