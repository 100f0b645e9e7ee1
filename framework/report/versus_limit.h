// versus_limit.h - what counts as a regression: "rmse>+0.5%", "top5<-0.01", "rmse>0.9".
#ifndef RECKON_REPORT_VERSUS_LIMIT_H
#define RECKON_REPORT_VERSUS_LIMIT_H

#include "report/versus.h"

// METRIC OP LIMIT. A limit with a sign is one of the change from A to B, absolute or, with "%", in
// percent of A's value; without a sign it is one of B's value.
struct versus_limit {
    const char *text;   // as written, trimmed
    const char *metric; // a label
    bool above;         // '>': fails where the number is above the limit; else '<', below
    bool is_change, is_percent;
    double limit;
};
struct versus_limits {
    struct versus_limit *at; // [n]; in the arena, as their texts
    size_t n;
};

// Adds the expressions of `text`, commas between them. The message names the expression, what is
// wrong with it and what is meant to be there.
bool versus_limit_parse(
    struct versus_limits *limits, const char *text, struct arena *a, struct error *e);

// False if a limit names a metric that is not compared; the message lists those that are.
bool versus_limit_check(
    const struct versus_limits *limits, const struct versus *v, struct error *e);

// Fills in v->broken: a sentence for every row and limit that is broken, and for every row that A
// has scores of and B has not. `only_real`: changes within the noise break no limit of a change.
bool versus_limit_judge(
    const struct versus_limits *limits, struct versus *v, bool only_real, struct error *e);

#endif
