// kmeans_seed.h - first centers by k-means++; equation and paper in kmeans_lloyd.h.
#ifndef RECKON_PLUGINS_KMEANS_SEED_H
#define RECKON_PLUGINS_KMEANS_SEED_H

#include "kmeans_lloyd.h"

// Of a parallel_for over the points: at most KMEANS_PIECES pieces, whatever n is.
enum { KMEANS_PIECES = 64 };
size_t kmeans_grain(size_t n);

enum { KMEANS_MOST_CANDIDATES = 16 };

// One run of k-means++: its random numbers follow from k and restart. Each center is the best of
// so many candidates, the one that leaves the least sum; 1 is k-means++ as in the paper.
struct kmeans_draw {
    size_t k;
    uint32_t restart;
    uint32_t candidates;
};

// 2 + log k, which the authors found to do better than 1.
uint32_t kmeans_candidates(size_t k);

// Writes up to k centers [k x ld]; near: scratch [n]. *n_drawn: fewer than k if there are fewer
// different points of weight above 0.
rk_status kmeans_seed(const rk_host *host, const struct kmeans_points *p, struct kmeans_draw draw,
    float *center, float *near, size_t *n_drawn);

// |a - b|^2 of rows of ld floats.
float kmeans_distance(const float *a, const float *b, size_t ld);

#endif
