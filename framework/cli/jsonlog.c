#include "cli/jsonlog.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/json_build.h"
#include "core/log.h"
#include "report/wording.h"

static bool is_on;

// UTC, to the millisecond, as RFC 3339 has it.
static void format_now(char out[32]) {
    struct timespec t;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &utc);
    const size_t n = strftime(out, 24, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + n, 32 - n, ".%03ldZ", t.tv_nsec / 1000000);
}

static json_t *text_or_null(const char *text, struct arena *a) {
    return text ? json_string(wording_clean(a, text)) : json_null();
}

static json_t *begin_event(const char *event, bool *ok) {
    char time[32];
    format_now(time);
    json_t *out = json_object();
    json_put(out, "time", json_string(time), ok);
    json_put(out, "event", json_string(event), ok);
    return out;
}

// In one write(2), so that lines of several processes do not mix.
static void write_event(json_t *event, bool ok) {
    char *text = ok ? json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(event);
    if (!text) return;
    const size_t n = strlen(text);
    text[n] = '\n';                                           // in place of the NUL
    if (write(STDERR_FILENO, text, n + 1) < 0) is_on = false; // nobody is left to be told
    free(text);
}

static void write_log(rk_log_level level, const char *text) {
    struct arena arena = {0};
    bool ok = true;
    json_t *out = begin_event("log", &ok);
    json_put(out, "level", json_string(log_level_name[level]), &ok);
    json_put(out, "message", text_or_null(text, &arena), &ok);
    write_event(out, ok);
    arena_done(&arena);
}

void jsonlog_begin(void) {
    is_on = true;
    log_set_writer(write_log);
}

bool jsonlog_is_on(void) {
    return is_on;
}

static json_t *scores_json(const struct scores *s, struct arena *a, bool *ok) {
    json_t *out = json_object();
    for (size_t k = 0; k < s->n; k++) {
        const char *slice = slice_name[s->at[k].slice];
        const double value = s->at[k].value;
        if (!json_object_get(out, slice)) json_put(out, slice, json_object(), ok);
        json_put(json_object_get(out, slice), wording_clean(a, s->at[k].name),
            isfinite(value) ? json_real(value) : json_null(), ok);
    }
    return out;
}

static void set_count(json_t *object, const char *key, uint64_t n, bool *ok) {
    json_put(object, key, json_integer((json_int_t)n), ok);
}

void jsonlog_trial(
    const struct results *r, const struct trial_record *t, size_t done, size_t total) {
    struct arena arena = {0};
    bool ok = true;
    json_t *out = begin_event("trial", &ok);
    json_put(out, "data", text_or_null(r->data[t->data].name, &arena), &ok);
    json_put(out, "model", text_or_null(record_label(r, t), &arena), &ok);
    set_count(out, "seed", (uint64_t)t->seed + 1, &ok);
    set_count(out, "repeat", (uint64_t)t->repeat + 1, &ok);
    set_count(out, "fold", t->fold, &ok);
    set_count(out, "inner", t->inner, &ok);
    const bool searched = t->inner && t->candidate != CANDIDATE_NONE;
    json_put(out, "candidate", searched ? json_integer(t->candidate) : json_null(), &ok);
    json_put(out, "seconds", json_real(t->cost.fit_seconds + t->cost.predict_seconds), &ok);
    set_count(out, "memory", t->cost.memory, &ok);
    json_put(out, "scores", scores_json(&t->scores, &arena, &ok), &ok);
    json_put(out, "cached", json_boolean(t->cached), &ok);
    json_put(out, "failed", json_boolean(t->failed), &ok);
    json_put(out, "cause", text_or_null(t->failed ? t->cause : NULL, &arena), &ok);
    set_count(out, "done", done, &ok);
    set_count(out, "total", total, &ok);
    write_event(out, ok);
    arena_done(&arena);
}

void jsonlog_run(const struct jsonlog_run *run) {
    struct arena arena = {0};
    bool ok = true;
    json_t *out = begin_event("run", &ok);
    json_put(out, "state", json_string(run->state), &ok);
    json_put(out, "name", text_or_null(run->name, &arena), &ok);
    json_put(out, "run", json_integer(run->run), &ok);
    set_count(out, "trials", run->trials, &ok);
    set_count(out, "cached", run->cached, &ok);
    set_count(out, "failed", run->failed, &ok);
    write_event(out, ok);
    arena_done(&arena);
}
