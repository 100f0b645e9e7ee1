// Values of parameters: checked, printed, written into the plugin's own struct.
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/schema.h"

// Shortest decimal that reads back as `v`. With an exponent it has a point too, as libconfig reads
// `1e-05` as no number.
static void print_real(double v, char out[40]) {
    char text[40];
    out[0] = '\0';
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        const bool same = strtod(text, NULL) == v || v != v;
        if (same && (!out[0] || strlen(text) < strlen(out))) memcpy(out, text, sizeof text);
    }
    char *e = strpbrk(out, "e");
    if (!e || strchr(out, '.')) return;
    memmove(e + 2, e, strlen(e) + 1);
    e[0] = '.';
    e[1] = '0';
}

static bool check_range(const struct schema_param *p, double v, struct error *e) {
    if (v >= p->min && v <= p->max) return true; // false for NAN
    char found[40], min[40], max[40];
    print_real(v, found);
    print_real(p->min, min);
    print_real(p->max, max);
    return error_set(
        e, "%s: %s is outside its range; allowed is %s to %s", p->name, found, min, max);
}

static bool check_choice(const struct schema_param *p, double v, struct error *e) {
    if (v >= 0 && v < p->n_choices && v == floor(v)) return true;
    char found[40];
    print_real(v, found);
    return error_set(e, "%s: choice %s is none of its %u choices", p->name, found, p->n_choices);
}

bool schema_check(const struct schema_param *p, const struct param_value *v, struct error *e) {
    char found[40];
    print_real(v->number, found);
    switch (p->type) {
    case RK_TYPE_BOOL:
        if (v->number == 0 || v->number == 1) return true;
        return error_set(e, "%s: %s is neither true nor false", p->name, found);
    case RK_TYPE_INT:
        if (v->number != floor(v->number))
            return error_set(e, "%s: %s is not a whole number", p->name, found);
        return check_range(p, v->number, e);
    case RK_TYPE_CHOICE:
        return check_choice(p, v->number, e);
    case RK_TYPE_INTS:
        for (size_t k = 0; k < v->n; k++)
            if (!check_range(p, v->ints[k], e)) return false;
        return true;
    default:
        return check_range(p, v->number, e);
    }
}

char *schema_print(const struct schema_param *p, const struct param_value *v, struct arena *a) {
    if (p->type == RK_TYPE_BOOL) return arena_text(a, v->number != 0 ? "true" : "false");
    if (p->type == RK_TYPE_CHOICE) return arena_printf(a, "\"%s\"", p->choices[(int)v->number]);
    if (p->type != RK_TYPE_INTS) {
        char text[40];
        print_real(v->number, text);
        return arena_text(a, text);
    }
    const size_t widest = 13; // "-2147483648, "
    char *text = arena_alloc(a, 3 + v->n * widest);
    if (!text) return arena_text(a, "");
    char *at = text;
    *at++ = '[';
    for (size_t k = 0; k < v->n; k++) at += sprintf(at, k ? ", %d" : "%d", v->ints[k]);
    memcpy(at, "]", 2);
    return text;
}

static void bind_one(const rk_param *p, const struct param_value *v, void *field) {
    const bool flag = v->number != 0;
    const int whole = p->type == RK_TYPE_INT || p->type == RK_TYPE_CHOICE ? (int)v->number : 0;
    const rk_ints ints = {.at = v->ints, .n = v->n};
    switch (p->type) {
    case RK_TYPE_BOOL:
        memcpy(field, &flag, sizeof flag);
        break;
    case RK_TYPE_INT:
    case RK_TYPE_CHOICE:
        memcpy(field, &whole, sizeof whole);
        break;
    case RK_TYPE_REAL:
        memcpy(field, &v->number, sizeof v->number);
        break;
    case RK_TYPE_INTS:
        memcpy(field, &ints, sizeof ints);
        break;
    }
}

void schema_bind(const rk_plugin *plugin, const struct param_value *values, void *params) {
    for (uint32_t k = 0; k < plugin->n_params; k++) {
        const rk_param *p = RK_NTH(plugin->params, plugin->param_stride, k);
        bind_one(p, &values[k], (char *)params + p->offset);
    }
}
