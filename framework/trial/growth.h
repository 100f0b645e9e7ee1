// growth.h - how much memory a trial's process takes beyond what the harness shares with it.
#ifndef RECKON_TRIAL_GROWTH_H
#define RECKON_TRIAL_GROWTH_H

#include <stddef.h>
#include <stdint.h>

// The pages of a mapped image are not the model's, so they are paged in, and the high-water mark
// begins anew, before the count. Bytes.
struct growth {
    uint64_t from;   // resident bytes where the count last began
    uint64_t before; // the growth up to then that is still held
    uint64_t peak;
};

void growth_page_in(const volatile void *at, size_t bytes);
void growth_begin(struct growth *g);
// The peak up to now.
void growth_note(struct growth *g);
// Before images are mapped and paged in: what has grown so far is kept. growth_begin() follows.
void growth_pause(struct growth *g);

#endif
