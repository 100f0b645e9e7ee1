#include "trial/key.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/hash.h"

static const char METRIC[] = "metric"; // what lines of metrics begin with

// Lines as they are gathered. A line that memory ran out for sets `failed`.
struct gathered {
    struct arena *arena;
    const char **lines; // [n], room for `room`
    size_t n, room;
    bool failed;
};

static void add(struct gathered *g, const char *name, const char *value) {
    if (g->n == g->room) {
        const size_t room = g->room ? 2 * g->room : 64;
        const char **lines = arena_alloc(g->arena, room * sizeof *lines);
        if (lines && g->n) memcpy(lines, g->lines, g->n * sizeof *lines);
        g->failed |= !lines;
        if (!lines) return;
        g->lines = lines;
        g->room = room;
    }
    const char *line = arena_printf(g->arena, "%s=%s", name, value);
    g->failed |= !*line;
    g->lines[g->n++] = line;
}

static void add_whole(struct gathered *g, const char *name, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    add(g, name, text);
}

// 17 digits tell any two numbers apart; what is nought is nought, and what is no number is that.
static const char *real_text(char out[32], double value) {
    snprintf(out, 32, "%.17g", value == 0 ? 0 : value);
    return isnan(value) ? "nan" : out;
}

static void add_real(struct gathered *g, const char *name, double value) {
    char text[32];
    add(g, name, real_text(text, value));
}

// In quotes, on one line.
static const char *quoted(struct arena *a, const char *text) {
    char *out = arena_alloc(a, 2 * strlen(text) + 3), *at = out;
    if (!out) return "";
    *at++ = '"';
    for (; *text; text++) {
        if (*text == '\n' || *text == '"' || *text == '\\') *at++ = '\\';
        *at++ = *text == '\n' ? 'n' : *text;
    }
    *at = '"';
    return out;
}

// ---- Files of a split --------------------------------------------------------------------------

static bool add_pair(
    void *arg, const char *user, const char *item, const char *place, struct error *e) {
    (void)place, (void)e;
    hash_add(arg, user, strlen(user) + 1);
    hash_add(arg, item, strlen(item) + 1);
    return true;
}

// A member of the data's archive, or a file beside it.
static bool hash_pairs(
    const struct data_spec *source, const char *name, char out[HASH_SIZE], struct error *e) {
    struct hash h;
    if (!hash_begin(&h, e)) return false;
    const bool ok = source->format->read_pairs(source->settings, name, add_pair, &h, e);
    hash_end(&h, out);
    return ok;
}

// Where its bytes can't be had as those of a file, the path may name a part of the data.
static bool hash_path(
    const struct data_spec *source, const struct path *p, char out[HASH_SIZE], struct error *e) {
    const char *path = p->found ? p->found : p->written;
    struct stat s;
    if ((stat(path, &s) != 0 || !S_ISREG(s.st_mode)) && source->format &&
        source->format->read_pairs)
        return hash_pairs(source, path, out, e);
    return hash_file(path, out, e);
}

// ---- Settings ----------------------------------------------------------------------------------

struct group {
    struct gathered *to;
    const char *prefix;
    const struct data_spec *source; // for paths
    struct error *e;
};

static bool add_path(const struct group *g, const char *name, const struct path *p) {
    char hash[HASH_SIZE] = "";
    if (p->written && !hash_path(g->source, p, hash, g->e)) return error_prefix(g->e, "split");
    add(g->to, name, hash);
    return true;
}

// The number of elements first, so that lists do not run into each other.
static bool add_list(
    const struct group *g, const struct setting *s, const char *name, const void *field) {
    struct arena *a = g->to->arena;
    const struct paths *paths = field;
    const struct ints *ints = field;
    const struct reals *reals = field;
    const struct texts *texts = field;
    const size_t n = s->type == SETTING_PATHS   ? paths->n
                     : s->type == SETTING_INTS  ? ints->n
                     : s->type == SETTING_REALS ? reals->n
                                                : texts->n;
    add_whole(g->to, name, n);
    for (size_t k = 0; k < n; k++) {
        const char *at = arena_printf(a, "%s.%06zu", name, k);
        if (s->type == SETTING_PATHS && !add_path(g, at, &paths->at[k])) return false;
        if (s->type == SETTING_INTS)
            add(g->to, at, arena_printf(a, "%lld", (long long)ints->at[k]));
        if (s->type == SETTING_REALS) add_real(g->to, at, reals->at[k]);
        if (s->type == SETTING_TEXTS) add(g->to, at, quoted(a, texts->at[k]));
    }
    return true;
}

static bool add_setting(const struct group *g, const struct setting *s, const void *settings) {
    struct arena *a = g->to->arena;
    const char *name = arena_printf(a, "%s.%s", g->prefix, s->name);
    const char *field = (const char *)settings + s->offset;
    const char *text;
    switch (s->type) {
    case SETTING_BOOL:
        add(g->to, name, *(const bool *)field ? "true" : "false");
        return true;
    case SETTING_INT:
        add(g->to, name, arena_printf(a, "%lld", (long long)*(const int64_t *)(const void *)field));
        return true;
    case SETTING_REAL:
        add_real(g->to, name, *(const double *)(const void *)field);
        return true;
    case SETTING_CHOICE:
        add(g->to, name, s->choices[*(const int *)(const void *)field]);
        return true;
    case SETTING_TEXT:
        text = *(const char *const *)(const void *)field;
        add(g->to, name, text ? quoted(a, text) : "");
        return true;
    case SETTING_COLUMN: {
        const struct column *c = (const void *)field;
        add(g->to, name, c->name ? quoted(a, c->name) : arena_printf(a, "%u", c->number));
        return true;
    }
    case SETTING_PATH:
        return add_path(g, name, (const void *)field);
    default:
        return add_list(g, s, name, field);
    }
}

// ---- What trials share -------------------------------------------------------------------------

// A metric without settings of its own in the plan has its defaults: as if these were written.
static bool add_defaults(const struct group *g, const struct settings *table) {
    char *settings = arena_alloc(g->to->arena, table->size + 1);
    if (!settings) return false;
    for (size_t k = 0; k < table->n; k++) {
        const struct setting *s = &table->at[k];
        char *field = settings + s->offset;
        if (s->type == SETTING_BOOL) *(bool *)field = s->def != 0;
        if (s->type == SETTING_INT) *(int64_t *)(void *)field = (int64_t)s->def;
        if (s->type == SETTING_REAL) *(double *)(void *)field = s->def;
        if (s->type == SETTING_CHOICE) *(int *)(void *)field = (int)s->def;
        if (s->type == SETTING_TEXT) *(const char **)(void *)field = s->def_text;
    }
    for (size_t k = 0; k < table->n; k++)
        if (!add_setting(g, &table->at[k], settings)) return false;
    return true;
}

static bool add_group(const struct group *g, const struct settings *table, const void *settings) {
    if (!settings) return add_defaults(g, table);
    for (size_t k = 0; k < table->n; k++)
        if (!add_setting(g, &table->at[k], settings)) return false;
    return true;
}

// Files that the split names as members of the data's own archive or folder.
static bool add_member(void *arg, const char *name, struct error *e) {
    const struct group *g = arg;
    char hash[HASH_SIZE];
    if (!g->source->format || !g->source->format->read_pairs) return true; // refused with the fold
    if (!hash_pairs(g->source, name, hash, e)) return error_prefix(e, "split");
    add(g->to, arena_printf(g->to->arena, "split member %s", quoted(g->to->arena, name)), hash);
    return true;
}

// `at`: its place among the plan's, which is the order of the scores. Its label is their name.
static bool add_metric(
    struct gathered *to, size_t at, const struct metric_spec *m, struct error *e) {
    const char *name = arena_printf(to->arena, "%s.%06zu", METRIC, at);
    const struct group g = {.to = to, .prefix = name, .e = e};
    add(to, name, m->metric->id);
    add(to, arena_printf(to->arena, "%s as", name), quoted(to->arena, m->label));
    return add_group(&g, &m->metric->settings, m->settings);
}

bool key_base_init(struct key_base *b, const struct plan *plan, size_t data, const char *data_hash,
    struct arena *a, struct error *e) {
    struct gathered to = {.arena = a};
    const struct data_spec *source = &plan->data[data];
    const struct split_method *method = plan->split.method;
    struct group g = {.to = &to, .prefix = "split", .source = source, .e = e};
    add_whole(&to, "result_version", RESULT_VERSION);
    add(&to, "data", data_hash);
    add_whole(&to, "data.min_count", (uint64_t)source->common.min_count);
    add_whole(&to, "seed", plan->seed);
    add_real(&to, "validation", plan->validation);
    add(&to, "clip", plan->clip ? "true" : "false");
    add(&to, "split", method->id);
    if (!add_group(&g, &method->settings, plan->split.settings)) return false;
    if (method->members && !method->members(plan->split.settings, add_member, &g, e)) return false;
    for (size_t k = 0; k < plan->n_metrics; k++)
        if (!add_metric(&to, k, &plan->metrics[k], e)) return false;
    *b = (struct key_base){to.lines, to.n};
    return !to.failed || error_set(e, "out of memory for the keys of trials");
}

// ---- One trial ---------------------------------------------------------------------------------

static void add_libraries(struct gathered *to, const char *text) {
    while (text && *text) {
        const size_t n = strcspn(text, "\n"), equals = strcspn(text, "=");
        const size_t name = equals < n ? equals : n;
        add(to, arena_printf(to->arena, "library %.*s", (int)name, text),
            arena_printf(to->arena, "%.*s", (int)(n - name), text + name + (name < n)));
        text += n + (text[n] != '\0');
    }
}

static void add_param(
    struct gathered *to, const struct schema_param *p, const struct param_value *v) {
    struct arena *a = to->arena;
    const char *name = arena_printf(a, "param.%s", p->name);
    if (p->type == RK_TYPE_REAL || p->type == RK_TYPE_INT)
        add_real(to, name, v->number);
    else
        add(to, name, schema_print(p, v, a));
}

static void add_plugin(struct gathered *to, const struct key_trial *t) {
    const struct schema *s = t->schema;
    add(to, "plugin", s->id);
    add(to, "plugin.hash", s->hash);
    add(to, "plugin.blas_core", s->blas_core ? s->blas_core : "");
    add(to, "plugin.isa", s->isa ? s->isa : "");
    add_libraries(to, s->libraries);
    for (uint32_t k = 0; k < s->n_params; k++) add_param(to, &s->params[k], &t->values[k]);
}

static void add_blend(struct gathered *to, const struct key_trial *t) {
    static const char *const names[] = {"equal", "given", "fitted"};
    const struct blend_spec *blend = t->blend;
    add(to, "blend", names[blend->how]);
    for (size_t k = 0; k < blend->n; k++) {
        add(to, arena_printf(to->arena, "blend.member.%06zu", k), t->members[k].hex);
        if (blend->how == BLEND_GIVEN)
            add_real(to, arena_printf(to->arena, "blend.weight.%06zu", k), blend->weights[k]);
    }
    if (blend->how == BLEND_FITTED) add_whole(to, "blend.folds", blend->folds);
}

static int compare_lines(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The lines, sorted, in one text; NULL: out of memory.
static char *join(struct gathered *to, struct arena *a) {
    qsort(to->lines, to->n, sizeof *to->lines, compare_lines);
    size_t bytes = 1;
    for (size_t k = 0; k < to->n; k++) bytes += strlen(to->lines[k]) + 1;
    char *text = arena_alloc(a, bytes), *at = text;
    for (size_t k = 0; text && k < to->n; k++) {
        at = stpcpy(at, to->lines[k]);
        *at++ = '\n';
    }
    return text;
}

// Of the plan's metrics none, where the trial has its own or none.
static bool add_trial(
    struct gathered *to, const struct key_base *b, const struct key_trial *t, struct error *e) {
    for (size_t k = 0; k < b->n; k++)
        if ((!t->inner && !t->metric) || strncmp(b->lines[k], METRIC, sizeof METRIC - 1) != 0)
            to->lines[to->n++] = b->lines[k];
    if (t->metric && (!add_metric(to, 0, t->metric, e))) return false;
    if (t->blend)
        add_blend(to, t);
    else if (t->schema)
        add_plugin(to, t);
    else
        add_whole(to, "own", (uint64_t)-t->model);
    add(to, "trial.scored", t->metric ? "all rows" : t->inner ? "none" : "slices");
    add_whole(to, "trial.seed", t->seed);
    add_whole(to, "trial.repeat", t->repeat);
    add_whole(to, "trial.fold", t->fold);
    add_whole(to, "trial.inner", t->inner);
    add_whole(to, "trial.n_inner", t->n_inner);
    add_real(to, "trial.share", t->share);
    if (t->unchosen) add(to, "trial.unchosen", quoted(to->arena, t->unchosen));
    return true;
}

bool key_make(struct key *k, const struct key_base *b, const struct key_trial *t, const char **text,
    struct arena *a, struct error *e) {
    struct arena scratch = {0};
    struct gathered to = {.arena = &scratch};
    to.room = 2 * b->n + 64;
    to.lines = arena_alloc(&scratch, to.room * sizeof *to.lines);
    const bool ok = to.lines && add_trial(&to, b, t, e);
    char *whole = ok && !to.failed ? join(&to, text ? a : &scratch) : NULL;
    if (whole) hash_bytes(whole, strlen(whole), k->hex);
    if (text) *text = whole;
    arena_done(&scratch);
    return whole || error_set(e, "out of memory for the key of a trial");
}
