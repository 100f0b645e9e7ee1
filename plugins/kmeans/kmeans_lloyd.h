// kmeans_lloyd.h - k-means on dense points that may carry weights.
//
//     min over centers c_1 .. c_k of  sum_p w_p min_j |x_p - c_j|^2
//
// First centers by k-means++: each is a point, drawn with a chance in proportion to w_p times the
// squared distance to the nearest center so far (D. Arthur, S. Vassilvitskii: k-means++: The
// Advantages of Careful Seeding, SODA 2007), the best of a few so drawn. Then Lloyd's iterations
// (S. Lloyd: Least Squares Quantization in PCM, IEEE Trans. Inf. Theory 28(2), 1982), until no
// point changes its cluster. A cluster that loses all its points goes on from the point that is
// worst off. A point of weight w is as good as w equal points; one of weight 0 is put into a
// cluster, and counts for nothing.
//
// Pieces depend on the number of points alone, so the bits are the same at any number of threads.
#ifndef RECKON_PLUGINS_KMEANS_LLOYD_H
#define RECKON_PLUGINS_KMEANS_LLOYD_H

#include "reckon.h"

struct kmeans_points {
    size_t n, d;
    size_t ld;           // linalg_pad(d)
    const float *x;      // [n x ld] from linalg_new(); 0 beyond d
    const float *weight; // [n], at least one above 0; NULL: 1 each
};

struct kmeans_settings {
    size_t k;            // clusters wanted, at least 1
    uint32_t restarts;   // the best of so many, at least 1
    uint32_t iterations; // of each, at most; at least 1
};

// Progress of a fit, of which k-means may be one part.
struct kmeans_steps {
    uint32_t done, total;
};

struct kmeans {
    size_t k;          // at most what was wanted: no more than there are different points
    size_t ld;         // as the points'
    float *center;     // [k x ld]; owned
    uint32_t *cluster; // [n], below k; owned
    double sse;        // the objective
};

// One step of progress for each restart. RK_E_MEMORY, RK_CANCELLED, or RK_OK.
rk_status kmeans_init(struct kmeans *m, const rk_host *host, const struct kmeans_points *p,
    const struct kmeans_settings *settings, struct kmeans_steps *steps);
void kmeans_done(struct kmeans *m);

#endif
