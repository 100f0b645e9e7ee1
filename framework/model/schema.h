// schema.h - what a plugin declares about itself, copied out of it; and values for its parameters.
//
// The harness loads no plugin: a short-lived process does, and sends its schema as bytes.
#ifndef RECKON_MODEL_SCHEMA_H
#define RECKON_MODEL_SCHEMA_H

#include "core/arena.h"
#include "core/bytes.h"
#include "core/error.h"
#include "reckon.h"

struct schema_param {
    const char *name, *doc;
    rk_type type;
    double def, min, max;
    const char *const *choices; // [n_choices], then a NULL
    uint32_t n_choices;
    const int *def_ints; // INTS; [n_def_ints]
    size_t n_def_ints;
    rk_role role;
};

// All pointers lie in `arena`.
struct schema {
    struct arena arena; // owned
    const char *id, *summary, *version, *path;
    const char *hash; // 32 hex digits (XXH3-128) of the shared object's bytes
    // Of the process that read it, where it ran as in trials: the shared objects loaded, one a line
    // as "libm.so.6=<build id, or hash of the file>", sorted; OpenBLAS's core, "" without
    // OpenBLAS; instruction set.
    const char *libraries, *blas_core, *isa;
    uint16_t abi_major, abi_minor;
    uint32_t flags;              // RK_COLD_USERS ...
    struct schema_param *params; // [n_params]
    uint32_t n_params;
    const char *const *requires_features; // [n_requires]
    const char *const *uses_features;     // [n_uses]
    uint32_t n_requires, n_uses;
    const char *const *extensions; // ids of the known ones that it has
    uint32_t n_extensions;
};

// Judges the plugin's tables: names, ranges, defaults inside them, offsets inside params_size,
// choices, text. The message says which entry, what was found and what is expected.
bool schema_judge(const rk_plugin *plugin, struct error *e);

// The same, and copies them, with a hash of the file.
bool schema_read(struct schema *s, const rk_plugin *plugin, const char *path, struct error *e);
void schema_put(const struct schema *s, struct bytes *b);
bool schema_get(struct schema *s, struct bytes *b, struct error *e);
void schema_done(struct schema *s);

const struct schema_param *schema_find(const struct schema *s, const char *name);

// A value for each parameter, in the schema's order.
struct param_value {
    double number;   // BOOL 0 or 1, INT, REAL, CHOICE an index
    const int *ints; // INTS; [n]; borrowed
    size_t n;
};
void schema_defaults(const struct schema *s, struct param_value *values /* [n_params] */);

// Checks one value against its parameter: range, whole number, choice.
bool schema_check(const struct schema_param *p, const struct param_value *v, struct error *e);

// As written in an experiment file: 0.1, true, "cholesky", [64, 32]; shortest text that reads back.
char *schema_print(const struct schema_param *p, const struct param_value *v, struct arena *a);

// Fills in the plugin's own struct (zeroed, plugin->params_size bytes) through its offsets. The
// ints stay borrowed from `values`.
void schema_bind(const rk_plugin *plugin, const struct param_value *values, void *params);

#endif
