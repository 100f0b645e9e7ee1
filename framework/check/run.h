// run.h - a model's life under watch: created, fitted, asked, destroyed. In the check's process.
#ifndef RECKON_CHECK_RUN_H
#define RECKON_CHECK_RUN_H

#include "check/child.h"
#include "check/guard.h"
#include "check/planted.h"
#include "model/schema.h"

enum {
    RUN_SEED = 42,
    // What parameters that are resources get at most: enough to be at work; with sanitizers less,
    // as what those look for is alike in each epoch.
    RUN_RESOURCE = 16,
    RUN_RESOURCE_SANITIZED = 6
};

// The plugin under test.
struct subject {
    const char *path;
    const rk_plugin *plugin;
    struct schema schema;
    struct param_value *defaults; // [schema.n_params]
    struct param_value *brief;    // the same, with resources at most RUN_RESOURCE
    char brief_text[64];          // "defaults", or "defaults, resources at most 16"
};

struct run {
    const struct subject *subject;
    const struct planted *data;
    const struct param_value *values; // [n_params]
    const char *values_text;          // "defaults", "rank=64"
    uint32_t threads;
    uint64_t seed;
    struct pool *pool; // owned
    struct guard guard;
    void *params; // owned, unless it lies in the data's region
    rk_model *self;
};

// Data of a kind for the subject; ends the check if there is no memory.
void run_data(struct planted *p, enum planted_kind kind, const struct subject *s);

// Prepares a life with brief parameters and RUN_SEED on 1 thread; the caller may change that, and
// the guard, before run_create().
void run_init(struct run *r, const struct subject *s, const struct planted *data);
void run_seed(struct run *r, uint64_t seed);
// Gives it a pool of its own, and a new guard.
void run_threads(struct run *r, uint32_t threads);

void run_done(struct run *r); // destroys the model if there is one; accepts a zeroed struct

// The plugin's own answer, whatever it is.
rk_status run_create(struct run *r);
rk_status run_fit(struct run *r);
rk_status run_predict(const struct run *r, const rk_pairs *pairs, float *out);
void run_destroy(struct run *r);

// The check ends with a failure unless all goes well. `out`: [pairs->n].
void run_must_fit(struct run *r); // create and fit
void run_must_predict(const struct run *r, const rk_pairs *pairs, float *out);

// Fails the check; the life's particulars are added to the text.
_Noreturn void run_fail(const struct run *r, const char *fmt, ...) RK_PRINTF(2, 3);

// The plugin's table of that id; if it has none, the check is skipped.
const void *run_extension(const struct subject *s, const char *id);

// [n], or the check ends.
void *run_alloc(size_t n, size_t size);

// Fails unless the answers are the same bits. `what` names the second.
void run_same(
    const struct run *r, const rk_pairs *pairs, const float *a, const float *b, const char *what);

// Fails unless each answer is NAN, or within the data's scale widened by its width on both sides.
void run_sane(const struct run *r, const rk_pairs *pairs, const float *out);

// Fails if the host was misused.
void run_judge_host(const struct run *r);

// Answers to data->ask of one whole life, in a new array. 0 threads: loops run in line.
float *run_life(
    const struct subject *s, const struct planted *data, uint32_t threads, uint64_t seed);

#endif
