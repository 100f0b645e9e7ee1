// models = ( "als", "svd", { blend = ["als", "svd"]; weights = "fitted"; } ): a row whose answers
// are weighted means of those of other rows.
#include <math.h>
#include <string.h>

#include "experiment/models.h"

enum { USUAL_FOLDS = 5, MOST_LISTED = 6 };

struct keys {
    struct texts members;
    int64_t folds; // 0: not said
};

#define AT(field) .offset = offsetof(struct keys, field)
static const struct setting table[] = {
    {.name = "blend",
        .doc = "labels of the rows that are its members",
        .type = SETTING_TEXTS,
        AT(members),
        .required = true},
    {.name = "folds",
        .doc = "inner folds that weights are fitted on",
        .type = SETTING_INT,
        AT(folds),
        .min = 2,
        .max = 100},
};
#undef AT
const struct settings blend_settings = SETTINGS(table, struct keys);

// One row, before it is known which rows its members are.
struct blend_entry {
    struct node *names;   // the key `blend`, a list
    struct node *weights; // where they are said
    enum blend_weights how;
    double *given; // [names->n], in the order of the names; BLEND_GIVEN
    uint32_t folds;
    uint32_t *members; // [names->n]: numbers of rows, in the order of the names
};

static const char *const weights_words[] = {"equal", "fitted", NULL};

// ---- Weights -----------------------------------------------------------------------------------

static bool is_number(const struct node *node) {
    return node->kind == NODE_INT || node->kind == NODE_REAL;
}

static void refuse_weights(struct reading *r, const struct node *node, size_t n) {
    const char *hint = node->kind == NODE_TEXT
                           ? bind_did_you_mean(r->binder.arena, node->text, weights_words, 2)
                           : "";
    bind_mistake(&r->binder, node,
        "\"equal\", \"fitted\" or a list of %zu numbers, one for each member, is expected, not "
        "%s%s",
        n, node_describe(node, r->binder.arena), hint);
}

// Scaled to a sum of 1; all alike are equal weights.
static bool read_numbers(struct reading *r, const struct node *node, struct blend_entry *b) {
    const size_t n = b->names->n;
    double sum = 0;
    if (node->n != n) {
        bind_mistake(&r->binder, node, "%zu weight%s for %zu members; give each member one",
            node->n, node->n == 1 ? "" : "s", n);
        return false;
    }
    b->given = arena_alloc(r->binder.arena, n * sizeof *b->given);
    if (!b->given) {
        r->mistakes.no_memory = true;
        return false;
    }
    bool ok = true, alike = true;
    size_t k = 0;
    for (const struct node *c = node->first; c; c = c->next, k++) {
        b->given[k] = is_number(c) ? c->real : NAN;
        sum += b->given[k];
        alike &= b->given[k] == b->given[0];
        if (isfinite(b->given[k]) && b->given[k] >= 0) continue;
        bind_mistake(&r->binder, c,
            "a weight is a number of at least 0, not %s, so that the mean lies between its members",
            node_describe(c, r->binder.arena));
        ok = false;
    }
    if (!ok) return false;
    if (!(sum > 0) || !isfinite(sum)) {
        bind_mistake(&r->binder, node,
            sum > 0 ? "weights so large have no sum; write smaller ones"
                    : "all weights are 0; one member at least needs more");
        return false;
    }
    for (k = 0; k < n; k++) b->given[k] /= sum;
    b->how = alike ? BLEND_EQUAL : BLEND_GIVEN;
    return true;
}

static bool read_weights(struct reading *r, struct node *node, struct blend_entry *b) {
    b->weights = node;
    if (node->kind == NODE_LIST) return read_numbers(r, node, b);
    const bool text = node->kind == NODE_TEXT;
    if (!text || (strcmp(node->text, "equal") && strcmp(node->text, "fitted"))) {
        refuse_weights(r, node, b->names->n);
        return false;
    }
    b->how = strcmp(node->text, "fitted") == 0 ? BLEND_FITTED : BLEND_EQUAL;
    return true;
}

// Words and lists in a list are rows of their own.
static bool is_sweep(const struct node *node) {
    bool found = false;
    for (const struct node *c = node->kind == NODE_LIST ? node->first : NULL; c; c = c->next)
        found |= c->kind == NODE_TEXT || c->kind == NODE_LIST;
    return found;
}

// ---- Entries -----------------------------------------------------------------------------------

static const struct schema *make_schema(struct reading *r) {
    struct schema *schema = &r->x->schemas[r->x->n_schemas++];
    *schema = (struct schema){.id = "blend",
        .summary = "weighted means of other rows' answers",
        .version = "",
        .path = "",
        .hash = ""};
    return schema;
}

// " weights=fitted", " weights=[0.5, 0.3]"; "" for equal ones.
static const char *print_weights(const struct node *node, struct arena *a) {
    if (node->kind == NODE_TEXT)
        return strcmp(node->text, "equal") ? arena_printf(a, " weights=%s", node->text) : "";
    const char *text = " weights=[";
    for (const struct node *c = node->first; c; c = c->next)
        text = arena_printf(a, "%s%s%.15g", text, c == node->first ? "" : ", ", c->real);
    return arena_printf(a, "%s]", text);
}

const char *blend_described(const struct blend_entry *b, struct arena *a) {
    const char *text = "blend ";
    for (const struct node *c = b->names->first; c; c = c->next)
        text = arena_printf(a, "%s%s%s", text, c == b->names->first ? "" : "+", c->text);
    return arena_printf(a, "%s%s", text, print_weights(b->weights, a));
}

static void add_folds(struct reading *r, struct node *entry) {
    struct node *node = bind_add(&r->binder, entry, NODE_INT, "folds");
    if (!node) return;
    node->integer = USUAL_FOLDS;
    node->real = USUAL_FOLDS;
}

static bool check_count(struct reading *r, const struct node *names) {
    if (names->kind == NODE_LIST && names->n >= 2 && names->n <= BLEND_MOST) return true;
    const size_t n = names->kind == NODE_LIST ? names->n : 1;
    bind_mistake(&r->binder, names, "%zu member%s; a blend has 2 to %d, as in [\"als\", \"svd\"]",
        n, n == 1 ? "" : "s", BLEND_MOST);
    return false;
}

// One row with weights as `node` says.
static void add_row(struct reading *r, struct rows *rows, struct node *entry,
    const struct schema *schema, struct node *node, bool swept, uint32_t folds) {
    struct arena *a = r->binder.arena;
    struct blend_entry *b = arena_alloc(a, sizeof *b);
    if (!b) {
        r->mistakes.no_memory = true;
        return;
    }
    *b = (struct blend_entry){.names = node_child(entry, "blend"), .folds = folds};
    if (!read_weights(r, node, b)) return;
    const size_t n = rows->n;
    rows_add(r, rows, entry, schema, NULL, NULL);
    if (rows->n == n) return;
    struct row *row = &rows->at[n];
    row->blend = b;
    if (!swept) return;
    const char *weights = print_weights(node, a);
    row->model.label =
        arena_printf(a, "%s%s", row->model.label, *weights ? weights : " weights=equal");
}

void blend_read_entry(struct reading *r, struct rows *rows, struct node *entry) {
    static const char *const others[] = {"weights", "label", "search"};
    struct keys keys = {0};
    const size_t before = r->mistakes.n;
    bind_group(
        &r->binder, entry, "a blend", &(struct bind_part){&blend_settings, &keys}, 1, others, 3);
    given_check_metrics(r, entry, "answers of a blend");
    struct node *search = node_child(entry, "search"), *names = node_child(entry, "blend");
    if (search)
        bind_mistake(&r->binder, search,
            "a blend has nothing to search; its members may, and weights = \"fitted\" fits its "
            "own");
    if (r->mistakes.n > before || !check_count(r, names)) return;
    struct node *weights = node_child(entry, "weights");
    if (!weights) {
        if (!(weights = bind_add(&r->binder, entry, NODE_TEXT, "weights"))) return;
        weights->text = "equal";
    }
    const bool swept = is_sweep(weights);
    const uint32_t folds = keys.folds ? (uint32_t)keys.folds : USUAL_FOLDS;
    const struct schema *schema = make_schema(r);
    const size_t n = rows->n;
    for (struct node *c = swept ? weights->first : weights; c; c = swept ? c->next : NULL)
        add_row(r, rows, entry, schema, c, swept, folds);
    bool fitted = false;
    for (size_t k = n; k < rows->n; k++) fitted |= rows->at[k].blend->how == BLEND_FITTED;
    if (r->mistakes.n > before) return;
    if (fitted && keys.folds == 0) add_folds(r, entry);
    if (!fitted && keys.folds)
        bind_mistake(&r->binder, node_child(entry, "folds"),
            "no weights are fitted here; leave it out, or write weights = \"fitted\"");
}

// ---- Members -----------------------------------------------------------------------------------

static const char *suggest_member(struct reading *r, const struct rows *rows, const char *name) {
    const char **all = arena_alloc(r->binder.arena, (2 * rows->n + 1) * sizeof *all);
    size_t n = 0;
    for (size_t k = 0; all && k < rows->n; k++) {
        if (rows->at[k].blend) continue;
        all[n++] = rows->at[k].model.label;
        all[n++] = rows->at[k].model.schema->id;
    }
    return all ? bind_did_you_mean(r->binder.arena, name, all, n) : "";
}

// "als rank=8", "als rank=16", ...: own models that `name` means, all counted.
static const char *list_meant(
    struct reading *r, const struct rows *rows, const char *name, size_t *n, size_t *first) {
    const char *all = "";
    *n = 0;
    for (size_t k = 0; k < rows->n; k++) {
        const struct row *row = &rows->at[k];
        if (row->blend || !rows_is_meant(row, name)) continue;
        if (*n == 0) *first = k;
        if (*n < MOST_LISTED)
            all =
                arena_printf(r->binder.arena, "%s%s\"%s\"", all, *n ? ", " : "", row->model.label);
        ++*n;
    }
    return *n > MOST_LISTED ? arena_printf(r->binder.arena, "%s, ...", all) : all;
}

// The row that `name` is the label of, or else the only one that it means; false with a mistake.
static bool find_member(
    struct reading *r, const struct rows *rows, const struct node *node, uint32_t *out) {
    const char *name = node->text;
    size_t n, first = 0;
    bool of_blend = false, is_label = false;
    for (size_t k = 0; k < rows->n; k++) {
        if (!rows->at[k].blend && strcmp(rows->at[k].model.label, name) == 0) {
            *out = (uint32_t)k;
            return true;
        }
        of_blend |= rows->at[k].blend && rows_is_meant(&rows->at[k], name);
        is_label |= strcmp(rows->at[k].model.label, name) == 0; // before what is a plugin's
    }
    const char *all = list_meant(r, rows, name, &n, &first);
    *out = (uint32_t)first;
    if (n == 1 && !is_label) return true;
    if (n > 1 && !is_label)
        bind_mistake(
            &r->binder, node, "\"%s\" means %zu rows; a member is one of them: %s", name, n, all);
    else if (of_blend)
        bind_mistake(&r->binder, node,
            "\"%s\" is a blend, which is no member of another; name its members", name);
    else
        bind_mistake(&r->binder, node, "no model has the label or plugin \"%s\"%s", name,
            suggest_member(r, rows, name));
    return false;
}

static bool check_fitted(struct reading *r, const struct blend_entry *b, const struct row *member) {
    if (b->how != BLEND_FITTED || !member->model.given) return true;
    bind_mistake(&r->binder, b->weights,
        "\"%s\" is of files, which have no answers on inner folds; write weights = \"equal\" or "
        "numbers, or leave it out of the blend",
        member->model.label);
    return false;
}

static bool find_all(struct reading *r, struct rows *rows, struct blend_entry *b) {
    bool ok = true;
    size_t k = 0;
    for (struct node *c = b->names->first; c; c = c->next, k++) {
        if (!find_member(r, rows, c, &b->members[k])) {
            ok = false;
            continue;
        }
        ok &= check_fitted(r, b, &rows->at[b->members[k]]);
        for (size_t other = 0; ok && other < k; other++)
            if (b->members[other] == b->members[k]) {
                bind_mistake(&r->binder, c, "\"%s\" is a member already; give it a larger weight",
                    rows->at[b->members[k]].model.label);
                ok = false;
            }
    }
    return ok;
}

void blend_find_members(struct reading *r, struct rows *rows) {
    for (size_t k = 0; k < rows->n; k++) {
        struct blend_entry *b = rows->at[k].blend;
        if (!b) continue;
        b->members = arena_alloc(r->binder.arena, b->names->n * sizeof *b->members);
        if (!b->members)
            r->mistakes.no_memory = true;
        else
            find_all(r, rows, b);
    }
}

void blend_mark_members(struct rows *rows) {
    for (size_t k = 0; k < rows->n; k++) {
        const struct blend_entry *b = rows->at[k].blend;
        if (!b || !rows->at[k].kept) continue;
        for (size_t m = 0; b->members && m < b->names->n; m++) {
            struct row *member = &rows->at[b->members[m]];
            member->model.is_member = true;
            member->model.is_hidden = !member->kept;
        }
    }
}

// Members ascending, and weights with them.
static void number_row(struct reading *r, struct plan_model *model, const struct blend_entry *b,
    const uint32_t *number) {
    struct arena *a = r->binder.arena;
    const size_t n = b->names->n;
    uint32_t *members = arena_alloc(a, n * sizeof *members);
    double *weights = arena_alloc(a, n * sizeof *weights);
    struct blend_spec *spec = arena_alloc(a, sizeof *spec);
    if (!members || !weights || !spec) {
        r->mistakes.no_memory = true;
        return;
    }
    for (size_t k = 0; k < n; k++) {
        size_t to = k;
        for (; to > 0 && members[to - 1] > number[b->members[k]]; to--) {
            members[to] = members[to - 1];
            weights[to] = weights[to - 1];
        }
        members[to] = number[b->members[k]];
        weights[to] = b->how == BLEND_GIVEN ? b->given[k] : 0;
    }
    *spec = (struct blend_spec){.members = members,
        .n = n,
        .how = b->how,
        .weights = b->how == BLEND_GIVEN ? weights : NULL,
        .folds = b->how == BLEND_FITTED ? b->folds : 0};
    model->blend = spec;
}

void blend_number_members(struct reading *r, struct rows *rows, const uint32_t *number) {
    for (size_t k = 0; k < rows->n; k++)
        if (rows->at[k].blend && rows->at[k].kept)
            number_row(r, &rows->at[k].model, rows->at[k].blend, number);
}
