// log.h - lines to stderr, below results on stdout.
#ifndef RECKON_CORE_LOG_H
#define RECKON_CORE_LOG_H

#include <stdbool.h>

#include "reckon.h"

// LOG_QUIET shows warnings and errors alone; LOG_VERBOSE adds debug lines.
enum log_verbosity { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

// Why the program cannot do what it was asked to: above what plugins can say (rk_log_level).
enum { LOG_ERROR = RK_LOG_WARNING + 1 };
extern const char *const log_level_name[]; // "debug", "info", "warning", "error"

// For this process; children made by fork inherit it, and what follows.
void log_set_verbosity(enum log_verbosity verbosity);
enum log_verbosity log_verbosity(void);

// One line, "reckon: warning: ..." for warnings, written in one write(2). A progress bar, if there
// is one, registers `before` and `after` to clear and redraw itself around the line.
void log_line(rk_log_level level, const char *fmt, ...) RK_PRINTF(2, 3);
#define log_debug(...) log_line(RK_LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(RK_LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(RK_LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
void log_set_hooks(void (*before)(void), void (*after)(void));

// Writes a line that is shown, in place of "reckon: " and the text on stderr; NULL: that again.
void log_set_writer(void (*writer)(rk_log_level level, const char *text));

// Hears of every warning beside what is shown; must not log itself. NULL: nobody.
void log_set_listener(void (*listener)(const char *warning));

#endif
