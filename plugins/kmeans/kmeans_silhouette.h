// kmeans_silhouette.h - how many clusters: silhouette and elbow over k.
//
//     a = mean distance to the others of one's own cluster,  b = least mean distance to another's
//     silhouette of a point = (b - a) / max(a, b), or 0 if it is alone in its cluster
//
// P. Rousseeuw: Silhouettes: a graphical aid to the interpretation and validation of cluster
// analysis, J. Comput. Appl. Math. 20, 1987. Distances are Euclidean, not squared. A point of
// weight w counts as w equal points, so over distinct profiles the mean is exact. More than
// SILHOUETTE_MOST points: over a sample of so many, drawn by shuffling, both for the silhouette
// and for the elbow (within-cluster squared distances, k-means on the sample alone).
#ifndef RECKON_PLUGINS_KMEANS_SILHOUETTE_H
#define RECKON_PLUGINS_KMEANS_SILHOUETTE_H

#include "kmeans_lloyd.h"
#include "reckon.h"

enum {
    SILHOUETTE_MOST = 2048,
    CURVE_RESTARTS = 5,
    ELBOW_MOST = 30,     // k = 1 .. 30
    SILHOUETTE_LAST = 29 // k = 2 .. 29
};

// Steps of progress that kmeans_curves() takes.
uint32_t kmeans_curves_steps(void);

// Records ("elbow", k, sse) and ("silhouette", k, value) for as many k as there are different
// points; *best: the k with the best silhouette, the smallest of equals, or 1 if there is none.
rk_status kmeans_curves(const rk_host *host, const struct kmeans_points *p, uint32_t iterations,
    struct kmeans_steps *steps, size_t *best);

// The mean silhouette of points in clusters below k, from their distances [n x n].
rk_status kmeans_silhouette(const rk_host *host, const struct kmeans_points *p,
    const float *distance, const uint32_t *cluster, size_t k, double *mean);

// Distances between all points [n x n].
rk_status kmeans_distances(const rk_host *host, const struct kmeans_points *p, float *distance);

#endif
