// The fitted model as bytes.
#include "kmeans.h"
#include "kmeans_profiles.h"

// The levels of users in each grouping: those of attributes come first, or after one for all users,
// and clusters last.
static void set_levels(rk_model *m, struct state *s, struct cells *c, uint32_t first) {
    const uint32_t n = m->n_attributes;
    state_judge(s, c->n_groupings == first + n + 1, "another number of groupings");
    for (uint32_t k = 0; s->status == RK_OK && k <= n; k++) {
        struct grouping *g = &c->grouping[first + k];
        g->level = k < n ? m->level + (size_t)k * m->n_users : m->cluster;
        state_judge(s, state_all_below(g->level, m->n_users, g->n_levels, KMEANS_NONE),
            "users on levels that are not there");
    }
    state_judge(s, first == 0 || c->grouping[0].n_levels == 1, "users on more than one level");
}

static void effects_of(rk_model *m, struct state *s, struct cells *c, uint32_t first) {
    bool there = c->effect != NULL;
    state_bool(s, &there);
    if (!there) return;
    cells_fields(c, s, m->n_items);
    if (s->loading) set_levels(m, s, c, first);
}

static void factors(rk_model *m, struct state *s) {
    const bool synthetic = m->params->fill == FILL_SYNTHETIC;
    bool there = m->f.k > 0;
    state_bool(s, &there);
    if (!there) return;
    als_factors_fields(&m->f, s, (size_t)m->params->rank);
    state_judge(s, m->f.n[ALS_USER] == (synthetic ? m->n_users : m->n_clusters),
        "factors of other users or clusters");
    state_judge(s, m->f.n[ALS_ITEM] == m->n_items, "factors of other items");
}

void kmeans_fields(struct state *s, rk_model *m) {
    state_same(s, (uint64_t)m->params->fill, "another fill");
    STATE_NUMBER(s, m->n_users);
    STATE_NUMBER(s, m->n_items);
    effects_fields(&m->x, s, m->n_users, m->n_items);
    STATE_NUMBER(s, m->n_clusters);
    STATE_ARRAY(s, m->cluster, m->n_users);
    state_flags(s, &m->rated, m->n_users);
    if (s->loading && s->status == RK_OK)
        state_judge(s, state_all_below(m->cluster, m->n_users, m->n_clusters, KMEANS_NONE),
            "users in clusters that are not there");
    STATE_NUMBER(s, m->n_attributes);
    state_judge(s, m->n_attributes < CELLS_MOST_GROUPINGS, "too many attributes");
    STATE_ARRAY(s, m->level, (uint64_t)m->n_attributes * m->n_users);
    effects_of(m, s, &m->of_warm, 0);
    effects_of(m, s, &m->of_cold, 1);
    factors(m, s);
}
