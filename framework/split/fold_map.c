// Fold images as they are read: pointers into the mapping.
#include <stdlib.h>

#include "split/fold_image.h"

const void *fold_section(const struct image *im, const char *name, size_t bytes, struct error *e) {
    size_t found;
    const void *at = image_find(im, name, &found);
    if (at && found == bytes) return at;
    error_set(e, "a fold's image has no section \"%s\" of %zu bytes", name, bytes);
    return NULL;
}

static bool map_matrix(const struct image *im, const char *const name[3], uint32_t n_rows,
    uint32_t n_cols, uint64_t n, rk_csr *out, struct error *e) {
    *out = (rk_csr){.n_rows = n_rows, .n_cols = n_cols};
    out->start = fold_section(im, name[0], ((size_t)n_rows + 1) * sizeof *out->start, e);
    if (out->start) out->col = fold_section(im, name[1], n * sizeof *out->col, e);
    if (out->col) out->value = fold_section(im, name[2], n * sizeof *out->value, e);
    return out->value != NULL;
}

static bool map_valid(struct train *t, const struct train_meta *meta, struct error *e) {
    const size_t n = meta->n_valid;
    t->valid = (rk_pairs){.size = sizeof t->valid, .n = n};
    t->valid.users = fold_section(&t->image, "valid_user", n * sizeof(uint32_t), e);
    if (t->valid.users)
        t->valid.items = fold_section(&t->image, "valid_item", n * sizeof(uint32_t), e);
    if (t->valid.items)
        t->data.valid_ratings = fold_section(&t->image, "valid_value", n * sizeof(float), e);
    if (!t->data.valid_ratings) return false;
    t->data.valid = &t->valid;
    if (!meta->has_time) return true;
    t->data.time = fold_section(&t->image, "time", meta->n * sizeof(int64_t), e);
    if (t->data.time) t->valid.time = fold_section(&t->image, "valid_time", n * sizeof(int64_t), e);
    return t->valid.time != NULL;
}

bool train_map(struct train *t, int fd, struct error *e) {
    static const char *const by_user[] = {"user_start", "user_col", "user_value"};
    static const char *const by_item[] = {"item_start", "item_col", "item_value"};
    *t = (struct train){0};
    if (!image_map(&t->image, fd, e)) return false;
    const struct train_meta *meta = fold_section(&t->image, "train", sizeof *meta, e);
    if (!meta) goto failed;
    rk_data *d = &t->data;
    *d = (rk_data){.size = sizeof *d,
        .n_users = meta->n_users,
        .n_items = meta->n_items,
        .rating_min = meta->rating_min,
        .rating_max = meta->rating_max,
        .n_user_features = meta->n_user_features,
        .n_item_features = meta->n_item_features,
        .features_stride = sizeof(rk_features)};
    if (!map_matrix(&t->image, by_user, meta->n_users, meta->n_items, meta->n, &d->by_user, e) ||
        !map_matrix(&t->image, by_item, meta->n_items, meta->n_users, meta->n, &d->by_item, e) ||
        !map_valid(t, meta, e))
        goto failed;
    rk_features *features = fold_features_map(&t->image, meta, e);
    if (!features) goto failed;
    t->index = features;
    d->user_features = features;
    d->item_features = features + meta->n_user_features;
    return true;
failed:
    train_done(t);
    return false;
}

void train_done(struct train *t) {
    image_done(&t->image);
    free(t->index);
    *t = (struct train){0};
}

bool test_map(struct test *t, int fd, struct error *e) {
    *t = (struct test){0};
    if (!image_map(&t->image, fd, e)) return false;
    const struct image *im = &t->image;
    const struct test_meta *meta = fold_section(im, "test", sizeof *meta, e);
    if (!meta) goto failed;
    const size_t n = t->n = meta->n;
    if (!(t->users = fold_section(im, "users", n * sizeof *t->users, e)) ||
        !(t->items = fold_section(im, "items", n * sizeof *t->items, e)) ||
        !(t->truth = fold_section(im, "truth", n * sizeof *t->truth, e)) ||
        !(t->cold = fold_section(im, "cold", n * sizeof *t->cold, e)) ||
        !(t->tie = fold_section(im, "tie", n * sizeof *t->tie, e)))
        goto failed;
    if (meta->has_time && !(t->time = fold_section(im, "time", n * sizeof *t->time, e)))
        goto failed;
    if (meta->has_reachable &&
        !(t->reachable = fold_section(im, "reachable", n * sizeof *t->reachable, e)))
        goto failed;
    return true;
failed:
    test_done(t);
    return false;
}

void test_done(struct test *t) {
    image_done(&t->image);
    *t = (struct test){0};
}
