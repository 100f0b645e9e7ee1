#include "trial/signals.h"

volatile int signals_seen;
static volatile sig_atomic_t last;

static const int caught[SIGNALS_CAUGHT] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int number) {
    signals_seen++;
    last = number;
}

// A SIGHUP that was ignored from the start (nohup) stays so.
void signals_catch(struct signals *s) {
    const struct sigaction action = {.sa_handler = on_signal};
    signals_seen = 0;
    last = 0;
    for (int k = 0; k < SIGNALS_CAUGHT; k++) sigaction(caught[k], &action, &s->before[k]);
    if (s->before[2].sa_handler == SIG_IGN) signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

void signals_restore(const struct signals *s) {
    for (int k = 0; k < SIGNALS_CAUGHT; k++) sigaction(caught[k], &s->before[k], NULL);
    signals_seen = 0; // of this run; the next thing to be done may be a forecast
}

int signals_last(void) {
    return last;
}
