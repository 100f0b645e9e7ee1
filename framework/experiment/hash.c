#include "experiment/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "experiment/tree.h"

// ---- Parts of the resolved configuration -------------------------------------------------------

static int compare_names(const void *a, const void *b) {
    const struct node *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

// With its length, so that no text can look like two values.
static void write_text(const char *text, FILE *out) {
    fprintf(out, "%zu:%s", strlen(text), text);
}

// Files count by name: what is in them is known once they are read, and is part of trials' keys.
static void write_file(const char *path, FILE *out) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    size_t from = n;
    while (from > 0 && path[from - 1] != '/') from--;
    fprintf(out, "%zu:%.*s", n - from, (int)(n - from), path + from);
}

static bool write_node(const struct node *node, FILE *out);

// Keys by their names.
static bool write_group(const struct node *group, FILE *out) {
    const struct node **all = calloc(group->n + 1, sizeof *all);
    if (!all) return false;
    size_t n = 0;
    for (const struct node *c = group->first; c; c = c->next) all[n++] = c;
    qsort(all, n, sizeof *all, compare_names);
    bool ok = true;
    fputc('{', out);
    for (size_t k = 0; k < n && ok; k++) {
        fprintf(out, "%s=", all[k]->name);
        ok = write_node(all[k], out);
        fputc(';', out);
    }
    fputc('}', out);
    free(all);
    return ok;
}

// One value alone stands for the list of it.
static bool write_list(const struct node *list, FILE *out) {
    if (list->n == 1) return write_node(list->first, out);
    bool ok = true;
    fputc('(', out);
    for (const struct node *c = list->first; c && ok; c = c->next) {
        ok = write_node(c, out);
        fputc(',', out);
    }
    fputc(')', out);
    return ok;
}

static bool write_node(const struct node *node, FILE *out) {
    switch (node->kind) {
    case NODE_GROUP:
        return write_group(node, out);
    case NODE_LIST:
        return write_list(node, out);
    case NODE_INT: // 1 and 1.0 are the same number
        fprintf(out, "%" PRId64, node->integer);
        break;
    case NODE_REAL:
        fprintf(out, "%.17g", node->real);
        break;
    case NODE_BOOL:
        fputs(node->truth ? "true" : "false", out);
        break;
    case NODE_TEXT:
        if (node->is_path)
            write_file(node->text, out);
        else
            write_text(node->text, out);
        break;
    }
    return true;
}

// ---- Models ------------------------------------------------------------------------------------

static void write_value(const struct schema_param *p, const struct param_value *v, FILE *out) {
    if (p->type != RK_TYPE_INTS) {
        fprintf(out, "%.17g", v->number);
        return;
    }
    for (size_t k = 0; k < v->n; k++) fprintf(out, "%s%d", k ? "," : "[", v->ints[k]);
    fputs(v->n ? "]" : "[]", out);
}

static void write_dim(const struct tuning *t, size_t d, const struct schema *schema, FILE *out) {
    const struct search_dim *dim = &t->space.dims[d];
    fprintf(out, " search %s=", dim->name);
    for (uint32_t k = 0; k < dim->n; k++) {
        fputs(k ? "|" : "", out);
        write_value(&schema->params[t->dims[d].param], &t->dims[d].values[k], out);
    }
    if (dim->n == 0)
        fprintf(out, "%.17g..%.17g %s %u", dim->min, dim->max, dim->log ? "log" : "linear",
            (unsigned)dim->steps);
    if (dim->when >= 0) {
        fprintf(out, " when %s in ", t->space.dims[dim->when].name);
        for (uint32_t k = 0; k < t->space.dims[dim->when].n; k++)
            fputc(dim->when_in[k] ? '1' : '0', out);
    }
    fputc('\n', out);
}

// Members in the order of rows, which `blend` may name in any other.
static void write_blend(const struct plan *plan, const struct blend_spec *blend, FILE *out) {
    static const char *const names[] = {"equal", "given", "fitted"};
    fprintf(out, " blend %s folds=%u", names[blend->how],
        blend->how == BLEND_FITTED ? (unsigned)blend->folds : 0);
    for (size_t k = 0; k < blend->n; k++) {
        fputc(' ', out);
        write_text(plan->models[blend->members[k]].label, out);
        if (blend->how == BLEND_GIVEN) fprintf(out, "=%.17g", blend->weights[k]);
    }
    fputc('\n', out);
}

static void write_model(const struct plan *plan, const struct plan_model *m, FILE *out) {
    fputs("model ", out);
    write_text(m->label, out);
    fprintf(out, " %s%s\n", m->schema->id, m->is_hidden ? " hidden" : "");
    if (m->blend) write_blend(plan, m->blend, out);
    for (uint32_t p = 0; p < m->schema->n_params; p++) {
        fprintf(out, " %s=", m->schema->params[p].name);
        write_value(&m->schema->params[p], &m->values[p], out);
        fputc('\n', out);
    }
    for (size_t k = 0; m->given && k < m->given->n_files; k++) {
        fputs(" predictions=", out);
        write_file(m->given->files[k], out);
        fputc('\n', out);
    }
    const struct tuning *t = m->tuning;
    if (!t) return;
    fprintf(out, " by %s trials=%u seconds=%.17g folds=%u metric=", t->method->id,
        (unsigned)t->trials, t->seconds, (unsigned)t->folds);
    write_text(plan->metrics[t->metric].label, out);
    fprintf(out, " resource=%s\n",
        t->resource >= 0              ? m->schema->params[t->resource].name
        : t->resource == TUNING_SHARE ? "(data)"
                                      : "(none)");
    for (size_t d = 0; d < t->space.n; d++) write_dim(t, d, m->schema, out);
}

// ---- All of it ---------------------------------------------------------------------------------

char *hash_text(const struct experiment *x) {
    static const char *const groups[] = {"data", "filter", "split", "metrics"};
    const struct plan *plan = &x->plan;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    bool ok = true;
    fprintf(out, "seed=%" PRIu64 "\nseeds=%u\nvalidation=%.17g\nmin_coverage=%.17g\n", plan->seed,
        (unsigned)plan->n_seeds, plan->validation, plan->min_coverage);
    fprintf(out, "clip=%d\npredictions=%d\nbaseline=", plan->clip, plan->predictions);
    write_text(plan->baseline ? plan->baseline : "", out);
    fputc('\n', out);
    for (size_t k = 0; k < sizeof groups / sizeof *groups; k++) {
        const struct node *group = node_child(x->tree, groups[k]);
        fprintf(out, "%s=", groups[k]);
        ok &= !group || write_node(group, out);
        fputc('\n', out);
    }
    for (size_t k = 0; k < plan->n_models; k++) write_model(plan, &plan->models[k], out);
    ok &= !ferror(out);
    if (fclose(out) != 0 || !ok) {
        free(text);
        return NULL;
    }
    return text;
}

const char *hash_plan(struct experiment *x) {
    char *text = hash_text(x);
    if (!text) return NULL;
    const XXH128_hash_t h = XXH3_128bits(text, strlen(text));
    free(text);
    return arena_printf(
        &x->arena, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
}
