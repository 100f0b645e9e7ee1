// The planted truth: what items are like, and how much each user rates.
#include "data/synthetic_world.h"

#include <math.h>
#include <stdlib.h>

// Spreads of the logarithms of counts at tail = 1.
static const double user_spread = 0.9, item_spread = 1.3;

uint64_t synthetic_world_key(const struct synthetic_world *w, enum synthetic_key what) {
    return random_key((uint64_t)w->settings->seed, RANDOM_SYNTHETIC, (uint64_t)what);
}

float synthetic_dot(const float *a, const float *b, uint32_t n) {
    float sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += a[k] * b[k];
    return sum;
}

// ---- Items -------------------------------------------------------------------------------------

// One to three distinct genres, the first ones more often.
static uint64_t pick_genres(uint64_t key, uint32_t i, uint32_t n_genres) {
    enum { TRIES = 64 };
    float u[TRIES];
    random_uniform(key, i, u, TRIES);
    uint32_t wanted = u[0] < 0.4f ? 1 : u[0] < 0.8f ? 2 : 3;
    double total = 0;
    for (uint32_t g = 0; g < n_genres; g++) total += 1 / (double)(g + 2);
    uint64_t picked = 0;
    for (int k = 1; k < TRIES && wanted > 0 && n_genres > 0; k++) {
        double at = u[k] * total;
        uint32_t g = 0;
        while (g + 1 < n_genres && (at -= 1 / (double)(g + 2)) >= 0) g++;
        if (picked >> g & 1) continue;
        picked |= UINT64_C(1) << g;
        wanted--;
    }
    return picked;
}

// q_i: what the genres say, and what is the item's own; of unit variance both.
static void plant_factor(struct synthetic_world *w, uint32_t i, const float *own) {
    float *q = w->item_factor + (size_t)i * w->rank;
    const int n = __builtin_popcountll(w->genres[i]);
    const double share = n ? w->settings->genre_share : 0;
    const float of_genre = n ? (float)sqrt(share / n) : 0, of_own = (float)sqrt(1 - share);
    for (uint32_t f = 0; f < w->rank; f++) q[f] = of_own * own[f];
    for (uint32_t g = 0; g < w->n_genres; g++)
        if (w->genres[i] >> g & 1)
            for (uint32_t f = 0; f < w->rank; f++)
                q[f] += of_genre * w->genre_factor[(size_t)g * w->rank + f];
}

static void plant_items(struct synthetic_world *w) {
    const struct synthetic *s = w->settings;
    const uint64_t normal_key = synthetic_world_key(w, KEY_ITEM);
    const uint64_t genre_key = synthetic_world_key(w, KEY_ITEM_GENRE);
    const uint64_t year_key = synthetic_world_key(w, KEY_ITEM_YEAR);
    float *z = w->chance; // [3 + rank]
    for (uint32_t i = 0; i < w->n_items; i++) {
        random_normal(normal_key, i, z, 3 + w->rank);
        float u;
        random_uniform(year_key, i, &u, 1);
        const double age = fmin(-18 * log(1 - (double)u), 90);
        w->year[i] = (uint16_t)(2015 - (int)age);
        w->genres[i] = pick_genres(genre_key, i, w->n_genres);
        w->weight[i] = (float)exp(s->tail * item_spread * z[0]);
        const double merit = 0.85 * z[1] + 0.4 * z[0] + 0.35 * (age - 18) / 18; // unit variance
        w->item_bias[i] = (float)(s->item_bias * merit);
        w->item_drift[i] = z[2];
        plant_factor(w, i, z + 3);
    }
}

double synthetic_world_share(const struct synthetic_world *w, uint32_t i) {
    const int n = __builtin_popcountll(w->genres[i]);
    return w->weight[i] / (n ? n : 1);
}

static bool in_group(const struct synthetic_world *w, uint32_t i, uint32_t group) {
    return w->n_genres == 0 || (w->genres[i] >> group & 1);
}

// For each genre its items with their weights summed up, to be drawn from by bisection. An item of
// k genres has a k-th of its weight in each, so that taste apart, items are drawn by weight.
static void group_items(struct synthetic_world *w) {
    uint64_t at = 0;
    for (uint32_t g = 0; g < w->n_groups; g++) {
        double sum = 0;
        w->group_start[g] = at;
        for (uint32_t i = 0; i < w->n_items; i++)
            if (in_group(w, i, g)) {
                sum += synthetic_world_share(w, i);
                w->group_item[at] = i;
                w->group_sum[at++] = sum;
            }
    }
    w->group_start[w->n_groups] = at;
}

// ---- Users' numbers of ratings -----------------------------------------------------------------

static double bounded(double x, double cap) {
    return x < 1 ? 1 : x > cap ? cap : x;
}

static double sum_bounded(const double *x, uint32_t n, double scale, double cap) {
    double sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += bounded(scale * x[k], cap);
    return sum;
}

// Log-normal, at least 1 and at most three quarters of the items, settings->ratings in all: the
// scale is found by bisection, then fractions are carried from user to user.
static bool deal_counts(struct synthetic_world *w, struct error *e) {
    const uint64_t key = synthetic_world_key(w, KEY_COUNT);
    double *activity = malloc(w->n_users * sizeof *activity);
    if (!activity) return error_memory(e, w->n_users * sizeof *activity, "synthetic users");
    for (uint32_t u = 0; u < w->n_users; u++) {
        float z;
        random_normal(key, u, &z, 1);
        activity[u] = exp(w->settings->tail * user_spread * z);
    }
    const double target = (double)w->settings->ratings + 0.5; // so that floor() is safe
    const uint32_t cap = w->n_items / 2 + w->n_items / 4 + 1; // synthetic_check(): room enough
    double low = -64, high = 64;                              // of the scale's log2
    for (int round = 0; round < 100; round++) {
        const double middle = (low + high) / 2;
        if (sum_bounded(activity, w->n_users, exp2(middle), cap) < target)
            low = middle;
        else
            high = middle;
    }
    double sum = 0, dealt = 0;
    for (uint32_t u = 0; u < w->n_users; u++) {
        sum += bounded(exp2(high) * activity[u], cap);
        w->count[u] = (uint32_t)(floor(sum) - dealt);
        dealt = floor(sum);
    }
    free(activity);
    return true;
}

// ---- The world ---------------------------------------------------------------------------------

static bool allocate(struct synthetic_world *w) {
    const size_t items = w->n_items, entries = items * (w->n_genres ? 3 : 1);
    const size_t chances = 2 * (items + SYNTHETIC_TRAITS + w->rank);
    struct arena *a = &w->arena;
#define ARRAY(field, n) ((w->field = arena_alloc(a, (n) * sizeof *w->field)) != NULL)
    return ARRAY(genre_factor, w->n_genres * w->rank) && ARRAY(tag_factor, w->n_tags * w->rank) &&
           ARRAY(trait_factor, SYNTHETIC_TRAITS * w->rank) && ARRAY(trait_bias, SYNTHETIC_TRAITS) &&
           ARRAY(item_factor, items * w->rank) && ARRAY(item_bias, items) &&
           ARRAY(item_drift, items) && ARRAY(weight, items) && ARRAY(year, items) &&
           ARRAY(genres, items) && ARRAY(group_start, w->n_groups + 1) &&
           ARRAY(group_item, entries) && ARRAY(group_sum, entries) && ARRAY(count, w->n_users) &&
           ARRAY(factor, w->rank) && ARRAY(taste, w->n_groups) && ARRAY(group_odds, w->n_groups) &&
           ARRAY(stamp, items) && ARRAY(picked, items) && ARRAY(keys, items) &&
           ARRAY(chance, chances) && ARRAY(ratings, items) && ARRAY(given, items) &&
           ARRAY(tag_odds, w->n_tags);
#undef ARRAY
}

struct synthetic_world *synthetic_world_new(const struct synthetic *s, struct error *e) {
    if (!synthetic_check(s, e)) return NULL;
    struct synthetic_world *w = calloc(1, sizeof *w);
    if (!w) {
        error_memory(e, sizeof *w, "synthetic data");
        return NULL;
    }
    w->settings = s;
    w->n_users = (uint32_t)s->users;
    w->n_items = (uint32_t)s->items;
    w->rank = (uint32_t)s->rank;
    w->n_genres = (uint32_t)s->genres;
    w->n_tags = (uint32_t)s->tags;
    w->n_groups = w->n_genres ? w->n_genres : 1;
    if (!allocate(w)) {
        error_set(e, "out of memory for synthetic data of %u users and %u items of rank %u",
            w->n_users, w->n_items, w->rank);
        synthetic_world_free(w);
        return NULL;
    }
    const size_t rank = w->rank;
    random_normal(synthetic_world_key(w, KEY_GENRE), 0, w->genre_factor, w->n_genres * rank);
    random_normal(synthetic_world_key(w, KEY_TAG), 0, w->tag_factor, w->n_tags * rank);
    random_normal(synthetic_world_key(w, KEY_TRAIT), 0, w->trait_factor, SYNTHETIC_TRAITS * rank);
    random_normal(synthetic_world_key(w, KEY_TRAIT), 1, w->trait_bias, SYNTHETIC_TRAITS);
    plant_items(w);
    group_items(w);
    if (!deal_counts(w, e)) {
        synthetic_world_free(w);
        return NULL;
    }
    return w;
}

void synthetic_world_free(struct synthetic_world *w) {
    if (!w) return;
    arena_done(&w->arena);
    free(w);
}

uint64_t synthetic_world_genres(const struct synthetic_world *w, uint32_t i) {
    return w->genres[i];
}

int synthetic_world_year(const struct synthetic_world *w, uint32_t i) {
    return w->year[i];
}
