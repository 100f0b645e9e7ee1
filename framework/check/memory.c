#include "check/memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check/child.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && \
    !__has_feature(memory_sanitizer)
#define WATCHED 1
#endif
#else
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0
#endif

bool memory_can_watch(void) {
    return WATCHED;
}

// ---- What the plugin has, by address: open addressing, linear probing --------------------------

enum { ROOM = 1 << 20 };
struct block {
    uintptr_t at; // 0: free; 1: was taken
    size_t size;
    uint64_t serial;
};

static atomic_bool watching;
static _Thread_local bool inside;
static atomic_uint_fast64_t count, fail_at;
static atomic_bool fail_all;
static struct block *blocks;    // [ROOM]
static struct memory_live live; // of all blocks
static uint64_t peak;           // the most of live.bytes
static atomic_flag lock = ATOMIC_FLAG_INIT;

static void acquire(void) {
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
    }
}

static void release(void) {
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

void memory_watch(void) {
    void *room = mmap(NULL, ROOM * sizeof *blocks, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) child_skip("no memory to keep count of memory");
    blocks = room;
    atomic_store(&watching, true);
}

bool memory_enter(bool in_plugin) {
    const bool before = inside;
    inside = in_plugin;
    return before;
}

void memory_fail(uint64_t at, bool all) {
    atomic_store(&count, 0);
    atomic_store(&fail_at, at);
    atomic_store(&fail_all, all);
}

uint64_t memory_count(void) {
    return atomic_load(&count);
}

struct memory_live memory_live(void) {
    acquire();
    const struct memory_live now = live;
    release();
    return now;
}

uint64_t memory_peak(void) {
    acquire();
    const uint64_t was = peak;
    peak = live.bytes;
    release();
    return was;
}

uint64_t memory_latest(void) {
    uint64_t newest = 0, size = 0;
    acquire();
    for (size_t k = 0; k < ROOM; k++)
        if (blocks[k].at > 1 && blocks[k].serial >= newest) {
            newest = blocks[k].serial;
            size = blocks[k].size;
        }
    release();
    return size;
}

#if WATCHED

// ---- malloc and its kin ------------------------------------------------------------------------

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static bool is_watched(void) {
    return inside && atomic_load_explicit(&watching, memory_order_relaxed);
}

// Counts one; true if it is to fail.
static bool refuse(void) {
    const uint64_t n = atomic_fetch_add(&count, 1) + 1, at = atomic_load(&fail_at);
    if (at == 0 || n < at || (n > at && !atomic_load(&fail_all))) return false;
    errno = ENOMEM;
    return true;
}

// The upper 20 bits of a product: one of ROOM.
static size_t slot_of(uintptr_t at) {
    return (size_t)((uint64_t)at * 0x9E3779B97F4A7C15u >> 44);
}

static void *remember(void *p, size_t size) {
    static uint64_t serial;
    if (!p) return p;
    acquire();
    size_t k = slot_of((uintptr_t)p), tries = 0;
    while (blocks[k].at > 1 && tries++ < ROOM) k = (k + 1) % ROOM;
    if (tries < ROOM) {
        blocks[k] = (struct block){(uintptr_t)p, size, ++serial};
        live.n++;
        live.bytes += size;
        if (live.bytes > peak) peak = live.bytes;
    }
    release();
    return p;
}

static void forget(const void *p) {
    if (!p || !atomic_load_explicit(&watching, memory_order_relaxed)) return;
    acquire();
    size_t k = slot_of((uintptr_t)p), tries = 0;
    while (blocks[k].at && blocks[k].at != (uintptr_t)p && tries++ < ROOM) k = (k + 1) % ROOM;
    if (blocks[k].at == (uintptr_t)p) {
        blocks[k].at = 1;
        live.n--;
        live.bytes -= blocks[k].size;
    }
    release();
}

void *malloc(size_t size) {
    if (!is_watched()) return __libc_malloc(size);
    return refuse() ? NULL : remember(__libc_malloc(size), size);
}

void *calloc(size_t n, size_t size) {
    if (!is_watched()) return __libc_calloc(n, size);
    return refuse() ? NULL : remember(__libc_calloc(n, size), n * size);
}

void *realloc(void *old, size_t size) {
    if (is_watched() && refuse()) return NULL;
    if (!atomic_load_explicit(&watching, memory_order_relaxed)) return __libc_realloc(old, size);
    const uintptr_t was = (uintptr_t)old;
    void *p = __libc_realloc(old, size);
    if (!p && size) return NULL; // the old one is still there
    forget((const void *)was);
    return is_watched() ? remember(p, size) : p;
}

void free(void *p) {
    forget(p); // first, as another thread may be given the same address at once
    __libc_free(p);
}

void *memalign(size_t align, size_t size);
void *memalign(size_t align, size_t size) {
    if (!is_watched()) return __libc_memalign(align, size);
    return refuse() ? NULL : remember(__libc_memalign(align, size), size);
}

void *aligned_alloc(size_t align, size_t size) {
    return memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size) {
    if (align % sizeof(void *) || align == 0 || (align & (align - 1))) return EINVAL;
    const int before = errno;
    void *p = memalign(align, size);
    errno = before;
    if (!p) return ENOMEM;
    *out = p;
    return 0;
}

#endif
