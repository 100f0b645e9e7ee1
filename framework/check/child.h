// child.h - one check in a process of its own: what it found out, even if it crashed.
#ifndef RECKON_CHECK_CHILD_H
#define RECKON_CHECK_CHILD_H

#include "core/error.h"

enum verdict { VERDICT_NONE, VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP };

struct outcome {
    enum verdict verdict;
    char text[2048]; // the reproducer, the reason to skip, or what is said beside a pass
};

// Runs `body` in a forked child, with its output set aside, for at most `limit` seconds. A crash,
// an exit, a passed limit: VERDICT_FAIL, with what it was doing.
bool child_run(
    void (*body)(void *arg), void *arg, unsigned limit, struct outcome *o, struct error *e);

// In the child: what is being done, for the message should it crash.
void child_doing(const char *fmt, ...) RK_PRINTF(1, 2);

// In the child, from any thread: the verdict, which ends the process. The first one counts.
// Returning from `body` is a pass.
_Noreturn void child_fail(const char *fmt, ...) RK_PRINTF(1, 2);
_Noreturn void child_skip(const char *fmt, ...) RK_PRINTF(1, 2);

// In a signal handler of the child: the same, for a text that is ready; what was being done is
// added.
_Noreturn void child_fail_text(const char *text);

// In the child: what is said beside a pass. The last one counts.
void child_note(const char *fmt, ...) RK_PRINTF(1, 2);

// Bytes that the child's standard output (1) or error (2) got so far.
size_t child_printed(int fd);

// Whether the program is built with a sanitizer that has allocation or signals in hand.
bool child_is_sanitized(void);

#endif
