#include "experiment/mistakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mistakes_add(
    struct mistakes *m, struct position place, const char *key, const char *fmt, ...) {
    char *what = NULL, *text = NULL;
    va_list args;
    va_start(args, fmt);
    if (vasprintf(&what, fmt, args) < 0) what = NULL;
    va_end(args);
    // One line, but for the piece of the file that is shown below, indented.
    for (char *c = what; c && *c && strncmp(c, "\n    ", 5) != 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    if (what && asprintf(&text, "%s%s%s", key ? key : "", key ? ": " : "", what) < 0) text = NULL;
    free(what);
    if (m->n == m->room && text) {
        size_t room = m->room ? 2 * m->room : 16;
        struct mistake *more = realloc(m->at, room * sizeof *more);
        if (more) {
            m->at = more;
            m->room = room;
        }
    }
    if (!text || m->n == m->room) {
        free(text);
        m->no_memory = true;
        return;
    }
    m->at[m->n++] = (struct mistake){place, text};
}

static int compare_places(const struct position *a, const struct position *b) {
    if (a->origin != b->origin) return a->origin < b->origin ? -1 : 1;
    int by_file = strcmp(a->file ? a->file : "", b->file ? b->file : "");
    if (by_file) return by_file;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

static int compare(const void *a, const void *b) {
    const struct mistake *x = a, *y = b;
    int by_place = compare_places(&x->place, &y->place);
    return by_place ? by_place : strcmp(x->text, y->text);
}

void mistakes_report(struct mistakes *m, struct problems *p) {
    if (m->n) qsort(m->at, m->n, sizeof *m->at, compare);
    for (size_t k = 0; k < m->n; k++) {
        const struct position *place = &m->at[k].place;
        if (k && strcmp(m->at[k].text, m->at[k - 1].text) == 0 &&
            place->line == m->at[k - 1].place.line &&
            compare_places(place, &m->at[k - 1].place) == 0)
            continue;
        if (place->origin == ORIGIN_COMMAND_LINE)
            problems_add(p, "command line: %s", m->at[k].text);
        else if (place->file && place->line)
            problems_add(p, "%s:%d: %s", place->file, place->line, m->at[k].text);
        else if (place->file)
            problems_add(p, "%s: %s", place->file, m->at[k].text);
        else
            problems_add(p, "%s", m->at[k].text);
    }
    if (m->no_memory) problems_add(p, "out of memory while the experiment file was read");
    mistakes_done(m);
}

void mistakes_done(struct mistakes *m) {
    for (size_t k = 0; k < m->n; k++) free(m->at[k].text);
    free(m->at);
    *m = (struct mistakes){0};
}
