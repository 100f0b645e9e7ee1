// The pass over all ratings once the classes are known: by value, by time, by two features of
// different sides; and how many users and items have a rating in a class.
#include <stdlib.h>
#include <string.h>

#include "describe/making.h"

enum { DAY = 86400 };

// What one piece of the ratings came to; the arrays lie behind each other.
struct tally {
    struct describe_sum *value, *time; // [ratings->n], [times->n]
    uint32_t *value_units;             // [ratings->n]: users, or items, with a rating of it
    uint32_t *time_users;              // [times->n]
    uint32_t *class_units;             // [n_classes]: of the other side's classes
    uint32_t *stamp;                   // [n_classes + ratings->n + times->n]: who came last, + 1
    struct describe_sum *cells;        // [n_cells]
    uint64_t n_early;
    struct describe_odd early;
};

// A slice of users by items.
struct crossing {
    const struct member *rows, *columns;
    bool rows_are_users;
    struct describe_sum *cells; // of the slice
};

struct counting {
    struct making *m;
    struct crossing *crossings; // [n_crossings]
    size_t n_crossings;
    size_t n_classes;      // of all members of the side that is not gone by
    size_t n_cells;        // of the slices of users by items
    const int64_t *from;   // [n_items]: the beginning of the item's year; NULL: no years
    const float *year;     // [n_items]
    enum describe_side by; // DESCRIBE_USERS: by users, and so on
    struct tally piece[MAKING_PIECES];
};

static bool begin_tally(const struct counting *c, struct tally *t) {
    const size_t values = c->m->ratings->n, times = c->m->times ? c->m->times->n : 0;
    const size_t classes = c->n_classes;
    *t = (struct tally){.value = calloc(values + times + c->n_cells + 1, sizeof *t->value),
        .value_units = calloc(2 * (values + times + classes) + 1, sizeof *t->value_units)};
    if (!t->value || !t->value_units) return false;
    t->time = t->value + values;
    t->cells = t->time + times;
    t->time_users = t->value_units + values;
    t->class_units = t->time_users + times;
    t->stamp = t->class_units + classes;
    return true;
}

static void end_tally(struct tally *t) {
    free(t->value);
    free(t->value_units);
}

static void add_value(struct describe_sum *s, double v) {
    s->n++;
    s->sum += v;
    s->square += v * v;
}

// One more unit, if it is not the one that came last.
static void note_unit(uint32_t *stamp, uint32_t *units, uint32_t unit) {
    if (*stamp == unit + 1) return;
    *stamp = unit + 1;
    ++*units;
}

// Classes of the other side that this unit has a rating in.
static void count_classes(
    const struct counting *c, struct tally *t, uint32_t unit, uint32_t other) {
    size_t first = 0;
    for (size_t k = 0; k < c->m->n_members; k++) {
        const struct member *b = &c->m->members[k];
        if (b->of->side == c->by) continue;
        for (uint64_t x = b->start[other]; x < b->start[other + 1]; x++)
            note_unit(&t->stamp[first + b->at[x]], &t->class_units[first + b->at[x]], unit);
        first += b->of->n;
    }
}

static void count_cells(
    const struct counting *c, struct tally *t, uint32_t user, uint32_t item, double v) {
    struct describe_sum *cells = t->cells;
    for (size_t k = 0; k < c->n_crossings; k++) {
        const struct crossing *s = &c->crossings[k];
        const struct member *rows = s->rows, *columns = s->columns;
        const uint32_t row = s->rows_are_users ? user : item;
        const uint32_t column = s->rows_are_users ? item : user;
        for (uint64_t x = rows->start[row]; x < rows->start[row + 1]; x++)
            for (uint64_t y = columns->start[column]; y < columns->start[column + 1]; y++)
                add_value(&cells[rows->at[x] * columns->of->n + columns->at[y]], v);
        cells += rows->of->n * columns->of->n;
    }
}

static void count_time(const struct counting *c, struct tally *t, uint32_t user, uint32_t item,
    int64_t time, double v) {
    const struct making *m = c->m;
    if (time == RK_NO_TIME) return;
    if (m->times) {
        const int64_t day = time / DAY - (time % DAY < 0) - m->first_day;
        const uint32_t k = m->bucket[day];
        add_value(&t->time[k], v);
        note_unit(&t->stamp[c->n_classes + m->ratings->n + k], &t->time_users[k], user);
    }
    if (!c->from || time >= c->from[item]) return;
    struct describe_odd *early = &t->early;
    t->n_early++;
    if (early->n_shown == DESCRIBE_EXAMPLES) return;
    early->user[early->n_shown] = user;
    early->item[early->n_shown] = item;
    early->value[early->n_shown++] = (double)c->year[item];
}

static rk_status count_users(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct counting *c = arg;
    const struct making *m = c->m;
    const rk_csr *r = &m->data->by_user;
    struct tally *t = &c->piece[begin];
    uint32_t from, to;
    (void)worker;
    (void)end;
    making_piece(r, begin, &from, &to);
    for (uint32_t u = from; u < to; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            const double v = (double)r->value[x];
            const uint32_t k = classes_of_value(m, r->value[x]), item = r->col[x];
            add_value(&t->value[k], v);
            note_unit(&t->stamp[c->n_classes + k], &t->value_units[k], u);
            if (m->data->time) count_time(c, t, u, item, m->data->time[x], v);
            count_classes(c, t, u, item);
            if (c->n_cells) count_cells(c, t, u, item, v);
        }
    return RK_OK;
}

static rk_status count_items(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct counting *c = arg;
    const rk_csr *r = &c->m->data->by_item;
    struct tally *t = &c->piece[begin];
    uint32_t from, to;
    (void)worker;
    (void)end;
    making_piece(r, begin, &from, &to);
    for (uint32_t i = from; i < to; i++)
        for (uint64_t x = r->start[i]; x < r->start[i + 1]; x++) {
            const uint32_t k = classes_of_value(c->m, r->value[x]);
            note_unit(&t->stamp[c->n_classes + k], &t->value_units[k], i);
            count_classes(c, t, i, r->col[x]);
        }
    return RK_OK;
}

// ---- What the pieces came to, in their order ---------------------------------------------------

static void merge_units(const struct counting *c, const struct tally *t) {
    struct making *m = c->m;
    const bool users = c->by == DESCRIBE_USERS;
    for (size_t k = 0; k < m->ratings->n; k++)
        *(users ? &m->ratings->at[k].users : &m->ratings->at[k].items) += t->value_units[k];
    size_t first = 0;
    for (size_t k = 0; k < m->n_members; k++) {
        struct describe_classes *of = m->members[k].of;
        if (of->side == c->by) continue;
        for (size_t at = 0; at < of->n; at++)
            *(users ? &of->at[at].users : &of->at[at].items) += t->class_units[first + at];
        first += of->n;
    }
}

static void merge_early(struct describe_oddities *odd, const struct tally *t) {
    struct describe_odd *early = &odd->early;
    odd->n_early += t->n_early;
    for (uint32_t k = 0; k < t->early.n_shown && early->n_shown < DESCRIBE_EXAMPLES; k++) {
        early->user[early->n_shown] = t->early.user[k];
        early->item[early->n_shown] = t->early.item[k];
        early->value[early->n_shown++] = t->early.value[k];
    }
}

static void merge_sums(const struct counting *c, const struct tally *t) {
    struct making *m = c->m;
    for (size_t k = 0; k < m->ratings->n; k++) making_add(&m->ratings->at[k].of, &t->value[k]);
    for (size_t k = 0; m->times && k < m->times->n; k++) {
        making_add(&m->times->at[k].of, &t->time[k]);
        m->times->at[k].users += t->time_users[k];
        m->times->at[k].items = UINT32_MAX;
    }
    const struct describe_sum *cells = t->cells;
    for (size_t k = 0; k < c->n_crossings; k++) {
        const struct crossing *s = &c->crossings[k];
        const size_t n = s->rows->of->n * s->columns->of->n;
        for (size_t x = 0; x < n; x++) making_add(&s->cells[x], &cells[x]);
        cells += n;
    }
    merge_early(&m->d->odd, t);
}

static bool count(struct counting *c, struct error *e) {
    struct making *m = c->m;
    bool ok = true;
    for (size_t k = 0; k < m->n_members; k++)
        if (m->members[k].of->side != c->by) c->n_classes += m->members[k].of->n;
    for (size_t k = 0; k < MAKING_PIECES; k++) ok &= begin_tally(c, &c->piece[k]);
    if (ok)
        pool_run(m->pool, MAKING_PIECES, 1, c->by == DESCRIBE_USERS ? count_users : count_items, c);
    else
        error_memory(e, MAKING_PIECES * c->n_cells * sizeof(struct describe_sum), "counts");
    for (size_t k = 0; k < MAKING_PIECES; k++) {
        if (ok) merge_units(c, &c->piece[k]);
        if (ok && c->by == DESCRIBE_USERS) merge_sums(c, &c->piece[k]);
        end_tally(&c->piece[k]);
    }
    return ok;
}

// Where the year of each item begins.
static bool find_years(struct counting *c, struct error *e) {
    struct making *m = c->m;
    const rk_features *f = NULL;
    for (uint32_t k = 0; k < m->data->n_item_features; k++)
        if (strcmp(m->data->item_features[k].name, "year") == 0 &&
            m->data->item_features[k].kind == RK_FEATURE_REAL)
            f = &m->data->item_features[k];
    if (!f || !m->data->time) return true;
    int64_t *from = making_take(m, m->data->n_items, sizeof *from, "years", e);
    float *year = from ? making_take(m, m->data->n_items, sizeof *year, "years", e) : NULL;
    if (!year) return false;
    for (uint32_t i = 0; i < m->data->n_items; i++) {
        const uint64_t x = f->values.start[i];
        from[i] = INT64_MIN;
        if (x == f->values.start[i + 1]) continue;
        year[i] = f->values.value[x];
        if (year[i] < 0 || year[i] > 9999) continue;
        // Days before the first of January of year y, in the calendar that has no gaps.
        const int64_t y = (int64_t)year[i] - 1;
        from[i] = (365 * y + y / 4 - y / 100 + y / 400 - 719162) * DAY;
    }
    c->from = from;
    c->year = year;
    return true;
}

static bool find_crossings(struct counting *c, struct error *e) {
    const struct describe *d = c->m->d;
    c->crossings = making_take(c->m, d->n_slices, sizeof *c->crossings, "cells", e);
    if (!c->crossings) return false;
    for (size_t k = 0; k < d->n_slices; k++) {
        const struct describe_slice *s = &d->slices[k];
        if (!slices_crosses(s)) continue;
        c->crossings[c->n_crossings++] = (struct crossing){slices_member(c->m, s->rows),
            slices_member(c->m, s->columns), s->rows->side == DESCRIBE_USERS, s->cells};
        c->n_cells += s->rows->n * s->columns->n;
    }
    return true;
}

bool count_make(struct making *m, struct error *e) {
    struct counting *users = making_take(m, 1, sizeof *users, "counts", e);
    struct counting *items = users ? making_take(m, 1, sizeof *items, "counts", e) : NULL;
    if (!items) return false;
    *users = (struct counting){.m = m, .by = DESCRIBE_USERS};
    *items = (struct counting){.m = m, .by = DESCRIBE_ITEMS};
    if (!find_crossings(users, e)) return false;
    return find_years(users, e) && count(users, e) && count(items, e);
}
