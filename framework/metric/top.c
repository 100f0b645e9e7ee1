// top5: the mean true rating of what a model would put on top.
//
// scope = "user": each user's n test rows are ranked by answer (before clipping, which would tie
// the best of them at the end of the scale), and k = max(1, ceil(share n)) of them are taken; scope
// = "overall": the same over all rows together. The score pools all rows taken and is their mean
// true rating. Rows with equal answers are ordered by `tie`, a hash of (seed, user, item), so that
// neither the order of rows nor their ratings can help.
//
// rule = "quantile" takes all rows whose answer is at least the quantile 1 - share of the answers
// (linear interpolation between order statistics: definition 7 of Hyndman & Fan, Sample quantiles
// in statistical packages, 1996; numpy's default), ties included. A constant answer then takes
// every row. It is offered so that figures published with it can be reproduced.
//
// The interval is a percentile bootstrap (Efron & Tibshirani, 1993, section 13.3) over users, whose
// taken rows move together: users are drawn with replacement and the pooled mean is formed again;
// the rows taken stay as they are. Reference lines are the same number for other rankings of the
// same rows, by the same rule: the damped item mean, the truth itself (oracle), and random, which
// is the exact expectation over all orders, not one draw.
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "metric/metric.h"

enum scope { SCOPE_USER, SCOPE_OVERALL };
enum rule { RULE_TIES, RULE_QUANTILE };

struct top_settings {
    double share;
    int scope, rule;
    int64_t min_rows;
};

static const char *const scope_names[] = {"user", "overall", NULL};
static const char *const rule_names[] = {"ties", "quantile", NULL};
static const struct setting top_table[] = {
    {.name = "share",
        .doc = "share of the rows to take",
        .type = SETTING_REAL,
        .offset = offsetof(struct top_settings, share),
        .def = 0.05,
        .min = 1e-6,
        .max = 1},
    {.name = "scope",
        .doc = "rank each user's test rows, or all of the fold together",
        .type = SETTING_CHOICE,
        .offset = offsetof(struct top_settings, scope),
        .def = SCOPE_USER,
        .choices = scope_names},
    {.name = "rule",
        .doc = "ties: exactly ceil(share n) rows, ties by a hash; quantile: every row "
               "at or above the quantile, ties included",
        .type = SETTING_CHOICE,
        .offset = offsetof(struct top_settings, rule),
        .def = RULE_TIES,
        .choices = rule_names},
    {.name = "min_rows",
        .doc = "leaves out users with fewer test rows",
        .type = SETTING_INT,
        .offset = offsetof(struct top_settings, min_rows),
        .def = 1,
        .min = 1,
        .max = 1e9},
};

static const struct metric_part top_parts[] = {
    {"rows", "rows taken", "rows taken, in one fold", 0, false, false},
    {"share", "share taken",
        "rows taken, of the rows ranked: users with few test rows make it "
        "more than was asked for",
        4, true, false},
    {"unchosen", "unchosen",
        "rows taken where all of a user's rows are, so that nothing was "
        "chosen",
        0, false, false},
    {"low", "95 % low", "lower end of the 95 % interval within a fold (bootstrap over users)", 3,
        false, false},
    {"high", "95 % high", "upper end of that interval", 3, false, false},
    {"random", "random", "what a random order gives on average", 3, false, true},
    {"item_mean", "item mean",
        "the same rows ranked by the damped item mean, mu + sum(r - mu) / "
        "(n + 10)",
        3, false, true},
    {"oracle", "oracle", "the same rows ranked by their true ratings", 3, false, true},
};

enum { REPLICATES = 1000 };

// One row while it is being ranked.
struct entry {
    float answer;
    uint32_t row;
    uint64_t tie;
};

// What one unit of the bootstrap, a user, has among the rows taken.
struct taken {
    double sum; // of true ratings
    double n;
};

// The rows of one ranking: at[start[g]] .. at[start[g + 1] - 1] are ranked together.
struct groups {
    uint32_t *row;        // [n]; owned: rows that count, by user, then in their own order
    uint32_t *user_index; // [n]; owned: of row[k]'s user, 0 .. n_users - 1 over users that count
    size_t *start;        // [n_groups + 1]; owned
    size_t n, n_groups, n_users;
};

static void groups_done(struct groups *g) {
    free(g->row);
    free(g->user_index);
    free(g->start);
}

static int compare_by_item(const void *left, const void *right, void *arg) {
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const struct metric_rows *rows = arg;
    if (rows->items[a] != rows->items[b]) return rows->items[a] < rows->items[b] ? -1 : 1;
    return (a > b) - (a < b);
}

// row[0 .. rows->n - 1]: by user, then by item, then in their own order.
static bool sort_by_user(uint32_t *row, const struct metric_rows *rows, struct error *e) {
    uint32_t n_users = 0;
    for (size_t k = 0; k < rows->n; k++)
        if (rows->users[k] >= n_users) n_users = rows->users[k] + 1;
    size_t *end = calloc((size_t)n_users + 1, sizeof *end); // of the user before, then its own
    if (!end) return error_memory(e, (size_t)n_users * sizeof *end, "the rows of top5");
    for (size_t k = 0; k < rows->n; k++) end[rows->users[k] + 1]++;
    for (uint32_t u = 0; u < n_users; u++) end[u + 1] += end[u];
    for (size_t k = 0; k < rows->n; k++) row[end[rows->users[k]]++] = (uint32_t)k;
    for (uint32_t u = 0; u < n_users; u++) {
        const size_t from = u ? end[u - 1] : 0;
        if (end[u] - from > 1)
            qsort_r(row + from, end[u] - from, sizeof *row, compare_by_item, (void *)rows);
    }
    free(end);
    return true;
}

static bool groups_init(struct groups *g, const struct top_settings *s,
    const struct metric_rows *rows, struct error *e) {
    const size_t n = rows->n;
    g->row = malloc(n * sizeof *g->row);
    g->user_index = malloc(n * sizeof *g->user_index);
    g->start = malloc((n + 1) * sizeof *g->start);
    if (!g->row || !g->user_index || !g->start)
        return error_memory(e, n * (8 + sizeof *g->start), "the rows of top5");
    if (!sort_by_user(g->row, rows, e)) return false;
    for (size_t from = 0, to = 0; from < n; from = to) {
        while (to < n && rows->users[g->row[to]] == rows->users[g->row[from]]) to++;
        if (to - from < (size_t)s->min_rows) continue;
        g->start[g->n_groups++] = g->n;
        for (size_t k = from; k < to; k++) {
            g->row[g->n] = g->row[k];
            g->user_index[g->n++] = (uint32_t)g->n_users;
        }
        g->n_users++;
    }
    if (s->scope == SCOPE_OVERALL && g->n_groups > 1) g->n_groups = 1;
    g->start[g->n_groups] = g->n;
    return true;
}

static int compare_entries(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (a->answer != b->answer) return a->answer > b->answer ? -1 : 1;
    if (a->tie != b->tie) return a->tie < b->tie ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

// ceil(share n), at least 1; products that are whole but for rounding count as whole.
static size_t rows_to_take(double share, size_t n) {
    const double k = ceil(share * (double)n * (1 - 1e-12));
    return k < 1 ? 1 : k > (double)n ? n : (size_t)k;
}

// How many of n sorted answers lie at or above position (1 - share) (n - 1), all being different.
static size_t rows_above_quantile(double share, size_t n) {
    return n - (size_t)ceil((double)(n - 1) * (1 - share));
}

// The quantile of entries in descending order, operation by operation as numpy computes it.
static double quantile_of(const struct entry *at, size_t n, double share) {
    const double place = (double)(n - 1) * (1 - share), below = floor(place), t = place - below;
    const size_t low = (size_t)below, high = low + 1 < n ? low + 1 : n - 1;
    const double a = (double)at[n - 1 - low].answer, b = (double)at[n - 1 - high].answer;
    return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

// Where the rows taken are noted besides their total; NULL: not wanted.
struct noted {
    struct taken *by_user;
    double *unchosen;
    double *part, *weight; // of each row: its true rating and 1, if it is taken
};

static void note(const struct noted *to, const struct groups *g, size_t place, double truth) {
    if (to->by_user) {
        to->by_user[g->user_index[place]].sum += truth;
        to->by_user[g->user_index[place]].n++;
    }
    if (to->part) {
        to->part[g->row[place]] = truth;
        to->weight[g->row[place]] = 1;
    }
}

// Ranks each group by `answer` and adds up the rows taken.
static void take(const struct top_settings *s, const struct metric_rows *rows,
    const struct groups *g, const float *answer, struct entry *at, struct taken *total,
    const struct noted *to) {
    *total = (struct taken){0};
    for (size_t group = 0; group < g->n_groups; group++) {
        const size_t from = g->start[group], n = g->start[group + 1] - from;
        for (size_t k = 0; k < n; k++) {
            const uint32_t row = g->row[from + k];
            // The place in g, not the row: what is taken leads back to its user by it.
            at[k] = (struct entry){answer[row], (uint32_t)(from + k), rows->tie[row]};
        }
        qsort(at, n, sizeof *at, compare_entries);
        size_t k = rows_to_take(s->share, n);
        if (s->rule == RULE_QUANTILE) {
            const double quantile = quantile_of(at, n, s->share);
            for (k = 0; k < n && (double)at[k].answer >= quantile;) k++;
        }
        for (size_t j = 0; j < k; j++) {
            const double truth = (double)rows->truth[g->row[at[j].row]];
            total->sum += truth;
            note(to, g, at[j].row, truth);
        }
        total->n += (double)k;
        if (k == n && to->unchosen) *to->unchosen += (double)k;
    }
}

// The expectation of the score over all orders: each group's mean, weighted by what it gives.
static double take_random(
    const struct top_settings *s, const struct metric_rows *rows, const struct groups *g) {
    double sum = 0, taken = 0;
    for (size_t group = 0; group < g->n_groups; group++) {
        const size_t from = g->start[group], n = g->start[group + 1] - from;
        const double k = (double)(s->rule == RULE_QUANTILE ? rows_above_quantile(s->share, n)
                                                           : rows_to_take(s->share, n));
        double truth = 0;
        for (size_t j = 0; j < n; j++) truth += (double)rows->truth[g->row[from + j]];
        sum += truth / (double)n * k;
        taken += k;
    }
    return sum / taken;
}

static int compare_doubles(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double percentile(const double *at, size_t n, double q) {
    const double place = (double)(n - 1) * q, below = floor(place);
    const size_t low = (size_t)below, high = low + 1 < n ? low + 1 : n - 1;
    return at[low] + (at[high] - at[low]) * (place - below);
}

// Draws n users with replacement: number k of stream `replicate`, two from each 64 bits.
static double resample(
    const struct taken *user, size_t n, uint64_t key, uint64_t replicate, uint64_t *bits) {
    struct taken total = {0};
    random_bits(key, replicate, bits, (n + 1) / 2);
    for (size_t k = 0; k < n; k++) {
        const uint64_t word = k % 2 ? bits[k / 2] >> 32 : bits[k / 2] & 0xffffffffu;
        const struct taken *u = &user[(word * n) >> 32];
        total.sum += u->sum;
        total.n += u->n;
    }
    return total.sum / total.n; // NAN when none of them has a row
}

static bool bootstrap(
    const struct taken *user, size_t n, uint64_t seed, double *low, double *high, struct error *e) {
    *low = *high = NAN;
    if (n < 2) return true;
    uint64_t *bits = malloc((n + 1) / 2 * sizeof *bits);
    if (!bits) return error_memory(e, (n + 1) / 2 * sizeof *bits, "the bootstrap of top5");
    double means[REPLICATES];
    const uint64_t key = random_key(seed, RANDOM_BOOTSTRAP, 0);
    size_t kept = 0;
    for (uint64_t r = 0; r < REPLICATES; r++) {
        const double mean = resample(user, n, key, r, bits);
        if (!isnan(mean)) means[kept++] = mean;
    }
    free(bits);
    if (kept < 2) return true;
    qsort(means, kept, sizeof *means, compare_doubles);
    *low = percentile(means, kept, 0.025);
    *high = percentile(means, kept, 0.975);
    return true;
}

static bool score_top(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    const struct top_settings *s = settings;
    struct groups g = {0};
    struct entry *at = NULL;
    struct taken *user = NULL, total = {0}, line = {0};
    const struct noted nowhere = {0};
    double unchosen = 0, low, high;
    bool ok = groups_init(&g, s, rows, e);
    if (!ok) goto done;
    if (g.n == 0) { // every user is below min_rows
        sink(arg, "top5", NAN);
        sink(arg, "top5.rows", 0);
        goto done;
    }
    at = malloc(g.n * sizeof *at);
    user = calloc(g.n_users, sizeof *user);
    ok = at && user;
    if (!ok) {
        error_memory(e, g.n * sizeof *at + g.n_users * sizeof *user, "the ranks of top5");
        goto done;
    }
    take(s, rows, &g, rows->raw, at, &total, &(struct noted){user, &unchosen, NULL, NULL});
    ok = bootstrap(user, g.n_users, rows->seed, &low, &high, e);
    if (!ok) goto done;
    sink(arg, "top5", total.sum / total.n);
    sink(arg, "top5.rows", total.n);
    sink(arg, "top5.share", total.n / (double)g.n);
    sink(arg, "top5.unchosen", unchosen);
    sink(arg, "top5.low", low);
    sink(arg, "top5.high", high);
    sink(arg, "top5.random", take_random(s, rows, &g));
    take(s, rows, &g, rows->item_mean, at, &line, &nowhere);
    sink(arg, "top5.item_mean", line.sum / line.n);
    take(s, rows, &g, rows->truth, at, &line, &nowhere);
    sink(arg, "top5.oracle", line.sum / line.n);
done:
    groups_done(&g);
    free(at);
    free(user);
    return ok;
}

static bool rows_of_top(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    struct groups g = {0};
    struct taken total;
    struct entry *at = NULL;
    const struct noted to = {.part = part, .weight = weight};
    for (size_t k = 0; k < rows->n; k++) part[k] = weight[k] = 0;
    bool ok = groups_init(&g, settings, rows, e);
    if (!ok || g.n == 0) goto done;
    at = malloc(g.n * sizeof *at);
    ok = at || error_memory(e, g.n * sizeof *at, "the ranks of top5");
    if (ok) take(settings, rows, &g, rows->raw, at, &total, &to);
done:
    groups_done(&g);
    free(at);
    return ok;
}

static const char *caution_of(const void *settings) {
    const struct top_settings *s = settings;
    if (s->rule != RULE_QUANTILE) return NULL;
    return "rule = \"quantile\" takes every row at or above the quantile, ties included: an answer "
           "that is the same for all rows takes all of them. Not comparable with rule = \"ties\".";
}

REGISTRY_ADD(metric, top5) = {
    .id = "top5",
    .title = "top 5 %",
    .doc = "Mean true rating of the rows ranked highest: of each user's n test rows the "
           "ceil(0.05 n) with the highest answers (`share`, `scope`), before clipping, ties by a "
           "hash of (seed, user, item), pooled over the fold. Beside it stand the share really "
           "taken, the rows "
           "taken where nothing was chosen, a 95 % bootstrap interval over users, and what a "
           "random order, the damped item mean and the truth itself score on the same rows.",
    .settings = SETTINGS(top_table, struct top_settings),
    .parts = top_parts,
    .n_parts = sizeof top_parts / sizeof *top_parts,
    .decimals = 3,
    .caution = caution_of,
    .rows = rows_of_top,
    .score = score_top,
};
