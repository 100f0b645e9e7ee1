#include "check/check.h"

#include <stdio.h>
#include <string.h>

#include "check/checks.h"
#include "check/variants.h"
#include "core/suggest.h"
#include "model/loader.h"

struct entry {
    const char *name, *doc;
    void (*body)(const struct subject *s); // NULL: loading itself is the check
};
static const struct entry entries[] = {
    {"loads", "it is a plugin for this version of the interface", NULL},
#define X(name, doc) {#name, doc, check_##name},
    CHECKS(X)
#undef X
};
enum { N_ENTRIES = sizeof entries / sizeof *entries, DEFAULT_LIMIT = 120, LIMIT_SANITIZED = 600 };

const char *check_name(size_t k) {
    return k < N_ENTRIES ? entries[k].name : NULL;
}

const char *check_doc(size_t k) {
    return k < N_ENTRIES ? entries[k].doc : NULL;
}

struct job {
    const struct entry *entry;
    const char *path;
};

// In the child.
static void run_entry(void *arg) {
    const struct job *job = arg;
    struct error e = {0};
    struct subject s = {.path = job->path};
    child_doing("while it is loaded");
    s.plugin = loader_open(job->path, &e);
    if (!s.plugin || !schema_read(&s.schema, s.plugin, job->path, &e)) child_fail("%s", e.text);
    s.defaults = run_alloc(s.schema.n_params, sizeof *s.defaults);
    schema_defaults(&s.schema, s.defaults);
    s.brief = run_alloc(s.schema.n_params, sizeof *s.brief);
    schema_defaults(&s.schema, s.brief);
    snprintf(s.brief_text, sizeof s.brief_text, "defaults");
    const int most = child_is_sanitized() ? RUN_RESOURCE_SANITIZED : RUN_RESOURCE;
    if (variant_be_brief(&s.schema, s.brief, most))
        snprintf(s.brief_text, sizeof s.brief_text, "defaults, resources at most %d", most);
    if (job->entry->body) job->entry->body(&s);
}

static bool is_wanted(const struct check_options *o, const char *name) {
    for (size_t k = 0; k < o->n_only; k++)
        if (strcmp(o->only[k], name) == 0) return true;
    return o->n_only == 0;
}

static bool judge_only(const struct check_options *o, struct error *e) {
    const char *names[N_ENTRIES];
    for (size_t k = 0; k < N_ENTRIES; k++) names[k] = entries[k].name;
    for (size_t k = 0; k < o->n_only; k++) {
        size_t at = 0;
        while (at < N_ENTRIES && strcmp(names[at], o->only[k]) != 0) at++;
        if (at < N_ENTRIES) continue;
        const char *near = suggest_nearest(o->only[k], names, N_ENTRIES);
        if (near) return error_set(e, "no check \"%s\"; did you mean \"%s\"?", o->only[k], near);
        return error_set(e, "no check \"%s\"", o->only[k]);
    }
    return true;
}

static void tell(const struct check_options *o, const struct entry *entry,
    const struct outcome *got, struct check_summary *sum) {
    static const char *const words[] = {[VERDICT_NONE] = "FAIL",
        [VERDICT_PASS] = "pass",
        [VERDICT_FAIL] = "FAIL",
        [VERDICT_SKIP] = "skip"};
    size_t *const counts[] = {&sum->failed, &sum->passed, &sum->failed, &sum->skipped};
    ++*counts[got->verdict];
    if (!o->print) return;
    char line[sizeof got->text + 200];
    int n = snprintf(line, sizeof line, "%s  %s%s%s", words[got->verdict], entry->name,
        got->text[0] ? ": " : "", got->text);
    if (o->verbose && n < (int)sizeof line)
        snprintf(line + n, sizeof line - (size_t)n, "%s(%s)", " ", entry->doc);
    o->print(o->arg, line);
}

static unsigned limit_of(const struct check_options *o) {
    if (o->limit) return o->limit;
    return child_is_sanitized() ? LIMIT_SANITIZED : DEFAULT_LIMIT;
}

bool check_run(
    const char *path, const struct check_options *o, struct check_summary *out, struct error *e) {
    *out = (struct check_summary){0};
    if (!judge_only(o, e)) return false;
    loader_prepare_blas();
    for (size_t k = 0; k < N_ENTRIES; k++) {
        struct job job = {&entries[k], path};
        struct outcome got;
        // Without loading, the others make no sense.
        if (k > 0 && !is_wanted(o, entries[k].name)) continue;
        if (!child_run(run_entry, &job, limit_of(o), &got, e)) return false;
        if (k > 0 || got.verdict != VERDICT_PASS || is_wanted(o, entries[k].name))
            tell(o, &entries[k], &got, out);
        if (k == 0 && got.verdict != VERDICT_PASS) break;
    }
    return true;
}
