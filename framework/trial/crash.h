// crash.h - how a trial's process says where in the plugin it is: as it crashes, and when asked to.
//
// Everything here but the set-up runs in signal handlers. A MESSAGE_PLACE is u32 signal (0: it was
// asked), u32 whether a place in the plugin is known, u64 offset of the innermost one in its file.
#ifndef RECKON_TRIAL_CRASH_H
#define RECKON_TRIAL_CRASH_H

// In the worker, once: what handlers call is loaded, so that they load nothing.
void crash_prepare(void);

// In the trial, before the plugin is loaded. Crashes and GUARD_WHERE are told on `socket`.
void crash_watch(int socket);

// After it: where the plugin's code is, by any address in the object.
void crash_plugin(const void *inside);

// In each further thread, as it begins: room for handlers beside a stack that may have overflowed.
void crash_thread(void);

#endif
