// channel.h - messages between harness, worker and trial: whole packets over a socket, descriptors
// with them.
#ifndef RECKON_TRIAL_CHANNEL_H
#define RECKON_TRIAL_CHANNEL_H

#include <sys/types.h>

#include "core/bytes.h"
#include "core/error.h"

// First u32 of every packet, and what follows it.
enum message {
    // harness -> worker, on the control socket
    MESSAGE_SCHEMA = 1, // text path; descriptors: trial socket, output
    MESSAGE_MEMORY,     // likewise; on the trial socket follow questions, see job_put_question()
    MESSAGE_TRIAL,      // see job_put(); descriptors: trial socket, output, and by the job's task
                        // training fold; training fold, room for the state; state
    // worker -> harness, on the control socket, when the trial's process is gone
    MESSAGE_ENDED, // u32 wait status; nothing that the trial started is left
    // trial -> harness, on the trial socket
    MESSAGE_PHASE,    // text: the function of the plugin about to be called, u64 resident bytes so
                      // far or 0; with the first one, a descriptor: the process (pidfd)
    MESSAGE_PLATFORM, // text BLAS core or NULL, text ISA
    MESSAGE_PROGRESS, // u32 done, u32 total, f64 objective
    MESSAGE_CURVE,    // text series, f64 x, f64 y
    MESSAGE_LOG,      // u32 level, text
    MESSAGE_FITTED,   // f64 seconds
    MESSAGE_DONE,     // f64 seconds of prediction, u64 bytes of growth
    MESSAGE_FAILED,   // text, u32 whether memory ran out
    MESSAGE_PLACE,    // where it is, see crash.h
    MESSAGE_REPLY,    // u32 1, then a schema, or the u64 bytes of an answer; or u32 0 and a text
                      // that says why there is none
    // harness -> trial, after MESSAGE_FITTED
    MESSAGE_PAIRS // descriptors: pairs to answer, room for the answers, and if answers for them
                  // are wanted all training rows
};

enum { CHANNEL_FDS = 4, CHANNEL_BYTES = 128 * 1024 };

// Two connected ends, both close-on-exec.
bool channel_pair(int ends[2], struct error *e);

// Sends the packet and copies of the descriptors; frees the packet. False if the other end is gone.
bool channel_send(int fd, struct bytes *packet, const int *fds, size_t n_fds);

// One packet into `buffer` [CHANNEL_BYTES]; `fds` [CHANNEL_FDS] gets what came with it, -1 for the
// rest. False: the other end is gone (or what came is no packet of ours).
bool channel_receive(int fd, unsigned char *buffer, struct bytes *packet, int *fds);

#endif
