// builder_finish: everything but the matrices goes into the image; the hash of it all.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/log.h"
#include "data/builder_own.h"
#include "data/dataset_image.h"

// Texts that are packed in dense order: their lengths are summed up first.
struct packing {
    uint64_t *start;
    char *bytes;
    uint64_t *hash; // NULL: not wanted
    uint32_t n;
    uint64_t size;
};

static void measure_id(void *arg, const char *id, size_t length) {
    struct packing *p = arg;
    (void)id;
    p->size += length + 1;
}

static void pack_id(void *arg, const char *id, size_t length) {
    struct packing *p = arg;
    p->start[p->n] = p->size;
    if (p->hash) p->hash[p->n] = XXH3_64bits(id, length);
    memcpy(p->bytes + p->size, id, length + 1);
    p->size += length + 1;
    p->start[++p->n] = p->size;
}

static bool write_ids(struct finish *f, enum builder_side side, uint32_t n, struct error *e) {
    static const char *const names[2][3] = {
        {"users", "users.text", "user_hash"}, {"items", "items.text", "item_hash"}};
    const struct ids *ids = &f->b->ids[side];
    struct packing p = {0};
    ids_each(ids, measure_id, &p);
    p.start = image_add(&f->im, names[side][0], ((size_t)n + 1) * sizeof *p.start, e);
    if (!p.start) return false;
    p.bytes = image_add(&f->im, names[side][1], p.size + 1, e);
    if (!p.bytes) return false;
    p.hash = image_add(&f->im, names[side][2], (size_t)n * sizeof *p.hash + 8, e);
    if (!p.hash) return false;
    p.size = 0;
    ids_each(ids, pack_id, &p);
    return true;
}

// One text an item, "" where there is none.
static bool write_labels(struct finish *f, const struct labels *l, const char *name,
    const char *text_name, struct error *e) {
    if (l->n == 0) return true;
    const uint32_t n = f->n_items;
    uint32_t *text = malloc((size_t)n * sizeof *text + 1);
    if (!text) return error_memory(e, (size_t)n * sizeof *text, "titles");
    for (uint32_t i = 0; i < n; i++) text[i] = WORDS_NONE;
    for (size_t k = 0; k < l->n; k++) {
        const uint32_t i = ids_number(&f->b->ids[SIDE_ITEM], l->at[k].key);
        if (i != IDS_NONE) text[i] = l->at[k].text;
    }
    struct packing p = {.size = 1};
    for (uint32_t i = 0; i < n; i++)
        p.size += text[i] == WORDS_NONE ? 1 : words_length(&l->texts, text[i]) + 1;
    p.start = image_add(&f->im, name, ((size_t)n + 1) * sizeof *p.start, e);
    p.bytes = p.start ? image_add(&f->im, text_name, p.size, e) : NULL;
    p.size = 0;
    for (uint32_t i = 0; p.bytes && i < n; i++) {
        const bool has = text[i] != WORDS_NONE;
        pack_id(&p, has ? words_get(&l->texts, text[i]) : "",
            has ? words_length(&l->texts, text[i]) : 0);
    }
    free(text);
    return p.bytes;
}

bool finish_texts(struct finish *f, struct error *e) {
    return write_ids(f, SIDE_USER, f->n_users, e) && write_ids(f, SIDE_ITEM, f->n_items, e) &&
           write_labels(f, &f->b->titles, "titles", "titles.text", e) &&
           write_labels(f, &f->b->imdb, "imdb", "imdb.text", e);
}

// ---- The whole ---------------------------------------------------------------------------------

static void hash_section(XXH3_state_t *state, const struct finish *f, const char *name, size_t n) {
    size_t bytes;
    const void *at = image_find(&f->im, name, &bytes);
    if (!at) n = 0;
    XXH3_128bits_update(state, name, strlen(name) + 1);
    XXH3_128bits_update(state, &n, sizeof n);
    if (n) XXH3_128bits_update(state, at, n);
}

static size_t section_bytes(const struct finish *f, const char *name) {
    size_t bytes;
    image_find(&f->im, name, &bytes);
    return bytes;
}

static bool hash_all(const struct finish *f, struct data_meta *meta, struct error *e) {
    static const char *const whole[] = {"users.text", "items.text", "titles.text", "imdb.text",
        "feature", "feature_start", "feature_col", "feature_value", "feature_text", "tag_user",
        "tag_item", "tag_name", "tag_time", "tags.text"};
    XXH3_state_t *state = XXH3_createState();
    if (!state) return error_memory(e, 576, "the data's hash");
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, &meta->rating_min, sizeof(float));
    XXH3_128bits_update(state, &meta->rating_max, sizeof(float));
    hash_section(state, f, "user_start", ((size_t)f->n_users + 1) * 8);
    hash_section(state, f, "user_col", f->n * 4);
    hash_section(state, f, "user_value", f->n * 4);
    hash_section(state, f, "time", f->n * 8);
    hash_section(state, f, "fold", f->n * 4);
    hash_section(state, f, "reachable", f->n * 4);
    for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
        hash_section(state, f, whole[k], section_bytes(f, whole[k]));
    const XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    snprintf(meta->hash, sizeof meta->hash, "%016llx%016llx", (unsigned long long)hash.high64,
        (unsigned long long)hash.low64);
    return true;
}

// One line: "ml-1m: of 1000209 rows read: duplicate 3, short_row 1".
static void say_what_was_set_aside(const struct builder *b, const char *name) {
    char text[COUNT_N * 48];
    size_t n = 0;
    for (int k = COUNT_SHORT_ROW; k < COUNT_N; k++)
        if (b->count[k])
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %llu", n ? ", " : "",
                dataset_count_name[k], (unsigned long long)b->count[k]);
    if (n)
        log_info("%s: of %llu rows read: %s", name, (unsigned long long)b->count[COUNT_ROWS], text);
}

static const char *name_of(const struct builder *b) {
    return b->policy.name ? b->policy.name : b->name ? b->name : "data";
}

static bool write_meta(struct finish *f, struct error *e) {
    const struct builder *b = f->b;
    const char *name = name_of(b);
    char *copy = image_add(&f->im, "name", strlen(name) + 1, e);
    if (!copy) return false;
    strcpy(copy, name);
    struct data_meta *meta = image_add(&f->im, "data", sizeof *meta, e);
    if (!meta) return false;
    meta->n_ratings = f->n;
    memcpy(meta->count, b->count, sizeof meta->count);
    meta->rating_min = b->rating_min;
    meta->rating_max = b->rating_max;
    meta->n_users = f->n_users;
    meta->n_items = f->n_items;
    meta->n_titles = b->titles.n ? f->n_items : 0;
    meta->n_imdb = b->imdb.n ? f->n_items : 0;
    meta->n_tags = section_bytes(f, "tag_user") / sizeof(uint32_t);
    const size_t starts = section_bytes(f, "tags") / sizeof(uint64_t);
    meta->n_tag_names = starts ? (uint32_t)starts - 1 : 0;
    for (uint32_t k = 0; k < b->n_groups; k++)
        if (b->groups[k].side == SIDE_USER)
            meta->n_user_features++;
        else
            meta->n_item_features++;
    meta->min_count = b->policy.min_count < 1 ? 1 : (uint32_t)b->policy.min_count;
    return hash_all(f, meta, e);
}

static bool check(const struct builder *b, struct error *e) {
    if (!b->has_scale)
        return error_set(e, "the rating scale is not known; give it: scale = [1, 5]");
    if (b->n_rows > 0) return true;
    return error_set(e,
        b->count[COUNT_ROWS] ? "no rating is left of %llu rows: all were set aside"
                             : "there is no rating in the data (%llu rows)",
        (unsigned long long)b->count[COUNT_ROWS]);
}

bool builder_finish(struct builder *b, int fd, struct error *e) {
    struct ids *users = &b->ids[SIDE_USER], *items = &b->ids[SIDE_ITEM];
    if (!check(b, e) || !ids_rank(users, e) || !ids_rank(items, e)) return false;
    struct finish f = {.b = b, .n_users = users->n, .n_items = items->n};
    const bool ok = image_begin(&f.im, fd, e) && finish_by_user(&f, e) && finish_filter(&f, e) &&
                    finish_by_item(&f, e) && finish_texts(&f, e) && finish_features(&f, e) &&
                    finish_tags(&f, e) && write_meta(&f, e);
    image_done(&f.im);
    if (!ok) return false;
    say_what_was_set_aside(b, name_of(b));
    return image_seal(fd, e);
}
