// versus.h - two runs side by side: the rows that both have, metric by metric, and which changes
// are beyond the noise.
//
// Runs are compared by the evidence that their stores have of each trial (metric/evidence.h), and
// only where all else is alike: data, test rows, fallback, scale, clipping, definitions of metrics.
#ifndef RECKON_REPORT_VERSUS_H
#define RECKON_REPORT_VERSUS_H

#include "report/values.h"
#include "stats/resampled.h"
#include "stats/signed_rank.h"

// All of it is borrowed.
struct versus_run {
    const struct results *results;
    const char *name;       // as the reader knows it: "results/old"
    const char *provenance; // JSON; NULL: not known
};

// A metric that both runs define alike.
struct versus_metric {
    const struct metric *metric;
    const char *label; // of the run A
    size_t a, b;       // into the plans' metrics
};

enum versus_verdict {
    VERSUS_UNKNOWN, // there is no interval
    VERSUS_SAME,    // all folds score the same
    VERSUS_NOISE,   // the interval holds 0
    VERSUS_BETTER,
    VERSUS_WORSE,
    VERSUS_VERDICTS
};
extern const char *const versus_verdict_name[VERSUS_VERDICTS];

struct versus_value {
    double a, b; // over the test rows of all folds together; by folds where no interval can be had
    double change, low, high;         // b - a; simultaneous 95 % interval over the pairs of a data
                                      // set and metric (stats/differences.h); NAN: none
    double p;                         // adjusted for the family
    struct resampled folds;           // of b - a; p adjusted by Holm over the pairs
    size_t folds_better, folds_worse; // folds in which B is better, worse
    enum versus_verdict verdict;
};

// "rank": "8" in A, "16" in B. Texts are clean; NULL: it has none.
struct versus_change {
    const char *what, *a, *b;
};
struct versus_changes {
    struct versus_change *at; // [n]
    size_t n, room;
};

// A row of A and the row of B that it is compared to.
struct versus_row {
    const char *label;             // "als", "als -> als2"; clean, and cut to be shown
    const char *a, *b;             // labels; NULL: this run has no such row
    const char *refused;           // why nothing is compared, part of a sentence; NULL: it is
    bool b_failed;                 // it is refused for what B lacks of it
    struct versus_value *values;   // [n_metrics]; none if refused
    struct signed_rank users;      // users with smaller squared errors in B (better), in A (worse)
    double fit[2], memory[2];      // means over trials: seconds, bytes; of the machine at hand
    struct versus_changes changes; // parameters, plugin, share answered
};

struct versus_data {
    const char *name;        // clean
    uint64_t n_rows;         // test rows of all folds together
    size_t n_folds;          // of all repeats
    struct versus_row *rows; // [n]: those in both first
    size_t n, n_pairs;       // n_pairs: those that are compared
};

struct versus {
    struct arena arena; // owned; everything lies in it
    struct versus_run a, b;
    struct versus_metric *metrics; // [n_metrics]
    size_t n_metrics;
    struct versus_data *data; // [n_data]
    size_t n_data;
    struct versus_changes changes; // of the runs: versions, seeds, libraries, the machine's kind
    const char **refused;          // [n_refused]: why they can't be compared, each a sentence
    size_t n_refused;
    bool judged;         // there are limits
    const char **broken; // [n_broken]: by what, each a sentence
    size_t n_broken;
    const char *story; // what got better and worse, and whether that is real; a few sentences
};

// rows [n_rows]: "LABEL" or "LABEL=LABEL" (of A and of B), those alone; n_rows 0: all that have the
// same label, and where each run has a single model, these two. False with v->n_refused > 0: the
// runs can't be compared; with none: `e` has what is wrong.
bool versus_make(struct versus *v, const struct versus_run *a, const struct versus_run *b,
    const char *const *rows, size_t n_rows, struct error *e);
void versus_done(struct versus *v); // accepts a zeroed struct

// "+0.0057", "-.5 %": with a sign, of numbers with as many decimals; of a share of `of`.
const char *versus_signed(struct arena *a, double value, int decimals);
const char *versus_relative(struct arena *a, double change, double of);

// The label of a row, with its data set where there are several.
const char *versus_whose(const struct versus *v, size_t data, size_t row, struct arena *a);

// What the numbers mean and what they assume, a sentence each; NULL after the last.
const char *versus_note(size_t k);

bool versus_write_md(const struct versus *v, FILE *out, struct error *e);
bool versus_write_json(const struct versus *v, FILE *out, struct error *e);
bool versus_write_csv(const struct versus *v, FILE *out, struct error *e);

#endif
