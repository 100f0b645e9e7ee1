// cgroup.h - what the control group of this process, and those above it, grant.
#ifndef RECKON_CORE_CGROUP_H
#define RECKON_CORE_CGROUP_H

#include <stdint.h>

// The least of what `read` makes of the first line of `file` ("cpu.max", "memory.max") in the
// process's own folder of the cgroup-2 hierarchy and in every folder above. `read` gives 0 for no
// bound; so does this.
uint64_t cgroup_least(const char *file, uint64_t (*read)(const char *line));

#endif
