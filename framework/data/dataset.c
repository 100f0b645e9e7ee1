#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "data/dataset_image.h"
#include "data/words.h"

const char *const dataset_count_name[COUNT_N] = {"rows", "short_row", "bad_number", "nan",
    "off_scale", "unknown_user", "unknown_item", "duplicate", "bad_encoding", "tags_set_aside",
    "filtered_ratings", "filtered_users", "filtered_items"};

const char *texts_packed_get(const struct texts_packed *t, uint32_t k) {
    return t->bytes + t->start[k];
}

static const void *section(
    const struct image *im, const char *name, size_t count, size_t size, bool *ok) {
    size_t bytes;
    const void *at = image_find(im, name, &bytes);
    if (!at || bytes / size < count) *ok = false;
    return at;
}

static struct texts_packed texts(
    const struct image *im, const char *name, const char *text_name, uint32_t n, bool *ok) {
    struct texts_packed t = {.n = n};
    if (n == 0) return t;
    t.start = section(im, name, (size_t)n + 1, sizeof *t.start, ok);
    if (*ok) t.bytes = section(im, text_name, t.start[n], 1, ok);
    return t;
}

static rk_csr matrix(const struct image *im, const char *const names[3], uint32_t n_rows,
    uint32_t n_cols, uint64_t n, bool *ok) {
    return (rk_csr){n_rows, n_cols, section(im, names[0], (size_t)n_rows + 1, sizeof(uint64_t), ok),
        section(im, names[1], n, sizeof(uint32_t), ok),
        section(im, names[2], n, sizeof(float), ok)};
}

// Feature groups and their column names lie in one allocation.
static bool map_features(struct dataset *d, const struct data_meta *meta, struct error *e) {
    const struct image *im = &d->image;
    const uint32_t n = meta->n_user_features + meta->n_item_features;
    if (n == 0) return true;
    bool ok = true;
    const struct data_feature *f = section(im, "feature", n, sizeof *f, &ok);
    if (!ok) return error_set(e, "an image of a data set has no features where it should");
    size_t n_names = 0;
    for (uint32_t k = 0; k < n; k++) n_names += f[k].n_cols;
    rk_features *group = calloc(1, n * sizeof *group + n_names * sizeof(char *));
    if (!group) return error_memory(e, n_names * sizeof(char *), "features");
    d->index = group;
    const char **names = (const char **)(group + n);
    const uint64_t *start = image_find(im, "feature_start", NULL);
    const uint32_t *col = image_find(im, "feature_col", NULL);
    const float *value = image_find(im, "feature_value", NULL);
    const char *text = image_find(im, "feature_text", NULL);
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t n_rows = k < meta->n_user_features ? meta->n_users : meta->n_items;
        const char *at = text + f[k].text;
        group[k] = (rk_features){at, f[k].kind,
            {n_rows, f[k].n_cols, start + f[k].start, col + f[k].entry, value + f[k].entry}, names};
        for (uint32_t c = 0; c < f[k].n_cols; c++) *names++ = at += strlen(at) + 1;
    }
    d->n_user_features = meta->n_user_features;
    d->n_item_features = meta->n_item_features;
    d->user_features = group;
    d->item_features = group + meta->n_user_features;
    return true;
}

static void map_tags(struct dataset *d, const struct data_meta *meta, bool *ok) {
    const struct image *im = &d->image;
    const size_t n = meta->n_tags;
    d->tags.n = n;
    d->tags.min_count = meta->min_count;
    d->tags.names = texts(im, "tags", "tags.text", meta->n_tag_names, ok);
    if (n == 0) return;
    d->tags.user = section(im, "tag_user", n, sizeof *d->tags.user, ok);
    d->tags.item = section(im, "tag_item", n, sizeof *d->tags.item, ok);
    d->tags.tag = section(im, "tag_name", n, sizeof *d->tags.tag, ok);
    d->tags.time = section(im, "tag_time", n, sizeof *d->tags.time, ok);
}

bool dataset_map(struct dataset *d, int fd, struct error *e) {
    static const char *const user_names[] = {"user_start", "user_col", "user_value"};
    static const char *const item_names[] = {"item_start", "item_col", "item_value"};
    *d = (struct dataset){0};
    if (!image_map(&d->image, fd, e)) return false;
    const struct image *im = &d->image;
    bool ok = true;
    const struct data_meta *meta = section(im, "data", 1, sizeof *meta, &ok);
    if (!ok) {
        dataset_done(d);
        return error_set(e, "an image that is no data set");
    }
    d->name = section(im, "name", 1, 1, &ok);
    d->hash = meta->hash;
    d->n_users = meta->n_users;
    d->n_items = meta->n_items;
    d->n_ratings = meta->n_ratings;
    d->by_user = matrix(im, user_names, d->n_users, d->n_items, d->n_ratings, &ok);
    d->by_item = matrix(im, item_names, d->n_items, d->n_users, d->n_ratings, &ok);
    d->time = image_find(im, "time", NULL);
    d->fold = image_find(im, "fold", NULL);
    d->reachable = image_find(im, "reachable", NULL);
    d->rating_min = meta->rating_min;
    d->rating_max = meta->rating_max;
    d->users = texts(im, "users", "users.text", d->n_users, &ok);
    d->items = texts(im, "items", "items.text", d->n_items, &ok);
    d->titles = texts(im, "titles", "titles.text", meta->n_titles, &ok);
    d->imdb = texts(im, "imdb", "imdb.text", meta->n_imdb, &ok);
    d->user_hash = section(im, "user_hash", d->n_users, sizeof *d->user_hash, &ok);
    d->item_hash = section(im, "item_hash", d->n_items, sizeof *d->item_hash, &ok);
    d->count = meta->count;
    map_tags(d, meta, &ok);
    if (!ok) error_set(e, "an image of a data set lacks a part of it");
    if (ok && map_features(d, meta, e)) return true;
    dataset_done(d);
    return false;
}

void dataset_done(struct dataset *d) {
    image_done(&d->image);
    free(d->index);
    *d = (struct dataset){0};
}

uint32_t texts_packed_find(const struct texts_packed *t, const char *id) {
    uint32_t low = 0, high = t->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = words_compare(texts_packed_get(t, middle), id);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT32_MAX;
}

uint32_t dataset_find_user(const struct dataset *d, const char *id) {
    return texts_packed_find(&d->users, id);
}

uint32_t dataset_find_item(const struct dataset *d, const char *id) {
    return texts_packed_find(&d->items, id);
}

uint64_t dataset_find_entry(const struct dataset *d, uint32_t user, uint32_t item) {
    if (user >= d->n_users || item >= d->n_items) return UINT64_MAX;
    uint64_t low = d->by_user.start[user], high = d->by_user.start[user + 1];
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const uint32_t here = d->by_user.col[middle];
        if (here == item) return middle;
        if (here < item)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT64_MAX;
}
