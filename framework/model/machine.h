// machine.h - what results depend on besides their inputs: the CPU and its instruction set.
#ifndef RECKON_MODEL_MACHINE_H
#define RECKON_MODEL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
    char cpu[128];    // "AMD EPYC 9654 96-Core Processor"; "unknown"
    const char *isa;  // "x86-64-v4": the x86-64 level; elsewhere the architecture
    uint32_t cpus;    // that this process may use
    uint64_t memory;  // bytes of RAM, or of the cgroup's limit where that is lower; 0: not known
    const char *core; // OpenBLAS's core that loader_prepare_blas() asks for; NULL: its own choice
};

void machine_read(struct machine *m);

// The x86-64 level of this CPU, "x86-64" to "x86-64-v4"; elsewhere the architecture.
const char *machine_isa(void);

// The OPENBLAS_CORETYPE that OpenBLAS 0.3.21 should be told on this CPU; NULL: it knows better.
const char *machine_blas_core(void);

// The same for the CPU of that vendor, family and model (extended fields added in).
const char *machine_choose_core(
    const char *vendor, unsigned family, unsigned model, const char *isa);

#endif
