// apart.h - work of the harness's own that runs in a forked process: reading files, building folds.
//
// It may use threads, crash, or run out of memory without taking the harness along, and gives its
// memory back whole. It hands back what it wrote into memory files that the harness had created.
#ifndef RECKON_TRIAL_APART_H
#define RECKON_TRIAL_APART_H

#include "core/error.h"

// Runs body(arg, e) in a child and waits. False if it failed, with its message; if it crashed, with
// the signal and `what` ("reading ml-1m.zip"); or if *stop became true, which ends the child.
bool apart_run(const char *what, bool (*body)(void *arg, struct error *e), void *arg,
    const volatile int *stop, struct error *e);

// "SIGSEGV (invalid memory reference)", for messages; "exit status 3". [size]
void apart_describe_end(int wait_status, char *out, size_t size);

// The first line of what a process printed into the file `output`, unprintable bytes as '?'; "" if
// nothing.
void apart_first_line(int output, char *line, size_t size);

#endif
