#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_verbosity level_shown = LOG_NORMAL;
static void (*hook_before)(void);
static void (*hook_after)(void);

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

static bool is_shown(rk_log_level level) {
    if (level >= RK_LOG_WARNING) return true;
    return level == RK_LOG_INFO ? level_shown >= LOG_NORMAL : level_shown >= LOG_VERBOSE;
}

void log_line(rk_log_level level, const char *fmt, ...) {
    if (!is_shown(level)) return;
    char line[4096];
    int n = snprintf(line, sizeof line, "reckon: %s", level == RK_LOG_WARNING ? "warning: " : "");
    va_list args;
    va_start(args, fmt);
    const int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, args);
    va_end(args);
    n = m < 0 ? n : n + m;
    if (n > (int)sizeof line - 2) n = (int)sizeof line - 2;
    line[n++] = '\n';
    if (hook_before) hook_before();
    if (write(STDERR_FILENO, line, (size_t)n) < 0) return; // nobody is left to be told
    if (hook_after) hook_after();
}
