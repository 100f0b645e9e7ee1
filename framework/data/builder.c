#include "data/builder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "data/builder_own.h"
#include "data/grow.h"
#include "data/text.h"

enum { SHOWN = 3, MAX_ID = 255, MAX_GROUPS = 256 }; // SHOWN: warnings about flaws of each kind

struct builder *builder_new(const struct data_common *policy, uint32_t n_threads, struct error *e) {
    struct builder *b = calloc(1, sizeof *b);
    if (!b) {
        error_memory(e, sizeof *b, "a data set");
        return NULL;
    }
    b->policy = *policy;
    b->n_threads = n_threads;
    b->filter.sample = 1;
    if (!ids_init(&b->ids[SIDE_USER], e) || !ids_init(&b->ids[SIDE_ITEM], e) ||
        (n_threads > 1 && !(b->pool = pool_new(n_threads, e)))) {
        builder_free(b);
        return NULL;
    }
    return b;
}

static void labels_done(struct labels *l) {
    words_done(&l->texts);
    free(l->at);
}

void builder_free(struct builder *b) {
    if (!b) return;
    pool_free(b->pool);
    ids_done(&b->ids[SIDE_USER]);
    ids_done(&b->ids[SIDE_ITEM]);
    for (size_t k = 0; k < b->n_chunks; k++) chunk_free(b->chunks[k]);
    free(b->chunks);
    for (uint32_t k = 0; k < b->n_groups; k++) {
        words_done(&b->groups[k].columns);
        free(b->groups[k].values);
    }
    free(b->groups);
    for (size_t k = 0; k < b->n_files; k++) free(b->files[k]);
    free(b->files);
    labels_done(&b->titles);
    labels_done(&b->imdb);
    words_done(&b->tag_names);
    free(b->tags);
    free(b->name);
    free(b);
}

struct pool *builder_pool(struct builder *b) {
    return b->pool;
}

bool builder_set_name(struct builder *b, const char *name, struct error *e) {
    char *copy = strdup(name);
    if (!copy) return error_memory(e, strlen(name), "a name");
    free(b->name);
    b->name = copy;
    return true;
}

const char *builder_keep_file(struct builder *b, const char *name, struct error *e) {
    if (!grow_to(&b->files, &b->files_room, b->n_files + 1, sizeof *b->files, "files", e))
        return NULL;
    char *copy = strdup(name);
    if (copy)
        b->files[b->n_files++] = copy;
    else
        error_memory(e, strlen(name), "files");
    return copy;
}

bool builder_set_scale(struct builder *b, float min, float max, struct error *e) {
    if (!isfinite(min) || !isfinite(max) || !(min < max))
        return error_set(e,
            "scale: from %g to %g is no rating scale; give the lowest and the highest "
            "rating, such as [1, 5]",
            (double)min, (double)max);
    b->rating_min = min;
    b->rating_max = max;
    b->has_scale = true;
    return true;
}

uint32_t builder_add(
    struct builder *b, enum builder_side side, const char *id, size_t length, struct error *e) {
    const char *what = side == SIDE_USER ? "user" : "item";
    char shown[TEXT_SHOWN];
    const char *wrong = length == 0                 ? "is empty"
                        : length > MAX_ID           ? "is longer than 255 bytes"
                        : !text_is_utf8(id, length) ? "is not UTF-8"
                                                    : NULL;
    for (size_t k = 0; !wrong && k < length; k++)
        if ((unsigned char)id[k] < 0x20 || id[k] == 0x7F) wrong = "has a control character in it";
    if (!wrong) return ids_add(&b->ids[side], id, length, e);
    error_set(e, "the %s id %s %s", what, text_show(id, length, shown), wrong);
    return BUILDER_NO_KEY;
}

uint32_t builder_find(
    const struct builder *b, enum builder_side side, const char *id, size_t length) {
    return ids_find(&b->ids[side], id, length);
}

void builder_close(struct builder *b, enum builder_side side) {
    b->ids[side].closed = true;
}

bool builder_is_closed(const struct builder *b, enum builder_side side) {
    return b->ids[side].closed;
}

uint32_t builder_add_feature(struct builder *b, enum builder_side side, const char *name,
    rk_feature_kind kind, struct error *e) {
    struct group *g = NULL;
    if (b->n_groups == MAX_GROUPS || strlen(name) >= sizeof g->name) {
        error_set(e,
            "feature \"%s\": there can be %d groups of features with names below %zu bytes", name,
            MAX_GROUPS, sizeof g->name);
        return UINT32_MAX;
    }
    if (!grow_to(&b->groups, &b->groups_room, b->n_groups + 1, sizeof *g, "features", e))
        return UINT32_MAX;
    g = &b->groups[b->n_groups];
    *g = (struct group){.side = side, .kind = kind};
    strcpy(g->name, name);
    return b->n_groups++;
}

bool builder_set_feature(struct builder *b, uint32_t group, uint32_t key, const char *column,
    size_t length, float value, struct error *e) {
    struct group *g = &b->groups[group];
    if (!column) column = g->name, length = strlen(g->name);
    const uint32_t k = words_add(&g->columns, column, length, e);
    if (k == WORDS_NONE ||
        !grow_to(&g->values, &g->room, g->n + 1, sizeof *g->values, "features", e))
        return false;
    g->values[g->n++] = (struct group_value){key, k, value};
    return true;
}

static bool set_label(
    struct labels *l, uint32_t item, const char *text, size_t length, struct error *e) {
    const uint32_t k = words_add(&l->texts, text, length, e);
    if (k == WORDS_NONE || !grow_to(&l->at, &l->room, l->n + 1, sizeof *l->at, "titles", e))
        return false;
    l->at[l->n++] = (struct label){item, k};
    return true;
}

bool builder_set_title(
    struct builder *b, uint32_t item, const char *title, size_t length, struct error *e) {
    return set_label(&b->titles, item, title, length, e);
}

bool builder_set_imdb(
    struct builder *b, uint32_t item, const char *imdb, size_t length, struct error *e) {
    return set_label(&b->imdb, item, imdb, length, e);
}

bool builder_add_tag(struct builder *b, uint32_t user, uint32_t item, const char *tag,
    size_t length, int64_t time, struct error *e) {
    length = text_trim(&tag, length);
    if (length == 0) {
        b->count[COUNT_TAGS_SET_ASIDE]++;
        return true;
    }
    char *low = malloc(length);
    if (!low) return error_memory(e, length, "a tag");
    memcpy(low, tag, length);
    text_lower(low, length);
    const uint32_t k = words_add(&b->tag_names, low, length, e);
    free(low);
    if (k == WORDS_NONE ||
        !grow_to(&b->tags, &b->tags_room, b->n_tags + 1, sizeof *b->tags, "tags", e))
        return false;
    b->tags[b->n_tags++] = (struct tag){user, item, k, time};
    return true;
}

bool builder_flaw(struct builder *b, enum dataset_count kind, struct place place, const char *text,
    size_t length, struct error *e, const char *what, ...) {
    const bool twice = kind == COUNT_DUPLICATE;
    const bool fatal =
        twice ? b->policy.duplicates == DUPLICATE_ERROR : b->policy.flaws == FLAW_ERROR;
    if (!fatal && b->count[kind]++ >= SHOWN) return true;
    char message[256], shown[TEXT_SHOWN], line[32] = "";
    va_list args;
    va_start(args, what);
    vsnprintf(message, sizeof message, what, args);
    va_end(args);
    if (place.line) snprintf(line, sizeof line, ":%llu", (unsigned long long)place.line);
    text_show(text, length, shown);
    if (fatal)
        return error_set(e, "%s%s: %s: %s (%s sets such rows aside and counts them)", place.file,
            line, message, shown, twice ? "duplicates = \"last\"" : "flaws = \"skip\"");
    log_warning("%s%s: %s: %s; set aside", place.file, line, message, shown);
    return true;
}

void builder_count(struct builder *b, enum dataset_count kind, uint64_t n) {
    b->count[kind] += n;
}

void builder_set_filter(struct builder *b, const struct data_filter *filter) {
    b->filter = *filter;
    if (!(b->filter.sample > 0)) b->filter.sample = 1;
}

void builder_set_folds(struct builder *b, const char *lines, const char *column) {
    b->fold_lines = lines;
    b->fold_column = column;
}

const char *builder_fold_lines(const struct builder *b) {
    return b->fold_lines;
}

const char *builder_fold_column(const struct builder *b) {
    return b->fold_column;
}

bool builder_has_folds(const struct builder *b) {
    return b->has_fold;
}
