// models = ( { predictions = "peer.csv"; label = "peer"; } ): a row of answers that another tool
// has given; and such entries from the command line.
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "experiment/models.h"

struct given_settings {
    struct paths files;
    struct column user, item, prediction, fold, rating;
    const char *delimiter;
};

#define AT(field) .offset = offsetof(struct given_settings, field)
static const struct setting table[] = {
    {.name = "predictions",
        .doc = "a file of predictions, or one for each fold, in their order",
        .type = SETTING_PATHS,
        AT(files),
        .required = true},
    {.name = "user",
        .doc = "the users' column, by its name in the header or by its number from 1",
        .type = SETTING_COLUMN,
        AT(user)},
    {.name = "item", .doc = "the items' column", .type = SETTING_COLUMN, AT(item)},
    {.name = "prediction",
        .doc = "the predictions' column",
        .type = SETTING_COLUMN,
        AT(prediction)},
    {.name = "fold", .doc = "the column of fold numbers", .type = SETTING_COLUMN, AT(fold)},
    {.name = "rating",
        .doc = "the column of true ratings, which are checked",
        .type = SETTING_COLUMN,
        AT(rating)},
    {.name = "delimiter",
        .doc = "what stands between fields; found by itself if it is a tab, comma or semicolon",
        .type = SETTING_TEXT,
        AT(delimiter)},
};
#undef AT
const struct settings given_settings = SETTINGS(table, struct given_settings);

// ---- Entries of an experiment ------------------------------------------------------------------

// The first file's name without folder and ending; "-" for what a label can't have.
static const char *label_of(const char *path, struct arena *a) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *label = arena_text(a, base);
    char *dot = strchr(label + (*label == '.'), '.');
    if (dot) *dot = '\0';
    for (char *c = label; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '-';
    if (*label == '(') *label = '-';
    return *label ? label : "predictions";
}

static void add_column(struct hash *h, const struct column *c) {
    char text[32];
    snprintf(text, sizeof text, "/%u", c->number);
    hash_add(h, text, strlen(text) + 1);
    if (c->name) hash_add(h, c->name, strlen(c->name) + 1);
}

// Of the bytes of the files, and of how they are read.
static bool hash_files(const struct given_settings *s, const char *const *files,
    char out[HASH_SIZE], struct error *e) {
    struct hash h;
    char one[HASH_SIZE];
    if (!hash_begin(&h, e)) return false;
    bool ok = true;
    for (size_t k = 0; ok && k < s->files.n; k++) {
        ok = hash_file(files[k], one, e);
        if (ok) hash_add(&h, one, strlen(one) + 1);
    }
    const struct column *const columns[] = {
        &s->user, &s->item, &s->prediction, &s->fold, &s->rating};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) add_column(&h, columns[k]);
    if (s->delimiter) hash_add(&h, s->delimiter, strlen(s->delimiter) + 1);
    hash_end(&h, out);
    if (!ok) *out = '\0';
    return ok;
}

static bool sees_training(const struct metric_spec *m) {
    return m->metric && m->metric->sees_training && m->metric->sees_training(m->settings);
}

void given_check_metrics(struct reading *r, struct node *entry, const char *answers) {
    for (size_t k = 0; k < r->x->plan.n_metrics; k++)
        if (sees_training(&r->x->plan.metrics[k]))
            bind_mistake(&r->binder, entry,
                "the metric \"%s\" counts rows trained on, of which there are no %s",
                r->x->plan.metrics[k].label, answers);
}

static const struct schema *make_schema(struct reading *r, struct node *entry,
    const struct given_settings *s, const char *const *files) {
    struct schema *schema = &r->x->schemas[r->x->n_schemas++];
    char hash[HASH_SIZE] = "";
    struct error e = {0};
    if (!hash_files(s, files, hash, &e) && !r->options->skip_data)
        bind_mistake(&r->binder, node_child(entry, "predictions"), "%s", e.text);
    *schema = (struct schema){.id = "predictions",
        .summary = "answers of another tool",
        .version = "",
        .path = files[0],
        .hash = arena_text(r->binder.arena, hash)};
    return schema;
}

void given_read_entry(struct reading *r, struct rows *rows, struct node *entry) {
    static const char *const others[] = {"label"};
    struct arena *a = r->binder.arena;
    const size_t before = r->mistakes.n;
    struct given_settings s = {0};
    bind_group(
        &r->binder, entry, "predictions", &(struct bind_part){&given_settings, &s}, 1, others, 1);
    given_check_metrics(r, entry, "predictions");
    if (r->mistakes.n == before && s.files.n == 0)
        bind_mistake(&r->binder, node_child(entry, "predictions"), "the list of files is empty");
    if (r->mistakes.n > before) return;
    struct given_spec *spec = arena_alloc(a, sizeof *spec);
    const char **files = arena_alloc(a, s.files.n * sizeof *files);
    if (!spec || !files) {
        r->mistakes.no_memory = true;
        return;
    }
    for (size_t k = 0; k < s.files.n; k++)
        files[k] = s.files.at[k].found ? s.files.at[k].found : s.files.at[k].written;
    *spec = (struct given_spec){.files = files,
        .n_files = s.files.n,
        .user = s.user,
        .item = s.item,
        .prediction = s.prediction,
        .fold = s.fold,
        .rating = s.rating,
        .delimiter = s.delimiter};
    if (!node_child(entry, "label")) {
        struct node *label = bind_add(&r->binder, entry, NODE_TEXT, "label");
        if (label) label->text = label_of(s.files.at[0].written, a);
    }
    const struct schema *schema = make_schema(r, entry, &s, files);
    if (r->mistakes.n > before) return;
    const size_t n = rows->n;
    rows_add(r, rows, entry, schema, NULL, NULL);
    if (rows->n > n) rows->at[n].model.given = spec;
}

// ---- Entries of the command line ---------------------------------------------------------------

static struct node *add_word(
    struct reading *r, struct node *parent, const char *name, const char *text) {
    struct node *node = bind_add(&r->binder, parent, NODE_TEXT, name);
    if (!node) return NULL;
    node->place.origin = ORIGIN_COMMAND_LINE;
    node->text = arena_text(r->binder.arena, text);
    return node;
}

static struct node *add_list(struct reading *r, struct node *parent, const char *name) {
    struct node *node = bind_add(&r->binder, parent, NODE_LIST, name);
    if (node) node->place.origin = ORIGIN_COMMAND_LINE;
    return node;
}

static void add_entry(struct reading *r, struct node *models, const struct given_file *file) {
    struct node *entry = bind_add(&r->binder, models, NODE_GROUP, NULL);
    if (!entry) return;
    entry->place.origin = ORIGIN_COMMAND_LINE;
    if (file->label) add_word(r, entry, "label", file->label);
    struct node *files = add_list(r, entry, "predictions");
    for (size_t k = 0; files && k < file->n; k++) add_word(r, files, NULL, file->at[k]);
    for (size_t k = 0; k < file->n_columns; k++) {
        const struct given_column *c = &file->columns[k];
        struct node *node = add_word(r, entry, arena_text(r->binder.arena, c->key), c->value);
        const size_t digits = strspn(c->value, "0123456789");
        if (!node || c->value[digits] || digits == 0 || digits > 6) continue;
        node->kind = NODE_INT; // a column by its number
        node->integer = atoi(c->value);
        node->real = (double)node->integer;
    }
}

// A run of some models alone keeps what is put beside them.
static void keep_entry(struct reading *r, const struct given_file *file) {
    struct node *only = node_child(r->root, "only");
    const char *label = file->label ? file->label : label_of(file->at[0], r->binder.arena);
    if (!only || only->kind != NODE_LIST || !only->first) return;
    for (const struct node *c = only->first; c; c = c->next)
        if (c->kind == NODE_TEXT && strcmp(c->text, label) == 0) return;
    add_word(r, only, NULL, label);
}

// Nothing of the file's that is said of its own models.
static void remove_models(struct reading *r) {
    static const char *const gone[] = {
        "models", "search", "baseline", "only", "predictions", "name", "report", "seeds"};
    for (size_t k = 0; k < sizeof gone / sizeof *gone; k++) {
        struct node *node = node_child(r->root, gone[k]);
        if (node) node_remove(node);
    }
}

// What was added before under the file's label.
static void remove_alike(struct reading *r, struct node *models, const struct given_file *file) {
    const char *label = file->label ? file->label : label_of(file->at[0], r->binder.arena);
    for (struct node *c = models->first, *next; c; c = next) {
        next = c->next;
        const struct node *own = node_child(c, "label");
        if (node_child(c, "predictions") && own && own->kind == NODE_TEXT &&
            strcmp(own->text, label) == 0)
            node_remove(c);
    }
}

void given_apply_options(struct reading *r) {
    const struct experiment_options *o = r->options;
    if (o->n_given == 0) return;
    if (!o->given_beside) remove_models(r);
    struct node *models = node_child(r->root, "models");
    for (size_t k = 0; models && models->kind == NODE_LIST && k < o->n_given; k++)
        remove_alike(r, models, &o->given[k]);
    if (!models) models = add_list(r, r->root, "models");
    if (models && models->kind != NODE_LIST)
        bind_mistake(&r->binder, models, "a list is expected, to which predictions can be added");
    else
        for (size_t k = 0; models && k < o->n_given; k++) {
            add_entry(r, models, &o->given[k]);
            keep_entry(r, &o->given[k]);
        }
}
