// story.h - what the numbers of one data set say, in sentences.
#ifndef RECKON_REPORT_STORY_H
#define RECKON_REPORT_STORY_H

#include "report/report.h"
#include "report/warnings.h"

// Up to six sentences: what was compared on what, which rows take no part, what is best by how much
// and whether that is real, other metrics, the baseline, and what to distrust. Nothing of costs:
// those are story_costs(), a sentence of its own; "": there are none.
bool story_make(struct lines *story, const struct values *v, const struct comparisons *c,
    const struct warnings *w, struct arena *a, struct error *e);
const char *story_costs(const struct values *v, const struct comparisons *c, struct arena *a);

#endif
