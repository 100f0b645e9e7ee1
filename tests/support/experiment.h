// experiment.h - for tests that read experiment files: a file, its mistakes, its plan as text.
#ifndef RECKON_TESTS_SUPPORT_EXPERIMENT_H
#define RECKON_TESTS_SUPPORT_EXPERIMENT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/experiment.h"
#include "trial/worker.h"

#define DATA "data = { synthetic = { users = 50; items = 40; ratings = 600; }; };\n"
#define BIAS "models = ( \"bias\" );\n"

static struct experiment x;
static struct problems problems;
static char folder[] = "/tmp/reckon-experiment-XXXXXX";
static char file[64], program[4096], broken[4096];
static const char *overrides[8], *only[4];
static const char *const formats[] = {"csv", "json", "md"};
static struct experiment_options options;

static inline void setup(void) {
    const char *build = getenv("RECKON_BUILD");
    ck_assert_msg(build != NULL, "RECKON_BUILD is not set: run this by meson test");
    snprintf(program, sizeof program, "%s/framework/reckon", build);
    snprintf(broken, sizeof broken, "%s/tests/broken", build);
    strcpy(strrchr(folder, '-'), "-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/t.cfg", folder);
    worker_set_program(program);
    static char plugins[4096];
    static const char *folders[2];
    snprintf(plugins, sizeof plugins, "%s/plugins", build);
    folders[0] = plugins;
    folders[1] = broken;
    options = (struct experiment_options){.plugin_folders = folders,
        .n_plugin_folders = 2,
        .formats = formats,
        .n_formats = 3,
        .overrides = overrides,
        .only = only};
}

static inline void teardown(void) {
    experiment_done(&x);
    problems_done(&problems);
    problems = (struct problems){0};
    unlink(file);
    rmdir(folder);
}

static inline bool read_text(const char *text) {
    experiment_done(&x);
    problems_done(&problems);
    problems = (struct problems){0};
    FILE *out = fopen(file, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
    return experiment_read(&x, file, &options, &problems);
}

static inline void must_read(const char *text) {
    const bool ok = read_text(text);
    ck_assert_msg(ok, "%s\n%s", text, problems.n ? problems.text[0] : "no message");
}

// Exactly these mistakes in this order, without the folder; a * at the end stands for anything.
static inline void must_refuse(const char *text, const char *const *messages, size_t n) {
    ck_assert(!read_text(text));
    for (size_t k = 0; k < problems.n && k < n; k++) {
        const char *at = strstr(problems.text[k], "t.cfg:");
        if (!at) at = problems.text[k];
        const size_t length = strlen(messages[k]) - 1;
        if (messages[k][length] != '*' || strncmp(at, messages[k], length))
            ck_assert_str_eq(at, messages[k]);
    }
    ck_assert_msg(
        problems.n == n, "%zu mistakes; the last: %s", problems.n, problems.text[problems.n - 1]);
}
#define REFUSE(text, ...) \
    must_refuse(text, (const char *const[]){__VA_ARGS__}, \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline void labels_are(const char *const *labels, size_t n) {
    ck_assert_uint_eq(x.plan.n_models, n);
    for (size_t k = 0; k < n; k++) ck_assert_str_eq(x.plan.models[k].label, labels[k]);
}
#define LABELS(...) \
    labels_are((const char *const[]){__VA_ARGS__}, \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline double param(size_t model, const char *name) {
    const struct plan_model *m = &x.plan.models[model];
    for (uint32_t k = 0; k < m->schema->n_params; k++)
        if (strcmp(m->schema->params[k].name, name) == 0) return m->values[k].number;
    ck_abort_msg("no parameter %s", name);
    return 0;
}

// The resolved file, without comments; free() it.
static inline char *print(void) {
    char *text, *at, *to;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    experiment_print(&x, out);
    ck_assert_int_eq(fclose(out), 0);
    for (at = to = text; *at;) {
        if (at[0] == ' ' && at[1] == '/' && at[2] == '/') at += strcspn(at, "\n");
        *to++ = *at++;
    }
    *to = '\0';
    return text;
}

// The plan in words; free() it.
static inline char *describe(void) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    experiment_describe(&x, out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

#endif
