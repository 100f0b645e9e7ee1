// running.h - one trial in flight, as the harness sees it.
#ifndef RECKON_TRIAL_RUNNING_H
#define RECKON_TRIAL_RUNNING_H

#include "trial/job.h"
#include "trial/record.h"
#include "trial/stage.h"
#include "trial/worker.h"

// What a trial is being ended for.
enum over { OVER_NOTHING, OVER_SECONDS, OVER_MIB };

struct running {
    struct worker worker;        // kept from trial to trial
    struct trial_record *record; // NULL: idle; borrowed
    const struct stage_fold *fold;
    enum job_task task;
    struct asked asked;
    const char *plugin;                   // path; borrowed
    int socket, output, answers, process; // owned while a trial runs; process: a pidfd, -1 until it
                                          // has told of itself
    struct asked_room room;               // of the answers
    char phase[16];                       // the plugin's function that was last entered
    uint32_t done, total;                 // of its own progress
    struct error failure;                 // "" so far
    bool out_of_memory;                   // the failure is for that
    bool sent;                            // the pairs to answer were sent
    uint32_t warnings;                    // that were told
    bool finished;                        // every answer has been given
    double objective;                     // last told; NAN: none
    double began, cancelled;              // seconds of the monotonic clock; cancelled 0: it was not
    double share;                         // MiB of memory that it may grow by where limits.mib is 0
    uint64_t resident; // bytes of its process as the plugin was about to be called; 0: not yet
    bool has_place;    // it has said where in the plugin it is,
    uint64_t place;    // as an offset into the file
    int crash;         // the signal that it said it crashed with; 0: none
    double crash_told; // when
    enum over over;
    struct limits limits; // that it went past
    double over_since;
    double killed; // when its process was; 0: it was not
    double looked; // when its memory was last looked at
};

struct running_start {
    const struct plan *plan;
    const struct plan_model *model;
    const struct param_value *values; // [model->schema->n_params]
    const struct stage_fold *fold;
    uint64_t key; // of random numbers
    uint32_t threads;
    struct asked asked;
    enum job_task task;
    int state; // memory file: room for the model of JOB_SAVE, which answers nothing; that of
               // JOB_LOAD, whose fold has but `test.n` and `pairs`; borrowed until it has ended
};

// Hands the trial to the worker (starting one if there is none). False: no processes are to be had.
bool running_begin(struct running *r, const struct running_start *start,
    struct trial_record *record, struct error *e);

// Reads messages of the trial, when its socket is readable: a few of many; series names go to `a`,
// the platform to `results`.
void running_hear(struct running *r, struct results *results);

// Reads the worker's word that the trial's process has ended, when its control socket is readable.
// The record then says `failed`, why, and what it printed, or holds nothing but its costs until it
// is scored. False: the trial never was: it was cancelled, or it was killed from outside and is to
// be begun again (*again; not more than twice for one record, which is as it was). Either way
// running_release() is next.
bool running_end(struct running *r, struct results *results, bool *again);

// Ends a trial that has gone past its limits: has its process say where it is and asks it to stop,
// and kills it a second later. Kills what does not end of itself after a crash, and a worker that
// does not say that its trial has ended. To be called about ten times a second.
void running_watch(struct running *r, const struct limits *limits);

// Asks the trial to stop at its next step: progress gives it false. For the first signal; a trial
// that ends so has no record (running_end() gives false).
void running_cancel(struct running *r);

// The answers of a finished trial, mapped read-only, as r->room says. NULL and an error if they
// can't be.
const float *running_answers(const struct running *r, struct error *e);
void running_release(
    struct running *r, const float *answers); // back to idle; `answers` may be NULL

// Kills worker and trial.
void running_kill(struct running *r);

#endif
