// runner_own.h - a run that goes on: what the files of the runner share.
//
// runner.c: data sets and folds, one after another. fold_work.c: what there is to do on one outer
// fold. nested.c: the search of one model on inner folds of it. blending.c: rows that are blends of
// others on it. refits.c: what these need on inner folds. schedule.c: trials over the slots,
// whoever asks for them. kept.c: trials that the store has, or is to have. scoring.c: answers
// become scores. forecast.c: a run that takes from the store alone.
#ifndef RECKON_TRIAL_RUNNER_OWN_H
#define RECKON_TRIAL_RUNNER_OWN_H

#include "trial/runner.h"
#include "trial/running.h"

// One trial to be: a model by values on a fold, into a record.
struct task {
    const struct plan_model *model;
    const struct param_value *values; // [model->schema->n_params]; borrowed until it has ended
    struct stage *stage;              // borrowed
    const struct metric_spec *metric; // of an inner trial: scored by it alone, not at all if NULL;
                                      // NULL of an outer one: by all
    struct trial_record *record;      // borrowed; its place in the plan is filled in
    struct results *texts;            // whose arena the record's texts lie in
    struct key key;                   // "" without a store
    const struct key *members;        // of a blend: those of its members' trials; else NULL
    bool keep;                        // the record is to have the answers
    void *of;                         // who asked for it
    size_t number;                    // its own
};

// A place where one trial at a time runs.
struct slot {
    struct running running;
    struct task task;
    bool again; // the task was lost, and is to be begun anew
    // An inner trial leaves but its score: the rest is here, for the next one to write over.
    struct trial_record record;
    struct param_value *values; // [most parameters of a model]; owned
    struct results scratch;
};

// Trials of one model.
struct foreseen {
    size_t outer, inner, refits; // inner: of its search; refits: for blends
};

struct run {
    const struct plan *plan;
    bool dry; // nothing is run, no fold built, nothing written: what the store has is counted
    struct store *store;                // NULL: nothing is kept
    const struct runner_events *events; // never NULL
    struct results *results;
    struct slot *slots; // [n_slots]; owned
    uint32_t n_slots;
    struct runner_view view;
    struct runner_running *running; // [n_slots]; owned: for the view
    double looked;                  // when slots were last looked after
    double stopped;                 // since when running trials are asked to stop; 0: they are not
    bool stopping;                  // no further trial starts
    struct error broken;            // why the store can't be written; "": it can
    size_t unit;                    // number of the next one, for shards
    size_t *groups;                 // [n_models]; owned: as blend_groups() has them
    bool *here;                     // [n_models][n_seeds]; owned: what this shard has of a fold
    size_t *lengths;                // [n_models]; owned: inner trials of a search in one fold
    struct foreseen *foreseen;      // [n_models]; owned: on the data set at hand
    uint64_t data_bytes;            // its image
    struct given *given;            // [n_models]; owned: of the data set at hand
    // What trials run on now.
    uint32_t at_data;
    const struct dataset *data;
    struct key_base base; // of their keys
};

// The parts of a run: room for it, which runner_end() gives back; one data set (run->at_data); the
// end of all trials.
bool runner_begin(struct run *run, struct error *e);
bool runner_data(struct run *run, struct error *e);
void runner_end(struct run *run);

double runner_clock(void); // seconds, monotonic

// Tells of how far it is. `ended` NULL: none since the last time.
void runner_tick(struct run *run, const struct trial_record *ended, const char *doing);

// A trial of a model is over, well or not: counts it, tells of it. `inner` ones count in the view
// alone.
void runner_count(struct run *run, struct trial_record *t);

// No further trial starts, and those that run are asked to stop.
void runner_stop(struct run *run);

void runner_fail(struct task *task, enum failure failure, const char *cause);

// The inner fold of `outer`, `inner` of n_inner, that trains by `share` (0: all), which is made if
// it isn't there. NULL: out of memory.
struct stage *runner_inner(const struct run *run, const struct fold_plan *outer, struct stages *all,
    uint32_t inner, uint32_t n_inner, double share);

// Opens the task's fold if it isn't. False, with *stopped: on request, which is no failure.
bool runner_open(struct run *run, struct stage *stage, bool *stopped, struct error *e);

// ---- kept.c ------------------------------------------------------------------------------------

// The task's key, "" without a store. A split's file that can't be read stops the run.
bool kept_key(struct run *run, struct task *task);

// The task's key, and whether the store has a record of it that need not be run again: then it is
// filled in. A store that can't be read stops the run (run->broken).
bool kept_find(struct run *run, struct task *task);

// Into the store, with its place in the present run: of a task that has ended.
void kept_put(struct run *run, const struct task *task);
// Its place alone: of a task that was found.
void kept_place(struct run *run, const struct task *task);
// Both, of a task whose values no search could choose: never found again, as searches are followed
// anew, but part of the run's results.
void kept_unchosen(struct run *run, struct task *task);
void kept_flush(struct run *run);

// ---- scoring.c ---------------------------------------------------------------------------------

// What some metric needs beside answers to test rows, as far as the model can give it. (There is no
// truth to be reached on training rows.)
struct asked scoring_asks(const struct plan *plan, const struct task *task);

bool scoring_task(
    struct run *run, struct task *task, const struct answers *answers, struct error *e);

// A row of answers from files.
bool scoring_given(struct run *run, struct task *task, struct given *given, struct error *e);

// A row of the harness's own: the fallback's answers, or what is reachable on synthetic data.
bool scoring_own(struct run *run, struct task *task, struct error *e);

// ---- schedule.c --------------------------------------------------------------------------------

// Who has trials to run.
struct source {
    void *arg;
    // The next trial; false: there is none before one that runs has ended, or none at all. An inner
    // one may use the slot's record, values and scratch.
    bool (*next)(void *arg, struct slot *slot, struct task *task);
    // It has ended; `dropped`: it never was, as the run is being stopped.
    bool (*ended)(void *arg, const struct task *task, bool dropped, struct error *e);
};

// Runs trials until the source has no more. Stopping on request is no failure.
bool schedule_run(struct run *run, const struct source *source, struct error *e);

#endif
