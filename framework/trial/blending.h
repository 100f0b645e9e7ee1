// blending.h - blends on one outer fold: what fold_work.c and blending.c share.
#ifndef RECKON_TRIAL_BLENDING_H
#define RECKON_TRIAL_BLENDING_H

#include "trial/refits.h"

// One model of the plan on this fold.
struct entry {
    const struct plan_model *model;
    struct trial_record *records;     // [n_seeds]; in the results
    bool *over;                       // [n_seeds]: those that have ended
    const struct param_value *values; // NULL: not chosen yet, or nothing is fitted
    struct nested *nested;            // owned; NULL: nothing to choose, or chosen
    uint32_t next;                    // seed whose trial is to begin
};

struct fold_work {
    struct run *run;
    struct stage outer;
    struct stages inner;
    struct refits refits;
    struct entry *entries; // [plan->n_models]; owned
    struct trial_record *records;
    size_t n;   // of the records
    bool *over; // [n]; owned: those that have ended
};

// groups [n_models]: of each row the first one that blends join it to, itself if none does.
void blend_groups(const struct plan *plan, size_t *groups);

// Makes, scores and counts those blends all of whose members have ended. A blend that can't be made
// is a failed record.
bool blends_make(struct fold_work *w, struct error *e);

#endif
