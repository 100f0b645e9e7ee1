// The resolved configuration as an experiment file.
#include <inttypes.h>
#include <string.h>

#include "experiment/experiment.h"
#include "experiment/tree.h"

static void print_text(const char *text, FILE *out) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < ' ' || *c == 0x7f)
            fprintf(out, "\\x%02x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static bool holds_groups(const struct node *node) {
    for (const struct node *c = node->first; c; c = c->next)
        if (c->kind == NODE_GROUP || holds_groups(c)) return true;
    return false;
}

// A value without groups in it, on one line. `as_real`: a whole number among reals.
static void print_value(const struct node *node, bool as_real, FILE *out) {
    char real[32];
    switch (node->kind) {
    case NODE_INT:
        if (!as_real) {
            fprintf(out, "%" PRId64, node->integer);
            if (node->integer != (int32_t)node->integer) fputc('L', out);
            break;
        } // fallthrough
    case NODE_REAL:
        node_format_real(node->real, real);
        fputs(real, out);
        break;
    case NODE_BOOL:
        fputs(node->truth ? "true" : "false", out);
        break;
    case NODE_TEXT:
        print_text(node->found ? node->found : node->text, out);
        break;
    case NODE_LIST: {
        bool reals = false;
        for (const struct node *c = node->first; c; c = c->next) reals |= c->kind == NODE_REAL;
        fputc(node->brackets ? '[' : '(', out);
        for (const struct node *c = node->first; c; c = c->next) {
            print_value(c, reals && node->brackets, out);
            if (c->next) fputs(", ", out);
        }
        fputc(node->brackets ? ']' : ')', out);
        break;
    }
    case NODE_GROUP:
        break;
    }
}

static void print_origin(const struct node *node, FILE *out) {
    const struct position *p = &node->place;
    const char *slash = p->file ? strrchr(p->file, '/') : NULL;
    if (p->origin == ORIGIN_FILE) // without its folder: the same bytes wherever it lies
        fprintf(out, " // %s:%d", slash ? slash + 1 : p->file, p->line);
    else
        fprintf(out, " // %s", p->origin == ORIGIN_DEFAULT ? "default" : "command line");
    if (node->found && strcmp(node->found, node->text)) fprintf(out, ", \"%s\"", node->text);
    fputc('\n', out);
}

static void print_node(const struct node *node, int depth, FILE *out) {
    const bool in_list = !node->name, last = !node->next;
    fprintf(out, "%*s", 4 * depth, "");
    if (node->name) fprintf(out, "%s = ", node->name);
    const char *end = !in_list ? ";" : last ? "" : ",";
    if (node->kind == NODE_GROUP || holds_groups(node)) {
        const bool group = node->kind == NODE_GROUP;
        fputs(group ? "{\n" : "(\n", out);
        for (const struct node *c = node->first; c; c = c->next) print_node(c, depth + 1, out);
        fprintf(out, "%*s%c%s\n", 4 * depth, "", group ? '}' : ')', end);
    } else {
        print_value(node, false, out);
        fputs(end, out);
        print_origin(node, out);
    }
}

void experiment_print(const struct experiment *x, FILE *out) {
    for (const struct node *c = x->tree->first; c; c = c->next) print_node(c, 0, out);
}
