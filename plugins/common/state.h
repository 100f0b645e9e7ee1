// state.h - a fitted model as bytes (reckon.state/1): one description of its fields for both ways.
//
// A plugin describes its model once, in a function that names each field in turn; saving only reads
// them, and loading sets them. Bytes: "reckon", the plugin's id, the number of the format, then the
// fields, as little-endian numbers, arrays behind their lengths. A length other than the expected
// one is refused, and room grows with what was read: bytes that are cut off or made up end in
// RK_E_IO, never in a crash or in much more memory than they take up themselves.
#ifndef RECKON_PLUGINS_COMMON_STATE_H
#define RECKON_PLUGINS_COMMON_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "reckon.h"

struct state {
    const rk_stream *stream; // borrowed
    const rk_host *host;     // borrowed; hears what is refused
    bool loading;            // else saving
    rk_status status;        // of the first step that failed; those after it do nothing
};

// Describes the model. When loading, its fields are those that create() left: what is set here is
// the model's from then on, and destroy() must bear the model as any failed step leaves it.
typedef void state_fields(struct state *s, rk_model *m);

rk_status state_save(const rk_model *m, const rk_host *host, const rk_stream *out, const char *id,
    uint32_t format, state_fields *fields);
rk_status state_load(rk_model *m, const rk_host *host, const rk_stream *in, const char *id,
    uint32_t format, state_fields *fields);

// One number: an integer of fixed width, a size_t, a float or a double.
#define STATE_NUMBER(s, field) state_number((s), &(field), sizeof(field))
void state_number(struct state *s, void *at, size_t size);
void state_bool(struct state *s, bool *at); // anything but 0 and 1 is refused

// A number that the model has from elsewhere, as from its parameters: another one is refused.
void state_same(struct state *s, uint64_t number, const char *what);

// `field`, a pointer to n numbers, or structs of them without gaps. Loading sets it to a new array,
// aligned to a cache line, for free(); to NULL if it fails. An array of none has room all the same.
#define STATE_ARRAY(s, field, n) \
    do { \
        if ((s)->loading) \
            (field) = state_read_array((s), (n), sizeof *(field)); \
        else \
            state_write_array((s), (field), (n), sizeof *(field)); \
    } while (0)
void *state_read_array(struct state *s, uint64_t n, size_t size);
void state_write_array(struct state *s, const void *at, uint64_t n, size_t size);

// Likewise a pointer to n switches.
void state_flags(struct state *s, bool **at, uint64_t n);

// When loading, refuses the bytes unless what was read can be.
void state_judge(struct state *s, bool can_be, const char *what);

// Whether all of at[n] is below `limit`, or is `none`.
bool state_all_below(const uint32_t *at, uint64_t n, uint32_t limit, uint32_t none);

// Writes save() and load() of a plugin whose rk_model has `host`, and their table, for a plugin
// that has other extensions as well.
#define STATE_TABLE(id_, format_, fields_) \
    static rk_status save(const rk_model *m, const rk_stream *out) { \
        return state_save(m, m->host, out, id_, format_, fields_); \
    } \
    static rk_status load(rk_model *m, const rk_stream *in) { \
        return state_load(m, m->host, in, id_, format_, fields_); \
    } \
    static const rk_ext_state state_table = {.save = save, .load = load};

// Likewise, and extension().
#define STATE_EXTENSION(id_, format_, fields_) \
    STATE_TABLE(id_, format_, fields_) \
    static const void *extension(const char *id) { \
        return strcmp(id, RK_EXT_STATE) == 0 ? &state_table : NULL; \
    }

#endif
