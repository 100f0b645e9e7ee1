// made_store.h - a store in a folder of its own, and trials to fill it with.
#ifndef RECKON_TESTS_MADE_STORE_H
#define RECKON_TESTS_MADE_STORE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/made_evidence.h"
#include "support/made_results.h"
#include "trial/store.h"
#include "trial/store_own.h"

// A plugin with a parameter of each type.
static inline struct schema made_schema(void) {
    static const char *const choices[] = {"cholesky", "conjugate", NULL};
    static const int layers[] = {64, 32};
    static struct schema_param params[] = {
        {.name = "rank", .doc = "", .type = RK_TYPE_INT, .def = 16, .min = 1, .max = 1024},
        {.name = "lambda", .doc = "", .type = RK_TYPE_REAL, .def = 0.1, .min = 0, .max = 10},
        {.name = "biased", .doc = "", .type = RK_TYPE_BOOL, .def = 1, .min = 0, .max = 1},
        {.name = "solver",
            .doc = "",
            .type = RK_TYPE_CHOICE,
            .max = 1,
            .choices = choices,
            .n_choices = 2},
        {.name = "layers",
            .doc = "",
            .type = RK_TYPE_INTS,
            .min = 1,
            .max = 4096,
            .def_ints = layers,
            .n_def_ints = 2}};
    return (struct schema){.id = "made",
        .version = "1.2",
        .path = "/somewhere/made.so",
        .hash = "0123456789abcdef0123456789abcdef",
        .libraries = "libc.so.6=aa\nlibm.so.6=bb\n",
        .blas_core = "Haswell",
        .isa = "x86-64-v3",
        .params = params,
        .n_params = 5};
}

static inline struct key made_key(uint64_t n) {
    struct key key;
    snprintf(key.hex, sizeof key.hex, "%016llx%016llx", (unsigned long long)n * 0x9e3779b97f4a7c15u,
        (unsigned long long)n);
    return key;
}

static inline struct store *made_open(const char *folder, enum store_mode mode) {
    struct error e = {0};
    struct store *s;
    ck_assert_msg(store_open(&s, folder, mode, &e), "%s", e.text);
    return s;
}

static inline int64_t made_begin(struct store *s, const char *plan_hash) {
    struct error e = {0};
    int64_t id = 0;
    const struct store_run run = {
        .name = "made", .experiment = "x = 1;\n", .plan_hash = plan_hash, .version = "0.1"};
    ck_assert_msg(store_begin_run(s, &run, &id, &e), "%s", e.text);
    return id;
}

// Number of rows, or whatever number the query gives.
static inline int64_t made_count(struct store *s, const char *sql) {
    sqlite3_stmt *q = NULL;
    ck_assert_msg(
        sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(s->db));
    ck_assert_msg(sqlite3_step(q) == SQLITE_ROW, "%s: %s", sql, sqlite3_errmsg(s->db));
    const int64_t n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

// A trial with `n` scores; for scores_done().
static inline struct trial_record made_record(uint32_t number, size_t n) {
    struct trial_record t = {.number = number,
        .fold = number,
        .cost = {.fit_seconds = 0.5, .predict_seconds = 0.25, .memory = 1000}};
    for (size_t k = 0; k < n; k++) {
        char name[16];
        snprintf(name, sizeof name, "metric%zu", k);
        made_score(&t.scores, (enum slice)(k % SLICE_N), name, 0.1 * number + (double)k);
    }
    return t;
}

static inline bool made_put(struct store *s, uint32_t number, size_t n_scores, struct error *e) {
    const struct key key = made_key(number);
    struct trial_record t = made_record(number, n_scores);
    const struct store_place place = {.record = &t, .data = "made", .label = "made 1", .share = 1};
    const bool ok = store_put(s, &key, NULL, NULL, &t, e) && store_place(s, &key, &place, e);
    scores_done(&t.scores);
    return ok;
}

#endif
