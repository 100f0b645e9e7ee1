// reckon plugins [ID]
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/setup.h"
#include "model/loader.h"
#include "trial/worker.h"

static const char *type_text(const struct schema_param *p) {
    static const char *const names[] = {[RK_TYPE_BOOL] = "true or false",
        [RK_TYPE_INT] = "whole number",
        [RK_TYPE_REAL] = "number",
        [RK_TYPE_CHOICE] = "choice",
        [RK_TYPE_INTS] = "list of whole numbers"};
    return names[p->type];
}

static struct param_value default_of(const struct schema_param *p) {
    return (struct param_value){p->def, p->def_ints, p->n_def_ints};
}

// "1 to 512", "\"cg\", \"cholesky\"", ""
static const char *range_text(const struct schema_param *p, struct arena *arena) {
    if (p->type == RK_TYPE_CHOICE) {
        const char *text = "";
        for (uint32_t k = 0; k < p->n_choices; k++)
            text = arena_printf(arena, "%s%s\"%s\"", text, k ? ", " : "", p->choices[k]);
        return text;
    }
    if (p->type == RK_TYPE_BOOL) return "";
    return arena_printf(arena, "%.15g to %.15g", p->min, p->max);
}

static const char *knows_text(const struct schema *s, struct arena *arena) {
    const char *text = "";
    static const struct {
        uint32_t flag;
        const char *text;
    } flags[] = {{RK_COLD_USERS, "new users"}, {RK_COLD_ITEMS, "new items"},
        {RK_WANTS_VALID, "stops early by validation rows"}};
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        if (s->flags & flags[k].flag)
            text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", flags[k].text);
    return text;
}

static void print_one(const struct schema *s, FILE *out) {
    struct arena arena = {0};
    const char *knows = knows_text(s, &arena);
    fprintf(out, "%s %s: %s\n%s\n", s->id, s->version, s->summary, s->path);
    if (*knows) fprintf(out, "knows: %s\n", knows);
    for (uint32_t k = 0; k < s->n_requires; k++)
        fprintf(out, "%s %s\n", k ? "         " : "requires:", s->requires_features[k]);
    for (uint32_t k = 0; k < s->n_uses; k++)
        fprintf(out, "%s %s\n", k ? "     " : "uses:", s->uses_features[k]);
    fprintf(out, s->n_params ? "\nparameters:\n" : "\nno parameters\n");
    for (uint32_t k = 0; k < s->n_params; k++) {
        const struct schema_param *p = &s->params[k];
        const struct param_value def = default_of(p);
        const char *range = range_text(p, &arena);
        fprintf(out, "  %s = %s\n      %s\n      %s%s%s%s\n", p->name,
            schema_print(p, &def, &arena), p->doc, type_text(p), *range ? ", " : "", range,
            p->role == RK_LOG        ? "; search by ratios"
            : p->role == RK_RESOURCE ? "; more costs more"
                                     : "");
    }
    arena_done(&arena);
}

static json_t *json_param(const struct schema_param *p) {
    json_t *choices = json_array(), *ints = json_array(), *def;
    for (uint32_t k = 0; k < p->n_choices; k++)
        json_array_append_new(choices, json_string(p->choices[k]));
    for (size_t k = 0; k < p->n_def_ints; k++)
        json_array_append_new(ints, json_integer(p->def_ints[k]));
    switch (p->type) {
    case RK_TYPE_BOOL:
        def = json_boolean(p->def != 0);
        break;
    case RK_TYPE_INT:
        def = json_integer((json_int_t)p->def);
        break;
    case RK_TYPE_CHOICE:
        def = json_string(p->choices[(int)p->def]);
        break;
    case RK_TYPE_INTS:
        def = json_incref(ints);
        break;
    default:
        def = json_real(p->def);
    }
    json_t *out = json_pack("{s:s, s:s, s:s, s:o}", "name", p->name, "doc", p->doc, "type",
        type_text(p), "default", def);
    if (p->type == RK_TYPE_CHOICE)
        json_object_set(out, "choices", choices);
    else if (p->type != RK_TYPE_BOOL) {
        json_object_set_new(out, "min", json_real(p->min));
        json_object_set_new(out, "max", json_real(p->max));
    }
    json_decref(choices);
    json_decref(ints);
    return out;
}

static json_t *json_schema(const struct schema *s) {
    json_t *params = json_array();
    for (uint32_t k = 0; k < s->n_params; k++)
        json_array_append_new(params, json_param(&s->params[k]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", s->id, "version", s->version,
        "summary", s->summary, "path", s->path, "hash", s->hash, "parameters", params);
}

// "1 problem" is how many could not be asked; each is a message on stderr.
static int list_all(
    const struct plugin_path *path, const char *const *ids, size_t n, bool as_json, bool details) {
    json_t *all = json_array();
    int failed = 0;
    for (size_t k = 0; k < n; k++) {
        char file[4096];
        struct error e = {0};
        struct schema s = {0};
        if (!loader_find(path, ids[k], file, sizeof file, &e) ||
            !worker_schema(file, &s, NULL, &e)) {
            fprintf(stderr, "reckon: %s\n", e.text);
            failed++;
        } else if (as_json) {
            json_array_append_new(all, json_schema(&s));
        } else if (details) {
            print_one(&s, stdout);
        } else {
            printf("%-12s %-8s %s\n", s.id, s.version, s.summary);
        }
        schema_done(&s);
    }
    if (as_json) {
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
        putchar('\n');
    }
    json_decref(all);
    return failed;
}

static int plugins_main(const struct arguments *a) {
    if (!setup_check_format(a, "table json")) return EXIT_USAGE;
    const bool as_json = a->format && strcmp(a->format, "json") == 0;
    const struct plugin_path path = {a->plugin_path.at, a->plugin_path.n};
    if (a->rest.n) {
        const char *id = a->rest.at[0];
        return list_all(&path, &id, 1, as_json, true) ? EXIT_FAILED : EXIT_DONE;
    }
    struct arena arena = {0};
    const char *const *ids = loader_list(&path, &arena);
    size_t n = 0;
    while (ids && ids[n]) n++;
    if (n == 0) {
        fprintf(stderr, "reckon: there are no plugins in");
        const char *const *folders = loader_folders(&path, &arena);
        for (size_t k = 0; folders && folders[k]; k++)
            fprintf(stderr, "%s %s", k ? "," : "", folders[k]);
        fputc('\n', stderr);
    }
    const int failed = list_all(&path, ids, n, as_json, false);
    arena_done(&arena);
    return failed || n == 0 ? EXIT_FAILED : EXIT_DONE;
}

static const struct option format = {"format", 0, OPTION_TEXT, "FORMAT",
    "table (for people) or json", "table json", .offset = offsetof(struct arguments, format)};
static const struct option *const options[] = {&format, &option_plugin_path};

REGISTRY_ADD(command, plugins) = {
    .id = "plugins",
    .usage = "[ID]",
    .doc = "List the models that there are, or one with its parameters",
    .help = "ID is a plugin's name or the path of its file. Plugins are looked for in the folders "
            "of --plugin-path, then of\nRECKON_PLUGIN_PATH (colons between), then in the program's "
            "own.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .max_rest = 1,
    .completion = "plugin",
    .main = plugins_main,
};
