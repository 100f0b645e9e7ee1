// blended.h - plans with rows that are blends of others, made by hand.
#ifndef RECKON_TESTS_BLENDED_H
#define RECKON_TESTS_BLENDED_H

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>

#include "support/searched.h"
#include "trial/store_read.h"

#define THREE \
    "models = ({plugin = \"bias\";}, {plugin = \"item_mean\";}, {plugin = \"als\"; rank = 3; " \
    "iterations = 3;});"

static const uint32_t first_two[] = {0, 1}, all_three[] = {0, 1, 2};

// One more row; the spec stays borrowed.
static inline void add_blend(struct searched *s, const struct blend_spec *spec) {
    static struct schema schema = {.id = "blend", .version = "", .hash = "", .libraries = ""};
    static const char *const labels[] = {"blend 0", "blend 1", "blend 2", "blend 3"};
    const size_t at = s->plan.n_models++;
    s->models[at] = (struct plan_model){.label = labels[at], .schema = &schema, .blend = spec};
    for (size_t k = 0; k < spec->n; k++) s->models[spec->members[k]].is_member = true;
}

static inline const struct trial_record *find_record(
    const struct results *r, int model, uint32_t fold, uint32_t seed) {
    for (size_t k = 0; k < r->n; k++) {
        const struct trial_record *t = &r->records[k];
        if (t->model == model && t->fold == fold && t->seed == seed) return t;
    }
    ck_abort_msg("no record of model %d on fold %u", model, fold);
    return NULL;
}

// Of SQL on the store of that name.
static inline void store_exec(const char *store, const char *sql) {
    char path[4096];
    sqlite3 *db;
    char *message = NULL;
    snprintf(path, sizeof path, "%s/%s/reckon.db", searched_folder(), store);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

static inline void merge_stores(const char *into, const char *from) {
    char path[4096];
    struct store *opened = NULL;
    struct error e = {0};
    struct store_merged merged;
    snprintf(path, sizeof path, "%s/%s", searched_folder(), into);
    ck_assert_msg(store_open(&opened, path, STORE_WRITE, &e), "%s", e.text);
    snprintf(path, sizeof path, "%s/%s", searched_folder(), from);
    ck_assert_msg(store_merge(opened, path, &merged, &e), "%s", e.text);
    store_close(opened);
}

#endif
