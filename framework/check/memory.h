// memory.h - the program's malloc, watched: fails the allocations of a plugin in turn, and counts
// those that it does not give back.
//
// The malloc of memory.c stands before that of the C library for the whole program and all that it
// loads. It does nothing of its own until memory_watch().
#ifndef RECKON_CHECK_MEMORY_H
#define RECKON_CHECK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// False where there is no such malloc: under sanitizers, with another C library than glibc.
bool memory_can_watch(void);

// Starts: from here on, allocations are counted and remembered if they are the plugin's.
void memory_watch(void);

// Whether the plugin is running in this thread; gives what was set before, to be set again.
bool memory_enter(bool in_plugin);

// Fails the plugin's allocation number `at` from now (1: the next one; 0: none), and with `all` all
// after it, too.
void memory_fail(uint64_t at, bool all);

// The plugin's allocations since memory_fail().
uint64_t memory_count(void);

// Allocations of the plugin that were not given back, and their bytes.
struct memory_live {
    uint64_t n, bytes;
};
struct memory_live memory_live(void);

// The most bytes that the plugin had at a time since the last call; the count begins anew.
uint64_t memory_peak(void);

// Size of the latest of them; 0 if there are none.
uint64_t memory_latest(void);

#endif
