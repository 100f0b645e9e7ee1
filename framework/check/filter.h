// filter.h - system calls that a plugin has no use for end the check.
#ifndef RECKON_CHECK_FILTER_H
#define RECKON_CHECK_FILTER_H

// From here on, a call that opens or removes a file, starts a thread or process, uses the network,
// asks for entropy or changes the process fails the check, whoever makes it. Skips the check where
// seccomp is not to be had.
void filter_start(void);

#endif
