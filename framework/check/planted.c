#include "check/planted.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "core/random.h"

enum { RANK = 3, REGION = 64 << 20, N_ASK = 400, BEYOND = 64, POISON = 0xA5 };

// What a kind comes down to.
struct shape {
    uint32_t n_users, n_items, cold_users, cold_items;
    float density;
    bool valid, times, features, equal, grown;
    uint64_t seed;
    const char *name;
};
static const struct shape shapes[] = {
    [PLANTED_FULL] = {200, 120, 5, 5, .28f, 1, 1, 1, 0, 0, 1, "planted data"},
    [PLANTED_OTHER] = {90, 160, 4, 3, .30f, 1, 1, 1, 0, 0, 2, "other planted data"},
    [PLANTED_SMALL] = {30, 20, 2, 2, .50f, 1, 1, 1, 0, 0, 3, "small planted data"},
    [PLANTED_NO_VALID] = {200, 120, 5, 5, .28f, 0, 1, 1, 0, 0, 1, "data without validation slice"},
    [PLANTED_NO_TIMES] = {200, 120, 5, 5, .28f, 1, 0, 1, 0, 0, 1, "data without times"},
    [PLANTED_NO_FEATURES] = {200, 120, 5, 5, .28f, 1, 1, 0, 0, 0, 1, "data without features"},
    [PLANTED_EQUAL] = {60, 40, 2, 2, .40f, 1, 1, 1, 1, 0, 4, "data of equal ratings"},
    [PLANTED_ONE_RATING] = {3, 3, 2, 2, 1, 0, 1, 1, 0, 0, 5, "data of one rating"},
    [PLANTED_ONE_USER] = {1, 40, 0, 5, .80f, 0, 1, 1, 0, 0, 6, "data of one user"},
    [PLANTED_ONE_ITEM] = {40, 1, 5, 0, .80f, 0, 1, 1, 0, 0, 7, "data of one item"},
    [PLANTED_ONE_PAIR] = {1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 8, "data of one user and one item"},
    [PLANTED_GROWN] = {200, 120, 5, 5, .28f, 1, 1, 1, 0, 1, 1, "data in larger structs"},
};

struct build {
    struct planted *p;
    const struct shape *shape;
    bool full; // the region ran out
};

void *planted_room(struct planted *p, size_t n) {
    const size_t at = (p->used + 15) / 16 * 16;
    if (n > p->size || at > p->size - n) return NULL;
    p->used = at + n;
    return p->region + at;
}

// Never NULL: a region that is full is noticed at the end.
static void *room(struct build *b, size_t n) {
    void *at = planted_room(b->p, n);
    if (at) return at;
    b->full = true;
    b->p->used = 0;
    return b->p->region;
}

// A struct of `size` bytes that may be larger than what is known of it.
static void *room_struct(struct build *b, size_t size) {
    unsigned char *at = room(b, size + BEYOND);
    if (b->shape->grown) memset(at + size, POISON, BEYOND);
    return at;
}

static uint32_t struct_size(const struct build *b, size_t size) {
    return (uint32_t)(size + (b->shape->grown ? BEYOND : 0));
}

// ---- The truth ---------------------------------------------------------------------------------

// Uniform on [0, 1), from what it is for.
static float roll(const struct build *b, uint64_t what, uint64_t x, uint64_t y) {
    const uint64_t bits = random_mix(random_mix(b->shape->seed * 1000 + what, x), y);
    return (float)(bits >> 40) * 0x1p-24f;
}

enum { ROLL_KEEP, ROLL_PART, ROLL_NOISE, ROLL_TIME, ROLL_USER, ROLL_ITEM, ROLL_ASK, ROLL_FEATURE };

// Factor `f` of a user or an item, in [-1, 1]; factor RANK is the bias.
static float factor(const struct build *b, int whose, uint32_t k, int f) {
    return 2 * roll(b, whose ? ROLL_ITEM : ROLL_USER, k, (uint64_t)f) - 1;
}

static float rating(const struct build *b, uint32_t u, uint32_t i) {
    if (b->shape->equal) return 3.5f;
    float r = 3.4f + .6f * factor(b, 0, u, RANK) + .9f * factor(b, 1, i, RANK);
    for (int f = 0; f < RANK; f++) r += .8f * factor(b, 0, u, f) * factor(b, 1, i, f);
    r += .8f * (roll(b, ROLL_NOISE, u, i) - .5f);
    r = roundf(r * 2) / 2;
    return r < .5f ? .5f : r > 5 ? 5 : r;
}

static int64_t time_of(const struct build *b, uint32_t u, uint32_t i) {
    const float t = roll(b, ROLL_TIME, u, i);
    return t < .02f ? RK_NO_TIME : 1000000000 + (int64_t)(t * 2e8f);
}

enum part { PART_NONE, PART_TRAIN, PART_VALID, PART_TEST };

static enum part part_of(const struct build *b, uint32_t u, uint32_t i) {
    const struct shape *s = b->shape;
    if (u >= s->n_users - s->cold_users || i >= s->n_items - s->cold_items) return PART_NONE;
    if (s->density < 1 && roll(b, ROLL_KEEP, u, i) >= s->density) return PART_NONE;
    if (s->density == 1) return PART_TRAIN;
    const float part = roll(b, ROLL_PART, u, i);
    if (part < .15f) return PART_TEST;
    return part < .22f && s->valid ? PART_VALID : PART_TRAIN;
}

// ---- Matrices ----------------------------------------------------------------------------------

// One cell of a matrix: whether there is an entry, and its value.
typedef bool cell_fn(const struct build *b, const void *arg, uint32_t row, uint32_t col, float *v);

static rk_csr build_csr(
    struct build *b, uint32_t n_rows, uint32_t n_cols, cell_fn *cell, const void *arg) {
    uint64_t *start = room(b, (n_rows + 1u) * sizeof *start);
    float v;
    for (uint32_t r = 0; r < n_rows; r++) {
        start[r + 1] = start[r];
        for (uint32_t c = 0; c < n_cols; c++) start[r + 1] += cell(b, arg, r, c, &v);
    }
    uint32_t *col = room(b, start[n_rows] * sizeof *col);
    float *value = room(b, start[n_rows] * sizeof *value);
    size_t e = 0;
    for (uint32_t r = 0; r < n_rows; r++)
        for (uint32_t c = 0; c < n_cols; c++)
            if (cell(b, arg, r, c, &v)) {
                col[e] = c;
                value[e++] = v;
            }
    return (rk_csr){n_rows, n_cols, start, col, value};
}

static bool cell_by_user(
    const struct build *b, const void *arg, uint32_t row, uint32_t col, float *v) {
    (void)arg;
    *v = rating(b, row, col);
    return part_of(b, row, col) == PART_TRAIN;
}

static bool cell_by_item(
    const struct build *b, const void *arg, uint32_t row, uint32_t col, float *v) {
    return cell_by_user(b, arg, col, row, v);
}

// ---- Features ----------------------------------------------------------------------------------

// `id` tells their random numbers apart.
struct feature {
    uint64_t id;
    const char *name;
    int whose; // 0: users, 1: items
    rk_feature_kind kind;
    uint32_t n_cols;
    int factor; // that it tells of
};
static const struct feature standard[] = {
    {0, "gender", 0, RK_FEATURE_ONE_HOT, 2, 0},
    {1, "age", 0, RK_FEATURE_ONE_HOT, 7, RANK},
    {2, "occupation", 0, RK_FEATURE_ONE_HOT, 21, 1},
    {3, "zip", 0, RK_FEATURE_ONE_HOT, 10, 2},
    {4, "genre", 1, RK_FEATURE_BINARY, 18, 0},
    {5, "tag", 1, RK_FEATURE_COUNT, 30, 1},
    {6, "year", 1, RK_FEATURE_REAL, 1, RANK},
};
enum { N_STANDARD = sizeof standard / sizeof *standard, MOST_FEATURES = 32 };

static bool cell_feature(
    const struct build *b, const void *arg, uint32_t row, uint32_t col, float *v) {
    const struct feature *f = arg;
    *v = 1;
    if (row % 11 == 3) return false;                                  // not known
    const float told = (factor(b, f->whose, row, f->factor) + 1) / 2; // [0, 1)
    const uint32_t mine = (uint32_t)(told * (float)f->n_cols);
    const float luck = roll(b, ROLL_FEATURE + f->id, row, col);
    switch (f->kind) {
    case RK_FEATURE_ONE_HOT:
        return mine == col;
    case RK_FEATURE_REAL:
        *v = 1930 + floorf(told * 90);
        return true;
    case RK_FEATURE_COUNT:
        *v = 1 + floorf(luck * 40);
        return mine == col || luck < .1f;
    default:
        return mine == col || luck < .1f;
    }
}

static const char *const *column_names(struct build *b, const char *feature, uint32_t n) {
    const char **names = room(b, n * sizeof *names);
    for (uint32_t c = 0; c < n; c++) {
        char *name = room(b, 40);
        snprintf(name, 40, "%.20s %u", feature, c);
        names[c] = name;
    }
    return names;
}

// The standard features of users or items, and what else the plugin requires of them.
static uint32_t list_features(
    int whose, const rk_plugin *plugin, struct feature all[N_STANDARD + MOST_FEATURES]) {
    const char *prefix = whose ? "item." : "user.";
    uint32_t count = 0;
    for (size_t k = 0; k < N_STANDARD; k++)
        if (standard[k].whose == whose) all[count++] = standard[k];
    for (size_t k = 0; plugin->requires_features && plugin->requires_features[k]; k++) {
        const char *name = plugin->requires_features[k];
        bool wanted = strncmp(name, prefix, 5) == 0 && count < N_STANDARD + MOST_FEATURES;
        for (uint32_t other = 0; other < count; other++)
            wanted = wanted && strcmp(all[other].name, name + 5) != 0;
        if (wanted)
            all[count++] =
                (struct feature){N_STANDARD + k, name + 5, whose, RK_FEATURE_BINARY, 5, 1};
    }
    return count;
}

static const rk_features *build_features(
    struct build *b, int whose, const rk_plugin *plugin, uint32_t stride, uint32_t *n) {
    const uint32_t n_rows = whose ? b->shape->n_items : b->shape->n_users;
    struct feature all[N_STANDARD + MOST_FEATURES];
    const uint32_t count = list_features(whose, plugin, all);
    unsigned char *at = room(b, (size_t)count * stride);
    memset(at, POISON, (size_t)count * stride);
    for (uint32_t k = 0; k < count; k++) {
        const struct feature *f = &all[k];
        const rk_features made = {.name = f->name,
            .kind = f->kind,
            .values = build_csr(b, n_rows, f->n_cols, cell_feature, f),
            .col_names = column_names(b, f->name, f->n_cols)};
        memcpy(at + (size_t)k * stride, &made, sizeof made);
    }
    *n = count;
    return (const rk_features *)(const void *)at;
}

// ---- Pairs -------------------------------------------------------------------------------------

static const rk_pairs *build_pairs(
    struct build *b, size_t n, const uint32_t *users, const uint32_t *items) {
    rk_pairs *pairs = room_struct(b, sizeof *pairs);
    int64_t *time = b->shape->times ? room(b, n * sizeof *time) : NULL;
    for (size_t k = 0; time && k < n; k++) time[k] = time_of(b, users[k], items[k]);
    *pairs = (rk_pairs){struct_size(b, sizeof *pairs), n, users, items, time};
    return pairs;
}

// The pairs of one part, and their ratings.
static const rk_pairs *build_part(struct build *b, enum part part, const float **ratings) {
    const uint32_t n_users = b->shape->n_users, n_items = b->shape->n_items;
    size_t n = 0, k = 0;
    for (uint32_t u = 0; u < n_users; u++)
        for (uint32_t i = 0; i < n_items; i++) n += part_of(b, u, i) == part;
    uint32_t *users = room(b, n * sizeof *users), *items = room(b, n * sizeof *items);
    float *value = room(b, n * sizeof *value);
    for (uint32_t u = 0; u < n_users; u++)
        for (uint32_t i = 0; i < n_items; i++)
            if (part_of(b, u, i) == part) {
                users[k] = u;
                items[k] = i;
                value[k++] = rating(b, u, i);
            }
    *ratings = value;
    return build_pairs(b, n, users, items);
}

// A fifth each of cold users, cold items, both cold, as far as there are any; the rest at random.
static const rk_pairs *build_ask(struct build *b) {
    const struct shape *s = b->shape;
    uint32_t *users = room(b, N_ASK * sizeof *users), *items = room(b, N_ASK * sizeof *items);
    for (uint32_t k = 0; k < N_ASK; k++) {
        const bool cold_user = s->cold_users && (k % 5 == 1 || k % 5 == 3);
        const bool cold_item = s->cold_items && (k % 5 == 2 || k % 5 == 3);
        const uint32_t u = (uint32_t)(roll(b, ROLL_ASK, k, 0) * 1e6f);
        const uint32_t i = (uint32_t)(roll(b, ROLL_ASK, k, 1) * 1e6f);
        users[k] = cold_user ? s->n_users - 1 - u % s->cold_users : u % s->n_users;
        items[k] = cold_item ? s->n_items - 1 - i % s->cold_items : i % s->n_items;
    }
    return build_pairs(b, N_ASK, users, items);
}

// ---- All of it ---------------------------------------------------------------------------------

static const int64_t *build_times(struct build *b, const rk_csr *by_user) {
    int64_t *time = room(b, by_user->start[by_user->n_rows] * sizeof *time);
    for (uint32_t u = 0; u < by_user->n_rows; u++)
        for (uint64_t e = by_user->start[u]; e < by_user->start[u + 1]; e++)
            time[e] = time_of(b, u, by_user->col[e]);
    return time;
}

static void build_data(struct build *b, const rk_plugin *plugin) {
    const struct shape *s = b->shape;
    rk_data *d = room_struct(b, sizeof *d);
    *d = (rk_data){.size = struct_size(b, sizeof *d),
        .n_users = s->n_users,
        .n_items = s->n_items,
        .rating_min = .5f,
        .rating_max = 5,
        .features_stride = struct_size(b, sizeof(rk_features))};
    d->by_user = build_csr(b, s->n_users, s->n_items, cell_by_user, NULL);
    d->by_item = build_csr(b, s->n_items, s->n_users, cell_by_item, NULL);
    if (s->features) {
        d->user_features = build_features(b, 0, plugin, d->features_stride, &d->n_user_features);
        d->item_features = build_features(b, 1, plugin, d->features_stride, &d->n_item_features);
    }
    if (s->times) d->time = build_times(b, &d->by_user);
    d->valid = build_part(b, PART_VALID, &d->valid_ratings);
    b->p->test = build_part(b, PART_TEST, &b->p->truth);
    b->p->ask = build_ask(b);
    b->p->data = d;
    const uint64_t n = d->by_user.start[s->n_users];
    for (uint64_t e = 0; e < n; e++) b->p->mean += d->by_user.value[e] / (double)n;
    snprintf(b->p->name, sizeof b->p->name, "%s (%u users, %u items, %llu ratings)", s->name,
        s->n_users, s->n_items, (unsigned long long)n);
}

bool planted_build(
    struct planted *p, enum planted_kind kind, const rk_plugin *plugin, struct error *e) {
    *p = (struct planted){.size = REGION};
    void *region = mmap(
        NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return error_memory(e, REGION, "planted data");
    p->region = region;
    struct build b = {p, &shapes[kind], false};
    build_data(&b, plugin);
    if (!b.full) return true;
    planted_done(p);
    return error_memory(e, REGION, "planted data");
}

void planted_done(struct planted *p) {
    if (p->region) munmap(p->region, p->size);
    *p = (struct planted){0};
}

bool planted_protect(struct planted *p) {
    return mprotect(p->region, p->size, PROT_READ) == 0;
}
