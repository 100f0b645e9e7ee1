// data = { synthetic = { users = 600; ... }; }: made as it is read, and no file anywhere.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/synthetic_world.h"

// Keys of what the builder was told of before any rating.
struct reading {
    struct synthetic_world *world;         // owned
    struct builder *builder;               // borrowed
    uint32_t *user;                        // [n_users]; keys; owned
    uint32_t *item;                        // [n_items]; likewise
    uint32_t gender, age, occupation, zip; // groups
    struct builder_rows rows;
    uint32_t *row_user, *row_item; // [n_items]; owned, as the rest of the columns
    float *row_rating, *row_reachable;
    int64_t *row_time;
};

static bool add_ids(
    struct reading *r, enum builder_side side, uint32_t *keys, uint32_t n, struct error *e) {
    char id[16];
    for (uint32_t k = 0; k < n; k++) {
        const int length = snprintf(id, sizeof id, "%u", k + 1);
        keys[k] = builder_add(r->builder, side, id, (size_t)length, e);
        if (keys[k] == BUILDER_NO_KEY) return false;
    }
    builder_close(r->builder, side);
    return true;
}

static bool add_group(struct reading *r, enum builder_side side, const char *name,
    rk_feature_kind kind, uint32_t *group, struct error *e) {
    *group = builder_add_feature(r->builder, side, name, kind, e);
    return *group != UINT32_MAX;
}

static bool describe_items(struct reading *r, struct error *e) {
    uint32_t genre = UINT32_MAX, year;
    const struct synthetic_world *w = r->world;
    char name[SYNTHETIC_NAME];
    if (w->n_genres && !add_group(r, SIDE_ITEM, "genre", RK_FEATURE_BINARY, &genre, e))
        return false;
    if (!add_group(r, SIDE_ITEM, "year", RK_FEATURE_REAL, &year, e)) return false;
    for (uint32_t i = 0; i < w->n_items; i++) {
        const char *title = synthetic_title(w, i, name);
        if (!builder_set_title(r->builder, r->item[i], title, strlen(title), e) ||
            !builder_set_feature(r->builder, year, r->item[i], NULL, 0, (float)w->year[i], e))
            return false;
        for (uint64_t left = w->genres[i]; left; left &= left - 1) {
            const char *column = synthetic_genre((uint32_t)__builtin_ctzll(left), name);
            if (!builder_set_feature(r->builder, genre, r->item[i], column, strlen(column), 1, e))
                return false;
        }
    }
    return true;
}

static bool add_groups_of_users(struct reading *r, struct error *e) {
    return add_group(r, SIDE_USER, "gender", RK_FEATURE_ONE_HOT, &r->gender, e) &&
           add_group(r, SIDE_USER, "age", RK_FEATURE_ONE_HOT, &r->age, e) &&
           add_group(r, SIDE_USER, "occupation", RK_FEATURE_ONE_HOT, &r->occupation, e) &&
           add_group(r, SIDE_USER, "zip", RK_FEATURE_ONE_HOT, &r->zip, e);
}

static bool set_column(struct reading *r, uint32_t group, uint32_t key, struct error *e,
    const char *fmt, unsigned value) {
    char column[16];
    const int n = snprintf(column, sizeof column, fmt, value);
    return builder_set_feature(r->builder, group, key, column, (size_t)n, 1, e);
}

static bool describe_user(
    struct reading *r, uint32_t u, const struct synthetic_user *user, struct error *e) {
    const uint32_t key = r->user[u];
    return set_column(r, r->gender, key, e, "%c", (unsigned)"FM"[user->gender]) &&
           set_column(r, r->age, key, e, "%u", synthetic_age[user->age]) &&
           set_column(r, r->occupation, key, e, "%u", user->occupation) &&
           set_column(r, r->zip, key, e, "%u", user->zip / 10000);
}

static bool add_user(struct reading *r, uint32_t u, struct error *e) {
    struct synthetic_user user;
    synthetic_world_user(r->world, u, true, &user);
    for (size_t k = 0; k < user.n_ratings; k++) {
        const struct synthetic_rating *from = &user.ratings[k];
        r->row_user[k] = r->user[u];
        r->row_item[k] = r->item[from->item];
        r->row_rating[k] = from->rating;
        r->row_reachable[k] = from->reachable;
        r->row_time[k] = from->time;
    }
    r->rows.n = user.n_ratings;
    if (!describe_user(r, u, &user, e) || !builder_add_rows(r->builder, &r->rows, e)) return false;
    char name[SYNTHETIC_NAME];
    for (size_t k = 0; k < user.n_tags; k++) {
        const struct synthetic_tag *t = &user.tags[k];
        synthetic_tag_name(t->tag, name);
        if (!builder_add_tag(
                r->builder, r->user[u], r->item[t->item], name, strlen(name), t->time, e))
            return false;
    }
    return true;
}

static bool allocate(struct reading *r, struct error *e) {
    const size_t users = r->world->n_users, items = r->world->n_items;
    r->user = malloc(users * sizeof *r->user);
    r->item = malloc(items * sizeof *r->item);
    r->row_user = malloc(items * sizeof *r->row_user);
    r->row_item = malloc(items * sizeof *r->row_item);
    r->row_rating = malloc(items * sizeof *r->row_rating);
    r->row_reachable = malloc(items * sizeof *r->row_reachable);
    r->row_time = malloc(items * sizeof *r->row_time);
    if (!r->user || !r->item || !r->row_user || !r->row_item || !r->row_rating ||
        !r->row_reachable || !r->row_time)
        return error_memory(e, (users + 8 * items) * 4, "rows of synthetic data");
    r->rows = (struct builder_rows){.user = r->row_user,
        .item = r->row_item,
        .rating = r->row_rating,
        .time = r->row_time,
        .reachable = r->row_reachable};
    return true;
}

bool synthetic_read(const void *settings, struct builder *b, struct error *e) {
    const struct synthetic *s = settings;
    struct reading r = {.world = synthetic_world_new(s, e), .builder = b};
    bool done = false;
    if (!r.world || !allocate(&r, e)) goto done;
    if (!builder_set_name(b, "synthetic", e) || !builder_set_scale(b, (float)s->step, 5, e) ||
        !add_ids(&r, SIDE_USER, r.user, r.world->n_users, e) ||
        !add_ids(&r, SIDE_ITEM, r.item, r.world->n_items, e) || !describe_items(&r, e) ||
        !add_groups_of_users(&r, e))
        goto done;
    for (uint32_t u = 0; u < r.world->n_users; u++)
        if (!add_user(&r, u, e)) goto done;
    done = true;
done:
    synthetic_world_free(r.world);
    free(r.user);
    free(r.item);
    free(r.row_user);
    free(r.row_item);
    free(r.row_rating);
    free(r.row_reachable);
    free(r.row_time);
    return done;
}
