// markup.h - whether a page is well made: elements are closed in order, ids are there once, links
// into the page lead somewhere, and so do references between elements.
#ifndef RECKON_TESTS_MARKUP_H
#define RECKON_TESTS_MARKUP_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline bool markup_is_void(const char *tag) {
    static const char *const names[] = {"meta", "link", "br", "hr", "img", "!DOCTYPE"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(tag, names[k]) == 0) return true;
    return false;
}

// The end of the tag that begins at `at`, its '>'; those in quotes do not count.
static inline const char *markup_tag_end(const char *at) {
    bool quoted = false;
    for (; *at && (quoted || *at != '>'); at++) quoted ^= *at == '"';
    ck_assert_msg(*at == '>', "a tag without an end");
    return at;
}

// What stands at `at` before one of `ends`. False: nothing, or no room for it.
static inline bool markup_copy(const char *at, const char *ends, char *out, size_t size) {
    const size_t n = strcspn(at, ends);
    if (n == 0 || n >= size) return false;
    memcpy(out, at, n);
    out[n] = '\0';
    return true;
}

static inline void markup_check_nesting(const char *text) {
    char open[64][32];
    size_t n = 0;
    for (const char *at = text; (at = strchr(at, '<'));) {
        char name[32];
        const char *end = markup_tag_end(at);
        ck_assert_msg(markup_copy(at + 1, "> \n", name, sizeof name), "no tag: %.40s", at);
        at = end + 1;
        if (*name == '/') {
            ck_assert_msg(n > 0 && strcmp(open[n - 1], name + 1) == 0, "%s closes %s: %.60s", name,
                n ? open[n - 1] : "nothing", at);
            n--;
        } else if (!markup_is_void(name) && end[-1] != '/') {
            ck_assert_uint_lt(n, 64);
            strcpy(open[n++], name);
        }
        if (strcmp(name, "script") == 0 || strcmp(name, "style") == 0) // raw to their ends
            ck_assert_ptr_nonnull(at = strstr(at, strcmp(name, "style") ? "</script" : "</style"));
    }
    ck_assert_msg(n == 0, "%s is not closed", n ? open[n - 1] : "");
}

static inline size_t markup_count(const char *text, const char *part) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) n++;
    return n;
}

// The values of this attribute are ids that are there, each once; several have spaces between them.
static inline void markup_check_references(const char *text, const char *attribute) {
    for (const char *at = text; (at = strstr(at, attribute));) {
        char id[256], wanted[300];
        for (at += strlen(attribute); *at != '"'; at += strlen(id) + (at[strlen(id)] == ' ')) {
            ck_assert(markup_copy(at, "\" ", id, sizeof id));
            snprintf(wanted, sizeof wanted, " id=\"%s\"", id);
            ck_assert_msg(markup_count(text, wanted) == 1, "%s is there %zu times", wanted,
                markup_count(text, wanted));
        }
    }
}

static inline void markup_check(const char *text) {
    markup_check_nesting(text);
    markup_check_references(text, " id=\"");
    markup_check_references(text, " href=\"#");
    markup_check_references(text, " aria-labelledby=\"");
}

#endif
