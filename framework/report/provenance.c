#include <string.h>

#include "core/json_build.h"
#include "core/library.h"
#include "report/blended.h"
#include "report/files.h"
#include "report/wording.h"

static void set_text(json_t *object, const char *key, const char *text, struct arena *a, bool *ok) {
    json_put(object, key, text ? json_string(wording_clean(a, text)) : json_null(), ok);
}

static json_t *data_json(const struct data_summary *d, struct arena *a, bool *ok) {
    json_t *out = json_object(), *counts = json_object();
    set_text(out, "name", d->name, a, ok);
    set_text(out, "hash", d->hash, a, ok);
    json_put(out, "ratings", json_integer((json_int_t)d->n_ratings), ok);
    json_put(out, "users", json_integer(d->n_users), ok);
    json_put(out, "items", json_integer(d->n_items), ok);
    json_put(out, "rating_min", json_real((double)d->rating_min), ok);
    json_put(out, "rating_max", json_real((double)d->rating_max), ok);
    for (int k = 0; k < COUNT_N; k++)
        json_put(counts, dataset_count_name[k], json_integer((json_int_t)d->count[k]), ok);
    json_put(out, "counts", counts, ok);
    return out;
}

// A member of fitted weights has none here: it has one in each fold.
static json_t *blend_json(
    const struct plan *plan, const struct plan_model *m, struct arena *a, bool *ok) {
    const struct blend_spec *b = m->blend;
    json_t *out = json_object(), *members = json_array();
    for (size_t k = 0; k < b->n; k++) {
        json_t *member = json_object();
        set_text(member, "label", plan->models[b->members[k]].label, a, ok);
        if (b->how == BLEND_GIVEN) json_put(member, "weight", json_real(b->weights[k]), ok);
        json_push(members, member, ok);
    }
    set_text(out, "label", m->label, a, ok);
    set_text(out, "plugin", m->schema->id, a, ok);
    json_put(out, "members", members, ok);
    set_text(out, "weights", blended_weights(b, a), a, ok);
    return out;
}

static json_t *model_json(
    const struct plan *plan, const struct plan_model *m, struct arena *a, bool *ok) {
    if (m->blend) return blend_json(plan, m, a, ok);
    const struct schema *s = m->schema;
    json_t *out = json_object(), *params = json_object();
    const char *slash = s->path ? strrchr(s->path, '/') : NULL;
    set_text(out, "label", m->label, a, ok);
    set_text(out, "plugin", s->id, a, ok);
    set_text(out, "version", s->version, a, ok);
    set_text(out, "file", slash ? slash + 1 : s->path, a, ok);
    set_text(out, "hash", s->hash, a, ok);
    char abi[16];
    snprintf(abi, sizeof abi, "%u.%u", s->abi_major, s->abi_minor);
    set_text(out, "abi", abi, a, ok);
    for (uint32_t k = 0; k < s->n_params; k++)
        set_text(params, s->params[k].name, schema_print(&s->params[k], &m->values[k], a), a, ok);
    json_put(out, "parameters", params, ok);
    return out;
}

static json_t *versions_json(struct arena *a, bool *ok) {
    json_t *out = json_object();
    for (size_t k = 0; k < library_count(); k++)
        set_text(out, library_nth(k)->id, library_nth(k)->version(), a, ok);
    return out;
}

bool files_write_provenance(const struct results *r, FILE *out, struct error *e) {
    struct arena arena = {0};
    bool ok = true;
    json_t *root = json_object(), *data = json_array(), *models = json_array();
    for (size_t k = 0; k < r->plan->n_data; k++)
        json_push(data, data_json(&r->data[k], &arena, &ok), &ok);
    for (size_t k = 0; k < r->plan->n_models; k++)
        json_push(models, model_json(r->plan, &r->plan->models[k], &arena, &ok), &ok);
    set_text(root, "program", "reckon", &arena, &ok);
    set_text(root, "version", RECKON_VERSION, &arena, &ok);
    set_text(root, "name", r->plan->name, &arena, &ok);
    json_put(root, "seed", json_integer((json_int_t)r->plan->seed), &ok);
    set_text(root, "isa", r->isa, &arena, &ok);
    set_text(root, "blas_core", r->blas_core, &arena, &ok);
    json_put(root, "sandbox", json_boolean(r->plan->sandbox), &ok);
    json_put(root, "libraries", versions_json(&arena, &ok), &ok);
    json_put(root, "data", data, &ok);
    json_put(root, "models", models, &ok);
    if (!ok || json_dumpf(root, out, JSON_EXACT) != 0)
        ok = error_set(e, "provenance.json cannot be made: out of memory or disk");
    else
        fputc('\n', out);
    json_decref(root);
    arena_done(&arena);
    return ok;
}
