#include "metric/ranked.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const struct setting ranked_table[RANKED_N] = {
    {.name = "relevant",
        .doc = "test rows with this rating or a higher one are relevant",
        .type = SETTING_REAL,
        .offset = offsetof(struct ranked, relevant),
        .def = 4,
        .min = -1e9,
        .max = 1e9},
    {.name = "k",
        .doc = "places looked at",
        .type = SETTING_INT,
        .offset = offsetof(struct ranked, k),
        .def = 10,
        .min = 1,
        .max = 1e6},
};

const struct metric_part ranked_parts[RANKED_PARTS] = {
    {"users", "users", "users with a relevant test row, who count", 0, false, false},
    {"left_out", "users left out", "users with test rows of whom none is relevant", 0, false,
        false},
    {"relevant", "relevant rows", "test rows of at least the rating `relevant`", 0, false, false},
    {"random", "random", "what a random order of the candidates gives on average", 4, false, true},
};

bool ranked_fits(const void *settings, float scale_min, float scale_max, struct error *e) {
    const struct ranked *s = settings;
    if ((float)s->relevant > scale_min && (float)s->relevant <= scale_max) return true;
    return error_set(e,
        "relevant = %g makes %s test row relevant on a scale from %g to %g; choose a rating above "
        "%g and up to %g",
        s->relevant, (float)s->relevant > scale_max ? "no" : "every", (double)scale_min,
        (double)scale_max, (double)scale_min, (double)scale_max);
}

size_t ranked_hits(const struct ranked *s, const uint32_t *rank, size_t n) {
    size_t hits = 0;
    while (hits < n && (int64_t)rank[hits] <= s->k) hits++;
    return hits;
}

// ---- Rows by user ------------------------------------------------------------------------------

struct relevant {
    uint32_t rank, row;
};

// The relevant rows of user u: at[end[u - 1]] (0: at[0]) .. at[end[u] - 1], by place.
struct relevant_rows {
    struct relevant *at; // [n]; owned
    size_t *end;         // [n_users + 1]; owned
    uint32_t *rank;      // [n]; owned: of at
    bool *seen;          // [n_users]; owned: has rows of any rating
    size_t n, n_users;
};

static void relevant_done(struct relevant_rows *r) {
    free(r->at);
    free(r->end);
    free(r->rank);
    free(r->seen);
}

static int compare_relevant(const void *left, const void *right) {
    const struct relevant *a = left, *b = right;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static bool relevant_init(struct relevant_rows *r, const struct ranked *s,
    const struct metric_rows *rows, struct error *e) {
    const float least = (float)s->relevant;
    *r = (struct relevant_rows){0};
    for (size_t k = 0; k < rows->n; k++) {
        if (rows->users[k] >= r->n_users) r->n_users = (size_t)rows->users[k] + 1;
        r->n += rows->truth[k] >= least;
    }
    r->at = malloc((r->n + 1) * sizeof *r->at);
    r->end = calloc(r->n_users + 1, sizeof *r->end);
    r->rank = malloc((r->n + 1) * sizeof *r->rank);
    r->seen = calloc(r->n_users + 1, sizeof *r->seen);
    if (!r->at || !r->end || !r->rank || !r->seen)
        return error_memory(
            e, r->n * (sizeof *r->at + 4) + r->n_users * 9, "the relevant rows of users");
    for (size_t k = 0; k < rows->n; k++) {
        r->seen[rows->users[k]] = true;
        if (rows->truth[k] >= least) r->end[rows->users[k] + 1]++;
    }
    for (size_t u = 0; u < r->n_users; u++) r->end[u + 1] += r->end[u];
    for (size_t k = 0; k < rows->n; k++)
        if (rows->truth[k] >= least)
            r->at[r->end[rows->users[k]]++] = (struct relevant){rows->place[k].rank, (uint32_t)k};
    for (size_t u = 0, from = 0; u < r->n_users; from = r->end[u++])
        if (r->end[u] - from > 1)
            qsort(r->at + from, r->end[u] - from, sizeof *r->at, compare_relevant);
    for (size_t k = 0; k < r->n; k++) r->rank[k] = r->at[k].rank;
    return true;
}

// ---- Scores ------------------------------------------------------------------------------------

struct sums {
    double score, random;
    size_t users, left_out;
};

static bool add_up(struct sums *out, const struct ranked_kind *kind, const struct ranked *s,
    const struct relevant_rows *r, const struct metric_rows *rows, struct error *e) {
    double *part = malloc((r->n + 1) * sizeof *part);
    *out = (struct sums){0};
    if (!part) return error_memory(e, r->n * sizeof *part, "the relevant rows of users");
    for (size_t u = 0, from = 0; u < r->n_users; from = r->end[u++]) {
        const size_t n = r->end[u] - from;
        out->users += n > 0;
        out->left_out += n == 0 && r->seen[u];
        if (n == 0) continue;
        kind->add(s, r->rank + from, n, part);
        for (size_t k = 0; k < n; k++) out->score += part[k];
        out->random += kind->random(s, n, rows->place[r->at[from].row].candidates);
    }
    free(part);
    return true;
}

static void emit(
    const struct ranked_kind *kind, const char *part, double value, metric_sink *sink, void *arg) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", kind->id, part);
    sink(arg, name, value);
}

bool ranked_score(const struct ranked_kind *kind, const void *settings,
    const struct metric_rows *rows, metric_sink *sink, void *arg, struct error *e) {
    struct relevant_rows r;
    struct sums sums;
    if (!rows->place) {
        sink(arg, kind->id, (double)NAN);
        return true;
    }
    const bool ok =
        relevant_init(&r, settings, rows, e) && add_up(&sums, kind, settings, &r, rows, e);
    if (ok) {
        const double users = (double)sums.users; // 0: NAN
        sink(arg, kind->id, sums.score / users);
        emit(kind, ranked_parts[0].name, users, sink, arg);
        emit(kind, ranked_parts[1].name, (double)sums.left_out, sink, arg);
        emit(kind, ranked_parts[2].name, (double)r.n, sink, arg);
        emit(kind, ranked_parts[3].name, sums.random / users, sink, arg);
    }
    relevant_done(&r);
    return ok;
}

bool ranked_rows(const struct ranked_kind *kind, const void *settings,
    const struct metric_rows *rows, double *part, double *weight, struct error *e) {
    struct relevant_rows r;
    if (!rows->place) return false;
    for (size_t k = 0; k < rows->n; k++) part[k] = weight[k] = 0;
    double *own = NULL;
    bool ok = relevant_init(&r, settings, rows, e);
    if (ok) {
        own = malloc((r.n + 1) * sizeof *own);
        ok = own || error_memory(e, r.n * sizeof *own, "the relevant rows of users");
    }
    for (size_t u = 0, from = 0; ok && u < r.n_users; from = r.end[u++]) {
        const size_t n = r.end[u] - from;
        if (n == 0) continue;
        kind->add(settings, r.rank + from, n, own);
        for (size_t k = 0; k < n; k++) {
            part[r.at[from + k].row] = own[k];
            weight[r.at[from + k].row] = 1 / (double)n;
        }
    }
    free(own);
    relevant_done(&r);
    return ok;
}
