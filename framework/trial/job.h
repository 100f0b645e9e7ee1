// job.h - one trial as the worker is told of it, and how the trial's process answers.
#ifndef RECKON_TRIAL_JOB_H
#define RECKON_TRIAL_JOB_H

#include "model/schema.h"
#include "trial/asked.h"
#include "trial/channel.h"

// What a trial's process does.
enum job_task {
    JOB_ANSWER, // fits, and answers pairs
    JOB_SAVE,   // fits, and saves the model
    JOB_LOAD    // loads a saved model, and answers pairs
};

// Everything about a trial that is not the training fold.
struct job {
    enum job_task task;
    const char *path;  // of the plugin
    const char *label; // for messages
    uint64_t key;      // of its random numbers
    uint32_t threads;
    int nice;                   // added to its niceness
    double mib;                 // that its memory may grow by
    struct asked asked;         // beside the answers to the pairs
    struct param_value *values; // [n_values]; in an arena of the reader's
    uint32_t n_values;
};
void job_put(const struct job *job, struct bytes *packet);
// The texts point into the packet, the values into `a`.
bool job_get(struct job *job, struct bytes *packet, struct arena *a);

// Their values alone: [n], as many on both sides.
void job_put_values(const struct param_value *values, uint32_t n, struct bytes *packet);
bool job_get_values(struct param_value *values, uint32_t n, struct bytes *packet, struct arena *a);

// One question of MESSAGE_MEMORY: values of all parameters, and what the model is to be fitted to.
void job_put_question(const struct param_value *values, uint32_t n_values, const rk_shape *shape,
    struct bytes *packet);

// Exit status of a trial that can't reach the harness any more: its plugin closed the socket.
enum { JOB_CUT_OFF = 113 };

// Bodies of the forked process; `socket` is the trial socket. They do not return.
_Noreturn void job_run_schema(const char *path, int socket);
// Until the socket's other end is gone.
_Noreturn void job_run_memory(const char *path, int socket);
// The descriptors are those of MESSAGE_TRIAL after the first two.
_Noreturn void job_run_trial(const struct job *job, int socket, int first_fd, int second_fd);

#endif
