// kernel.h - how hot loops are compiled for the CPU at hand.
#ifndef RECKON_PLUGINS_COMMON_KERNEL_H
#define RECKON_PLUGINS_COMMON_KERNEL_H

// Several versions of one function, chosen when the plugin is loaded. The bits of a result may
// differ between CPUs, never between runs or numbers of threads on one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KERNEL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL_CLONES
#endif

#endif
