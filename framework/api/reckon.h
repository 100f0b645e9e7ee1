// reckon.h - all that a recommender plugin and the harness know of each other.
//
// A plugin is one shared object, als.so, exporting one function, rk_plugin_entry(). For each model
// the harness calls create, fit, predict as often as it likes, destroy.
//
// Threads  [static]  any thread, any time, no model needed; the answer never changes.
//          [owner]   one thread at a time per model; different models may run at the same time.
//          [shared]  any number of threads at once on a fitted model, which stays as it is.
// Memory   Whoever allocates, frees. Pointers to const are borrowed, for as long as is said there.
// Failure  A rk_status other than RK_OK leaves outputs unspecified; from fit() or load(), it also
//          means that only destroy() may follow.
// Repeat   Same plugin, parameters, data and seed: same bits, whatever n_threads is. So no clocks,
//          files, environment, rand(), mutable globals, or threads of a plugin's own.
#ifndef RECKON_H
#define RECKON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Version -----------------------------------------------------------------------------------
// Major: old binaries would break. Minor: something was appended. A struct that begins with `size`
// only grows at its end, and a field is there only if RK_HAS() says so (whether it is NULL is then
// asked apart). Structs that may grow are never embedded by value, and arrays of them come with
// their stride. The others never change.

#define RK_ABI_MAJOR 1
#define RK_ABI_MINOR 0

#define RK_HAS(p, type, f) ((p)->size >= offsetof(type, f) + sizeof((p)->f))

#if defined(__GNUC__)
#define RK_EXPORT __attribute__((visibility("default")))
#define RK_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define RK_EXPORT
#define RK_PRINTF(fmt, first)
#endif

// ---- Status ------------------------------------------------------------------------------------

#define RK_STATUS_MAP(X) \
    X(OK, 0, "success") \
    X(CANCELLED, 1, "stopped on request") \
    X(E_MEMORY, -1, "out of memory") \
    X(E_PARAM, -2, "parameters do not fit together") \
    X(E_DATA, -3, "this data cannot train this model") \
    X(E_NUMERIC, -4, "diverged, or met a singular matrix") \
    X(E_IO, -5, "reading or writing failed")

typedef int32_t rk_status;
enum {
#define X(name, value, text) RK_##name = value,
    RK_STATUS_MAP(X)
#undef X
};

// ---- Data: borrowed until destroy() returns ----------------------------------------------------

// A sparse matrix by rows. Columns ascend within a row and do not repeat.
typedef struct rk_csr {
    uint32_t n_rows;
    uint32_t n_cols;
    const uint64_t *start; // [n_rows + 1]; row r has the entries start[r] .. start[r + 1] - 1
    const uint32_t *col;   // [start[n_rows]]
    const float *value;    // [start[n_rows]]
} rk_csr;

typedef int32_t rk_feature_kind;
enum {
    RK_FEATURE_ONE_HOT, // at most one 1 in a row: gender, age band, occupation, zip digit
    RK_FEATURE_BINARY,  // any number of 1s: genre
    RK_FEATURE_COUNT,   // how often: tag
    RK_FEATURE_REAL     // year, as it stands
};

// One group of features. Standard names: "gender", "age", "occupation", "zip" (first digit) of
// users; "genre", "tag", "year" of items. An empty row: not known.
typedef struct rk_features {
    const char *name;
    rk_feature_kind kind;
    rk_csr values;                // row = user or item, column = feature
    const char *const *col_names; // [values.n_cols]
} rk_features;

// A time that is not known; such ratings come first where time decides.
#define RK_NO_TIME INT64_MIN

// Pairs, and when they were rated.
typedef struct rk_pairs {
    uint32_t size;
    size_t n;
    const uint32_t *users; // [n]
    const uint32_t *items; // [n]
    const int64_t *time;   // [n], seconds since 1970; NULL if the data has no times
} rk_pairs;

// Users are 0 .. n_users - 1, items 0 .. n_items - 1. Cold ones have an empty row of ratings, and
// their features all the same. There is always at least one rating.
typedef struct rk_data {
    uint32_t size;
    uint32_t n_users;
    uint32_t n_items;
    rk_csr by_user;   // training ratings; row = user, column = item
    rk_csr by_item;   // the same ratings; row = item, column = user
    float rating_min; // of the scale that the data declares, not of the ratings at hand
    float rating_max;
    uint32_t n_user_features;
    uint32_t n_item_features;
    uint32_t features_stride;         // bytes from one rk_features to the next: RK_NTH()
    const rk_features *user_features; // [n_user_features]
    const rk_features *item_features; // [n_item_features]; tags as the training fold knows them
    const int64_t *time; // [entries of by_user], seconds since 1970; NULL if the data has no times

    // Ratings taken out of the training fold for early stopping, if the plugin sets RK_WANTS_VALID
    // and the experiment grants a share; else valid->n is 0, and it must do without. Having chosen,
    // a plugin may learn from both.
    const rk_pairs *valid;      // never NULL
    const float *valid_ratings; // [valid->n]
} rk_data;

#define RK_NTH(first, stride, k) ((const void *)((const char *)(first) + (size_t)(stride) * (k)))

// ---- Host: what the harness does for a model, until destroy() returns --------------------------

typedef int32_t rk_log_level;
enum { RK_LOG_DEBUG, RK_LOG_INFO, RK_LOG_WARNING };

// Works on the indices begin .. end - 1, and writes only what belongs to them, and to the scratch
// of `worker` < n_threads, which must not change the result.
typedef rk_status rk_body(void *arg, uint32_t worker, size_t begin, size_t end);

typedef struct rk_host {
    uint32_t size;
    uint32_t n_threads; // that parallel_for may use: for sizing scratch, never for results
    void *self;         // the harness's own

    // [shared] One line, without the newline.
    void (*log)(const struct rk_host *, rk_log_level, const char *fmt, ...) RK_PRINTF(3, 4);

    // [shared] Keeps the message for the user and gives `status` back, to be returned.
    rk_status (*fail)(const struct rk_host *, rk_status status, const char *fmt, ...)
        RK_PRINTF(3, 4);

    // [owner] `done` of `total` steps are over; NAN if there is no objective. False: stop soon, and
    // return RK_CANCELLED.
    bool (*progress)(const struct rk_host *, uint32_t done, uint32_t total, double objective);

    // [owner] One point of a curve or table that is kept with the trial and drawn in reports:
    // ("train rmse", epoch, value), ("silhouette", k, value).
    void (*record)(const struct rk_host *, const char *series, double x, double y);

    // [shared] Random numbers, from the trial's seed and `stream` alone: with a stream for each
    // user, item or epoch they are the same in any order of calls.
    void (*uniform)(const struct rk_host *, uint64_t stream, float *out, size_t n); // [0, 1)
    void (*normal)(const struct rk_host *, uint64_t stream, float *out, size_t n);  // N(0, 1)
    void (*shuffle)(const struct rk_host *, uint64_t stream, uint32_t *at, size_t n);

    // [owner] Cuts 0 .. n - 1 every `grain` indices, whatever n_threads is, and runs `body` on
    // each piece; returns when all are done, with the lowest piece's failure if any failed, and
    // with RK_CANCELLED, between pieces, once the run is to stop. To sum, write partial[begin /
    // grain], then add those in order. BLAS called in a body uses that thread alone; bodies call no
    // parallel_for.
    rk_status (*parallel_for)(
        const struct rk_host *, size_t n, size_t grain, rk_body *body, void *arg);
} rk_host;

// ---- Parameters: declared once; the harness checks them, fills them in, prints them as help ----

// (The RK_ macros below are for C; from C++ the tables are filled in by hand.)
// Each plugin defines its own struct rk_params; the harness writes it through the offsets.
typedef struct rk_params rk_params;

typedef struct rk_ints {
    const int *at; // [n]
    size_t n;
} rk_ints;

typedef int32_t rk_type;
enum { RK_TYPE_BOOL, RK_TYPE_INT, RK_TYPE_REAL, RK_TYPE_CHOICE, RK_TYPE_INTS };

// For searches: walk it in equal steps or equal ratios; RESOURCE: more of it costs more and should
// not score worse (iterations, epochs, sweeps), so that halving may start with little.
typedef int32_t rk_role;
enum { RK_LINEAR = 0, RK_LOG = 1, RK_RESOURCE = 2 };

typedef struct rk_param {
    const char *name; // as in experiment files: a-z, 0-9, _; not plugin, label, search, seeds
    const char *doc;  // one line
    rk_type type;
    uint32_t offset;            // of the field in rk_params
    double def;                 // BOOL, INT, REAL; CHOICE: an index
    double min;                 // INT, REAL, and each of INTS
    double max;                 // likewise
    const char *const *choices; // CHOICE: NULL-terminated
    const char *def_text;       // INTS: "64, 32"
    rk_role role;
} rk_param;

// The field's offset, if it has the type T; else it does not compile (C11).
// clang-format off
#define RK_AT(f, T) \
    (uint32_t)(offsetof(rk_params, f) + \
        0 * sizeof(char[_Generic(((rk_params *)0)->f, T: 1, default: -1)]))

#define RK_BOOL(f, def, doc) {#f, doc, RK_TYPE_BOOL, RK_AT(f, bool), def, 0, 1, NULL, NULL, 0}
#define RK_INT(f, def, min, max, role, doc) \
    {#f, doc, RK_TYPE_INT, RK_AT(f, int), def, min, max, NULL, NULL, role}
#define RK_REAL(f, def, min, max, role, doc) \
    {#f, doc, RK_TYPE_REAL, RK_AT(f, double), def, min, max, NULL, NULL, role}
#define RK_CHOICE(f, def, choices, doc) \
    {#f, doc, RK_TYPE_CHOICE, RK_AT(f, int), def, 0, 0, choices, NULL, 0}
#define RK_INTS(f, def, min, max, doc) \
    {#f, doc, RK_TYPE_INTS, RK_AT(f, rk_ints), 0, min, max, NULL, def, 0}
// clang-format on

// ---- Plugin ------------------------------------------------------------------------------------

// Each plugin defines its own struct rk_model; nobody else looks inside.
typedef struct rk_model rk_model;

enum {
    RK_COLD_USERS = 1, // it knows better than a mean for these
    RK_COLD_ITEMS = 2,
    RK_WANTS_VALID = 4
};

typedef struct rk_plugin {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;
    const char *id;      // the file's name without .so: "als"
    const char *summary; // one line
    const char *version;
    uint32_t flags;
    uint32_t n_params;
    uint32_t param_stride;  // sizeof(rk_param) as the plugin knew it
    const rk_param *params; // [n_params]
    size_t params_size;     // sizeof(rk_params)

    // NULL, or names and a last NULL, "user.gender", "item.genre": without the first kind there is
    // no fit; the second is used where the data has it.
    const char *const *requires_features;
    const char *const *uses_features;

    // [owner] `host` and `params`, which is NULL if none are declared, stay valid until destroy()
    // returns. Sets *out only on success.
    rk_status (*create)(const rk_host *host, const rk_params *params, rk_model **out);

    // [owner] Once for each model created, whatever became of it.
    void (*destroy)(rk_model *);

    // [owner] Learns. At most once per model.
    rk_status (*fit)(rk_model *, const rk_data *train);

    // [shared] out[k]: the rating to expect for pair k, cold or not; NAN for "no opinion", which
    // the harness fills in and counts; infinities are a failure. No pair's answer depends on the
    // others.
    rk_status (*predict)(const rk_model *, const rk_pairs *, float *out);

    // [static] Optional. The table known as `id`, see below; NULL if it has none.
    const void *(*extension)(const char *id);
} rk_plugin;

// [static] The one symbol a plugin exports. A function: dlsym() promises no more than those.
typedef const rk_plugin *rk_plugin_entry_fn(void);
RK_EXPORT const rk_plugin *rk_plugin_entry(void);

// Writes that function:  RK_PLUGIN(.id = "als", RK_PARAMS(schema), .fit = fit, ...)
#define RK_PARAMS(table) \
    .params = (table), .n_params = sizeof(table) / sizeof *(table), \
    .param_stride = sizeof(rk_param), .params_size = sizeof(rk_params)
#define RK_PLUGIN(...) \
    const rk_plugin *rk_plugin_entry(void) { \
        static const rk_plugin plugin = {.size = sizeof plugin, \
            .abi_major = RK_ABI_MAJOR, \
            .abi_minor = RK_ABI_MINOR, \
            __VA_ARGS__}; \
        return &plugin; \
    }

// ---- Extensions: name/revision; a table never changes, its successor has the next revision -----

// The fitted model as bytes; load() stands in for fit(), under the same parameters.
#define RK_EXT_STATE "reckon.state/1"
typedef struct rk_stream {
    void *self;
    rk_status (*write)(const struct rk_stream *, const void *bytes, size_t n); // all, or fails
    rk_status (*read)(const struct rk_stream *, void *bytes, size_t n);        // all, or fails
} rk_stream;
typedef struct rk_ext_state {
    rk_status (*save)(const rk_model *, const rk_stream *out); // [shared]
    rk_status (*load)(rk_model *, const rk_stream *in);        // [owner]
} rk_ext_state;

// How sure: the standard deviation of each prediction (of the rating, noise included).
#define RK_EXT_SPREAD "reckon.spread/1"
typedef struct rk_ext_spread {
    rk_status (*predict)(const rk_model *, const rk_pairs *, float *mean, float *sd); // [shared]
} rk_ext_spread;

// What a model will take, before there is one: so that a run that cannot go well is not begun.
#define RK_EXT_MEMORY "reckon.memory/1"
typedef struct rk_shape {
    uint32_t size;
    uint32_t n_users;
    uint32_t n_items;
    uint32_t n_threads;    // rk_host.n_threads
    uint64_t n_ratings;    // training ratings and validation slice together
    uint64_t n_valid;      // of these, how many the slice has
    uint64_t n_times;      // of these, how many have times: n_ratings, or 0 if the data has none
    uint32_t user_columns; // columns of all groups of user features together
    uint32_t item_columns;
    uint64_t user_entries; // likewise entries of their matrices
    uint64_t item_entries;
} rk_shape;
typedef struct rk_ext_memory {
    // [static] An upper estimate of what a model holds at most, in bytes, from create() to the last
    // predict(): without the data. `params` as in create(). More of anything takes no less.
    uint64_t (*bytes)(const rk_params *params, const rk_shape *);
} rk_ext_memory;

#ifdef __cplusplus
}
#endif
#endif
