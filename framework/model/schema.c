#include "model/schema.h"

#include <string.h>

static void put_texts(struct bytes *b, const char *const *texts, uint32_t n) {
    bytes_put_u32(b, n);
    for (uint32_t k = 0; k < n; k++) bytes_put_text(b, texts[k]);
}

static void put_param(const struct schema_param *p, struct bytes *b) {
    bytes_put_text(b, p->name);
    bytes_put_text(b, p->doc);
    bytes_put_u32(b, (uint32_t)p->type);
    bytes_put_f64(b, p->def);
    bytes_put_f64(b, p->min);
    bytes_put_f64(b, p->max);
    put_texts(b, p->choices, p->n_choices);
    bytes_put_u32(b, (uint32_t)p->n_def_ints);
    bytes_put(b, p->def_ints, p->n_def_ints * sizeof *p->def_ints);
    bytes_put_u32(b, (uint32_t)p->role);
}

void schema_put(const struct schema *s, struct bytes *b) {
    bytes_put_text(b, s->id);
    bytes_put_text(b, s->summary);
    bytes_put_text(b, s->version);
    bytes_put_text(b, s->path);
    bytes_put_text(b, s->hash);
    bytes_put_text(b, s->libraries);
    bytes_put_text(b, s->blas_core);
    bytes_put_text(b, s->isa);
    bytes_put_u32(b, s->abi_major);
    bytes_put_u32(b, s->abi_minor);
    bytes_put_u32(b, s->flags);
    bytes_put_u32(b, s->n_params);
    for (uint32_t k = 0; k < s->n_params; k++) put_param(&s->params[k], b);
    put_texts(b, s->requires_features, s->n_requires);
    put_texts(b, s->uses_features, s->n_uses);
    put_texts(b, s->extensions, s->n_extensions);
}

// Room for `n` things of which each takes at least one byte of the message; NULL if that cannot be.
static void *get_room(struct bytes *b, struct arena *a, size_t n, size_t size) {
    if (n > b->size - b->got) b->failed = true;
    void *room = b->failed ? NULL : arena_alloc(a, n * size);
    if (!room) b->failed = true;
    return room;
}

static const char *get_text(struct bytes *b, struct arena *a) {
    const char *text = bytes_get_text(b);
    if (!text) b->failed = true; // no text of a schema is NULL
    return b->failed ? "" : arena_text(a, text);
}

static const char *const *get_texts(struct bytes *b, struct arena *a, uint32_t *n) {
    *n = bytes_get_u32(b);
    if (*n > b->size - b->got) b->failed = true; // each takes at least one byte of the message
    const char **texts = b->failed ? NULL : arena_alloc(a, ((size_t)*n + 1) * sizeof *texts);
    if (!texts) b->failed = true;
    for (uint32_t k = 0; !b->failed && k < *n; k++) texts[k] = get_text(b, a);
    return texts;
}

static void get_param(struct schema_param *p, struct bytes *b, struct arena *a) {
    p->name = get_text(b, a);
    p->doc = get_text(b, a);
    p->type = (rk_type)bytes_get_u32(b);
    p->def = bytes_get_f64(b);
    p->min = bytes_get_f64(b);
    p->max = bytes_get_f64(b);
    p->choices = get_texts(b, a, &p->n_choices);
    p->n_def_ints = bytes_get_u32(b);
    int *ints = get_room(b, a, p->n_def_ints, sizeof *ints);
    if (!b->failed) bytes_get(b, ints, p->n_def_ints * sizeof *ints);
    p->def_ints = ints;
    p->role = (rk_role)bytes_get_u32(b);
}

bool schema_get(struct schema *s, struct bytes *b, struct error *e) {
    *s = (struct schema){0};
    struct arena *a = &s->arena;
    s->id = get_text(b, a);
    s->summary = get_text(b, a);
    s->version = get_text(b, a);
    s->path = get_text(b, a);
    s->hash = get_text(b, a);
    s->libraries = get_text(b, a);
    s->blas_core = get_text(b, a);
    s->isa = get_text(b, a);
    s->abi_major = (uint16_t)bytes_get_u32(b);
    s->abi_minor = (uint16_t)bytes_get_u32(b);
    s->flags = bytes_get_u32(b);
    s->n_params = bytes_get_u32(b);
    s->params = get_room(b, a, s->n_params, sizeof *s->params);
    for (uint32_t k = 0; !b->failed && k < s->n_params; k++) get_param(&s->params[k], b, a);
    s->requires_features = get_texts(b, a, &s->n_requires);
    s->uses_features = get_texts(b, a, &s->n_uses);
    s->extensions = get_texts(b, a, &s->n_extensions);
    if (!b->failed) return true;
    schema_done(s);
    return error_set(e, "a plugin's schema arrived damaged, or memory ran out while reading it");
}

void schema_done(struct schema *s) {
    arena_done(&s->arena);
    *s = (struct schema){0};
}

const struct schema_param *schema_find(const struct schema *s, const char *name) {
    for (uint32_t k = 0; k < s->n_params; k++)
        if (strcmp(s->params[k].name, name) == 0) return &s->params[k];
    return NULL;
}

void schema_defaults(const struct schema *s, struct param_value *values) {
    for (uint32_t k = 0; k < s->n_params; k++) {
        const struct schema_param *p = &s->params[k];
        values[k] = (struct param_value){.number = p->def, .ints = p->def_ints, .n = p->n_def_ints};
    }
}
