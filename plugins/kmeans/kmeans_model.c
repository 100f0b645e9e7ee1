#include <math.h>
#include <stdlib.h>

#include "common/validation.h"
#include "kmeans.h"
#include "kmeans_attributes.h"
#include "kmeans_profiles.h"
#include "kmeans_silhouette.h"

static rk_status step(rk_model *m) {
    const bool on = m->host->progress(m->host, ++m->steps.done, m->steps.total, NAN);
    return on ? RK_OK : RK_CANCELLED;
}

static bool has_features(const rk_model *m) {
    return m->users.rows.n_cols > 0;
}

// ---- Clusters ----------------------------------------------------------------------------------

// m->cluster from points, of which there is at least one.
static rk_status cluster_points(rk_model *m, const struct kmeans_profiles *p) {
    const uint32_t iterations = (uint32_t)m->params->iterations;
    if (m->curves) {
        size_t best;
        const rk_status status = kmeans_curves(m->host, &p->points, iterations, &m->steps, &best);
        if (status != RK_OK) return status;
        m->curves = false;
        if (m->k == 0) m->k = best;
    }
    const struct kmeans_settings settings = {
        .k = m->k, .restarts = (uint32_t)m->params->restarts, .iterations = iterations};
    struct kmeans k;
    const rk_status status = kmeans_init(&k, m->host, &p->points, &settings, &m->steps);
    if (status != RK_OK) return status;
    m->n_clusters = (uint32_t)k.k;
    for (uint32_t u = 0; u < m->r.by_user.n_rows; u++)
        m->cluster[u] = p->of_user[u] == KMEANS_NONE ? KMEANS_NONE : k.cluster[p->of_user[u]];
    m->host->log(m->host, RK_LOG_INFO, "%u clusters of %zu different %s, SSE %.6g", m->n_clusters,
        p->points.n, has_features(m) ? "profiles" : "users", k.sse);
    kmeans_done(&k);
    return RK_OK;
}

rk_status kmeans_cluster(rk_model *m) {
    struct kmeans_profiles p = {0};
    rk_status status = effects_init(&m->x, m->host, &m->r);
    if (status == RK_OK) status = step(m);
    if (status != RK_OK) return status;
    const rk_csr *r = &m->r.by_user;
    m->cluster = malloc(m->n_users * sizeof *m->cluster);
    m->rated = malloc(m->n_users * sizeof *m->rated);
    if (!m->cluster || !m->rated) return RK_E_MEMORY;
    for (uint32_t u = 0; u < m->n_users; u++) {
        m->cluster[u] = KMEANS_NONE;
        m->rated[u] = r->start[u + 1] > r->start[u];
    }
    if (has_features(m))
        status = kmeans_profiles_of_features(&p, &m->r, &m->users);
    else if (m->genres.rows.n_cols > 0)
        status = kmeans_profiles_of_genres(&p, m->host, &m->r, &m->genres, &m->x);
    if (status == RK_OK && p.points.n > 0) status = cluster_points(m, &p);
    kmeans_profiles_done(&p);
    return status;
}

// ---- Effects -----------------------------------------------------------------------------------

static struct cells_base warm_base(const rk_model *m) {
    return (struct cells_base){m->x.mean, m->x.bias[EFFECTS_USER], m->x.bias[EFFECTS_ITEM]};
}

static struct grouping by_cluster(const rk_model *m, double shrink) {
    return (struct grouping){
        .name = "cluster", .level = m->cluster, .n_levels = m->n_clusters, .shrink = shrink};
}

// Attributes, if they are wanted, then clusters; behind the groupings that are there.
static void add_groupings(const rk_model *m, struct cells *c, const struct cells *attributes) {
    for (uint32_t g = 0; g < attributes->n_groupings; g++) {
        c->grouping[c->n_groupings] = attributes->grouping[g];
        c->grouping[c->n_groupings++].shrink = m->shrink;
    }
    c->grouping[c->n_groupings++] = by_cluster(m, m->shrink);
}

static void log_shrinkage(const rk_model *m, const struct cells *c, const char *who) {
    for (uint32_t g = 0; g < c->n_groupings; g++)
        m->host->log(m->host, RK_LOG_INFO, "%s users: %s x item drawn to 0 by %.3g ratings", who,
            c->grouping[g].name, c->grouping[g].shrink);
}

rk_status kmeans_fill_residuals(rk_model *m) {
    struct cells attributes = {0};
    rk_status status = RK_OK;
    if (isinf(m->shrink)) return RK_OK;
    if (m->params->fill == FILL_ATTRIBUTES)
        status = attributes_add(&attributes, &m->users, &m->level);
    if (status != RK_OK) return status;
    m->n_attributes = attributes.n_groupings;
    const struct cells_base warm = warm_base(m), cold = {.mean = m->x.mean};
    add_groupings(m, &m->of_warm, &attributes);
    status = cells_init(&m->of_warm, m->host, &m->r.by_item, &warm);
    if (status == RK_OK) status = step(m);
    if (status != RK_OK) return status;
    log_shrinkage(m, &m->of_warm, "warm");
    if (!has_features(m) || m->params->fill == FILL_FACTORS) return RK_OK;
    m->of_cold.grouping[m->of_cold.n_groupings++] = (struct grouping){.name = "all", .n_levels = 1};
    add_groupings(m, &m->of_cold, &attributes);
    status = cells_init(&m->of_cold, m->host, &m->r.by_item, &cold);
    if (status == RK_OK) status = step(m);
    if (status != RK_OK) return status;
    log_shrinkage(m, &m->of_cold, "cold");
    return RK_OK;
}

// ---- Answers -----------------------------------------------------------------------------------

static double answer(const rk_model *m, uint32_t user, uint32_t item) {
    const struct effects *x = &m->x;
    const uint32_t c = m->cluster[user];
    const bool by_cluster_alone = !m->rated[user] && c != KMEANS_NONE;
    const bool factors = m->f.n[ALS_USER] > 0;
    if (factors && m->params->fill == FILL_SYNTHETIC) return als_factors_predict(&m->f, user, item);
    if (factors && by_cluster_alone) return als_factors_predict(&m->f, c, item);
    if (m->of_cold.effect && by_cluster_alone) return x->mean + cells_at(&m->of_cold, user, item);
    const double b = x->mean + x->bias[EFFECTS_USER][user] + x->bias[EFFECTS_ITEM][item];
    return m->of_warm.effect ? b + cells_at(&m->of_warm, user, item) : b;
}

rk_status kmeans_predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = (float)answer(m, pairs->users[k], pairs->items[k]);
    return RK_OK;
}

// ---- Shrinkage from the slice ------------------------------------------------------------------

static rk_status answers_of(const void *model, const rk_pairs *pairs, float *out) {
    return kmeans_predict(model, pairs, out);
}

// RMSE on the slice with means drawn to 0 by `shrink`.
static rk_status try_shrink(rk_model *t, const rk_data *data, double shrink, double *rmse) {
    const struct cells_base base = warm_base(t);
    cells_done(&t->of_warm);
    t->of_warm.n_groupings = 1;
    t->of_warm.grouping[0] = by_cluster(t, shrink);
    rk_status status = cells_init(&t->of_warm, t->host, &t->r.by_item, &base);
    if (status == RK_OK) status = validation_rmse(t->host, data, answers_of, t, rmse);
    return status;
}

enum { SHRINK_FIRST = 1, SHRINK_LAST = 12 }; // powers of 2

rk_status kmeans_choose_shrink(rk_model *m, const rk_data *data) {
    rk_model t = *m;
    double none = 0, least = INFINITY;
    t.r = ratings_of(data);
    rk_status status = kmeans_cluster(&t);
    if (status == RK_OK && t.n_clusters > 0)
        status = validation_rmse(t.host, data, answers_of, &t, &none);
    for (int k = SHRINK_LAST; status == RK_OK && t.n_clusters > 0 && k >= SHRINK_FIRST; k--) {
        double rmse = 0;
        status = try_shrink(&t, data, ldexp(1, k), &rmse);
        if (rmse < least) {
            least = rmse;
            m->shrink = ldexp(1, k);
        }
    }
    if (!validation_is_better(least, none, data->valid->n)) m->shrink = INFINITY;
    m->k = t.k;
    m->curves = t.curves;
    m->steps = t.steps;
    t.users = t.genres = (struct side){0}; // still m's
    kmeans_model_done(&t);
    return status;
}

void kmeans_model_done(rk_model *m) {
    ratings_done(&m->r);
    side_done(&m->users);
    side_done(&m->genres);
    effects_done(&m->x);
    cells_done(&m->of_warm);
    cells_done(&m->of_cold);
    als_factors_done(&m->f);
    free(m->rated);
    free(m->cluster);
    free(m->level);
}
