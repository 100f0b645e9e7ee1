// What a plugin declares, judged before anything is believed, then copied.
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/hash.h"
#include "model/loader.h"
#include "model/machine.h"
#include "model/schema.h"

enum { LONGEST_NAME = 63, LONGEST_TEXT = 1000, MOST_PARAMS = 1000, MOST_FEATURES = 64 };

// Keys of a model's entry in an experiment file that are not parameters.
static const char *const reserved[] = {"plugin", "label", "search", "seeds"};

// Copies `n` bytes that may not be there; false if they are not. (Where a sandbox forbids to ask,
// they are believed to be.)
static bool peek(const void *at, void *out, size_t n) {
    if (!at) return false;
    const struct iovec here = {out, n}, there = {(void *)(uintptr_t)at, n};
    const ssize_t got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    if (got < 0 && errno != EFAULT) {
        memcpy(out, at, n);
        return true;
    }
    return got == (ssize_t)n;
}

enum text_flaw { TEXT_FINE, TEXT_NULL, TEXT_UNREADABLE, TEXT_EMPTY, TEXT_LONG, TEXT_CONTROL };
static const char *const flaw_text[] = {"", "is NULL", "points to no readable text", "is empty",
    "is too long", "has a control character, where one plain line is expected"};

static enum text_flaw text_judge(const char *text, size_t longest) {
    if (!text) return TEXT_NULL;
    char chunk[64];
    for (size_t k = 0, left = 0; k <= longest; k++, left--) {
        if (left ==
            0) { // the next bytes, up to the end of a page, as what lies past it may be none
            left = sizeof chunk - ((uintptr_t)text + k) % sizeof chunk;
            if (!peek(text + k, chunk + sizeof chunk - left, left)) return TEXT_UNREADABLE;
        }
        const char c = chunk[sizeof chunk - left];
        if (c == '\0') return k == 0 ? TEXT_EMPTY : TEXT_FINE;
        if (iscntrl((unsigned char)c)) return TEXT_CONTROL;
    }
    return TEXT_LONG;
}

static bool judge_text(const char *what, const char *text, size_t longest, struct error *e) {
    const enum text_flaw flaw = text_judge(text, longest);
    return flaw == TEXT_FINE || error_set(e, "its %s %s; expected is a line of 1 to %zu characters",
                                    what, flaw_text[flaw], longest);
}

static bool is_name(const char *text) {
    if (*text < 'a' || *text > 'z') return false;
    for (; *text; text++)
        if (!(*text >= 'a' && *text <= 'z') && !(*text >= '0' && *text <= '9') && *text != '_')
            return false;
    return true;
}

// ---- Parameters --------------------------------------------------------------------------------

static const struct {
    const char *name;
    size_t size, align;
} types[] = {
    [RK_TYPE_BOOL] = {"BOOL", sizeof(bool), _Alignof(bool)},
    [RK_TYPE_INT] = {"INT", sizeof(int), _Alignof(int)},
    [RK_TYPE_REAL] = {"REAL", sizeof(double), _Alignof(double)},
    [RK_TYPE_CHOICE] = {"CHOICE", sizeof(int), _Alignof(int)},
    [RK_TYPE_INTS] = {"INTS", sizeof(rk_ints), _Alignof(rk_ints)},
};
enum { N_TYPES = sizeof types / sizeof *types };

static const rk_param *nth(const rk_plugin *plugin, uint32_t k) {
    return RK_NTH(plugin->params, plugin->param_stride, k);
}

static bool judge_name(const rk_plugin *plugin, uint32_t k, struct error *e) {
    const rk_param *p = nth(plugin, k);
    const enum text_flaw flaw = text_judge(p->name, LONGEST_NAME);
    if (flaw) return error_set(e, "the name of parameter %u %s", k, flaw_text[flaw]);
    if (!is_name(p->name))
        return error_set(e,
            "parameter %u is named \"%s\"; a name starts with a-z and goes on with a-z, 0-9 and _",
            k, p->name);
    for (size_t r = 0; r < sizeof reserved / sizeof *reserved; r++)
        if (strcmp(p->name, reserved[r]) == 0)
            return error_set(e,
                "parameter %u is named \"%s\", which means something else in experiment files", k,
                p->name);
    for (uint32_t other = 0; other < k; other++)
        if (strcmp(nth(plugin, other)->name, p->name) == 0)
            return error_set(e, "parameters %u and %u are both named \"%s\"; names are distinct",
                other, k, p->name);
    return true;
}

static bool judge_field(const rk_plugin *plugin, uint32_t k, struct error *e) {
    const rk_param *p = nth(plugin, k);
    const size_t size = types[p->type].size, align = types[p->type].align;
    if (p->offset > plugin->params_size || size > plugin->params_size - p->offset)
        return error_set(e,
            "parameter \"%s\" has %zu bytes at offset %u, outside of params_size %zu", p->name,
            size, p->offset, plugin->params_size);
    if (p->offset % align)
        return error_set(e,
            "parameter \"%s\" is at offset %u, which a %s needs to be a multiple of %zu", p->name,
            p->offset, types[p->type].name, align);
    for (uint32_t other = 0; other < k; other++) {
        const rk_param *o = nth(plugin, other);
        if (p->offset < o->offset + types[o->type].size && o->offset < p->offset + size)
            return error_set(e, "parameters \"%s\" and \"%s\" share bytes: offsets %u and %u",
                o->name, p->name, o->offset, p->offset);
    }
    return true;
}

static bool is_int(double v) {
    return v >= INT_MIN && v <= INT_MAX && v == floor(v);
}

static bool judge_range(const rk_param *p, struct error *e) {
    const bool whole = p->type != RK_TYPE_REAL;
    if (whole && !(is_int(p->min) && is_int(p->max)))
        return error_set(e,
            "parameter \"%s\": its range %g to %g is not one of whole numbers that an int holds",
            p->name, p->min, p->max);
    if (!isfinite(p->min) || !isfinite(p->max) || p->min > p->max)
        return error_set(e,
            "parameter \"%s\": its range %g to %g is none; expected are two finite "
            "numbers, the lower first",
            p->name, p->min, p->max);
    if (p->role == RK_LOG && p->min <= 0)
        return error_set(e,
            "parameter \"%s\": its role is RK_LOG, but its range starts at %g; expected is more "
            "than 0",
            p->name, p->min);
    return true;
}

static bool judge_choices(const rk_param *p, struct error *e) {
    if (!p->choices) return error_set(e, "parameter \"%s\" has no choices: NULL", p->name);
    int n = 0;
    for (;; n++) {
        const char *choice;
        if (!peek(p->choices + n, &choice, sizeof choice) || n > MOST_PARAMS)
            return error_set(e, "parameter \"%s\": its choices do not end with NULL", p->name);
        if (!choice) break;
        const enum text_flaw flaw = text_judge(choice, LONGEST_NAME);
        if (flaw)
            return error_set(e, "parameter \"%s\": its choice %d %s", p->name, n, flaw_text[flaw]);
        if (strpbrk(choice, "\"\\"))
            return error_set(e, "parameter \"%s\": its choice %d has a quote or backslash: %s",
                p->name, n, choice);
        for (int other = 0; other < n; other++)
            if (strcmp(p->choices[other], choice) == 0)
                return error_set(
                    e, "parameter \"%s\": its choice \"%s\" is there twice", p->name, choice);
    }
    if (n == 0) return error_set(e, "parameter \"%s\" has no choices: an empty list", p->name);
    if (!is_int(p->def) || p->def < 0 || p->def >= n)
        return error_set(e, "parameter \"%s\": its default is choice %g; expected is 0 to %d",
            p->name, p->def, n - 1);
    return true;
}

// Reads "64, 32" into at[n], which may be NULL to count only. False: not such a list.
static bool parse_ints(const char *text, int *at, size_t *n) {
    *n = 0;
    while (isspace((unsigned char)*text)) text++;
    while (*text) {
        char *end;
        errno = 0;
        const long v = strtol(text, &end, 10);
        if (end == text || errno || v < INT_MIN || v > INT_MAX) return false;
        if (at) at[*n] = (int)v;
        ++*n;
        while (isspace((unsigned char)*end)) end++;
        if (*end && (*end != ',' || !end[1 + strspn(end + 1, " ")])) return false;
        text = end + (*end == ',');
    }
    return true;
}

static bool judge_ints(const rk_param *p, struct error *e) {
    const enum text_flaw flaw = text_judge(p->def_text, LONGEST_TEXT);
    if (flaw && flaw != TEXT_EMPTY)
        return error_set(e, "parameter \"%s\": its def_text %s", p->name, flaw_text[flaw]);
    size_t n;
    if (!parse_ints(p->def_text, NULL, &n))
        return error_set(e, "parameter \"%s\": its def_text is \"%s\"; expected is \"64, 32\"",
            p->name, p->def_text);
    int *at = malloc((n + 1) * sizeof *at);
    if (!at) return error_memory(e, (n + 1) * sizeof *at, "a list of ints");
    parse_ints(p->def_text, at, &n);
    bool fine = true;
    for (size_t k = 0; fine && k < n; k++)
        if (at[k] < p->min || at[k] > p->max)
            fine = error_set(e,
                "parameter \"%s\": its default \"%s\" has %d outside its range %g to %g", p->name,
                p->def_text, at[k], p->min, p->max);
    free(at);
    return fine;
}

static bool judge_default(const rk_param *p, struct error *e) {
    if (p->type == RK_TYPE_INT && p->def != floor(p->def))
        return error_set(
            e, "parameter \"%s\": its default %g is not a whole number", p->name, p->def);
    return (p->def >= p->min && p->def <= p->max) ||
           error_set(e, "parameter \"%s\": its default %g is outside its range %g to %g", p->name,
               p->def, p->min, p->max);
}

static bool judge_param(const rk_plugin *plugin, uint32_t k, struct error *e) {
    const rk_param *p = nth(plugin, k);
    if (!judge_name(plugin, k, e)) return false;
    const enum text_flaw flaw = text_judge(p->doc, LONGEST_TEXT);
    if (flaw) return error_set(e, "parameter \"%s\": its doc %s", p->name, flaw_text[flaw]);
    if (p->type < 0 || p->type >= N_TYPES)
        return error_set(e, "parameter \"%s\" has the unknown type %d; known are 0 to %d", p->name,
            p->type, N_TYPES - 1);
    if (p->role < RK_LINEAR || p->role > RK_RESOURCE)
        return error_set(e, "parameter \"%s\" has the unknown role %d; known are 0 to %d", p->name,
            p->role, RK_RESOURCE);
    if (!judge_field(plugin, k, e)) return false;
    switch (p->type) {
    case RK_TYPE_BOOL:
        return p->def == 0 || p->def == 1 ||
               error_set(e, "parameter \"%s\": its default %g is neither 0 nor 1", p->name, p->def);
    case RK_TYPE_CHOICE:
        return judge_choices(p, e);
    case RK_TYPE_INTS:
        return judge_range(p, e) && judge_ints(p, e);
    default:
        return judge_range(p, e) && judge_default(p, e);
    }
}

static bool judge_params(const rk_plugin *plugin, struct error *e) {
    if (plugin->n_params == 0) return true;
    if (plugin->n_params > MOST_PARAMS)
        return error_set(
            e, "it declares %u parameters; at most %d are taken", plugin->n_params, MOST_PARAMS);
    if (!plugin->params)
        return error_set(
            e, "it declares %u parameters, but its table of them is NULL", plugin->n_params);
    if (plugin->param_stride < sizeof(rk_param) || plugin->param_stride % _Alignof(rk_param))
        return error_set(e,
            "its param_stride is %u; expected is sizeof(rk_param), at least %zu and a multiple of "
            "%zu",
            plugin->param_stride, sizeof(rk_param), _Alignof(rk_param));
    for (uint32_t k = 0; k < plugin->n_params; k++) {
        rk_param probe;
        if (!peek(nth(plugin, k), &probe, sizeof probe))
            return error_set(
                e, "its table of parameters ends before entry %u of %u", k, plugin->n_params);
        if (!judge_param(plugin, k, e)) return false;
    }
    return true;
}

// ---- Features and extensions -------------------------------------------------------------------

static bool judge_features(
    const char *what, const char *const *list, uint32_t *n, struct error *e) {
    *n = 0;
    for (; list; ++*n) {
        const char *name;
        if (*n > MOST_FEATURES || !peek(list + *n, &name, sizeof name))
            return error_set(e, "its %s does not end with NULL", what);
        if (!name) break;
        const enum text_flaw flaw = text_judge(name, LONGEST_NAME);
        if (flaw)
            return error_set(
                e, "its %s[%u] %s; does the list end with NULL?", what, *n, flaw_text[flaw]);
        if ((strncmp(name, "user.", 5) != 0 && strncmp(name, "item.", 5) != 0) ||
            !is_name(name + 5))
            return error_set(e,
                "its %s[%u] is \"%s\"; expected is \"user.NAME\" or \"item.NAME\", as in "
                "\"item.genre\"",
                what, *n, name);
    }
    return true;
}

static const char *const known_extensions[] = {RK_EXT_STATE, RK_EXT_SPREAD, RK_EXT_MEMORY};
enum { N_KNOWN_EXTENSIONS = sizeof known_extensions / sizeof *known_extensions };

static bool judge_extensions(const rk_plugin *plugin, struct error *e) {
    if (!plugin->extension) return true;
    const rk_ext_state *state = plugin->extension(RK_EXT_STATE);
    if (state && (!state->save || !state->load))
        return error_set(e, "its extension \"%s\" lacks the function %s", RK_EXT_STATE,
            state->save ? "load" : "save");
    const rk_ext_spread *spread = plugin->extension(RK_EXT_SPREAD);
    if (spread && !spread->predict)
        return error_set(e, "its extension \"%s\" lacks the function predict", RK_EXT_SPREAD);
    const rk_ext_memory *memory = plugin->extension(RK_EXT_MEMORY);
    if (memory && !memory->bytes)
        return error_set(e, "its extension \"%s\" lacks the function bytes", RK_EXT_MEMORY);
    if (plugin->extension("reckon.nonesuch/0"))
        return error_set(e, "its function extension answers any id; expected is NULL for an id "
                            "that it does not know, as \"reckon.nonesuch/0\"");
    return true;
}

bool schema_judge(const rk_plugin *plugin, struct error *e) {
    uint32_t n;
    if (!judge_text("id", plugin->id, LONGEST_NAME, e)) return false;
    if (!is_name(plugin->id))
        return error_set(e,
            "its id is \"%s\"; an id starts with a-z and goes on with a-z, 0-9 and _", plugin->id);
    return judge_text("summary", plugin->summary, LONGEST_TEXT, e) &&
           judge_text("version", plugin->version, LONGEST_NAME, e) && judge_params(plugin, e) &&
           judge_features("requires_features", plugin->requires_features, &n, e) &&
           judge_features("uses_features", plugin->uses_features, &n, e) &&
           judge_extensions(plugin, e);
}

// ---- Copy --------------------------------------------------------------------------------------

static const char *const *copy_texts(struct arena *a, const char *const *texts, uint32_t *n) {
    uint32_t count = 0;
    while (texts && texts[count]) count++;
    const char **copy = arena_alloc(a, (count + 1) * sizeof *copy);
    for (uint32_t k = 0; copy && texts && k < count; k++) copy[k] = arena_text(a, texts[k]);
    *n = count;
    return copy;
}

static bool copy_param(struct schema_param *to, const rk_param *p, struct arena *a) {
    *to = (struct schema_param){.name = arena_text(a, p->name),
        .doc = arena_text(a, p->doc),
        .type = p->type,
        .def = p->def,
        .min = p->min,
        .max = p->max,
        .role = p->role};
    if (p->type == RK_TYPE_BOOL) to->min = 0, to->max = 1;
    if (p->type == RK_TYPE_CHOICE) {
        to->choices = copy_texts(a, p->choices, &to->n_choices);
        to->min = 0, to->max = to->n_choices - 1;
        return to->choices;
    }
    if (p->type != RK_TYPE_INTS) return true;
    parse_ints(p->def_text, NULL, &to->n_def_ints);
    int *ints = arena_alloc(a, (to->n_def_ints + 1) * sizeof *ints);
    if (ints) parse_ints(p->def_text, ints, &to->n_def_ints);
    to->def = 0;
    to->def_ints = ints;
    return ints;
}

static bool copy(struct schema *s, const rk_plugin *plugin, const char *path, const char *hash) {
    struct arena *a = &s->arena;
    s->id = arena_text(a, plugin->id);
    s->summary = arena_text(a, plugin->summary);
    s->version = arena_text(a, plugin->version);
    s->path = arena_text(a, path);
    s->hash = arena_text(a, hash);
    const char *core = loader_blas_core();
    s->libraries = loader_libraries(a);
    s->blas_core = arena_text(a, core ? core : "");
    s->isa = arena_text(a, machine_isa());
    s->abi_major = plugin->abi_major;
    s->abi_minor = plugin->abi_minor;
    s->flags = plugin->flags;
    s->n_params = plugin->n_params;
    s->params = arena_alloc(a, (s->n_params + 1) * sizeof *s->params);
    if (!s->params) return false;
    for (uint32_t k = 0; k < s->n_params; k++)
        if (!copy_param(&s->params[k], nth(plugin, k), a)) return false;
    s->requires_features = copy_texts(a, plugin->requires_features, &s->n_requires);
    s->uses_features = copy_texts(a, plugin->uses_features, &s->n_uses);
    const char *extensions[N_KNOWN_EXTENSIONS + 1] = {NULL};
    size_t n = 0;
    for (size_t k = 0; plugin->extension && k < N_KNOWN_EXTENSIONS; k++)
        if (plugin->extension(known_extensions[k])) extensions[n++] = known_extensions[k];
    s->extensions = copy_texts(a, extensions, &s->n_extensions);
    return s->requires_features && s->uses_features && s->extensions;
}

bool schema_read(struct schema *s, const rk_plugin *plugin, const char *path, struct error *e) {
    *s = (struct schema){0};
    char hash[HASH_SIZE] = "";
    if (!schema_judge(plugin, e)) return error_prefix(e, "%s", path);
    if (!hash_file(path, hash, e)) return false;
    if (copy(s, plugin, path, hash) && s->libraries) return true;
    schema_done(s);
    return error_set(e, "%s: out of memory for its schema", path);
}
