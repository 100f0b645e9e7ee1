// knn - nearest neighbours over baselines, by item or by user.
//
//     r(u,i) = b(u,i) + sum_j w_ij (r_uj - b(u,j)) / (damping + sum_j w_ij),   w_ij = s_ij^power
//
// b(u,i) = mu + b_u + b_i (common/effects.h); j: those k items with the largest s_ij > 0 that u has
// rated; s_ij: knn_near.h. By user, the same with users and items exchanged.
//
// Y. Koren: Factor in the Neighbors: Scalable and Accurate Collaborative Filtering, ACM TKDD 4(1),
// 2010, sec. 2.2, and Factorization Meets the Neighborhood (KDD 2008), sec. 2.2, which shrink s_ij
// by the number of common raters; N. Hug: Surprise, J. Open Source Software 5(52), 2020:
// KNNBaseline with pearson_baseline, which is power = 1, damping = 0. Of few common raters:
// J. Herlocker, J. Konstan, A. Borchers, J. Riedl: An Algorithmic Framework for Performing
// Collaborative Filtering (SIGIR 1999). power: "case amplification" of J. Breese, D. Heckerman,
// C. Kadie: Empirical Analysis of Predictive Algorithms for Collaborative Filtering (UAI 1998).
// damping draws a prediction from few or far neighbours to the baseline: R. Bell, Y. Koren:
// Improved Neighborhood-based Collaborative Filtering (KDD Cup and Workshop 2007).
//
// Only the nearest `candidates` rows of each are kept, so that memory does not grow with items
// squared. What that loses, learning from four fifths of the rows of ml-1m's folds 2 to 5 and asked
// for the others: RMSE .8620 with all of them, .8622 with 500, .8634 with 200, .8719 with 50.
//
// Check value: RMSE .8393 on ml-latest-small, .9103 on ml-100k (u1..u5), means of five folds, and
// .8509 on ml-1m, fold 1: reckon run experiments/ml-1m.cfg --only knn 'split.only=[1]'.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/effects.h"
#include "common/extensions.h"
#include "common/kernel.h"
#include "common/ratings.h"
#include "knn_near.h"
#include "reckon.h"

enum knn_by { BY_ITEM, BY_USER };

struct rk_params {
    int by;
    int neighbours;
    double shrinkage;
    double power;
    double damping;
    int support;
    int candidates;
};

// Residuals by rater: by item, a line is a user's.
struct lines {
    uint64_t *start; // [raters + 1]; owned
    uint32_t *row;   // [start[raters]]; owned
    float *residual; // [start[raters]], in units of the noise; owned
};

struct rk_model {
    const rk_host *host;     // borrowed
    const rk_params *params; // borrowed
    uint32_t n[2];           // [side of effects.h]
    struct effects x;        // owned
    double unit;             // the noise's standard deviation; 0: all ratings are as the baseline
    struct knn_near near;    // owned
    struct lines lines;      // owned
};

static rk_status create(const rk_host *host, const rk_params *params, rk_model **out) {
    rk_model *m = calloc(1, sizeof *m);
    if (!m) return RK_E_MEMORY;
    m->host = host;
    m->params = params;
    *out = m;
    return RK_OK;
}

static void destroy(rk_model *m) {
    effects_done(&m->x);
    knn_near_done(&m->near);
    free(m->lines.start);
    free(m->lines.row);
    free(m->lines.residual);
    free(m);
}

static double baseline(const rk_model *m, uint32_t user, uint32_t item) {
    return m->x.mean + m->x.bias[EFFECTS_USER][user] + m->x.bias[EFFECTS_ITEM][item];
}

// ---- Fit ---------------------------------------------------------------------------------------

// Residuals of `r`, whose rows are users or items, in units of the noise. NULL: no memory.
static float *residuals_of(const rk_model *m, const rk_csr *r, int side) {
    float *out = malloc(r->start[r->n_rows] * sizeof *out);
    const double scale = m->unit > 0 ? 1 / m->unit : 0;
    for (uint32_t k = 0; out && k < r->n_rows; k++)
        for (uint64_t e = r->start[k]; e < r->start[k + 1]; e++) {
            const uint32_t user = side == EFFECTS_USER ? k : r->col[e];
            const uint32_t item = side == EFFECTS_USER ? r->col[e] : k;
            out[e] = (float)((r->value[e] - baseline(m, user, item)) * scale);
        }
    return out;
}

static bool copy_lines(struct lines *lines, const rk_csr *r, float *residual) {
    const size_t n = r->start[r->n_rows], n_starts = (size_t)r->n_rows + 1;
    lines->residual = residual;
    lines->start = malloc(n_starts * sizeof *lines->start);
    lines->row = malloc(n * sizeof *lines->row);
    if (!residual || !lines->start || !lines->row) return false;
    memcpy(lines->start, r->start, n_starts * sizeof *lines->start);
    memcpy(lines->row, r->col, n * sizeof *lines->row);
    return true;
}

static rk_status find_near(rk_model *m, const rk_data *data, struct knn_steps *steps) {
    const rk_params *p = m->params;
    const int side = p->by == BY_ITEM ? EFFECTS_ITEM : EFFECTS_USER;
    const struct knn_settings settings = {.shrinkage = p->shrinkage,
        .power = p->power,
        .support = (uint32_t)p->support,
        .most = (uint32_t)p->candidates};
    rk_csr rows = side == EFFECTS_ITEM ? data->by_item : data->by_user;
    rk_csr lines = side == EFFECTS_ITEM ? data->by_user : data->by_item;
    float *residual = residuals_of(m, &rows, side);
    rk_status status = RK_E_MEMORY;
    if (residual && copy_lines(&m->lines, &lines, residuals_of(m, &lines, !side))) {
        rows.value = residual;
        lines.value = m->lines.residual;
        status = knn_near_init(&m->near, m->host, &rows, &lines, &settings, steps);
        if (status == RK_OK) status = knn_near_name(&m->near, rows.n_rows);
    }
    free(residual);
    return status;
}

static rk_status fit(rk_model *m, const rk_data *data) {
    const struct ratings r = ratings_of(data);
    m->n[EFFECTS_USER] = data->n_users;
    m->n[EFFECTS_ITEM] = data->n_items;
    const uint32_t n_rows = m->params->by == BY_ITEM ? data->n_items : data->n_users;
    struct knn_steps steps = {.total = 1 + knn_near_steps(n_rows)};
    rk_status status = effects_init(&m->x, m->host, &r);
    if (status != RK_OK) return status;
    m->unit = sqrt(m->x.noise);
    if (!m->host->progress(m->host, ++steps.done, steps.total, NAN)) return RK_CANCELLED;
    status = find_near(m, data, &steps);
    if (status == RK_E_MEMORY)
        return m->host->fail(m->host, status, "no memory for %d candidates of each of %u %s",
            m->params->candidates, n_rows, m->params->by == BY_ITEM ? "items" : "users");
    return status;
}

// ---- Answers -----------------------------------------------------------------------------------

static const uint32_t NOBODY = UINT32_MAX;

// residual[row] of what `rater` rated, or NAN again.
static void show_line(const struct lines *lines, uint32_t rater, float *residual, bool show) {
    if (rater == NOBODY) return;
    for (uint64_t e = lines->start[rater]; e < lines->start[rater + 1]; e++)
        residual[lines->row[e]] = show ? lines->residual[e] : NAN;
}

// What is expected beside the baseline, in units of the noise: sums over neighbours by their places
// in the row's list.
struct answer {
    double sum, weights;
    int found;
};

// Whether that was the last neighbour of those that count.
static inline bool add(const rk_model *m, struct answer *a, float weight, float residual) {
    a->sum += (double)weight * residual;
    a->weights += weight;
    return ++a->found == m->params->neighbours;
}

static struct answer by_search(const rk_model *m, uint32_t row, const float *residual) {
    struct answer a = {.weights = m->params->damping};
    for (uint64_t k = m->near.start[row]; k < m->near.start[row + 1]; k++) {
        const struct knn_neighbour *j = &m->near.neighbour[k];
        const float e = residual[j->row];
        if (!isnan(e) && add(m, &a, j->weight, e)) break;
    }
    return a;
}

// A neighbour that the rater has rated.
struct hit {
    float weight, residual;
};

// All hits of a rater, by place in near.neighbour. A hit's index is the number of marks before its
// place: by bits, of 64 places a word, 1 for what was rated, and the marks before each word.
struct hits {
    uint64_t *marks;  // [words]; owned
    uint32_t *before; // [words]; owned
    uint32_t *first;  // [rows + 1]; owned: of a row's list
    struct hit *hit;  // [room]; owned
    size_t n_words, room;
};

static struct answer by_hits(const rk_model *m, uint32_t row, const struct hits *h) {
    struct answer a = {.weights = m->params->damping};
    for (uint32_t k = h->first[row]; k < h->first[row + 1]; k++)
        if (add(m, &a, h->hit[k].weight, h->hit[k].residual)) break;
    return a;
}

// What a call to predict() works with.
struct work {
    const rk_model *m;
    float *residual;        // [rows]; owned: of the rater at hand, NAN for what was not rated
    struct hits hits;       // of the rater at hand, if `by_hits`
    uint32_t n_rows, shown; // shown: the rater at hand
    bool by_hits;
};

// Times that lists name what the rater has rated.
static uint64_t count_named(const struct work *w, uint32_t rater) {
    const struct lines *lines = &w->m->lines;
    const uint64_t *start = w->m->near.named_start;
    uint64_t n = 0;
    for (uint64_t e = lines->start[rater]; e < lines->start[rater + 1]; e++)
        n += start[lines->row[e] + 1] - start[lines->row[e]];
    return n;
}

// Whether n answers for this rater are quicker by hits: these cost a step for each time that a
// list names what was rated; a search ends at the list's end, or where it has found enough.
static bool hits_pay(const struct work *w, uint32_t rater, size_t n) {
    enum { FEW = 32 };
    const struct knn_near *near = &w->m->near;
    if (n <= FEW || !near->named_start) return false;
    const uint64_t n_rated = w->m->lines.start[rater + 1] - w->m->lines.start[rater];
    const double cost = (double)(count_named(w, rater) + w->hits.n_words + w->n_rows);
    const double list = (double)near->start[w->n_rows] / w->n_rows;
    const double enough = (double)w->m->params->neighbours * w->n_rows / (double)(n_rated + 1);
    return cost < (double)n * (list < enough ? list : enough);
}

static bool hits_room(struct hits *h, uint32_t n_rows, size_t n) {
    if (!h->marks) {
        h->marks = malloc(h->n_words * sizeof *h->marks);
        h->before = malloc(h->n_words * sizeof *h->before);
        h->first = malloc(((size_t)n_rows + 1) * sizeof *h->first);
    }
    if (n > h->room || !h->hit) {
        free(h->hit);
        h->hit = malloc((n + 1) * sizeof *h->hit);
        h->room = n;
    }
    return h->marks && h->before && h->first && h->hit;
}

static inline __attribute__((always_inline)) uint32_t marks_before(
    const struct hits *h, uint64_t place) {
    const uint64_t below = h->marks[place / 64] & (((uint64_t)1 << place % 64) - 1);
    return h->before[place / 64] + (uint32_t)__builtin_popcountll(below);
}

KERNEL_CLONES
static void find_hits(const rk_model *m, struct hits *h, uint32_t n_rows, uint32_t rater) {
    const struct knn_near *near = &m->near;
    const struct lines *lines = &m->lines;
    const uint64_t begin = lines->start[rater], end = lines->start[rater + 1];
    memset(h->marks, 0, h->n_words * sizeof *h->marks);
    for (uint64_t e = begin; e < end; e++) {
        const uint32_t row = lines->row[e];
        for (uint64_t k = near->named_start[row]; k < near->named_start[row + 1]; k++)
            h->marks[near->named[k] / 64] |= (uint64_t)1 << near->named[k] % 64;
    }
    uint32_t before = 0;
    for (size_t word = 0; word < h->n_words; word++) {
        h->before[word] = before;
        before += (uint32_t)__builtin_popcountll(h->marks[word]);
    }
    for (uint64_t e = begin; e < end; e++) {
        const uint32_t row = lines->row[e];
        for (uint64_t k = near->named_start[row]; k < near->named_start[row + 1]; k++)
            h->hit[marks_before(h, near->named[k])] =
                (struct hit){near->named_weight[k], lines->residual[e]};
    }
    for (uint32_t r = 0; r <= n_rows; r++) h->first[r] = marks_before(h, near->start[r]);
}

// To a rater of whom the next n pairs are. False: no memory.
static bool turn_to(struct work *w, uint32_t rater, size_t n) {
    show_line(&w->m->lines, w->shown, w->residual, false);
    show_line(&w->m->lines, rater, w->residual, true);
    w->shown = rater;
    w->by_hits = hits_pay(w, rater, n);
    if (!w->by_hits) return true;
    if (!hits_room(&w->hits, w->n_rows, count_named(w, rater))) return false;
    find_hits(w->m, &w->hits, w->n_rows, rater);
    return true;
}

static double deviation(const struct work *w, uint32_t row) {
    const struct answer a =
        w->by_hits ? by_hits(w->m, row, &w->hits) : by_search(w->m, row, w->residual);
    return a.weights > 0 ? a.sum / a.weights : 0;
}

static bool work_init(struct work *w, const rk_model *m) {
    const uint32_t n_rows = m->n[m->params->by == BY_ITEM ? EFFECTS_ITEM : EFFECTS_USER];
    *w = (struct work){.m = m,
        .residual = malloc(n_rows * sizeof *w->residual),
        .hits = {.n_words = m->near.start[n_rows] / 64 + 1},
        .n_rows = n_rows,
        .shown = NOBODY};
    for (uint32_t r = 0; w->residual && r < n_rows; r++) w->residual[r] = NAN;
    return w->residual;
}

static void work_done(struct work *w) {
    free(w->residual);
    free(w->hits.marks);
    free(w->hits.before);
    free(w->hits.first);
    free(w->hits.hit);
}

static size_t same_from(const uint32_t *raters, size_t k, size_t n) {
    size_t end = k + 1;
    while (end < n && raters[end] == raters[k]) end++;
    return end - k;
}

static rk_status predict(const rk_model *m, const rk_pairs *pairs, float *out) {
    const bool by_item = m->params->by == BY_ITEM;
    const uint32_t *rows = by_item ? pairs->items : pairs->users;
    const uint32_t *raters = by_item ? pairs->users : pairs->items;
    struct work w;
    bool ok = work_init(&w, m);
    for (size_t k = 0; ok && k < pairs->n; k++) {
        double expected = baseline(m, pairs->users[k], pairs->items[k]);
        if (m->near.start[rows[k]] < m->near.start[rows[k] + 1]) {
            if (raters[k] != w.shown) ok = turn_to(&w, raters[k], same_from(raters, k, pairs->n));
            if (ok) expected += m->unit * deviation(&w, rows[k]);
        }
        out[k] = (float)expected;
    }
    work_done(&w);
    return ok ? RK_OK : RK_E_MEMORY;
}

// ---- State -------------------------------------------------------------------------------------

static void lines_fields(struct lines *lines, struct state *s, uint32_t n_raters, uint32_t n_rows) {
    STATE_ARRAY(s, lines->start, (uint64_t)n_raters + 1);
    bool ok = s->status == RK_OK && lines->start[0] == 0;
    for (uint32_t k = 0; ok && k < n_raters; k++) ok = lines->start[k] <= lines->start[k + 1];
    state_judge(s, ok, "ratings that begin behind their end");
    if (s->status != RK_OK) return;
    STATE_ARRAY(s, lines->row, lines->start[n_raters]);
    STATE_ARRAY(s, lines->residual, lines->start[n_raters]);
    if (s->status != RK_OK) return;
    state_judge(s, state_all_below(lines->row, lines->start[n_raters], n_rows, 0),
        "ratings of what is not there");
}

static void fields(struct state *s, rk_model *m) {
    state_same(s, (uint64_t)m->params->by, "neighbours of another kind");
    STATE_NUMBER(s, m->n[EFFECTS_USER]);
    STATE_NUMBER(s, m->n[EFFECTS_ITEM]);
    state_judge(s, m->n[EFFECTS_USER] > 0 && m->n[EFFECTS_ITEM] > 0, "nobody, or nothing");
    const int side = m->params->by == BY_ITEM ? EFFECTS_ITEM : EFFECTS_USER;
    effects_fields(&m->x, s, m->n[EFFECTS_USER], m->n[EFFECTS_ITEM]);
    STATE_NUMBER(s, m->unit);
    state_judge(s, m->unit >= 0 && isfinite(m->unit), "a unit that cannot be");
    if (s->status != RK_OK) return;
    knn_near_fields(&m->near, s, m->n[side]);
    lines_fields(&m->lines, s, m->n[!side], m->n[side]);
}

static uint64_t bytes(const rk_params *p, const rk_shape *shape) {
    const uint64_t n_rows = p->by == BY_ITEM ? shape->n_items : shape->n_users;
    const uint64_t n_raters = p->by == BY_ITEM ? shape->n_users : shape->n_items;
    const uint64_t n = shape->n_ratings;
    return sizeof(rk_model) + effects_bytes(shape) + (n_raters + 1) * sizeof(uint64_t) +
           n * (sizeof(uint32_t) + 2 * sizeof(float)) +
           knn_near_bytes(n_rows, (uint64_t)p->candidates, shape->n_threads);
}

EXTENSIONS("knn", 1, fields, bytes)

static const char *const bys[] = {"item", "user", NULL};
static const rk_param schema[] = {
    RK_CHOICE(by, BY_ITEM, bys, "neighbours are items that the user rated, or users who rated it"),
    RK_INT(neighbours, 40, 1, 10000, RK_LOG, "that answer for a pair, at most"),
    RK_REAL(shrinkage, 100, 0, 1e6, RK_LINEAR,
        "common raters at similarity 0 that every two rows start with"),
    RK_REAL(power, 2, 0.1, 10, RK_LOG, "a neighbour weighs its similarity to this power"),
    RK_REAL(
        damping, 0.03, 0, 1e3, RK_LINEAR, "weight at the baseline that every answer starts with"),
    RK_INT(support, 2, 1, 10000, RK_LOG, "common raters that neighbours have at least"),
    RK_INT(candidates, 500, 1, 100000, RK_LOG,
        "most similar rows kept of each, of which a pair's neighbours are; memory grows with it"),
};
RK_PLUGIN(.id = "knn", .summary = "Nearest neighbours over baselines, by item or by user",
    .version = "1.0.0", RK_PARAMS(schema), .create = create, .destroy = destroy, .fit = fit,
    .predict = predict, .extension = extension)
