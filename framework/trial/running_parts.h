// running_parts.h - what the files of running.h share.
#ifndef RECKON_TRIAL_RUNNING_PARTS_H
#define RECKON_TRIAL_RUNNING_PARTS_H

#include "trial/running.h"

double running_now(void); // seconds of the monotonic clock

// Sends the signal to the trial's process, if that has told of itself; notes the first SIGKILL.
void running_signal(struct running *r, int number);

// Reads all that a trial has said, without waiting for more.
void running_hear_rest(struct running *r, struct results *results);

#endif
