// metric_settings.h - a metric's settings for tests, filled in as experiment/ does it.
#ifndef RECKON_TESTS_METRIC_SETTINGS_H
#define RECKON_TESTS_METRIC_SETTINGS_H

#include <stdlib.h>
#include <string.h>

#include "metric/metric.h"

static inline void metric_settings_write(char *at, const struct setting *s, double value) {
    const int64_t whole = (int64_t)value;
    const int choice = (int)value;
    const bool yes = value != 0;
    switch (s->type) {
    case SETTING_REAL:
        memcpy(at + s->offset, &value, sizeof value);
        break;
    case SETTING_INT:
        memcpy(at + s->offset, &whole, sizeof whole);
        break;
    case SETTING_CHOICE:
        memcpy(at + s->offset, &choice, sizeof choice);
        break;
    case SETTING_BOOL:
        memcpy(at + s->offset, &yes, sizeof yes);
        break;
    default:
        abort();
    }
}

// Allocated, with every default; for free().
static inline void *metric_settings_default(const struct metric *m) {
    char *at = calloc(1, m->settings.size ? m->settings.size : 1);
    if (!at) abort();
    for (size_t k = 0; k < m->settings.n; k++)
        metric_settings_write(at, &m->settings.at[k], m->settings.at[k].def);
    return at;
}

// A choice is set by its index.
static inline void metric_settings_set(
    void *settings, const struct metric *m, const char *name, double value) {
    for (size_t k = 0; k < m->settings.n; k++)
        if (strcmp(m->settings.at[k].name, name) == 0) {
            metric_settings_write(settings, &m->settings.at[k], value);
            return;
        }
    abort();
}

#endif
