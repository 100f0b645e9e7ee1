// libconfig appears in this file alone, and is asked about the grammar. The words go to it one a
// line, so that the line of its syntax error is the number of the word. Values go as stand-ins,
// since they come from scan.c: that way libconfig can neither cut nor refuse them, [1, 2.5] is the
// list of two reals that it looks like, and libconfig 1.5 does not lose the memory of a text when
// an error follows it.
#include "experiment/tree.h"

#include <assert.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/library.h"
#include "experiment/scan.h"

enum { MOST_DEPTH = 64 };

struct reader {
    struct arena *arena;
    struct mistakes *mistakes;
    const struct tokens *tokens;
    size_t at; // the next word
};

struct node *node_new(
    struct arena *arena, enum node_kind kind, const char *name, struct mistakes *m) {
    struct node *node = arena_alloc(arena, sizeof *node);
    if (!node) {
        m->no_memory = true;
        return NULL;
    }
    node->kind = kind;
    node->name = name;
    node->place.origin = ORIGIN_DEFAULT;
    return node;
}

void node_add(struct node *parent, struct node *child) {
    child->parent = parent;
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n++;
}

void node_remove(struct node *child) {
    struct node *parent = child->parent, *before = NULL;
    for (struct node *c = parent->first; c != child; c = c->next) before = c;
    if (before)
        before->next = child->next;
    else
        parent->first = child->next;
    if (parent->last == child) parent->last = before;
    parent->n--;
    child->parent = child->next = NULL;
}

struct node *node_child(const struct node *group, const char *name) {
    if (group->kind != NODE_GROUP) return NULL;
    for (struct node *c = group->first; c; c = c->next)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}

struct node *node_nth(const struct node *parent, size_t k) {
    struct node *c = parent->first;
    while (c && k--) c = c->next;
    return c;
}

const char *node_path(const struct node *node, struct arena *arena) {
    if (!node->parent) return "";
    const char *above = node_path(node->parent, arena);
    const char *dot = *above ? "." : "";
    if (node->name) return arena_printf(arena, "%s%s%s", above, dot, node->name);
    size_t k = 0;
    for (struct node *c = node->parent->first; c != node; c = c->next) k++;
    return arena_printf(arena, "%s%s%zu", above, dot, k);
}

void node_format_real(double value, char out[32]) {
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 28, "%.*g", digits, value);
        if (strtod(out, NULL) == value) break;
    }
    if (!strpbrk(out, ".e")) strcat(out, ".0");
}

const char *node_describe(const struct node *node, struct arena *arena) {
    char number[32];
    switch (node->kind) {
    case NODE_GROUP:
        return "a group { }";
    case NODE_LIST:
        return node->n ? "a list" : "an empty list";
    case NODE_INT:
        return arena_printf(arena, "%lld", (long long)node->integer);
    case NODE_REAL:
        node_format_real(node->real, number);
        return arena_text(arena, number);
    case NODE_BOOL:
        return node->truth ? "true" : "false";
    case NODE_TEXT:
        return arena_printf(arena, "the text \"%s\"", node->text);
    }
    return "";
}

// ---- Words to libconfig -----------------------------------------------------------------------

static bool is_mark(const struct token *t, const char *marks) {
    return t->kind == TOKEN_MARK && strchr(marks, *t->at);
}

// A word for libconfig: each kind of value has its own type there, so that [ ] cannot mix them.
static const char *stand_in(const struct tokens *t, size_t k) {
    switch (t->at[k].kind) {
    case TOKEN_INT:
    case TOKEN_REAL:
        return "1.0";
    case TOKEN_BOOL:
        return "1";
    case TOKEN_TEXT:
        return k && t->at[k - 1].kind == TOKEN_TEXT ? "" : "true"; // "in " "pieces"
    case TOKEN_BAD:
        return "$"; // never right
    default:
        return NULL;
    }
}

// The words, one a line; malloc'd. NULL: no memory.
static char *one_word_a_line(const struct tokens *t) {
    size_t room = 1;
    for (size_t k = 0; k < t->n; k++) room += t->at[k].n + 6;
    char *out = malloc(room), *at = out;
    if (!out) return NULL;
    *at = '\0';
    for (size_t k = 0; k < t->n; k++) {
        const char *instead = stand_in(t, k);
        if (instead)
            at += sprintf(at, "%s\n", instead);
        else
            at += sprintf(at, "%.*s\n", (int)t->at[k].n, t->at[k].at);
    }
    return out;
}

// The earlier word of the same name in the same group as word `k`, or NULL.
static const struct token *earlier_name(const struct tokens *t, size_t k) {
    int depth = 0;
    for (size_t b = k; b-- > 0;) {
        const struct token *word = &t->at[b];
        if (is_mark(word, "}])")) depth++;
        if (is_mark(word, "{[(") && --depth < 0) return NULL;
        if (depth == 0 && word->kind == TOKEN_NAME && word->n == t->at[k].n &&
            memcmp(word->at, t->at[k].at, word->n) == 0)
            return word;
    }
    return NULL;
}

// The bracket that word `k` (t->n: the end) finds open, or NULL.
static const struct token *open_bracket(const struct tokens *t, size_t k) {
    int depth = 0;
    while (k-- > 0) {
        if (is_mark(&t->at[k], "}])")) depth++;
        if (is_mark(&t->at[k], "{[(") && --depth < 0) return &t->at[k];
    }
    return NULL;
}

static const char *explain(struct reader *r, size_t k, const char *libconfig_says) {
    const struct tokens *t = r->tokens;
    const struct token *word = k < t->n ? &t->at[k] : NULL, *before = k ? &t->at[k - 1] : NULL;
    const struct token *open = open_bracket(t, k);
    if (word && strstr(libconfig_says, "duplicate")) {
        const struct token *first = earlier_name(t, k);
        return arena_printf(r->arena, "the key \"%.*s\" is there already%s; keep one", (int)word->n,
            word->at, first ? arena_printf(r->arena, ", on line %d", first->place.line) : "");
    }
    if (strstr(libconfig_says, "mismatched"))
        return "[ ] holds values of one kind; put mixed ones in ( )";
    if (!word && open)
        return arena_printf(r->arena, "the file ends before the %c of line %d is closed", *open->at,
            open->place.line);
    if (!word) return "the file ends in the middle";
    if (before && is_mark(before, ",") && is_mark(word, ")]"))
        return "a list may not end with a comma; take it out";
    if (before && is_mark(before, "=:,([") && word->kind == TOKEN_NAME)
        return arena_printf(r->arena, "text needs quotes: \"%.*s\"", (int)word->n, word->at);
    if (before && before->kind == TOKEN_NAME && !is_mark(word, "=:"))
        return arena_printf(
            r->arena, "a = must follow the key \"%.*s\"", (int)before->n, before->at);
    if (open && *open->at == '[' && is_mark(word, "{[("))
        return "[ ] holds numbers, text or truth values alone; put groups and lists in ( )";
    return arena_printf(r->arena, "\"%.*s\" cannot stand here", (int)word->n, word->at);
}

static void complain(struct reader *r, size_t k, const char *libconfig_says) {
    const struct tokens *t = r->tokens;
    struct position place = k < t->n ? t->at[k].place : t->end;
    const char *line = k < t->n ? t->at[k].line : t->end_line;
    mistakes_add(r->mistakes, place, NULL, "%s%s", explain(r, k, libconfig_says),
        scan_caret(r->arena, line, place.column));
}

// libconfig's parser recurses; so does copy().
static bool check_depth(struct reader *r) {
    int depth = 0;
    for (size_t k = 0; k < r->tokens->n; k++) {
        if (is_mark(&r->tokens->at[k], "{[(") && ++depth > MOST_DEPTH) {
            mistakes_add(r->mistakes, r->tokens->at[k].place, NULL,
                "brackets are nested more than %d deep", MOST_DEPTH);
            return false;
        }
        if (is_mark(&r->tokens->at[k], "}])")) depth--;
    }
    return true;
}

// ---- libconfig's tree to ours -----------------------------------------------------------------

static struct node *copy(struct reader *r, const config_setting_t *from);

static bool copy_children(struct reader *r, const config_setting_t *from, struct node *into) {
    int n = config_setting_length(from);
    for (int k = 0; k < n; k++) {
        struct node *child = copy(r, config_setting_get_elem(from, (unsigned)k));
        if (!child) return false;
        node_add(into, child);
    }
    return true;
}

static char unescape(const char **c) {
    static const char letters[] = "nrtf", meant[] = "\n\r\t\f";
    const char letter = *++*c, *found = strchr(letters, letter);
    if (letter != 'x') return found ? meant[found - letters] : letter;
    const char hex[] = {(*c)[1], (*c)[2], '\0'};
    *c += 2;
    return (char)strtol(hex, NULL, 16);
}

// The text of the word at r->at and of those that continue it.
static const char *copy_text(struct reader *r) {
    const struct token *words = r->tokens->at;
    size_t size = 1, end = r->at;
    for (; end < r->tokens->n && words[end].kind == TOKEN_TEXT; end++) size += words[end].n;
    char *text = arena_alloc(r->arena, size), *at = text;
    if (!text) r->mistakes->no_memory = true;
    for (; text && r->at < end; r->at++) {
        const char *last = words[r->at].at + words[r->at].n - 1;
        for (const char *c = words[r->at].at + 1; c < last; c++)
            *at++ = *c == '\\' ? unescape(&c) : *c;
    }
    return text;
}

static struct node *copy(struct reader *r, const config_setting_t *from) {
    const struct token *words = r->tokens->at;
    const struct position place = words[r->at].place;
    const char *name = config_setting_name(from);
    if (name) {
        assert(words[r->at].kind == TOKEN_NAME);
        name = arena_text(r->arena, name);
        r->at += 2; // name =
    }
    const struct token *word = &words[r->at];
    struct node *node = node_new(r->arena, NODE_GROUP, name, r->mistakes);
    if (!node) return NULL;
    node->place = place;
    node->integer = word->integer;
    node->real = word->real;
    if (config_setting_is_aggregate(from)) {
        assert(is_mark(word, "{[("));
        if (!config_setting_is_group(from)) node->kind = NODE_LIST;
        node->brackets = config_setting_is_array(from);
        r->at++;
        if (!copy_children(r, from, node)) return NULL;
        r->at++; // the closing bracket
    } else if (word->kind == TOKEN_TEXT) {
        node->kind = NODE_TEXT;
        node->text = copy_text(r);
        if (!node->text) return NULL;
    } else {
        node->kind = word->kind == TOKEN_INT    ? NODE_INT
                     : word->kind == TOKEN_REAL ? NODE_REAL
                                                : NODE_BOOL;
        node->truth = word->real != 0;
        r->at++;
    }
    if (r->at < r->tokens->n && is_mark(&words[r->at], ";,")) r->at++;
    return node;
}

static struct node *parse_tokens(struct reader *r) {
    struct node *root = NULL;
    config_t config;
    config_init(&config);
    char *text = check_depth(r) ? one_word_a_line(r->tokens) : NULL;
    if (!text) goto done;
    if (!config_read_string(&config, text)) {
        complain(r, (size_t)config_error_line(&config) - 1, config_error_text(&config));
        goto done;
    }
    root = node_new(r->arena, NODE_GROUP, NULL, r->mistakes);
    if (root && !copy_children(r, config_root_setting(&config), root)) root = NULL;
done:
    free(text);
    config_destroy(&config);
    return root;
}

struct node *tree_parse(struct arena *arena, const char *file, enum origin origin, const char *text,
    size_t size, struct mistakes *m) {
    struct tokens tokens = {0};
    size_t before = m->n;
    scan_text(&tokens, arena, file, origin, text, size, m);
    struct reader r = {.arena = arena, .mistakes = m, .tokens = &tokens};
    struct node *root = NULL;
    if (m->n == before) root = parse_tokens(&r);
    if (root) root->place = (struct position){origin, origin == ORIGIN_FILE ? file : NULL, 0, 0};
    tokens_done(&tokens);
    return root;
}

struct node *tree_read(struct arena *arena, const char *file, struct mistakes *m) {
    char *text;
    size_t size;
    struct error e = {0};
    if (scan_read_file(arena, file, &text, &size, &e))
        return tree_parse(arena, arena_text(arena, file), ORIGIN_FILE, text, size, m);
    mistakes_add(m, (struct position){0}, NULL, "%s", e.text);
    return NULL;
}

// ---- Values of the command line ---------------------------------------------------------------

// A word that is not followed by = becomes text.
static void quote_bare_words(struct tokens *t, struct arena *arena) {
    for (size_t k = 0; k < t->n; k++) {
        struct token *word = &t->at[k];
        if (word->kind != TOKEN_NAME || (k + 1 < t->n && is_mark(word + 1, "=:"))) continue;
        word->at = arena_printf(arena, "\"%.*s\"", (int)word->n, word->at);
        word->n = strlen(word->at);
        word->kind = TOKEN_TEXT;
    }
}

struct node *tree_parse_value(
    struct arena *arena, const char *key, const char *text, struct mistakes *m) {
    struct tokens tokens = {0};
    struct mistakes found = {0};
    const char *line = arena_printf(arena, "v=%s", text);
    scan_text(&tokens, arena, NULL, ORIGIN_COMMAND_LINE, line, strlen(line), &found);
    struct reader r = {.arena = arena, .mistakes = &found, .tokens = &tokens};
    struct node *root = NULL, *value = NULL;

    const struct token *first = tokens.n > 2 ? &tokens.at[2] : NULL;
    bool compound = first && (is_mark(first, "[({") || first->kind == TOKEN_TEXT);
    bool number = first && tokens.n == 3 && first->kind >= TOKEN_INT && first->kind <= TOKEN_BOOL;
    if (compound || number) {
        quote_bare_words(&tokens, arena);
        if (found.n == 0) root = parse_tokens(&r);
        if (root && root->n != 1)
            mistakes_add(
                &found, root->last->place, NULL, "one value is expected, not \"%s\"", text);
        else if (root)
            value = root->first;
    } else {
        mistakes_done(&found);
        value = node_new(arena, NODE_TEXT, NULL, m);
        if (value) value->text = arena_text(arena, text);
    }
    if (value) {
        value->parent = NULL;
        value->name = NULL;
        value->place = (struct position){ORIGIN_COMMAND_LINE, NULL, 0, 0};
    }
    for (size_t k = 0; k < found.n; k++)
        mistakes_add(m, found.at[k].place, key, "%s", found.at[k].text);
    m->no_memory |= found.no_memory;
    mistakes_done(&found);
    tokens_done(&tokens);
    return value;
}

#define QUOTE(x) #x
#define VERSION(a, b, c) QUOTE(a) "." QUOTE(b) "." QUOTE(c)

static const char *version(void) {
    return VERSION(LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION);
}
REGISTRY_ADD(library, config) = {"libconfig", "libconfig", version};
