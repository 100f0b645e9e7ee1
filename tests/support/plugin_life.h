// plugin_life.h - a plugin of the build, its parameters by a line of text, and a model of it.
#ifndef SUPPORT_PLUGIN_LIFE_H
#define SUPPORT_PLUGIN_LIFE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pool.h"
#include "model/loader.h"
#include "model/model.h"

struct life {
    const rk_plugin *plugin;
    struct schema schema; // owned; `params` points into it
    void *params;         // owned
    struct host host;
    struct pool *pool; // owned
    rk_model *self;    // owned
};

static void life_set(const struct schema_param *p, const char *text, struct param_value *v) {
    enum { MOST_LAYERS = 4 };
    static int layers[MOST_LAYERS];
    if (p->type != RK_TYPE_INTS) {
        v->number = strtod(text, NULL);
        return;
    }
    char *end = (char *)(uintptr_t)text;
    for (v->ints = layers, v->n = 0; *end && *end != ' '; end += *end == ',')
        layers[v->n++] = (int)strtol(end, &end, 10);
}

// By its defaults, short, and then by "rank=3 hidden=12,5": of a choice, its number.
static void *life_params(const rk_plugin *plugin, const struct schema *schema, const char *line) {
    struct param_value *values = calloc(schema->n_params + 1, sizeof *values);
    size_t n_set = 0, n_wanted = 0;
    schema_defaults(schema, values);
    for (const char *c = line; *c; c++) n_wanted += *c == '=';
    for (uint32_t k = 0; k < schema->n_params; k++) {
        const struct schema_param *p = &schema->params[k];
        if (p->role == RK_RESOURCE) values[k].number = p->min > 4 ? p->min : 4;
        char name[80], text[200];
        snprintf(name, sizeof name, " %s=", p->name);
        snprintf(text, sizeof text, " %s", line);
        const char *at = strstr(text, name);
        if (!at) continue;
        life_set(p, at + strlen(name), &values[k]);
        n_set++;
    }
    ck_assert_uint_eq(n_set, n_wanted);
    void *params = calloc(1, plugin->params_size + 1);
    schema_bind(plugin, values, params);
    free(values);
    return params;
}

static inline void life_log_nothing(void *arg, rk_log_level level, const char *line) {
    (void)arg, (void)level, (void)line;
}

// A model of plugins/<id>.so, created.
static void life_start(struct life *l, const char *id, const char *settings, uint32_t threads) {
    char path[4096];
    struct error e = {0};
    snprintf(path, sizeof path, "%s/plugins/%s.so", getenv("RECKON_BUILD"), id);
    *l = (struct life){.plugin = loader_open(path, &e), .pool = pool_new(threads, &e)};
    ck_assert_msg(
        l->plugin && l->pool && schema_read(&l->schema, l->plugin, path, &e), "%s", e.text);
    l->params = life_params(l->plugin, &l->schema, settings);
    host_init(&l->host, l->pool, 42);
    l->host.on_log = life_log_nothing;
    ck_assert_int_eq(l->plugin->create(&l->host.api, l->params, &l->self), RK_OK);
}

static void life_end(struct life *l) {
    l->plugin->destroy(l->self);
    pool_free(l->pool);
    free(l->params);
    schema_done(&l->schema);
}

#endif
