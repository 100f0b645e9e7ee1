// golden.h - text compared with a file under tests/golden/report, byte for byte.
#ifndef RECKON_TESTS_GOLDEN_H
#define RECKON_TESTS_GOLDEN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *read_file(const char *path) {
    FILE *in = fopen(path, "r");
    if (!in) return NULL;
    char *text = NULL;
    size_t room = 0;
    const ssize_t n = getdelim(&text, &room, '\0', in);
    fclose(in);
    if (n < 0 && text) text[0] = '\0';
    return text;
}

// Compares with tests/golden/report/<name>, or writes it. Frees `text`.
static inline void golden(const char *name, char *text) {
    const char *source = getenv("RECKON_SOURCE"), *mode = getenv("RECKON_GOLDEN");
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/golden/report/%s", source ? source : ".", name);
    if (mode && strcmp(mode, "write") == 0) {
        FILE *out = fopen(path, "w");
        ck_assert_ptr_nonnull(out);
        fputs(text, out);
        ck_assert_int_eq(fclose(out), 0);
    }
    char *expected = read_file(path);
    ck_assert_msg(expected != NULL, "%s is missing", path);
    size_t same = 0, line = 1;
    for (; text[same] && text[same] == expected[same]; same++) line += text[same] == '\n';
    ck_assert_msg(strcmp(text, expected) == 0, "%s: line %zu: expected %.100s, found %.100s", path,
        line, expected + same, text + same);
    free(expected);
    free(text);
}

#endif
