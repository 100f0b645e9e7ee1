#include "trial/guard.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// A sanitizer's shadow is larger than any limit, and its search for leaks is a ptrace.
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

void guard_hide(void) {
    if (!SANITIZED) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// ---- Worker ------------------------------------------------------------------------------------

static void drop_capabilities(void) {
    setgroups(0, NULL);
    for (unsigned long k = 0; prctl(PR_CAPBSET_DROP, k, 0, 0, 0) == 0; k++) continue;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    syscall(SYS_capset, &header, none);
}

#if defined(__x86_64__)
enum { OWN_ARCH = (int)AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { OWN_ARCH = (int)AUDIT_ARCH_AARCH64 };
#else
enum { OWN_ARCH = 0 };
#endif

enum { MOST_RULES = 96, X32_CALLS = 0x40000000 };

struct filter {
    struct sock_filter at[MOST_RULES];
    unsigned short n;
};

static void add(struct filter *f, uint32_t code, uint32_t k, uint32_t yes, uint32_t no) {
    if (f->n < MOST_RULES)
        f->at[f->n++] = (struct sock_filter){(uint16_t)code, (uint8_t)yes, (uint8_t)no, k};
}

static void add_load(struct filter *f, size_t offset) {
    add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void add_refusal(struct filter *f) {
    add(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
}

// Refuses the call if its first argument (its lower half: a pid) is one of `targets`.
static void refuse_targets(struct filter *f, long call, const pid_t *targets, size_t n) {
    add_load(f, offsetof(struct seccomp_data, nr));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, (uint32_t)(1 + 2 * n));
    add_load(f, offsetof(struct seccomp_data, args[0]));
    for (size_t k = 0; k < n; k++) {
        add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)targets[k], 0, 1);
        add_refusal(f);
    }
}

static void refuse(struct filter *f, long call) {
    add_load(f, offsetof(struct seccomp_data, nr));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
    add_refusal(f);
}

// A call in another architecture's numbers is refused, as it could be any.
static void filter_calls(void) {
    if (!OWN_ARCH) return;
    const pid_t harness = getppid(), worker = getpid();
    const pid_t targets[] = {harness, worker, -getpgid(harness), -worker, -1, 0};
    const size_t n_targets = sizeof targets / sizeof *targets;
    struct filter f = {.n = 0};
    add_load(&f, offsetof(struct seccomp_data, arch));
    add(&f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)OWN_ARCH, 1, 0);
    add_refusal(&f);
#if defined(__x86_64__)
    // The same calls by other numbers, of programs with short pointers.
    add_load(&f, offsetof(struct seccomp_data, nr));
    add(&f, BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 1);
    add_refusal(&f);
#endif
    refuse_targets(&f, SYS_kill, targets, n_targets);
    // Limits set for another process of the same user end it, as signals do.
    static const long single[] = {
        SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_prlimit64};
    for (size_t k = 0; k < sizeof single / sizeof *single; k++)
        refuse_targets(&f, single[k], targets, 2);
    refuse(&f, SYS_pidfd_send_signal);
    refuse(&f, SYS_process_vm_writev);
    if (!SANITIZED) refuse(&f, SYS_ptrace); // process_vm_readv is the loader's, of its own memory
    add(&f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    const struct sock_fprog program = {.len = f.n, .filter = f.at};
    // Without the flag, older kernels slow down all that a filtered process computes.
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}

void guard_worker(void) {
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, GUARD_CANCEL);
    sigaddset(&own, GUARD_WHERE);
    sigprocmask(SIG_BLOCK, &own, NULL);
    drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) filter_calls();
}

// ---- Limits ------------------------------------------------------------------------------------

// Private writable memory of this process, mapped or not yet touched: what RLIMIT_DATA bounds.
static uint64_t data_bytes(void) {
    FILE *f = fopen("/proc/self/status", "re");
    if (!f) return 0;
    char line[256];
    unsigned long long kib = 0;
    while (!kib && fgets(line, sizeof line, f))
        if (strncmp(line, "VmData:", 7) == 0) kib = strtoull(line + 7, NULL, 10);
    fclose(f);
    return kib * 1024;
}

static void bound(double bytes, bool final) {
    struct rlimit limit;
    if (SANITIZED || getrlimit(RLIMIT_DATA, &limit) != 0) return;
    const rlim_t most = bytes < 1e18 ? (rlim_t)bytes : RLIM_INFINITY;
    if (most < limit.rlim_max) limit.rlim_cur = most;
    if (final) limit.rlim_max = limit.rlim_cur;
    setrlimit(RLIMIT_DATA, &limit);
}

void guard_trial(int nice, double mib, double file) {
    if (nice) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + nice);
    struct rlimit limit;
    const rlim_t most = file < 1e18 ? (rlim_t)file : RLIM_INFINITY;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_max > most) {
        limit.rlim_cur = limit.rlim_max = most;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    limit = (struct rlimit){0};
    setrlimit(RLIMIT_CORE, &limit);
    bound((double)data_bytes() + mib * (1 << 20), false);
}

void guard_memory(double mib, uint32_t threads) {
    struct rlimit stack;
    double stacks = 0;
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
        stacks = (double)stack.rlim_cur * threads;
    bound((double)data_bytes() + stacks + mib * (1 << 20), true);
}

// ---- Cancelling --------------------------------------------------------------------------------

static _Atomic(struct host *) heeding;

static void on_cancel(int number) {
    (void)number;
    struct host *host = atomic_load(&heeding);
    if (host) host_cancel(host);
}

void guard_heed_cancel(struct host *host) {
    atomic_store(&heeding, host);
    const struct sigaction action = {.sa_handler = on_cancel, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigaction(GUARD_CANCEL, &action, NULL);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, GUARD_CANCEL);
    sigprocmask(SIG_UNBLOCK, &own, NULL);
}
