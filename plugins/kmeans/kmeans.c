// kmeans - users in clusters; who has no ratings is answered by his cluster.
//
//     warm   r^(u,i) = mu + b_u + b_i + b_ci
//            b_ci = sum_{u in c} (r - mu - b_u - b_i) / (n_ci + s)
//     cold   r^(u,i) = mu + a_i + a_ci
//            a_ci = sum_{u in c} (r - mu - a_i) / (n_ci + s)
//
// c is the cluster of u: k-means (kmeans_lloyd.h) over the users' features as one-hot columns
// (gender, age band, occupation, first digit of the zip code, and whatever else the data has).
// Where users have no features, they are clustered by their shrunken mean residual for each genre;
// a user without ratings then gets the bias model, mu + b_i. With neither, everybody does.
//
// mu, b_u and b_i come from common/effects.h. A new user's b_u is not known, so a cluster answers
// him from ratings that still have it in them: what a group likes is partly in its members' b_u.
// s is chosen by leave-one-out (kmeans_shrink.h), or, where clusters come from ratings, on the
// validation slice, which also says whether they help at all; a_i and a_ci by turns
// (kmeans_cells.h). fill = attributes adds effects of each one-hot group (gender, age ...) on the
// item beside the cluster's; factors and synthetic are two ways of a published case study
// (kmeans_fill.h). Elbow and silhouette over the number of clusters: kmeans_silhouette.h.
//
// D. Arthur, S. Vassilvitskii: k-means++: The Advantages of Careful Seeding (SODA 2007).
// P. Rousseeuw: Silhouettes: a graphical aid to the interpretation and validation of cluster
// analysis, J. Comput. Appl. Math. 20, 1987.
//
// Check value: experiments/ml-1m-cold-users.cfg: SSE 10290.5 at 5 clusters, as scikit-learn's
// KMeans has it; RMSE .9654 (.9642 with attributes), where the item mean has .9693.
#include "kmeans.h"

#include <math.h>
#include <stdlib.h>

#include "kmeans_fill.h"
#include "kmeans_silhouette.h"

enum { CLUSTER_STEPS = 1, FILL_STEPS = 2 }; // beside those of k-means and curves

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    kmeans_model_done(m);
    free(m);
}

// What is known of users, or else of items.
static rk_status read_features(rk_model *m, const rk_data *data) {
    static const char *const names[] = {"genre", NULL};
    rk_status status = side_init(&m->users, data, SIDE_USERS, NULL);
    if (status == RK_OK && m->users.rows.n_cols == 0)
        status = side_init(&m->genres, data, SIDE_ITEMS, names);
    return status;
}

static const char *const fills[] = {"residuals", "attributes", "factors", "synthetic", NULL};

static rk_status fit(rk_model *m, const rk_data *data) {
    const rk_params *p = m->params;
    rk_status status = read_features(m, data);
    if (status != RK_OK) return status;
    if (p->fill != FILL_RESIDUALS && m->users.rows.n_cols == 0)
        m->host->log(m->host, RK_LOG_WARNING,
            "fill = %s needs users with features, and here they have none: as residuals",
            fills[p->fill]);
    if (!ratings_init_with_valid(&m->r, data)) return RK_E_MEMORY;
    m->n_users = data->n_users;
    m->n_items = data->n_items;
    m->k = (size_t)p->clusters;
    m->curves = p->curves || p->clusters == 0;
    m->shrink = p->shrinkage;
    const bool choose = m->genres.rows.n_cols > 0 && data->valid->n > 0 && !(m->shrink > 0);
    const bool factors =
        (p->fill == FILL_FACTORS || p->fill == FILL_SYNTHETIC) && m->users.rows.n_cols > 0;
    const uint32_t of_clusters = CLUSTER_STEPS + (uint32_t)p->restarts;
    m->steps.total = (choose ? 2 : 1) * of_clusters + FILL_STEPS;
    if (factors) m->steps.total += (uint32_t)p->als_iterations;
    if (m->curves) m->steps.total += kmeans_curves_steps();

    if (choose) status = kmeans_choose_shrink(m, data);
    if (status == RK_OK) status = kmeans_cluster(m);
    if (status == RK_OK && m->n_clusters > 0 && !(factors && p->fill == FILL_SYNTHETIC))
        status = kmeans_fill_residuals(m);
    if (status == RK_OK && m->n_clusters > 0 && factors) status = kmeans_fill_factors(m);
    if (status == RK_OK && !m->of_warm.effect && !m->f.k)
        m->host->log(m->host, RK_LOG_INFO, "%s: mu + b_u + b_i for everybody",
            m->n_clusters > 0 ? "clusters are no better than none on the validation slice"
                              : "neither users with features nor items with genres");
    return status;
}

STATE_EXTENSION("kmeans", 1, kmeans_fields)

static const char *const uses[] = {
    "user.gender", "user.age", "user.occupation", "user.zip", "item.genre", NULL};
static const rk_param schema[] = {
    RK_INT(clusters, 5, 0, 1000, RK_LINEAR,
        "clusters of users, fewer if fewer users differ; 0: by the silhouette, 2 to 29"),
    RK_INT(restarts, 20, 1, 1000, RK_RESOURCE, "times that k-means starts anew; the best stays"),
    RK_INT(iterations, 300, 1, 10000, RK_RESOURCE, "of each k-means, at most"),
    RK_BOOL(curves, true, "record elbow (1 to 30 clusters) and silhouette (2 to 29)"),
    RK_CHOICE(fill, FILL_RESIDUALS, fills,
        "means by cluster; by attribute too; factors of clusters; synthetic ratings and als"),
    RK_REAL(shrinkage, 0, 0, 1e6, RK_LINEAR,
        "ratings at 0 that a mean starts with; 0: chosen from the ratings"),
    RK_INT(rank, 10, 1, 512, RK_LOG, "factors, with fill = factors or synthetic"),
    RK_INT(als_iterations, 15, 1, 1000, RK_RESOURCE, "of als, likewise"),
    RK_REAL(lambda, 1.5, 1e-6, 1e4, RK_LOG, "penalty of als, in units of the noise; likewise"),
};
RK_PLUGIN(.id = "kmeans", .summary = "Users in clusters, by features or by genres, for cold start",
    .version = "1.0.0", .flags = RK_COLD_USERS | RK_WANTS_VALID, RK_PARAMS(schema),
    .uses_features = uses, .create = create, .destroy = destroy, .fit = fit,
    .predict = kmeans_predict, .extension = extension)
