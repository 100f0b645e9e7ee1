// ranked.h - what metrics of places in the catalogue have in common: settings, who counts, the mean
// over users, and reference lines.
//
// A relevant row is a test row whose rating is at least `relevant`. Each user with relevant rows
// counts once; users without are left out. All these metrics take a row as relevant or not (binary
// gain), and follow from the places of the relevant rows alone (metrics.md, "Ranking").
#ifndef RECKON_METRIC_RANKED_H
#define RECKON_METRIC_RANKED_H

#include "metric/metric.h"

struct ranked {
    double relevant;
    int64_t k; // of metrics that look at the first k places
};

enum { RANKED_N = 2, RANKED_PARTS = 4 };
extern const struct setting ranked_table[RANKED_N];
#define RANKED_SETTINGS \
    { ranked_table, RANKED_N, sizeof(struct ranked) }
// Without k.
#define RANKED_SETTINGS_WHOLE \
    { ranked_table, 1, sizeof(struct ranked) }
extern const struct metric_part ranked_parts[RANKED_PARTS];

// One kind of metric; its numbers are those of one user.
struct ranked_kind {
    const char *id; // of the metric
    // What each of n relevant rows adds, at places rank[0] < rank[1] < ...: part[n].
    void (*add)(const struct ranked *s, const uint32_t *rank, size_t n, double *part);
    // The expectation of their sum over all orders of `candidates` items.
    double (*random)(const struct ranked *s, size_t n, size_t candidates);
};

bool ranked_score(const struct ranked_kind *kind, const void *settings,
    const struct metric_rows *rows, metric_sink *sink, void *arg, struct error *e);

// For struct metric. False without a message: there are no places.
bool ranked_rows(const struct ranked_kind *kind, const void *settings,
    const struct metric_rows *rows, double *part, double *weight, struct error *e);

// Whether some rating can be relevant, and some not; for struct metric.
bool ranked_fits(const void *settings, float scale_min, float scale_max, struct error *e);

// Which of the n relevant rows, in ascending order of places, are among the first k.
size_t ranked_hits(const struct ranked *s, const uint32_t *rank, size_t n);

#endif
