// signals.h - SIGINT, SIGTERM and SIGHUP while a run goes on: counted, and heeded by who looks.
#ifndef RECKON_TRIAL_SIGNALS_H
#define RECKON_TRIAL_SIGNALS_H

#include <signal.h>

enum { SIGNALS_CAUGHT = 3 };

// What held before, to be put back.
struct signals {
    struct sigaction before[SIGNALS_CAUGHT];
};

// Since signals_catch(); read across fork by apart_run().
extern volatile int signals_seen;

void signals_catch(struct signals *s);
void signals_restore(const struct signals *s);
int signals_last(void); // its number; 0: none

#endif
