#include "experiment/sources.h"

#include <string.h>

#include "experiment/override.h"
#include "experiment/reading.h"

bool sources_is_experiment(const char *word) {
    const size_t n = strlen(word);
    return n > 4 && strcmp(word + n - 4, ".cfg") == 0;
}

static bool is_key_of(const struct settings *s, const char *text) {
    const size_t n = strcspn(text, "=");
    for (size_t k = 0; k < s->n; k++)
        if (strlen(s->at[k].name) == n && strncmp(s->at[k].name, text, n) == 0) return true;
    return false;
}

// Text that stands for itself, whatever it looks like.
static const char *quoted(struct arena *arena, const char *text) {
    char *out = arena_alloc(arena, 2 * strlen(text) + 3);
    if (!out) return "";
    size_t n = 0;
    out[n++] = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') out[n++] = '\\';
        out[n++] = *text;
    }
    out[n++] = '"';
    return out;
}

size_t sources_data(
    struct arena *arena, const char *const *data, size_t n_data, const char **out, size_t room) {
    const struct data_format *format = n_data ? data_format_find(data[0]) : NULL;
    const bool grouped = format && format->grouped;
    size_t at = 1, n = 0;
    out[n++] = "data={}";
    if (grouped) {
        out[n++] = arena_printf(arena, "data.%s={}", format->id);
    } else if (n_data && strchr(data[0], '=')) {
        at = 0; // the format is among the keys
    } else if (n_data) {
        out[n++] = arena_printf(arena, "data.movielens=%s", quoted(arena, data[0]));
    }
    const char *own = grouped ? arena_printf(arena, "data.%s.", format->id) : "data.";
    for (; at < n_data && n < room; at++) {
        const bool common = is_key_of(&data_common_settings, data[at]);
        const char *before = strncmp(data[at], "filter.", 7) == 0 ? "" : common ? "data." : own;
        out[n++] = arena_printf(arena, "%s%s", before, data[at]);
    }
    return n;
}

// The word that `*text` begins with, which is moved behind it; NULL after the last.
static const char *next_word(struct arena *arena, const char **text) {
    const char *begin = *text + strspn(*text, " \t"), *end = begin;
    int depth = 0;
    bool in_quotes = false;
    for (; *end && (in_quotes || depth > 0 || !strchr(" \t", *end)); end++) {
        if (*end == '"') in_quotes = !in_quotes;
        if (in_quotes) continue;
        depth += (strchr("[({", *end) != NULL) - (strchr("])}", *end) != NULL);
    }
    *text = end;
    return end == begin ? NULL : arena_printf(arena, "%.*s", (int)(end - begin), begin);
}

size_t sources_words(struct arena *arena, const char *text, const char **out, size_t room) {
    size_t n = 0;
    while (n < room && (out[n] = next_word(arena, &text))) n++;
    return n;
}

size_t sources_split(struct arena *arena, const char *split, const char **out, size_t room) {
    size_t n = 1 + sources_words(arena, split, out + 1, room - 1);
    const char *before = "split.method=";
    out[0] = "split={}";
    for (size_t k = 1; k < n; k++) {
        if (strncmp(out[k], "seed=", 5) == 0) continue;
        out[k] = arena_printf(arena, "%s%s", strchr(out[k], '=') ? "split." : before, out[k]);
        before = "split.";
    }
    return n;
}

static void read_seed(struct reading *r) {
    struct node *node = node_child(r->root, "seed");
    int64_t seed = 1;
    for (size_t k = 0; node && k < top_settings.n; k++)
        if (strcmp(top_settings.at[k].name, "seed") == 0)
            bind_value(&r->binder, node, &top_settings.at[k], &seed);
    r->x->plan.seed = (uint64_t)seed;
}

bool sources_read(struct experiment *x, const char *const *data, size_t n_data, const char *split,
    struct problems *p) {
    const struct experiment_options options = {0};
    *x = (struct experiment){0};
    struct reading r = {.x = x, .options = &options};
    r.binder = (struct binder){.arena = &x->arena, .mistakes = &r.mistakes, .finder = &r.finder};
    if (!paths_init(&r.finder, "", &x->arena)) r.mistakes.no_memory = true;
    r.root = x->tree = node_new(&x->arena, NODE_GROUP, NULL, &r.mistakes);
    if (r.root) {
        r.root->place.origin = ORIGIN_COMMAND_LINE;
        reading_find_homes(&r);
        const char *words[SOURCES_WORDS];
        size_t n = sources_data(&x->arena, data, n_data, words, SOURCES_WORDS);
        for (size_t k = 0; k < n; k++) override_apply(&r.binder, r.root, words[k]);
        n = *split ? sources_split(&x->arena, split, words, SOURCES_WORDS) : 0;
        for (size_t k = 0; k < n; k++) override_apply(&r.binder, r.root, words[k]);
        read_seed(&r);
        if (*split) reading_split(&r);
        reading_data(&r);
    }
    const bool ok = r.mistakes.n == 0 && !r.mistakes.no_memory;
    mistakes_report(&r.mistakes, p);
    if (!ok) experiment_done(x);
    return ok;
}
