#include "data/columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"
#include "data/text.h"

bool header_take(struct header *h, const struct splitter *s, struct error *e) {
    *h = (struct header){.name = calloc(s->n + 1, sizeof *h->name)};
    bool ok = h->name;
    for (size_t k = 0; ok && k < s->n; k++) {
        const char *text = s->field[k].text;
        const size_t length = text_trim(&text, s->field[k].length);
        ok = (h->name[k] = strndup(text, length));
        h->n += ok;
    }
    if (ok) return true;
    header_done(h);
    return error_memory(e, s->n * sizeof *h->name, "a header");
}

void header_done(struct header *h) {
    for (size_t k = 0; k < h->n; k++) free(h->name[k]);
    free(h->name);
    *h = (struct header){0};
}

struct column column_from_text(const char *text) {
    char *end;
    const unsigned long number = strtoul(text, &end, 10);
    const bool is_number = text[0] >= '1' && text[0] <= '9' && !*end && number < 1000000;
    return is_number ? (struct column){.number = (uint32_t)number} : (struct column){.name = text};
}

bool header_find(const struct header *h, const struct column *c, const char *what, const char *file,
    int *out, struct error *e) {
    *out = -1;
    if (!c->name && c->number == 0) return true;
    if (!c->name) {
        *out = (int)c->number - 1;
        if (h->n == 0 || c->number <= h->n) return true;
        return error_set(e, "%s:1: %s: there is no column %u among %zu; is the delimiter right?",
            file, what, c->number, h->n);
    }
    if (h->n == 0)
        return error_set(e,
            "%s: %s: column \"%s\" goes by a name, but there is no header; give its "
            "number",
            file, what, c->name);
    for (size_t k = 0; k < h->n; k++) {
        if (strcmp(h->name[k], c->name) != 0) continue;
        if (*out >= 0)
            return error_set(e,
                "%s:1: %s: there are two columns \"%s\", %d and %zu; give the number of the one",
                file, what, c->name, *out + 1, k + 1);
        *out = (int)k;
    }
    if (*out >= 0) return true;
    char all[512];
    size_t n = 0;
    all[0] = '\0';
    for (size_t k = 0; k < h->n && n + 1 < sizeof all; k++) {
        char shown[TEXT_SHOWN];
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", k ? ", " : "",
            text_show(h->name[k], strlen(h->name[k]), shown));
    }
    const char *near = suggest_nearest(c->name, (const char *const *)h->name, h->n);
    return error_set(e, "%s:1: %s: there is no column \"%s\" among %s%s%s%s", file, what, c->name,
        all, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}
