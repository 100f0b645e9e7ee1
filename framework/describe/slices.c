// Which two features are taken together, and the sums of those of one side.
#include <string.h>

#include "describe/making.h"

enum { MOST_CELLS = 1000000, MOST_SETS = 5, MOST_USUAL = 64 };

const struct member *slices_member(const struct making *m, const struct describe_classes *of) {
    for (size_t k = 0; k < m->n_members; k++)
        if (m->members[k].of == of) return &m->members[k];
    return NULL;
}

bool slices_crosses(const struct describe_slice *s) {
    return s->rows->side != s->columns->side;
}

// Features by what the user calls them; years by decades.
static const struct describe_classes *find(const struct making *m, const char *title) {
    const struct describe *d = m->d;
    const char *wanted =
        strcmp(title, "year") == 0 && describe_find(d, "decade") ? "decade" : title;
    for (size_t k = 0; k < d->n_classes; k++)
        if (d->classes[k].side != DESCRIBE_RATINGS && strcmp(d->classes[k].title, wanted) == 0)
            return &d->classes[k];
    return NULL;
}

static bool unknown(const struct making *m, const char *title, struct error *e) {
    struct arena a = {0};
    const char *known = "";
    for (size_t k = 0; k < m->n_members; k++)
        known = arena_printf(&a, "%s%s%s", known, *known ? ", " : "", m->members[k].of->title);
    error_set(e, "--by: %s has no feature \"%s\"; it has %s", m->data->name, title,
        *known ? known : "none");
    arena_done(&a);
    return false;
}

static bool add(struct making *m, const struct describe_classes *rows,
    const struct describe_classes *columns, struct error *e) {
    struct describe_slice *s = &m->d->slices[m->d->n_slices++];
    *s = (struct describe_slice){.rows = rows, .columns = columns};
    if (rows->n > MOST_CELLS / columns->n)
        return error_set(e, "--by: %s by %s has %zu by %zu cells, and there can be at most %d",
            rows->title, columns->title, rows->n, columns->n, MOST_CELLS);
    s->cells = making_keep(m, rows->n * columns->n, sizeof *s->cells, "cells", e);
    return s->cells != NULL;
}

// The sets that are taken by two where none are named: the standard ones; if the data has none of
// these, others that are small.
static size_t usual_sets(const struct making *m, const struct describe_classes *set[MOST_SETS]) {
    static const char *const standard[MOST_SETS] = {
        "genre", "decade", "age", "gender", "occupation"};
    size_t n = 0;
    for (size_t k = 0; k < MOST_SETS; k++) {
        const struct describe_classes *c = find(m, standard[k]);
        if (c && c->n <= MOST_USUAL) set[n++] = c;
    }
    for (size_t k = 0; n == 0 && k < m->n_members; k++)
        if (m->members[k].of->n <= MOST_USUAL && m->members[k].of->n > 1)
            set[n++] = m->members[k].of;
    for (size_t k = 0; n == 1 && k < m->n_members; k++)
        if (m->members[k].of->n <= MOST_USUAL && m->members[k].of != set[0] &&
            strcmp(m->members[k].of->of, set[0]->of))
            set[n++] = m->members[k].of;
    return n;
}

bool slices_make(struct making *m, struct error *e) {
    const struct describe_job *job = m->job;
    const size_t room = job->n_by + MOST_SETS * MOST_SETS;
    if (!(m->d->slices = making_keep(m, room, sizeof *m->d->slices, "cells", e))) return false;
    for (size_t k = 0; k < job->n_by; k++) {
        const struct describe_classes *rows = find(m, job->by[k].rows);
        const struct describe_classes *columns = find(m, job->by[k].columns);
        if (!rows || !columns) return unknown(m, rows ? job->by[k].columns : job->by[k].rows, e);
        if (!add(m, rows, columns, e)) return false;
    }
    if (job->n_by) return true;
    const struct describe_classes *set[MOST_SETS];
    const size_t n = usual_sets(m, set);
    for (size_t k = 0; k < n; k++)
        for (size_t other = k + 1; other < n; other++)
            if (!add(m, set[k], set[other], e)) return false;
    return true;
}

void slices_sum(struct making *m) {
    for (size_t k = 0; k < m->d->n_slices; k++) {
        const struct describe_slice *s = &m->d->slices[k];
        if (slices_crosses(s)) continue;
        const bool users = s->rows->side == DESCRIBE_USERS;
        const struct member *rows = slices_member(m, s->rows);
        const struct member *columns = slices_member(m, s->columns);
        const struct describe_sum *unit = users ? m->user : m->item;
        const uint32_t n = users ? m->data->n_users : m->data->n_items;
        for (uint32_t u = 0; u < n; u++)
            for (uint64_t x = rows->start[u]; x < rows->start[u + 1]; x++)
                for (uint64_t y = columns->start[u]; y < columns->start[u + 1]; y++)
                    making_add(&s->cells[rows->at[x] * s->columns->n + columns->at[y]], &unit[u]);
    }
}
