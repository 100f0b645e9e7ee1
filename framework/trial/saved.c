#include "trial/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/replace.h"

// Sections: "check", "model", "texts", the names of parameters, "value" and "ints", the catalogue,
// "user_bias", "item_bias", "state". Names and catalogue are pairs of "_start" and "_text".
enum { FORM = 1, MOST_PARAMS = 4096, MOST_INTS = 1 << 16, MOST_RATING = 1 << 30 };
static const char magic[8] = "RKMODEL";

struct meta {
    char magic[8];
    uint32_t form; // of the file; another byte order makes another number of it
    uint32_t n_params;
    uint64_t key, n_ratings;
    double mean;
    float rating_min, rating_max;
    uint32_t clip, has_time;
    uint32_t n_users, n_items;
};

struct value {
    double number;
    uint64_t first, n; // of its whole numbers in "ints"
};

// The texts of struct saved, in the order in which they lie in "texts".
#define TEXTS(X) \
    X(plugin) X(version) X(hash) X(reckon) X(label) X(data) X(data_hash) X(isa) X(blas_core)

// ---- Checksum ----------------------------------------------------------------------------------

// XXH3-128 of the whole file, "check" taken as zeros.
bool saved_checksum(const struct image *im, unsigned char out[SAVED_CHECKSUM]) {
    static const unsigned char zeros[SAVED_CHECKSUM];
    const unsigned char *check = image_find(im, "check", NULL);
    const size_t before = (size_t)(check - im->base), after = before + SAVED_CHECKSUM;
    XXH3_state_t *state = XXH3_createState();
    if (!state) return false;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, im->base, before);
    XXH3_128bits_update(state, zeros, sizeof zeros);
    XXH3_128bits_update(state, im->base + after, im->size - after);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    memcpy(out, canonical.digest, SAVED_CHECKSUM);
    XXH3_freeState(state);
    return true;
}

// ---- Writing -----------------------------------------------------------------------------------

static bool add(
    struct image *im, const char *name, const void *from, size_t bytes, struct error *e) {
    void *to = image_add(im, name, bytes, e);
    if (to && bytes) memcpy(to, from, bytes);
    return to != NULL;
}

static bool add_packed(
    struct image *im, const char *name, const struct texts_packed *t, struct error *e) {
    char start[24], text[24];
    snprintf(start, sizeof start, "%s_start", name);
    snprintf(text, sizeof text, "%s_text", name);
    return add(im, start, t->start, ((size_t)t->n + 1) * sizeof *t->start, e) &&
           add(im, text, t->bytes, t->start[t->n], e);
}

static bool add_texts(struct image *im, const struct saved *s, struct error *e) {
#define X(name) s->name,
    const char *const texts[] = {TEXTS(X)};
#undef X
    size_t n = 0;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) n += strlen(texts[k]) + 1;
    char *to = image_add(im, "texts", n, e);
    for (size_t k = 0; to && k < sizeof texts / sizeof *texts; k++) to = stpcpy(to, texts[k]) + 1;
    return to != NULL;
}

static bool add_values(struct image *im, const struct saved *s, struct error *e) {
    uint64_t n = 0;
    struct value *to = image_add(im, "value", s->n_params * sizeof *to, e);
    if (!to) return false;
    for (uint32_t k = 0; k < s->n_params; k++) {
        to[k] = (struct value){.number = s->values[k].number, .first = n, .n = s->values[k].n};
        n += s->values[k].n;
    }
    int *ints = image_add(im, "ints", n * sizeof *ints, e);
    if (!ints) return false;
    for (uint32_t k = 0; k < s->n_params; k++)
        if (to[k].n) memcpy(ints + to[k].first, s->values[k].ints, to[k].n * sizeof *ints);
    return true;
}

static bool add_all(struct image *im, const struct saved *s, struct error *e) {
    struct meta meta = {.form = FORM,
        .n_params = s->n_params,
        .key = s->key,
        .n_ratings = s->n_ratings,
        .mean = s->mean,
        .rating_min = s->rating_min,
        .rating_max = s->rating_max,
        .clip = s->clip,
        .has_time = s->has_time,
        .n_users = s->users.n,
        .n_items = s->items.n};
    memcpy(meta.magic, magic, sizeof magic);
    return image_add(im, "check", SAVED_CHECKSUM, e) && add(im, "model", &meta, sizeof meta, e) &&
           add_texts(im, s, e) && add_packed(im, "param", &s->names, e) && add_values(im, s, e) &&
           add_packed(im, "user", &s->users, e) && add_packed(im, "item", &s->items, e) &&
           add(im, "user_bias", s->user_bias, s->users.n * sizeof *s->user_bias, e) &&
           add(im, "item_bias", s->item_bias, s->items.n * sizeof *s->item_bias, e) &&
           add(im, "state", s->state, s->n_state, e);
}

// Whether a file of that name may be replaced.
static bool may_replace(const char *path, struct error *e) {
    struct saved old = {0};
    struct error why = {0};
    if (access(path, F_OK) != 0) return true;
    FILE *f = fopen(path, "re");
    const bool empty = f && fgetc(f) == EOF;
    if (f) fclose(f);
    if (empty || saved_open(&old, path, &why)) {
        saved_done(&old);
        return true;
    }
    return error_set(e,
        "%s is there already, and is no model that could be replaced; remove it, "
        "or choose another name with --out",
        path);
}

bool saved_write(const struct saved *s, const char *path, struct error *e) {
    struct image im = {0};
    struct replace file = {0};
    bool ok = false;
    if (!may_replace(path, e)) return false;
    const int fd = image_create("model", e);
    if (fd < 0) return false;
    if (!image_begin(&im, fd, e) || !add_all(&im, s, e)) goto done;
    unsigned char sum[SAVED_CHECKSUM];
    if (!saved_checksum(&im, sum)) {
        error_memory(e, sizeof sum, "a checksum");
        goto done;
    }
    memcpy((void *)(uintptr_t)image_find(&im, "check", NULL), sum, sizeof sum);
    if (!replace_begin(&file, path, e)) goto done;
    errno = 0;
    if (fwrite(im.base, 1, im.size, file.file) != im.size)
        error_set(e, "%s: cannot be written: %s", path, strerror(errno));
    else
        ok = replace_commit(&file, e);
done:
    replace_abandon(&file);
    image_done(&im);
    close(fd);
    return ok;
}

// ---- Reading -----------------------------------------------------------------------------------

static bool damaged(const char *path, const char *what, struct error *e) {
    return error_set(e, "%s is damaged: %s; save the model again with reckon fit", path, what);
}

// An array of n elements of `size` bytes, aligned for them; NULL otherwise.
static const void *array(const struct image *im, const char *name, size_t n, size_t size) {
    size_t bytes;
    const unsigned char *at = image_find(im, name, &bytes);
    if (!at || bytes / size != n || bytes % size != 0) return NULL;
    return (size_t)(at - im->base) % 8 == 0 ? at : NULL;
}

static bool read_packed(
    const struct image *im, const char *name, uint32_t n, struct texts_packed *out) {
    char start[24], text[24];
    snprintf(start, sizeof start, "%s_start", name);
    snprintf(text, sizeof text, "%s_text", name);
    size_t bytes;
    *out = (struct texts_packed){.n = n};
    out->start = array(im, start, (size_t)n + 1, sizeof *out->start);
    out->bytes = image_find(im, text, &bytes);
    if (!out->start || !out->bytes || out->start[0] != 0 || out->start[n] != bytes) return false;
    for (uint32_t k = 0; k < n; k++) {
        const uint64_t end = out->start[k + 1];
        if (end <= out->start[k] || end > bytes || out->bytes[end - 1] != '\0') return false;
    }
    return true;
}

static bool read_texts(struct saved *s) {
#define X(name) &s->name,
    const char **const to[] = {TEXTS(X)};
#undef X
    size_t left;
    const char *at = image_find(&s->image, "texts", &left);
    for (size_t k = 0; k < sizeof to / sizeof *to; k++) {
        const char *end = at && left ? memchr(at, '\0', left) : NULL;
        if (!end) return false;
        *to[k] = at;
        left -= (size_t)(end + 1 - at);
        at = end + 1;
    }
    return left == 0;
}

static bool read_values(struct saved *s) {
    size_t bytes;
    const struct value *from = array(&s->image, "value", s->n_params, sizeof *from);
    const int *ints = image_find(&s->image, "ints", &bytes);
    const uint64_t n = bytes / sizeof *ints;
    struct param_value *to = arena_alloc(&s->arena, (s->n_params + 1) * sizeof *to);
    if (!from || !ints || !to || n > MOST_INTS || !array(&s->image, "ints", n, sizeof *ints))
        return false;
    for (uint32_t k = 0; k < s->n_params; k++) {
        if (from[k].first > n || from[k].n > n - from[k].first || isnan(from[k].number))
            return false;
        to[k] = (struct param_value){from[k].number, ints + from[k].first, from[k].n};
    }
    s->values = to;
    return true;
}

// No bias is past what ratings of the scale can make of it: |b_i| < range, |b_u| < 2 range.
static bool are_biases(const float *bias, uint32_t n, double range) {
    for (uint32_t k = 0; k < n; k++)
        if (!(fabs((double)bias[k]) <= 2 * range)) return false;
    return true;
}

static bool read_numbers(struct saved *s, const struct meta *m) {
    s->key = m->key;
    s->n_ratings = m->n_ratings;
    s->mean = m->mean;
    s->rating_min = m->rating_min;
    s->rating_max = m->rating_max;
    s->clip = m->clip != 0;
    s->has_time = m->has_time != 0;
    s->n_params = m->n_params;
    s->user_bias = array(&s->image, "user_bias", m->n_users, sizeof *s->user_bias);
    s->item_bias = array(&s->image, "item_bias", m->n_items, sizeof *s->item_bias);
    s->state = image_find(&s->image, "state", &s->n_state);
    const double range = (double)s->rating_max - s->rating_min;
    return s->rating_min >= -MOST_RATING && s->rating_max <= MOST_RATING &&
           s->mean >= s->rating_min && s->mean <= s->rating_max && m->n_params <= MOST_PARAMS &&
           m->n_users < UINT32_MAX && m->n_items < UINT32_MAX && s->user_bias && s->item_bias &&
           s->state && are_biases(s->user_bias, m->n_users, range) &&
           are_biases(s->item_bias, m->n_items, range);
}

static bool read_all(struct saved *s, const char *path, struct error *e) {
    size_t bytes;
    const struct meta *meta = array(&s->image, "model", 1, sizeof *meta);
    if (!image_find(&s->image, "check", &bytes) || bytes != SAVED_CHECKSUM || !meta)
        return damaged(path, "it was not written to its end", e);
    if (memcmp(meta->magic, magic, sizeof magic) != 0)
        return error_set(e, "%s is no saved model", path);
    if (meta->form != FORM)
        return error_set(e,
            "%s is a model in form %u, and this reckon %s reads form %d; use the reckon that "
            "saved it, or save it again with reckon fit",
            path, meta->form, RECKON_VERSION, FORM);
    unsigned char sum[SAVED_CHECKSUM];
    if (!saved_checksum(&s->image, sum)) return error_memory(e, sizeof sum, "a checksum");
    if (memcmp(sum, image_find(&s->image, "check", NULL), sizeof sum) != 0)
        return damaged(path, "its bytes are not those of its checksum", e);
    if (!read_numbers(s, meta) || !read_texts(s) ||
        !read_packed(&s->image, "param", meta->n_params, &s->names) || !read_values(s) ||
        !read_packed(&s->image, "user", meta->n_users, &s->users) ||
        !read_packed(&s->image, "item", meta->n_items, &s->items))
        return damaged(path, "what it holds doesn't fit together", e);
    return true;
}

bool saved_open(struct saved *s, const char *path, struct error *e) {
    *s = (struct saved){0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_set(e, "%s: cannot be read: %s", path, strerror(errno));
    struct error why = {0};
    bool ok = image_map(&s->image, fd, &why);
    close(fd);
    if (!ok) error_set(e, "%s is no saved model, or was cut off: %s", path, why.text);
    if (ok && !(ok = read_all(s, path, e))) saved_done(s);
    return ok;
}

void saved_done(struct saved *s) {
    image_done(&s->image);
    arena_done(&s->arena);
    *s = (struct saved){0};
}

float saved_fallback(const struct saved *s, uint32_t user, uint32_t item) {
    const float of_user = user == UINT32_MAX ? 0 : s->user_bias[user];
    const float of_item = item == UINT32_MAX ? 0 : s->item_bias[item];
    return (float)(s->mean + of_user + of_item);
}

bool saved_values(const struct saved *s, const struct schema *schema, struct param_value *values,
    struct error *e) {
    bool same = s->n_params == schema->n_params;
    for (uint32_t k = 0; same && k < s->n_params; k++) {
        struct error why = {0};
        values[k] = s->values[k];
        same = strcmp(texts_packed_get(&s->names, k), schema->params[k].name) == 0 &&
               schema_check(&schema->params[k], &values[k], &why);
    }
    return same || error_set(e, "%s has other parameters than the %s that the model was saved by",
                       schema->path, s->plugin);
}
