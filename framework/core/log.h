// log.h - lines to stderr, below results on stdout.
#ifndef RECKON_CORE_LOG_H
#define RECKON_CORE_LOG_H

#include <stdbool.h>

#include "reckon.h"

// LOG_QUIET shows warnings alone; LOG_VERBOSE adds debug lines.
enum log_verbosity { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

// For this process; children made by fork inherit it.
void log_set_verbosity(enum log_verbosity verbosity);
enum log_verbosity log_verbosity(void);

// One line, "reckon: warning: ..." for warnings, written in one write(2). A progress bar, if there
// is one, registers `before` and `after` to clear and redraw itself around the line.
void log_line(rk_log_level level, const char *fmt, ...) RK_PRINTF(2, 3);
#define log_debug(...) log_line(RK_LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(RK_LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(RK_LOG_WARNING, __VA_ARGS__)
void log_set_hooks(void (*before)(void), void (*after)(void));

#endif
