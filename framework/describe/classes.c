// Classes of ratings by value, by time, and by the features of users and items.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe/making.h"

enum { VALUE_BANDS = 20, MOST_BANDS = 15, OWN_CLASSES = 24, MOST_OWN = 400 };

// The shortest decimal number that reads back as the same float.
static const char *name_float(struct arena *a, double value) {
    char text[32];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtof(text, NULL) == (float)value) break;
    }
    return arena_text(a, text);
}

// ---- By value ----------------------------------------------------------------------------------

uint32_t classes_of_value(const struct making *m, float value) {
    if (m->n_values > MAKING_VALUES) {
        const double low = m->ratings->low, step = m->ratings->step;
        const double k = floor(((double)value - low) / step);
        return k < 0 ? 0 : k >= VALUE_BANDS ? VALUE_BANDS - 1 : (uint32_t)k;
    }
    uint32_t low = 0, high = m->n_values;
    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (m->value[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool by_value(struct making *m, struct error *e) {
    struct describe *d = m->d;
    const bool bands = m->n_values > MAKING_VALUES;
    struct describe_classes *c = m->ratings = &d->classes[d->n_classes++];
    *c = (struct describe_classes){.title = "rating",
        .of = "rating",
        .n = bands ? VALUE_BANDS : m->n_values,
        .bands = bands,
        .low = (double)m->data->rating_min,
        .step = ((double)m->data->rating_max - (double)m->data->rating_min) / VALUE_BANDS};
    if (!(c->at = making_keep(m, c->n, sizeof *c->at, "values", e))) return false;
    for (size_t k = 0; k < c->n; k++) {
        const double from = c->low + (double)k * c->step;
        c->at[k].name = bands ? arena_printf(m->arena, "%.6g to %.6g", from, from + c->step)
                              : name_float(m->arena, (double)m->value[k]);
    }
    return true;
}

// ---- By features -------------------------------------------------------------------------------

struct named {
    const char *name;
    double number; // of the name, or NAN
    uint32_t at;
};

static int compare_columns(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    if (isnan(x->number) != isnan(y->number)) return isnan(x->number) ? 1 : -1;
    if (x->number < y->number || x->number > y->number) return x->number < y->number ? -1 : 1;
    const int order = strcmp(x->name, y->name);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

// Digits with a point, as ages and years are written.
static double number_of(const char *name) {
    if (!isdigit((unsigned char)*name) || strspn(name, "0123456789.") != strlen(name)) return NAN;
    char *end;
    const double number = strtod(name, &end);
    return *end ? NAN : number;
}

static struct describe_classes *begin_set(
    struct making *m, const rk_features *f, enum describe_side side, const char *title) {
    struct describe_classes *c = &m->d->classes[m->d->n_classes++];
    *c = (struct describe_classes){.title = title, .of = f->name, .side = side};
    return c;
}

// Columns as classes; `place` says which class a column is.
static bool from_columns(struct making *m, const rk_features *f, struct describe_classes *c,
    uint32_t **place, struct error *e) {
    const uint32_t n = f->values.n_cols;
    struct named *column = making_take(m, n, sizeof *column, "classes", e);
    *place = column ? making_take(m, n, sizeof **place, "classes", e) : NULL;
    c->at = *place ? making_keep(m, n, sizeof *c->at, "classes", e) : NULL;
    if (!c->at) return false;
    for (uint32_t k = 0; k < n; k++)
        column[k] = (struct named){f->col_names[k], number_of(f->col_names[k]), k};
    qsort(column, n, sizeof *column, compare_columns);
    for (uint32_t k = 0; k < n; k++) {
        c->at[k].name = column[k].name;
        (*place)[column[k].at] = k;
    }
    c->n = n;
    c->several = f->kind != RK_FEATURE_ONE_HOT;
    return true;
}

// Smallest and largest value, and whether all are whole; false if there is none.
static bool range_of(const rk_features *f, double *low, double *high, bool *whole) {
    const rk_csr *r = &f->values;
    const uint64_t n = r->start[r->n_rows];
    *whole = true;
    for (uint64_t x = 0; x < n; x++) {
        const double v = (double)r->value[x];
        if (x == 0 || v < *low) *low = v;
        if (x == 0 || v > *high) *high = v;
        *whole &= v == floor(v) && fabs(v) < 1e9;
    }
    return n > 0;
}

// 1, 2, 5, 10, 20, 50 ...: the least of them that makes at most MOST_BANDS bands.
static double step_for(double low, double high, bool whole) {
    if (high <= low) return 1;
    double step = pow(10, floor(log10((high - low) / MOST_BANDS)) - 1);
    if (whole && step < 1) step = 1;
    for (int k = 0; floor(high / step) - floor(low / step) + 1 > MOST_BANDS; k++)
        step *= k % 3 == 1 ? 2.5 : 2;
    return step;
}

// Bands of numbers: "1990s" for years, "20..29", "0.5 to 1".
static bool from_numbers(struct making *m, struct describe_classes *c, double low, double high,
    double step, bool whole, bool decades, struct error *e) {
    c->bands = true;
    c->step = step;
    c->low = floor(low / step) * step;
    c->n = (size_t)(floor(high / step) - floor(low / step)) + 1;
    if (!(c->at = making_keep(m, c->n, sizeof *c->at, "bands", e))) return false;
    for (size_t k = 0; k < c->n; k++) {
        const double from = c->low + (double)k * step;
        c->at[k].name = decades              ? arena_printf(m->arena, "%.0fs", from)
                        : whole && step <= 1 ? arena_printf(m->arena, "%.0f", from)
                        : whole ? arena_printf(m->arena, "%.0f..%.0f", from, from + step - 1)
                                : arena_printf(m->arena, "%.6g to %.6g", from, from + step);
    }
    return true;
}

// Entries of the feature with the class of each, and the units of each class.
static bool add_member(struct making *m, const rk_features *f, struct describe_classes *c,
    const uint32_t *place, struct error *e) {
    const rk_csr *r = &f->values;
    const uint64_t n = r->start[r->n_rows];
    uint64_t *start = making_take(m, (size_t)r->n_rows + 1, sizeof *start, "classes", e);
    uint32_t *at = start ? making_take(m, n, sizeof *at, "classes", e) : NULL;
    if (!at) return false;
    const double first = place ? 0 : round(c->low / c->step);
    uint64_t kept = 0;
    for (uint32_t row = 0; row < r->n_rows; row++) {
        for (uint64_t x = r->start[row]; x < r->start[row + 1]; x++) {
            if (place && r->value[x] == 0) continue;
            const double band = place ? 0 : floor((double)r->value[x] / c->step) - first;
            at[kept] = place ? place[r->col[x]] : (uint32_t)band;
            c->at[at[kept]].units++;
            kept++;
        }
        start[row + 1] = kept;
        c->u_without += start[row] == kept;
    }
    m->members[m->n_members++] = (struct member){c, start, at};
    return true;
}

static bool real_sets(
    struct making *m, const rk_features *f, enum describe_side side, struct error *e) {
    double low, high;
    bool whole;
    if (!range_of(f, &low, &high, &whole)) return true;
    const bool years = whole && strcmp(f->name, "year") == 0;
    if (whole && high - low < (years ? MOST_OWN : OWN_CLASSES)) {
        struct describe_classes *own = begin_set(m, f, side, f->name);
        if (!from_numbers(m, own, low, high, 1, whole, false, e) || !add_member(m, f, own, NULL, e))
            return false;
        if (!years) return true;
    }
    const bool decades = years && high - low < MOST_OWN;
    struct describe_classes *c = begin_set(m, f, side, decades ? "decade" : f->name);
    const double step = decades ? 10 : step_for(low, high, whole);
    return from_numbers(m, c, low, high, step, whole, decades, e) && add_member(m, f, c, NULL, e);
}

static bool feature_sets(
    struct making *m, const rk_features *f, enum describe_side side, struct error *e) {
    if (f->kind == RK_FEATURE_REAL) return real_sets(m, f, side, e);
    if (f->values.n_cols == 0) return true;
    uint32_t *place;
    struct describe_classes *c = begin_set(m, f, side, f->name);
    return from_columns(m, f, c, &place, e) && add_member(m, f, c, place, e);
}

bool classes_make(struct making *m, struct error *e) {
    const struct dataset *data = m->data;
    const size_t most = 2 + 2 * ((size_t)data->n_user_features + data->n_item_features);
    m->d->classes = making_keep(m, most, sizeof *m->d->classes, "classes", e);
    m->members = making_take(m, most, sizeof *m->members, "classes", e);
    if (!m->d->classes || !m->members || !by_value(m, e) || !times_make(m, e)) return false;
    for (uint32_t k = 0; k < data->n_item_features; k++)
        if (!feature_sets(m, &data->item_features[k], DESCRIBE_ITEMS, e)) return false;
    for (uint32_t k = 0; k < data->n_user_features; k++)
        if (!feature_sets(m, &data->user_features[k], DESCRIBE_USERS, e)) return false;
    return true;
}

void classes_sum(struct making *m) {
    for (size_t k = 0; k < m->n_members; k++) {
        const struct member *b = &m->members[k];
        const bool users = b->of->side == DESCRIBE_USERS;
        const struct describe_sum *unit = users ? m->user : m->item;
        const uint32_t n = users ? m->data->n_users : m->data->n_items;
        for (uint32_t u = 0; u < n; u++) {
            if (b->start[u] == b->start[u + 1]) b->of->n_without += unit[u].n;
            for (uint64_t x = b->start[u]; x < b->start[u + 1]; x++) {
                struct describe_class *c = &b->of->at[b->at[x]];
                making_add(&c->of, &unit[u]);
                *(users ? &c->users : &c->items) += unit[u].n > 0;
            }
        }
    }
}
