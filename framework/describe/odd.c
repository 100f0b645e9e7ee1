// What is unusual: titles given twice, users who give one value only, users far from the others.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "describe/making.h"

enum { ONE_VALUED_LEAST = 5 };

struct title {
    const char *text;
    uint32_t item;
};

static int compare_titles(const void *a, const void *b) {
    const struct title *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : (x->item > y->item) - (x->item < y->item);
}

static bool find_titles(struct making *m, struct error *e) {
    const struct dataset *data = m->data;
    struct describe_odd *odd = &m->d->odd.titles;
    if (data->titles.n == 0) return true;
    struct title *title = making_take(m, data->n_items, sizeof *title, "titles", e);
    if (!title) return false;
    size_t n = 0;
    for (uint32_t i = 0; i < data->n_items; i++) {
        const char *text = texts_packed_get(&data->titles, i);
        if (*text) title[n++] = (struct title){text, i};
    }
    qsort(title, n, sizeof *title, compare_titles);
    for (size_t k = 1; k < n; k++) {
        if (strcmp(title[k - 1].text, title[k].text) != 0) continue;
        if (k >= 2 && strcmp(title[k - 2].text, title[k].text) == 0) continue; // told already
        odd->n++;
        if (odd->n_shown == DESCRIBE_EXAMPLES) continue;
        odd->item[odd->n_shown] = title[k - 1].item;
        odd->other[odd->n_shown++] = title[k].item;
    }
    return true;
}

static void add_user(struct describe_odd *odd, uint32_t user, double value) {
    odd->n++;
    if (odd->n_shown == DESCRIBE_EXAMPLES) return;
    odd->user[odd->n_shown] = user;
    odd->value[odd->n_shown++] = value;
}

// Users' means, each of as much weight.
static void find_far(struct making *m) {
    struct describe_oddities *odd = &m->d->odd;
    struct describe_sum means = {0};
    for (uint32_t u = 0; u < m->data->n_users; u++) {
        if (m->user[u].n < DESCRIBE_MANY) continue;
        const double mean = describe_mean(&m->user[u]);
        making_add(&means, &(struct describe_sum){1, mean, mean * mean});
    }
    odd->far_mean = describe_mean(&means);
    odd->far_sd = describe_deviation(&means);
    for (uint32_t u = 0; u < m->data->n_users; u++) {
        if (m->user[u].n < DESCRIBE_MANY) continue;
        const double mean = describe_mean(&m->user[u]);
        if (fabs(mean - odd->far_mean) > 3 * odd->far_sd) add_user(&odd->far, u, mean);
    }
}

bool odd_make(struct making *m, struct error *e) {
    struct describe_oddities *odd = &m->d->odd;
    for (uint32_t u = 0; u < m->data->n_users; u++) {
        if (m->user[u].n > m->user[odd->busiest].n) odd->busiest = u;
        if (m->user[u].n >= ONE_VALUED_LEAST && !(m->user_low[u] < m->user_high[u]))
            add_user(&odd->one_valued, u, (double)m->user_low[u]);
    }
    if (m->d->n_top) odd->favourite = m->d->top[0];
    find_far(m);
    return find_titles(m, e);
}
