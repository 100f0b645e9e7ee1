// guard.h - what binds the processes that run plugins, each called in the process that it binds.
#ifndef RECKON_TRIAL_GUARD_H
#define RECKON_TRIAL_GUARD_H

#include <signal.h>
#include <stdint.h>

#include "model/host.h"

// From the harness to a trial's process: to stop at its next step, and to say where it is. Blocked
// from the worker's start until the trial heeds them.
#define GUARD_CANCEL (SIGRTMAX - 1)
#define GUARD_WHERE (SIGRTMAX - 2)

// The harness, before it reads a label: no process without privileges can look into its memory and
// descriptors, and none is written to a core dump. (Left out under sanitizers, which look.)
void guard_hide(void);

// The worker: takes its rights away for good, those of its trials with them. No capabilities, no
// further groups, none to be had by exec; no signal to the harness, to its group, to the worker, or
// to every process; no hold on other processes. Where the kernel lacks a part of it, the rest
// holds.
void guard_worker(void);

// The trial, before anything of the plugin is loaded: niceness, bounds of private memory over what
// there is now (`mib`), of each file that it writes into (`file` bytes), and of core dumps.
void guard_trial(int nice, double mib, double file);

// Once more where a plugin is loaded: from here on the bound is final. Room for the stacks of
// `threads` comes on top.
void guard_memory(double mib, uint32_t threads);

// From here on GUARD_CANCEL stops the host, and may have done so already.
void guard_heed_cancel(struct host *host);

#endif
