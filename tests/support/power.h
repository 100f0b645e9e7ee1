// power.h - a disk that can be cut off from power, or be full, at every single step.
//
// A VFS in front of SQLite's own. It keeps, of every file, what was synced; power_restore() leaves
// the files as they may stand after the cut.
#ifndef RECKON_TESTS_SUPPORT_POWER_H
#define RECKON_TESTS_SUPPORT_POWER_H

#include <stdbool.h>
#include <stddef.h>

enum power_fault {
    POWER_NONE,
    POWER_CUT,  // at that step and ever after nothing is written any more
    POWER_FULL, // that one step finds no space
    POWER_SYNC  // that one step, if it is a sync, fails
};

// Steps (writes, truncations, syncs, deletions) count from 1 from here on.
void power_begin(enum power_fault fault, size_t at);

// Whether the step was reached.
bool power_struck(void);

// Puts the files back to what was synced; of later writes those are there, too, that a hash of
// `luck` and their order chooses, in parts of 512 bytes: disks write in any order. luck 0: none.
void power_restore(unsigned luck);

// SQLite's own VFS is the default again.
void power_end(void);

#endif
