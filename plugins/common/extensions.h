// extensions.h - what a plugin has beside its table: its models as bytes, and the memory they take.
#ifndef RECKON_PLUGINS_COMMON_EXTENSIONS_H
#define RECKON_PLUGINS_COMMON_EXTENSIONS_H

#include "common/state.h"

// Writes extension(), save() and load() of a plugin whose rk_model has `host`. bytes_: its function
// of reckon.memory/1; everything that create(), fit() and predict() allocate, as far as it may be
// there at a time.
#define EXTENSIONS(id_, format_, fields_, bytes_) \
    static rk_status save(const rk_model *m, const rk_stream *out) { \
        return state_save(m, m->host, out, id_, format_, fields_); \
    } \
    static rk_status load(rk_model *m, const rk_stream *in) { \
        return state_load(m, m->host, in, id_, format_, fields_); \
    } \
    static const void *extension(const char *id) { \
        static const rk_ext_state state = {.save = save, .load = load}; \
        static const rk_ext_memory memory = {.bytes = bytes_}; \
        if (strcmp(id, RK_EXT_STATE) == 0) return &state; \
        return strcmp(id, RK_EXT_MEMORY) == 0 ? &memory : NULL; \
    }

#endif
