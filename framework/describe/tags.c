// Tags: who sets them, on what, and the most used.
#include <string.h>

#include "describe/making.h"

static uint32_t count_marks(const uint8_t *mark, uint32_t n) {
    uint32_t sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += mark[k];
    return sum;
}

// Marks the users and items of one tag, or of all (UINT32_MAX).
static void mark(const struct dataset *d, uint32_t tag, uint8_t *users, uint8_t *items) {
    const struct dataset_tags *t = &d->tags;
    memset(users, 0, d->n_users);
    memset(items, 0, d->n_items);
    for (size_t k = 0; k < t->n; k++) {
        if (tag != UINT32_MAX && t->tag[k] != tag) continue;
        if (t->user[k] != UINT32_MAX) users[t->user[k]] = 1;
        items[t->item[k]] = 1;
    }
}

// The most used, of equal ones the first by name.
static size_t find_most(const uint32_t *n_of, uint32_t n, uint32_t top[DESCRIBE_TAGS]) {
    size_t n_top = 0;
    for (uint32_t k = 0; k < n; k++) {
        size_t at = n_top;
        while (at > 0 && n_of[top[at - 1]] < n_of[k]) at--;
        if (at == DESCRIBE_TAGS || n_of[k] == 0) continue;
        if (n_top < DESCRIBE_TAGS) n_top++;
        for (size_t x = n_top - 1; x > at; x--) top[x] = top[x - 1];
        top[at] = k;
    }
    return n_top;
}

bool tags_make(struct making *m, struct error *e) {
    const struct dataset *data = m->data;
    const struct dataset_tags *t = &data->tags;
    struct describe *d = m->d;
    if (t->n == 0) return true;
    uint32_t *n_of = making_take(m, t->names.n, sizeof *n_of, "tags", e);
    uint8_t *users = n_of ? making_take(m, data->n_users, 1, "tags", e) : NULL;
    uint8_t *items = users ? making_take(m, data->n_items, 1, "tags", e) : NULL;
    if (!items) return false;
    for (size_t k = 0; k < t->n; k++) n_of[t->tag[k]]++;
    uint32_t top[DESCRIBE_TAGS];
    d->n_tags = find_most(n_of, t->names.n, top);
    for (size_t k = 0; k < d->n_tags; k++) {
        mark(data, top[k], users, items);
        d->tags[k] = (struct describe_tag){texts_packed_get(&t->names, top[k]), n_of[top[k]],
            count_marks(users, data->n_users), count_marks(items, data->n_items)};
    }
    mark(data, UINT32_MAX, users, items);
    d->tag_users = count_marks(users, data->n_users);
    d->tag_items = count_marks(items, data->n_items);
    return true;
}
