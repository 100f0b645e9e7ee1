#include "check/filter.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "check/child.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

static const struct {
    unsigned number;
    const char *text;
} refused[] = {
    {SYS_openat, "opens a file (openat)"},
    {SYS_unlinkat, "removes a file (unlinkat)"},
    {SYS_clone, "starts a thread or process (clone)"},
    {SYS_clone3, "starts a thread or process (clone3)"},
    {SYS_execve, "starts a program (execve)"},
    {SYS_socket, "opens a socket (socket)"},
    {SYS_chdir, "changes the working folder (chdir)"},
    {SYS_setrlimit, "changes a limit (setrlimit)"},
    {SYS_sched_setaffinity, "binds a thread to a processor (sched_setaffinity)"},
    {SYS_getrandom, "asks the system for random numbers (getrandom)"},
#if defined(__x86_64__)
    {SYS_open, "opens a file (open)"},
    {SYS_unlink, "removes a file (unlink)"},
    {SYS_fork, "starts a process (fork)"},
    {SYS_vfork, "starts a process (vfork)"},
#endif
};
enum { N_REFUSED = sizeof refused / sizeof *refused };

static void on_refused(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    for (size_t k = 0; k < N_REFUSED; k++)
        if ((unsigned)info->si_syscall == refused[k].number) child_fail_text(refused[k].text);
    child_fail_text("makes a system call that a plugin has no use for");
}

void filter_start(void) {
    if (child_is_sanitized()) child_skip("a sanitizer makes system calls of its own");
    struct sigaction act = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &act, NULL);

    struct sock_filter code[3 + N_REFUSED + 2];
    size_t n = 0;
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, N_REFUSED + 1);
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t k = 0; k < N_REFUSED; k++)
        code[n++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, refused[k].number, (unsigned char)(N_REFUSED - k), 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    struct sock_fprog program = {(unsigned short)n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        child_skip("system calls cannot be filtered here: %s", strerror(errno));
}

#else

void filter_start(void) {
    child_skip("system calls cannot be filtered on this machine");
}

#endif
