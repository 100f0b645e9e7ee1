// guard.h - a host that watches how it is used: which thread calls, in which call, how often; and
// that can cancel at any point.
#ifndef RECKON_CHECK_GUARD_H
#define RECKON_CHECK_GUARD_H

#include "model/host.h"

// What the plugin is doing in this thread.
enum guard_call { GUARD_OUTSIDE, GUARD_OWNER, GUARD_SHARED, GUARD_BODY };

struct guard {
    struct host host;  // first: host.api.self points here
    rk_host plain;     // the services as host_init() made them
    const void *owner; // mark of the thread that is in create, fit, destroy, load; NULL: none

    uint64_t cancel_progress;             // the call of progress, from 1, that gives false; 0: none
    uint64_t cancel_piece;                // the piece, from 1, that does not run any more; 0: none
    void (*on_progress)(struct guard *g); // NULL: none
    // Where it was stopped, in seconds of a clock; and of a fit on one thread, the longest time
    // between two steps (calls of progress, pieces, and its ends), and the step that ended it.
    double cancelled_at, step_at, longest;
    uint64_t n_steps, longest_step;
    bool in_line; // loops run in the calling thread without a pool, as within another pool's body
    uint64_t n_progress, n_loops;
    atomic_uint_fast64_t n_pieces, n_after; // n_after: calls since it was cancelled

    atomic_flag lock;
    char violation[256]; // the first misuse of the host, or ""
};

void guard_init(struct guard *g, struct pool *pool, uint64_t key);

// A step of a fit: guard_step() at its beginning and end, too.
void guard_step(struct guard *g);
double guard_seconds(void);

// Around each call into the plugin; gives what was there before, for guard_leave().
enum guard_call guard_enter(struct guard *g, enum guard_call call);
void guard_leave(struct guard *g, enum guard_call before);

#endif
