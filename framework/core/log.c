#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

const char *const log_level_name[] = {"debug", "info", "warning", "error"};

static enum log_verbosity level_shown = LOG_NORMAL;
static void (*hook_before)(void);
static void (*hook_after)(void);
static void (*writer)(rk_log_level level, const char *text);
static void (*listener)(const char *warning);

void log_set_verbosity(enum log_verbosity verbosity) {
    level_shown = verbosity;
}

enum log_verbosity log_verbosity(void) {
    return level_shown;
}

void log_set_hooks(void (*before)(void), void (*after)(void)) {
    hook_before = before;
    hook_after = after;
}

void log_set_writer(void (*with)(rk_log_level level, const char *text)) {
    writer = with;
}

void log_set_listener(void (*who)(const char *warning)) {
    listener = who;
}

static bool is_shown(rk_log_level level) {
    if (level >= RK_LOG_WARNING) return true;
    return level == RK_LOG_INFO ? level_shown >= LOG_NORMAL : level_shown >= LOG_VERBOSE;
}

static void write_plain(rk_log_level level, const char *text) {
    char line[4096 + 32];
    const int n = snprintf(
        line, sizeof line, "reckon: %s%s\n", level == RK_LOG_WARNING ? "warning: " : "", text);
    if (write(STDERR_FILENO, line, (size_t)n) < 0) return; // nobody is left to be told
}

void log_line(rk_log_level level, const char *fmt, ...) {
    if (!is_shown(level)) return;
    char text[4096] = "";
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (hook_before) hook_before();
    if (writer)
        writer(level, text);
    else
        write_plain(level, text);
    if (hook_after) hook_after();
    if (listener && level == RK_LOG_WARNING) listener(text);
}
