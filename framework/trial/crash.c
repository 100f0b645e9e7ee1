#include "trial/crash.h"

#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include "trial/channel.h"
#include "trial/guard.h"

enum { MOST_FRAMES = 64, STACK_BYTES = 64 * 1024, MOST_PARTS = 16 };

static int to = -1; // the trial socket
static pid_t self;  // a forked child has nothing to tell

static struct {
    uintptr_t base;
    size_t n;
    struct {
        uintptr_t begin, end;
    } part[MOST_PARTS];
} plugin;

// ---- In handlers -------------------------------------------------------------------------------

static uintptr_t program_counter(const void *context) {
    const ucontext_t *c = context;
#if defined(__x86_64__)
    return (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)c->uc_mcontext.pc;
#else
    (void)c;
    return 0;
#endif
}

static bool is_in_plugin(uintptr_t address) {
    for (size_t k = 0; k < plugin.n; k++)
        if (address >= plugin.part[k].begin && address < plugin.part[k].end) return true;
    return false;
}

static void tell(int number, uintptr_t address) {
    const uint32_t head[] = {MESSAGE_PLACE, (uint32_t)number, address != 0};
    const uint64_t offset = address ? address - plugin.base : 0;
    unsigned char packet[sizeof head + sizeof offset];
    memcpy(packet, head, sizeof head);
    memcpy(packet + sizeof head, &offset, sizeof offset);
    // Not waiting: a harness that is gone must not keep a crashed process.
    if (send(to, packet, sizeof packet, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
}

// The innermost address in the plugin; 0: none. Frames that called lie before their addresses.
static uintptr_t find_place(uintptr_t at) {
    if (is_in_plugin(at)) return at;
    void *frames[MOST_FRAMES];
    const int n = backtrace(frames, MOST_FRAMES);
    for (int k = 0; k < n; k++)
        if (is_in_plugin((uintptr_t)frames[k] - 1)) return (uintptr_t)frames[k] - 1;
    return 0;
}

static void on_crash(int number, siginfo_t *info, void *context) {
    (void)info;
    if (getpid() == self) {
        tell(number, 0); // in case that looking for more crashes too
        const uintptr_t place = find_place(program_counter(context));
        if (place) tell(number, place);
    }
    raise(number); // the default action, as this handler returns
}

static void on_question(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    if (getpid() == self) tell(0, find_place(program_counter(context)));
}

// ---- Set-up ------------------------------------------------------------------------------------

void crash_prepare(void) {
    void *frame;
    backtrace(&frame, 1);
}

void crash_watch(int socket) {
    to = socket;
    self = getpid();
    static unsigned char stack[STACK_BYTES];
    const stack_t room = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&room, NULL);
    struct sigaction action = {
        .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};
#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) // they have handlers of their own
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    for (size_t k = 0; k < sizeof crashes / sizeof *crashes; k++)
        sigaction(crashes[k], &action, NULL);
#endif
    action.sa_sigaction = on_question;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigaction(GUARD_WHERE, &action, NULL);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, GUARD_WHERE);
    sigprocmask(SIG_UNBLOCK, &own, NULL);
}

void crash_thread(void) {
    void *at = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return;
    const stack_t room = {.ss_sp = at, .ss_size = STACK_BYTES};
    sigaltstack(&room, NULL);
}

static int find_object(struct dl_phdr_info *object, size_t size, void *inside) {
    (void)size;
    bool found = false;
    plugin.base = object->dlpi_addr;
    plugin.n = 0;
    for (int k = 0; k < object->dlpi_phnum; k++) {
        const ElfW(Phdr) *h = &object->dlpi_phdr[k];
        if (h->p_type != PT_LOAD) continue;
        const uintptr_t begin = object->dlpi_addr + h->p_vaddr, end = begin + h->p_memsz;
        found |= (uintptr_t)inside >= begin && (uintptr_t)inside < end;
        if (!(h->p_flags & PF_X) || plugin.n == MOST_PARTS) continue;
        plugin.part[plugin.n].begin = begin;
        plugin.part[plugin.n++].end = end;
    }
    return found;
}

void crash_plugin(const void *inside) {
    if (!dl_iterate_phdr(find_object, (void *)(uintptr_t)inside)) plugin.n = 0;
}
