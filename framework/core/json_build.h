// json_build.h - building JSON with one judgement at the end.
//
// Every constructor of jansson gives NULL when memory runs out, and its setters take NULL for a
// failure; so `ok` gathers what went wrong.
#ifndef RECKON_CORE_JSON_BUILD_H
#define RECKON_CORE_JSON_BUILD_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>

// Files of results: sorted keys, numbers that read back as they were.
#define JSON_EXACT (JSON_SORT_KEYS | JSON_INDENT(1) | JSON_REAL_PRECISION(17))

static inline void json_put(json_t *object, const char *key, json_t *value, bool *ok) {
    if (json_object_set_new(object, key, value) != 0) *ok = false;
}

static inline void json_push(json_t *array, json_t *value, bool *ok) {
    if (json_array_append_new(array, value) != 0) *ok = false;
}

// null for what JSON has no number for.
static inline json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

#endif
