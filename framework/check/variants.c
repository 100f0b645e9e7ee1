#include "check/variants.h"

#include <stdio.h>

enum { FRUGAL = 2 }; // what resources get

bool variant_be_brief(const struct schema *s, struct param_value *values, double resource) {
    bool any = false;
    for (uint32_t k = 0; k < s->n_params; k++) {
        const struct schema_param *p = &s->params[k];
        if (p->role != RK_RESOURCE || p->type == RK_TYPE_INTS || values[k].number <= resource)
            continue;
        const double least = p->min > resource ? p->min : resource;
        any = any || least < values[k].number;
        values[k].number = least;
    }
    return any;
}

struct variant variant_of(
    const struct subject *s, uint32_t k, struct param_value value, double resource) {
    struct variant v = {.values = run_alloc(s->schema.n_params, sizeof *v.values)};
    schema_defaults(&s->schema, v.values);
    variant_be_brief(&s->schema, v.values, resource);
    v.values[k] = value;
    struct arena a = {0};
    const struct schema_param *p = &s->schema.params[k];
    snprintf(v.text, sizeof v.text, "%s = %s", p->name, schema_print(p, &value, &a));
    arena_done(&a);
    return v;
}

struct variant *variants_choices(const struct subject *s, size_t *n) {
    size_t room = 0;
    for (uint32_t k = 0; k < s->schema.n_params; k++)
        room += s->schema.params[k].type == RK_TYPE_CHOICE ? s->schema.params[k].n_choices : 2;
    struct variant *all = run_alloc(room, sizeof *all);
    *n = 0;
    for (uint32_t k = 0; k < s->schema.n_params; k++) {
        const struct schema_param *p = &s->schema.params[k];
        const uint32_t many = p->type == RK_TYPE_CHOICE ? p->n_choices
                              : p->type == RK_TYPE_BOOL ? 2
                                                        : 0;
        for (uint32_t c = 0; c < many; c++)
            if (c != (uint32_t)p->def)
                all[(*n)++] = variant_of(s, k, (struct param_value){.number = c}, FRUGAL);
    }
    return all;
}

void variant_apply(struct run *r, const struct variant *v) {
    r->values = v->values;
    r->values_text = v->text;
}
