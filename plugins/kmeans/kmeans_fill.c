#include "kmeans_fill.h"

#include <stdlib.h>
#include <string.h>

#include "common/als_train.h"
#include "kmeans_profiles.h"

// As in als.
static const double COUNT_POWER = 0.5;

static bool made_init(struct made_ratings *m, size_t n) {
    *m = (struct made_ratings){0};
    m->users = malloc((n ? n : 1) * sizeof *m->users);
    m->items = malloc((n ? n : 1) * sizeof *m->items);
    m->value = malloc((n ? n : 1) * sizeof *m->value);
    if (m->users && m->items && m->value) return true;
    made_ratings_done(m);
    return false;
}

void made_ratings_done(struct made_ratings *m) {
    free(m->users);
    free(m->items);
    free(m->value);
    *m = (struct made_ratings){0};
}

static void put(struct made_ratings *m, uint32_t user, uint32_t item, float value) {
    m->users[m->n] = user;
    m->items[m->n] = item;
    m->value[m->n++] = value;
}

// One item's ratings in each cluster.
struct tally {
    uint32_t n;
    double sum;
};

static void tally_item(
    struct tally *t, const rk_csr *by_item, uint32_t i, const uint32_t *cluster) {
    for (uint64_t e = by_item->start[i]; e < by_item->start[i + 1]; e++) {
        const uint32_t c = cluster[by_item->col[e]];
        if (c == KMEANS_NONE) continue;
        t[c].n++;
        t[c].sum += by_item->value[e];
    }
}

rk_status kmeans_cluster_ratings(
    struct made_ratings *out, const rk_csr *by_item, const uint32_t *cluster, uint32_t n_clusters) {
    const uint64_t n_ratings = by_item->start[by_item->n_rows];
    struct tally *t = malloc(n_clusters * sizeof *t);
    const bool ok = t && made_init(out, n_ratings);
    for (uint32_t i = 0; ok && i < by_item->n_rows; i++) {
        memset(t, 0, n_clusters * sizeof *t);
        tally_item(t, by_item, i, cluster);
        for (uint32_t c = 0; c < n_clusters; c++)
            if (t[c].n > 0) put(out, c, i, (float)(t[c].sum / t[c].n));
    }
    free(t);
    return ok ? RK_OK : RK_E_MEMORY;
}

// ---- Synthetic ratings -------------------------------------------------------------------------

static int compare_counts(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// The median number of ratings of users who have any; the lower middle and the upper, averaged and
// rounded down. 0: no memory.
static uint32_t median_count(const rk_csr *by_user) {
    uint64_t *n = malloc(by_user->n_rows * sizeof *n), median = 0;
    size_t n_users = 0;
    for (uint32_t u = 0; n && u < by_user->n_rows; u++)
        if (by_user->start[u + 1] > by_user->start[u])
            n[n_users++] = by_user->start[u + 1] - by_user->start[u];
    if (n && n_users > 0) {
        qsort(n, n_users, sizeof *n, compare_counts);
        median = (n[(n_users - 1) / 2] + n[n_users / 2]) / 2;
    }
    free(n);
    return (uint32_t)median;
}

// An item as one cluster knows it.
struct common_item {
    uint32_t item, n;
    float mean;
};

static int compare_items(const void *a, const void *b) {
    const struct common_item *x = a, *y = b;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

// The cluster's items, commonest first; returns how many have ratings. all: [n_items x clusters].
static uint32_t commonest(struct common_item *out, const struct tally *all, uint32_t n_items,
    uint32_t n_clusters, uint32_t c) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_items; i++) {
        const struct tally *t = &all[(size_t)i * n_clusters + c];
        if (t->n > 0) out[n++] = (struct common_item){i, t->n, (float)(t->sum / t->n)};
    }
    qsort(out, n, sizeof *out, compare_items);
    return n;
}

static bool is_filled(const struct ratings *r, const uint32_t *cluster, uint32_t u) {
    return r->by_user.start[u + 1] == r->by_user.start[u] && cluster[u] != KMEANS_NONE;
}

rk_status kmeans_synthetic_ratings(struct made_ratings *out, const struct ratings *r,
    const uint32_t *cluster, uint32_t n_clusters, uint32_t *median) {
    const uint32_t n_items = r->by_item.n_rows, n_users = r->by_user.n_rows;
    size_t n_cold = 0;
    for (uint32_t u = 0; u < n_users; u++) n_cold += is_filled(r, cluster, u);
    *median = median_count(&r->by_user);
    struct tally *all = calloc((size_t)n_items * n_clusters, sizeof *all);
    struct common_item *common = malloc(n_items * sizeof *common);
    const bool ok = *median > 0 && all && common && made_init(out, n_cold * *median);
    for (uint32_t i = 0; ok && i < n_items; i++)
        tally_item(all + (size_t)i * n_clusters, &r->by_item, i, cluster);
    for (uint32_t c = 0; ok && c < n_clusters; c++) {
        const uint32_t n = commonest(common, all, n_items, n_clusters, c);
        for (uint32_t u = 0; u < n_users; u++) {
            if (cluster[u] != c || !is_filled(r, cluster, u)) continue;
            for (uint32_t k = 0; k < n && k < *median; k++)
                put(out, u, common[k].item, common[k].mean);
        }
    }
    free(all);
    free(common);
    return ok ? RK_OK : RK_E_MEMORY;
}

// ---- Factors -----------------------------------------------------------------------------------

// True ratings (none, if `rows` has none) and made ones together.
static bool join(struct ratings *out, const struct ratings *r, const struct made_ratings *made) {
    const rk_pairs pairs = {
        .size = sizeof pairs, .n = made->n, .users = made->users, .items = made->items};
    const rk_data data = {.size = sizeof data,
        .n_users = r->by_user.n_rows,
        .n_items = r->by_user.n_cols,
        .by_user = r->by_user,
        .by_item = r->by_item,
        .valid = &pairs,
        .valid_ratings = made->value};
    return ratings_init_with_valid(out, &data);
}

static rk_status train(rk_model *m, const struct ratings *r) {
    const rk_params *p = m->params;
    struct als_train t = {.host = m->host,
        .f = &m->f,
        .done = m->steps.done,
        .total = m->steps.total,
        .solve = {.solver = ALS_CHOLESKY, .lambda = p->lambda, .count_power = COUNT_POWER}};
    rk_status status = RK_E_MEMORY;
    if (als_factors_init(&m->f, (size_t)p->rank, r->by_user.n_rows, r->by_item.n_rows) &&
        als_solve_init(&t.solve, m->host, &m->f))
        status = als_train_start(&t, r);
    if (status == RK_OK) status = als_train_iterate(&t, r, (uint32_t)p->als_iterations, true, NULL);
    als_solve_done(&t.solve);
    m->steps.done = t.done;
    if (status == RK_OK && !als_factors_finite(&m->f))
        return m->host->fail(m->host, RK_E_NUMERIC, "factors are no longer finite numbers");
    return status;
}

static rk_status fill_factors(rk_model *m, struct made_ratings *made) {
    const uint32_t n_items = m->r.by_item.n_rows;
    const rk_status status = kmeans_cluster_ratings(made, &m->r.by_item, m->cluster, m->n_clusters);
    if (status != RK_OK) return status;
    uint64_t *none = calloc((size_t)m->n_clusters + 1, sizeof *none);
    const struct ratings empty = {.by_user = {.n_rows = m->n_clusters, .n_cols = n_items, none}};
    struct ratings all;
    const bool ok = none && join(&all, &empty, made);
    free(none);
    if (!ok) return RK_E_MEMORY;
    const rk_status trained = train(m, &all);
    ratings_done(&all);
    return trained;
}

static rk_status fill_synthetic(rk_model *m, struct made_ratings *made) {
    uint32_t median;
    rk_status status = kmeans_synthetic_ratings(made, &m->r, m->cluster, m->n_clusters, &median);
    if (status != RK_OK) return status;
    m->host->log(m->host, RK_LOG_INFO, "%zu synthetic ratings, %u for each user without any",
        made->n, median);
    if (made->n == 0) return train(m, &m->r);
    struct ratings all;
    if (!join(&all, &m->r, made)) return RK_E_MEMORY;
    status = train(m, &all);
    ratings_done(&all);
    return status;
}

rk_status kmeans_fill_factors(rk_model *m) {
    struct made_ratings made = {0};
    const rk_status status =
        m->params->fill == FILL_FACTORS ? fill_factors(m, &made) : fill_synthetic(m, &made);
    made_ratings_done(&made);
    return status;
}
