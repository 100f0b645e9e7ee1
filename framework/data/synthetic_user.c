// One user of the planted world: who it is, what is rated, how, when, and with which tags.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/synthetic_world.h"

const uint8_t synthetic_age[SYNTHETIC_AGES] = {1, 18, 25, 35, 45, 50, 56};

static const double mean_rating = 3.3; // of all pairs; taste leads users to better ones

// What of a user no rating shows by itself.
struct person {
    double bias, drift;
    double from, active; // seconds from the first rating of all; seconds to the user's last one
};

// ---- Who ---------------------------------------------------------------------------------------

static void draw_traits(const struct synthetic_world *w, uint32_t u, struct synthetic_user *out) {
    static const float ages[SYNTHETIC_AGES] = {.04f, .18f, .35f, .20f, .09f, .08f, .06f};
    float x[4];
    random_uniform(synthetic_world_key(w, KEY_USER_TRAITS), u, x, 4);
    out->gender = x[0] < 0.7f;
    out->age = 0;
    for (float at = x[1]; out->age + 1 < SYNTHETIC_AGES && (at -= ages[out->age]) >= 0;) out->age++;
    out->occupation = (uint8_t)(x[2] * SYNTHETIC_OCCUPATIONS);
    out->zip = 501 + (uint32_t)(x[3] * 99450);
}

// p_u and b_u: what gender, age and occupation say, and what is the user's own; of unit variance.
static struct person draw_person(
    struct synthetic_world *w, uint32_t u, const struct synthetic_user *who) {
    const struct synthetic *s = w->settings;
    const uint32_t trait[3] = {who->gender, SYNTHETIC_GENDERS + who->age,
        SYNTHETIC_GENDERS + SYNTHETIC_AGES + who->occupation};
    const float of_trait = (float)sqrt(s->demographics / 3);
    const float of_own = (float)sqrt(1 - s->demographics);
    float *z = w->chance; // [3 + rank]
    random_normal(synthetic_world_key(w, KEY_USER), u, z, 3 + w->rank);
    float bias = of_own * z[0];
    for (uint32_t f = 0; f < w->rank; f++) w->factor[f] = of_own * z[3 + f];
    for (int t = 0; t < 3; t++) {
        bias += of_trait * w->trait_bias[trait[t]];
        for (uint32_t f = 0; f < w->rank; f++)
            w->factor[f] += of_trait * w->trait_factor[(size_t)trait[t] * w->rank + f];
    }
    float x;
    random_uniform(synthetic_world_key(w, KEY_USER), UINT64_C(1) << 40 | u, &x, 1);
    const double from = x * 0.98 * (double)SYNTHETIC_TIME_SPAN;
    const double active = 86400 * exp(2 * (double)z[2] + 1); // days for most, years for some
    return (struct person){.bias = s->user_bias * bias,
        .drift = z[1],
        .from = from,
        .active = fmin(active, (double)SYNTHETIC_TIME_SPAN - from)};
}

// ---- What --------------------------------------------------------------------------------------

static void weigh_groups(struct synthetic_world *w) {
    double sum = 0;
    for (uint32_t g = 0; g < w->n_groups; g++) {
        const double liking =
            w->n_genres && w->rank
                ? synthetic_dot(w->factor, w->genre_factor + (size_t)g * w->rank, w->rank) /
                      sqrt(w->rank)
                : 0;
        w->taste[g] = exp(w->settings->selection * liking);
        const uint64_t end = w->group_start[g + 1];
        if (end > w->group_start[g]) sum += w->taste[g] * w->group_sum[end - 1];
        w->group_odds[g] = sum;
    }
}

// Index of the first of sum[0 .. n - 1], which ascend, that is above `at`; the last one if none is.
static uint64_t bisect(const double *sum, uint64_t n, double at) {
    uint64_t low = 0, high = n - 1;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (sum[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint32_t draw_item(
    const struct synthetic_world *w, uint64_t bits_group, uint64_t bits_item) {
    const double x = (double)(bits_group >> 11) * 0x1p-53, y = (double)(bits_item >> 11) * 0x1p-53;
    const uint64_t g = bisect(w->group_odds, w->n_groups, x * w->group_odds[w->n_groups - 1]);
    const uint64_t start = w->group_start[g], n = w->group_start[g + 1] - start;
    const double *sum = w->group_sum + start;
    return w->group_item[start + bisect(sum, n, y * sum[n - 1])];
}

// The weight with which this user draws an item.
static double draw_weight(const struct synthetic_world *w, uint32_t i) {
    if (w->n_genres == 0) return w->weight[i];
    double taste = 0;
    for (uint64_t left = w->genres[i]; left; left &= left - 1)
        taste += w->taste[__builtin_ctzll(left)];
    return taste * synthetic_world_share(w, i);
}

static int compare_keys(const void *a, const void *b) {
    const struct synthetic_key_draw *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1)
                            : (x->item > y->item) - (x->item < y->item);
}

// Draws the items that are still missing in one go, from all that are left: the smallest of
// exponential variables with the weights as rates is what drawing one after another gives
// (Efraimidis, Spirakis: Weighted random sampling with a reservoir, 2006).
static size_t draw_rest(struct synthetic_world *w, uint32_t u, size_t n, size_t wanted) {
    float *x = w->chance;
    random_uniform(synthetic_world_key(w, KEY_REST), u, x, w->n_items);
    size_t left = 0;
    for (uint32_t i = 0; i < w->n_items; i++)
        if (w->stamp[i] != u + 1)
            w->keys[left++] = (struct synthetic_key_draw){
                .key = -log(1 - (double)x[i]) / draw_weight(w, i), .item = i};
    qsort(w->keys, left, sizeof *w->keys, compare_keys);
    for (size_t k = 0; n < wanted; k++) w->picked[n++] = w->keys[k].item;
    return n;
}

static int compare_items(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

// Distinct items, drawn by weight one after another without putting back; one that was drawn before
// is drawn again, for as long as that pays.
static size_t draw_items(struct synthetic_world *w, uint32_t u) {
    enum { AT_ONCE = 64 };
    const uint64_t key = synthetic_world_key(w, KEY_PICK);
    const size_t wanted = w->count[u], patience = 3 * wanted + AT_ONCE;
    size_t n = 0;
    for (size_t tried = 0; n < wanted && tried < patience; tried += AT_ONCE) {
        uint64_t bits[2 * AT_ONCE];
        random_bits(key, (uint64_t)u << 32 | tried, bits, 2 * AT_ONCE);
        for (int k = 0; k < AT_ONCE && n < wanted; k++) {
            const uint32_t i = draw_item(w, bits[2 * k], bits[2 * k + 1]);
            if (w->stamp[i] == u + 1) continue;
            w->stamp[i] = u + 1;
            w->picked[n++] = i;
        }
    }
    if (n < wanted) n = draw_rest(w, u, n, wanted);
    qsort(w->picked, n, sizeof *w->picked, compare_items);
    return n;
}

// ---- How, and when -----------------------------------------------------------------------------

static double upper_tail(double z) { // of the normal distribution
    return 0.5 * erfc(z * M_SQRT1_2);
}

static double round_to_scale(double m, double step) {
    return fmin(fmax(floor(m / step + 0.5) * step, step), 5);
}

// E[rating | m]: the lowest level, and a step more for each bound between levels that m + noise is
// above.
static double expect_rating(double m, double step, double noise) {
    if (noise == 0) return round_to_scale(m, step);
    double expected = step;
    const int levels = (int)(5 / step);
    for (int k = 1; k < levels; k++) expected += step * upper_tail(((k + 0.5) * step - m) / noise);
    return expected;
}

static void rate(
    struct synthetic_world *w, uint32_t u, const struct person *p, size_t n, bool with_reachable) {
    const struct synthetic *s = w->settings;
    float *noise = w->chance, *when = w->chance + n;
    random_normal(synthetic_world_key(w, KEY_NOISE), u, noise, n);
    random_uniform(synthetic_world_key(w, KEY_TIME), u, when, n);
    const double taste = w->rank ? s->taste / sqrt(w->rank) : 0;
    for (size_t k = 0; k < n; k++) {
        const uint32_t i = w->picked[k];
        const double seconds = p->from + p->active * when[k];
        const double ago = 2 * seconds / (double)SYNTHETIC_TIME_SPAN - 1; // -1 .. 1
        const double drift = p->drift * (2 * when[k] - 1) + w->item_drift[i] * ago;
        const double m =
            mean_rating + p->bias + w->item_bias[i] + s->drift * drift +
            taste * synthetic_dot(w->factor, w->item_factor + (size_t)i * w->rank, w->rank);
        w->ratings[k] = (struct synthetic_rating){.item = i,
            .rating = (float)round_to_scale(m + s->noise * noise[k], s->step),
            .reachable = with_reachable ? (float)expect_rating(m, s->step, s->noise) : 0,
            .time = SYNTHETIC_FIRST_TIME + (int64_t)seconds};
    }
}

// ---- Tags --------------------------------------------------------------------------------------

// Tag v fits item i by exp(t_v . q_i / sqrt(rank)), and the first tags are the more common ones.
static uint32_t draw_tag(struct synthetic_world *w, uint32_t i, double x) {
    const float *q = w->item_factor + (size_t)i * w->rank;
    double sum = 0;
    for (uint32_t v = 0; v < w->n_tags; v++) {
        const float *t = w->tag_factor + (size_t)v * w->rank;
        const double fit = w->rank ? synthetic_dot(t, q, w->rank) / sqrt(w->rank) : 0;
        sum += exp(2 * fit) / (v + 4);
        w->tag_odds[v] = sum;
    }
    return (uint32_t)bisect(w->tag_odds, w->n_tags, x * sum);
}

static size_t give_tags(struct synthetic_world *w, uint32_t u, size_t n_ratings) {
    if (w->n_tags == 0 || w->settings->tag_rate == 0) return 0;
    float *x = w->chance;
    random_uniform(synthetic_world_key(w, KEY_TAGGING), u, x, 2 * n_ratings);
    size_t n = 0;
    for (size_t k = 0; k < n_ratings; k++)
        if (x[2 * k] < w->settings->tag_rate) {
            const struct synthetic_rating *r = &w->ratings[k];
            w->given[n++] = (struct synthetic_tag){
                .item = r->item, .tag = draw_tag(w, r->item, x[2 * k + 1]), .time = r->time + 60};
        }
    return n;
}

void synthetic_world_user(
    struct synthetic_world *w, uint32_t u, bool with_reachable, struct synthetic_user *out) {
    *out = (struct synthetic_user){.ratings = w->ratings, .tags = w->given};
    draw_traits(w, u, out);
    const struct person p = draw_person(w, u, out);
    weigh_groups(w);
    if (u < w->next_user) memset(w->stamp, 0, w->n_items * sizeof *w->stamp); // not in ascent
    w->next_user = u + 1;
    out->n_ratings = draw_items(w, u);
    rate(w, u, &p, out->n_ratings, with_reachable);
    out->n_tags = give_tags(w, u, out->n_ratings);
}
