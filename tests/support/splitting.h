// splitting.h - a split method, run by hand. Needs <check.h>.
#ifndef RECKON_TESTS_SUPPORT_SPLITTING_H
#define RECKON_TESTS_SUPPORT_SPLITTING_H

#include <stdlib.h>
#include <string.h>

#include "split/split.h"

static inline void splitting_set(
    const struct split_method *method, void *settings, const char *name, double value) {
    for (size_t k = 0; k < method->settings.n; k++) {
        const struct setting *at = &method->settings.at[k];
        if (strcmp(at->name, name) != 0) continue;
        void *field = (char *)settings + at->offset;
        if (at->type == SETTING_INT) *(int64_t *)field = (int64_t)value;
        if (at->type == SETTING_REAL) *(double *)field = value;
        return;
    }
    ck_abort_msg("no setting %s", name);
}

// The defaults, as experiment/ fills them in for a table of numbers.
static inline void splitting_fill(const struct split_method *method, void *settings) {
    memset(settings, 0, method->settings.size);
    for (size_t k = 0; k < method->settings.n; k++)
        splitting_set(method, settings, method->settings.at[k].name, method->settings.at[k].def);
}

static inline void *splitting_defaults(const struct split_method *method) {
    void *settings = malloc(method->settings.size);
    splitting_fill(method, settings);
    return settings;
}

static inline uint8_t *splitting_assign(const char *id, const void *settings,
    const struct dataset *data, uint64_t seed, uint32_t repeat, uint32_t fold) {
    const struct split_method *method = split_method_find(id);
    const struct split_job job = {
        .data = data, .settings = settings, .seed = seed, .repeat = repeat, .fold = fold};
    struct error e = {0};
    uint8_t *role = calloc(data->n_ratings + 1, 1);
    ck_assert_msg(method->assign(&job, role, &e), "%s", e.text);
    return role;
}

static inline size_t splitting_count(const uint8_t *role, size_t n, uint8_t wanted) {
    size_t found = 0;
    for (size_t x = 0; x < n; x++) found += role[x] == wanted;
    return found;
}

#endif
