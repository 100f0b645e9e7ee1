// Builds the images of one fold. The training images are written from the training rows, the
// catalogue and the declared scale; the test rows decide only which rows and tags are left out.
#include "split/fold.h"

#include <stdlib.h>
#include <string.h>

#include "core/pool.h"
#include "core/random.h"
#include "split/fold_image.h"

static uint64_t count_role(const struct dataset *d, const uint8_t *role, uint8_t wanted) {
    uint64_t n = 0;
    for (uint64_t x = 0; x < d->n_ratings; x++) n += role[x] == wanted;
    return n;
}

static bool fold_error(const struct fold_plan *plan, const char *use, struct error *e) {
    if (!plan->inner)
        return error_set(e, "fold %u has no rating to %s; choose other folds", plan->fold, use);
    const struct split_job job = {
        .fold = plan->fold, .inner = plan->inner, .n_inner = plan->n_inner};
    return split_inner_error(&job, e, "no rating is left to %s; choose fewer inner folds", use);
}

// The rows with one role, by users, as sections of an image; `time` NULL if the data has none.
struct rows {
    uint32_t *user; // NULL: not wanted
    uint32_t *item;
    float *value;
    int64_t *time;
    uint64_t *start; // [n_users + 1]; NULL: not wanted
};

static void copy_rows(
    const struct dataset *d, const uint8_t *role, uint8_t wanted, const struct rows *out) {
    const rk_csr *r = &d->by_user;
    uint64_t n = 0;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            if (role[x] != wanted) continue;
            if (out->user) out->user[n] = u;
            out->item[n] = r->col[x];
            out->value[n] = r->value[x];
            if (out->time) out->time[n] = d->time[x];
            n++;
        }
        if (out->start) out->start[u + 1] = n;
    }
}

// Transposes the rows just written. Users come in ascending order, so columns do too.
static bool write_by_item(
    struct image *im, const struct train_meta *meta, const struct rows *rows, struct error *e) {
    uint64_t *start = image_add(im, "item_start", ((size_t)meta->n_items + 1) * sizeof *start, e);
    uint32_t *col = start ? image_add(im, "item_col", meta->n * sizeof *col, e) : NULL;
    float *value = col ? image_add(im, "item_value", meta->n * sizeof *value, e) : NULL;
    if (!value) return false;
    uint64_t *next = malloc(((size_t)meta->n_items + 1) * sizeof *next);
    if (!next)
        return error_memory(e, ((size_t)meta->n_items + 1) * sizeof *next, "a training fold");
    for (uint64_t x = 0; x < meta->n; x++) start[rows->item[x] + 1]++;
    next[0] = 0;
    for (uint32_t i = 0; i < meta->n_items; i++) next[i + 1] = start[i + 1] += start[i];
    for (uint32_t u = 0; u < meta->n_users; u++)
        for (uint64_t x = rows->start[u]; x < rows->start[u + 1]; x++) {
            const uint64_t at = next[rows->item[x]]++;
            col[at] = u;
            value[at] = rows->value[x];
        }
    free(next);
    return true;
}

static bool write_ratings(struct image *im, const struct dataset *d, const uint8_t *role,
    const struct train_meta *meta, struct error *e) {
    struct rows rows = {0};
    rows.start = image_add(im, "user_start", ((size_t)d->n_users + 1) * sizeof *rows.start, e);
    if (rows.start) rows.item = image_add(im, "user_col", meta->n * sizeof *rows.item, e);
    if (rows.item) rows.value = image_add(im, "user_value", meta->n * sizeof *rows.value, e);
    if (!rows.value) return false;
    if (d->time && !(rows.time = image_add(im, "time", meta->n * sizeof *rows.time, e)))
        return false;
    copy_rows(d, role, SPLIT_TRAIN, &rows);
    return write_by_item(im, meta, &rows, e);
}

static bool write_valid(struct image *im, const struct dataset *d, const uint8_t *role,
    const struct train_meta *meta, struct error *e) {
    struct rows rows = {0};
    rows.user = image_add(im, "valid_user", meta->n_valid * sizeof *rows.user, e);
    if (rows.user) rows.item = image_add(im, "valid_item", meta->n_valid * sizeof *rows.item, e);
    if (rows.item) rows.value = image_add(im, "valid_value", meta->n_valid * sizeof *rows.value, e);
    if (!rows.value) return false;
    if (d->time && !(rows.time = image_add(im, "valid_time", meta->n_valid * sizeof *rows.time, e)))
        return false;
    copy_rows(d, role, SPLIT_VALID, &rows);
    return true;
}

static bool write_train(
    const struct fold_plan *plan, const uint8_t *role, int fd, struct error *e) {
    const struct dataset *d = plan->data;
    struct fold_tags tags = {0};
    struct image im = {0};
    bool ok = false;
    const uint64_t n = count_role(d, role, SPLIT_TRAIN);
    if (n == 0) return fold_error(plan, "train on", e);
    if (!image_begin(&im, fd, e)) return false;
    struct train_meta *meta = image_add(&im, "train", sizeof *meta, e);
    if (!meta) goto done;
    *meta = (struct train_meta){.n_users = d->n_users,
        .n_items = d->n_items,
        .n = n,
        .n_valid = count_role(d, role, SPLIT_VALID),
        .rating_min = d->rating_min,
        .rating_max = d->rating_max,
        .has_time = d->time != NULL};
    const struct split_spec *split = &plan->split;
    const enum split_tags rule =
        split->method->tags ? split->method->tags(split->settings) : SPLIT_TAGS_PAIRS;
    if (!fold_tags_init(&tags, d, rule, role, e)) goto done;
    ok = write_ratings(&im, d, role, meta, e) && write_valid(&im, d, role, meta, e) &&
         fold_features_write(&im, d, &tags, meta, e);
done:
    fold_tags_done(&tags);
    image_done(&im);
    return ok;
}

// Whether users and items have a rating that trains.
static void mark_warm(const struct dataset *d, const uint8_t *role, bool *user, bool *item) {
    const rk_csr *r = &d->by_user;
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++)
            if (role[x] == SPLIT_TRAIN) user[u] = item[r->col[x]] = true;
}

// Sections of the test image, as they are written.
struct asked {
    uint32_t *users, *items;
    int64_t *time;
    float *truth, *reachable;
    uint8_t *cold;
    uint64_t *tie;
};

static bool add_asked(
    struct image *im, const struct dataset *d, uint64_t n, struct asked *out, struct error *e) {
    return (out->users = image_add(im, "users", n * sizeof *out->users, e)) &&
           (out->items = image_add(im, "items", n * sizeof *out->items, e)) &&
           (!d->time || (out->time = image_add(im, "time", n * sizeof *out->time, e))) &&
           (out->truth = image_add(im, "truth", n * sizeof *out->truth, e)) &&
           (!d->reachable ||
               (out->reachable = image_add(im, "reachable", n * sizeof *out->reachable, e))) &&
           (out->cold = image_add(im, "cold", n * sizeof *out->cold, e)) &&
           (out->tie = image_add(im, "tie", n * sizeof *out->tie, e));
}

// Each test row goes to the place that its rank says.
static void fill_asked(const struct fold_plan *plan, const uint32_t *rank, const bool *warm_user,
    const bool *warm_item, const struct asked *out) {
    const struct dataset *d = plan->data;
    const rk_csr *r = &d->by_user;
    const uint64_t key = random_key(plan->seed, RANDOM_TIE, 0);
    for (uint32_t u = 0; u < r->n_rows; u++) {
        const uint64_t user = random_mix(key, d->user_hash[u]);
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            const uint32_t at = rank[x], i = r->col[x];
            if (at == UINT32_MAX) continue;
            out->users[at] = u;
            out->items[at] = i;
            if (out->time) out->time[at] = d->time[x];
            out->truth[at] = r->value[x];
            if (out->reachable) out->reachable[at] = d->reachable[x];
            out->cold[at] = (uint8_t)((warm_user[u] ? 0 : TEST_COLD_USER) |
                                      (warm_item[i] ? 0 : TEST_COLD_ITEM));
            out->tie[at] = random_mix(user, d->item_hash[i]);
        }
    }
}

static bool write_test(const struct fold_plan *plan, const uint8_t *role, int fd, struct error *e) {
    const struct dataset *d = plan->data;
    struct image im = {0};
    bool ok = false;
    uint32_t *rank = malloc(d->n_ratings * sizeof *rank);
    bool *warm = calloc((size_t)d->n_users + d->n_items, sizeof *warm);
    uint64_t n = 0;
    if (!rank || !warm) {
        error_memory(e, d->n_ratings * sizeof *rank, "the test rows");
        goto done;
    }
    const uint64_t key = random_key(plan->seed, RANDOM_ORDER, plan->repeat);
    if (!split_rank(d, key, role, SPLIT_TEST, rank, &n, e)) goto done;
    if (n == 0) {
        fold_error(plan, "test", e);
        goto done;
    }
    mark_warm(d, role, warm, warm + d->n_users);
    if (!image_begin(&im, fd, e)) goto done;
    struct test_meta *meta = image_add(&im, "test", sizeof *meta, e);
    if (!meta) goto done;
    *meta = (struct test_meta){n, d->time != NULL, d->reachable != NULL};
    struct asked asked = {0};
    if (!add_asked(&im, d, n, &asked, e)) goto done;
    fill_asked(plan, rank, warm, warm + d->n_users, &asked);
    ok = true;
done:
    image_done(&im);
    free(rank);
    free(warm);
    return ok;
}

// The images are built side by side, each from its own copy of the roles where it changes them.
enum part { PART_TEST, PART_FULL, PART_SLICED, PART_N };

struct building {
    const struct fold_plan *plan;
    const struct split_job *job;
    const uint8_t *role;    // [n_ratings]
    int fd[PART_N];         // -1: not wanted
    struct error e[PART_N]; // of the parts that failed
};

static bool build_sliced(const struct building *b, int fd, struct error *e) {
    const struct fold_plan *plan = b->plan;
    if (plan->validation <= 0) return write_train(plan, b->role, fd, e);
    uint8_t *role = malloc(plan->data->n_ratings + 1);
    if (!role) return error_memory(e, plan->data->n_ratings, "the roles of a fold");
    memcpy(role, b->role, plan->data->n_ratings);
    const bool ok = plan->split.method->validate(b->job, plan->validation, role, e) &&
                    write_train(plan, role, fd, e);
    free(role);
    return ok;
}

static rk_status build_part(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct building *b = arg;
    (void)worker;
    (void)end;
    const int fd = b->fd[begin];
    struct error *e = &b->e[begin];
    bool ok = true;
    if (fd < 0) return RK_OK;
    if (begin == PART_TEST) ok = write_test(b->plan, b->role, fd, e);
    if (begin == PART_FULL) ok = write_train(b->plan, b->role, fd, e);
    if (begin == PART_SLICED) ok = build_sliced(b, fd, e);
    return ok ? RK_OK : RK_E_DATA;
}

// All but a share of the training rows train no more.
static bool thin(const struct fold_plan *plan, uint8_t *role, struct error *e) {
    const uint64_t n_ratings = plan->data->n_ratings;
    uint32_t *rank = malloc((n_ratings + 1) * sizeof *rank);
    if (!rank) return error_memory(e, n_ratings * sizeof *rank, "a share of a fold");
    uint64_t n = 0;
    const uint64_t key = random_key(plan->seed, RANDOM_SHARE, plan->repeat);
    const bool ok = split_rank(plan->data, key, role, SPLIT_TRAIN, rank, &n, e);
    const uint64_t n_kept = split_share_of(plan->share, n);
    for (uint64_t x = 0; ok && x < n_ratings; x++)
        if (role[x] == SPLIT_TRAIN && rank[x] > 0 && rank[x] >= n_kept) role[x] = SPLIT_OUT;
    free(rank);
    return ok;
}

static bool assign_roles(
    const struct fold_plan *plan, const struct split_job *job, uint8_t *role, struct error *e) {
    const struct split_method *method = plan->split.method;
    const uint64_t n_ratings = plan->data->n_ratings;
    if (plan->fold == 0)
        memset(role, SPLIT_TRAIN, n_ratings);
    else if (!method->assign(job, role, e))
        return false;
    for (uint64_t x = 0; plan->inner && x < n_ratings; x++)
        if (role[x] == SPLIT_TEST) role[x] = SPLIT_HELD;
    if (plan->inner && !method->inner(job, role, e)) return false;
    return plan->share <= 0 || plan->share >= 1 || thin(plan, role, e);
}

bool fold_build(const struct fold_plan *plan, int full, int sliced, int test, uint32_t n_threads,
    struct error *e) {
    const struct split_job job = {.data = plan->data,
        .source = plan->source,
        .settings = plan->split.settings,
        .seed = plan->seed,
        .repeat = plan->repeat,
        .fold = plan->fold,
        .inner = plan->inner,
        .n_inner = plan->n_inner};
    struct pool *pool = NULL;
    bool ok = false;
    uint8_t *role = calloc(plan->data->n_ratings + 1, sizeof *role);
    if (!role) return error_memory(e, plan->data->n_ratings, "the roles of a fold");
    if (!assign_roles(plan, &job, role, e)) goto done;
    if (n_threads > 1 && !(pool = pool_new(n_threads < PART_N ? n_threads : PART_N, e))) goto done;
    struct building b = {.plan = plan, .job = &job, .role = role, .fd = {test, full, sliced}};
    ok = pool_run(pool, PART_N, 1, build_part, &b) == RK_OK;
    for (int k = PART_N - 1; !ok && k >= 0; k--)
        if (b.e[k].text[0]) error_set(e, "%s", b.e[k].text);
done:
    pool_free(pool);
    free(role);
    return ok;
}
