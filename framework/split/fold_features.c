// Feature groups in a fold image: copied in one after another, found again as rk_features.
#include <stdlib.h>
#include <string.h>

#include "split/fold_image.h"

// The groups in the order of the image.
static const rk_features *nth_group(
    const struct dataset *d, const struct fold_tags *tags, uint32_t k) {
    if (k < d->n_user_features) return &d->user_features[k];
    k -= d->n_user_features;
    return k < d->n_item_features ? &d->item_features[k] : &tags->group;
}

static uint64_t n_entries(const rk_features *g) {
    return g->values.start[g->values.n_rows];
}

static uint64_t text_bytes(const rk_features *g) {
    uint64_t n = strlen(g->name) + 1;
    for (uint32_t c = 0; c < g->values.n_cols; c++) n += strlen(g->col_names[c]) + 1;
    return n;
}

static char *put_text(char *at, const char *text) {
    const size_t n = strlen(text) + 1;
    memcpy(at, text, n);
    return at + n;
}

static void copy_array(void *to, const void *from, size_t bytes) {
    if (bytes) memcpy(to, from, bytes);
}

bool fold_features_write(struct image *im, const struct dataset *data, const struct fold_tags *tags,
    struct train_meta *meta, struct error *e) {
    meta->n_user_features = data->n_user_features;
    meta->n_item_features = data->n_item_features + (tags->group.values.n_cols > 0);
    const uint32_t n = meta->n_user_features + meta->n_item_features;
    struct feature_meta *group = image_add(im, "feature", n * sizeof *group, e);
    if (!group) return false;
    struct feature_meta total = {0};
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *g = nth_group(data, tags, k);
        group[k] = (struct feature_meta){.start = total.start,
            .entry = total.entry,
            .text = total.text,
            .n_rows = g->values.n_rows,
            .n_cols = g->values.n_cols,
            .kind = g->kind};
        total.start += (uint64_t)g->values.n_rows + 1;
        total.entry += n_entries(g);
        total.text += text_bytes(g);
    }
    uint64_t *start = image_add(im, "feature_start", total.start * sizeof *start, e);
    uint32_t *col = start ? image_add(im, "feature_col", total.entry * sizeof *col, e) : NULL;
    float *value = col ? image_add(im, "feature_value", total.entry * sizeof *value, e) : NULL;
    char *text = value ? image_add(im, "feature_text", total.text, e) : NULL;
    if (!text) return false;
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *g = nth_group(data, tags, k);
        copy_array(start + group[k].start, g->values.start,
            ((size_t)g->values.n_rows + 1) * sizeof *start);
        copy_array(col + group[k].entry, g->values.col, n_entries(g) * sizeof *col);
        copy_array(value + group[k].entry, g->values.value, n_entries(g) * sizeof *value);
        char *at = put_text(text + group[k].text, g->name);
        for (uint32_t c = 0; c < g->values.n_cols; c++) at = put_text(at, g->col_names[c]);
    }
    return true;
}

rk_features *fold_features_map(
    const struct image *im, const struct train_meta *meta, struct error *e) {
    const uint32_t n = meta->n_user_features + meta->n_item_features;
    const struct feature_meta *group = fold_section(im, "feature", n * sizeof *group, e);
    if (!group) return NULL;
    const uint64_t *start = image_find(im, "feature_start", NULL);
    const uint32_t *col = image_find(im, "feature_col", NULL);
    const float *value = image_find(im, "feature_value", NULL);
    const char *text = image_find(im, "feature_text", NULL);
    size_t n_names = 0;
    for (uint32_t k = 0; k < n; k++) n_names += group[k].n_cols;
    const size_t bytes = n * sizeof(rk_features) + n_names * sizeof(char *);
    rk_features *features = malloc(bytes ? bytes : 1);
    if (!features) {
        error_memory(e, bytes, "the features of a fold");
        return NULL;
    }
    const char **name = (const char **)(features + n);
    for (uint32_t k = 0; k < n; k++) {
        const char *at = text + group[k].text;
        features[k] = (rk_features){.name = at,
            .kind = group[k].kind,
            .values = {group[k].n_rows, group[k].n_cols, start + group[k].start,
                col + group[k].entry, value + group[k].entry},
            .col_names = name};
        for (uint32_t c = 0; c < group[k].n_cols; c++) *name++ = at += strlen(at) + 1;
    }
    return features;
}
